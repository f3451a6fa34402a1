"""What happened to handoffs. Sent inside the writer's transaction, with sets of ids; receivers write rows only."""

from django.dispatch import Signal

# leads: set[int] whose handoff waits for a rep: an act that goes to sales, a hand-over without a name
handoff_waiting = Signal()
# leads: set[int] offered to a rep, for the first time or the next; now: datetime
handoff_offered = Signal()
# leads: set[int] whose handoff ended; state: str (a handoff's state), closed_as: str (a lead's status or empty)
handoff_closed = Signal()
