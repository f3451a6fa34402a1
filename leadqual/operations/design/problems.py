"""What is wrong with a design file: every fault with its path and its line, gathered before anything is said."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from leadqual.common.errors import LeadqualError

Path = tuple[str | int, ...]

# The code of a fault that only repeats another one of the same file.
FOLLOWS = "follows"
STEP = re.compile(r"\[(\d+)\]|([^.\[\]]+)")


def path_text(path: Path) -> str:
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f".{step}" if text else step
    return text


def parse_place(place: str) -> Path:
    """`all[2].value`, as the owners of a part name a place, as a path."""
    return tuple(int(number) if number else name for number, name in STEP.findall(place))


@dataclass(frozen=True, slots=True)
class Problem:
    code: str
    message: str
    path: Path
    line: int

    def __str__(self) -> str:
        where = _("line %d") % self.line
        return f"{where}, {path_text(self.path)}: {self.message}" if self.path else f"{where}: {self.message}"


class DesignError(LeadqualError):
    """A design file that cannot be loaded, with everything that is wrong in it."""

    def __init__(self, problems: list[Problem], file: str = "") -> None:
        self.problems = sorted(problems, key=lambda problem: (problem.line, path_text(problem.path)))
        super().__init__("design_invalid", "\n".join(str(problem) for problem in self.problems), file)

    def __str__(self) -> str:
        lines = [str(problem) for problem in self.problems]
        if len(lines) == 1:
            return f"{self.place}: {lines[0]}" if self.place else lines[0]
        head = _("%d problems, nothing was changed") % len(lines)
        return "\n".join([f"{self.place}: {head}" if self.place else head, *(f"  {line}" for line in lines)])


@dataclass(slots=True)
class Problems:
    """Collects; knows the line of every path of the file it was made for."""

    lines: Mapping[Path, int]
    found: list[Problem] = field(default_factory=list)

    def add(self, code: str, path: Path, message: str) -> None:
        self.found.append(Problem(code, str(message), path, self.line(path)))

    def line(self, path: Path) -> int:
        """The line of the path or, where the file does not go so deep, of the nearest thing above it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def add_error(self, path: Path, error: LeadqualError) -> None:
        """A fault found by the owner of a part; its place is a path below ours."""
        if error.code != FOLLOWS:
            self.add_place(error.code, path, error.place, error.message)

    def add_place(self, code: str, path: Path, place: str, message: str) -> None:
        self.add(code, path + parse_place(place), message)

    def add_validation(self, path: Path, error: ValidationError, keys: Mapping[str, str]) -> None:
        """Faults found by a model; `keys` says under which key of the file a field stands."""
        if not hasattr(error, "error_dict"):
            for each in error.messages:
                self.add("invalid", path, each)
            return
        for name, messages in error.message_dict.items():
            place = path if name == NON_FIELD_ERRORS else (*path, keys.get(name, name))
            for message in messages:
                self.add("invalid", place, message)

    @contextmanager
    def gather(self, path: Path, keys: Mapping[str, str] | None = None) -> Iterator[None]:
        """Runs a change in a savepoint: a fault undoes it, is noted, and the next object is looked at."""
        try:
            with transaction.atomic():
                yield
        except LeadqualError as error:
            self.add_error(path, error)
        except ValidationError as error:
            self.add_validation(path, error, keys or {})

    def raise_if_any(self, file: str = "") -> None:
        if self.found:
            raise DesignError(self.found, file)
