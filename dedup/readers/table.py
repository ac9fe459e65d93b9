"""Tables (.csv, also packed): one row, one article; read line by line, never held as a whole."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from dedup.config import ReadConfig
from dedup.readers.decode import not_records, replaced_note, stream_encoding
from dedup.readers.fields import PAGE, Names, names_of, raw_record
from dedup.readers.source import Source, nothing
from dedup.readers.stream import ArchiveError, PieceStream, pieces
from dedup.records import RawRecord, Skipped

__all__ = ["read_table", "sniff_delimiter"]

DELIMITERS = ",;\t|"


def read_table(source: Source, config: ReadConfig) -> Iterator[RawRecord | Skipped]:
    """A record for each row that holds one, a row of the report for each that does not."""
    encoding = _encoding(source)
    if isinstance(encoding, Skipped):
        yield encoding
        return
    rows = _rows(source, _Lines(source, encoding, 4 * config.max_bytes), config)
    header = next(rows, nothing(source.name))
    if isinstance(header, Skipped):
        yield header
        return
    names = names_of(config)
    columns = _columns(header.values, config)
    if not {*names["text"], PAGE}.intersection(columns):
        yield _no_text_column(source, columns, config)
        return
    row: _Row | Skipped = header
    for row in rows:
        if isinstance(row, Skipped):
            yield row
        else:
            yield from _record(row, columns, names, source, encoding, config)
    if row is header:
        yield nothing(source.name, "a header and no rows")


def sniff_delimiter(header: str, config: ReadConfig) -> str:
    """What separates the columns: the sign that gives most names we know, then most columns.

    Example:
        >>> sniff_delimiter("id;title, or headline;text", ReadConfig())
        ';'
    """

    def fit(delimiter: str) -> tuple[int, int]:
        columns = _columns(next(csv.reader([header], delimiter=delimiter), []), config)
        return len(_known(config).intersection(columns)), len(columns)

    return max(DELIMITERS, key=fit)


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    """The header is 0."""
    line: int
    values: list[str]


class _Lines(Iterator[str]):
    """Lines of the unpacked, decoded file, and whether it has been read to its end."""

    def __init__(self, source: Source, encoding: str, longest: int) -> None:
        self.at_end = False
        self._longest = longest
        self._stream = PieceStream(pieces(source))
        # Bytes that mean nothing become lone surrogates, so that their row is known (UTF-16 cannot do that).
        errors = "replace" if encoding.startswith(("utf-16", "utf-32")) else "surrogateescape"
        buffered = io.BufferedReader(self._stream)
        self._text = io.TextIOWrapper(buffered, encoding=encoding, errors=errors, newline="")

    def __next__(self) -> str:
        line = self._text.readline(self._longest + 1)
        if len(line) > self._longest:
            raise csv.Error(f"more than {self._longest:,} characters without a line end")
        if not line:
            self.at_end = True
            raise StopIteration
        return line

    @property
    def damage(self) -> str:
        """Why the file ends where it does; known as soon as its last line has been given, if that is cut off."""
        return str(self._stream.damage or "")


def _rows(source: Source, lines: _Lines, config: ReadConfig) -> Iterator[_Row | Skipped]:
    """The header, the rows that hold anything, and at last why there are no more, if that is a fault."""
    # A quotation mark that is never closed swallows what follows: bound what that may cost.
    csv.field_size_limit(max(csv.field_size_limit(), 4 * config.max_bytes))
    number, start, fault, what = -1, 1, "", ""
    try:
        first = list(_through_first_filled(lines))
        filled = chain(first, lines) if not lines.at_end else ()
        reader = csv.reader(filled, delimiter=sniff_delimiter(first[-1] if first else "", config))
        for values in reader:
            if lines.damage:
                break
            if lines.at_end:  # the reader asked for another line, and still gave a row
                fault, what = "a quotation mark is never closed", f"it opens in or after line {start}"
                break
            number += bool(values)
            if any(values):
                yield _Row(number, start, values)
            start = reader.line_num + 1
    except csv.Error as error:
        fault, what = "broken CSV", f"line {start}: {error}; nothing after it was read"
    if lines.damage:
        fault, what = lines.damage, f"after record {max(number, 0)}"
    if fault:
        yield Skipped(source=source.name, stage="read", reason=fault, detail=what)


def _through_first_filled(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield line
        if line.strip("\ufeff \t\r\n"):
            return


def _record(
    row: _Row, columns: Sequence[str], names: Names, source: Source, encoding: str, config: ReadConfig
) -> Iterator[RawRecord | Skipped]:
    name = f"{source.name}#{row.number}"
    if any(row.values[len(columns) :]):
        detail = f"record {row.number} (line {row.line}): {len(row.values)} values for {len(columns)} columns"
        yield Skipped(source=name, stage="read", reason="too many columns", detail=detail)
        return
    fields: dict[str, str] = dict.fromkeys(columns, "")
    replaced = False
    for column, value in zip(columns, row.values, strict=False):
        whole = _without_surrogates(value)
        replaced = replaced or whole is not value
        fields[column] = fields[column] or whole  # of two columns with one name, the first that is filled
    record = raw_record(fields, names, source, row.number, config)
    yield record
    if replaced and isinstance(record, RawRecord):
        yield replaced_note(name, encoding)


def _without_surrogates(value: str) -> str:
    try:
        value.encode()  # far faster than a search, and hardly ever fails
    except UnicodeEncodeError:
        return re.sub("[\ud800-\udfff]", "\ufffd", value)
    return value


def _encoding(source: Source) -> str | Skipped:
    """The encoding of a table, or why it is none."""
    try:
        return not_records(source.name, next(pieces(source), b"")) or stream_encoding(pieces(source))
    except ArchiveError:
        return "utf-8"  # all that could be unpacked was; the rows before the damage are still to be read


def _known(config: ReadConfig) -> set[str]:
    return {PAGE, *chain.from_iterable(names_of(config).values())}


def _columns(header: Sequence[str], config: ReadConfig) -> list[str]:
    """The header's names; those that differ from a name we know only by case or spaces get that name."""
    names = [name.strip("\ufeff \t\r\n\0") for name in header]
    known = _known(config)
    by_lower = {name.lower(): name for name in known}
    return [name if name in known else by_lower.get(name.lower(), name) for name in names]


def _no_text_column(source: Source, columns: Sequence[str], config: ReadConfig) -> Skipped:
    chosen = config.fields.get("text")
    found = f"the columns are {', '.join(columns[:20])}"[:300]
    detail = f"{found}; name it with --field text=COLUMN" if chosen is None else f"{found}; none is called {chosen}"
    return Skipped(source=source.name, stage="read", reason="no text column", detail=_without_surrogates(detail))
