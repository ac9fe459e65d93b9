"""The lines at the two ends of a body: cutting them without walking the rest, and what kind of line each is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

__all__ = [
    "LONG",
    "Line",
    "ends_sentence",
    "first_lines",
    "is_paragraph",
    "is_statement",
    "last_lines",
    "word_count",
    "word_set",
]

#: Longer lines are running text whatever they end with; no expression looks at the whole of them.
LONG = 300

_STOPS = ".!?…。！？।۔؟።፧"
_CLOSERS = "\"'”’»)]」』】）›“"


class Line(NamedTuple):
    """A line without the blanks around it: `body[start:end]`; `blank_after` when an empty line or the end follows."""

    start: int
    end: int
    text: str
    blank_after: bool


def _line(body: str, start: int, end: int) -> Line | None:
    left = body[start:end].lstrip()
    if not left:
        return None
    start = end - len(left)
    text = left.rstrip()
    if "\xa0" in text[:LONG]:
        text = text.replace("\xa0", " ")  # of one length, so that offsets stay true
    return Line(start, start + len(text), text, body.startswith("\n", end + 1) or end >= len(body))


def first_lines(body: str) -> Iterator[Line]:
    """Lines that are not blank, from the top; only those that are asked for are cut."""
    start = 0
    while start < len(body):
        end = body.find("\n", start)
        if end < 0:
            end = len(body)
        if end > start and (line := _line(body, start, end)):
            yield line
        start = end + 1


def last_lines(body: str) -> Iterator[Line]:
    """Lines that are not blank, from the bottom upwards."""
    end = len(body)
    while end > 0:
        start = body.rfind("\n", 0, end) + 1
        if end > start and (line := _line(body, start, end)):
            yield line
        end = start - 1


def ends_sentence(text: str) -> bool:
    """True when the text ends as a sentence does, closing quotes and brackets set aside.

    A bare closing quote ends a headline (X 'ready'), and a dangling ellipsis of dots a line that was cut off.

    Example:
        >>> ends_sentence('"We stay."'), ends_sentence("Mayor is 'ready'"), ends_sentence("The harbour will ...")
        (True, False, False)
    """
    last = text[-1:]
    if last in _CLOSERS:
        last = text.rstrip(_CLOSERS)[-1:]
    return last in _STOPS and last != "" and not text.endswith("...")


def word_count(text: str) -> int:
    """Number of words; in scripts written without spaces, half the number of characters."""
    words = text.count(" ") + 1
    return len(text) // 2 if len(text) > 14 * words and not text.isascii() else words


def is_paragraph(text: str) -> bool:
    """True for a line of running text: long, or eight words that end as a sentence does."""
    return len(text) > LONG or (ends_sentence(text) and word_count(text) >= 8)


def is_statement(text: str) -> bool:
    """True for running text that cannot be a headline: headlines end in questions and cries, but not in full stops."""
    return len(text) > LONG or (is_paragraph(text) and text.rstrip(_CLOSERS)[-1] not in "?!？！؟")


def word_set(text: str) -> frozenset[str]:
    """The words of a text as a set: tables of words read better as prose."""
    return frozenset(text.split())
