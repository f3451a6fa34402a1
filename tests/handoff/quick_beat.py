"""The product's schedule with a shorter sweep, so that a test need not wait for half a minute."""

import os

from leadqual.celery import app
from leadqual.schedule import beat_schedule

SWEEP = float(os.environ["SWEEP"])
schedule = beat_schedule(SWEEP)
# The product assigns every ten seconds at most.
assigning = schedule["assign hot leads"]
schedule["assign hot leads"] = assigning | {"schedule": SWEEP, "options": {"expires": SWEEP}}
app.conf.beat_schedule = schedule
