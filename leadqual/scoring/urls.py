from django.urls import path

from leadqual.scoring.views import live, preview

app_name = "scoring"
urlpatterns = [
    path("", live.live, name="live"),
    path("release/", preview.release_kept, name="release"),
    path("<int:pk>/", live.version, name="version"),
    path("<int:pk>/draft/", live.draft, name="draft"),
    path("<int:pk>/preview/", preview.preview, name="preview"),
    path("<int:pk>/try/", preview.attempt, name="try"),
    path("<int:pk>/publish/", preview.publish, name="publish"),
    path("<int:pk>/progress/", preview.progress, name="progress"),
    path("<int:pk>/discard/", preview.discard, name="discard"),
]
