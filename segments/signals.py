"""What happened to segments. Sent inside the writer's transaction; receivers write rows, they send nothing outside."""

from django.dispatch import Signal

# segment: int, joined: set[int], left: set[int] (lead ids; never both empty), day: int, now: datetime,
# why: ChangeReason (a refresh moves many at once: whoever follows it reads sets, not leads one by one)
membership_changed = Signal()
# segment: int | None (None while new), condition: Condition; a receiver refuses by raising LeadqualError
segment_saving = Signal()
