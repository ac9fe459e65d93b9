"""Furniture by phrase: lines that the lexicon (furniture.txt) knows, in many languages: "most popular", "sign in".

It works on token hashes of whole lines, so that case, punctuation and accents do not matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numba import njit
from numpy.typing import NDArray

from dedup.errors import ConfigError
from dedup.minhash import _gram
from dedup.tokens import CAPITAL, NUMBER, TokenBatch, tokenise

__all__ = [
    "KINDS",
    "Lexicon",
    "LineTable",
    "line_hashes",
    "load_lexicon",
    "mark_lexicon",
    "parse_lexicon",
    "span_hashes",
]

#: Kinds of furniture that a line can be, by number; 0 is none.
KINDS = (
    "",
    "navigation",
    "subscribe",
    "share",
    "related",
    "copyright",
    "advert",
    "agency",
    "live",
    "widget",
    "about",
    "repeated",
)
_WHOLE, _START, _WITHIN, _LABEL, _NAMED = 1, 2, 3, 4, 5
_MAX_PHRASE = 12
_MODES = {
    "=": (_WHOLE, _MAX_PHRASE),
    "^": (_START, 25),
    "~": (_WITHIN, 12),
    ":": (_LABEL, 22),
    "+": (_NAMED, 10),
}
#: Words of the longest line that may be furniture.
_LONGEST_LINE = 64
_ABOUT = KINDS.index("about")
#: A heading of kind "about" takes all lines behind it along, when they are at most this share of the text ...
_FOOTER_SHARE = 0.45
#: ... and so many words at least stand before it.
_FOOTER_BEHIND = 40


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Furniture phrases as an open-addressing table: entry k is about hash keys[k] (0 is an empty slot)."""

    keys: NDArray[np.uint64]
    max_words: NDArray[np.int32]
    kinds: NDArray[np.uint8]
    openings: NDArray[np.uint8]
    """uint8[65536]: the most words that a line may have for a phrase that opens with words of this hash, 0 without one.

    With `within` it spares most lines any look-up.
    """
    within: NDArray[np.uint8]
    """uint8[65536]: the same by the first word alone, for phrases that may stand anywhere in a line."""
    longest: int


@dataclass(frozen=True, slots=True)
class LineTable:
    """The lines of N articles: hash uint64[L], words int32[L] and the offsets int64[N + 1] of each article's lines."""

    hashes: NDArray[np.uint64]
    words: NDArray[np.int32]
    offsets: NDArray[np.int64]


def parse_lexicon(text: str) -> Lexicon:
    """The lexicon that `text` describes: `[kind]` sections of entries, whose first character says how they match.

    Raises:
        ConfigError: a line is none of these.
    """
    kind, phrases, rules = 0, [], []
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("[") and line.endswith("]") and line[1:-1] in KINDS:
            kind = KINDS.index(line[1:-1])
            continue
        if line[0] not in _MODES or not kind:
            raise ConfigError(f"furniture lexicon, line {number}: cannot read {line!r}")
        mode, limit = _MODES[line[0]]
        phrase, bar, number_text = line[1:].partition("|")
        phrases.append(phrase)
        rules.append((mode, int(number_text) if bar else limit, kind))
    batch = tokenise(phrases)
    return Lexicon(*_table(batch, np.array(rules, np.int64).reshape(-1, 3)), int(np.diff(batch.offsets).max(initial=0)))


@cache
def load_lexicon() -> Lexicon:
    """The shipped lexicon."""
    return parse_lexicon((resources.files("dedup.clean") / "furniture.txt").read_text("utf-8"))


@njit(cache=True, nogil=True, inline="always")
def _roll(h, token):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """The hash of a phrase and one more token."""
    h = (h ^ token) * np.uint64(0x9E3779B97F4A7C15)
    return h ^ (h >> np.uint64(29))


@njit(cache=True, nogil=True)
def _phrase(tokens):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    h = np.uint64(1)
    for token in tokens:
        h = _roll(h, token)
    return h


def _table(
    batch: TokenBatch, rules: NDArray[np.int64]
) -> tuple[NDArray[np.uint64], NDArray[np.int32], NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]:
    size = 1 << max(4, (4 * len(rules)).bit_length())
    keys, limits, kinds = np.zeros(size, np.uint64), np.zeros(size, np.int32), np.zeros(size, np.uint8)
    openings, within = np.zeros(1 << 16, np.uint8), np.zeros(1 << 16, np.uint8)
    for row, (mode, limit, kind) in enumerate(rules):
        tokens = batch.hashes[batch.span(row)]
        if not len(tokens):
            continue
        widest = min(_LONGEST_LINE, len(tokens) if mode == _WHOLE else limit)
        opening = int(_phrase(tokens[:2])) & 0xFFFF
        openings[opening] = max(openings[opening], widest)
        if mode == _WITHIN:
            first = int(tokens[0]) >> 2 & 0xFFFF
            within[first] = max(within[first], widest)
        key = np.uint64(_phrase(tokens)) ^ np.uint64(mode)
        at = int(key) & (size - 1)
        while keys[at] and keys[at] != key:
            at = (at + 1) & (size - 1)
        keys[at], limits[at], kinds[at] = key, limit, kind
    return keys, limits, kinds, openings, within


@njit(cache=True, nogil=True)
def _find(keys, key):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    mask = len(keys) - 1
    at = np.int64(key & np.uint64(mask))
    while keys[at] != 0:
        if keys[at] == key:
            return at
        at = (at + 1) & mask
    return np.int64(-1)


@njit(cache=True, nogil=True)
def _labels(flags, starts, ends, after):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Whether a mark, such as a colon, parts the words before `after` from a headline behind them."""
    return starts[after] - ends[after - 1] >= 2 and (flags[after] & (CAPITAL | NUMBER)) != 0


@njit(cache=True, nogil=True)
def _announces(tokens, flags, name, start, end):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Whether the paragraph start:end opens with the name that stands in the heading before it."""
    found = False
    if end - start >= 8 and flags[name] & CAPITAL:
        for at in range(start, start + 8):
            found = found or (tokens[at] == tokens[name] and flags[at] & CAPITAL != 0)
    return found


@njit(cache=True, nogil=True)
def _mark_footers(flags, starts, ends, offsets, headings, out):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Marks what stands behind headings such as "Notes to editors" at the end of a text, to its end."""
    for text in range(len(offsets) - 1):
        first, last = offsets[text], offsets[text + 1]
        top, words = last, 0
        for line in range(last - 1, first - 1, -1):
            words += ends[line] - starts[line]
            before = starts[line] - starts[first]
            if before < _FOOTER_BEHIND or words > _FOOTER_SHARE * (words + before):
                break
            if headings[line]:
                top = line
        for line in range(top, last):
            if out[line] == 0:
                out[line] = _ABOUT
            for at in range(starts[line], ends[line]):
                flags[at] |= np.uint8(1)


@njit(cache=True, nogil=True)
def _mark(tokens, flags, char_starts, char_ends, starts, ends, last, lexicon, longest, headings, out):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Write the kind of each line to `out`, flag the tokens of furniture lines, and note section headings."""
    keys, limits, kinds, openings, within = lexicon
    for line in range(len(starts)):
        first = starts[line]
        words = ends[line] - first
        if words > _LONGEST_LINE:
            continue
        found = np.int64(-1)
        for at in range(words):
            if at > 0 and words > within[np.int64((tokens[first + at] >> np.uint64(2)) & np.uint64(0xFFFF))]:
                continue  # no phrase for so long a line has this word first
            h = _roll(np.uint64(1), tokens[first + at])
            widest = openings[np.int64(h & np.uint64(0xFFFF))]
            if at + 1 < words:
                two = _roll(h, tokens[first + at + 1])
                widest = max(widest, openings[np.int64(two & np.uint64(0xFFFF))])
            if words > widest:
                continue  # nor these two
            h = np.uint64(1)
            for size in range(1, min(words - at, longest) + 1):
                h = _roll(h, tokens[first + at + size - 1])
                for mode in range(1, 6):
                    if (mode == 1 and size < words) or (mode != 3 and at > 0) or (mode > 3 and size >= words):
                        continue
                    place = _find(keys, h ^ np.uint64(mode))
                    if place < 0 or (mode > 1 and words > limits[place]):
                        continue
                    if mode == 4 and not _labels(flags, char_starts, char_ends, first + size):
                        continue
                    if mode == 5 and (
                        last[line] or not _announces(tokens, flags, first + size, starts[line + 1], ends[line + 1])
                    ):
                        continue
                    found = max(found, place)
                    headings[line] |= kinds[place] == _ABOUT and (mode == 1 or mode == 5)
        if found >= 0:
            out[line] = kinds[found]
            for at in range(first, ends[line]):
                flags[at] |= np.uint8(1)


def mark_lexicon(batch: TokenBatch, lexicon: Lexicon) -> NDArray[np.uint8]:
    """The kind of each line of the batch by the lexicon, uint8[L], 0 for none; flags the tokens of those lines."""
    lines = batch.lines
    headings, last = np.zeros(len(lines.token_start), bool), np.zeros(len(lines.token_start), bool)
    last[lines.offsets[1:][np.diff(lines.offsets) > 0] - 1] = True
    kinds = np.zeros(len(lines.token_start), np.uint8)
    _mark(
        batch.hashes,
        batch.flags,
        batch.starts,
        batch.ends,
        lines.token_start,
        lines.token_end,
        last,
        (lexicon.keys, lexicon.max_words, lexicon.kinds, lexicon.openings, lexicon.within),
        lexicon.longest,
        headings,
        kinds,
    )
    if headings.any():
        _mark_footers(batch.flags, lines.token_start, lines.token_end, lines.offsets, headings, kinds)
    return kinds


@njit(cache=True, nogil=True)
def _span_hashes(tokens, flags, starts, ends, out):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    for span in range(len(starts)):
        for at in range(starts[span], ends[span]):
            if flags[at] & 1 == 0:
                out[span] = _gram(tokens, starts[span], ends[span] - starts[span])
                break


def span_hashes(batch: TokenBatch, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.uint64]:
    """A hash of the tokens starts[i]:ends[i] of a batch, uint64[L]; 0 if there are none, or all are furniture."""
    out = np.zeros(len(starts), np.uint64)
    _span_hashes(batch.hashes, batch.flags, starts, ends, out)
    return out


def line_hashes(batch: TokenBatch) -> LineTable:
    """The lines of a batch for `learn`; lines that are furniture already have hash 0."""
    lines = batch.lines
    hashes = span_hashes(batch, lines.token_start, lines.token_end)
    return LineTable(hashes, (lines.token_end - lines.token_start).astype(np.int32), lines.offsets)
