"""No page has words that stand outside the catalogue: templates are read as text, what people see is looked at."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests import marks

pytestmark = marks.once

ROOT = Path(__file__).resolve().parent.parent / "templates"
# The same in both languages, or both languages at once.
NAMES = re.compile(
    r"^(leadqual|BANT|English|日本語|Authorization|API|OpenAPI|CSV|XLSX|PDCA|JSON|URL|OK|[^A-Za-z\u3040-\u9fff]*)$"
)
BOTH = {"500.html"}
# A tag made of pieces, without words of its own.
NOT_READ = {"allauth/elements/button.html"}
SEEN_ATTRIBUTES = {"placeholder", "aria-label", "title", "alt", "data-label", "data-confirm"}
TAGS = re.compile(r"{%.*?%}|{{.*?}}|{#.*?#}", re.DOTALL)
TRANSLATED = re.compile(
    r"{%\s*blocktrans(?:late)?\b.*?{%\s*endblocktrans(?:late)?\s*%}|{%\s*comment\b.*?endcomment\s*%}"
    r"|{%\s*block body_class\s*%}.*?{%\s*endblock\s*%}",
    re.DOTALL,
)


class Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style"):
            self.silent += 1
        self.found += [value for name, value in attrs if name in SEEN_ATTRIBUTES and value]

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self.silent -= 1

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.found.append(data)


def words_outside(source: str) -> list[str]:
    reader = Words()
    reader.feed(TAGS.sub(" ", TRANSLATED.sub(" ", source)))
    pieces = [piece.strip() for text in reader.found for piece in re.split(r"\s{2,}", text)]
    return [piece for piece in pieces if piece and not NAMES.match(piece.strip(" :;,.()|·/<>-–…"))]


@pytest.mark.parametrize(
    "path", sorted(ROOT.rglob("*.html")), ids=lambda path: path.relative_to(ROOT).as_posix()
)
def test_every_word_of_a_template_is_in_the_catalogue(path: Path) -> None:
    if path.name not in BOTH and path.relative_to(ROOT).as_posix() not in NOT_READ:
        assert words_outside(path.read_text()) == []


def test_the_reader_finds_what_it_should() -> None:
    assert words_outside('<p title="Hello there">{% translate "x" %} plain words {{ y }}</p>') == [
        "Hello there",
        "plain words",
    ]
    assert words_outside("{% blocktranslate %}fine{% endblocktranslate %}<b>leadqual</b> {{ x }}: 3") == []
