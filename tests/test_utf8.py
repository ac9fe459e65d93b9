"""Traits of UTF-8: what is passed over without a look must need no work, whatever stands beside it."""

from __future__ import annotations

import sys
import unicodedata

import pytest

from dedup.utf8 import BEYOND, CONTROL, ESCAPE, RETURN, traits


def test_no_character_that_is_passed_over_is_changed_by_nfc_or_joins_another() -> None:
    characters = (chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code <= 0xDFFF)
    passed = [c for c in characters if not traits(c.encode()) & BEYOND]
    assert len(passed) > 20_000
    for c in passed:
        assert unicodedata.combining(c) == 0
        for beside in ("a", "n", "\u0131"):
            assert unicodedata.normalize("NFC", beside + c + beside) == beside + c + beside, f"U+{ord(c):04X}"
    whole = "".join(passed)
    assert unicodedata.normalize("NFC", whole) == whole
    assert unicodedata.normalize("NFC", whole[::-1]) == whole[::-1]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"plain text\twith\nlines", 0),
        (b"a\r\nb", RETURN),
        (b"a\0b", CONTROL),
        (b"a\x1fb", CONTROL),
        (rb"caf\u00e9", ESCAPE),
        (rb"a \n b \" c", 0),
        ("Zoe\u0308".encode(), BEYOND),
        ("\ufeffText".encode(), BEYOND),
        (b"", 0),
    ],
)
def test_what_needs_a_look_is_told_apart(raw: bytes, expected: int) -> None:
    assert traits(raw) == expected
