"""What Celery must be told about each kind of broker."""

from pathlib import Path
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


def shared_cache(address: str, folder: Path, *, shared: bool) -> dict[str, dict[str, str]]:
    """Where attempts to sign in are counted: in one place for all processes, with the broker or in a folder."""
    if not shared:
        return {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    if address.startswith(("redis://", "rediss://")):
        return {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": address}}
    return {
        "default": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": str(folder)}
    }
