"""What the two ends of a body tell, and what a single line of them is."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from dedup.clean.bylines import Byline, byline_of
from dedup.clean.captions import is_caption, may_be_caption
from dedup.clean.credits import Credit, credit_of, may_be_credit
from dedup.clean.dates import date_line, parse_date
from dedup.clean.lines import Line, plain_word
from dedup.clean.phrases import fold_words, phrase_kind, starts_phrase
from dedup.records import Furniture

__all__ = ["Marks", "is_sentence", "kind_of_line", "kind_of_sentence"]


_QUOTES = '“"«„‘'
_DIGIT = re.compile(r"\d")


@dataclass(slots=True)
class Marks:
    """What was found at the two ends of a body; filled while it is read, from the top and then from the bottom."""

    title: str = ""
    publisher: str = ""
    author: str = ""
    dateline: str = ""
    agency: str = ""
    credit: str = ""
    published_at: str = ""
    furniture: list[Furniture] = field(default_factory=list)

    def add(self, start: int, end: int, kind: str) -> None:
        """Marks a stretch of the body."""
        self.furniture.append(Furniture(start, end, kind))

    def take_byline(self, byline: Byline) -> str:
        """The kind; the first byline names author and agency."""
        self.author = self.author or byline.author
        self.agency = self.agency or byline.agency
        return "byline"

    def take_credit(self, credit: Credit) -> str:
        """The kind; the first credit line stays, and an agency of the dateline or byline outranks its own."""
        if credit.kind == "credit":
            self.credit = self.credit or credit.text
            self.agency = self.agency or credit.agency
        return credit.kind


def kind_of_sentence(line: Line, marks: Marks) -> str:
    """Kind of a line that ends as a sentence does: caption, worded credit, plea to the reader; "" for running text.

    Nearly every line that comes here is running text, so each test begins with a look at the first word or the end.
    """
    text = line.text
    word = plain_word(text)
    if may_be_caption(text, word) and is_caption(text):
        return "caption"
    if len(text) <= 240 and may_be_credit(text, word) and (credit := credit_of(text)):
        return marks.take_credit(credit)
    return phrase_kind(text) if len(text) <= 160 and starts_phrase(text, word) else ""


def kind_of_line(text: str, marks: Marks) -> str:
    """Kind of a line that is no sentence, "" when its words do not tell."""
    if byline := byline_of(text):
        marks.published_at = marks.published_at or parse_date(text.partition(",")[2])
        return marks.take_byline(byline)
    if date_line(text):
        marks.published_at = marks.published_at or parse_date(text)
        return "date"
    publisher = marks.publisher
    if publisher and len(text) <= len(publisher) + 12 and fold_words(text) == fold_words(publisher):
        return "navigation"
    if credit := credit_of(text):
        return marks.take_credit(credit)
    return phrase_kind(text)


def is_sentence(line: Line) -> bool:
    """True for a sentence of some length; shorter ones may be slogans, dates, addresses or names with a full stop."""
    if not line.ended:
        return False
    text = line.text
    if len(text) > 60 or text[0] in _QUOTES:
        return True
    return len(text) > 34 and text.count(" ") >= 5 and "@" not in text and not _DIGIT.search(text)
