"""Patterns that people write: `*` is any text, `?` one character, everything else is itself.

The only reader of patterns in the product. Time grows with the length of the text, whatever the pattern: what one
`*` has passed over is never tried again (`^/(a+)+$` as a regular expression took 25 s).
"""

import re
from collections.abc import Callable
from functools import lru_cache

MAX_GLOB = 200


@lru_cache(maxsize=4096)
def compile_glob(pattern: str) -> Callable[[str], bool]:
    """A test of the whole text, case included: fold both sides first where case should not matter."""
    first, *rest = [_piece(piece) for piece in re.split(r"\*+", pattern)]
    if not rest:
        expression = first
    else:
        # A piece has a fixed length, so its leftmost place is as good as any later one: atomic groups are exact.
        middle = "".join(f"(?>.*?{piece})" for piece in rest[:-1])
        expression = f"{first}{middle}.*{rest[-1]}"
    match = re.compile(expression, re.DOTALL).fullmatch
    return lambda text: match(text) is not None


def _piece(text: str) -> str:
    return "".join("." if char == "?" else re.escape(char) for char in text)


def as_like(pattern: str) -> str:
    """The pattern for PostgreSQL's LIKE."""
    return "".join(_LIKE.get(char, char) for char in pattern)


def as_sqlite_glob(pattern: str) -> str:
    """The pattern for SQLite's GLOB, where only brackets mean more than here."""
    return pattern.replace("[", "[[]")


_LIKE = {"*": "%", "?": "_", "%": r"\%", "_": r"\_", "\\": r"\\"}
