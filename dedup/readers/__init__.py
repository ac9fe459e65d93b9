"""Readers: from paths to raw records, one small module per format.

`find_sources` looks, `chunks` cuts the work into pieces, `read` does a piece: in any process, in any order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dedup.config import ReadConfig
from dedup.readers.blocks import line_chunks
from dedup.readers.find import find_sources
from dedup.readers.formats import FORMATS, Lines
from dedup.readers.page import read_page
from dedup.readers.source import Chunk, Source, unreadable
from dedup.records import RawRecord, Skipped

__all__ = ["Chunk", "Source", "amount_of_work", "chunks", "find_sources", "is_page", "read"]

#: Files of one article that share a chunk, at most this many and about this many bytes.
GROUP_FILES = 64
GROUP_BYTES = 2 << 20


def chunks(sources: Iterable[Source], config: ReadConfig) -> Iterator[Chunk | Skipped]:
    """The work in pieces that can be sent to other processes, in the order of the sources.

    Only files of lines are read here, as they are the ones that must be cut; nothing is parsed.
    """
    group: list[Source] = []
    for source in sources:
        reader = FORMATS[source.suffix]
        full = len(group) >= GROUP_FILES or sum(member.size for member in group) >= GROUP_BYTES
        if group and (full or not reader.one_article):
            yield Chunk(sources=tuple(group))
            group = []
        if isinstance(reader, Lines):
            yield from line_chunks(source, config)
        elif reader.one_article:
            group.append(source)
        else:
            yield Chunk(sources=(source,))
    if group:
        yield Chunk(sources=tuple(group))


def amount_of_work(sources: Iterable[Source]) -> int:
    """How much work reading will be, in bytes of plain text; standard input counts as one byte."""
    readers = ((source, FORMATS[source.suffix]) for source in sources)
    return sum(max(1, source.size) * reader.cost + reader.overhead for source, reader in readers)


def is_page(source: Source) -> bool:
    """Whether the file is a web page, from which the article must be extracted."""
    return FORMATS[source.suffix].read is read_page


def read(chunk: Chunk, config: ReadConfig) -> Iterator[RawRecord | Skipped]:
    """The articles of a chunk as they stand in their files, and a row for all that is none."""
    for source in chunk.sources:
        reader = FORMATS[source.suffix]
        try:
            yield from reader.read(chunk, config) if isinstance(reader, Lines) else reader.read(source, config)
        except OSError as error:
            yield unreadable(source.name, error)
