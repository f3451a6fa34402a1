"""As-of: what was changed after a day is undone, from the logs of the changes themselves."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from leadqual.leads.models import FieldChange, Lead, StatusChange
from segments.models import MembershipChange


@dataclass(frozen=True, slots=True)
class Past:
    """For some leads or companies: what fields held before the changes that are undone."""

    before: dict[tuple[int, str], Any] = field(default_factory=dict)

    def of(self, pk: int, key: str, today: Any) -> Any:
        return self.before.get((pk, key), today)


def present() -> Past:
    return Past()


def remembered(owner: str, ids: Collection[int], keys: set[str], as_of: int) -> Past:
    """`owner`: lead or company. The first change after the day tells what was there on the day."""
    asked = keys | {"company"} if owner == "lead" else keys
    changes = FieldChange.objects.filter(**{f"{owner}__in": ids}, day__gt=as_of, field__in=asked)
    # Newest first, so that the oldest change is the last word.
    rows = changes.order_by("-day", "-pk").values_list(f"{owner}_id", "field", "old")
    before = {(pk, key): _compared(old) for pk, key, old in rows}
    if owner == "lead":
        before |= _status(ids, as_of) if "status" in keys else {}
        before |= _outcome(ids, as_of) if keys & {"outcome", "outcome_day"} else {}
    return Past(before)


def _compared(old: Any) -> Any:
    """Lists are written as lists and compared as "|a|b|"."""
    return (
        f"|{'|'.join(map(str, old))}|"
        if isinstance(old, list) and old
        else ""
        if isinstance(old, list)
        else old
    )


def _status(ids: Collection[int], as_of: int) -> dict[tuple[int, str], Any]:
    steps = StatusChange.objects.filter(lead__in=ids, day__gt=as_of).order_by("-day", "-pk")
    return {(lead, "status"): before for lead, before in steps.values_list("lead_id", "before")}


def _outcome(ids: Collection[int], as_of: int) -> dict[tuple[int, str], Any]:
    later = Lead.objects.filter(pk__in=ids, outcome_day__gt=as_of).values_list("pk", flat=True)
    return {(lead, key): None for lead in later for key in ("outcome", "outcome_day")}


def memberships_then(
    members: dict[int, set[int]], leads: Collection[int], segments: Collection[int], as_of: int
) -> None:
    """Undoes joining and leaving after the day."""
    changes = MembershipChange.objects.filter(lead__in=leads, segment__in=segments, day__gt=as_of)
    for lead, segment, joined in changes.order_by("-day", "-pk").values_list(
        "lead_id", "segment_id", "joined"
    ):
        (members[lead].discard if joined else members[lead].add)(segment)
