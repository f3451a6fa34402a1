import time
from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadqual.common.globs import compile_glob

plain = st.text("ab/?*", max_size=8)


@given(plain, st.text("ab/", max_size=10))
def test_a_pattern_means_what_shells_mean(pattern: str, text: str) -> None:
    assert compile_glob(pattern)(text) is fnmatchcase(text, pattern)


@given(st.text(max_size=10))
def test_everything_but_star_and_question_mark_is_itself(text: str) -> None:
    if not {"*", "?"} & set(text):
        assert compile_glob(text)(text)
        assert not compile_glob(text)(text + "x")


@pytest.mark.parametrize("pattern", ["*a" * 100, "a*" * 99 + "b", "?*" * 99 + "b", "*" * 200, "(a+)+$" * 30])
def test_no_pattern_takes_long(pattern: str) -> None:
    began = time.process_time()
    compile_glob(pattern)("a" * 500)
    assert time.process_time() - began < 0.2
