from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from handoff.models import (
    FEEDBACK_AFTER_DAYS,
    Cadence,
    HandoffPolicy,
    Means,
    PolicyState,
    SalesTeam,
    Strategy,
)
from handoff.policies import go_live, problems, retire
from leadqual.operations.design.context import Context
from leadqual.operations.design.problems import Path
from leadqual.operations.design.rows import Change, rename, write_row
from leadqual.operations.design.schema import Key, at_least, clock_time, day, list_of, one_of, text, whole
from segments.models import Segment

KEYS = [
    Key("state", one_of(PolicyState.values), PolicyState.LIVE.value),
    Key("segment", text, ""),
    Key("team", text, ""),
    Key("fallback_team", text, ""),
    Key("means", list_of(Means.values), list),
    Key("cadence", one_of(["", *Cadence.values]), ""),
    Key("cadence_time", clock_time, None),
    Key("cadence_weekday", whole, None),
    Key("follow_up", text, ""),
    Key("strategy", one_of(["", *Strategy.values]), ""),
    Key("accept_within_hours", whole, None),
    Key("feedback_after_days", at_least(1), FEEDBACK_AFTER_DAYS),
    Key("review_date", day, None),
    Key("renamed_from", text, ""),
]
PLAIN = [key.name for key in KEYS if key.name not in {"segment", "team", "fallback_team", "renamed_from"}]
CADENCE = ("cadence", "cadence_time", "cadence_weekday")


def load(context: Context, name: str, spec: dict[str, Any], path: Path) -> Change:
    policy = rename(HandoffPolicy, name, spec["renamed_from"])
    before = len(context.problems.found)
    values = {key: spec[key] for key in PLAIN} | _referred(context, spec, path) | {"name": name}
    _check(context, spec, HandoffPolicy(**values), path)
    if len(context.problems.found) > before or _follows(context, spec):
        return Change.UNCHANGED
    if policy.pk is None:
        policy.position = _last_position() + 1
    was = {key: getattr(policy, key) for key in ("pk", "state", *CADENCE)}
    begins = was["state"] != PolicyState.LIVE or any(was[key] != values[key] for key in CADENCE)
    if values["state"] == PolicyState.LIVE and begins:
        write_row(policy, values | {"state": PolicyState.DRAFT.value})
        go_live(policy, now=context.now)
        return Change.CREATED if was["pk"] is None else Change.UPDATED
    return write_row(policy, values)


def put_in_order(context: Context, specs: dict[str, dict[str, Any]]) -> dict[str, Change]:
    """The file's policies in the file's order, on the places they hold among all; the first that fits decides."""
    found = {policy.name: policy for policy in HandoffPolicy.objects.filter(name__in=specs)}
    policies = [found[name] for name in specs if name in found]
    places = sorted(policy.position for policy in policies)
    changes = {}
    for policy, place in zip(policies, places, strict=True):
        if write_row(policy, {"position": place}) is not Change.UNCHANGED:
            changes[policy.name] = Change.UPDATED
    return changes


def dump() -> dict[str, dict[str, Any]]:
    policies = HandoffPolicy.objects.select_related("segment", "team", "fallback_team").order_by(
        "position", "pk"
    )
    return {policy.name: _described(policy) for policy in policies}


def prune(named: set[str]) -> dict[str, Change]:
    """A policy is retired, not deleted: handed over leads say by which one they came."""
    changes = {}
    for policy in HandoffPolicy.objects.exclude(name__in=named).exclude(state=PolicyState.RETIRED):
        retire(policy)
        changes[policy.name] = Change.REMOVED
    return changes


def _described(policy: HandoffPolicy) -> dict[str, Any]:
    return {key: getattr(policy, key) for key in PLAIN} | {
        "segment": policy.segment.name if policy.segment else "",
        "team": policy.team.name if policy.team else "",
        "fallback_team": policy.fallback_team.name if policy.fallback_team else "",
    }


def _referred(context: Context, spec: dict[str, Any], path: Path) -> dict[str, Any]:
    """The segment and the teams that the file names, or nothing where one is missing (and noted)."""
    found: dict[str, Any] = {}
    for key, section, rows, message in (
        ("segment", "segments", Segment.objects, _("there is no segment “%s”")),
        ("team", "teams", SalesTeam.objects, _("there is no team “%s”")),
        ("fallback_team", "teams", SalesTeam.objects, _("there is no team “%s”")),
    ):
        name = spec[key]
        known = {row.name: row for row in rows.filter(name=name)} if name else {}
        found[key] = context.refer(section, name, known, (*path, key), message) if name else None
    return found


def _check(context: Context, spec: dict[str, Any], policy: HandoffPolicy, path: Path) -> None:
    """What keeps it from being live; a team that is named but missing is noted already."""
    if spec["state"] != PolicyState.LIVE:
        return
    for problem in problems(policy):
        if not (problem.code == "empty" and spec.get(problem.place)):
            context.problems.add_place(problem.code, path, problem.place, problem.message)


def _follows(context: Context, spec: dict[str, Any]) -> bool:
    """Whether it names something that is faulty elsewhere in the file."""
    return any(
        (section, spec[key]) in context.broken
        for key, section in (("segment", "segments"), ("team", "teams"), ("fallback_team", "teams"))
    )


def _last_position() -> int:
    return HandoffPolicy.objects.aggregate(last=Max("position"))["last"] or 0
