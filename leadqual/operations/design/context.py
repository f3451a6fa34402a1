from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from leadqual.operations.design.problems import Path, Problems


@dataclass(slots=True)
class Context:
    """One loading: the moment, the problems so far, and which objects of the file came to nothing.

    `segments_changed` (by number) and `types_changed` (intent, or whether they are acts of the person) are what this
    loading changed of things that published models have frozen.
    """

    now: datetime
    problems: Problems
    broken: set[tuple[str, str]] = field(default_factory=set)
    segments_changed: set[int] = field(default_factory=set)
    types_changed: set[str] = field(default_factory=set)

    def refer(self, section: str, name: str, found: dict[str, Any], path: Path, message: str) -> Any:
        """The object another one names; missing is noted, unless its own fault in this file is noted already."""
        if name in found:
            return found[name]
        if (section, name) not in self.broken:
            self.problems.add("unknown_name", path, message % name)
        return None
