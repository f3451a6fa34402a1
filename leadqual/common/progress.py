"""How far long work has come, told to whoever waits at a terminal."""

import sys
from collections.abc import Callable
from typing import Any

# step, done, total (0 where it is not known)
Progress = Callable[[str, int, int], None]

WIDTH = 30


class ProgressBar:
    """A `Progress` that redraws one line on a terminal, and elsewhere writes one line per finished step."""

    def __init__(self, stream: Any = None) -> None:
        # What a command calls its stderr ends every text with a new line; the stream it wraps does not.
        self.stream = getattr(stream, "_out", stream) or sys.stderr
        self.interactive = self.stream.isatty()
        self.step = ""

    def __call__(self, step: str, done: int, total: int) -> None:
        finished = 0 < total <= done
        if self.interactive:
            if self.step not in ("", step):
                self.stream.write("\n")
            self.stream.write(
                f"\r{step} {self._bar(done, total)} {done}/{total}" if total else f"\r{step} {done}"
            )
            if finished:
                self.stream.write("\n")
        elif finished:
            self.stream.write(f"{step} {done}/{total}\n")
        self.step = "" if finished else step
        self.stream.flush()

    def close(self) -> None:
        """Ends the line of a step whose total was not known."""
        if self.interactive and self.step:
            self.stream.write("\n")
        self.step = ""

    def _bar(self, done: int, total: int) -> str:
        full = WIDTH if total <= 0 else min(WIDTH, WIDTH * done // total)
        return "[" + "#" * full + "." * (WIDTH - full) + "]"
