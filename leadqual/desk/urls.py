from django.urls import path

from leadqual.desk.views import company, home, keys, lead, search, system

app_name = "desk"
urlpatterns = [
    path("", home.home, name="home"),
    path("loop/", home.loop, name="loop"),
    path("undecided/", home.decisions, name="decisions"),
    path("health/", system.health, name="health"),
    path("me/", system.me, name="me"),
    path("me/keys/", keys.keys, name="keys"),
    path("me/keys/<int:pk>/revoke/", keys.revoke, name="key_revoke"),
    path("search/", search.search, name="search"),
    path("leads/<uuid:public_id>/", lead.lead, name="lead"),
    path("companies/<uuid:public_id>/", company.company, name="company"),
]
