"""Text from records and from the API is made harmless and bounded."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from server.text import clean

BIDIRECTIONAL = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
ZERO_WIDTH = "\u00ad\u180e\u200b\u200c\u200d\u2060\u2061\u2062\u2063\u2064\ufeff\ufff9\ufffa\ufffb"
TAGS = "".join(map(chr, range(0xE0000, 0xE0080)))
CONTROL = "".join(map(chr, [*range(0x20), *range(0x7F, 0xA0)]))
NASTY = BIDIRECTIONAL + ZERO_WIDTH + TAGS + CONTROL + "\u2028\u2029\ud800\udfff\ue000\U0010fffd"
TEXT = st.text(st.one_of(st.characters(), st.characters(categories=["Cs", "Cc", "Cf", "Co"]), st.sampled_from(NASTY)))


@given(text=TEXT, length=st.integers(1, 60))
@example(text="\t", length=1)
@example(text="\x7f", length=1)
def test_nothing_that_hides_or_reorders_survives_and_the_length_holds(text: str, length: int) -> None:
    cleaned = clean(text, length)
    assert len(cleaned) <= length
    assert not set(cleaned) & set(NASTY)
    assert not {unicodedata.category(each) for each in cleaned} & {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
    assert len(cleaned.splitlines()) <= 1
    cleaned.encode()


@given(text=TEXT, length=st.integers(1, 60))
def test_what_is_clean_stays_as_it_is(text: str, length: int) -> None:
    cleaned = clean(text, length)
    assert clean(cleaned, length) == cleaned


@given(text=st.text(st.characters(categories=["L", "N", "P", "S"], codec="utf-8"), max_size=60))
def test_what_can_be_read_is_kept(text: str) -> None:
    assert clean(text, 60) == text


def test_lines_become_one_and_what_is_too_long_is_marked() -> None:
    assert clean("  a\r\n b\t\u2028c\u00a0 d ", 40) == "a b c d"
    assert clean("abcdef", 6) == "abcdef"
    assert clean("abcdefg", 6) == "abcde…"


@pytest.mark.parametrize("first", [0xFE00, 0xE0100, 0x115F, 0x3164, 0x034F, 0x180B])
def test_what_is_drawn_as_nothing_does_not_survive(first: int) -> None:
    """Variation selectors and fillers are no control characters, and yet can carry a hidden text."""
    assert clean(f"paid{chr(first)}{chr(first) * 30}", 60) == "paid"
