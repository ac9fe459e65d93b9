"""Words as 64-bit hashes with their places in the text: one table of code points, one pass, no Python per word.

The table says for each Unicode code point which folded letter or digit it counts as: lower case, compatibility
forms unified, Latin, Greek and Cyrillic accents dropped, Arabic and Hebrew points skipped. A Han or Kana character
is a token of its own, and so is each consonant cluster of Thai, Lao, Khmer and Burmese, which write without spaces.
The table is shipped (`data/codepoints.npz`) rather than built on start, so that every Python version, whatever
Unicode it knows, makes the same tokens, and stored sketches stay comparable.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = [
    "CAPITAL",
    "FURNITURE",
    "NUMBER",
    "QUOTED",
    "QUOTE_START",
    "SENTENCE_START",
    "Lines",
    "TokenBatch",
    "build_table",
    "token_table",
    "tokenise",
    "tokenise_one",
]

# Flags of a token, one byte each.
FURNITURE = 1
CAPITAL = 2
NUMBER = 4
QUOTED = 8
SENTENCE_START = 16
QUOTE_START = 32

# Layout of a table entry: folded code point in the low 21 bits, then the token class and marks.
_CODE = 0x1FFFFF
_CLASS_SHIFT = 21
_SINGLE = 1  # a token of its own, worth about half a word (Han, Kana)
_CLUSTER = 2  # a cluster of an unspaced script, worth about a third of a word
_UPPER = 1 << 23
_DIGIT = 1 << 24
_JOIN = 1 << 25  # continues the token it follows (vowel signs of unspaced scripts)
_SKIP = 1 << 26  # belongs to a word and says nothing (points, joiners, soft hyphens)

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


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of a batch that hold at least one token. All arrays are of length L, one entry a line."""

    token_start: NDArray[np.int64]
    """Index into the batch's token arrays."""
    token_end: NDArray[np.int64]
    char_start: NDArray[np.uint32]
    """First character of the line within its text."""
    char_end: NDArray[np.uint32]
    offsets: NDArray[np.int64]
    """int64[N + 1]: lines offsets[i]:offsets[i + 1] belong to text i."""


@dataclass(frozen=True, slots=True)
class TokenBatch:
    """The tokens of N texts, flat. Tokens offsets[i]:offsets[i + 1] belong to text i."""

    hashes: NDArray[np.uint64]
    """uint64[T]. The lowest two bits are the class: 0 word, 1 single character, 2 unspaced cluster."""
    flags: NDArray[np.uint8]
    starts: NDArray[np.uint32]
    """uint32[T]: first character of the token within its text."""
    ends: NDArray[np.uint32]
    offsets: NDArray[np.int64]
    """int64[N + 1]."""
    lines: Lines

    def span(self, index: int) -> slice:
        """The place of text `index` in the token arrays."""
        return slice(int(self.offsets[index]), int(self.offsets[index + 1]))


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
        return _SKIP
    if category[0] not in "LN":
        return 0
    base = unicodedata.normalize("NFKD", char)
    if not base[0].isalnum() or (len(base) > 1 and base[1].isalnum()):
        base = char  # a ligature or a circled number: keep the character itself
    folded = ord(base[0].lower()[0]) if not 0xAC00 <= code <= 0xD7A3 else code
    entry = folded | (_UPPER if category in ("Lu", "Lt") else 0) | (_DIGIT if category == "Nd" else 0)
    if _within(code, _SINGLE_RANGES):
        entry |= _SINGLE << _CLASS_SHIFT
    elif _within(code, _CLUSTER_RANGES) and category[0] == "L":
        entry |= _CLUSTER << _CLASS_SHIFT
        if 0x0E30 <= code <= 0x0E45 or 0x0EB0 <= code <= 0x0EBD:  # Thai and Lao vowels that follow a consonant
            entry |= _JOIN
    return entry


def _mark(char: str, category: str) -> int:
    """Vowel signs are letters; accents and points, whose combining class is not 0, say nothing."""
    code, kind = ord(char), unicodedata.combining(char)
    if _within(code, _CLUSTER_RANGES):
        return code | _JOIN | (_CLUSTER << _CLASS_SHIFT)
    if category == "Me" or 0xFE00 <= code <= 0xFE0F:
        return _SKIP
    return code if kind in (0, 7, 8, 9) or 84 <= kind <= 132 else _SKIP


def _within(code: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(first <= code <= last for first, last in ranges)


@cache
def token_table() -> NDArray[np.uint32]:
    """The shipped table of code points, uint32[0x110000]."""
    with (resources.files("dedup") / "data" / "codepoints.npz").open("rb") as file, np.load(file) as stored:
        table = np.zeros(sys.maxunicode + 1, np.uint32)
        table[np.cumsum(stored["gaps"], dtype=np.int64)] = stored["entries"]
    return table


@njit(cache=True, nogil=True)
def _finish(hash_: np.uint64, kind: np.uint64) -> np.uint64:  # pragma: no cover - compiled
    """MurmurHash3's 64-bit finaliser, then the token class in the two lowest bits."""
    hash_ ^= hash_ >> np.uint64(33)
    hash_ *= np.uint64(0xFF51AFD7ED558CCD)
    hash_ ^= hash_ >> np.uint64(33)
    hash_ *= np.uint64(0xC4CEB9FE1A85EC53)
    hash_ ^= hash_ >> np.uint64(33)
    return (hash_ & ~np.uint64(3)) | kind


@njit(cache=True, nogil=True)
def _closes(opened, code, after, table):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Whether `code` ends the quotation that `opened` began."""
    if opened == 0x22 or opened == 0x201C:
        return code == 0x22 or code == 0x201D
    if opened == 0x201E:
        return code == 0x201C or code == 0x201D or code == 0x22
    if opened == 0x201D:
        return code == 0x201D
    if opened == 0xAB:
        return code == 0xBB
    if opened == 0xBB:
        return code == 0xAB
    if opened == 0x300C or opened == 0x300E:
        return code == opened + 1
    if opened == 0x60:
        return code == 0x27 and after == 0x27
    if opened == 0x2018 or opened == 0x27:
        return (code == 0x2019 or code == 0x27) and (table[after] & _CODE) == 0
    return False


@njit(cache=True, nogil=True)
def _opens(code, before, after, table):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Whether a quotation mark begins a quotation here."""
    if code == 0x22:  # before a space it can only close, say at the end of a quotation of several paragraphs
        return after != 32 and after != 10
    if code == 0x201C or code == 0x201E or code == 0xAB or code == 0x300C or code == 0x300E:
        return True
    starts_word = (table[before] & _CODE) == 0 and (table[after] & _CODE) != 0
    if code == 0x60:
        return after == 0x60
    return (code == 0x201D or code == 0xBB or code == 0x2018 or code == 0x27) and starts_word


@njit(cache=True, nogil=True)
def _scan(codes, text_offsets, table, hashes, flags, starts, ends, offsets, lines, line_offsets):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Fill the token and line arrays; returns how many tokens and lines there are."""
    n = 0
    n_lines = 0
    longest_quote = 300  # tokens; a quotation mark that closes later than this was never a pair
    for text in range(len(text_offsets) - 1):
        base = text_offsets[text]
        stop = text_offsets[text + 1]
        offsets[text] = n
        line_offsets[text] = n_lines
        line_token = n
        line_char = base
        opened = np.uint32(0)
        quote_token = n
        fresh = True
        sentence = True
        running = False
        hash_ = np.uint64(0)
        kind = np.uint64(0)
        mark = np.uint8(0)
        first = base
        last = base
        for at in range(base, stop + 1):
            code = codes[at] if at < stop else np.uint32(10)
            entry = table[code]
            if entry & np.uint32(_SKIP):
                continue
            letter = entry & np.uint32(_CODE)
            single = np.uint64((entry >> np.uint32(_CLASS_SHIFT)) & np.uint32(3))
            joins = (entry & np.uint32(_JOIN)) != 0
            if running and (letter == 0 or (single != 0 and not joins) or (kind != 0 and single == 0)):
                hashes[n] = _finish(hash_, kind)
                if opened != 0:
                    mark |= np.uint8(QUOTED)
                    if fresh:
                        mark |= np.uint8(QUOTE_START)
                        fresh = False
                flags[n] = mark
                starts[n] = first - base
                ends[n] = last - base
                n += 1
                running = False
            if letter != 0:
                if not running:
                    running = True
                    hash_ = np.uint64(0xCBF29CE484222325)
                    kind = single
                    first = at
                    mark = np.uint8(SENTENCE_START) if sentence else np.uint8(0)
                    sentence = False
                    if entry & np.uint32(_UPPER):
                        mark |= np.uint8(CAPITAL)
                if entry & np.uint32(_DIGIT):
                    mark |= np.uint8(NUMBER)
                hash_ = (hash_ ^ np.uint64(letter)) * np.uint64(0x100000001B3)
                last = at + 1
                continue
            # A character between words: line ends, sentence ends and quotation marks matter.
            if code == 32:
                continue
            if code == 10:
                if n > line_token:
                    lines[n_lines, 0] = line_token
                    lines[n_lines, 1] = n
                    lines[n_lines, 2] = line_char - base
                    lines[n_lines, 3] = at - base
                    n_lines += 1
                line_token = n
                line_char = at + 1
                sentence = True
                if opened == 0x27 or opened == 0x2018:  # an apostrophe after all
                    for t in range(quote_token, n):
                        flags[t] &= np.uint8(255 - QUOTED - QUOTE_START)
                opened = np.uint32(0)
                continue
            after = codes[at + 1] if at + 1 < stop else np.uint32(10)
            if code == 46 or code == 33 or code == 63 or code == 0x2026:
                sentence = sentence or (table[after] & np.uint32(_CODE)) == 0
            elif (
                code == 0x3002 or code == 0xFF01 or code == 0xFF1F or code == 0x1362 or code == 0x0964 or code == 0x061F
            ):
                sentence = True
            if opened != 0 and n - quote_token > longest_quote:
                for t in range(quote_token, n):
                    flags[t] &= np.uint8(255 - QUOTED - QUOTE_START)
                opened = np.uint32(0)
            if opened != 0:
                if _closes(opened, code, after, table):
                    opened = np.uint32(0)
            elif code == 0x22 or code == 0x27 or code == 0x60 or code == 0xAB or code == 0xBB or code >= 0x2018:
                before = codes[at - 1] if at > base else np.uint32(10)
                if _opens(code, before, after, table):
                    opened = code
                    quote_token = n
                    fresh = True
    offsets[len(text_offsets) - 1] = n
    line_offsets[len(text_offsets) - 1] = n_lines
    return n, n_lines


def tokenise(texts: Sequence[str]) -> TokenBatch:
    """The tokens of each text, flat, with offsets in characters.

    Example:
        >>> batch = tokenise(["Zoë’s 2 cafés", ""])
        >>> batch.offsets.tolist(), batch.starts.tolist(), batch.ends.tolist()
        ([0, 4, 4], [0, 4, 6, 8], [3, 5, 7, 13])
        >>> bool(batch.hashes[0] == tokenise_one("ZOE").hashes[0])
        True
    """
    sizes = np.fromiter((len(text) for text in texts), np.int64, len(texts))
    text_offsets = np.zeros(len(texts) + 1, np.int64)
    np.cumsum(sizes, out=text_offsets[1:])
    codes = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
    room = len(codes)
    hashes, flags = np.empty(room, np.uint64), np.empty(room, np.uint8)
    starts, ends = np.empty(room, np.uint32), np.empty(room, np.uint32)
    offsets, line_offsets = np.empty(len(texts) + 1, np.int64), np.empty(len(texts) + 1, np.int64)
    lines = np.empty((room + 1, 4), np.int64)
    n, n_lines = _scan(codes, text_offsets, token_table(), hashes, flags, starts, ends, offsets, lines, line_offsets)
    kept = lines[:n_lines]
    return TokenBatch(
        hashes[:n].copy(),
        flags[:n].copy(),
        starts[:n].copy(),
        ends[:n].copy(),
        offsets,
        Lines(
            kept[:, 0].copy(),
            kept[:, 1].copy(),
            kept[:, 2].astype(np.uint32),
            kept[:, 3].astype(np.uint32),
            line_offsets,
        ),
    )


def tokenise_one(text: str) -> TokenBatch:
    """The tokens of one text, as a batch of one."""
    return tokenise([text])
