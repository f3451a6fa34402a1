"""Step 5: what marketing and sales agreed on, and what it comes to today."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from handoff.models import Handoff, HandoffPolicy, PolicyState
from handoff.overview import (
    overdue,
    policy_views,
    team_loads,
    waiting_if_live,
    waiting_without,
)
from handoff.policies import go_live, problems, retire
from handoff.policy_wording import policy_in_words, undecided_in_words
from leadqual.common import clock
from leadqual.common.access import Role, open_to
from leadqual.common.errors import LeadqualError

OVERDUE_SHOWN = 20


@require_safe
@open_to(Role.MARKETER)
def policy_list(request: HttpRequest) -> HttpResponse:
    now = clock.now()
    teams = team_loads(day=clock.day_of(now))
    free = {each.team.pk: each.free for each in teams}
    policies, nobodys = policy_views(list(_policies()), free, now=now)
    late = overdue(now, OVERDUE_SHOWN + 1)
    context = {
        "in_force": [each for each in policies if each.policy.state == PolicyState.LIVE],
        "drafts": [each for each in policies if each.policy.state == PolicyState.DRAFT],
        "retired": [each for each in policies if each.policy.state == PolicyState.RETIRED],
        "teams": teams,
        "free": sum(free.values()),
        "nobodys": nobodys,
        "waiting": sum(each.waiting for each in policies) + nobodys,
        "offered": sum(each.today.offered for each in policies),
        "accepted": sum(each.today.accepted for each in policies),
        "overdue": late[:OVERDUE_SHOWN],
        "more_overdue": len(late) > OVERDUE_SHOWN,
    }
    return render(request, "handoff/list.html", context)


@require_safe
@open_to(Role.MARKETER)
def policy(request: HttpRequest, pk: int) -> HttpResponse:
    """One policy, and what putting it in force or retiring it would do."""
    found = get_object_or_404(_policies(), pk=pk)
    missing = problems(found)
    teams = {team for team in (found.team_id, found.fallback_team_id) if team}
    live = found.state == PolicyState.LIVE
    context = {
        "policy": found,
        "sentences": policy_in_words(found),
        "undecided": undecided_in_words(missing),
        "free": sum(each.free for each in team_loads(teams, day=clock.today())),
        "would_take": 0 if live or missing else waiting_if_live(found),
        "left_without": waiting_without(found) if live else 0,
        "open": Handoff.objects.open().filter(policy=found).count(),
    }
    return render(request, "handoff/policy.html", context)


@require_POST
@open_to(Role.MARKETER)
def put_in_force(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(_policies(), pk=pk)
    if found.state == PolicyState.LIVE:
        messages.info(request, _("“%s” is in force already.") % found)
        return redirect("handoff:policy", pk)
    try:
        go_live(found, now=clock.now(), by=request.user)
    except LeadqualError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("“%s” is in force.") % found)
    return redirect("handoff:policy", pk)


@require_POST
@open_to(Role.MARKETER)
def retire_policy(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(_policies(), pk=pk)
    retire(found, by=request.user)
    messages.success(request, _("“%s” hands nothing over any more. What it has handed over goes on.") % found)
    return redirect("handoff:policy", pk)


def _policies() -> QuerySet[HandoffPolicy]:
    rows = HandoffPolicy.objects.select_related("segment", "team", "fallback_team")
    return rows.order_by("position", "pk")
