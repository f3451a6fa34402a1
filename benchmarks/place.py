"""Where the benchmark's data live: a base that is generated once per scale, and a copy of it for every run."""

import os
import shutil
import sqlite3
from hashlib import blake2b
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
FOLDER = Path(os.environ.get("BENCH_FOLDER", ROOT / "var" / "bench"))
SERVER = os.environ.get("BENCH_POSTGRES_URL", "postgres://postgres@127.0.0.1:5432")
LEADS = {"1k": 1_000, "10k": 10_000, "100k": 100_000, "1m": 1_000_000}


class SqlitePlace:
    vendor = "sqlite"

    def __init__(self, scale: str) -> None:
        FOLDER.mkdir(parents=True, exist_ok=True)
        self.base = FOLDER / f"{scale}-base.sqlite3"
        self.work = FOLDER / f"{scale}.sqlite3"
        self.mark = FOLDER / f"{scale}-base.mark"

    def use_base(self) -> str:
        _remove(self.base)
        self.mark.unlink(missing_ok=True)
        return f"sqlite:///{self.base}"

    def base_is(self, mark: str) -> bool:
        return self.mark.exists() and self.mark.read_text() == mark

    def finish_base(self, mark: str) -> None:
        with sqlite3.connect(self.base) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.mark.write_text(mark)

    def use_work(self) -> str:
        return f"sqlite:///{self.work}"

    def use_copy(self) -> str:
        _remove(self.work)
        shutil.copyfile(self.base, self.work)
        return f"sqlite:///{self.work}"


class PostgresPlace:
    vendor = "postgresql"

    def __init__(self, scale: str) -> None:
        self.base = f"leadqual_bench_{scale}_base"
        self.work = f"leadqual_bench_{scale}"

    def use_base(self) -> str:
        self._admin(f'DROP DATABASE IF EXISTS "{self.base}"', f'CREATE DATABASE "{self.base}"')
        return f"{SERVER}/{self.base}"

    def base_is(self, mark: str) -> bool:
        rows = self._admin(
            f"SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '{self.base}'"
        )
        return rows == [(mark,)]

    def finish_base(self, mark: str) -> None:
        self._admin(f"COMMENT ON DATABASE \"{self.base}\" IS '{mark}'")

    def use_work(self) -> str:
        return f"{SERVER}/{self.work}"

    def use_copy(self) -> str:
        """Parallel workers are switched off: what they use is not in the backend's account."""
        self._admin(
            f'DROP DATABASE IF EXISTS "{self.work}" WITH (FORCE)',
            f'CREATE DATABASE "{self.work}" TEMPLATE "{self.base}" STRATEGY file_copy',
            f'ALTER DATABASE "{self.work}" SET max_parallel_workers_per_gather = 0',
            f'ALTER DATABASE "{self.work}" SET max_parallel_maintenance_workers = 0',
        )
        return f"{SERVER}/{self.work}"

    @staticmethod
    def _admin(*statements: str) -> list[tuple[str]]:
        import psycopg  # noqa: PLC0415 - SQLite needs no driver

        rows: list[tuple[str]] = []
        url = urlsplit(SERVER)
        with psycopg.connect(
            host=url.hostname, port=url.port, user=url.username, password=url.password, dbname="postgres",
            autocommit=True,
        ) as connection:  # fmt: skip
            for statement in statements:
                answer = connection.execute(statement.encode())
                rows = answer.fetchall() if answer.description else []
        return rows


def place(db: str, scale: str) -> SqlitePlace | PostgresPlace:
    return SqlitePlace(scale) if db == "sqlite" else PostgresPlace(scale)


def fingerprint() -> str:
    """Changes with the generator and with every migration: then the base is made anew."""
    digest = blake2b(digest_size=12)
    files = [ROOT / "benchmarks" / name for name in ("market.py", "acts.py", "writing.py")]
    files += sorted(
        path
        for folder in ("leadqual", "segments", "handoff")
        for path in (ROOT / folder).rglob("migrations/0*.py")
    )
    for path in files:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
