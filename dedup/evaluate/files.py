"""The CSV files of a report folder and of labels, read with one sentence for whatever is wrong with them."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from dedup.errors import SourceError

__all__ = ["LISTED", "rounded", "rows", "unknown", "unknown_lines"]

#: Things listed in the terminal before the rest is counted.
LISTED = 10
#: Cells as the report writes them when they could be formulas: one apostrophe too many.
_GUARDED = re.compile(r"'+\s*[=+\-@＝＋－＠]")


def rows(path: str | Path, *columns: str, guarded: bool = False) -> list[dict[str, str]]:
    """The rows of a CSV file that has these columns (`x|y`: one of the two)."""
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restval="")
            header = list(reader.fieldnames or [])
            for column in columns:
                if not set(column.split("|")) & set(header):
                    names = " or ".join(repr(name) for name in column.split("|"))
                    raise SourceError(f"{path} has no column {names}; it has {', '.join(header) or 'no columns'}")
            found = [{name: value for name, value in row.items() if name in header} for row in reader]
    except OSError as error:
        raise SourceError(f"cannot read {path}: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise SourceError(f"{path} is not a CSV file in UTF-8: {error}") from error
    if guarded:
        return [{name: value[1:] if _GUARDED.match(value) else value for name, value in row.items()} for row in found]
    return found


def unknown(reports: str | Path, ids: Iterable[str]) -> tuple[str, ...]:
    """The ids that are not among the report's articles; none where the report does not list its articles."""
    path = Path(reports) / "articles.csv"
    if not path.exists():
        return ()
    known = {row["article_id"] for row in rows(path, "article_id", guarded=True)}
    return tuple(sorted(set(ids) - known))


def unknown_lines(ids: Sequence[str]) -> Iterator[str]:
    """The same for a terminal."""
    if ids:
        more = f" and {len(ids) - LISTED:,} more" if len(ids) > LISTED else ""
        yield ""
        names = ", ".join(ids[:LISTED])
        yield f"{len(ids):,} ids are not in the report, so nothing was found for them: {names}{more}"


def rounded(value: Any) -> Any:
    """Plain values with every fraction rounded to four digits."""
    if isinstance(value, Mapping):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [rounded(item) for item in value]
    return round(value, 4) if isinstance(value, float) else value
