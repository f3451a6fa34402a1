"""The rows of the year that was played, written in bulk."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar
from uuid import UUID

from handoff.models import Feedback, Handoff
from leadqual.common import clock
from leadqual.common.rows import insert_rows, update_rows
from leadqual.demo.diary import Deal, Diary, Hot, Said
from leadqual.leads.models import BantAnswer, FieldChange, Lead, StatusChange
from leadqual.scoring.models import Qualification

BANT_HOLDS = 180  # days
Item = TypeVar("Item")


def write(diary: Diary, *, said_by: str, identities: Iterator[UUID]) -> None:
    _write_hots(diary.hots)
    _write_deals(diary.deals, identities)
    _write_said(diary.said)
    _write_bant(diary.said, said_by)
    _write_logs(diary)
    _write_leads(diary)


def _write_hots(hots: Sequence[Hot]) -> None:
    rows = Qualification.objects.bulk_create(
        Qualification(
            lead_id=hot.lead,
            model_id=hot.model,
            opened_day=hot.day,
            opened_at=hot.at,
            opened_reason=hot.reason,
            score=hot.score,
            card=hot.card,
            ended_day=hot.ended_day,
            ended_at=hot.ended_at,
            ended_reason=hot.ended_reason,
        )
        for hot in hots
    )
    for hot, row in zip(hots, rows, strict=True):
        hot.row = row


def _waves(things: Iterable[Item], before: Callable[[Item], Item | None]) -> Iterator[list[Item]]:
    """First what follows nothing, then what follows those, and so on: a row names one that is there already."""
    left = list(things)
    done: set[int] = set()
    while left:
        ready = [each for each in left if (old := before(each)) is None or id(old) in done]
        yield ready
        done |= {id(each) for each in ready}
        left = [each for each in left if id(each) not in done]


def _write_deals(deals: Sequence[Deal], identities: Iterator[UUID]) -> None:
    for wave in _waves(deals, lambda deal: deal.moved_from):
        rows = Handoff.objects.bulk_create(_handoff(deal, next(identities)) for deal in wave)
        for deal, row in zip(wave, rows, strict=True):
            deal.row = row


def _handoff(deal: Deal, identity: UUID) -> Handoff:
    return Handoff(
        public_id=identity,
        lead_id=deal.lead,
        qualification=deal.hot.row if deal.hot else None,
        policy_id=deal.policy if deal.rep else None,
        team_id=deal.team,
        rep_id=deal.rep,
        origin=deal.origin,
        state=deal.state,
        candidates=deal.candidates,
        reasons=deal.reasons,
        made_at=deal.made_at,
        offered_at=deal.offered_at,
        accept_by=deal.accept_by,
        answered_at=deal.answered_at,
        closed_at=deal.closed_at,
        closed_as=deal.closed_as,
        answer=deal.answer,
        moved_from=deal.moved_from.row if deal.moved_from else None,
        alarmed_at=deal.alarmed_at,
        next_action=deal.next_action,
        next_action_on=deal.next_action_on,
    )


def _write_said(said: Sequence[Said]) -> None:
    for wave in _waves(said, lambda each: each.corrects):
        rows = Feedback.objects.bulk_create(_feedback(each) for each in wave)
        for each, row in zip(wave, rows, strict=True):
            each.row = row


def _feedback(said: Said) -> Feedback:
    return Feedback(
        handoff=said.deal.row,
        bought=said.bought,
        timing=said.timing,
        reason=said.reason,
        bant=said.bant,
        amount=said.amount,
        day=clock.day_of(said.at),
        at=said.at,
        by_id=said.by,
        corrects=said.corrects.row if said.corrects else None,
    )


def _write_bant(said: Sequence[Said], said_by: str) -> None:
    fields = ("lead", "letter", "value", "note", "said_by", "day", "until_day", "at", "by")
    rows = []
    for each in said:
        day = clock.day_of(each.at)
        for letter, value in each.bant.items():
            rows.append((each.deal.lead, letter, value, "", said_by, day, day + BANT_HOLDS, each.at, each.by))
    insert_rows(BantAnswer, fields, rows)


def _write_logs(diary: Diary) -> None:
    steps = (
        (step.lead, step.before, step.after, clock.day_of(step.at), step.at, step.by, step.why)
        for step in diary.steps
    )
    insert_rows(StatusChange, ("lead", "before", "after", "day", "at", "by", "why"), steps)
    changes = (
        (each.lead, each.field, each.old, each.new, clock.day_of(each.at), each.at, each.by, each.why)
        for each in diary.changes
    )
    insert_rows(FieldChange, ("lead", "field", "old", "new", "day", "at", "by", "why"), changes)


def _write_leads(diary: Diary) -> None:
    """Where every lead stands at the end."""
    rows: list[Any] = [
        Lead(
            pk=lead,
            status=stand.status,
            owner_id=stand.owner,
            with_sales=stand.with_sales,
            outcome=stand.outcome,
            outcome_day=clock.day_of(stand.outcome_at) if stand.outcome and stand.outcome_at else None,
        )
        for lead, stand in diary.stands.items()
    ]
    update_rows(rows, ["status", "owner", "with_sales", "outcome", "outcome_day"])
