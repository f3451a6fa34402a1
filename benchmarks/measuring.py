"""CPU seconds of this process and of its database backend.

A backend of PostgreSQL is a process of its own: its account is read from /proc, in nanoseconds where the kernel keeps
them. Parallel workers are switched off for the benchmark's database, so nothing escapes.
"""

import gc
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import connection

TICK = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Measured:
    cpu: float = 0.0
    backend: float = 0.0
    wall: float = 0.0
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def total(self) -> float:
        return self.cpu + self.backend


def backend_pid() -> int | None:
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def backend_cpu(pid: int | None) -> float:
    if pid is None:
        return 0.0
    nanoseconds = int(Path(f"/proc/{pid}/schedstat").read_text().split()[0])
    if nanoseconds:
        return nanoseconds / 1e9
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def measure(work: Callable[[], Any]) -> Measured:
    """A `work` that returns a Measured has measured other processes itself; a dict is kept as what else is to tell."""
    pid = backend_pid()
    gc.collect()
    backend, cpu, wall = backend_cpu(pid), time.process_time(), time.perf_counter()
    answer = work()
    measured = Measured(time.process_time() - cpu, backend_cpu(pid) - backend, time.perf_counter() - wall)
    if isinstance(answer, Measured):
        answer.wall = measured.wall
        return answer
    measured.extra = answer if isinstance(answer, dict) else {}
    return measured
