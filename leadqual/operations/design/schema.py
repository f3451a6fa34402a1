"""The shape of the file: which keys an object has and of what kind. What they mean is checked by their owners."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from django.utils.translation import gettext as _

from leadqual.common.errors import LeadqualError
from leadqual.operations.design.problems import Path, Problems

Reader = Callable[[Any], Any]
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Key:
    """`default` is what an absent key means; REQUIRED and UNTOUCHED are the two that mean something else."""

    name: str
    read: Reader
    default: Any = None


REQUIRED = object()
# Absent: an existing object keeps what it has.
UNTOUCHED = object()


def text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise LeadqualError("not_text", _("this must be text"))
    return str(value)


def whole(value: Any) -> int | None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise LeadqualError("not_whole", _("this must be a whole number"))
    # Beyond this no column of ours reaches; each owner's own bounds are narrower.
    if value is not None and abs(value) > 2**31 - 1:
        raise LeadqualError("out_of_range", _("this number is too large"))
    return value


def at_least(least: int) -> Reader:
    def read(value: Any) -> int | None:
        number = whole(value)
        if number is not None and number < least:
            raise LeadqualError("too_small", _("this must be %d or more") % least)
        return number

    return read


def yes_no(value: Any) -> bool:
    if not isinstance(value, bool):
        raise LeadqualError("not_yes_no", _("this must be true or false"))
    return value


def texts(value: Any) -> list[str]:
    return _each(value, text)


def _each(value: Any, read_one: Reader) -> list[Any]:
    if not isinstance(value, list):
        raise LeadqualError("not_list", _("this must be a list"))
    read = []
    for index, each in enumerate(value):
        try:
            read.append(read_one(each))
        except LeadqualError as error:
            raise LeadqualError(error.code, error.message, f"[{index}]") from error
    return read


def list_of(words: Iterable[str]) -> Reader:
    read_one = one_of(words)

    def read(value: Any) -> list[str]:
        return _each(value, read_one)

    return read


def mapping(value: Any) -> dict[str, Any] | None:
    if value is not None and not isinstance(value, dict):
        raise LeadqualError("not_mapping", _("this must be names with values"))
    return value


def day(value: Any) -> date | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(text(value))
    except ValueError as error:
        raise LeadqualError("not_date", _("this must be a date like 2024-06-30")) from error


def clock_time(value: Any) -> time | None:
    if value is None:
        return None
    try:
        return time.fromisoformat(text(value))
    except ValueError as error:
        raise LeadqualError("not_time", _("this must be a time like 09:30")) from error


def one_of(words: Iterable[str]) -> Reader:
    """A word of a list; an owner's own choices come in through this, so they are kept in one place."""
    allowed = list(words)

    def read(value: Any) -> str:
        word = text(value)
        if word not in allowed:
            raise LeadqualError(
                "not_a_choice", _("this must be one of: %s") % ", ".join(each or "''" for each in allowed)
            )
        return word

    return read


def read_object(value: Any, keys: Iterable[Key], path: Path, problems: Problems) -> dict[str, Any] | None:
    """Every key read, absent ones by their default; None when anything was wrong (and noted)."""
    value = {} if value is None else value
    if not isinstance(value, dict):
        problems.add("not_mapping", path, _("this must be names with values"))
        return None
    before = len(problems.found)
    by_name = {key.name: key for key in keys}
    for name in value.keys() - by_name.keys():
        known = ", ".join(by_name)
        problems.add("unknown_key", (*path, name), _("there is no such key; known are: %s") % known)
    read = {name: _read_key(key, value, path, problems) for name, key in by_name.items()}
    return read if len(problems.found) == before else None


def _read_key(key: Key, value: Mapping[str, Any], path: Path, problems: Problems) -> Any:
    if key.name not in value:
        if key.default is REQUIRED:
            problems.add("missing_key", path, _("“%s” is missing") % key.name)
        return key.default() if callable(key.default) else key.default
    given = value[key.name]
    if given is None and key.default is not REQUIRED and key.default is not UNTOUCHED:
        return key.default() if callable(key.default) else key.default
    try:
        return key.read(given)
    except LeadqualError as error:
        problems.add_error((*path, key.name), error)
        return None


def named(value: Any, path: Path, problems: Problems) -> dict[str, Any]:
    """A section: objects by name. A wrong one is noted and empty."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        problems.add("not_mapping", path, _("this must be names with values"))
        return {}
    for name in value:
        if not name.strip() or len(name) > LONGEST_NAME:
            problems.add("bad_name", (*path, name), _("a name has 1 to %d characters") % LONGEST_NAME)
    return value


def spoken(values: Mapping[str, Any], keys: Iterable[Key]) -> dict[str, Any]:
    """The values as the file has them, in the order of the keys, without those that an absent key means."""
    return {
        key.name: _written(values[key.name]) for key in keys if key.name in values and not _means(key, values)
    }


def _means(key: Key, values: Mapping[str, Any]) -> bool:
    value = values[key.name]
    if key.default is UNTOUCHED:
        return value is None or value == ""
    return bool(value == (key.default() if callable(key.default) else key.default))


def _written(value: Any) -> Any:
    if isinstance(value, time):
        return value.isoformat("auto" if value.second else "minutes")
    return value.isoformat() if isinstance(value, date) else value
