import time

import pytest

from leadqual.operations.design import reading
from leadqual.operations.design.problems import DesignError, parse_place, path_text
from leadqual.operations.design.reading import read


def refused(text: str | bytes) -> str:
    with pytest.raises(DesignError) as caught:
        read(text if isinstance(text, bytes) else text.encode())
    assert len(caught.value.problems) == 1
    return str(caught.value)


def test_words_stay_words_and_only_plain_numbers_are_numbers() -> None:
    text = """
    words: [yes, no, on, off, 8:30, 2024-06-30, 007, 1_000, 0x1f, .inf, 1e3, "12", 'true', <<, =]
    numbers: [0, -12, +7, 1.5, -0.25, 2.5e+3]
    others: [true, false, null, ~, ]
    empty:
    """
    assert read(text.encode()).value == {
        "words": ["yes", "no", "on", "off", "8:30", "2024-06-30", "007", "1_000", "0x1f", ".inf", "1e3", "12", "true",
                  "<<", "="],
        "numbers": [0, -12, 7, 1.5, -0.25, 2500.0],
        "others": [True, False, None, None],
        "empty": None,
    }  # fmt: skip


def test_every_value_knows_its_line() -> None:
    document = read(
        "a:\n  b:\n    - 1\n    - c: x\n      d: |\n        long\n  e: {f: 2}\n".encode("utf-8-sig")
    )
    assert document.lines == {
        (): 1, ("a",): 1, ("a", "b"): 2, ("a", "b", 0): 3, ("a", "b", 1): 4, ("a", "b", 1, "c"): 4,
        ("a", "b", 1, "d"): 5, ("a", "e"): 7, ("a", "e", "f"): 7,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: the file is empty"),
        ("  \n\n", "line 1: the file is empty"),
        (b"a: 1\nb: \xff\xfe\n", "line 2: this is not text in UTF-8"),
        ("a: 1\nb: \x07\n", "line 1: this is not YAML: unacceptable character"),
        ("a: 1\na: 2\n", "line 2: “a” stands here twice"),
        ("a:\n  b: {c: 1,\n c: 2}\n", "line 3, a.b: “c” stands here twice"),
        ("a: [1\nb: 2\n", "line 2, a: this is not YAML: did not find expected"),
        ("a: &x 1\n", "line 1: anchors and aliases are not used here"),
        ("a: 1\nb: *x\n", "line 2: anchors and aliases are not used here"),
        ("a: !!python/object/apply:os.system [ls]\n", "line 1: tags are not used here"),
        ("? [a, b]\n: 1\n", "line 1: a key is a word"),
        ("a: 1\n---\nb: 2\n", "line 2: one file holds one document"),
        ('a:\n  b: "x\\0y"\n', "line 2, a: this text holds a character that cannot be stored"),
        ("a: 12345678901234567890\n", "line 1, a: this number is too long"),
    ],
)
def test_what_is_no_design_file_is_refused_with_its_line(text: str | bytes, message: str) -> None:
    assert refused(text).startswith(message)


def test_nesting_is_bounded_before_anything_is_built() -> None:
    started = time.monotonic()
    assert refused("a: " + "[" * 120) == "line 1, a[0][0][0][0][0]: nested more than 100 levels deep"
    assert "nest" in refused("a: " + "[" * 400_000)
    deep = "".join(f"{' ' * level}n:\n" for level in range(200))
    assert refused(deep) == "line 100, n.n.n.n.n.n: nested more than 100 levels deep"
    assert time.monotonic() - started < 10


def test_the_number_of_values_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_NODES", 50)
    assert read(("a: [" + "1," * 47 + "]\n").encode()).value["a"] == [1] * 47
    assert refused("a: [" + "1," * 48 + "]\n") == "line 1, a: more than 50 values in one file"


def test_a_place_and_a_path_say_the_same() -> None:
    path = ("condition", "all", 2, "any", 0, "value")
    assert path_text(path) == "condition.all[2].any[0].value"
    assert parse_place(path_text(path)) == path
