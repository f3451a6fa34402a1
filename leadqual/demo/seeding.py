"""The demo market laid once into an empty database, and brought to today by the product's own functions.

The past is one transaction with a slot row at its end: interrupted before, nothing is there; interrupted later, the
rest is done again until a second slot says that it is complete.
"""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from handoff.models import Handoff, HandoffPolicy, SalesRep, State
from leadqual.common import clock
from leadqual.common.errors import LeadqualError
from leadqual.common.models import Slot
from leadqual.common.periods import take_slot
from leadqual.common.progress import Progress
from leadqual.demo import accounts, design, scoring_design
from leadqual.demo.behaviour import Deed, deeds_of, events
from leadqual.demo.cycles import run_cycles
from leadqual.demo.design import MARKETER, user_name
from leadqual.demo.languages import tongue
from leadqual.demo.maps import draw_maps
from leadqual.demo.people import Known, make_companies, make_leads
from leadqual.demo.present import bring_up
from leadqual.demo.scoring_design import FIRST_LIVE, SECOND_LIVE
from leadqual.demo.tongues import Tongue
from leadqual.demo.writing import write
from leadqual.demo.year import GOING_LIVE, Cast, play
from leadqual.leads import recording
from leadqual.leads.models import Lead
from leadqual.operations.design.loading import load
from leadqual.operations.design.reading import Document
from leadqual.scoring.models import ModelState, ScoringModel
from leadqual.scoring.publishing import publish

SEED = 20_240
COMPANIES, LEADS = 300, 2_000
JOB, LAID, COMPLETE = "demo market", "laid", "complete"


def is_laid() -> bool:
    return Slot.objects.filter(job=JOB, slot=LAID).exists()


def is_complete() -> bool:
    return Slot.objects.filter(job=JOB, slot=COMPLETE).exists()


def seed(
    *, language: str, leads: int = LEADS, day: int, now: datetime, progress: Progress | None = None
) -> bool:
    """Whether anything had to be done. LeadqualError when the database has leads of its own."""
    if is_complete():
        return False
    t = tongue(language)
    with override(language):
        if not is_laid():
            if Lead.objects.exists():
                raise LeadqualError(
                    "not_empty", _("the database has leads already: the demo needs an empty one")
                )
            with transaction.atomic():
                lay(t, leads, day=day, now=now, progress=progress)
                take_slot(JOB, LAID)
        bring_up(t, day=day, now=now, progress=progress)
        take_slot(JOB, COMPLETE)
    return True


def lay(t: Tongue, leads: int, *, day: int, now: datetime, progress: Progress | None) -> None:
    rng = random.Random(SEED)  # noqa: S311 - the same market every time is the purpose
    accounts.make_office(t)
    first, second = _models(t, day)
    companies = make_companies(t, max(10, leads * COMPANIES // LEADS), rng, day=day)
    known = make_leads(t, companies, leads, rng, day=day, now=now)
    if progress:
        progress(_("leads and companies"), leads, leads)
    deeds = _record(known, rng, day=day, now=now, progress=progress)
    leaving = SalesRep.objects.get(user__username=accounts.LEFT)
    cast = Cast(known, deeds, first, second, leaving.pk)
    diary = play(t, cast, rng, day=day, progress=progress)
    write(diary, said_by=t("営業", "Sales"), identities=_identities(rng))
    draw_maps(t, day=day)
    run_cycles(t, day=day)
    _leave(leaving)
    _go_on_holiday(user_name(8), day)
    if progress:
        progress(_("writing the year"), 1, 1)


def _models(t: Tongue, day: int) -> tuple[ScoringModel, ScoringModel]:
    """Two versions, each live from its day on; the design as it stood at the beginning of the year."""
    by = get_user_model().objects.get(username=MARKETER)
    for spec, days in (
        (design.beginning(t, day), FIRST_LIVE),
        (design.improvement(t, day), SECOND_LIVE),
    ):
        went_live = clock.start_of(day - days) + GOING_LIVE
        load(Document(spec, {}), now=went_live - timedelta(hours=2))
        draft = ScoringModel.objects.get(name=scoring_design.name(t), state=ModelState.DRAFT)
        publish(draft, day=day - days, now=went_live, by=by, release_hot=True)
    _date_back(clock.start_of(day - FIRST_LIVE) + timedelta(hours=10))
    first, second = ScoringModel.objects.order_by("version")
    return first, second


def _date_back(at: datetime) -> None:
    """What people agreed on a year ago is dated so, in the histories too."""
    for logged in (HandoffPolicy, SalesRep):
        history: Any = logged.history
        history.update(history_date=at)


def _record(
    known: list[Known], rng: random.Random, *, day: int, now: datetime, progress: Progress | None
) -> dict[int, list[Deed]]:
    deeds = [(each, deeds_of(each, rng, day=day)) for each in known]
    told, earlier = events(deeds, rng, day=day)
    recording.record(told, now=now)
    # What fresh acts have made wait, the year that is played hands over itself.
    Handoff.objects.filter(state=State.WAITING).delete()
    if progress:
        progress(_("acts"), len(told), len(told))
    return {each.lead.pk: [*earlier.get(each.lead.pk, ()), *own] for each, own in deeds}


def _identities(rng: random.Random) -> Iterator[UUID]:
    while True:
        yield UUID(int=rng.getrandbits(128), version=4)


def _leave(rep: SalesRep) -> None:
    """Gone, with leads still in the inbox: somebody has to reassign them."""
    rep.active = False
    rep.save(update_fields=["active"])
    rep.user.is_active = False
    rep.user.save(update_fields=["is_active"])


def _go_on_holiday(name: str, day: int) -> None:
    """In some days, so that the team sees it coming."""
    absent = {"absent_from": clock.date_of(day + 3), "absent_until": clock.date_of(day + 9)}
    SalesRep.objects.filter(user__username=name).update(**absent)
