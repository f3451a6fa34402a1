"""What every page knows, and the pieces that pages of all apps are made of."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from leadqual.common.access import Role, has_role


def frame(request: HttpRequest) -> dict[str, Any]:
    """For base.html: who is looking, and where we are."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"acts_as": frozenset(), "here": ""}
    match = request.resolver_match
    return {
        "acts_as": frozenset(role.value for role in acting(user)),
        "here": match.view_name if match else "",
        "area": match.app_names[0] if match and match.app_names else "",
    }


def acting(user: Any) -> list[Role]:
    """A superuser may do everything and yet calls nobody."""
    return [role for role in Role if has_role(user, role) and not (role is Role.REP and user.is_superuser)]


@login_not_required
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    return set_language(request)


def back_to(request: HttpRequest, otherwise: str) -> str:
    """Where a form said that the reader came from (`next`), if that is a page of ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return wanted
    return otherwise
