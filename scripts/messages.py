"""`make messages`: brings locale/ja up to date with the code and compiles it, without the gettext tools.

New texts are added with an empty translation, texts that are gone are dropped. `tests/test_catalogue.py` uses the
same extraction, so an untranslated or forgotten text fails the suite.
"""

import argparse
import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polib
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "locale" / "ja" / "LC_MESSAGES" / "django.po"
CODE = ("leadqual", "segments", "journeys", "handoff")
# Which arguments are context, text and plural.
SHAPES: dict[str, tuple[int | None, int, int | None]] = {
    "gettext": (None, 0, None),
    "gettext_lazy": (None, 0, None),
    "gettext_noop": (None, 0, None),
    "ngettext": (None, 0, 1),
    "ngettext_lazy": (None, 0, 1),
    "pgettext": (0, 1, None),
    "pgettext_lazy": (0, 1, None),
    "npgettext": (0, 1, 2),
    "npgettext_lazy": (0, 1, 2),
}


@dataclass(frozen=True, order=True)
class Text:
    text: str
    plural: str = ""
    context: str = ""


def in_python(source: str, names: dict[str, str]) -> Iterator[Text]:
    """`names`: what the functions of django.utils.translation are called in this module."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
            names = names | {alias.asname or alias.name: alias.name for alias in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            shape = SHAPES.get(names.get(node.func.id, ""))
            if shape is not None and (found := from_call(node, shape)):
                yield found


def from_call(call: ast.Call, shape: tuple[int | None, int, int | None]) -> Text | None:
    def argument(index: int | None) -> str:
        if index is None or index >= len(call.args):
            return ""
        node = call.args[index]
        return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""

    context, text, plural = shape
    return Text(argument(text), argument(plural), argument(context)) if argument(text) else None


PIECE = r"""(?:[^()'"]|'(?:\\.|[^'])*'|"(?:\\.|[^"])*")*"""
TEMPLATE_CALL = re.compile(r"\b(?:n?p?gettext|_)\(" + PIECE + r"\)")


def in_template(source: str) -> Iterator[Text]:
    """Django turns a template into lines of calls, with everything else crossed out."""
    names = {name: name for name in SHAPES} | {"_": "gettext"}
    for call in TEMPLATE_CALL.findall(templatize(source)):
        yield from in_python(call, names)


def extract(root: Path) -> dict[Text, list[str]]:
    """Every translatable text of the product, with the files it stands in."""
    found: dict[Text, list[str]] = {}
    for folder in CODE:
        for path in sorted((root / folder).rglob("*.py")):
            # Migrations keep verbose names as they were; nobody reads them from there.
            if "migrations" not in path.parts:
                note(found, in_python(path.read_text(), {}), path.relative_to(root))
    for path in sorted((root / "templates").rglob("*.*")):
        if path.suffix in {".html", ".txt"}:
            note(found, in_template(path.read_text()), path.relative_to(root))
    return found


def note(found: dict[Text, list[str]], texts: Iterator[Text], path: Path) -> None:
    for text in texts:
        places = found.setdefault(text, [])
        if str(path) not in places:
            places.append(str(path))


def key(entry: polib.POEntry) -> Text:
    return Text(entry.msgid, entry.msgid_plural or "", entry.msgctxt or "")


def merged(old: polib.POFile, found: dict[Text, list[str]]) -> polib.POFile:
    known = {key(entry): entry for entry in old if not entry.obsolete}
    new = polib.POFile(wrapwidth=110)
    new.metadata = {
        "Project-Id-Version": "leadqual",
        "Language": "ja",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "nplurals=1; plural=0;",
    }
    for text in sorted(found, key=lambda text: (found[text][0], text)):
        entry = known.get(text) or polib.POEntry(
            msgid=text.text,
            msgid_plural=text.plural or "",
            msgctxt=text.context or None,
            msgstr_plural={0: ""} if text.plural else {},
        )
        entry.occurrences = [(place, "") for place in found[text]]
        entry.flags = ["python-format"] if re.search(r"%(\(\w+\))?[sd]", text.text) else []
        new.append(entry)
    return new


def untranslated(catalogue: polib.POFile) -> list[str]:
    return [entry.msgid for entry in catalogue if not entry.translated() or entry.fuzzy]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--take", type=Path, nargs="*", default=[], help="files of translations to take over")
    options = parser.parse_args()
    old = polib.pofile(str(CATALOGUE)) if CATALOGUE.exists() else polib.POFile()
    known = {key(entry) for entry in old if entry.translated()}
    for path in options.take:
        for entry in polib.pofile(str(path)):
            if key(entry) not in known:
                known.add(key(entry))
                old[:] = [other for other in old if key(other) != key(entry)]
                old.append(entry)
    new = merged(old, extract(ROOT))
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    new.save(str(CATALOGUE))
    new.save_as_mofile(str(CATALOGUE.with_suffix(".mo")))
    missing = untranslated(new)
    for text in missing:
        print(f"not translated: {text}")
    print(f"{len(new)} texts, {len(missing)} not translated")
    return int(bool(missing))


if __name__ == "__main__":
    sys.exit(main())
