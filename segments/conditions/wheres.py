"""`where`: which acts of a type are meant. Asked of signatures, never of activities.

`url` is a pattern for the page or content; every other key is an attribute that the type declares. A value is a
pattern (`*`, `?`), a number, true or false, or a list of these of which one must fit.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from pydantic.dataclasses import dataclass

from leadqual.common.errors import LeadqualError
from leadqual.common.globs import MAX_GLOB, compile_glob
from segments.conditions.kinds import MAX_NUMBER, fold

URL = "url"
MAX_TESTS = 10
MAX_ALTERNATIVES = 20

SignatureTest = Callable[[str, Mapping[str, Any]], bool]


@dataclass(frozen=True, slots=True)
class WhereTest:
    """One key; one of the values must fit. Texts are folded patterns."""

    key: str
    values: tuple[Any, ...]
    shown: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Where:
    """All tests must fit; without tests every act of the type is meant."""

    tests: tuple[WhereTest, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {t.key: t.shown[0] if len(t.shown) == 1 else list(t.shown) for t in self.tests}

    @property
    def identity(self) -> str:
        """Tells apart what Python holds to be equal, as 1 and true."""
        return json.dumps([(t.key, t.values) for t in self.tests])


def parse_where(tree: Any, *, place: str = "where", declared: frozenset[str] | None = None) -> Where:
    """`declared`: the attributes that may be asked; None where that was checked before."""
    if tree is None:
        return Where()
    if not isinstance(tree, Mapping):
        raise LeadqualError("bad_where", _('must be an object like {"url": "/pricing*"}'), place)
    if len(tree) > MAX_TESTS:
        raise LeadqualError("too_many", _("at most %d entries are possible") % MAX_TESTS, place)
    tests = []
    for key in sorted(tree, key=str):
        where = f"{place}.{key}"
        if not isinstance(key, str) or not key or len(key) > 100:
            raise LeadqualError("bad_where", _("every key must be a name"), where)
        if declared is not None and key != URL and key not in declared:
            raise LeadqualError(
                "undeclared_attribute", _("this attribute is not declared by the activity type"), where
            )
        tests.append(_test(key, tree[key], where))
    return Where(tuple(tests))


def _test(key: str, raw: Any, place: str) -> WhereTest:
    many = isinstance(raw, list | tuple)
    values = tuple(raw) if many else (raw,)
    if not 1 <= len(values) <= MAX_ALTERNATIVES:
        raise LeadqualError("too_many", _("between 1 and %d values are possible") % MAX_ALTERNATIVES, place)
    cleaned = tuple(
        _value(value, f"{place}[{number}]" if many else place, key) for number, value in enumerate(values)
    )
    return WhereTest(key, cleaned, values)


def _value(value: Any, place: str, key: str) -> Any:
    if isinstance(value, str):
        return clean_glob(value, place)
    if key != URL and (
        isinstance(value, bool) or (isinstance(value, int | float) and abs(value) <= MAX_NUMBER)
    ):
        return value
    raise LeadqualError("bad_value", _("must be a text; * stands for any text"), place)


def clean_glob(value: Any, place: str) -> str:
    """The folded pattern, or one error naming the place."""
    if not isinstance(value, str) or not fold(value) or "\0" in value:
        raise LeadqualError("bad_value", _("must be a text; * stands for any text"), place)
    if len(value) > MAX_GLOB:
        raise LeadqualError("too_long", _("at most %d characters are possible") % MAX_GLOB, place)
    return fold(value)


def compile_where(where: Where) -> SignatureTest:
    """A test of a signature's path and attributes, as they are stored: what is compared is their folded form."""
    tests = [(test.key, [_fits(value) for value in test.values]) for test in where.tests]

    def matches(path: str, attributes: Mapping[str, Any]) -> bool:
        return all(
            any(fits(path if key == URL else attributes.get(key)) for fits in alternatives)
            for key, alternatives in tests
        )

    return matches


def _fits(wanted: Any) -> Callable[[Any], bool]:
    if isinstance(wanted, str):
        glob = compile_glob(wanted)
        return lambda stored: isinstance(stored, str) and glob(fold(stored))
    if isinstance(wanted, bool):
        return lambda stored: stored is wanted
    return lambda stored: (
        not isinstance(stored, bool) and isinstance(stored, int | float) and stored == wanted
    )
