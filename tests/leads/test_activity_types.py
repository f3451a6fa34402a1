"""What kinds of acts there are, and who changed them."""

import pytest

from leadqual.leads.models import ActivityType, Intent

pytestmark = pytest.mark.django_db


def test_the_past_of_a_type_is_kept_for_whoever_asks_why_points_changed() -> None:
    kind = ActivityType.objects.create(key="inquiry", label="Inquiry", intent=Intent.WEAK)
    kind.intent = Intent.STRONG
    kind.save()
    kind.delete()
    past = ActivityType.history.order_by("history_id").values_list("history_type", "intent", "key")
    assert list(past) == [("+", "weak", "inquiry"), ("~", "strong", "inquiry"), ("-", "strong", "inquiry")]
