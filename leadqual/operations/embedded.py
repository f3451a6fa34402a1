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
# `up` has said the address; what follows on the terminal is what somebody has to look at.
loglevel = "warning"
# Not asked of the page: a reload would leave the threads of the old process running.
preload_app = False
control_socket_disable = True


def post_worker_init(worker: Any) -> None:
    """In the new web process, when the application is loaded."""
    # A task that computes would otherwise hold up every page by 5 ms at each switch of threads.
    sys.setswitchinterval(0.0005)
    if settings.EMBEDDED:
        _background.start()
    _start_thread("watch", _watch, worker.ppid)


def worker_exit(server: Any, worker: Any) -> None:
    _background.stop()


# --- The threads -----------------------------------------------------------------------------------


def _start_thread(name: str, target: Any, *arguments: Any) -> threading.Thread:
    thread = threading.Thread(target=target, args=arguments, name=name, daemon=True)
    thread.start()
    return thread


def _watch(parent: int) -> None:
    """Ends this process when it is of no more use.

    An arbiter killed outright cannot stop its worker, which would keep the port for itself: go at once. That is
    safe, for messages are wake-ups, rows are the work, and each unit of work is a transaction. Pages without
    Celery's threads behind them would look well and do nothing: the arbiter is to begin again.
    """
    while True:
        time.sleep(0.5)
        if os.getppid() != parent:
            logger.error("the supervisor is gone, this process ends too")
            os._exit(1)
        if _background.broken():
            logger.error("the built-in worker or its clock ended, the process is started again")
            os.kill(os.getpid(), signal.SIGTERM)
            return


class Background:
    """Celery's worker (one task at a time) and beat, and their end."""

    STOP_WITHIN = 10.0

    def __init__(self) -> None:
        self.stopping = False
        self.threads: list[threading.Thread] = []
        self.beat: Any = None

    def start(self) -> None:
        app = current_app._get_current_object()
        self.beat = EmbeddedService(app, thread=True, scheduler_cls=settings.CELERY_BEAT_SCHEDULER)
        self.threads = [_start_thread("celery worker", self._work, app), self.beat]
        self.beat.start()

    @staticmethod
    def _work(app: Any) -> None:
        controller = WorkController(
            app=app, pool_cls="solo", concurrency=1,
            without_gossip=True, without_mingle=True, without_heartbeat=True,
        )  # fmt: skip
        logger.debug("the built-in worker starts")
        controller.start()

    def broken(self) -> bool:
        return not self.stopping and not all(thread.is_alive() for thread in self.threads)

    def stop(self) -> None:
        """Lets the task at hand end if it ends soon; what it leaves, the sweep finds."""
        self.stopping = True
        if self.threads:
            worker_state.should_stop = 0
            self.beat.service.stop()
            self.threads[0].join(self.STOP_WITHIN)


_background = Background()
