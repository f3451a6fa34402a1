import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests import marks
from tests.workers import manage

pytestmark = marks.once
PRODUCTION = {
    "LEADQUAL_ENV": "production",
    "SECRET_KEY": "k" * 25 + "0123456789-a-long-one-of-this-test-alone",
    "ALLOWED_HOSTS": "leads.example.com",
    "DATABASE_URL": "postgres://leadqual@db.example.com/leadqual",
    "CELERY_BROKER_URL": "redis://redis.example.com/0",
}


def ask(expression: str, **given: str) -> str:
    """What a process with these variables, and no others of ours, has in its settings."""
    done = manage(
        "shell", "--no-imports", "-c", f"from django.conf import settings as s; print({expression})", **given
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_production_passes_the_deployment_check_without_a_warning() -> None:
    done = manage("check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert (done.returncode, done.stdout + done.stderr) == (
        0,
        "System check identified no issues (0 silenced).\n",
    )


def test_production_does_not_start_without_its_secret() -> None:
    done = manage("check", **{key: value for key, value in PRODUCTION.items() if key != "SECRET_KEY"})
    assert (done.returncode, done.stderr) == (1, "SECRET_KEY must be set when LEADQUAL_ENV=production\n")


@pytest.mark.parametrize("command", ["check", "qualify"])
@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("LEADQUAL_ENV", "prod", "LEADQUAL_ENV is 'prod'; it must be development or production"),
        (
            "DATABASE_URL",
            "garbage:secret",
            "DATABASE_URL is no address of a database; it must be like postgres://",
        ),
        (
            "DATABASE_URL",
            "mysql://a:secret@b/c",
            "DATABASE_URL is no address of a database; it must be like postgres",
        ),
        (
            "LEADQUAL_TIME_ZONE",
            "Mars/Phobos",
            "LEADQUAL_TIME_ZONE is 'Mars/Phobos'; it must be a time zone like Asia",
        ),
        (
            "LEADQUAL_TIME_ZONE",
            "../etc",
            "LEADQUAL_TIME_ZONE is '../etc'; it must be a time zone like Asia/Tokyo",
        ),
        (
            "CELERY_BROKER_URL",
            "foo:secret",
            "CELERY_BROKER_URL is no address of a broker; it must be like redis://",
        ),
        (
            "EMAIL_URL",
            "foo:secret",
            "EMAIL_URL is no address of a mail server; it must be like smtp+tls://user",
        ),
        ("LEADQUAL_LANGUAGE", "fr", "LEADQUAL_LANGUAGE is 'fr'; it must be ja or en"),
        ("LEADQUAL_LOG_LEVEL", "loud", "LEADQUAL_LOG_LEVEL is 'loud'; it must be DEBUG or INFO or WARNING"),
        (
            "LEADQUAL_IMPORT_MOST_MB",
            "-1",
            "LEADQUAL_IMPORT_MOST_MB is '-1'; it must be a whole number from 0 on",
        ),
        ("LEADQUAL_DEBUG", "perhaps", "LEADQUAL_DEBUG is 'perhaps'; it must be true or false"),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused_in_one_line(
    command: str, name: str, value: str, says: str
) -> None:
    done = manage(command, **{name: value})
    assert (done.returncode, done.stdout) == (1, "")
    [line] = done.stderr.splitlines()
    assert line.startswith(says)
    assert "secret" not in line


def test_development_makes_one_secret_that_only_the_owner_reads(tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        seen = set(pool.map(lambda _: ask("s.SECRET_KEY", LEADQUAL_VAR=str(tmp_path)), range(2)))
    path = tmp_path / "secret-key"
    assert seen == {path.read_text()}
    assert len(path.read_text()) >= 50
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in tmp_path.glob("secret-key*")] == ["secret-key"]


def test_sqlite_waits_for_its_turn_and_survives_a_crash(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'a.sqlite3'}"
    pragmas = (
        "[next(iter(__import__('django').db.connection.cursor().execute('PRAGMA ' + p)))[0] for p in {}]"
    )
    asked = pragmas.format("('journal_mode', 'synchronous', 'foreign_keys', 'busy_timeout')")
    assert ask(asked, DATABASE_URL=url) == "['wal', 1, 1, 20000]"
    options = (
        "(s.DATABASES['default']['OPTIONS']['transaction_mode'], s.DATABASES['default']['ATOMIC_REQUESTS'])"
    )
    assert ask(options, DATABASE_URL=url) == "('IMMEDIATE', False)"


@pytest.mark.parametrize(("process", "pooled"), [("web", "True"), ("embedded", "False"), ("", "False")])
def test_the_connection_pool_is_for_web_processes_only(process: str, pooled: str) -> None:
    asked = "'pool' in s.DATABASES['default']['OPTIONS']"
    assert ask(asked, DATABASE_URL=PRODUCTION["DATABASE_URL"], LEADQUAL_PROCESS=process) == pooled


def test_celery_takes_one_message_at_a_time_and_gives_it_back_when_it_dies() -> None:
    asked = (
        "(s.CELERY_TASK_ACKS_LATE, s.CELERY_TASK_REJECT_ON_WORKER_LOST, s.CELERY_WORKER_PREFETCH_MULTIPLIER,"
        " s.CELERY_ACCEPT_CONTENT, s.CELERY_TASK_IGNORE_RESULT, s.CELERY_TASK_TIME_LIMIT,"
        " s.CELERY_BROKER_TRANSPORT_OPTIONS['visibility_timeout'],"
        " s.CELERY_BROKER_TRANSPORT_OPTIONS['unacked_restore_interval'])"
    )
    assert (
        ask(asked, CELERY_BROKER_URL="redis://localhost/0") == "(True, True, 1, ['json'], True, 120, 900, 10)"
    )


@pytest.mark.parametrize(("broker", "seconds"), [("", "2.0"), ("redis://localhost/0", "30.0")])
def test_the_sweep_is_every_two_seconds_embedded_and_every_thirty_otherwise(
    broker: str, seconds: str
) -> None:
    given = {"CELERY_BROKER_URL": broker} if broker else {}
    assert ask("s.CELERY_BEAT_SCHEDULE['drain the inbox']['schedule']", **given) == seconds


def test_the_zone_and_language_come_from_the_environment() -> None:
    asked = "(s.TIME_ZONE, s.LANGUAGE_CODE)"
    assert ask(asked, LEADQUAL_LANGUAGE="ja") == "('Asia/Tokyo', 'ja')"
    assert ask(asked, LEADQUAL_TIME_ZONE="Europe/Berlin", LEADQUAL_LANGUAGE="en") == "('Europe/Berlin', 'en')"


@pytest.mark.parametrize(
    ("given", "backend"),
    [
        (PRODUCTION, "RedisCache"),
        (PRODUCTION | {"CELERY_BROKER_URL": "amqp://guest:guest@mq.example.com//"}, "FileBasedCache"),
        ({}, "LocMemCache"),
    ],
)
def test_attempts_to_sign_in_are_counted_in_one_place_for_all_processes(
    given: dict[str, str], backend: str
) -> None:
    assert ask("s.CACHES['default']['BACKEND'].rsplit('.', 1)[1]", **given) == backend
