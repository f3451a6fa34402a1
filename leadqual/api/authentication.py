from typing import Any

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from leadqual.common import clock
from leadqual.common.access import Role, has_role
from leadqual.common.models import ApiToken
from leadqual.common.tokens import token_of


class KeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer lq_...`"""

    keyword = "Bearer"

    def authenticate(self, request: Request) -> tuple[Any, ApiToken] | None:
        header = get_authorization_header(request).split()
        if not header or header[0].lower() != self.keyword.lower().encode():
            return None
        token = token_of(header[1].decode(errors="replace"), now=clock.now()) if len(header) == 2 else None
        if token is None:
            raise AuthenticationFailed()
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return self.keyword


class InRole(BasePermission):
    """Every view says in `roles` {method or action: roles} who may; what it does not name nobody may."""

    def has_permission(self, request: Request, view: Any) -> bool:
        roles: dict[str, tuple[Role, ...]] = getattr(view, "roles", {})
        action = getattr(view, "action", None) or str(request.method).lower()
        # A method that the view has not answers 405 to whoever is signed in.
        if action not in roles:
            return bool(request.user.is_authenticated and getattr(view, "action", "") is None)
        return has_role(request.user, *roles[action])
