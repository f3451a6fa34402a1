"""Sign-in: nobody signs up by themselves, and staff use a second factor where the settings require it."""

from collections.abc import Callable
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import Permission
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

# Where somebody without a second factor may go to set one up.
ON_THE_WAY = ("/accounts/", "/language/", "/static/", "/healthz")


class Backend(AuthenticationBackend):
    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """Own and groups' permissions in one query instead of two: every page asks."""
        if not user_obj.is_active or user_obj.is_anonymous or user_obj.is_superuser or obj is not None:
            return set(super().get_all_permissions(user_obj, obj))
        if not hasattr(user_obj, "_perm_cache"):
            rows = Permission.objects.filter(Q(user=user_obj) | Q(group__user=user_obj)).values_list(
                "content_type__app_label", "codename"
            )
            user_obj._perm_cache = {f"{app}.{codename}" for app, codename in rows.order_by()}
        return set(user_obj._perm_cache)


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def format_email_subject(self, subject: str) -> str:
        return f"leadqual: {subject}"


class MFAAdapter(DefaultMFAAdapter):
    def can_delete_authenticator(self, authenticator: Any) -> bool:
        """The last second factor of somebody who must have one stays."""
        return not must_have_second_factor(authenticator.user)


def must_have_second_factor(user: Any) -> bool:
    return bool(settings.REQUIRE_SECOND_FACTOR and user.is_authenticated and user.is_staff)


class SecondFactorMiddleware:
    """Leads staff without a second factor to the page that sets one up. The API has tokens and does not come here."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if (
            must_have_second_factor(user)
            and not request.path_info.startswith(ON_THE_WAY)
            and not is_mfa_enabled(user)
        ):
            messages.warning(
                request, _("Set up a second factor first: your account sees other people's data.")
            )
            return redirect("mfa_activate_totp")
        return self.get_response(request)
