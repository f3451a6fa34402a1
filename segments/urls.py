from django.urls import path

from segments.views import by_hand, editing, pages

app_name = "segments"
urlpatterns = [
    path("", pages.segment_list, name="list"),
    path("new/", editing.segment_new, name="new"),
    path("count/", editing.segment_count, name="count"),
    path("<int:pk>/", pages.segment, name="segment"),
    path("<int:pk>/edit/", editing.segment_edit, name="edit"),
    path("<int:pk>/history/", pages.segment_history, name="history"),
    path("<int:pk>/why/", pages.segment_why, name="why"),
    path("<int:pk>/choose/", by_hand.segment_choose, name="choose"),
    path("<int:pk>/retire/", editing.segment_retire, name="retire"),
    path("<int:pk>/restore/", editing.segment_restore, name="restore"),
]
