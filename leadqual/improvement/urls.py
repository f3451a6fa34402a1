from django.urls import path, re_path

from leadqual.improvement.views import cycles, exports, reports

app_name = "improvement"
urlpatterns = [
    path("", reports.home, name="home"),
    path("scores/", reports.scores, name="scores"),
    path("rules/", reports.rules, name="rules"),
    path("timing/", reports.timings, name="timings"),
    path("answers/", reports.answers, name="answers"),
    path("<slug:report>.csv", exports.export, name="export"),
    path("cycles/", cycles.cycle_list, name="cycles"),
    path("cycles/new/", cycles.cycle_new, name="cycle_new"),
    path("cycles/<int:pk>/", cycles.cycle, name="cycle"),
    path("cycles/<int:pk>/edit/", cycles.cycle_edit, name="cycle_edit"),
    path("cycles/<int:pk>/decide/", cycles.cycle_decide, name="cycle_decide"),
    re_path(r"^cycles/(?P<pk>\d+)/(?P<step>before|start|after)/$", cycles.cycle_step, name="cycle_step"),
]
