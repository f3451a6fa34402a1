"""The Python reader: the answer of a condition for one lead, and when it can change."""

from segments.conditions.acts import ACTS_OPERATORS
from segments.conditions.dated import Dated
from segments.conditions.facts import Facts
from segments.conditions.meant import acts_key
from segments.conditions.nodes import Acts, All, AnyOf, Compare, Condition, InSegment, Not, walk
from segments.conditions.operators import OPERATORS


def holds(condition: Condition, facts: Facts, *, day: int) -> bool:
    match condition:
        case All(parts):
            return all(holds(part, facts, day=day) for part in parts)
        case AnyOf(parts):
            return any(holds(part, facts, day=day) for part in parts)
        case Not(part):
            return not holds(part, facts, day=day)
        case Acts(op=op, count=count):
            return ACTS_OPERATORS[op].holds(len(days_meant(condition, facts, day)), count)
        case InSegment(segment):
            return segment in facts.segments
    return _compare_holds(condition, facts, day)


def _compare_holds(compare: Compare, facts: Facts, day: int) -> bool:
    value = facts.value(compare.ask, day)
    if value is None:
        return compare.op == "is_empty"
    return OPERATORS[compare.op].holds(value, compare.value, day)


def days_meant(acts: Acts, facts: Facts, day: int) -> list[int]:
    """The days of the acts that the node counts, ascending: ages 0 .. within_days - 1."""
    days = facts.acts.get(acts_key(acts), [])
    first = None if acts.within_days is None else day - acts.within_days + 1
    return [acted for acted in days if acted <= day and (first is None or acted >= first)]


def next_flip(condition: Condition, facts: Facts, *, day: int) -> int | None:
    """The first later day on which the answer can differ with these facts; None: never.

    Never too late, sometimes too early: every part is looked at, also one that does not decide.
    """
    flips = (_flip(node, facts, day) for _place, node in walk(condition))
    return min((flip for flip in flips if flip is not None), default=None)


def _flip(node: Condition, facts: Facts, day: int) -> int | None:
    match node:
        case Acts(within_days=within) if within is not None:
            days = days_meant(node, facts, day)
            return days[0] + within if days else None
        case Compare():
            return _compare_flip(node, facts, day)
    return None


def _compare_flip(compare: Compare, facts: Facts, day: int) -> int | None:
    raw = facts.values.get(compare.ask)
    if isinstance(raw, Dated):
        return raw.flips(day)
    flips = OPERATORS[compare.op].flips
    if raw is None or flips is None:
        return None
    return min((raw + distance for distance in flips(compare.value) if raw + distance > day), default=None)
