import sqlite3
import sys
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.services import free_port, wait_until
from tests.workers import Program, environment, manage

LEADS = 300


@dataclass
class DemoSite:
    """An installation of its own with the demo market, its server and worker in one process."""

    folder: Path
    port: int = field(default_factory=free_port)
    program: Program | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def variables(self) -> dict[str, str]:
        return {
            "DATABASE_URL": f"sqlite:///{self.folder / 'site.sqlite3'}",
            "LEADQUAL_VAR": str(self.folder),
            "LEADQUAL_LANGUAGE": "ja",
        }

    def start(self) -> None:
        for command in (
            ("migrate", "--verbosity", "0"),
            ("seed_demo", "--leads", str(LEADS), "--language", "ja"),
        ):
            done = manage(*command, **self.variables())
            assert done.returncode == 0, done.stderr
        self.program = Program(
            [sys.executable, "manage.py", "up", "--port", str(self.port)],
            environment(**self.variables()),
            "up",
        )
        wait_until(self.healthy, 60, "the site to answer")

    def stop(self) -> None:
        if self.program is not None:
            self.program.remove()

    def healthy(self) -> bool:
        with urllib.request.urlopen(f"{self.address}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)

    @property
    def password(self) -> str:
        return (self.folder / "demo-password").read_text().strip()

    def rows(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        connection = sqlite3.connect(self.folder / "site.sqlite3", timeout=20)
        try:
            return connection.execute(sql, parameters).fetchall()
        finally:
            connection.close()
