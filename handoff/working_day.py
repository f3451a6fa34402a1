from datetime import datetime

from leadqual.common import clock
from leadqual.scoring.as_of import state_day


def working_day(now: datetime, day: int | None = None) -> int:
    """The day as told, else the one at which the scores stand: today, or where a worked-on past stands."""
    if day is not None:
        return day
    standing = state_day(now)
    return clock.day_of(now) if standing is None else standing
