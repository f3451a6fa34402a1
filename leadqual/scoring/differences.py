"""What changed from one version of a model to another, in words: rules and groups are the same by their name."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from leadqual.scoring.model_words import ModelWords, model_words


class Kind(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Difference:
    """`was` and `now` are empty where there was or is nothing."""

    kind: Kind
    name: str
    was: str
    now: str

    @property
    def kind_words(self) -> str:
        return {Kind.ADDED: _("new"), Kind.REMOVED: _("gone"), Kind.CHANGED: _("changed")}[self.kind]


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Difference]:
    """Thresholds first, then groups and rules; nothing where both say the same."""
    before, after = model_words(old), model_words(new)
    return [
        *_settings(before, after),
        *_compared(_groups(before), _groups(after)),
        *_compared(_rules(before), _rules(after)),
    ]


def _settings(before: ModelWords, after: ModelWords) -> list[Difference]:
    pairs = [
        (_("threshold"), before.threshold, after.threshold),
        (_("cooling down"), before.cooling, after.cooling),
        (_("gate"), " ".join(before.gate) or _("no gate"), " ".join(after.gate) or _("no gate")),
    ]
    return [Difference(Kind.CHANGED, name, was, now) for name, was, now in pairs if was != now]


def _groups(model: ModelWords) -> dict[str, str]:
    return {
        _("group “%s”") % group.name: f"{group.axis_words}: {group.limits or _('no limit')}"
        for group in model.groups
    }


def _rules(model: ModelWords) -> dict[str, str]:
    return {
        rule.name: _("%(rule)s, in “%(group)s”") % {"rule": rule.text, "group": group.name}
        for group in model.groups
        for rule in group.rules
    }


def _compared(old: Mapping[str, str], new: Mapping[str, str]) -> list[Difference]:
    found = []
    for name in {**old, **new}:
        was, now = old.get(name, ""), new.get(name, "")
        if was != now:
            kind = Kind.ADDED if not was else Kind.REMOVED if not now else Kind.CHANGED
            found.append(Difference(kind, name, was, now))
    return found
