"""Passages ready to be shown: both sides with their context, and the words that differ marked."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from dedup.records import Article, Match, Passage
from dedup.report.findings import one_line

__all__ = ["Piece", "Shown", "best_passages", "show"]

#: Han, kana and Thai are written without spaces: a character (with its marks) stands for a word there.
_TOKEN = re.compile(
    r"[^\s\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+"
    r"|[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
    r"|[\u0e00-\u0e7f][\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]*"
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


def best_passages(match: Match, limit: int) -> list[Passage]:
    """The passages that tell most, at most `limit`, in the order in which they stand in a."""
    best = sorted(match.passages, key=lambda passage: (-passage.rarity, passage.a_start))[:limit]
    return sorted(best, key=lambda passage: (passage.a_start, passage.b_start))


def show(passage: Passage, a: Article, b: Article) -> tuple[Shown, Shown]:
    """Both sides of a passage, word by word."""
    text, other = a.body[passage.a_start : passage.a_end], b.body[passage.b_start : passage.b_end]
    left = _words(text)
    if text == other:
        in_a = in_b = _pieces(text, left, [(0, len(left))])
    else:
        right = _words(other)
        blocks = _equal_runs([text[s:e] for s, e in left], [other[s:e] for s, e in right])
        in_a = _pieces(text, left, [(i, i + size) for i, _, size in blocks])
        in_b = _pieces(other, right, [(j, j + size) for _, j, size in blocks])
    return (
        Shown(before=_before(a.body, passage.a_start), pieces=in_a, after=_after(a.body, passage.a_end)),
        Shown(before=_before(b.body, passage.b_start), pieces=in_b, after=_after(b.body, passage.b_end)),
    )


def _words(text: str) -> list[tuple[int, int]]:
    return list(map(re.Match.span, _TOKEN.finditer(text)))


def _key(word: str) -> str:
    """What makes a word the same word: its letters and digits, whatever their case and the quotes around them."""
    plain = word.casefold()
    return plain if plain.isalnum() else "".join(c for c in plain if unicodedata.category(c)[0] not in "PSC") or plain


def _equal_runs(a: list[str], b: list[str]) -> list[tuple[int, int, int]]:
    """Runs `(i, j, size)` of equal words, in order."""
    head = _same(a, b)
    tail = _same(reversed(a[head:]), reversed(b[head:]))
    middle_a, middle_b = list(map(_key, a[head : len(a) - tail])), list(map(_key, b[head : len(b) - tail]))
    runs = [(0, 0, head)]
    if middle_a and middle_b and max(len(middle_a), len(middle_b)) <= _DIFF_LIMIT:
        matcher = SequenceMatcher(None, middle_a, middle_b, autojunk=max(len(middle_a), len(middle_b)) > 400)
        runs += [(head + i, head + j, size) for i, j, size in matcher.get_matching_blocks()]
    runs.append((len(a) - tail, len(b) - tail, tail))
    return [run for run in runs if run[2]]


def _same(a: Iterable[str], b: Iterable[str]) -> int:
    """How many words are the same from the first on."""
    count = 0
    for one, other in zip(a, b, strict=False):
        if one != other and _key(one) != _key(other):
            break
        count += 1
    return count


def _pieces(text: str, words: list[tuple[int, int]], runs: Sequence[tuple[int, int]]) -> tuple[Piece, ...]:
    """A passage as pieces, by its words and the runs of them that stand on the other side, too."""
    pieces: list[Piece] = []
    done, at = 0, 0  # words and characters that are already in pieces
    for first, last in (*runs, (len(words), len(words))):
        if done < first:
            _put(pieces, "same", text[at : words[done][0]])
            at = words[first - 1][1]
            _put(pieces, "changed", text[words[done][0] : at])
        if last - first > _FOLD:
            _put(pieces, "same", text[at : words[first + _KEEP - 1][1]])
            _put(pieces, "folded", f"{last - first - 2 * _KEEP:,} words the same")
            at = words[last - _KEEP][0]
        if first < last:
            _put(pieces, "same", text[at : words[last - 1][1]])
            at = words[last - 1][1]
        done = last
    _put(pieces, "same", text[at:])
    return tuple(pieces)


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
