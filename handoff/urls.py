from django.urls import path

from handoff.views import policies, team

app_name = "handoff"
urlpatterns = [
    path("", policies.policy_list, name="list"),
    path("policies/<int:pk>/", policies.policy, name="policy"),
    path("policies/<int:pk>/go-live/", policies.put_in_force, name="go_live"),
    path("policies/<int:pk>/retire/", policies.retire_policy, name="retire"),
    path("team/", team.team, name="team"),
    path("team/<int:pk>/", team.rep, name="rep"),
    path("team/<int:pk>/reassign/", team.give_away, name="reassign"),
    path("team/<int:pk>/absence/", team.absence, name="absence"),
    path("team/<int:pk>/back/", team.back, name="back"),
    path("team/undo/<int:pk>/", team.take_back, name="undo"),
]
