"""Mail through a real SMTP server: at least once, under one Message-ID, one bad address harming nobody else."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage as Received
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP
from django.db import connection

from leadqual.messaging import outbox
from leadqual.messaging.models import EmailMessage, MailState
from leadqual.messaging.outbox import Mail, Part, queue, send_due
from tests.handoff import factories
from tests.handoff.factories import WEDNESDAY
from tests.services import free_port

pytestmark = pytest.mark.django_db(transaction=True)


class Server:
    """Keeps what it is sent. `answers`: what it says to a recipient instead of yes."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.answers: dict[str, str] = {}
        self.on_data: Callable[[], None] = lambda: None

    async def handle_RCPT(self, server: SMTP, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        self.received.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        self.on_data()
        return "250 OK"

    @property
    def to(self) -> list[str]:
        return [str(mail["To"]) for mail in self.received]


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    handler = Server()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    yield handler
    controller.stop()


def mails(*names: str) -> None:
    queue([Mail(name, None, f"{name}@example.com", "Subject", "Text") for name in names], now=WEDNESDAY)


def send(after: timedelta = timedelta(), **options: Any) -> tuple[int, int, int]:
    result = send_due(now=WEDNESDAY + after, **options)
    return result.sent, result.retried, result.failed


def states() -> dict[str, str]:
    rows = EmailMessage.objects.values_list("to_address", "state")
    return {address.partition("@")[0]: state for address, state in rows}


def test_what_is_queued_arrives_once_with_its_parts(server: Server) -> None:
    lead = factories.lead()
    mail = Mail(
        "offer-1", None, "rep@example.com", "件名\nof two lines", "Hello.", "Goodbye.",
        parts=[Part(lead.pk, "山田", ["山田", "=1+1"])], table_name="leads.csv", table_header=["Name", "Title"],
    )  # fmt: skip
    queue([mail], now=WEDNESDAY)
    assert send() == (1, 0, 0)
    assert send(timedelta(days=1)) == (0, 0, 0)
    [received] = server.received
    assert (received["Subject"], received["To"]) == ("件名 of two lines", "rep@example.com")
    assert received["Message-ID"] == "<offer-1@localhost>"
    assert received.get_body().get_content().split() == ["Hello.", "山田", "Goodbye."]  # type: ignore[union-attr]
    [table] = received.iter_attachments()
    assert table.get_filename() == "leads.csv"
    assert table.get_payload(decode=True).decode("utf-8-sig").split("\r\n")[:2] == [
        '"Name","Title"',
        '"山田","\'=1+1"',
    ]
    row = EmailMessage.objects.get()
    assert (row.state, row.attempts, row.error, row.claimed_until) == (MailState.SENT, 1, "", None)


def test_the_same_key_is_queued_once() -> None:
    assert queue([Mail("a", None, "a@example.com", "S", "T")], now=WEDNESDAY) == 1
    assert (
        queue(
            [Mail("a", None, "a@example.com", "S", "T"), Mail("b", None, "b@example.com", "S", "T")],
            now=WEDNESDAY,
        )
        == 1
    )
    assert EmailMessage.objects.count() == 2


def test_one_refused_address_does_not_keep_the_others_waiting(server: Server) -> None:
    mails("first", "bad", "last")
    server.answers["bad@example.com"] = "550 no such person"
    assert send() == (2, 0, 1)
    assert server.to == ["first@example.com", "last@example.com"]
    assert states() == {"first": "sent", "bad": "failed", "last": "sent"}
    row = EmailMessage.objects.get(state="failed")
    assert (row.error, row.attempts) == ("SMTPRecipientsRefused 550", 1)


def test_an_address_that_cannot_be_written_down_fails_alone(server: Server) -> None:
    queue([Mail("bad", None, "a@b.com\nBcc: c@d.com", "S", "T")], now=WEDNESDAY)
    mails("good")
    assert send() == (1, 0, 1)
    assert server.to == ["good@example.com"]


def test_a_passing_refusal_is_tried_again_later_three_times_in_all(server: Server) -> None:
    mails("busy")
    server.answers["busy@example.com"] = "451 try later"
    assert send() == (0, 1, 0)
    assert send(timedelta(seconds=30)) == (0, 0, 0)
    assert send(timedelta(minutes=2)) == (0, 1, 0)
    assert send(timedelta(minutes=20)) == (0, 0, 1)
    assert send(timedelta(days=1)) == (0, 0, 0)
    row = EmailMessage.objects.get()
    assert (row.state, row.attempts, row.error) == (MailState.FAILED, 3, "SMTPRecipientsRefused 451")


def test_a_server_that_is_away_costs_no_attempt(server: Server, settings: Any) -> None:
    mails("a", "b")
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, free_port()
    result = send_due(now=WEDNESDAY)
    assert (result.unreachable, result.sent, result.retried, result.failed) == (True, 0, 0, 0)
    assert set(EmailMessage.objects.values_list("state", "attempts")) == {("queued", 0)}
    settings.EMAIL_PORT = port
    assert send() == (2, 0, 0)


def test_the_claim_is_committed_and_no_transaction_open_while_the_server_is_spoken_to(server: Server) -> None:
    mails("a")
    seen: list[tuple[bool, str, int]] = []

    def look(self: object, messages: list[Any]) -> int:
        seen.append(
            (connection.in_atomic_block, *EmailMessage.objects.values_list("state", "attempts").get())
        )
        return len(messages)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.core.mail.backends.smtp.EmailBackend.send_messages", look)
        send()
    assert seen == [(False, "sending", 1)]


def test_a_sender_that_died_leaves_a_mail_that_is_sent_again_under_the_same_id(server: Server) -> None:
    mails("a")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outbox, "_settle", died)
        with pytest.raises(KeyboardInterrupt):
            send()
    assert states() == {"a": "sending"}
    assert send(timedelta(minutes=1)) == (0, 0, 0)
    assert send(outbox.CLAIM + timedelta(minutes=1)) == (1, 0, 0)
    assert [mail["Message-ID"] for mail in server.received] == ["<a@localhost>"] * 2


def died(*args: object, **values: object) -> None:
    raise KeyboardInterrupt


def test_a_sender_that_died_three_times_leaves_it_to_people(server: Server) -> None:
    mails("a")
    EmailMessage.objects.update(state="sending", attempts=3, claimed_until=WEDNESDAY)
    assert send() == (0, 0, 0)
    assert states() == {"a": "uncertain"}
    assert server.received == []


def test_two_senders_at_once_send_it_once(server: Server) -> None:
    """The second comes while the first is in the middle of a conversation."""
    mails("a", "b")
    second: list[tuple[int, int, int]] = []
    deliver = outbox._deliver

    def interrupted(message: EmailMessage, *rest: Any) -> bool:
        if not second:
            second.append((0, 0, 0))
            second.append(send())
        return deliver(message, *rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outbox, "_deliver", interrupted)
        assert send() == (1, 0, 0)
    assert second[1] == (1, 0, 0)
    assert sorted(server.to) == ["a@example.com", "b@example.com"]


def test_a_late_result_does_not_overwrite_a_newer_attempt(server: Server) -> None:
    mails("a")
    row = EmailMessage.objects.get()
    row.attempts = 1
    EmailMessage.objects.update(state="sending", attempts=2, claimed_until=WEDNESDAY + timedelta(hours=1))
    outbox._settle(row, state=MailState.FAILED, error="late")
    assert states() == {"a": "sending"}


def test_the_limit_leaves_the_rest_for_later(server: Server) -> None:
    mails("a", "b", "c")
    assert send(limit=2) == (2, 0, 0)
    assert send(limit=2) == (1, 0, 0)


def test_nothing_due_means_no_conversation(settings: Any) -> None:
    settings.EMAIL_PORT = free_port()
    assert send() == (0, 0, 0)


def test_without_settings_mail_goes_to_a_folder_or_the_console(settings: Any, tmp_path: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path)
    mails("a")
    assert send() == (1, 0, 0)
    [file] = tmp_path.iterdir()
    assert "Message-ID: <a@localhost>" in file.read_text()
