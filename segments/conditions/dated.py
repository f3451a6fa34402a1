from typing import Any, Protocol, runtime_checkable


@runtime_checkable
class Dated(Protocol):
    """A loaded value that depends on the day, in the compared form."""

    def at(self, day: int) -> Any: ...

    def flips(self, day: int) -> int | None:
        """The first later day on which `at` can differ; None: never."""
