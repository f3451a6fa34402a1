"""Sign-in: nobody signs up by themselves, and staff use a second factor where the settings require it."""

from base64 import urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.utils import is_mfa_enabled
from cryptography.fernet import Fernet, MultiFernet
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


def _vault() -> MultiFernet:
    """Keys made of the site's secrets; an old secret kept as a fallback still opens what it closed."""
    secrets = [str(each) for each in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    return MultiFernet(
        [Fernet(urlsafe_b64encode(sha256(f"mfa:{each}".encode()).digest())) for each in secrets]
    )


class MFAAdapter(DefaultMFAAdapter):
    def encrypt(self, text: str) -> str:
        """Seeds and recovery codes lie in the database closed."""
        return _vault().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _vault().decrypt(encrypted_text.encode()).decode()

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
