"""Cells that are safe to open in a spreadsheet: text can never become a formula, a number stays a number."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeGuard, cast

from dedup.report.findings import batches

__all__ = ["Cell", "cell", "csv_lines"]

Cell = str | int | float

#: Full-width signs too: Excel in East Asian locales reads them as the plain ones. Apostrophes before the sign are
#: counted in, so that taking one apostrophe away always gives the text back.
_FORMULA = re.compile(r"'*\s*[=+\-@＝＋－＠]")
_RISKY = frozenset(" '=+-@＝＋－＠")
_LINE_BREAKS = re.compile(r"[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]+")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1b\x7f]+")
#: Excel cuts a cell at 32,767 characters, and what follows spills into other cells.
_LIMIT = 32_000


#: What rounding can leave of a small negative number, and what is no number.
_ODD = {"-0.0000": "0.0000", "nan": "", "inf": "", "-inf": ""}


def cell(value: Cell) -> str:
    """The value as it is written to a CSV file: text made harmless and one line, fractions with four digits.

    Example:
        >>> cell("=1+1"), cell("- a title"), cell(-0.25), cell("one\\ntwo")
        ("'=1+1", "'- a title", '-0.2500', 'one two')
    """
    if isinstance(value, str):
        if not value or (value[0] not in _RISKY and value.isprintable() and len(value) <= _LIMIT):
            return value  # nearly all cells, ten times as fast
        text = _CONTROLS.sub("", _LINE_BREAKS.sub(" ", value))
        text = text if len(text) <= _LIMIT else text[:_LIMIT] + "…"
        return "'" + text if _FORMULA.match(text) else text
    if isinstance(value, int):
        return str(value)
    text = f"{value:.4f}"
    return _ODD.get(text, text)


def csv_lines(rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """The rows as lines of a CSV file, some hundred to a piece.

    Cells are looked at by columns: most columns hold nothing that must be changed, and one look at all of their text
    together is several times quicker than one at each.

    Example:
        >>> "".join(csv_lines([("a", 1), ("=b", 0.5), ("c, d", 2)])).split("\\r\\n")
        ['a,1', "'=b,0.5000", '"c, d",2', '']
    """
    for some in batches(rows):
        columns = [_column(values) for values in zip(*some, strict=True)]
        yield "\r\n".join(map(",".join, zip(*columns, strict=True))) + "\r\n"


def _column(values: Sequence[Cell]) -> Sequence[str]:
    """The values of one column as they stand in a line."""
    texts = values if _plain(values) else [cell(value) for value in values]
    joined = "".join(texts)
    return texts if "," not in joined and '"' not in joined else list(map(_quoted, texts))


def _plain(values: Sequence[Cell]) -> TypeGuard[Sequence[str]]:
    """Whether all values are texts that `cell` leaves as they are."""
    try:
        joined = "".join(cast(Sequence[str], values))
    except TypeError:  # there are numbers among them
        return False
    short = len(joined) <= _LIMIT or max(map(len, cast(Sequence[str], values))) <= _LIMIT
    return short and joined.isprintable() and _RISKY.isdisjoint([text[:1] for text in cast(Sequence[str], values)])


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if "," in text or '"' in text else text
