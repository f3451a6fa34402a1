"""By which means a rep hears of an offer."""

import pytest

from handoff.assignment import assign
from handoff.collecting import collect
from handoff.models import Handoff, Means, State
from leadqual.leads.models import ActivityType
from leadqual.messaging.letters import letter
from leadqual.messaging.models import EmailMessage, EmailPart, Notice
from leadqual.scoring.models import Qualification
from leadqual.scoring.signals import qualification_ended
from tests.handoff import factories
from tests.handoff.factories import DAY, WEDNESDAY

pytestmark = pytest.mark.django_db


def told(*means: str, number: int = 1, **fields: str) -> None:
    team = factories.team()
    factories.rep(team, "suzuki")
    factories.policy(team, means=list(means))
    people = factories.hot(number, company=factories.company("青空商事"), **fields)
    lines = [
        {"name": "title", "count": 1, "points": 5, "kind": "attribute", "last_day": None},
        {"name": "料金ページ", "count": 3, "points": 30, "kind": "behaviour", "last_day": DAY},
    ]
    Qualification.objects.filter(lead__in=people).update(card={"lines": lines})
    assert assign(now=WEDNESDAY, day=DAY).assigned == number


def test_in_the_application_only_the_notice_is_written() -> None:
    told(Means.IN_APP)
    assert (Notice.objects.count(), EmailMessage.objects.count()) == (1, 0)


def test_a_mail_per_lead_says_who_and_why_and_until_when(settings: object) -> None:
    settings.LANGUAGE_CODE = "en"  # type: ignore[attr-defined]
    told(Means.MAIL, number=2)
    assert not Notice.objects.exists()
    first, second = EmailMessage.objects.order_by("pk")
    assert (first.to_address, first.to_user.username) == ("suzuki@example.com", "suzuki")
    handoff = Handoff.objects.order_by("pk").first()
    assert first.message_id == f"<handoff-{handoff.public_id}@localhost>"
    assert "山田" not in first.subject + first.text + first.closing
    body = letter(first).body
    for word in (
        "山田",
        "青空商事",
        "- 料金ページ, 3 times, last on 11 June 2025: +30\n- title: +5",
        "Score 60",
        "Call within a day.",
        "06/12/2025 1 p.m.",
    ):
        assert word in body
    assert second.message_id != first.message_id


def test_a_mail_names_the_act_by_its_label(settings: object) -> None:
    settings.LANGUAGE_CODE = "en"  # type: ignore[attr-defined]
    team = factories.team()
    factories.rep(team)
    factories.policy(team, means=[Means.MAIL.value])
    ActivityType.objects.create(key="inquiry", label="Inquiry form", direct_to_sales=True)
    Handoff.objects.create(
        lead=factories.lead(),
        origin="direct",
        state=State.WAITING,
        made_at=WEDNESDAY,
        reasons={"act": "inquiry"},
    )
    assert assign(now=WEDNESDAY, day=DAY).assigned == 1
    assert "Act: Inquiry form" in letter(EmailMessage.objects.get()).body


def test_a_digest_and_a_file_are_one_mail_for_the_rep(settings: object) -> None:
    settings.LANGUAGE_CODE = "en"  # type: ignore[attr-defined]
    told(Means.DIGEST, Means.CSV, number=3, title="=cmd()")
    mail = EmailMessage.objects.get()
    assert mail.subject == "3 leads for you"
    made = letter(mail)
    [(name, content, kind)] = made.attachments
    assert (name, kind) == ("leads-20250611-1400.csv", "text/csv")
    lines = content.removeprefix("\ufeff").splitlines()
    assert len(lines) == 4
    assert "'=cmd()" in lines[1]
    assert made.body.count("山田") == 3


def test_a_file_alone_has_the_leads_in_the_table_and_not_in_the_text() -> None:
    told(Means.CSV)
    made = letter(EmailMessage.objects.get())
    assert "山田" not in made.body
    assert "山田" in made.attachments[0][1]


def test_a_digest_leaves_out_what_is_no_longer_offered() -> None:
    told(Means.DIGEST, number=2)
    EmailMessage.objects.all().delete()
    gone = Handoff.objects.order_by("pk").first()
    Handoff.objects.update(to_collect=True)
    Handoff.objects.filter(pk=gone.pk).update(state=State.REJECTED)
    assert collect(now=WEDNESDAY) == 1
    assert EmailPart.objects.get().lead_id != gone.lead_id
    assert collect(now=WEDNESDAY) == 0


def test_a_rep_without_an_address_is_told_in_the_application() -> None:
    team = factories.team()
    factories.rep(team, email="")
    factories.policy(team, means=[Means.MAIL.value, Means.DIGEST.value])
    factories.hot()
    assign(now=WEDNESDAY, day=DAY)
    assert (Notice.objects.count(), EmailMessage.objects.count()) == (1, 0)


def test_the_rep_hears_once_that_an_offered_lead_has_cooled_and_keeps_the_offer() -> None:
    handoff = factories.offered()
    Qualification.objects.update(ended_day=DAY, ended_at=WEDNESDAY, ended_reason="cooled")
    for _ in range(2):
        qualification_ended.send(Qualification, leads={handoff.lead_id}, reason="cooled", now=WEDNESDAY)
    handoff = Handoff.objects.get()
    assert (handoff.state, handoff.cooled) == (State.OFFERED, True)
    cooled = Notice.objects.get(kind="handoff.cooled", user=handoff.rep.user)
    assert cooled.created_at == WEDNESDAY, "told at the time of the work that ended it"


def test_an_end_by_sales_is_not_told_to_sales() -> None:
    handoff = factories.offered()
    qualification_ended.send(Qualification, leads={handoff.lead_id}, reason="sales", now=WEDNESDAY)
    assert not Notice.objects.filter(kind="handoff.cooled").exists()
