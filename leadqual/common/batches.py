from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def batches(things: Iterable[T], size: int = 1000) -> Iterator[list[T]]:
    """The things in lists of at most `size`, in order: what one statement may name on either database."""
    iterator = iter(things)
    while batch := list(islice(iterator, size)):
        yield batch
