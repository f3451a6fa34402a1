from typing import Any


class Dated:
    """A loaded value that depends on the day, in the compared form.

    A class to inherit from, not a protocol: asking a protocol whether a value fits it takes longer than the comparison.
    """

    __slots__ = ()

    def at(self, day: int) -> Any:
        raise NotImplementedError

    def flips(self, day: int) -> int | None:
        """The first later day on which `at` can differ; None: never."""
        raise NotImplementedError
