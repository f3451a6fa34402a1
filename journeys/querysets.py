from __future__ import annotations

from typing import Any

from django.db import models


class MapQuerySet(models.QuerySet[Any]):
    def live(self) -> MapQuerySet:
        return self.filter(state="live")

    def drafts(self) -> MapQuerySet:
        return self.filter(state="draft")

    def current(self) -> MapQuerySet:
        """Of every map what is drawn now: the version that is live, and the one that is to come."""
        return self.exclude(state="retired")

    def versions_of(self, name: str) -> MapQuerySet:
        return self.filter(name=name).order_by("-version")
