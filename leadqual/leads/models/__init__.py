from leadqual.leads.models.activity import (
    Activity,
    ActivityType,
    Inbox,
    Intent,
    Signature,
    Visitor,
    VisitorTie,
)
from leadqual.leads.models.custom import CustomField, FieldType, Target
from leadqual.leads.models.history import (
    BantAnswer,
    BantLetter,
    BantValue,
    ConsentBasis,
    ConsentEvent,
    FieldChange,
    StatusChange,
)
from leadqual.leads.models.intake import Import, ImportKind, ImportRow, ImportState, RowState
from leadqual.leads.models.people import Company, Lead, Outcome, Seniority, Status

__all__ = [
    "Activity",
    "ActivityType",
    "BantAnswer",
    "BantLetter",
    "BantValue",
    "Company",
    "ConsentBasis",
    "ConsentEvent",
    "CustomField",
    "FieldChange",
    "FieldType",
    "Import",
    "ImportKind",
    "ImportRow",
    "ImportState",
    "Inbox",
    "Intent",
    "Lead",
    "Outcome",
    "RowState",
    "Seniority",
    "Signature",
    "Status",
    "StatusChange",
    "Target",
    "Visitor",
    "VisitorTie",
]
