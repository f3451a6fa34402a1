"""What happened to qualifications. Sent inside the writer's transaction, with sets of leads; receivers write rows."""

from django.dispatch import Signal

# leads: set[int] whose qualification opened; reason: str ("score", "publish"); released: bool, false while the
# publisher has not let sales have them; now: datetime
lead_became_hot = Signal()
# leads: set[int] whose open qualification ended; reason: str ("cooled", "sales", "model", "customer", "disqualified");
# now: datetime
qualification_ended = Signal()
