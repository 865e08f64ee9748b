"""Formula cells: inert when they leave, themselves again when they come back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from trucewatch.model.cells import inert, restored


@given(st.text(alphabet="'=+-@\t\ra1", max_size=6))
def test_every_text_comes_back_and_none_leaves_live(text: str) -> None:
    out = inert(text)
    assert restored(out) == text
    assert out[:1] not in {"=", "+", "-", "@", "\t", "\r"}


def test_plain_words_stay_as_they_are() -> None:
    assert inert("it's 5-3") == "it's 5-3"
    assert restored("'quoted'") == "'quoted'"
