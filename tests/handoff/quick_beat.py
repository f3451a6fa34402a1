"""The product's schedule with a shorter sweep, so that a test need not wait for half a minute."""

import os

from leadqual.celery import app
from leadqual.schedule import beat_schedule

app.conf.beat_schedule = beat_schedule(float(os.environ["SWEEP"]))
