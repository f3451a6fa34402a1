"""For the navigation of every page: whether the reader has a team."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from handoff.models import SalesTeam
from leadqual.common.access import Role, has_role


def team(request: HttpRequest) -> dict[str, Any]:
    """`manages_team` asks only where a template does, with one query for a rep and none for anybody else."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"manages_team": False}
    return {"manages_team": SimpleLazyObject(lambda: manages_team(request))}


def manages_team(request: HttpRequest) -> bool:
    """Once per request. Marketers and admins see every team; their way there is step 5, not a team of their own."""
    known: bool | None = getattr(request, "_manages_team", None)
    if known is None:
        known = not has_role(request.user, Role.MARKETER) and managed(request.user).exists()
        request._manages_team = known  # type: ignore[attr-defined]
    return known


def know_that_manages(request: HttpRequest) -> None:
    """A page that has found the reader's team need not ask again."""
    request._manages_team = not has_role(request.user, Role.MARKETER)  # type: ignore[attr-defined]


def managed(user: Any) -> Any:
    """The teams whose reps `user` may look after."""
    if has_role(user, Role.MARKETER):
        return SalesTeam.objects.all()
    return SalesTeam.objects.filter(manager=user)
