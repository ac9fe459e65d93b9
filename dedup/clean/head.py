"""The first lines of a body: title, byline, date, captions and navigation before the text, and the dateline."""

from __future__ import annotations

from collections.abc import Sequence

from dedup.clean.agencies import agency_name
from dedup.clean.bylines import Byline
from dedup.clean.captions import is_caption
from dedup.clean.datelines import Dateline, dateline_of
from dedup.clean.lines import LONG, Line, first_lines, is_paragraph, is_statement, word_count
from dedup.clean.marks import Marks, is_sentence, kind_of_line, kind_of_sentence
from dedup.clean.titles import find_title, is_breadcrumb, same_title, shares_words

__all__ = ["MIN_BODY", "mark_head"]

_MAX_LINES, _MAX_CHARS, _MAX_PARAGRAPHS = 16, 1500, 2
#: Texts shorter than this lose nothing by position: too little to tell a list or a poem from furniture.
MIN_BODY = 300


def mark_head(body: str, marks: Marks) -> int:
    """Where the marked head ends; `marks` takes what it tells."""
    if len(body) > LONG and not body[LONG].isspace() and body.find("\n", 0, LONG) < 0:
        line = Line(0, 0, body[:LONG].replace("\xa0", " "), ended=True)  # most of what follows is for shorter lines
        return _mark_dateline(line, found, marks) if (found := dateline_of(line.text)) else 0
    lines, kinds = _head(body, marks)
    if kinds[0] or len(lines) > 2 or not is_paragraph(lines[0]):
        _mark_block(body, lines, kinds, marks)
    end = 0
    for line, kind in zip(lines, kinds, strict=True):
        if kind:
            marks.add(line.start, line.end, kind)
            end = line.end
        elif not marks.dateline and is_paragraph(line) and (found := dateline_of(line.text)):
            end = _mark_dateline(line, found, marks)
    return end


def _head(body: str, marks: Marks) -> tuple[list[Line], list[str]]:
    """The lines before the running text and its first two paragraphs, with the kind that the words of each show.

    Most bodies begin with two paragraphs; of those the second is not looked at.
    """
    lines: list[Line] = []
    kinds: list[str] = []
    paragraphs = 0
    for line in first_lines(body):
        lines.append(line)
        if len(line.text) > LONG:
            kinds.append("")
            break
        paragraph = is_paragraph(line)
        kind = "" if paragraph and paragraphs and len(lines) == 2 else _kind(line, marks)
        kinds.append(kind)
        if paragraph and not kind:
            paragraphs += 1
        if paragraphs == _MAX_PARAGRAPHS or len(lines) == _MAX_LINES or line.end > _MAX_CHARS:
            break
    return lines, kinds


def _kind(line: Line, marks: Marks) -> str:
    """The kind of a head line, "" for the article's own words."""
    text = line.text
    if marks.title and _may_be_title(text, marks.title) and same_title(text, marks.title):
        return "title"
    if is_sentence(line):
        return kind_of_sentence(line, marks)
    if is_caption(text):
        return "caption"
    if agency := agency_name(text):
        return marks.take_byline(Byline("", agency))
    return kind_of_line(text, marks) or ("navigation" if is_breadcrumb(text) else "")


def _may_be_title(text: str, title: str) -> bool:
    return len(text) <= 2 * len(title) + 8 and text[:1].casefold() in (title[0].casefold(), '"', "'", "“", "‘", "«")


def _mark_block(body: str, lines: Sequence[Line], kinds: list[str], marks: Marks) -> None:
    """Decides about the lines before the first statement by the place they stand in."""
    _mark_repeated_captions(lines, kinds)
    first = next((i for i, line in enumerate(lines) if not kinds[i] and is_statement(line)), len(lines))
    if not marks.title and first:
        _mark_title(body, lines, kinds, first, marks)
    if first < len(lines) and len(body) - lines[first].start >= MIN_BODY:
        _mark_by_position(lines, kinds, first)


def _mark_repeated_captions(lines: Sequence[Line], kinds: list[str]) -> None:
    """A line that a caption repeats is that caption's text without the credit."""
    for i in range(len(lines) - 1):
        if not kinds[i] and kinds[i + 1] == "caption" and lines[i + 1].text.startswith(lines[i].text):
            kinds[i] = "caption"


def _mark_title(body: str, lines: Sequence[Line], kinds: list[str], first: int, marks: Marks) -> None:
    """Finds the missing title among the lines before the first statement, and marks it wherever it stands."""
    start = lines[first].start if first < len(lines) else len(body)
    found = find_title(body, lines[:first], [bool(kind) for kind in kinds[:first]], start)
    if found < 0:
        return
    marks.title = lines[found].text
    for i in range(first):
        if not kinds[i] and same_title(lines[i].text, marks.title):
            kinds[i] = "title"


def _mark_by_position(lines: Sequence[Line], kinds: list[str], first: int) -> None:
    """Short lines before the running text are page furniture; before the title even longer ones are."""
    title = kinds.index("title") if "title" in kinds[:first] else 0
    for i in range(first):
        text = lines[i].text
        words = word_count(text)
        if kinds[i] or text[-1] == ":":
            continue
        short = words <= 6 and (i < title or not lines[i].ended)
        if short or (i < title and words <= 12 and not shares_words(text, lines[title].text)):
            kinds[i] = "navigation"


def _mark_dateline(line: Line, found: Dateline, marks: Marks) -> int:
    marks.dateline = line.text[: found.end].strip()
    marks.agency = found.agency or marks.agency
    marks.add(line.start, line.start + found.end, "dateline")
    return line.start + found.end
