"""A broker that is gone when a message is acknowledged must not leave its place taken."""

import pytest
from celery import Celery
from kombu import Connection
from kombu.transport.redis import Channel as TheirChannel

from leadqual.common.redis_broker import Transport
from tests import marks
from tests.services import RedisServer

pytestmark = marks.once
PATH = "leadqual.common.redis_broker:Transport"


@pytest.mark.parametrize("answer", ["ack", "reject"])
def test_a_message_that_redis_does_not_hear_of_frees_its_place(
    private_redis: RedisServer, answer: str
) -> None:
    with Connection(private_redis.url, transport=PATH) as connection:
        queue = connection.SimpleQueue("work")
        queue.put("something")
        channel = queue.channel
        channel.basic_qos(0, 1, False)
        message = queue.get(timeout=5)
        assert not channel.qos.can_consume()
        private_redis.kill()
        with pytest.raises(connection.connection_errors):
            getattr(message, answer)()
        assert channel.qos.can_consume()
        private_redis.start()


def test_settings_choose_it_for_redis_and_nothing_else_changes() -> None:
    app = Celery(broker="redis://127.0.0.1:1/0", set_as_current=False)
    app.conf.broker_transport = PATH
    made = app.connection().transport
    assert isinstance(made, Transport)
    assert made.driver_type == "redis"
    assert issubclass(made.Channel, TheirChannel)
