"""Mail to colleagues: written with the change it tells of, sent afterwards, at least once, never twice on purpose."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parseaddr
from functools import lru_cache
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException

from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import F

from leadqual.common.rows import insert_rows
from leadqual.messaging.letters import letter
from leadqual.messaging.models import EmailMessage, EmailPart, MailState

# After this many attempts the row stays as failed or uncertain, for people to see.
MAX_ATTEMPTS = 3
RETRY_AFTER = (timedelta(minutes=1), timedelta(minutes=10))
# Far above the time-out of one conversation with the mail server.
CLAIM = timedelta(minutes=5)
SERVER_TIMEOUT = 20
# A task that runs longer would be ended by its worker.
STOP_AFTER = 40.0
PERMANENT = 500
COLUMNS = [
    "message_id", "to_user", "to_address", "subject", "text", "closing", "table_name", "table_header", "state",
    "attempts", "created_at", "due_at", "error",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    lead_id: int
    text: str = ""
    cells: Sequence[object] = ()


@dataclass(frozen=True, slots=True)
class Mail:
    """`key` names the event and the reader; it becomes the Message-ID, the same for every attempt."""

    key: str
    user_id: int | None
    address: str
    subject: str
    text: str
    closing: str = ""
    parts: Sequence[Part] = ()
    table_name: str = ""
    table_header: Sequence[str] = ()


@dataclass(slots=True)
class Sent:
    sent: int = 0
    retried: int = 0
    failed: int = 0
    # The mail server did not answer; nothing was attempted and nothing counted.
    unreachable: bool = False


@dataclass(slots=True)
class _Clock:
    """The moment the caller gave, moving on with the time spent: claims made late last as long as the first."""

    now: datetime
    started: float = field(default_factory=time.monotonic)

    @property
    def spent(self) -> float:
        return time.monotonic() - self.started

    @property
    def moment(self) -> datetime:
        return self.now + timedelta(seconds=self.spent)


def message_id(key: str) -> str:
    return f"<{key}@{_domain(settings.DEFAULT_FROM_EMAIL)}>"


@lru_cache(maxsize=4)
def _domain(sender: str) -> str:
    return parseaddr(sender)[1].rpartition("@")[2] or "localhost"


def queue(mails: Sequence[Mail], *, now: datetime) -> int:
    """Writes the mails in the caller's transaction; those whose key stands already are left out. How many are new."""
    ids = {mail.key: message_id(mail.key) for mail in mails}
    known = set(
        EmailMessage.objects.filter(message_id__in=list(ids.values())).values_list("message_id", flat=True)
    )
    new = [mail for mail in mails if ids[mail.key] not in known]
    insert_rows(EmailMessage, COLUMNS, (_row(mail, ids[mail.key], now) for mail in new))
    written = EmailMessage.objects.filter(message_id__in=[ids[mail.key] for mail in new])
    keys = dict(written.values_list("message_id", "pk"))
    parts = (
        (keys[ids[mail.key]], part.lead_id, position, part.text, list(part.cells))
        for mail in new
        for position, part in enumerate(mail.parts)
    )
    insert_rows(EmailPart, ["message", "lead", "position", "text", "cells"], parts)
    return len(new)


def _row(mail: Mail, stable_id: str, now: datetime) -> tuple[object, ...]:
    """In the order of COLUMNS."""
    subject = " ".join(mail.subject.split())[:200]
    table = (mail.table_name, list(mail.table_header))
    return (
        stable_id,
        mail.user_id,
        mail.address,
        subject,
        mail.text,
        mail.closing,
        *table,
        "queued",
        0,
        now,
        now,
        "",
    )


def send_due(*, now: datetime, limit: int = 100) -> Sent:
    """Sends what is due, one mail at a time, each claimed and committed before the server hears of it.

    Outside any transaction. A server that does not answer costs no attempt; a mail it refuses costs only itself.
    """
    result, clock = Sent(), _Clock(now)
    give_up_lost_claims(now=now)
    server: BaseEmailBackend | None = None
    try:
        for _ in range(limit):
            due = _next_due(clock.moment)
            if due is None or clock.spent > STOP_AFTER:
                break
            if server is None and (server := _reach_server()) is None:
                result.unreachable = True
                break
            if not _claim(due, clock.moment):
                continue
            if not _deliver(due, server, clock, result):
                _close(server)
                server = None
    finally:
        if server is not None:
            _close(server)
    return result


def give_up_lost_claims(*, now: datetime) -> None:
    """Mails whose sender died meanwhile: tried again, and after the last attempt left for people as uncertain."""
    lost = EmailMessage.objects.filter(state=MailState.SENDING, claimed_until__lte=now)
    lost.filter(attempts__gte=MAX_ATTEMPTS).update(
        state=MailState.UNCERTAIN, claimed_until=None, error="the sender ended before it knew"
    )
    lost.update(state=MailState.QUEUED, claimed_until=None, due_at=now)


def _next_due(moment: datetime) -> EmailMessage | None:
    due = EmailMessage.objects.filter(state=MailState.QUEUED, due_at__lte=moment)
    return due.order_by("due_at", "id").first()


def _claim(message: EmailMessage, moment: datetime) -> bool:
    """True for one caller only; counts the attempt, committed before it is made."""
    message.attempts += 1
    claimed = EmailMessage.objects.filter(
        pk=message.pk, state=MailState.QUEUED, attempts=message.attempts - 1
    ).update(state=MailState.SENDING, attempts=F("attempts") + 1, claimed_until=moment + CLAIM)
    return claimed == 1


def _reach_server() -> BaseEmailBackend | None:
    server = get_connection(timeout=SERVER_TIMEOUT)
    try:
        server.open()
    except (OSError, SMTPException):
        return None
    return server


def _close(server: BaseEmailBackend) -> None:
    try:
        server.close()
    except (OSError, SMTPException):
        pass


def _deliver(message: EmailMessage, server: BaseEmailBackend, clock: _Clock, result: Sent) -> bool:
    """One attempt, and its result in the row. False when the connection cannot be trusted any more."""
    try:
        server.send_messages([letter(message)])
    except Exception as error:  # whatever is wrong with one mail, the others go out
        final = _is_final(error) or message.attempts >= MAX_ATTEMPTS
        state, due_at = MailState.FAILED, message.due_at
        if not final:
            state, due_at = MailState.QUEUED, clock.moment + RETRY_AFTER[message.attempts - 1]
        _settle(message, state=state, due_at=due_at, error=_describe(error))
        result.failed += final
        result.retried += not final
        return False
    _settle(message, state=MailState.SENT, sent_at=clock.moment, error="")
    result.sent += 1
    return True


def _settle(message: EmailMessage, **values: object) -> None:
    """Writes the result, unless the claim ran out and somebody else has the mail."""
    EmailMessage.objects.filter(pk=message.pk, state=MailState.SENDING, attempts=message.attempts).update(
        claimed_until=None, **values
    )


def _codes(error: Exception) -> list[int]:
    if isinstance(error, SMTPRecipientsRefused):
        return [code for code, _ in error.recipients.values()]
    return [error.smtp_code] if isinstance(error, SMTPResponseException) else []


def _is_final(error: Exception) -> bool:
    """The server said never, or the mail cannot even be written down (a bad address, a bad header)."""
    codes = _codes(error)
    return (bool(codes) and all(code >= PERMANENT for code in codes)) or isinstance(error, ValueError)


def _describe(error: Exception) -> str:
    """The kind of fault and the server's code; never its words, which repeat the address."""
    return " ".join([type(error).__name__, *map(str, _codes(error))])
