"""Tables of a day that grow row by row, and are whole after any crash."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from dedup.report.cells import csv_lines
from dedup.watch.memory import Row
from dedup.watch.rows import COLUMNS

__all__ = ["Tables"]

#: What stands before the header, by which spreadsheets know UTF-8.
_MARK = b"\xef\xbb\xbf"
#: Bytes at the end of a table among which rows are looked for that a crash may have left unfinished.
_TAIL = 4 << 20
#: How a line begins, also after a spreadsheet has saved the table in its own way.
_NUMBER = re.compile(rb'^"?(\d+)"?[,;\t]', re.MULTILINE)


class Tables:
    """The tables of a folder: `flagged-2031-05-02.csv` and its kin."""

    def __init__(self, folder: Path) -> None:
        """Nothing is opened yet."""
        self._folder = folder

    def path(self, table: str, day: str) -> Path:
        """Where the table of a day lies."""
        return self._folder / f"{table}-{day}.csv"

    def append(self, rows: Iterable[Row]) -> None:
        """Append rows; they are on the disk when this returns.

        Raises:
            OSError: they cannot be written now; some may have been.
        """
        for (table, day), some in groupby(rows, key=lambda row: (row.table, row.day)):
            self._append(self.path(table, day), table, list(some))

    def missing(self, rows: Iterable[Row]) -> list[Row]:
        """Of rows that a crash may have come between, those that are not in their tables."""
        every = list(rows)
        standing = {place: self._numbers(self.path(*place)) for place in {(row.table, row.day) for row in every}}
        return [row for row in every if row.number not in standing[row.table, row.day]]

    def _append(self, path: Path, table: str, rows: list[Row]) -> None:
        header = _MARK + _line(COLUMNS[table])
        lines = [_line((row.number, *row.cells)) for row in rows]
        fresh = not path.exists()
        with open(path, "ab", buffering=0) as file:
            size = file.tell()
            end = self._whole(path, size, header, lines)
            if end < size:
                file.truncate(end)
            elif end > size:
                file.write(b"\r\n")
            data = memoryview((b"" if end else header) + b"".join(lines))
            while data:
                data = data[file.write(data) :]
            os.fsync(file.fileno())
        if fresh:
            _sync(self._folder)

    @staticmethod
    def _whole(path: Path, size: int, header: bytes, lines: list[bytes]) -> int:
        """Where the next line may begin: before a torn one that will be written again, else at the end.

        One byte behind the end stands for a line that somebody else left open.
        """
        if not size:
            return 0
        with open(path, "rb") as file:
            start = max(0, size - _TAIL)
            file.seek(start)
            tail = file.read()
        cut = tail.rfind(b"\n") + 1
        torn = tail[cut:]
        if not torn:
            return size
        if not cut and not start and header.startswith(torn):
            return 0
        return start + cut if lines[0].startswith(torn) else size + 1

    @staticmethod
    def _numbers(path: Path) -> set[int]:
        """The numbers of the rows that stand whole at the end of a table."""
        try:
            with open(path, "rb") as file:
                file.seek(max(0, os.fstat(file.fileno()).st_size - _TAIL))
                tail = file.read()
        except FileNotFoundError:
            return set()
        return {int(found[1]) for found in _NUMBER.finditer(tail[: tail.rfind(b"\n") + 1])}


def _line(cells: Iterable[str | int | float]) -> bytes:
    # Names of files may hold bytes that are no text; they become readable escapes.
    return "".join(csv_lines([tuple(cells)])).encode("utf-8", "backslashreplace")


def _sync(folder: Path) -> None:
    """Make sure that a new file is in its folder."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:  # Windows cannot open folders
        return
    try:
        os.fsync(handle)
    except OSError:
        pass
    finally:
        os.close(handle)
