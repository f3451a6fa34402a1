"""Conditions as sentences, in the language that is active, and why a lead is in or out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from leadqual.common import clock
from leadqual.leads.models import ActivityType
from segments.conditions import fields
from segments.conditions.acts import ACTS_OPERATORS
from segments.conditions.facts import Facts
from segments.conditions.kinds import Kind, fold
from segments.conditions.nodes import Acts, All, AnyOf, Compare, Condition, InSegment, Not, joined, walk
from segments.conditions.operators import OPERATORS, Shape
from segments.conditions.reading import days_meant, holds
from segments.conditions.wheres import URL, Where, WhereTest
from segments.models import Segment


@dataclass(frozen=True, slots=True)
class Reason:
    """A part of the condition that decides: as a sentence, whether it holds, its path, what the lead has."""

    text: str
    holds: bool
    place: str
    actual: str = ""


@dataclass(slots=True)
class _Labels:
    """What the names in conditions are called; at most three queries."""

    known: dict[str, fields.Field] = field(default_factory=dict)
    activities: dict[str, str] = field(default_factory=dict)
    segments: dict[int, str] = field(default_factory=dict)

    @classmethod
    def of(cls, condition: Condition) -> "_Labels":
        nodes = [node for _place, node in walk(condition)]
        labels = cls(fields.find({node.ask.key for node in nodes if isinstance(node, Compare)}))
        if types := {node.activity for node in nodes if isinstance(node, Acts)}:
            labels.activities = dict(ActivityType.objects.filter(key__in=types).values_list("key", "label"))
        if segments := {node.segment for node in nodes if isinstance(node, InSegment)}:
            labels.segments = dict(Segment.objects.filter(pk__in=segments).values_list("pk", "name"))
        return labels

    def field(self, key: str) -> str:
        return str(self.known[key].label) if key in self.known else key

    def choice(self, key: str, value: str) -> str:
        choices = self.known[key].choices if key in self.known else ()
        return next((str(label) for choice, label in choices if fold(str(choice)) == fold(value)), value)


def sentence(condition: Condition) -> str:
    return _sentence(condition, _Labels.of(condition))


def sentences(conditions: Sequence[Condition]) -> list[str]:
    """One for each; the names in all of them are looked up together."""
    labels = _Labels.of(All(tuple(conditions)))
    return [_sentence(condition, labels) for condition in conditions]


def _sentence(condition: Condition, labels: _Labels) -> str:
    match condition:
        case All(parts):
            texts = [_nested(part, AnyOf, labels) for part in parts]
            return _joined(texts, _("%(first)s and %(second)s")) if texts else _("everybody")
        case AnyOf(parts):
            return _joined([_nested(part, All, labels) for part in parts], _("%(first)s or %(second)s"))
        case Not(part):
            return _("not (%s)") % _sentence(part, labels)
        case InSegment(segment):
            name = _quoted(labels.segments.get(segment, str(segment)))
            return _("is in the segment %(segment)s") % {"segment": name}
        case Acts():
            return _acts(condition, labels)
    return _compare(condition, labels)


def _nested(part: Condition, other: type[All] | type[AnyOf], labels: _Labels) -> str:
    text = _sentence(part, labels)
    grouped = isinstance(part, All | AnyOf) and isinstance(part, other) and len(part.parts) > 1
    return _("(%s)") % text if grouped else text


def _joined(texts: list[str], template: str) -> str:
    return reduce(lambda first, second: template % {"first": first, "second": second}, texts)


def _quoted(text: str) -> str:
    return _("“%s”") % text


def _compare(compare: Compare, labels: _Labels) -> str:
    operator = OPERATORS[compare.op]
    name = labels.field(compare.ask.key)
    if compare.ask.params:
        name = _("%(name)s (%(details)s)") % {
            "name": name,
            "details": ", ".join(v for _k, v in compare.ask.params),
        }
    words: dict[str, Any] = {"field": name}
    match operator.shape:
        case Shape.TWO:
            words["low"], words["high"] = (_shown(compare, value, labels) for value in compare.shown)
        case Shape.MANY:
            separator = pgettext("between values", ", ")
            words["value"] = separator.join(_shown(compare, value, labels) for value in compare.shown)
        case Shape.DAYS:
            words["value"] = compare.value
        case Shape.ONE:
            words["value"] = _shown(compare, compare.shown, labels)
        case Shape.PART | Shape.GLOB:
            words["value"] = _quoted(compare.shown)
    return str(operator.words % words)


def _shown(compare: Compare, value: Any, labels: _Labels) -> str:
    match compare.ask.kind:
        case Kind.NUMBER:
            return _number(value)
        case Kind.DATE:
            return _date(clock.parse_day(value))
        case Kind.BOOLEAN:
            return _quoted(_("yes") if value else _("no"))
        case Kind.CHOICE:
            return _quoted(labels.choice(compare.ask.key, value))
    return _quoted(value)


def _number(value: float) -> str:
    return number_format(value, use_l10n=True, force_grouping=True)


def _date(day: int) -> str:
    return date_format(clock.date_of(day))


def _acts(acts: Acts, labels: _Labels) -> str:
    operator = ACTS_OPERATORS[acts.op]
    activity = _quoted(labels.activities.get(acts.activity, acts.activity))
    if acts.where.tests:
        activity = _("%(name)s (%(details)s)") % {"name": activity, "details": where_words(acts.where)}
    words = {"activity": activity, "count": acts.count}
    if acts.within_days is None:
        return str(operator.words % words)
    within = _("today") if acts.within_days == 1 else _("within the last %d days") % acts.within_days
    return _("%(acts)s %(within)s") % {
        "acts": (operator.words_within or operator.words) % words,
        "within": within,
    }


def where_words(where: Where) -> str:
    return pgettext("between details", ", ").join(map(_where, where.tests))


def _where(test: WhereTest) -> str:
    values = [_quoted(v) if isinstance(v, str) else _yes_or_number(v) for v in test.shown]
    either = _joined(values, pgettext("values", "%(first)s or %(second)s"))
    return _("%(key)s %(value)s") % {"key": _("page") if test.key == URL else test.key, "value": either}


def _yes_or_number(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return _number(value)


def reasons(condition: Condition, facts: Facts, *, day: int) -> list[Reason]:
    """The parts that decide: those that hold where the lead is in, those that do not where it is out."""
    labels = _Labels.of(condition)
    return [
        Reason(
            _("not (%s)") % _sentence(part, labels) if negated else _sentence(part, labels),
            holds(part, facts, day=day) is not negated,
            place,
            _actual(part, facts, day, labels),
        )
        for place, part, negated in _deciding(condition, facts, day, "", False)
    ]


@dataclass(frozen=True, slots=True)
class Answer:
    """A part of the condition, however deep: whether it holds; a part that joins others has no `actual`."""

    text: str
    holds: bool
    depth: int
    joins: bool = False
    actual: str = ""


def answers(condition: Condition, facts: Facts, *, day: int) -> list[Answer]:
    """Every part in the order in which it is written, also those that decide nothing."""
    return list(_answers(condition, facts, day, 0, _Labels.of(condition)))


def _answers(node: Condition, facts: Facts, day: int, depth: int, labels: _Labels) -> Iterator[Answer]:
    answer = holds(node, facts, day=day)
    match node:
        case All(parts) | AnyOf(parts) if len(parts) == 1:
            yield from _answers(parts[0], facts, day, depth, labels)
        case All(parts) | AnyOf(parts) if parts:
            words = _("all of these") if isinstance(node, All) else _("at least one of these")
            yield Answer(words, answer, depth, joins=True)
            for part in parts:
                yield from _answers(part, facts, day, depth + 1, labels)
        case Not(part) if isinstance(part, All | AnyOf | Not):
            yield Answer(_("the opposite of this"), answer, depth, joins=True)
            yield from _answers(part, facts, day, depth + 1, labels)
        case Not(part):
            yield Answer(_sentence(node, labels), answer, depth, actual=_actual(part, facts, day, labels))
        case _:
            yield Answer(_sentence(node, labels), answer, depth, actual=_actual(node, facts, day, labels))


def _deciding(
    node: Condition, facts: Facts, day: int, place: str, negated: bool
) -> Iterator[tuple[str, Condition, bool]]:
    match node:
        case Not(part):
            yield from _deciding(part, facts, day, joined(place, "not"), not negated)
        case All(parts) | AnyOf(parts) if parts:
            word = "all" if isinstance(node, All) else "any"
            answer = holds(node, facts, day=day)
            # One part is enough to make an "any" true or an "all" false; otherwise every part counts.
            several = answer is isinstance(node, All)
            for number, part in enumerate(parts):
                if several or holds(part, facts, day=day) is answer:
                    yield from _deciding(part, facts, day, joined(place, f"{word}[{number}]"), negated)
        case _:
            yield place, node, negated


def _actual(node: Condition, facts: Facts, day: int, labels: _Labels) -> str:
    match node:
        case Acts():
            count = len(days_meant(node, facts, day))
            return ngettext("%d time", "%d times", count) % count
        case Compare():
            return _actual_value(node, facts.value(node.ask, day), labels)
    return ""


def _actual_value(compare: Compare, value: Any, labels: _Labels) -> str:
    if value is None:
        return pgettext("value", "empty")
    match compare.ask.kind:
        case Kind.NUMBER:
            return _number(value)
        case Kind.DATE:
            return _date(value)
        case Kind.BOOLEAN:
            return _("yes") if value else _("no")
        case Kind.CHOICE:
            return labels.choice(compare.ask.key, value)
        case Kind.LIST:
            return pgettext("between values", ", ").join(item for item in value.split("|") if item)
    return str(value)
