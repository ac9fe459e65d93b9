"""Passages ready to be shown: both sides with their context, and the words that differ marked."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from dedup.records import Article, Match, Passage
from dedup.report.findings import one_line

__all__ = ["Piece", "Shown", "Stretch", "best_passages", "show", "stretches"]

#: Han, kana and Thai are written without spaces: a character (with its marks) stands for a word there.
_TOKEN = re.compile(
    r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
    r"|[\u0e00-\u0e7f][\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]*"
    r"|[^\s\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+"
)
_CONTEXT = 60
#: Equal stretches longer than twice this plus some are folded, so that the changes of a long copy stay in sight.
_KEEP = 24
_FOLD = 2 * _KEEP + 16
#: Beyond this many words that may differ, finding the differences takes longer than reading both sides.
_DIFF_LIMIT = 3000


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a passage: `same`, `changed`, or `folded` (text that is equal on both sides and left out)."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One side of a passage."""

    before: str
    pieces: tuple[Piece, ...]
    after: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """Where something stands in an article, from 0 to 1000 over its length."""

    start: float
    end: float


def best_passages(match: Match, limit: int) -> list[Passage]:
    """The passages that tell most, at most `limit`, in the order in which they stand in a."""
    best = sorted(match.passages, key=lambda passage: (-passage.rarity, passage.a_start))[:limit]
    return sorted(best, key=lambda passage: (passage.a_start, passage.b_start))


def show(passage: Passage, a: Article, b: Article) -> tuple[Shown, Shown]:
    """Both sides of a passage, word by word."""
    left = _words(a.body, passage.a_start, passage.a_end)
    right = _words(b.body, passage.b_start, passage.b_end)
    blocks = _equal_runs([_key(a.body[s:e]) for s, e in left], [_key(b.body[s:e]) for s, e in right])
    a_runs = [(i, i + size) for i, _, size in blocks]
    b_runs = [(j, j + size) for _, j, size in blocks]
    return (
        _side(a.body, passage.a_start, passage.a_end, left, a_runs),
        _side(b.body, passage.b_start, passage.b_end, right, b_runs),
    )


def _words(body: str, start: int, end: int) -> list[tuple[int, int]]:
    return [found.span() for found in _TOKEN.finditer(body, start, end)]


def _key(word: str) -> str:
    """What makes a word the same word: its letters and digits, whatever their case and the quotes around them."""
    plain = word.casefold()
    return plain if plain.isalnum() else "".join(c for c in plain if unicodedata.category(c)[0] not in "PSC") or plain


def _equal_runs(a: list[str], b: list[str]) -> list[tuple[int, int, int]]:
    """Runs `(i, j, size)` of equal words, in order."""
    head = 0
    while head < min(len(a), len(b)) and a[head] == b[head]:
        head += 1
    tail = 0
    while tail < min(len(a), len(b)) - head and a[-1 - tail] == b[-1 - tail]:
        tail += 1
    middle_a, middle_b = a[head : len(a) - tail], b[head : len(b) - tail]
    runs = [(0, 0, head)]
    if middle_a and middle_b and max(len(middle_a), len(middle_b)) <= _DIFF_LIMIT:
        matcher = SequenceMatcher(None, middle_a, middle_b, autojunk=max(len(middle_a), len(middle_b)) > 400)
        runs += [(head + i, head + j, size) for i, j, size in matcher.get_matching_blocks()]
    runs.append((len(a) - tail, len(b) - tail, tail))
    return [run for run in runs if run[2]]


def _side(body: str, start: int, end: int, words: list[tuple[int, int]], runs: Sequence[tuple[int, int]]) -> Shown:
    pieces: list[Piece] = []
    done, at = 0, start  # words and characters that are already in pieces
    for first, last in (*runs, (len(words), len(words))):
        if done < first:
            _put(pieces, "same", body[at : words[done][0]])
            at = words[first - 1][1]
            _put(pieces, "changed", body[words[done][0] : at])
        if last - first > _FOLD:
            _put(pieces, "same", body[at : words[first + _KEEP - 1][1]])
            _put(pieces, "folded", f"{last - first - 2 * _KEEP:,} words the same")
            at = words[last - _KEEP][0]
        if first < last:
            _put(pieces, "same", body[at : words[last - 1][1]])
            at = words[last - 1][1]
        done = last
    _put(pieces, "same", body[at:end])
    return Shown(before=_before(body, start), pieces=tuple(pieces), after=_after(body, end))


def _put(pieces: list[Piece], kind: str, text: str) -> None:
    if not text:
        return
    if pieces and pieces[-1].kind == kind == "same":
        text = pieces.pop().text + text
    pieces.append(Piece(kind, text))


def _before(body: str, start: int) -> str:
    """The text just before a passage, from the beginning of a word."""
    text = body[max(0, start - _CONTEXT) : start]
    if start > _CONTEXT and not body[start - _CONTEXT - 1].isspace() and " " in text:
        text = text[text.index(" ") :]
    return ("… " if start > len(text) else "") + one_line(text) + (" " if text[-1:].isspace() else "")


def _after(body: str, end: int) -> str:
    """The text just after a passage, to the end of a word."""
    text = body[end : end + _CONTEXT]
    if end + _CONTEXT < len(body) and not body[end + _CONTEXT].isspace() and " " in text:
        text = text[: text.rindex(" ")]
    return (" " if text[:1].isspace() else "") + one_line(text) + (" …" if end + len(text) < len(body) else "")


def stretches(article: Article, spans: Sequence[tuple[int, int]]) -> list[Stretch]:
    """The spans as stretches of the article, each wide enough to be seen."""
    scale = 1000 / max(1, len(article.body))
    found = []
    for start, end in spans:
        left = min(start * scale, 996.0)
        found.append(Stretch(round(left, 1), round(max(end * scale, left + 4), 1)))
    return found
