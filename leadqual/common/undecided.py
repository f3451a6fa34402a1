"""What nobody has decided yet: every app says which questions about its objects can stay open, and finds them.

The rows are checked daily and after every change of the design; since when a question is open is what makes it
pressing.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from django.db import transaction
from django.urls import NoReverseMatch, reverse

from leadqual.common.models import OpenQuestion


@dataclass(frozen=True, slots=True)
class Question:
    """One open question: about which object (`ref` its id within the kind), in what detail."""

    ref: str
    about: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """`step` is one of the six; `words` the sentence in the reader's language; `by_ref`: the route takes the ref."""

    key: str
    step: int
    words: Callable[[str, str], str]
    find: Callable[[int], Iterable[Question]]
    route: str = ""
    by_ref: bool = False


@dataclass(frozen=True, slots=True)
class Undecided:
    step: int
    words: str
    url: str
    since: int


_kinds: dict[str, Kind] = {}


def register(*kinds: Kind) -> None:
    for kind in kinds:
        _kinds[kind.key] = kind


def check(*, day: int) -> list[OpenQuestion]:
    """Finds what is open now, forgets what was decided; returns the questions that are new."""
    found = {
        (kind.key, question.ref): OpenQuestion(
            kind=kind.key,
            ref=question.ref,
            about=question.about[:200],
            detail=question.detail[:200],
            since_day=day,
        )
        for kind in _kinds.values()
        for question in kind.find(day)
    }
    with transaction.atomic():
        known = {(row.kind, row.ref): row for row in OpenQuestion.objects.all()}
        gone = [row.pk for key, row in known.items() if key not in found]
        OpenQuestion.objects.filter(pk__in=gone).delete()
        renamed = [_renamed(row, found[key]) for key, row in known.items() if key in found]
        OpenQuestion.objects.bulk_update([row for row in renamed if row is not None], ["about", "detail"])
        new = [row for key, row in found.items() if key not in known]
        OpenQuestion.objects.bulk_create(new, ignore_conflicts=True)
    return new


def _renamed(row: OpenQuestion, now: OpenQuestion) -> OpenQuestion | None:
    if (row.about, row.detail) == (now.about, now.detail):
        return None
    row.about, row.detail = now.about, now.detail
    return row


def undecided() -> list[Undecided]:
    """Everything open, by step, the oldest first; one query."""
    rows = OpenQuestion.objects.filter(kind__in=_kinds).order_by("since_day", "about", "pk")
    return sorted(_said(rows), key=lambda each: each.step)


def _said(rows: Iterable[OpenQuestion]) -> Iterator[Undecided]:
    for row in rows:
        kind = _kinds[row.kind]
        yield Undecided(kind.step, kind.words(row.about, row.detail), _address(kind, row), row.since_day)


def _address(kind: Kind, row: OpenQuestion) -> str:
    try:
        return reverse(kind.route, args=[row.ref.split(":")[0]] if kind.by_ref else [])
    except NoReverseMatch:
        return ""
