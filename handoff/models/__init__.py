from handoff.models.feedback import Bought, Feedback, Timing
from handoff.models.handoff import COOLING, OPEN, UNFINISHED, Handoff, Origin, State
from handoff.models.policy import (
    FEEDBACK_AFTER_DAYS,
    Cadence,
    HandoffPolicy,
    Means,
    PolicyState,
    Strategy,
)
from handoff.models.reassignment import Reassignment
from handoff.models.reminder import FeedbackReminder
from handoff.models.teams import SalesRep, SalesTeam

__all__ = [
    "COOLING",
    "FEEDBACK_AFTER_DAYS",
    "OPEN",
    "UNFINISHED",
    "Bought",
    "Cadence",
    "Feedback",
    "FeedbackReminder",
    "Handoff",
    "HandoffPolicy",
    "Means",
    "Origin",
    "PolicyState",
    "Reassignment",
    "SalesRep",
    "SalesTeam",
    "State",
    "Strategy",
    "Timing",
]
