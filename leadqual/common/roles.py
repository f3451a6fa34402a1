"""The groups behind the roles and what each may do in the admin, brought up to date after every migrate."""

from typing import Any

from django.apps import AppConfig
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.db.models import Q

from leadqual.common.access import Role

ALL, VIEW = Q(), Q(codename__startswith="view_")
EDIT = Q(codename__startswith="view_") | Q(codename__startswith="change_") | Q(codename__startswith="add_")


def _acting_as(*roles: Role) -> Q:
    return Q(codename__in=[f"act_as_{role}" for role in roles])


# app -> which of its permissions; marketers own the design and see everybody, admins own the people and the rest
GRANTS: dict[Role, dict[str, Q]] = {
    Role.MARKETER: {
        "common": _acting_as(Role.MARKETER),
        "leads": EDIT,
        "segments": ALL,
        "scoring": ALL,
        "journeys": ALL,
        "messaging": VIEW,
        "handoff": EDIT,
        "improvement": ALL,
    },
    Role.REP: {"common": _acting_as(Role.REP)},
    Role.ADMIN: {
        "common": _acting_as(Role.MARKETER, Role.ADMIN) | EDIT | Q(codename="delete_apitoken"),
        "leads": ALL,
        "segments": ALL,
        "scoring": ALL,
        "journeys": ALL,
        "messaging": ALL,
        "handoff": ALL,
        "improvement": ALL,
        "auth": ALL,
        "mfa": Q(codename__in=("view_authenticator", "delete_authenticator")),
    },
}


def write_groups(sender: AppConfig, using: str, **_: Any) -> None:
    """After an app's migrations: gives each group the app's permissions it should have, and takes back the others."""
    if not any(sender.label in apps for apps in GRANTS.values()):
        return
    create_permissions(sender, using=using, verbosity=0)
    of_app = Permission.objects.using(using).filter(content_type__app_label=sender.label)
    for role, apps in GRANTS.items():
        group, _made = Group.objects.using(using).get_or_create(name=role.value)
        due = set(of_app.filter(apps[sender.label])) if sender.label in apps else set()
        held = set(group.permissions.filter(content_type__app_label=sender.label))
        group.permissions.add(*due - held)
        group.permissions.remove(*held - due)
