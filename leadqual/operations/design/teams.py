"""Sales teams and, in a section of their own, their reps."""

from typing import Any

from django.contrib.auth import get_user_model
from django.db import models
from django.utils.translation import gettext as _

from handoff.models import SalesRep, SalesTeam
from leadqual.operations.design import trees
from leadqual.operations.design.context import Context
from leadqual.operations.design.problems import Path
from leadqual.operations.design.rows import Change, rename, write_row
from leadqual.operations.design.schema import REQUIRED, UNTOUCHED, Key, at_least, day, mapping, text, yes_no
from segments.models import Segment

TEAM_KEYS = [Key("manager", text, ""), Key("renamed_from", text, "")]

REP_KEYS = [
    Key("team", text, REQUIRED),
    Key("family_name", text, UNTOUCHED),
    Key("given_name", text, UNTOUCHED),
    Key("email", text, UNTOUCHED),
    Key("weight", at_least(1), 1),
    Key("capacity", at_least(0), 20),
    Key("territory", mapping, None),
    # People enter these day by day; a design file that is silent about them calls nobody back from holiday.
    Key("absent_from", day, UNTOUCHED),
    Key("absent_until", day, UNTOUCHED),
    Key("active", yes_no, True),
]

# Columns of an account, and the key under which the file has them.
NAMES = {"last_name": "family_name", "first_name": "given_name", "email": "email"}


def load_team(context: Context, name: str, spec: dict[str, Any], path: Path) -> Change:
    team = rename(SalesTeam, name, spec["renamed_from"])
    manager = _user(spec["manager"])[0] if spec["manager"] else None
    return write_row(team, {"name": name, "manager": manager})


def dump_teams() -> dict[str, dict[str, Any]]:
    teams = SalesTeam.objects.select_related("manager").order_by("pk")
    return {team.name: {"manager": team.manager.get_username() if team.manager else ""} for team in teams}


def prune_teams(named: set[str]) -> dict[str, Change]:
    """A team with reps, policies or handed over leads is history and stays."""
    changes = {}
    for team in SalesTeam.objects.exclude(name__in=named):
        try:
            team.delete()
        except models.ProtectedError:
            continue
        changes[team.name] = Change.REMOVED
    return changes


def load_rep(context: Context, name: str, spec: dict[str, Any], path: Path) -> Change:
    found = {team.name: team for team in SalesTeam.objects.filter(name=spec["team"])}
    team = context.refer("teams", spec["team"], found, (*path, "team"), _("there is no team “%s”"))
    if team is None:
        return Change.UNCHANGED
    user, user_change = _user(name, spec)
    rep = SalesRep.objects.filter(user=user).first() or SalesRep(user=user)
    territory = None
    if spec["territory"] is not None:
        territory = trees.read_tree(spec["territory"], context, "territory")
    values = {key: spec[key] for key in ("weight", "capacity", "absent_from", "absent_until", "active")}
    change = write_row(rep, values | {"team": team, "territory": territory})
    return user_change if change is Change.UNCHANGED else change


def dump_reps() -> dict[str, dict[str, Any]]:
    names = dict(Segment.objects.values_list("pk", "name"))
    reps = SalesRep.objects.select_related("user", "team").order_by("pk")
    return {rep.user.get_username(): _rep(rep, names) for rep in reps}


def prune_reps(named: set[str]) -> dict[str, Change]:
    """A rep is never deleted, for the leads handed over name him; he gets no more of them."""
    changes = {}
    for rep in SalesRep.objects.select_related("user").filter(active=True).exclude(user__username__in=named):
        write_row(rep, {"active": False})
        changes[rep.user.get_username()] = Change.REMOVED
    return changes


def _rep(rep: SalesRep, names: dict[int, str]) -> dict[str, Any]:
    return {
        "team": rep.team.name,
        "family_name": rep.user.last_name,
        "given_name": rep.user.first_name,
        "email": rep.user.email,
        "weight": rep.weight,
        "capacity": rep.capacity,
        "territory": trees.with_names(rep.territory, names),
        "absent_from": rep.absent_from,
        "absent_until": rep.absent_until,
        "active": rep.active,
    }


def _user(name: str, spec: dict[str, Any] | None = None) -> tuple[Any, Change]:
    """The account of that name; a new one cannot log in until somebody gives it a password."""
    users = get_user_model()
    user = users.objects.filter(username=name).first()
    if user is None:
        user = users(username=name)
        user.set_unusable_password()
    values = {column: spec[key] for column, key in NAMES.items()} if spec else {}
    return user, write_row(user, values)
