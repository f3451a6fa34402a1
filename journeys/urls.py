from django.urls import path

from journeys import views

app_name = "journeys"
urlpatterns = [
    path("", views.maps, name="list"),
    path("<int:pk>/", views.journey_map, name="map"),
    path("<int:pk>/leads/", views.leads, name="leads"),
    path("<int:pk>/history/", views.history, name="history"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/live/", views.bring_live, name="go_live"),
]
