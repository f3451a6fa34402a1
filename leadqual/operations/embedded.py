"""gunicorn's settings for `manage.py up`: one web worker process, with Celery's worker and beat as threads in it.

The arbiter supervises: a worker process that dies is started again, and the sweep redoes what it was at.
"""

import logging
import os
import signal
import sys
import threading
import time
from typing import Any

from celery import current_app
from celery.beat import EmbeddedService
from celery.worker import WorkController
from celery.worker import state as worker_state
from django.conf import settings

logger = logging.getLogger(__name__)

# --- Read by gunicorn ------------------------------------------------------------------------------

workers = 1
worker_class = "gthread"
threads = 8
timeout = 60
graceful_timeout = 15
keepalive = 5
# Not asked of the page: a reload would leave the threads of the old process running.
preload_app = False
control_socket_disable = True


def post_worker_init(worker: Any) -> None:
    """In the new web process, when the application is loaded."""
    # A task that computes would otherwise hold up every page by 5 ms at each switch of threads.
    sys.setswitchinterval(0.0005)
    _start_thread("orphan watch", _exit_without_parent, os.getppid())
    if settings.EMBEDDED:
        _background.start()


def worker_exit(server: Any, worker: Any) -> None:
    _background.stop()


# --- The threads -----------------------------------------------------------------------------------


def _start_thread(name: str, target: Any, *arguments: Any) -> threading.Thread:
    thread = threading.Thread(target=target, args=arguments, name=name, daemon=True)
    thread.start()
    return thread


def _exit_without_parent(parent: int) -> None:
    """An arbiter killed outright cannot stop its worker, which would keep the port for itself.

    Going at once is safe: messages are wake-ups, rows are the work, and each unit of work is a transaction.
    """
    while os.getppid() == parent:
        time.sleep(0.5)
    logger.error("the supervisor is gone, this process ends too")
    os._exit(1)


class Background:
    """Celery's worker (one task at a time) and beat, and their end."""

    STOP_WITHIN = 10.0

    def __init__(self) -> None:
        self.stopping = False
        self.worker: threading.Thread | None = None
        self.beat: Any = None

    def start(self) -> None:
        self.worker = _start_thread("celery worker", self._work)
        self.beat = EmbeddedService(
            current_app._get_current_object(), thread=True, scheduler_cls=settings.CELERY_BEAT_SCHEDULER
        )
        self.beat.start()

    def _work(self) -> None:
        controller = WorkController(
            app=current_app._get_current_object(), pool_cls="solo", concurrency=1,
            without_gossip=True, without_mingle=True, without_heartbeat=True,
        )  # fmt: skip
        try:
            logger.info("the built-in worker starts")
            controller.start()
        finally:
            if not self.stopping:
                # Pages without a worker would look well and do nothing: the arbiter begins again.
                logger.error("the built-in worker ended, the process is started again")
                os.kill(os.getpid(), signal.SIGTERM)

    def stop(self) -> None:
        """Lets the task at hand end if it ends soon; what it leaves, the sweep finds."""
        self.stopping = True
        if self.worker is None or not self.worker.is_alive():
            return
        worker_state.should_stop = 0
        deadline = time.monotonic() + self.STOP_WITHIN
        if self.beat is not None:
            self.beat.service.stop()
        self.worker.join(max(0.0, deadline - time.monotonic()))


_background = Background()
