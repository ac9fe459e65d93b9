"""Words as 64-bit hashes with their places in the text: no Python per word.

What counts as a letter, and as the same letter, is the table of `codepoints`; a word is a run of letters.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from dedup.codepoints import CLASS_SHIFT, CODE, JOIN, SKIP, token_table

__all__ = [
    "CAPITAL",
    "FURNITURE",
    "NUMBER",
    "QUOTED",
    "QUOTE_START",
    "SENTENCE_START",
    "Lines",
    "TokenBatch",
    "flag_spans",
    "tokenise",
    "tokenise_bytes",
    "tokenise_one",
    "tokenise_utf8",
]

# Flags of a token, one byte each.
FURNITURE = 1
CAPITAL = 2
NUMBER = 4
QUOTED = 8
SENTENCE_START = 16
QUOTE_START = 32

_FLAG_SHIFT = 22  # by how much lower than in a table entry the bits of CAPITAL and NUMBER are in the flags

# FNV-1a's start and factor. A step over 0 only multiplies: times _UNDO[k], 8 - k of them never were.
_BASIS, _PRIME = 0xCBF29CE484222325, 0x100000001B3
_UNDO = np.array([pow(_PRIME, k - 8, 1 << 64) for k in range(9)], np.uint64)


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


@njit(cache=True, nogil=True)
def _eight(data, at):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Eight bytes from `at` on as one number, the first lowest, 0 behind the end of the data; compiled to one load."""
    a = min(at, np.uint64(len(data) - 8))
    word = (
        np.uint64(data[a])
        | np.uint64(data[a + np.uint64(1)]) << np.uint64(8)
        | np.uint64(data[a + np.uint64(2)]) << np.uint64(16)
        | np.uint64(data[a + np.uint64(3)]) << np.uint64(24)
        | np.uint64(data[a + np.uint64(4)]) << np.uint64(32)
        | np.uint64(data[a + np.uint64(5)]) << np.uint64(40)
        | np.uint64(data[a + np.uint64(6)]) << np.uint64(48)
        | np.uint64(data[a + np.uint64(7)]) << np.uint64(56)
    )
    return word >> (np.uint64(8) * (at - a))


@njit(cache=True, nogil=True)
def _decode(data, at):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """(code point, number of bytes) of the character of UTF-8 at `at`."""
    lead = np.uint32(data[at])
    if lead < 0x80:
        return lead, np.uint64(1)
    second = np.uint32(data[at + np.uint64(1)]) & np.uint32(0x3F)
    if lead < 0xE0:
        return (lead & np.uint32(0x1F)) << np.uint32(6) | second, np.uint64(2)
    third = np.uint32(data[at + np.uint64(2)]) & np.uint32(0x3F)
    if lead < 0xF0:
        return (lead & np.uint32(0x0F)) << np.uint32(12) | second << np.uint32(6) | third, np.uint64(3)
    fourth = np.uint32(data[at + np.uint64(3)]) & np.uint32(0x3F)
    high = (lead & np.uint32(0x07)) << np.uint32(18) | second << np.uint32(12)
    return high | third << np.uint32(6) | fourth, np.uint64(4)


@njit(cache=True, nogil=True)
def _hash_plain(bytes_, size, hash_):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """FNV-1a of the lowest `size` of eight ASCII letters and digits behind `hash_`, and whether one is a digit.

    Always eight steps, and no branch: where a word ends is what a processor cannot foresee. Letters that are not there
    are 0, and what they did to the hash is undone.
    """
    mask = np.uint64(0xFFFFFFFFFFFFFFFF) >> (np.uint64(64) - np.uint64(8) * size)
    # Of ASCII letters and digits only letters have the bit 0x40, and 0x20 makes them lower case.
    digit = (bytes_ & mask & np.uint64(0x4040404040404040)) != (mask & np.uint64(0x4040404040404040))
    folded = (bytes_ | np.uint64(0x2020202020202020)) & mask
    for _ in range(8):
        hash_ = (hash_ ^ (folded & np.uint64(0xFF))) * np.uint64(_PRIME)
        folded >>= np.uint64(8)
    return hash_ * _UNDO[size], digit


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
def _find_runs(data, begin, stop, plain, runs):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Fill `runs` with the first byte and the end of each run of ASCII letters and digits in data[begin:stop].

    Without a branch, as in `_hash_plain`; plain[byte] is 1 for them. The last place is behind the text.
    """
    inside = np.uint8(0)
    n = np.uint64(0)
    for at in range(begin, stop):
        letter = plain[data[at]]
        runs[n] = at
        n += np.uint64(letter ^ inside)
        inside = letter
    runs[n] = stop
    runs[n + np.uint64(inside)] = stop + np.uint64(1)


@njit(cache=True, nogil=True)
def _find_words(data, begin, stop, table, runs, tokens, n, marks):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Fill the token arrays from `n` on, but for the flags that depend on marks, and note the marks between words.

    A mark is any character but letters and blanks: its code point, the byte behind it, its place in characters and how
    many tokens stand before it. The end of the text counts as a line end. Returns how many tokens and marks there are.
    """
    hashes, flags, starts, ends = tokens
    none, one, two, eight = np.uint64(0), np.uint64(1), np.uint64(2), np.uint64(8)
    at = begin
    base = begin  # at - base is the place in characters
    run, m = none, none
    while at < stop:
        first = at - base
        hash_ = np.uint64(_BASIS)
        if at == runs[run]:
            kind, seen = np.uint32(0), np.uint32(0)
            mark = np.uint32(data[at] & np.uint8(0x60) == 0x40) * np.uint32(CAPITAL)
            end = runs[run + one]
            while at < end:
                part = min(end - at, eight)
                hash_, digit = _hash_plain(_eight(data, at), part, hash_)
                mark |= np.uint32(digit) * np.uint32(NUMBER)
                at += part
            run += two
        else:
            code, size = _decode(data, at)
            entry = table[code]
            at += size
            base += size - one
            if entry == 0 and code != 32:
                marks[m, 0], marks[m, 1], marks[m, 2], marks[m, 3] = code, at, first, n
                m += one
            if entry == 0 or entry & np.uint32(SKIP):
                continue
            kind = (entry >> np.uint32(CLASS_SHIFT)) & np.uint32(3)
            mark = (entry >> np.uint32(_FLAG_SHIFT)) & np.uint32(CAPITAL)
            seen = entry
            hash_ = (hash_ ^ np.uint64(entry & np.uint32(CODE))) * np.uint64(_PRIME)
        last = at - base
        while at < stop:  # letters of several bytes, and others behind them
            code, size = _decode(data, at)
            if size == 1 and kind == 0 and at == runs[run]:
                run += two
            entry = table[code]
            if entry == 0:
                break
            if kind != 0 or entry & np.uint32(SKIP | JOIN | 3 << CLASS_SHIFT):
                if entry & np.uint32(SKIP):
                    at += size
                    base += size - one
                    continue
                if entry & np.uint32(JOIN) == 0:
                    break
            hash_ = (hash_ ^ np.uint64(entry & np.uint32(CODE))) * np.uint64(_PRIME)
            seen |= entry
            at += size
            base += size - one
            last = at - base
        hashes[n] = _finish(hash_, np.uint64(kind))
        flags[n] = mark | (seen >> np.uint32(_FLAG_SHIFT)) & np.uint32(NUMBER)
        starts[n], ends[n] = first, last
        n += one
        if kind == 0 and at < stop and data[at] < 0x80:  # mostly a blank, or a mark and a blank: again no branch
            marks[m, 0], marks[m, 1], marks[m, 2], marks[m, 3] = data[at], at + one, at - base, n
            m += np.uint64(data[at] != 32)
            at += one
            if at < stop:
                at += np.uint64(data[at] == 32)
    marks[m, 0], marks[m, 1], marks[m, 2], marks[m, 3] = 10, stop, at - base, n
    return n, m + one


@njit(cache=True, nogil=True)
def _closes(opened, code, after, follows):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Whether `code` ends the quotation that `opened` began; `follows` says whether a letter stands behind it."""
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
        return code == opened + np.uint64(1)
    if opened == 0x60:
        return code == 0x27 and after == 0x27
    if opened == 0x2018 or opened == 0x27:
        return (code == 0x2019 or code == 0x27) and not follows
    return False


@njit(cache=True, nogil=True)
def _opens(code, after, precedes, follows):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Whether a quotation begins with `code`; `precedes` and `follows` say whether letters stand around it."""
    if code == 0x22:  # before a space it can only close, say at the end of a quotation of several paragraphs
        return after != 32 and after != 10
    if code == 0x201C or code == 0x201E or code == 0xAB or code == 0x300C or code == 0x300E:
        return True
    if code == 0x60:
        return after == 0x60
    return (code == 0x201D or code == 0xBB or code == 0x2018 or code == 0x27) and follows and not precedes


@njit(cache=True, nogil=True)
def _find_lines(data, stop, marks, m, tokens, first, last, lines, n):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Fill the line arrays from `n` on and flag starts of sentences and quotations, by the marks of one text.

    The text has the tokens first:last. Returns how many lines there are.
    """
    _, flags, starts, ends = tokens
    token_start, token_end, char_start, char_end = lines
    one = np.uint64(1)
    longest_quote = 300  # tokens; a quotation mark that closes later than this was never a pair
    opened, quote = np.uint64(0), first
    line, line_char = first, np.uint64(0)
    flags[first] |= np.uint8(SENTENCE_START)
    for k in range(m):
        code, behind, char, token = marks[k, 0], marks[k, 1], marks[k, 2], marks[k, 3]
        follows = token < last and starts[token] == char + one
        after = data[behind] if behind < stop else np.uint8(10)
        if opened != 0 and code != 10 and token - quote > longest_quote:
            opened = np.uint64(0)
        ended = code == 10 or (opened != 0 and _closes(opened, code, after, follows))
        if ended and opened != 0:
            if code != 10 or (opened != 0x27 and opened != 0x2018):  # else it was an apostrophe after all
                for t in range(quote, token):
                    flags[t] |= np.uint8(QUOTED)
                if token > quote:
                    flags[quote] |= np.uint8(QUOTE_START)
            opened = np.uint64(0)
        elif opened == 0 and (
            code == 0x22 or code == 0x27 or code == 0x60 or code == 0xAB or code == 0xBB or code >= 0x2018
        ):
            precedes = token > first and ends[token - one] == char
            if _opens(code, after, precedes, follows):
                opened, quote = code, token
        if code == 10:
            if token > line:
                token_start[n], token_end[n], char_start[n], char_end[n] = line, token, line_char, char
                n += one
            line, line_char = token, char + one
            flags[token] |= np.uint8(SENTENCE_START)
        elif code == 46 or code == 33 or code == 63 or code == 0x2026:
            if not follows:
                flags[token] |= np.uint8(SENTENCE_START)
        elif code == 0x3002 or code == 0xFF01 or code == 0xFF1F or code == 0x1362 or code == 0x0964 or code == 0x061F:
            flags[token] |= np.uint8(SENTENCE_START)
    return n


@njit(cache=True, nogil=True)
def _scan(data, begins, stops, table, plain, runs, marks, tokens, offsets, lines, line_offsets):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Fill the token and line arrays; returns how many tokens and lines there are."""
    n, n_lines = np.uint64(0), np.uint64(0)
    for text in range(len(begins)):
        offsets[text], line_offsets[text] = n, n_lines
        begin, stop, first = np.uint64(begins[text]), np.uint64(stops[text]), n
        _find_runs(data, begin, stop, plain, runs)
        n, m = _find_words(data, begin, stop, table, runs, tokens, n, marks)
        n_lines = _find_lines(data, stop, marks, m, tokens, first, n, lines, n_lines)
    offsets[len(begins)], line_offsets[len(begins)] = n, n_lines
    return n, n_lines


def tokenise_utf8(data: NDArray[np.uint8], begins: NDArray[np.int64], ends: NDArray[np.int64]) -> TokenBatch:
    """The tokens of the texts data[begins[i]:ends[i]], flat, with offsets in characters.

    Args:
        data: uint8[B], the texts in UTF-8 and whatever may stand between them.
        begins, ends: int64[N] each, in bytes.

    Example:
        >>> data = np.frombuffer('["fields"]Zoë’s 2 cafés'.encode(), np.uint8)
        >>> batch = tokenise_utf8(data, np.array([10]), np.array([len(data)]))
        >>> batch.starts.tolist(), batch.ends.tolist()
        ([0, 4, 6, 8], [3, 5, 7, 13])
    """
    data = np.concatenate([data, np.zeros(8, np.uint8)]) if len(data) < 8 else data.view()
    data.flags.writeable = False  # one type for the kernel, compiled once
    begins, ends = np.ascontiguousarray(begins, np.int64), np.ascontiguousarray(ends, np.int64)
    table = token_table()
    plain = np.zeros(256, np.uint8)
    plain[:128] = table[:128] != 0
    longest = int(np.max(ends - begins, initial=0))
    runs, marks = np.empty(longest + 2, np.uint64), np.empty((longest + 1, 4), np.uint64)
    # A token takes two bytes at least, itself and what parts it from the next; the last of a text takes one.
    most = (int(np.sum(ends - begins)) + len(begins)) // 2 + 1
    tokens = (np.empty(most, np.uint64), np.empty(most, np.uint8), np.empty(most, np.uint32), np.empty(most, np.uint32))
    most = int(np.count_nonzero(data == 10)) + len(begins)
    lines = (np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most, np.uint32), np.empty(most, np.uint32))
    offsets, line_offsets = np.empty(len(begins) + 1, np.int64), np.empty(len(begins) + 1, np.int64)
    n, n_lines = _scan(data, begins, ends, table, plain, runs, marks, tokens, offsets, lines, line_offsets)
    _shrink(tokens, n)
    _shrink(lines, n_lines)
    return TokenBatch(*tokens, offsets, Lines(*lines, line_offsets))


def _shrink(arrays: Iterable[NDArray[Any]], size: int) -> None:
    """Give back the memory behind the first `size` entries, without a copy."""
    for array in arrays:
        array.resize(size, refcheck=False)


def tokenise(texts: Sequence[str]) -> TokenBatch:
    """The tokens of each text, flat, with offsets in characters.

    Example:
        >>> batch = tokenise(["Zoë’s 2 cafés", ""])
        >>> batch.offsets.tolist(), batch.starts.tolist(), batch.ends.tolist()
        ([0, 4, 4], [0, 4, 6, 8], [3, 5, 7, 13])
        >>> bool(batch.hashes[0] == tokenise_one("ZOE").hashes[0])
        True
    """
    return tokenise_bytes([text.encode("utf-8", "surrogatepass") for text in texts])


def tokenise_bytes(texts: Sequence[bytes]) -> TokenBatch:
    """The tokens of each text in UTF-8."""
    bounds = np.cumsum([0, *map(len, texts)])
    return tokenise_utf8(np.frombuffer(b"".join(texts), np.uint8), bounds[:-1], bounds[1:])


@njit(cache=True, nogil=True)
def _flag_spans(spans, offsets, starts, flags):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    for k in range(len(spans)):
        text, begin, end = spans[k, 0], spans[k, 1], spans[k, 2]
        low, high = offsets[text], offsets[text + 1]
        last = high
        while low < high:  # the first word that begins at `begin` or behind it
            middle = (low + high) // 2
            if starts[middle] < begin:
                low = middle + 1
            else:
                high = middle
        while low < last and starts[low] < end:
            flags[low] |= np.uint8(FURNITURE)
            low += 1


def flag_spans(batch: TokenBatch, spans: NDArray[np.int64]) -> None:
    """Flag as furniture the tokens that begin within stretches of their texts.

    Args:
        spans: int64[S, 3], the number of a text, the first character of the stretch and its end.
    """
    _flag_spans(spans, batch.offsets, batch.starts, batch.flags)


def tokenise_one(text: str) -> TokenBatch:
    """The tokens of one text, as a batch of one."""
    return tokenise([text])
