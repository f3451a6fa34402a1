import re
from pathlib import Path

import polib
import pytest
from django.utils import translation
from django.utils.translation import gettext

from scripts.messages import CATALOGUE, ROOT, Text, extract, key, merged
from tests import marks

pytestmark = marks.once
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[sd%]|\{\w*\}")


@pytest.fixture(scope="module")
def catalogue() -> polib.POFile:
    return polib.pofile(str(CATALOGUE))


def test_the_catalogue_holds_exactly_the_texts_of_the_code(catalogue: polib.POFile) -> None:
    in_code, in_catalogue = set(extract(ROOT)), {key(entry) for entry in catalogue if not entry.obsolete}
    assert sorted(in_code - in_catalogue) == [], "run `make messages` and translate"
    assert sorted(in_catalogue - in_code) == [], "run `make messages`"


def test_no_two_texts_differ_in_their_plural_only(catalogue: polib.POFile) -> None:
    """gettext knows a text by its singular and its context: the second would be shown as the first."""
    singulars = [(entry.msgctxt, entry.msgid) for entry in catalogue]
    assert sorted({single[1] for single in singulars if singulars.count(single) > 1}) == []


def test_every_text_is_translated_and_none_is_a_guess(catalogue: polib.POFile) -> None:
    assert [entry.msgid for entry in catalogue if not entry.translated() or entry.fuzzy] == []


def test_a_translation_keeps_the_placeholders_of_its_text(catalogue: polib.POFile) -> None:
    def different(entry: polib.POEntry) -> bool:
        asked = sorted(PLACEHOLDER.findall(entry.msgid_plural or entry.msgid))
        return any(sorted(PLACEHOLDER.findall(given)) != asked for given in given_texts(entry))

    assert [entry.msgid for entry in catalogue if different(entry)] == []


def given_texts(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def test_the_compiled_catalogue_is_the_one_that_people_read(catalogue: polib.POFile) -> None:
    compiled = polib.mofile(str(CATALOGUE.with_suffix(".mo")))
    assert {(key(entry), tuple(given_texts(entry))) for entry in compiled} == {
        (key(entry), tuple(given_texts(entry))) for entry in catalogue
    }


def test_django_answers_in_japanese_and_in_english() -> None:
    with translation.override("ja"):
        assert gettext("company") == "企業"
    with translation.override("en"):
        assert gettext("company") == "company"


def plant(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_texts_are_found_in_code_under_any_name_and_in_templates(tmp_path: Path) -> None:
    plant(
        tmp_path,
        "segments/words.py",
        "from django.utils.translation import gettext as _, gettext_lazy as later, ngettext, pgettext\n"
        "a = _('one ' 'text')\nb = later('two')\n"
        "c = ngettext('%d lead', '%d leads', n)\nd = pgettext('a month', 'May')\n"
        "def f(_unused): return other('not a text')\n",
    )
    plant(tmp_path, "segments/migrations/0001_initial.py", "_('frozen')\n")
    plant(
        tmp_path,
        "templates/desk/home.html",
        "{% load i18n %}{% translate 'three' %} {% blocktranslate %}four of {{ n }}{% endblocktranslate %}",
    )
    assert sorted(extract(tmp_path)) == [
        Text("%d lead", "%d leads"),
        Text("May", context="a month"),
        Text("four of %(n)s"),
        Text("one text"),
        Text("three"),
        Text("two"),
    ]


def test_a_new_text_comes_in_untranslated_and_a_gone_one_leaves(catalogue: polib.POFile) -> None:
    new = merged(catalogue, {Text("company"): ["a.py"], Text("brand new"): ["a.py"]})
    assert [(entry.msgid, entry.msgstr) for entry in new] == [("brand new", ""), ("company", "企業")]
