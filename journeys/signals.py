"""What happened on maps. Sent inside the writer's transaction; receivers write rows, they send nothing outside."""

from django.dispatch import Signal

# map: int, moved: dict[tuple[int | None, int | None], set[int]] (from stage, to stage) -> leads; None: not on the map;
# day: int, now: datetime. In pieces: the night sends it once per range of leads.
stage_changed = Signal()
# map: int, a version that is in force from now on, or no longer; its leads are placed soon after
map_state_changed = Signal()
