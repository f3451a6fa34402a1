from django.urls import path

from handoff.views import acting, feedback, inbox

app_name = "inbox"
urlpatterns = [
    path("", inbox.inbox_list, name="list"),
    path("changes/", inbox.changes, name="changes"),
    path("answer/<str:token>/", feedback.answer_by_link, name="answer"),
    path("<uuid:public_id>/", inbox.handoff, name="handoff"),
    path("<uuid:public_id>/accept/", acting.accept, name="accept"),
    path("<uuid:public_id>/decline/", acting.decline, name="decline"),
    path("<uuid:public_id>/hand-back/", acting.hand_back, name="hand_back"),
    path("<uuid:public_id>/opportunity/", acting.opportunity, name="opportunity"),
    path("<uuid:public_id>/next/", acting.next_action, name="next_action"),
    path("<uuid:public_id>/feedback/", feedback.feedback, name="feedback"),
]
