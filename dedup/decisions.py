"""What a desk decided about pairs and stories, as a CSV file that outlives a report.

A decision names its texts twice: by id and by `dedup.naming.text_key`, so that it holds when files are renamed and is
noticed when a text has changed. `dedup.rulings` applies decisions to a run.
"""

from __future__ import annotations

import csv
import io
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path

from dedup.errors import ConfigError

__all__ = [
    "DECISIONS_FILE",
    "KINDS",
    "NOTE",
    "NOT_A_COPY",
    "RIGHT_SOURCE",
    "SAME_STORY",
    "Decision",
    "as_csv",
    "decided_when",
    "parse_decisions",
    "read_decisions",
    "save_decisions",
]

#: The name of the file in a report folder.
DECISIONS_FILE = "decisions.csv"

NOT_A_COPY = "not_a_copy"
SAME_STORY = "same_story"
RIGHT_SOURCE = "right_source"
NOTE = "note"
#: What can be decided.
KINDS = (NOT_A_COPY, SAME_STORY, RIGHT_SOURCE, NOTE)

#: Without these columns nobody knows what was meant; the others may be missing.
_NEEDED = ("decision", "a", "b")
_TEXT_KEY = re.compile(r"[0-9a-f]{32}")
#: What a spreadsheet would take for a formula; an apostrophe before it is there for the spreadsheet.
_FORMULA = re.compile(r"'*\s*[=+\-@＝＋－＠]")
#: Characters in a cell: a note may be long, a whole file in one cell is a missing quotation mark.
_LIMIT = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One decision of the desk."""

    decision: str
    """`not_a_copy`, `same_story`, `right_source` or `note`."""
    a: str
    """Id of an article; of a `right_source`, or a `note` on a cluster, its representative."""
    b: str = ""
    """The other article of a pair, `a < b`; empty where the decision is on a cluster."""
    a_text: str = ""
    """`text_key` of the body of `a`; without it the id alone counts."""
    b_text: str = ""
    """The same of `b`; of a `right_source` that of the source."""
    source: str = ""
    """Id of the right source; only with `right_source`."""
    note: str = ""
    """Free text."""
    decided_at: str = ""
    """ISO 8601; the later of two decisions holds."""

    def __post_init__(self) -> None:
        if reason := _fault(self):
            raise ConfigError(f"a decision cannot be used: {reason}")


COLUMNS = tuple(field.name for field in fields(Decision))


def _fault(decision: Decision) -> str:
    """What is wrong with a decision; nothing if it can be used."""
    d = decision
    if d.decision not in KINDS:
        close = get_close_matches(d.decision, KINDS, n=1, cutoff=0.5)
        hint = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(KINDS)}"
        return f"no decision is called {d.decision!r}; {hint}"
    if not d.a:
        return f"{d.decision} names no article in column a"
    if d.decision in (NOT_A_COPY, SAME_STORY) and not d.b:
        return f"{d.decision} needs two articles, and column b is empty"
    if d.a == d.b and d.decision != RIGHT_SOURCE:
        return f"{d.a!r} stands in both columns, a and b"
    if d.decision == RIGHT_SOURCE and not d.source:
        return "right_source names no article in column source"
    for name in ("a_text", "b_text"):
        key = getattr(d, name)
        if key and not _TEXT_KEY.fullmatch(key):
            return f"{name} must be 32 hexadecimal digits, not {key!r}"
    if d.decided_at and _moment(d.decided_at) is None:
        return f"decided_at must be a date and time such as 2031-05-04T09:30:00Z, not {d.decided_at!r}"
    return ""


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def decided_when(decision: Decision) -> float:
    """Seconds since 1970 of the decision; what has no date is older than everything.

    Example:
        >>> decided_when(Decision(decision="note", a="x", decided_at="1970-01-01T01:00:00+00:30"))
        1800.0
    """
    moment = _moment(decision.decided_at)
    return moment.timestamp() if moment else float("-inf")


def read_decisions(path: str | Path) -> list[Decision]:
    """The decisions in a file.

    Raises:
        ConfigError: it cannot be read, or a row cannot be used; the message has the number of the line.
    """
    try:
        text = Path(path).read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ConfigError(f"cannot read the decisions {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not in UTF-8: save it as CSV UTF-8") from error
    return parse_decisions(text, str(path))


def parse_decisions(text: str, name: str = DECISIONS_FILE) -> list[Decision]:
    r"""The decisions in the text of a file; a note without text says nothing and is left out.

    Args:
        name: what the messages call the file.

    Raises:
        ConfigError: a row cannot be used; the message has the number of the line.

    Example:
        >>> [d.decision for d in parse_decisions("decision,a,b\r\nnot_a_copy,one,two\r\n")]
        ['not_a_copy']
    """
    text = text.removeprefix("\ufeff")
    if "\0" in text:
        raise ConfigError(f"{name} is not a CSV file: it holds zero bytes")
    found = []
    header: list[str] = []
    for line, cells in _rows(text, name):
        if not header:
            header = _header(cells, name)
        elif len(cells) > len(header):
            raise ConfigError(f"{name}, line {line}: {len(cells)} cells, but the header has {len(header)}")
        elif (row := dict(zip(header, map(_bare, cells), strict=False))) and not _silent(row):
            found.append(_decision(row, f"{name}, line {line}"))
    if not header:
        raise ConfigError(f"{name} is empty; its first line must name the columns: {', '.join(COLUMNS)}")
    return found


def _rows(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """The number of the line that each row begins in, and its cells; empty rows are left out."""
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)  # some spreadsheets save semicolons or tabs
    before = csv.field_size_limit(_LIMIT)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise ConfigError(f"{name}, line {line}: not a row of a CSV file: {error}") from error
    finally:
        csv.field_size_limit(before)


def _header(cells: list[str], name: str) -> list[str]:
    header = [cell.strip().lower() for cell in cells]
    if missing := [column for column in _NEEDED if column not in header]:
        raise ConfigError(f"{name} has no column {missing[0]!r}; it has {', '.join(header)}")
    if twice := [column for column in COLUMNS if header.count(column) > 1]:
        raise ConfigError(f"{name} has two columns {twice[0]!r}")
    return header


def _silent(row: dict[str, str]) -> bool:
    return row["decision"].strip() == NOTE and not row.get("note", "").strip()


def _decision(row: dict[str, str], where: str) -> Decision:
    values = {column: row.get(column, "") for column in COLUMNS}
    for column in ("decision", "a_text", "b_text", "decided_at"):
        values[column] = values[column].strip()
    if values["b"] and values["b"] < values["a"] and values["decision"] != RIGHT_SOURCE:
        values |= {"a": values["b"], "b": values["a"], "a_text": values["b_text"], "b_text": values["a_text"]}
    try:
        return Decision(**values)
    except ConfigError as error:
        raise ConfigError(f"{where}: {str(error).partition(': ')[2]}") from None


def _bare(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def _guarded(cell: str) -> str:
    return "'" + cell if _FORMULA.match(cell) else cell


def as_csv(decisions: Iterable[Decision]) -> str:
    r"""The text of the file that holds these decisions, to be written in UTF-8.

    Example:
        >>> as_csv([Decision(decision="not_a_copy", a="x", b="y", note="=1")]).splitlines()[1]
        "not_a_copy,x,y,,,,'=1,"
    """
    out = io.StringIO(newline="")
    out.write("\ufeff")  # by which spreadsheets know UTF-8
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([_guarded(getattr(decision, column)) for column in COLUMNS] for decision in decisions)
    return out.getvalue()


def save_decisions(decisions: Iterable[Decision], path: Path) -> None:
    """Write the file whole or not at all, and to the disk."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with open(fresh, "w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            file.write(as_csv(decisions))
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)
