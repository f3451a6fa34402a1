from handoff.models.feedback import Bought, Feedback, Timing
from handoff.models.handoff import COOLING, OPEN, UNFINISHED, Handoff, Origin, State
from handoff.models.policy import Cadence, HandoffPolicy, Means, PolicyState, Strategy
from handoff.models.teams import SalesRep, SalesTeam

__all__ = [
    "COOLING",
    "OPEN",
    "UNFINISHED",
    "Bought",
    "Cadence",
    "Feedback",
    "Handoff",
    "HandoffPolicy",
    "Means",
    "Origin",
    "PolicyState",
    "SalesRep",
    "SalesTeam",
    "State",
    "Strategy",
    "Timing",
]
