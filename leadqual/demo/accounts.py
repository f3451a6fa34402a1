"""Who signs in to the demo, and with what: one password per installation, made at the first run and kept in var/."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import check_password, make_password
from django.utils.translation import gettext as _

from handoff.models import SalesRep
from leadqual.common.access import Role, give_role
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
    """Marketer, sales manager and admin; the reps come with the design."""
    users = get_user_model()
    for place, name in ((0, MARKETER), (2, MANAGER), (22, ADMIN)):
        family, given = t.staff[place][0], t.staff[place + 1][0]
        defaults = {"last_name": family, "first_name": given, "email": f"{name}@leadqual-demo.example"}
        users.objects.get_or_create(username=name, defaults=defaults)


def open_accounts() -> str:
    """Roles and the password for everybody but the rep who left; the password. Nothing changes the second time."""
    word, users = password(), get_user_model().objects
    given = {MARKETER: Role.MARKETER, MANAGER: Role.REP, ADMIN: Role.ADMIN}
    given |= {user_name(number): Role.REP for number in range(1, REPS + 1)}
    found = {user.get_username(): user for user in users.filter(username__in=given)}
    hashed = make_password(word)
    for name, user in found.items():
        give_role(user, given[name])
        if name == ADMIN and not user.is_superuser:
            users.filter(pk=user.pk).update(is_superuser=True, is_staff=True)
    admin = found.get(ADMIN)
    if admin is not None and not check_password(word, admin.password):
        users.filter(username__in=[name for name in found if name != LEFT]).update(password=hashed)
    return word


def log_ins() -> list[LogIn]:
    users = get_user_model().objects.in_bulk([MARKETER, MANAGER, ADMIN], field_name="username")

    def name(user: Any) -> str:
        return f"{user.last_name} {user.first_name}".strip() if user else ""

    rows = [LogIn(_("marketer"), MARKETER, name(users.get(MARKETER)), _("home: the six steps"))]
    rows += [
        LogIn(_("sales rep"), rep.user.get_username(), name(rep.user), _("inbox: your leads"))
        for rep in SalesRep.objects.filter(active=True, user__username__in=_reps()).select_related("user")
    ]
    rows.append(LogIn(_("sales manager"), MANAGER, name(users.get(MANAGER)), _("inbox: your teams")))
    rows.append(LogIn(_("administrator"), ADMIN, name(users.get(ADMIN)), _("home: health of the system")))
    return rows


def _reps() -> list[str]:
    return [user_name(number) for number in range(1, REPS + 1)]
