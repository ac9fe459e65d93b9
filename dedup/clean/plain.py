"""Plain text made uniform, and its two ends marked.

Only the first and the last lines are ever looked at, so a book-long body costs what a short one does; what repeats
in the middle is found on tokens, by the lexicon and by repetition.
"""

from __future__ import annotations

import re
import unicodedata
from operator import attrgetter

from dedup.clean.head import mark_head
from dedup.clean.marks import Marks
from dedup.clean.tail import mark_tail
from dedup.utf8 import BEYOND, CONTROL, RETURN, traits

__all__ = ["mark", "one_line", "plain_text"]

_TO_SPACE = {code: " " for code in range(32) if chr(code) not in "\t\n\r"}
_SURROGATE = re.compile("[\ud800-\udfff]")
_start = attrgetter("start")


def plain_text(text: str) -> str:
    """The text in NFC with LF line ends, no control characters, no lone surrogates, and no blank around it."""
    try:
        raw = text.encode()
    except UnicodeEncodeError:
        text = _SURROGATE.sub("�", text)
        raw = text.encode()
    found = traits(raw)
    if found & CONTROL:
        text = text.translate(_TO_SPACE)
    if found & RETURN:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if found & BEYOND:
        text = text.removeprefix("\ufeff")
        if not unicodedata.is_normalized("NFC", text):
            text = unicodedata.normalize("NFC", text)
    return text.strip()


def one_line(text: str) -> str:
    """A field of a record as plain text on one line."""
    if not text:
        return ""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    return " ".join(plain_text(text).split())


def mark(body: str, *, title: str = "", publisher: str = "") -> Marks:
    """Everything that the first and the last lines of a body tell, and which of its characters are furniture.

    Args:
        body: as `plain_text` gives it.
        title: the title when it is known; it is looked for in the body otherwise.
        publisher: the outlet's name, which often stands alone on a line.
    """
    marks = Marks(title, publisher)
    if body:
        mark_tail(body, mark_head(body, marks), marks)
        if len(marks.furniture) > 1:
            marks.furniture.sort(key=_start)
    return marks
