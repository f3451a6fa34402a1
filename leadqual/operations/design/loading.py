"""A design file put into effect: all of it, or nothing."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from leadqual.common.locks import Lock, lock_alone
from leadqual.operations.design.context import Context
from leadqual.operations.design.problems import Problems
from leadqual.operations.design.reading import Document
from leadqual.operations.design.rows import Change
from leadqual.operations.design.schema import named, read_object
from leadqual.operations.design.sections import SECTIONS, Section

# The number of the file's own form: a file of another one is refused, not guessed at.
FORMAT = 1
HEAD = "leadqual"

Changes = dict[str, Change]


@dataclass(slots=True)
class Loaded:
    """What became of every object that the file names, by section; with pruning also of those it does not."""

    sections: dict[str, Changes]

    def counts(self) -> dict[str, dict[str, int]]:
        return {
            name: {change.value: count for change, count in sorted(Counter(changes.values()).items())}
            for name, changes in self.sections.items()
        }

    @property
    def changed(self) -> bool:
        return any(
            change is not Change.UNCHANGED for each in self.sections.values() for change in each.values()
        )


class _Undo(Exception):
    pass


def load(
    document: Document, *, now: datetime, file: str = "", prune: bool = False, check: bool = False
) -> Loaded:
    """Puts the file into effect in one transaction; DesignError with everything that is wrong undoes it.

    `check`: says what would change, and changes nothing.
    """
    context = Context(now, Problems(document.lines))
    loaded = Loaded({})
    try:
        with transaction.atomic():
            lock_alone(Lock.DESIGN)
            _load_sections(context, document.value, loaded, prune)
            context.problems.raise_if_any(file)
            if check:
                raise _Undo
    except _Undo:
        pass
    return loaded


def _load_sections(context: Context, value: Any, loaded: Loaded, prune: bool) -> None:
    if not isinstance(value, dict):
        context.problems.add("not_a_design", (), _("a design file begins with “%s: 1”") % HEAD)
        return
    if value.get(HEAD) != FORMAT:
        context.problems.add("bad_format", (HEAD,), _("a design file begins with “%s: 1”") % HEAD)
    known = [section.name for section in SECTIONS]
    for name in value.keys() - {HEAD, *known}:
        message = _("there is no such section; known are: %s") % ", ".join(known)
        context.problems.add("unknown_section", (name,), message)
    for section in SECTIONS:
        if section.name in value:
            loaded.sections[section.name] = _load_section(context, section, value[section.name])
    if prune and not context.problems.found:
        _prune(value, loaded)


def _load_section(context: Context, section: Section, value: Any) -> Changes:
    path = (section.name,)
    specs = {}
    for name, each in named(value, path, context.problems).items():
        spec = read_object(each, section.keys, (*path, name), context.problems)
        if spec is None:
            context.broken.add((section.name, name))
        else:
            specs[name] = spec
    changes: Changes = {}
    for name in section.in_order(context, specs, path):
        changes[name] = _load_one(context, section, name, specs[name])
    together = section.together(context, {name: spec for name, spec in specs.items() if name in changes})
    return changes | {name: change for name, change in together.items() if changes[name] is Change.UNCHANGED}


def _load_one(context: Context, section: Section, name: str, spec: dict[str, Any]) -> Change:
    path = (section.name, name)
    before = len(context.problems.found)
    change = Change.UNCHANGED
    done = False
    with context.problems.gather(path):
        change = section.load(context, name, spec, path)
        done = True
    if not done or len(context.problems.found) > before:
        context.broken.add((section.name, name))
    return change


def _prune(value: dict[str, Any], loaded: Loaded) -> None:
    """Asking things go before what they ask; a section that the file does not have is left alone."""
    for section in reversed(SECTIONS):
        if section.name in value:
            gone = section.prune(set(value[section.name] or {}))
            loaded.sections[section.name] |= gone
