"""What Celery must be told about each kind of broker."""

from typing import Any


def transport_options(address: str) -> dict[str, Any]:
    if address.startswith("memory://"):
        return {"polling_interval": 0.1}
    if address.startswith(("redis://", "rediss://", "sentinel://")):
        return {
            # Above the longest task (120 s); a lost worker's messages come back after this time.
            "visibility_timeout": 900,
            "unacked_restore_interval": 10,
            "unacked_restore_throttle": 1,
            "socket_connect_timeout": 3,
            "socket_timeout": 30,
            "socket_keepalive": True,
            "retry_on_timeout": True,
        }
    return {}
