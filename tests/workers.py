"""Other processes of the product: commands and real Celery workers against a given database and broker."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil

from tests.services import wait_until

PROJECT = Path(__file__).resolve().parent.parent
# What a shell may have set and a child must not inherit.
OURS = ("LEADQUAL_", "CELERY_", "DATABASE_URL", "SECRET_KEY", "DJANGO_", "EMAIL_URL", "ALLOWED_HOSTS")


def database_url(settings: Mapping[str, Any]) -> str:
    """The URL of a database of DATABASES, for a child that is to see the rows of this test."""
    if settings["ENGINE"].endswith("sqlite3"):
        return f"sqlite:///{settings['NAME']}"
    password = f":{settings['PASSWORD']}" if settings["PASSWORD"] else ""
    return (
        f"postgres://{settings['USER']}{password}@{settings['HOST'] or '127.0.0.1'}"
        f":{settings['PORT'] or 5432}/{settings['NAME']}"
    )


def environment(**given: str) -> dict[str, str]:
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(OURS)}
    ours = {"DJANGO_SETTINGS_MODULE": "leadqual.settings", "LEADQUAL_LANGUAGE": "en", "PYTHONUNBUFFERED": "1"}
    return inherited | ours | given


def manage(*arguments: str, **given: str) -> subprocess.CompletedProcess[str]:
    """`manage.py ARGUMENTS` in a process of its own; environment variables as keywords."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=PROJECT, env=environment(**given),
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300,
    )  # fmt: skip


class Program:
    """A running child that writes into a log and that the test may kill."""

    def __init__(self, command: list[str], env: dict[str, str], name: str) -> None:
        handle, path = tempfile.mkstemp(prefix=f"leadqual-{name}-", suffix=".log")
        self.log = Path(path)
        self.process = subprocess.Popen(
            command, cwd=PROJECT, env=env, stdin=subprocess.DEVNULL, stdout=handle, stderr=handle,
            start_new_session=True,
        )  # fmt: skip
        os.close(handle)

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def wait_for(self, text: str, seconds: float = 60) -> None:
        try:
            wait_until(lambda: text in self.output() or not self.alive, seconds, f"“{text}” in the log")
        except TimeoutError as error:
            raise TimeoutError(f"{error}\n{self.output()[-3000:]}") from error
        if text not in self.output():
            raise RuntimeError(f"ended before “{text}”:\n{self.output()[-3000:]}")

    def family(self) -> list[psutil.Process]:
        try:
            head = psutil.Process(self.pid)
            return [head, *head.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def kill(self) -> None:
        """SIGKILL of the process and all it started, as when a machine dies."""
        for process in self.family():
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        self.process.wait(20)

    def remove(self) -> None:
        self.kill()
        self.log.unlink(missing_ok=True)


class Worker(Program):
    """A Celery worker. With the pool `solo` one process does everything, so a kill hits the task itself."""

    def __init__(
        self,
        *,
        database: str,
        broker: str,
        queues: str = "high,celery",
        pool: str = "solo",
        include: str = "",
        **given: str,
    ) -> None:
        command = [
            sys.executable, "-m", "celery", "-A", "leadqual", "worker", "--pool", pool, "--concurrency", "1",
            "--queues", queues, "--without-gossip", "--without-mingle", "--loglevel", "INFO",
            "--hostname", f"{os.urandom(6).hex()}@%h", *(["--include", include] if include else []),
        ]  # fmt: skip
        super().__init__(
            command, environment(DATABASE_URL=database, CELERY_BROKER_URL=broker, **given), "worker"
        )

    def wait_ready(self, seconds: float = 60) -> None:
        self.wait_for(" ready.", seconds)
