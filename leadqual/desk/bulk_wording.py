"""Bulk actions in sentences with numbers: what will happen, what happened, why leads were left aside."""

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leadqual.desk.bulk import Act
from leadqual.desk.models import BulkAction


def will_happen(act: Act, counts: Mapping[str, int]) -> list[str]:
    number = counts.get("", 0)
    words = {
        Act.INCLUDE: ngettext(
            "%d lead will be in the segment, whatever its condition says.",
            "%d leads will be in the segment, whatever its condition says.", number,
        ),
        Act.EXCLUDE: ngettext(
            "%d lead will not be in the segment, whatever its condition says.",
            "%d leads will not be in the segment, whatever its condition says.", number,
        ),
        Act.HAND_OVER: ngettext("%d lead goes to sales.", "%d leads go to sales.", number),
        Act.DISQUALIFY: ngettext(
            "%d lead becomes disqualified; what still waits for a rep is withdrawn.",
            "%d leads become disqualified; what still waits for a rep is withdrawn.", number,
        ),
        Act.EXPORT: ngettext("%d lead is exported.", "%d leads are exported.", number),
    }  # fmt: skip
    return [words[act] % number, *left_aside((code, n) for code, n in counts.items() if code)]


def happened(row: BulkAction) -> list[str]:
    words = {
        Act.INCLUDE: ngettext(
            "%(number)d lead was put into the segment “%(target)s”.",
            "%(number)d leads were put into the segment “%(target)s”.", row.done,
        ),
        Act.EXCLUDE: ngettext(
            "%(number)d lead was taken out of the segment “%(target)s”.",
            "%(number)d leads were taken out of the segment “%(target)s”.", row.done,
        ),
        Act.HAND_OVER: ngettext(
            "%(number)d lead was handed over to %(target)s.",
            "%(number)d leads were handed over to %(target)s.", row.done,
        ) if row.target else ngettext(
            "%(number)d lead waits for a sales rep; the next assignment finds one.",
            "%(number)d leads wait for a sales rep; the next assignment finds one.", row.done,
        ),
        Act.DISQUALIFY: ngettext(
            "%(number)d lead is disqualified now.", "%(number)d leads are disqualified now.", row.done
        ),
    }  # fmt: skip
    told = words[Act(row.action)] % {"number": row.done, "target": row.target}
    return [told, *left_aside((code, number) for code, number in row.skipped)]


def left_aside(counts: Iterable[tuple[str, int]]) -> list[str]:
    return [_one(code, number) for code, number in counts]


def _one(code: str, number: int) -> str:
    words = {
        "with_sales": ngettext(
            "%d is with sales already and is left aside.", "%d are with sales already and are left aside.", number
        ),
        "handed_over": ngettext(
            "%d is with sales already and is left aside.", "%d are with sales already and are left aside.", number
        ),
        "disqualified": ngettext(
            "%d is disqualified and is left aside.", "%d are disqualified and are left aside.", number
        ),
        "disqualified_already": ngettext(
            "%d is disqualified already.", "%d are disqualified already.", number
        ),
        "chosen_already": ngettext(
            "%d was decided so by hand already.", "%d were decided so by hand already.", number
        ),
        "rep_full": ngettext(
            "%d did not go: the rep has no free place.", "%d did not go: the rep has no free place.", number
        ),
        "rep_away": ngettext("%d did not go: the rep is absent.", "%d did not go: the rep is absent.", number),
    }  # fmt: skip
    return (words.get(code) or _("%d could not be changed.")) % number


def title(act: Act) -> str:
    return {
        Act.INCLUDE: _("Add to a segment"),
        Act.EXCLUDE: _("Take out of a segment"),
        Act.HAND_OVER: _("Hand over to sales"),
        Act.DISQUALIFY: _("Disqualify"),
        Act.EXPORT: _("Export"),
    }[act]
