"""Messages that wake a worker at once. Each may be lost: the rows are the work, and a sweep finds them later."""

import logging
from threading import Lock, Timer
from typing import Any

from celery import Task
from django.db import transaction
from kombu.exceptions import KombuError, OperationalError

from leadqual.operations import tasks

logger = logging.getLogger(__name__)

# A burst of events is one message: the task takes all there is.
GATHER = 0.05
EXPIRES = 60


class Wakeup:
    """Sends one message for all calls within a moment, from a thread, so that no page waits for the broker."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.lock = Lock()
        self.waiting = False

    def after_commit(self, **_signal: Any) -> None:
        transaction.on_commit(self.soon)

    def soon(self) -> None:
        with self.lock:
            if self.waiting:
                return
            self.waiting = True
        timer = Timer(GATHER, self._send)
        timer.daemon = True
        timer.start()

    def _send(self) -> None:
        # Before sending: who comes now cannot know whether the task has looked already, and sends anew.
        with self.lock:
            self.waiting = False
        try:
            self.task.apply_async(expires=EXPIRES)
        except (KombuError, OperationalError, OSError):
            logger.warning("no broker took the message for %s, a sweep will do it", self.task.name)


drain = Wakeup(tasks.drain_inbox)
assign = Wakeup(tasks.assign_hot_leads)
send = Wakeup(tasks.send_messages)
place = Wakeup(tasks.place_leads)
