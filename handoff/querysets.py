from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q

from leadqual.leads.querysets import sees_everybody


class HandoffQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> HandoffQuerySet:
        """All for marketers and admins; else a rep's own, past ones too, and those of the teams one manages."""
        if sees_everybody(user):
            return self
        if not user.is_active or user.pk is None:
            return self.none()
        return self.filter(Q(rep__user=user) | Q(team__manager=user))

    def unfinished(self) -> HandoffQuerySet:
        return self.filter(state__in=("waiting", "offered", "accepted"))

    def open(self) -> HandoffQuerySet:
        """With a rep, and so counted against the rep's capacity."""
        return self.filter(state__in=("offered", "accepted"))

    def waiting(self) -> HandoffQuerySet:
        return self.filter(state="waiting")

    def overdue(self, at: datetime) -> HandoffQuerySet:
        """Offered, not accepted in time, and nobody alarmed yet."""
        return self.filter(state="offered", alarmed_at=None, accept_by__lte=at)

    def alarmed(self) -> HandoffQuerySet:
        """Offers that nobody took in time, the fallback team neither: somebody has to decide."""
        return self.filter(state="offered", alarmed_at__isnull=False)

    def awaiting_feedback(self) -> HandoffQuerySet:
        """Taken on, and sales has not said yet what became of it; the disqualified were never going to buy."""
        return self.filter(state__in=("accepted", "closed"), feedback=None).exclude(closed_as="disqualified")
