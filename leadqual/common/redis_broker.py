"""The Redis transport with one hole closed: a message that cannot be acknowledged still frees its place.

Kombu takes a message off its list only after Redis has heard of it. When Redis dies while the last task of a worker
that takes one message at a time is running, the list stays full, so the worker asks for nothing more, never notices
that its connection is gone, and waits for good. Here it asks again, meets the error and connects anew; the message
comes a second time when its time-out is over, which every task survives.
"""

from typing import Any

from kombu.transport import redis, virtual


class QoS(redis.QoS):
    def ack(self, delivery_tag: Any) -> None:
        try:
            super().ack(delivery_tag)
        except BaseException:
            virtual.QoS.ack(self, delivery_tag)
            raise

    def reject(self, delivery_tag: Any, requeue: bool = False) -> None:
        try:
            super().reject(delivery_tag, requeue=requeue)
        except BaseException:
            virtual.QoS.ack(self, delivery_tag)
            raise


class Channel(redis.Channel):
    QoS = QoS


class Transport(redis.Transport):
    Channel = Channel
