"""Condition trees as they stand in the file: segments by name; in the database: by number."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from leadqual.common.errors import LeadqualError
from leadqual.operations.design.context import Context
from leadqual.operations.design.problems import FOLLOWS, Path, parse_place, path_text
from segments.conditions import parse, to_json

LISTS = ("all", "any")
SECTION = "segments"


def read_tree(tree: dict[str, Any], context: Context, place: str) -> dict[str, Any]:
    """The tree as it is stored; LeadqualError names the faulty node, with its path after `place`."""
    for name, path in _asked(tree, parse_place(place)):
        if not isinstance(name, str):
            # A number is no name: 7 is another segment on every site.
            raise LeadqualError("not_a_name", _("a segment is asked by its name"), path_text(path))
        if (SECTION, name) in context.broken:
            raise LeadqualError(FOLLOWS, _("there is no segment “%s”") % name, path_text(path))
    return to_json(parse(tree, place=place))


def segment_names(tree: Any) -> set[str]:
    """The segments that a tree of the file asks."""
    return {name for name, _path in _asked(tree, ()) if isinstance(name, str)}


def with_names(tree: Any, names: dict[int, str]) -> Any:
    """A stored tree as the file has it."""
    if not isinstance(tree, dict):
        return tree
    named = dict(tree)
    if "segment" in tree:
        named["segment"] = names[tree["segment"]]
    for key in LISTS:
        if key in tree:
            named[key] = [with_names(child, names) for child in tree[key]]
    if "not" in tree:
        named["not"] = with_names(tree["not"], names)
    return named


def _asked(node: Any, path: Path) -> Iterator[tuple[Any, Path]]:
    """What stands in a `where` is an attribute, even if it is called segment."""
    if not isinstance(node, dict):
        return
    if "segment" in node:
        yield node["segment"], (*path, "segment")
    for key in LISTS:
        if isinstance(node.get(key), list):
            for index, child in enumerate(node[key]):
                yield from _asked(child, (*path, key, index))
    if "not" in node:
        yield from _asked(node["not"], (*path, "not"))
