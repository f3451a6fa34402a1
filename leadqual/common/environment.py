"""The environment's variables, each refused in one line when its value cannot be meant.

Addresses hold passwords, so what is wrong with one is said without repeating it. English only: no language is known
yet.
"""

import os
import secrets
from collections.abc import Collection
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import environ
from django.core.exceptions import ImproperlyConfigured

DATABASES = {"django.db.backends.sqlite3", "django.db.backends.postgresql"}
BROKERS = ("memory://", "redis://", "rediss://", "sentinel://", "amqp://", "amqps://")
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
TRUE, FALSE = {"true", "on", "ok", "y", "yes", "1"}, {"false", "off", "n", "no", "0", ""}


class WrongValue(ImproperlyConfigured):
    """A variable says something that leadqual cannot be run with."""


class Environment(environ.Env):
    def one_of(self, name: str, choices: Collection[str], default: str) -> str:
        value: str = self.str(name, default=default)
        if value not in choices:
            raise WrongValue(f"{name} is {value!r}; it must be {' or '.join(choices)}")
        return value

    def whole(self, name: str, default: int, least: int = 0) -> int:
        value = self.str(name, default=str(default)).strip()
        if not value.isdecimal() or int(value) < least:
            raise WrongValue(f"{name} is {value!r}; it must be a whole number from {least} on")
        return int(value)

    def flag(self, name: str, default: bool) -> bool:
        value = self.str(name, default=str(default)).strip().lower()
        if value not in TRUE | FALSE:
            raise WrongValue(f"{name} is {value!r}; it must be true or false")
        return value in TRUE

    def zone(self, name: str, default: str) -> str:
        value: str = self.str(name, default=default)
        try:
            return ZoneInfo(value).key
        except (KeyError, ValueError, OSError) as error:
            raise WrongValue(f"{name} is {value!r}; it must be a time zone like Asia/Tokyo") from error

    def database(self, name: str, default: str) -> dict[str, Any]:
        try:
            found: dict[str, Any] = self.db_url(name, default=default)
        except (ImproperlyConfigured, ValueError):
            found = {}
        if found.get("ENGINE") not in DATABASES or not found.get("NAME"):
            raise WrongValue(
                f"{name} is no address of a database; it must be like postgres://user:password@host/name"
                " or sqlite:////folder/file.sqlite3"
            )
        return found

    def broker(self, name: str, default: str) -> str:
        value: str = self.str(name, default=default)
        if not value.startswith(BROKERS):
            raise WrongValue(
                f"{name} is no address of a broker; it must be like redis://host/0 or amqp://user:password@host//,"
                " or not be set"
            )
        return value

    def mail(self, name: str) -> dict[str, Any]:
        try:
            found: dict[str, Any] = self.email_url(name)
        except (ImproperlyConfigured, ValueError, KeyError) as error:
            raise WrongValue(
                f"{name} is no address of a mail server; it must be like smtp+tls://user:password@host:587"
            ) from error
        return found


def development_secret(folder: Path) -> str:
    """Made once per folder. Written aside and linked, so two processes that start together agree on one."""
    path = folder / "secret-key"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f"secret-key.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(64))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text()
