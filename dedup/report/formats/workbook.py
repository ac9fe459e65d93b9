"""A report as an Excel workbook: one sheet a table, filters, a header that stays, links into the page.

Every text is written as a text: no cell can become a formula or a link that the article chose.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from dedup.errors import DedupError, MissingExtraError
from dedup.records import Grade
from dedup.report.formats.stored import (
    DATES,
    FRACTIONS,
    WHOLE,
    Row,
    Stored,
    Value,
    cluster_anchor,
    day,
    pair_anchor,
)
from dedup.report.summary import decided, headline
from dedup.report.wording import moment

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

__all__ = ["write_workbook"]

#: The column that leads into the page.
_SHOW = "show"
#: The columns of each sheet that come first; the others follow in the order of the table.
_FIRST = {
    "pairs": (
        *(_SHOW, "verdict", "confidence", "a_outlet", "a_title", "a_date", "b_outlet", "b_title", "b_date"),
        *("likely_source", "source_reason", "source_probability", "relation", "shared_words", "top_passage"),
        *("decided", "note"),
    ),
    "clusters": (
        *(_SHOW, "cluster_id", "title", "outlet", "published", "role", "grade_to_source", "credit_audit"),
        *("likely_source", "source_reason", "source_probability", "article_id"),
    ),
    "articles": (
        _SHOW,
        "title",
        "outlet",
        "published",
        "status",
        "best_grade",
        "best_match",
        "agency",
        "credit",
        "words",
    ),
    "skipped": (),
}
#: Columns that stay when the sheet is moved sideways, the header always does.
_FROZEN = {"pairs": 3, "clusters": 3, "articles": 2, "skipped": 1}
#: Rows and links that Excel takes on one sheet.
_ROWS, _LINKS = 1_048_575, 65_000
#: Characters of a link that it takes.
_LINK = 2_000
#: Characters that Excel takes in one cell.
_CELL = 32_767
#: Rows that the widths of columns are made from, and how narrow and wide these may be, in characters.
_LOOKED_AT, _NARROW, _WIDE = 300, 7, 46

_SHARES = FRACTIONS - {"cosine", "rare_overlap"}
#: The colours of the grades, ink and ground, as the page has them.
_COLOURS = {
    Grade.EXACT: ("#7d1d2b", "#f6e4e6"),
    Grade.NEAR_DUPLICATE: ("#8f3d1d", "#f9e8df"),
    Grade.EXCERPT: ("#6f5208", "#f7efd9"),
    Grade.REWRITE: ("#1a5565", "#dfeef2"),
    Grade.SAME_EVENT: ("#4a4f5a", "#e9ebee"),
}
#: The workbook would carry the time of its making, and no two would be equal.
_MADE = datetime(2000, 1, 1)


def write_workbook(stored: Stored, path: Path) -> None:
    """Write the workbook; links lead to report.html from where it lies.

    Raises:
        MissingExtraError: the package that writes workbooks is not installed.
        DedupError: the file cannot be written.
    """
    try:
        import xlsxwriter
        from xlsxwriter.exceptions import FileCreateError
    except ImportError:
        raise MissingExtraError("XlsxWriter", "excel") from None
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(str(path), {**options, "strings_to_numbers": False})
    book.set_properties({"title": headline(stored.figures), "created": _MADE, "comments": "Written by dedup."})
    page = quote(os.path.relpath(stored.folder / "report.html", path.parent).replace(os.sep, "/"), safe="/!'()*-._~")
    looks = _Looks(book)
    cut = [
        _write_sheet(book, looks, name, columns, stored.to_be_read(name), page)
        for name, columns in stored.columns.items()
    ]
    _write_run(book, looks, stored, [sentence for sentence in cut if sentence])
    try:
        book.close()
    except (FileCreateError, OSError) as error:
        raise DedupError(f"cannot write {path}: {getattr(error, 'strerror', None) or error}") from error


class _Looks:
    """How cells look, made once for a workbook."""

    def __init__(self, book: Workbook) -> None:
        top = {"valign": "top"}
        self.text = book.add_format(top)
        self.head = book.add_format({"bold": True, "bottom": 1, "bg_color": "#f3f0e8", "valign": "vcenter"})
        self.link = book.add_format({"font_color": "#1f4e79", "underline": 1, **top})
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.group = book.add_format({"bold": True, "top": 1})
        self.time = book.add_format({"num_format": "yyyy-mm-dd hh:mm", "align": "left", **top})
        self.day = book.add_format({"num_format": "yyyy-mm-dd", "align": "left", **top})
        self.wrapped = book.add_format({"text_wrap": True, **top})
        self.above = book.add_format({"top": 1, "top_color": "#8a8478"})
        self.figure = book.add_format({"align": "left"})
        self._numbers = {
            "share": book.add_format({"num_format": "0%", **top}),
            "cosine": book.add_format({"num_format": "0.00", **top}),
            "rare_overlap": book.add_format({"num_format": "0.0", **top}),
            "whole": book.add_format({"num_format": "#,##0", **top}),
        }
        self._grades = {
            text: book.add_format({"font_color": ink, "bg_color": ground, **top})
            for grade, (ink, ground) in _COLOURS.items()
            for text in (grade.value, grade.verdict)
        }

    def number(self, column: str) -> Format:
        """Of a column of numbers."""
        kind = "share" if column in _SHARES else "whole" if column in WHOLE else column
        return self._numbers[kind]

    def grade(self, text: str) -> Format:
        """Of a grade or verdict."""
        return self._grades.get(text, self.text)


def _write_sheet(book: Workbook, looks: _Looks, name: str, columns: Sequence[str], rows: list[Row], page: str) -> str:
    """One table as a sheet; returns a sentence if it does not hold everything."""
    sheet = book.add_worksheet(name)
    order = [column for column in _FIRST[name] if column in columns or column == _SHOW]
    order += [column for column in columns if column not in order]
    for place, column in enumerate(order):
        sheet.set_column(place, place, _width(column, rows))
    sheet.set_row(0, 22)
    for place, column in enumerate(order):
        sheet.write_string(0, place, f"{column} (UTC)" if column in DATES else column, looks.head)
    shown = rows[:_ROWS]
    for number, row in enumerate(shown, 1):
        anchor = _anchor(name, row) if number <= _LINKS and order[0] == _SHOW else ""
        for place, column in enumerate(order):
            if column == _SHOW:
                if anchor and len(page + anchor) <= _LINK:
                    sheet.write_url(number, place, f"external:{page}{anchor}", looks.link, "show")
            else:
                _write_cell(sheet, looks, number, place, column, row.get(column))
    sheet.autofilter(0, 0, max(1, len(shown)), len(order) - 1)
    if name == "clusters":  # a line above every story
        change = {"type": "formula", "criteria": "=$B2<>$B1", "format": looks.above}
        sheet.conditional_format(1, 0, max(1, len(shown)), len(order) - 1, change)
    sheet.freeze_panes(1, _FROZEN[name])
    sheet.set_landscape()
    sheet.repeat_rows(0)
    sheet.fit_to_pages(1, 0)
    if len(rows) <= _ROWS:
        return ""
    return f"{name}: a sheet holds {_ROWS:,} of {len(rows):,} rows; {name}.csv holds all"


def _anchor(name: str, row: Row) -> str:
    """Where the page shows what a row is about."""
    if name == "pairs":
        return pair_anchor(str(row["a"]), str(row["b"]))
    cluster = str(row.get("cluster_id") or "")
    return cluster_anchor(cluster) if cluster and row.get("role") != "alone" else ""


def _write_cell(sheet: Worksheet, looks: _Looks, row: int, place: int, column: str, value: Value) -> None:
    if value is None or value == "":
        return
    if isinstance(value, int | float):
        sheet.write_number(row, place, value, looks.number(column))
    elif column in DATES and (whole := day(value)):
        sheet.write_datetime(row, place, whole, looks.day)
    elif column in DATES and (found := moment(value)) and found.year >= 1900:
        sheet.write_datetime(row, place, found.replace(tzinfo=None), looks.time)
    else:
        look = looks.grade(value) if column in ("verdict", "grade", "best_grade", "grade_to_source") else looks.text
        sheet.write_string(row, place, value[:_CELL], look)


def _width(column: str, rows: Sequence[Row]) -> float:
    if column == _SHOW:
        return _NARROW
    if column in DATES:
        return 17
    texts = (row.get(column) for row in islice(rows, _LOOKED_AT))
    longest = max((len(text) for text in texts if isinstance(text, str)), default=0)
    return min(_WIDE, max(_NARROW, len(column) + 3, 0.95 * longest + 1))


def _write_run(book: Workbook, looks: _Looks, stored: Stored, cut: Sequence[str]) -> None:
    """The last sheet: the run in a sentence, then its figures, warnings, options and versions."""
    sheet = book.add_worksheet("run")
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 60)
    sheet.hide_gridlines(2)
    sheet.write_string(0, 0, headline(stored.figures), looks.title)
    row = 1
    times = "Times are in UTC, so that they can be sorted; a time without a zone stands as it was found."
    for sentence in (*decided(stored.run.get("decisions")), *stored.run.get("warnings", []), *cut, times):
        sheet.write_string(row, 0, sentence.strip())
        row += 1
    for group, facts in _groups(stored.run):
        row += 1
        sheet.write_string(row, 0, group, looks.group)
        sheet.write_blank(row, 1, None, looks.group)
        for name, value in facts:
            row += 1
            sheet.write_string(row, 0, name)
            if isinstance(value, int | float) and not isinstance(value, bool):
                sheet.write_number(row, 1, value, looks.figure)
            else:
                sheet.write_string(row, 1, str(value)[:_CELL], looks.wrapped)


def _groups(run: Any) -> Iterator[tuple[str, list[tuple[str, Any]]]]:
    for group in ("counts", "options", "versions", "seconds"):
        facts = list(_flat("", run.get(group, {})))
        if facts:
            yield group, facts


def _flat(prefix: str, values: Any) -> Iterator[tuple[str, Any]]:
    for name, value in sorted(values.items()):
        if isinstance(value, dict) and value:
            yield from _flat(f"{prefix}{name}.", value)
        else:
            yield prefix + name, "" if value in (None, {}) else value
