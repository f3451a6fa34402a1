"""What happened to segments. Sent inside the writer's transaction; receivers write rows, they send nothing outside."""

from django.dispatch import Signal

# segment: int, joined: set[int], left: set[int] (lead ids; never both empty)
membership_changed = Signal()
# segment: int | None (None while new), condition: Condition; a receiver refuses by raising LeadqualError
segment_saving = Signal()
