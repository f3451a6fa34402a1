"""Who signs in to the demo, and with what: one password per installation, made at the first run and kept in var/."""

import os
import secrets
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import check_password, make_password
from django.utils.translation import gettext as _

from leadqual.common.access import Role, give_role
from leadqual.common.names import person_name
from leadqual.demo.design import ADMIN, MANAGER, MARKETER, REPS, user_name
from leadqual.demo.tongues import Tongue

LEFT = user_name(REPS)


@dataclass(frozen=True, slots=True)
class LogIn:
    role: str
    user: str
    name: str
    page: str


def password_file() -> Path:
    return Path(settings.VAR_DIR) / "demo-password"


def password() -> str:
    """Two processes that start together agree on one: it is written aside and linked."""
    path = password_file()
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(9))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()


def make_office(t: Tongue) -> None:
    """Marketer, sales manager and admin, who cannot sign in yet; the reps come with the design."""
    users = get_user_model()
    for place, name in ((0, MARKETER), (2, MANAGER), (22, ADMIN)):
        if users.objects.filter(username=name).exists():
            continue
        family, given = t.staff[place][0], t.staff[place + 1][0]
        user = users(username=name, last_name=family, first_name=given, email=f"{name}@leadqual-demo.example")
        user.set_unusable_password()
        user.save()


def open_accounts() -> str:
    """The password; everybody but the rep who left gets it and a role once. What people change later stays."""
    lost, word = not password_file().exists(), password()
    given = {MARKETER: Role.MARKETER, MANAGER: Role.REP, ADMIN: Role.ADMIN}
    given |= dict.fromkeys(_reps(), Role.REP)
    users = get_user_model().objects.filter(username__in=given).exclude(username=LEFT)
    # The same hash stands on every account of the demo: one of its own is of a password that somebody chose.
    ours = {each for each, n in Counter(user.password for user in users).items() if n > 1}
    closed = [user for user in users if not user.has_usable_password() or (lost and user.password in ours)]
    if closed:
        hashed = make_password(word)
        for user in closed:
            give_role(user, given[user.get_username()])
        users.filter(pk__in=[user.pk for user in closed]).update(password=hashed)
        users.filter(username=ADMIN, pk__in=[user.pk for user in closed]).update(is_superuser=True)
    return word


def log_ins() -> list[LogIn]:
    """Of those who still have the password that was made for them."""
    people = {user.get_username(): user for user in get_user_model().objects.filter(is_active=True)}
    said = {
        MARKETER: (_("marketer"), _("home: the six steps")),
        **dict.fromkeys(_reps(), (_("sales rep"), _("inbox: your leads"))),
        MANAGER: (_("sales manager"), _("inbox: your teams")),
        ADMIN: (_("administrator"), _("home: health of the system")),
    }
    there = {name: people[name] for name in said if name in people}
    good = {each for each in {user.password for user in there.values()} if check_password(password(), each)}
    return [
        LogIn(said[name][0], name, person_name(user), said[name][1])
        for name, user in there.items()
        if user.password in good
    ]


def _reps() -> list[str]:
    return [user_name(number) for number in range(1, REPS + 1)]
