"""A lead's handoffs when people are merged, unmerged, erased or ask for their data."""

import pytest
from django.db import transaction

from handoff.feedback import give_feedback
from handoff.models import Feedback, Handoff, State
from leadqual.leads import persons
from leadqual.leads.models import Lead
from leadqual.messaging.models import EmailPart
from tests.handoff import factories
from tests.handoff.factories import DAY, WEDNESDAY

pytestmark = pytest.mark.django_db


def test_the_open_handoff_goes_with_the_person_and_comes_back() -> None:
    handoff = factories.offered()
    source, target = handoff.lead, factories.lead()
    with transaction.atomic():
        moved = persons.move_all(source.pk, target.pk, now=WEDNESDAY)
    assert Handoff.objects.get().lead == target
    target.refresh_from_db()
    source.refresh_from_db()
    assert (target.owner, target.with_sales) == (handoff.rep.user, True)
    assert (source.owner, source.with_sales) == (None, False)
    with transaction.atomic():
        persons.move_all_back(moved, source.pk, target.pk, now=WEDNESDAY)
    assert Handoff.objects.get().lead == source
    source.refresh_from_db()
    target.refresh_from_db()
    assert (source.owner, source.with_sales) == (handoff.rep.user, True)
    assert (target.owner, target.with_sales) == (None, False)


def test_of_two_open_handoffs_the_targets_goes_on() -> None:
    rep = factories.rep(factories.team())
    one, other = factories.offered(rep), factories.offered(rep)
    with transaction.atomic():
        moved = persons.move_all(one.lead_id, other.lead_id, now=WEDNESDAY)
    states = dict(Handoff.objects.values_list("pk", "state"))
    assert states == {one.pk: State.WITHDRAWN, other.pk: State.OFFERED}
    assert set(Handoff.objects.values_list("lead", flat=True)) == {other.lead_id}
    with transaction.atomic():
        persons.move_all_back(moved, one.lead_id, other.lead_id, now=WEDNESDAY)
    one.refresh_from_db()
    assert (one.state, one.rep, one.lead_id) == (State.WAITING, None, Handoff.objects.get(pk=one.pk).lead_id)
    assert not Lead.objects.get(pk=one.lead_id).with_sales


def test_nothing_of_an_erased_person_is_left() -> None:
    rep = factories.rep(factories.team())
    factories.policy(rep.team, means=["mail"])
    handoff, kept = factories.offered(rep), factories.offered(rep)
    give_feedback(handoff, bought="no", remark="Too small.", now=WEDNESDAY, day=DAY)
    with transaction.atomic():
        persons.erase_all(handoff.lead_id, now=WEDNESDAY)
    assert list(Handoff.objects.all()) == [kept]
    assert not Feedback.objects.exists()
    assert [part.lead_id for part in EmailPart.objects.all()] == [kept.lead_id]


def test_a_person_gets_what_sales_wrote_about_them() -> None:
    handoff = factories.offered()
    give_feedback(handoff, bought="no", remark="Too small.", now=WEDNESDAY, day=DAY)
    data = persons.export_all(handoff.lead_id)
    assert data["handoff.Handoff"][0]["closed_as"] == "lost"
    assert data["handoff.Feedback"][0]["remark"] == "Too small."
