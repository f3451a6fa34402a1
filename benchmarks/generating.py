"""The base: an empty database brought up to date, and a market in it."""

import time

from django.core.management import call_command

from benchmarks.acts import write_acts
from benchmarks.market import write_market
from benchmarks.writing import reset_sequences, settle
from leadqual.common import clock


def generate(leads: int) -> None:
    began = time.monotonic()
    call_command("migrate", verbosity=0)
    clock.zone()  # asked now: during a COPY the connection is taken
    write_market(leads)
    print(f"{leads:,} leads written after {time.monotonic() - began:.0f} s", flush=True)
    write_acts(leads)
    reset_sequences()
    settle()
    print(f"{leads * 10:,} acts written after {time.monotonic() - began:.0f} s", flush=True)
