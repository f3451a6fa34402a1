from django.urls import path

from leadqual.desk.views import home

app_name = "desk"
urlpatterns = [
    path("", home.home, name="home"),
]
