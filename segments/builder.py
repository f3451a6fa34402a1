"""A condition as rows of a form: all or any of rows, and of groups of rows, one level deep.

What is posted becomes rows, rows become a tree, and the first fault of the tree is told at the row that made it.
Trees that go deeper, or ask what no row can say, have no form: they are edited as JSON.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from segments.builder_rows import Row, row_from_post, row_from_tree

MOST_ROWS = 60
JOINS = ("all", "any")


@dataclass
class Group:
    """Rows of which all, or any, must hold."""

    match: str = "any"
    rows: list[Row] = field(default_factory=list)
    prefix: str = ""
    is_group: bool = True


@dataclass
class Builder:
    match: str = "all"
    parts: list[Row | Group] = field(default_factory=list)

    def tree(self, places: dict[str, Row] | None = None) -> dict[str, Any]:
        """`places` gets the path of each row's node, by which a fault is told at its row."""
        nodes: list[dict[str, Any]] = []
        for part in self.parts:
            here = f"{self.match}[{len(nodes)}]"
            if isinstance(part, Group):
                if part.rows:
                    nodes.append({part.match: [row.node() for row in part.rows]})
                    _place(places, part, f"{here}.{part.match}")
            else:
                nodes.append(part.node())
                if places is not None:
                    places[here] = part
        # An empty "any" would be nobody; a form without rows means everybody.
        return {self.match if nodes else "all": nodes}

    def fault(self, place: str, message: str) -> bool:
        """Tells the fault at the row whose node has this path; false when no row has."""
        places: dict[str, Row] = {}
        self.tree(places)
        for path, row in places.items():
            if place == path or place.startswith(f"{path}."):
                row.fault(place.removeprefix(path).removeprefix("."), message)
                return True
        return False

    def numbered(self) -> "Builder":
        """Names of the form's fields, by position."""
        for number, part in enumerate(self.parts):
            part.prefix = f"p{number}"
            if isinstance(part, Group):
                for inner, row in enumerate(part.rows):
                    row.prefix = f"p{number}r{inner}"
        return self

    def do(self, action: str) -> None:
        """`add:field`, `add:activity`, `add:segment`, `add:group`, `add:field:2`, `remove:2`, `remove:2:1`."""
        word, *rest = action.split(":")
        if word == "add" and rest:
            place = self._group(rest[1]) if len(rest) > 1 else None
            if rest[0] == "group" and place is None:
                self.parts.append(Group(rows=[Row("field")]))
            elif rest[0] in ("field", "activity", "segment"):
                (self.parts if place is None else place.rows).append(Row(rest[0]))
        elif word == "remove" and rest:
            rows: list[Any] = self.parts
            if len(rest) > 1:
                group = self._group(rest[0])
                rows = group.rows if group else []
            number = _number(rest[-1])
            if number < len(rows):
                del rows[number]

    def _group(self, text: str) -> Group | None:
        number = _number(text)
        part = self.parts[number] if number < len(self.parts) else None
        return part if isinstance(part, Group) else None


def _place(places: dict[str, Row] | None, group: Group, path: str) -> None:
    if places is not None:
        places.update({f"{path}[{number}]": row for number, row in enumerate(group.rows)})


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else MOST_ROWS


def _match(text: str | None, otherwise: str) -> str:
    return text if text in JOINS else otherwise


def from_post(data: Mapping[str, Any]) -> Builder:
    """What was typed, whatever it was; the tree that it makes is checked like any other."""
    builder = Builder(_match(data.get("match"), "all"))
    for number in range(min(MOST_ROWS, _number(data.get("parts", "0")))):
        prefix = f"p{number}"
        if data.get(f"{prefix}-kind") == "group":
            inner = min(MOST_ROWS, _number(data.get(f"{prefix}-rows", "0")))
            rows = [row_from_post(data, f"{prefix}r{each}") for each in range(inner)]
            builder.parts.append(Group(_match(data.get(f"{prefix}-match"), "any"), rows))
        else:
            builder.parts.append(row_from_post(data, prefix))
    return builder


def from_tree(tree: Any) -> Builder | None:
    """A stored tree as rows; None when it goes deeper than rows can say."""
    if not isinstance(tree, Mapping):
        return None
    match = next((word for word in JOINS if word in tree), None)
    if match is None:
        row = row_from_tree(tree)
        return None if row is None else Builder("all", [row])
    parts: list[Row | Group] = []
    for node in tree[match]:
        part = _group_from_tree(node) or row_from_tree(node)
        if part is None:
            return None
        parts.append(part)
    return Builder(match, parts)


def _group_from_tree(node: Any) -> Group | None:
    match = next((word for word in JOINS if word in node), None)
    if match is None or not node[match]:
        return None
    rows = [row_from_tree(inner) for inner in node[match]]
    return None if None in rows else Group(match, [row for row in rows if row is not None])
