from django.db import models
from django.utils.translation import gettext_lazy as _

from journeys.models.maps import JourneyMap, Stage
from leadqual.leads.models import Lead


class StagePlacement(models.Model):
    """A lead stands in a stage of its segment's map since a day. `journeys/moving.py` is the only writer.

    No constraint to other tables in the database: a first placement writes a row for everybody of the segment.
    """

    pk = models.CompositePrimaryKey("map_id", "lead_id")
    map = models.ForeignKey(
        JourneyMap, models.CASCADE, related_name="placements", db_index=False, db_constraint=False
    )
    lead = models.ForeignKey(
        Lead, models.CASCADE, related_name="placements", db_index=False, db_constraint=False
    )
    stage = models.ForeignKey(
        Stage, models.CASCADE, related_name="placements", db_index=False, db_constraint=False
    )
    since_day = models.IntegerField()


class MoveReason(models.TextChoices):
    REFRESH = "refresh", _("refresh")
    DRAIN = "drain", _("new events")
    MANUAL = "manual", _("by hand")
    VERSION = "version", _("another version of the map")


class StageMove(models.Model):
    """A lead came into a stage, went on, or left the map. Append only.

    Without `from_stage` it came onto the map, without `to_stage` it left it. `stayed` are the days it stood in
    `from_stage`. Stages are those of the version that was live; `key` tells which they are in another.
    """

    map = models.ForeignKey(
        JourneyMap, models.CASCADE, related_name="moves", db_index=False, db_constraint=False
    )
    lead = models.ForeignKey(
        Lead, models.CASCADE, related_name="stage_moves", db_index=False, db_constraint=False
    )
    from_stage = models.ForeignKey(
        Stage, models.CASCADE, null=True, related_name="+", db_index=False, db_constraint=False
    )
    to_stage = models.ForeignKey(
        Stage, models.CASCADE, null=True, related_name="+", db_index=False, db_constraint=False
    )
    stayed = models.IntegerField(null=True)
    day = models.IntegerField()
    at = models.DateTimeField()
    why = models.CharField(max_length=10, choices=MoveReason)

    class Meta:
        indexes = [models.Index(fields=["lead", "map"], name="stage_move_of_lead")]
