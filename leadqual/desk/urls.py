from django.urls import path

from leadqual.desk.views import company, home, lead, search

app_name = "desk"
urlpatterns = [
    path("", home.home, name="home"),
    path("search/", search.search, name="search"),
    path("leads/<uuid:public_id>/", lead.lead, name="lead"),
    path("companies/<uuid:public_id>/", company.company, name="company"),
]
