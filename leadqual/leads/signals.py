"""What happened to leads. Sent inside the writer's transaction; receivers write rows, they send nothing outside.

Every signal comes with sets of ids, never one lead at a time, so that receivers can stay set-based, and with `now`, the
moment of the unit of work.
"""

from django.dispatch import Signal

# leads: set[int] that exist from now on
leads_created = Signal()
# leads: set[int] whose acts were added, moved, flagged or erased; signatures: set[int] seen for the first time;
# types: dict[int, set[int]] lead -> ids of activity types newly recorded for it (empty for moves and flags)
activities_recorded = Signal()
# leads: set[int], fields: set[str] (keys as conditions name them, "bant.budget" and "custom.size" included)
leads_changed = Signal()
# companies: set[int], fields: set[str]
company_changed = Signal()
# leads: set[int], status: str, why: str
status_changed = Signal()
# events stored in the inbox, waiting for a drain; the only one that may come outside a transaction
events_received = Signal()
