"""The last lines of a body: credits, sign-offs, and the links and pleas behind the last paragraph."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from dedup.clean.captions import is_caption
from dedup.clean.credits import trailing_credit
from dedup.clean.head import MIN_BODY
from dedup.clean.lines import LONG, Line, last_lines, word_count
from dedup.clean.marks import Marks, is_sentence, kind_of_line, kind_of_sentence
from dedup.clean.phrases import phrase_kind

__all__ = ["mark_tail"]

_MAX_LINES = 40
_QUOTES = "\"'“‘«„「"
#: What items of lists have and headlines seldom have: figures, brackets, a name before a colon.
_ITEM = re.compile(r"\d|\([^()]{1,30}\)|\w: ")
_HEADINGS = frozenset(("related", "navigation", "subscribe", "share"))


class _Seen(NamedTuple):
    line: Line
    kind: str
    """A furniture kind, or "short" and "maybe" for lines that only their place can tell."""


def mark_tail(body: str, head_end: int, marks: Marks) -> None:
    """Marks what stands behind the last paragraph, read from the bottom up and not beyond `head_end`."""
    run: list[_Seen] = []
    last: Line | None = None
    for line in last_lines(body):
        if line.start < head_end or len(run) == _MAX_LINES:
            break
        kind = _kind(line, marks)
        if kind == "body":
            last = line
            break
        run.append(_Seen(line, kind))
    if last is not None:
        _mark_trailing_credit(last, marks)
    if run:
        by_position = last is not None and last.end >= MIN_BODY
        for line, kind in _decided(run[::-1], by_position):
            marks.add(line.start, line.end, kind)


def _kind(line: Line, marks: Marks) -> str:
    """A furniture kind; "body" where the article ends; "short" and "maybe" for lines that only place can tell."""
    text = line.text
    if len(text) > LONG:
        return "body"
    if is_sentence(line):
        if kind := kind_of_sentence(line, marks):
            return kind
        return "maybe" if text[-1] in "?!？！؟" and word_count(text) <= 20 else "body"
    return kind_of_line(text, marks) or ("caption" if is_caption(text) else _unknown(line))


def _unknown(line: Line) -> str:
    """What a line without known words may be."""
    text = line.text
    words = word_count(text)
    if words > 20 or text[-1] in ".。।۔።…:;," or text.endswith(("…”", '."', ".”", ".'", ".’", "。」")):
        return "body"
    if line.ended:
        return "maybe" if words >= 4 else "body"
    plain = words <= 12 and text[0] not in _QUOTES and sum(c.isdigit() for c in text) <= 4
    return "short" if plain else "maybe"


def _decided(run: Sequence[_Seen], by_position: bool) -> list[_Seen]:
    """The furniture of a tail, top to bottom.

    Short lines behind the last paragraph are links; longer ones only under a heading such as "Related stories". A
    single line without any sign of furniture around it is a text that was cut off, and lines with figures or list
    marks in nearly all of them are a list of the article's own: dates of a tour, results, prices.
    """
    if _is_own_list(run):
        by_position = False
    decided: list[_Seen] = []
    guesses: list[_Seen] = []
    heading = False
    for line, kind in run:
        if kind not in ("short", "maybe"):
            heading = heading or kind in _HEADINGS
            decided += [*guesses, _Seen(line, kind)]
            guesses = []
        elif not by_position:
            continue
        elif heading:
            guesses.append(_Seen(line, "related"))
        elif kind == "short":
            guesses.append(_Seen(line, "related" if word_count(line.text) >= 5 else "navigation"))
        else:  # text after all, and so is what was only guessed above it
            guesses = []
            decided = [seen for seen in decided if seen.kind not in _HEADINGS or phrase_kind(seen.line.text)]
    if len(guesses) > 1 or heading or (guesses and (decided or word_count(guesses[0].line.text) <= 4)):
        decided += guesses
    return decided


def _is_own_list(run: Sequence[_Seen]) -> bool:
    """True when nearly all lines that only place can tell about read like items of a list, and no heading is above."""
    items: list[str] = []
    for line, kind in run:
        if kind in ("short", "maybe"):
            items.append(line.text)
        elif kind in _HEADINGS and not items:
            return False
    return len(items) >= 3 and 4 * sum(bool(_ITEM.search(text)) for text in items) >= 3 * len(items)


def _mark_trailing_credit(last: Line, marks: Marks) -> None:
    found = trailing_credit(last.text)
    if found is None:
        return
    start, credit = found
    marks.add(last.start + start, last.end, marks.take_credit(credit))
