"""What runs when. Cadences that people edit are rows; this is the rest."""

from typing import Any

from celery.schedules import crontab

SWEEP_EMBEDDED = 2.0
SWEEP_PRODUCTION = 30.0
HIGH_QUEUE = "high"

_TASKS = "leadqual.operations.tasks."
_DESK = "leadqual.desk.tasks."

# What a person waits for goes past the bulk work.
ROUTES = {
    _TASKS + "assign_hot_leads": {"queue": HIGH_QUEUE},
    _TASKS + "move_offers_on": {"queue": HIGH_QUEUE},
    _TASKS + "send_messages": {"queue": HIGH_QUEUE},
}


def _every(task: str, seconds: float, tasks: str = _TASKS) -> dict[str, Any]:
    """A message older than its interval is void: the next one does the same work."""
    return {"task": tasks + task, "schedule": seconds, "options": {"expires": seconds}}


def beat_schedule(sweep: float) -> dict[str, dict[str, Any]]:
    """`sweep` is how many seconds a row may lie when the message that should wake its worker was lost.

    The two jobs of the night are offered every hour and take a slot row for the day, so that a night
    spent switched off is made up for in the morning and two beats do no harm.
    """
    return {
        "drain the inbox": _every("drain_inbox", sweep),
        "send messages": _every("send_messages", sweep),
        "assign hot leads": _every("assign_hot_leads", max(sweep, 10)),
        "move offers on": _every("move_offers_on", 60),
        "ask what became of leads": _every("ask_what_became", 1800),
        "resume publishing": _every("resume_publishing", 60),
        "write exports": _every("write_exports", 60, _DESK),
        "import uploads": _every("import_uploads", 60, _DESK),
        "check what is undecided": _every("check_undecided", 900),
        "daily run": {
            "task": _TASKS + "daily",
            "schedule": crontab(minute="5"),
            "options": {"expires": 3000},
        },
        "refresh segments": {
            "task": _TASKS + "refresh_segments",
            "schedule": crontab(minute="35"),
            "options": {"expires": 3000},
        },
    }
