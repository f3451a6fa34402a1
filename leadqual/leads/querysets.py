from __future__ import annotations

from typing import Any

from django.db import models


class CompanyQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> CompanyQuerySet:
        """Companies that `user` may see: all for marketers and admins, those of their own leads for a rep."""
        if sees_everybody(user):
            return self
        if not user.is_active or user.pk is None:
            return self.none()
        return self.filter(pk__in=user.leads.values("company"))


class LeadQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> LeadQuerySet:
        """Leads that `user` may see: all for marketers and admins, those handed to them for a rep, else none."""
        if sees_everybody(user):
            return self
        if not user.is_active or user.pk is None:
            return self.none()
        return self.filter(owner=user)


def sees_everybody(user: Any) -> bool:
    return bool(user.is_active and user.has_perm("leads.view_lead"))
