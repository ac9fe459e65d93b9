"""The lines at the two ends of a body: cutting them without walking the rest, and what kind of line each is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

__all__ = [
    "LONG",
    "Line",
    "blank_after",
    "ends_sentence",
    "first_lines",
    "is_paragraph",
    "is_statement",
    "last_lines",
    "plain_word",
    "word_count",
    "word_set",
]

#: Longer lines are running text whatever they end with; no expression looks at the whole of them.
LONG = 300

_LINE = re.compile(r"\S[^\n]*")
_PLAIN_WORD = re.compile(r"([A-Za-z]{1,15}) ")
_STOPS = tuple(".!?…。！？।۔؟።፧")
_CLOSERS = "\"'”’»)]」』】）›“"


class Line(NamedTuple):
    """A line without the blanks around it: `body[start:end]`."""

    start: int
    end: int
    text: str
    ended: bool
    """Whether it ends as a sentence does, or is longer than `LONG`."""


def _line(start: int, text: str) -> Line:
    if text.find("\xa0", 0, LONG) >= 0:
        text = text.replace("\xa0", " ")  # of one length, so that offsets stay true
    return Line(start, start + len(text), text, len(text) > LONG or ends_sentence(text))


def first_lines(body: str) -> Iterator[Line]:
    """Lines that are not blank, from the top; only those that are asked for are cut."""
    for found in _LINE.finditer(body):
        yield _line(found.start(), found[0].rstrip())


def last_lines(body: str) -> Iterator[Line]:
    """Lines that are not blank, from the bottom upwards."""
    end = len(body)
    while end > 0:
        start = body.rfind("\n", 0, end) + 1
        if text := body[start:end].strip():
            yield _line(start if body.startswith(text, start) else body.find(text, start), text)
        end = start - 1


def blank_after(body: str, line: Line) -> bool:
    """True when an empty line follows, or the end of the body."""
    end = body.find("\n", line.end)
    return end < 0 or body.startswith("\n", end + 1)


def ends_sentence(text: str) -> bool:
    """True when the text ends as a sentence does, closing quotes and brackets set aside.

    A bare closing quote ends a headline (X 'ready'), and a dangling ellipsis of dots a line that was cut off.

    Example:
        >>> ends_sentence('"We stay."'), ends_sentence("Mayor is 'ready'"), ends_sentence("The harbour will ...")
        (True, False, False)
    """
    if text.endswith(_STOPS):
        return not text.endswith("...")
    return text.rstrip(_CLOSERS).endswith(_STOPS)


def word_count(text: str) -> int:
    """Number of words; in scripts written without spaces, half the number of characters."""
    words = text.count(" ") + 1
    return len(text) // 2 if len(text) > 14 * words and not text.isascii() else words


def is_paragraph(line: Line) -> bool:
    """True for a line of running text: long, or eight words that end as a sentence does."""
    text = line.text
    return line.ended and (len(text) > LONG or text.count(" ") >= 7 or word_count(text) >= 8)


def is_statement(line: Line) -> bool:
    """True for running text that cannot be a headline: headlines end in questions and cries, but not in full stops."""
    return len(line.text) > LONG or (is_paragraph(line) and line.text.rstrip(_CLOSERS)[-1] not in "?!？！؟")


def plain_word(text: str) -> str:
    """The first word in lower case if it is of ASCII letters and a blank follows, as most are; "" for all others.

    Example:
        >>> plain_word("The harbour is shut."), plain_word("(AP) The harbour is shut.")
        ('the', '')
    """
    found = _PLAIN_WORD.match(text)
    return found[1].lower() if found else ""


def word_set(text: str) -> frozenset[str]:
    """The words of a text as a set: tables of words read better as prose."""
    return frozenset(text.split())
