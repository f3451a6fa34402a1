"""Which encoding a file is in: said by its first bytes, else the first of UTF-8 and cp932 that can read all of it."""

import codecs
from typing import Any

from django.utils.translation import gettext as _

from leadqual.common.errors import LeadqualError

UTF_8 = "utf-8"
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
CANDIDATES = (UTF_8, "cp932")
NAMES = {
    "utf-8": "utf-8-sig",
    "utf8": "utf-8-sig",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
}


def encoding_named(text: str) -> str:
    name = NAMES.get(text.lower(), text)
    try:
        "".encode(name)
        codecs.getincrementaldecoder(name)
    except LookupError as error:
        raise LeadqualError("bad_encoding", _("there is no encoding “%s”") % text, "--encoding") from error
    return name


def _without_mark(start: bytes) -> str:
    """UTF-16 without its mark: ASCII characters leave every other byte zero."""
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if odd > len(start) // 8 and even == 0:
        return "utf-16-le"
    if even > len(start) // 8 and odd == 0:
        return "utf-16-be"
    return ""


class Guess:
    """Fed with the file block by block, it drops each encoding that cannot read a block."""

    def __init__(self, given: str = "") -> None:
        self.given = given
        self.decoders: dict[str, Any] = {}
        self.lines: dict[str, int] = {}
        self.failed: dict[str, int] = {}  # encoding -> line of the first bytes it cannot read

    def feed(self, block: bytes, place: str) -> None:
        if not self.lines:
            self._begin(block)
        for name, decoder in list(self.decoders.items()):
            try:
                text = decoder.decode(block)
            except UnicodeDecodeError as error:
                self._drop(name, self.lines[name] + block[: error.start].count(b"\n"))
                continue
            if "\x00" in text:
                raise LeadqualError("binary_file", _("is not a text file"), place)
            self.lines[name] += text.count("\n")

    def decide(self, place: str) -> str:
        for name, decoder in list(self.decoders.items()):
            try:
                decoder.decode(b"", True)
            except UnicodeDecodeError:
                self._drop(name, self.lines[name])
        if self.decoders or not self.failed:
            return next(iter(self.decoders), UTF_8)
        name, line = max(self.failed.items(), key=lambda item: item[1])
        raise LeadqualError(
            "bad_encoding",
            _("cannot be read as %s; name the encoding of the file") % " / ".join(self.failed),
            _("%(file)s, line %(line)d") % {"file": place, "line": line},
        )

    def _begin(self, block: bytes) -> None:
        marked = next((name for mark, name in MARKS if block.startswith(mark)), "") or _without_mark(
            block[:4096]
        )
        names = (self.given,) if self.given else (marked,) if marked else CANDIDATES
        self.decoders = {name: codecs.getincrementaldecoder(name)() for name in names}
        self.lines = dict.fromkeys(names, 1)

    def _drop(self, name: str, line: int) -> None:
        del self.decoders[name]
        self.failed[name] = line
