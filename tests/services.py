"""Real servers for the tests: PostgreSQL, Redis and RabbitMQ on free ports, in folders of their own.

Servers that nothing kills may be given (TEST_POSTGRES_URL, TEST_REDIS_URL, TEST_AMQP_URL); the others are
started from the installed binaries. None of them keeps anything past the run.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import psycopg
import redis

HOW_TO_INSTALL = {
    "postgresql": "apt-get install postgresql",
    "redis": "apt-get install redis-server",
    "rabbitmq": "apt-get install rabbitmq-server",
    "chromium": "apt-get install chromium fonts-ipaexfont-gothic",
}
BINARIES = {
    "postgresql": "postgres",
    "redis": "redis-server",
    "rabbitmq": "rabbitmq-server",
    "chromium": "chromium",
}
GIVEN = {"postgresql": "TEST_POSTGRES_URL", "redis": "TEST_REDIS_URL", "rabbitmq": "TEST_AMQP_URL"}


class ServerEnded(Exception):
    pass


class ServiceMissing(Exception):
    def __init__(self, service: str) -> None:
        super().__init__(f"{service} is not installed: {HOW_TO_INSTALL[service]}")
        self.service = service


def find_binary(service: str) -> Path:
    """Where the server's binary lies; Debian keeps PostgreSQL's and RabbitMQ's off PATH."""
    name = BINARIES[service]
    if service == "postgresql":
        places = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda p: -int(p.parts[4]))
    elif service == "rabbitmq":
        # The one on PATH is a wrapper that insists on the system's own user and folders.
        places = [Path("/usr/lib/rabbitmq/bin/rabbitmq-server")]
    else:
        places = []
    for place in places:
        if os.access(place, os.X_OK):
            return place
    found = shutil.which(name)
    if found is None:
        raise ServiceMissing(service)
    return Path(found)


def missing_services(services: tuple[str, ...] = tuple(BINARIES)) -> list[str]:
    missing = []
    for service in services:
        try:
            find_binary(service)
        except ServiceMissing:
            missing.append(service)
    return missing


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def unprivileged_user() -> str | None:
    """PostgreSQL refuses to run as root; None when this process is not root and can be itself."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise RuntimeError("running as root and there is neither a user postgres nor a user nobody")


def wait_until(answers: Callable[[], Any], seconds: float, what: str) -> None:
    """Asks until the answer is true; errors count as no."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            if answers():
                return
            last: object = "answered no"
        except ServerEnded:
            raise
        except Exception as error:
            last = error
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} not within {seconds:.0f} s: {last}")
        time.sleep(0.05)


class Server:
    """One private server. `kill` is SIGKILL of all its processes at once; `start` brings the same data back."""

    service = ""

    def __init__(self) -> None:
        self.binary = find_binary(self.service)
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix=f"leadqual-{self.service}-"))
        self.user = None
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        raise NotImplementedError

    def command(self) -> list[str]:
        raise NotImplementedError

    def answers(self) -> bool:
        raise NotImplementedError

    def environment(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "LC_ALL": "C", "HOME": str(self.folder)}

    def run_as(self) -> dict[str, Any]:
        return (
            {"user": self.user, "group": pwd.getpwnam(self.user).pw_gid, "extra_groups": []}
            if self.user
            else {}
        )

    def start(self) -> None:
        log = (self.folder / "server.log").open("ab")
        self.process = subprocess.Popen(
            self.command(), env=self.environment(), cwd=self.folder, stdin=subprocess.DEVNULL,
            stdout=log, stderr=log, start_new_session=True, **self.run_as(),
        )  # fmt: skip
        try:
            wait_until(self.answers_and_lives, 60, f"{self.service} on port {self.port}")
        except (TimeoutError, ServerEnded) as error:
            tail = (self.folder / "server.log").read_text(errors="replace")[-2000:]
            self.remove()
            raise RuntimeError(f"{error}\n{tail}") from error

    def answers_and_lives(self) -> bool:
        if self.process is None or self.process.poll() is not None:
            raise ServerEnded(f"{self.service} ended at its start")
        return self.answers()

    def processes(self) -> list[psutil.Process]:
        if self.process is None:
            return []
        try:
            head = psutil.Process(self.process.pid)
            return [head, *head.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def kill(self) -> None:
        doomed = self.processes()
        for process in doomed:
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        psutil.wait_procs(doomed, timeout=20)
        if self.process is not None:
            self.process.wait(20)
            self.process = None

    def restart(self) -> None:
        self.kill()
        self.start()

    def remove(self) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


class PostgresServer(Server):
    """`durable` keeps fsync on, for tests that kill the server and look for what was committed."""

    service = "postgresql"

    def __init__(self, *, durable: bool = False) -> None:
        super().__init__()
        self.durable = durable
        self.user = unprivileged_user()
        self.data = self.folder / "data"
        if self.user:
            shutil.chown(self.folder, self.user)
        self.initialise()

    def initialise(self) -> None:
        arguments = ["-D", str(self.data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"]
        for locale in ("C.UTF-8", "C"):
            done = subprocess.run(
                [self.binary.with_name("initdb"), *arguments, "--locale", locale], env=self.environment(),
                cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, **self.run_as(),
            )  # fmt: skip
            if done.returncode == 0:
                return
        shutil.rmtree(self.folder, ignore_errors=True)
        raise RuntimeError(f"initdb failed: {done.stderr}")

    @property
    def url(self) -> str:
        return self.database_url("postgres")

    def database_url(self, name: str) -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/{name}"

    def command(self) -> list[str]:
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "shared_buffers": "128MB",
            "max_connections": "100",
            "max_wal_size": "2GB",
            "timezone": "UTC",
        }
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        return [str(self.binary), "-D", str(self.data), "-p", str(self.port), *options]

    def answers(self) -> bool:
        with psycopg.connect(self.url, connect_timeout=2) as connection:
            return connection.execute("SELECT 1").fetchone() == (1,)

    def stop_at_once(self) -> None:
        """The immediate shutdown: every backend drops what it does, and the next start recovers from the log."""
        assert self.process is not None
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(20)
        self.process = None

    def create_database(self, name: str) -> str:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return self.database_url(name)


class RedisServer(Server):
    """Keeps its data in memory only: a kill loses every message, which is what the tests want to see."""

    service = "redis"

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> list[str]:
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        return [str(self.binary), *options, "--dir", str(self.folder)]

    def client(self) -> redis.Redis:
        return redis.Redis(port=self.port, socket_connect_timeout=2)

    def answers(self) -> bool:
        return bool(self.client().ping())

    def flush(self) -> None:
        self.client().flushall()


class RabbitServer(Server):
    """A node with its own name server, cookie and folders beside any RabbitMQ of the system."""

    service = "rabbitmq"

    def __init__(self) -> None:
        super().__init__()
        self.names_port, self.nodes_port = free_port(), free_port()
        (self.folder / "enabled_plugins").write_text("[].\n")
        (self.folder / "rabbitmq.conf").write_text(
            f"listeners.tcp.1 = 127.0.0.1:{self.port}\n"
            "vm_memory_high_watermark.relative = 0.9\n"
            "disk_free_limit.absolute = 1MB\n"
        )

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}//"

    def environment(self) -> dict[str, str]:
        return super().environment() | {
            "RABBITMQ_NODENAME": f"leadqual{self.port}@localhost",
            "RABBITMQ_DIST_PORT": str(self.nodes_port),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "enabled_plugins"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
            "RABBITMQ_CONF_ENV_FILE": str(self.folder / "none"),
            "RABBITMQ_PID_FILE": str(self.folder / "pid"),
            "ERL_EPMD_PORT": str(self.names_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
        }

    def command(self) -> list[str]:
        return [str(self.binary)]

    def answers(self) -> bool:
        with socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
            connection.sendall(b"AMQP\x00\x00\x09\x01")
            return connection.recv(1) == b"\x01"

    def kill(self) -> None:
        super().kill()
        # The name server is a daemon of its own, known by the port only we gave it.
        for process in psutil.process_iter(["name"]):
            try:
                if process.info["name"] == "epmd" and process.environ().get("ERL_EPMD_PORT") == str(
                    self.names_port
                ):
                    process.kill()
            except psutil.Error:
                continue
