"""A YAML file as plain values that know their lines.

Built from the safe parser's events, not from its objects: so size, depth and number of nodes are bounded before
anything is made, a key that stands twice is found, and `yes`, `on` or `8:30` stay the words they are (YAML 1.2).
"""

import re
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

import yaml
from django.utils.translation import gettext as _

from leadqual.common.errors import LeadqualError
from leadqual.operations.design.problems import DesignError, Path, Problem

MOST_BYTES = 1 << 20
MOST_LEVELS = 100
MOST_NODES = 100_000
MOST_DIGITS = 18

PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]*)\Z")
FRACTION = re.compile(r"[-+]?[0-9]+\.[0-9]*(?:[eE][-+][0-9]+)?\Z")
# Neither database stores these, whatever the escapes of YAML can spell.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}


@dataclass(slots=True)
class Document:
    value: Any
    lines: dict[Path, int]


def read_file(path: str) -> Document:
    file = FilePath(path)
    try:
        if file.stat().st_size > MOST_BYTES:
            raise LeadqualError("too_large", _("the file is larger than %d bytes") % MOST_BYTES, path)
        raw = file.read_bytes()
    except FileNotFoundError as error:
        raise LeadqualError("no_file", _("there is no such file"), path) from error
    except OSError as error:
        raise LeadqualError("unreadable", error.strerror or str(error), path) from error
    try:
        return read(raw)
    except DesignError as error:
        raise DesignError(error.problems, path) from error


def read(raw: bytes) -> Document:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise _fault("not_text", _("this is not text in UTF-8"), (), line) from error
    if not text.strip():
        raise _fault("empty", _("the file is empty"), (), 1)
    builder = _Builder()
    try:
        for event in yaml.parse(text, Loader=PARSER):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        line = getattr(error.problem_mark, "line", 0) + 1
        raise _fault("not_yaml", _("this is not YAML: %s") % error.problem, builder.path(), line) from error
    except yaml.YAMLError as error:
        raise _fault(
            "not_yaml", _("this is not YAML: %s") % str(error).splitlines()[0], builder.path(), 1
        ) from error
    return Document(builder.root, builder.lines)


@dataclass(slots=True)
class _Open:
    """A mapping or list that is still being read."""

    values: Any
    path: Path
    key: str | None = None


@dataclass(slots=True)
class _Builder:
    root: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    stack: list[_Open] = field(default_factory=list)
    documents: int = 0
    nodes: int = 0

    def path(self) -> Path:
        return self.stack[-1].path if self.stack else ()

    def take(self, event: yaml.Event) -> None:
        line = getattr(event.start_mark, "line", 0) + 1
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                raise _fault("two_documents", _("one file holds one document"), (), line)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self.stack.pop()
        elif isinstance(event, yaml.NodeEvent):
            self._node(event, line)

    def _node(self, event: yaml.NodeEvent, line: int) -> None:
        self._bound(event, line)
        top = self.stack[-1] if self.stack else None
        if top is not None and isinstance(top.values, dict) and top.key is None:
            self._key(top, event, line)
            return
        path = self._place(top)
        self.lines.setdefault(path, line)
        if isinstance(event, yaml.ScalarEvent):
            self._put(top, _scalar(event, path, line))
            return
        value: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
        self._put(top, value)
        self.stack.append(_Open(value, path))

    def _bound(self, event: yaml.NodeEvent, line: int) -> None:
        self.nodes += 1
        if self.nodes > MOST_NODES:
            raise _fault("too_many", _("more than %d values in one file") % MOST_NODES, self.path(), line)
        if len(self.stack) >= MOST_LEVELS:
            message = _("nested more than %d levels deep") % MOST_LEVELS
            # The first steps say where; a hundred more would say nothing.
            raise _fault("too_deep", message, self.path()[:6], line)
        if isinstance(event, yaml.AliasEvent) or event.anchor:
            raise _fault("alias", _("anchors and aliases are not used here"), self.path(), line)
        if getattr(event, "tag", None) not in (None, "!"):
            raise _fault("tag", _("tags are not used here"), self.path(), line)
        if isinstance(event, yaml.ScalarEvent) and UNSTORABLE.search(event.value):
            raise _fault(
                "bad_character", _("this text holds a character that cannot be stored"), self.path(), line
            )

    def _key(self, top: _Open, event: yaml.NodeEvent, line: int) -> None:
        if not isinstance(event, yaml.ScalarEvent):
            raise _fault("bad_key", _("a key is a word"), top.path, line)
        if event.value in top.values:
            raise _fault("duplicate_key", _("“%s” stands here twice") % event.value, top.path, line)
        top.key = event.value
        self.lines[(*top.path, event.value)] = line

    def _place(self, top: _Open | None) -> Path:
        if top is None:
            return ()
        step = top.key if top.key is not None else len(top.values)
        return (*top.path, step)

    def _put(self, top: _Open | None, value: Any) -> None:
        if top is None:
            self.root = value
        elif isinstance(top.values, dict):
            top.values[top.key] = value
            top.key = None
        else:
            top.values.append(value)


def _scalar(event: yaml.ScalarEvent, path: Path, line: int) -> Any:
    text: str = event.value
    if not event.implicit[0]:
        return text
    if text in WORDS:
        return WORDS[text]
    if WHOLE.match(text):
        if len(text) > MOST_DIGITS:
            raise _fault("bad_number", _("this number is too long"), path, line)
        return int(text)
    return float(text) if FRACTION.match(text) else text


def _fault(code: str, message: str, path: Path, line: int) -> DesignError:
    return DesignError([Problem(code, message, path, line)])
