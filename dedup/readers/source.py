"""What the readers pass around: a file that was found, and a piece of work for one process."""

from __future__ import annotations

import os
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from dedup.records import Skipped

__all__ = ["Chunk", "Source", "file_id", "nothing", "printable", "too_large", "unreadable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file that some reader can read."""

    path: Path | None
    """None stands for standard input."""
    name: str
    """The path as given, for people."""
    id: str
    """The path below the scanned folder, with forward slashes, NFC; the file's name if it was named outright."""
    folder: str = ""
    """Name of the directory the file lies in, below the scanned one; empty at the top."""
    suffix: str
    """As in the table of formats: lower case, `.jsonl.gz` in one piece."""
    size: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A unit of work for one process: whole files, or some complete lines of one file."""

    sources: tuple[Source, ...]
    first: int = 1
    """Number of the first line in `data`."""
    data: bytes | None = None
    """Lines of `sources[0]`; None when the worker opens the files itself."""


def printable(path: str | os.PathLike[str]) -> str:
    """The path as text that can always be encoded; bytes of a name that are not UTF-8 become U+FFFD.

    Example:
        >>> printable("caf\\udce9.txt")
        'caf�.txt'
    """
    return os.fspath(path).encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def file_id(relative: str) -> str:
    """The id of a file below a scanned folder: the same on every system and for either Unicode form.

    Example:
        >>> file_id("wire/cafe\\u0301.txt") == "wire/café.txt"
        True
    """
    return unicodedata.normalize("NFC", printable(relative.replace(os.sep, "/")))


def unreadable(name: str, error: OSError) -> Skipped:
    """The row for a file that exists and cannot be read."""
    return Skipped(source=name, stage="read", reason="cannot be read", detail=error.strerror or str(error))


def too_large(name: str, size: int, limit: int) -> Skipped:
    """The row for an article above the size limit."""
    return Skipped(source=name, stage="read", reason="too large", detail=f"{size:,} bytes; the limit is {limit:,}")


def nothing(name: str, detail: str = "") -> Skipped:
    """The row for a file or record without any text."""
    return Skipped(source=name, stage="read", reason="empty", detail=detail)
