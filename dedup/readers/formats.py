"""The one table of formats: suffix -> reader. A new format is a module with one function, and one line here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from dedup.config import ReadConfig
from dedup.readers.jsonl import read_lines
from dedup.readers.page import read_page
from dedup.readers.plain import read_markdown, read_text
from dedup.readers.source import Chunk, Source
from dedup.readers.table import read_table
from dedup.records import RawRecord, Skipped

__all__ = ["FORMATS", "Format", "Lines", "suffix_of"]


@dataclass(frozen=True, slots=True)
class Format:
    """A reader of whole files."""

    read: Callable[[Source, ReadConfig], Iterator[RawRecord | Skipped]]
    one_article: bool = False
    """A file holds one article: small ones share a chunk, and the size limit applies to the file."""
    cost: int = 1
    """How many times more work a byte is than one of plain text ..."""
    overhead: int = 0
    """... and a whole file beside its bytes, in bytes of plain text."""


@dataclass(frozen=True, slots=True)
class Lines:
    """A reader of blocks of lines, into which the parent process cuts the file."""

    read: Callable[[Chunk, ReadConfig], Iterator[RawRecord | Skipped]]
    one_article: bool = False
    cost: int = 1
    overhead: int = 0


FORMATS: Mapping[str, Format | Lines] = {
    ".txt": Format(read_text, one_article=True),
    ".md": Format(read_markdown, one_article=True),
    ".html": Format(read_page, one_article=True, overhead=32_000),
    ".htm": Format(read_page, one_article=True, overhead=32_000),
    ".jsonl": Lines(read_lines),
    ".jsonl.gz": Lines(read_lines, cost=3),
    ".ndjson": Lines(read_lines),
    ".ndjson.gz": Lines(read_lines, cost=3),
    ".csv": Format(read_table),
    ".csv.gz": Format(read_table, cost=3),
}


def suffix_of(name: str) -> str:
    """The longest suffix of a file's name that the table knows, else an empty string.

    Example:
        >>> suffix_of("Feed.JSONL.gz")
        '.jsonl.gz'
    """
    parts = name.lower().split(".")
    return next((s for s in ("." + ".".join(parts[-2:]), "." + parts[-1]) if s in FORMATS and len(parts) > 1), "")
