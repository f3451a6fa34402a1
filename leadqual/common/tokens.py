"""Keys for programs: shown once, kept as a hash, good until they expire or their owner leaves."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.utils.translation import gettext as _

from leadqual.common import clock
from leadqual.common.errors import LeadqualError
from leadqual.common.models import ApiToken

PREFIX = "lq_"
LONGEST_DAYS = 365


@dataclass(frozen=True)
class NewToken:
    """`secret` is known only here and now."""

    row: ApiToken
    secret: str


def create_token(user: Any, name: str, *, days: int, now: datetime) -> NewToken:
    if not name.strip():
        raise LeadqualError("no_name", _("say what the key is for"), "name")
    if not 1 <= days <= LONGEST_DAYS:
        message = _("a key is good for 1 to %d days") % LONGEST_DAYS
        raise LeadqualError("out_of_range", message, "days")
    secret = PREFIX + secrets.token_urlsafe(32)
    row = ApiToken.objects.create(
        user=user, name=name.strip()[:100], digest=_digest(secret), shown=secret[:8], created_at=now,
        expires_at=now + timedelta(days=days),
    )  # fmt: skip
    return NewToken(row, secret)


def token_of(secret: str, *, now: datetime) -> ApiToken | None:
    """The key, if it is good now and its owner active; notes the day of its use, once a day."""
    row = (
        ApiToken.objects.select_related("user")
        .filter(digest=_digest(secret), expires_at__gt=now, user__is_active=True)
        .first()
    )
    if row is not None and row.used_day != (today := clock.day_of(now)):
        ApiToken.objects.filter(pk=row.pk).update(used_day=today)
    return row


def _digest(secret: str) -> str:
    """Unsalted on purpose: the secret has 256 random bits, and is looked up by this."""
    return sha256(secret.encode()).hexdigest()
