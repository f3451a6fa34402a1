from journeys.models.changes import Act, MapChange
from journeys.models.contents import Content
from journeys.models.maps import (
    Feeling,
    JourneyMap,
    MapState,
    Stage,
    Touchpoint,
    TouchpointActivity,
    TouchpointContent,
)
from journeys.models.placements import MoveReason, StageMove, StagePlacement

__all__ = [
    "Act",
    "Content",
    "Feeling",
    "JourneyMap",
    "MapChange",
    "MapState",
    "MoveReason",
    "Stage",
    "StageMove",
    "StagePlacement",
    "Touchpoint",
    "TouchpointActivity",
    "TouchpointContent",
]
