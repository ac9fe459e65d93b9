"""What each Unicode code point counts as: the table behind the words.

It says for each code point which folded letter or digit it counts as: lower case, compatibility forms unified, Latin,
Greek and Cyrillic accents dropped, Arabic and Hebrew points skipped. A Han or Kana character is a token of its own, and
so is each consonant cluster of Thai, Lao, Khmer and Burmese, which write without spaces.
The table is shipped (`data/codepoints.npz`) rather than built on start, so that every Python version, whatever
Unicode it knows, makes the same tokens, and stored sketches stay comparable.
"""

from __future__ import annotations

import sys
import unicodedata
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

__all__ = ["CLASS_SHIFT", "CLUSTER", "CODE", "DIGIT", "JOIN", "SINGLE", "SKIP", "UPPER", "build_table", "token_table"]

# Layout of a table entry: folded code point in the low 21 bits, then the token class and marks.
CODE = 0x1FFFFF
CLASS_SHIFT = 21
SINGLE = 1  # a token of its own, worth about half a word (Han, Kana)
CLUSTER = 2  # a cluster of an unspaced script, worth about a third of a word
UPPER = 1 << 23
DIGIT = 1 << 24
JOIN = 1 << 25  # continues the token it follows (vowel signs of unspaced scripts)
SKIP = 1 << 26  # belongs to a word and says nothing (points, joiners, soft hyphens)

_CLUSTER_RANGES = ((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF))
_SINGLE_RANGES: tuple[tuple[int, int], ...] = (
    (0x2E80, 0x2FDF),
    (0x3005, 0x3007),
    (0x3040, 0x30FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)


def build_table() -> NDArray[np.uint32]:
    """The table of code points, uint32[0x110000], from this Python's Unicode data. Only needed to renew the file."""
    table = np.zeros(sys.maxunicode + 1, np.uint32)
    for code in range(sys.maxunicode + 1):
        table[code] = _entry(chr(code))
    return table


def _entry(char: str) -> int:
    code, category = ord(char), unicodedata.category(char)
    if category[0] == "M":
        return _mark(char, category)
    if category == "Cf" and code != 0xFEFF:  # soft hyphen, joiners, direction marks: inside a word, saying nothing
        return SKIP
    if category[0] not in "LN":
        return 0
    base = unicodedata.normalize("NFKD", char)
    if not base[0].isalnum() or (len(base) > 1 and base[1].isalnum()):
        base = char  # a ligature or a circled number: keep the character itself
    folded = ord(base[0].lower()[0]) if not 0xAC00 <= code <= 0xD7A3 else code
    entry = folded | (UPPER if category in ("Lu", "Lt") else 0) | (DIGIT if category == "Nd" else 0)
    if _within(code, _SINGLE_RANGES):
        entry |= SINGLE << CLASS_SHIFT
    elif _within(code, _CLUSTER_RANGES) and category[0] == "L":
        entry |= CLUSTER << CLASS_SHIFT
        if 0x0E30 <= code <= 0x0E45 or 0x0EB0 <= code <= 0x0EBD:  # Thai and Lao vowels that follow a consonant
            entry |= JOIN
    return entry


def _mark(char: str, category: str) -> int:
    """Vowel signs are letters; accents and points, whose combining class is not 0, say nothing."""
    code, kind = ord(char), unicodedata.combining(char)
    if _within(code, _CLUSTER_RANGES):
        return code | JOIN | (CLUSTER << CLASS_SHIFT)
    if category == "Me" or 0xFE00 <= code <= 0xFE0F:
        return SKIP
    return code if kind in (0, 7, 8, 9) or 84 <= kind <= 132 else SKIP


def _within(code: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(first <= code <= last for first, last in ranges)


@cache
def token_table() -> NDArray[np.uint32]:
    """The shipped table of code points, uint32[0x110000]."""
    with (resources.files("dedup") / "data" / "codepoints.npz").open("rb") as file, np.load(file) as stored:
        table = np.zeros(sys.maxunicode + 1, np.uint32)
        table[np.cumsum(stored["gaps"], dtype=np.int64)] = stored["entries"]
    return table
