from django.urls import path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.routers import SimpleRouter

from leadqual.api import pages, views

app_name = "api"
router = SimpleRouter(use_regex_path=False)
router.register("leads", views.LeadViewSet, "lead")
router.register("companies", views.CompanyViewSet, "company")
router.register("activities", views.ActivityViewSet, "activity")
router.register("segments", views.SegmentViewSet, "segment")
router.register("models", views.ModelViewSet, "model")
router.register("handoffs", views.HandoffViewSet, "handoff")
router.register("feedback", views.FeedbackViewSet, "feedback")

urlpatterns = [
    *router.urls,
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", pages.docs, name="docs"),
]
