"""Who may do what: three roles, a decorator that every page carries, and a middleware that refuses the rest.

A role is a permission, so one look-up per request answers every question about rights. Which rows somebody sees is
not decided here but by `visible_to(user)` of each queryset.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import resolve

View = TypeVar("View", bound=Callable[..., Any])


class Role(StrEnum):
    """The value is the name of the group; the group `admin` may do what marketers do, too."""

    MARKETER = "marketer"
    REP = "sales_rep"
    ADMIN = "admin"

    @property
    def permission(self) -> str:
        return f"common.act_as_{self}"


EVERYBODY = tuple(Role)


def has_role(user: Any, *roles: Role) -> bool:
    """Whether the user acts in one of the roles; reads the user's permissions once per request."""
    return bool(user.is_active) and any(user.has_perm(role.permission) for role in roles)


def give_role(user: Any, role: Role) -> None:
    """Adds a role; marketers and admins get into the admin site, where they see what their group may."""
    user.groups.add(Group.objects.get(name=role.value))
    if role is not Role.REP and not user.is_staff:
        user.is_staff = True
        user.save(update_fields=["is_staff"])


def open_to(*roles: Role) -> Callable[[View], View]:
    """Marks a page as one for these roles: `@open_to(Role.MARKETER)`, `@open_to(*EVERYBODY)`."""

    def mark(view: View) -> View:
        view.open_to = roles  # type: ignore[attr-defined]
        return view

    return mark


# Django's admin asks its own permissions, allauth its own stages, the API the classes of its views.
ASK_THEMSELVES = ("django.contrib.admin.", "allauth.")


class DenyByDefaultMiddleware:
    """Answers 403 on a page that is not open to a role of the user, and on one that names no role at all."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        if not getattr(view, "login_required", True) or asks_itself(request, view):
            return
        roles: tuple[Role, ...] = getattr(view, "open_to", ())
        if not has_role(request.user, *roles):
            raise PermissionDenied


def asks_itself(request: HttpRequest, view: Any) -> bool:
    if (api := getattr(view, "cls", None)) is not None:
        return bool(getattr(api, "permission_classes", ()))
    match = request.resolver_match or resolve(request.path_info)
    return match.namespaces[:1] == ["admin"] or view.__module__.startswith(ASK_THEMSELVES)
