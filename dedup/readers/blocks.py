"""Files of lines cut into blocks that worker processes parse: bytes only, no line is ever looked at alone."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

from dedup.config import ReadConfig
from dedup.readers.decode import marked_encoding, not_records
from dedup.readers.source import Chunk, Source, nothing, unreadable
from dedup.readers.stream import ArchiveError, pieces
from dedup.records import Skipped

__all__ = ["line_chunks"]

#: Bytes of complete lines that make a block.
BLOCK = 4 << 20


def line_chunks(source: Source, config: ReadConfig) -> Iterator[Chunk | Skipped]:
    """The file's lines in blocks of about 4 MB, numbered; rows for lines that are too long and for damage."""
    cutter = _Cutter(source, config)
    damage: Skipped | None = None
    try:
        for piece in _utf8_pieces(source):
            if cutter.untouched and (damage := not_records(source.name, piece)):
                break
            yield from cutter.add(piece)
    except ArchiveError as error:
        damage = Skipped(source=source.name, stage="read", reason=str(error))
    except OSError as error:
        damage = unreadable(source.name, error)
    yield from cutter.finish(damage)


def _utf8_pieces(source: Source) -> Iterator[bytes]:
    """The file's pieces without byte order mark; UTF-16 and UTF-32 become UTF-8, so that a line end is one byte."""
    content = pieces(source)
    head = next(content, b"")
    encoding = marked_encoding(head)
    if encoding in ("", "utf-8-sig"):
        yield head[len(codecs.BOM_UTF8) :] if encoding else head
        yield from content
        return
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    for piece in chain((head,), content):
        yield decoder.decode(piece).encode()
    yield decoder.decode(b"", final=True).encode()


class _Cutter:
    """Collects pieces until they make a block of complete lines."""

    def __init__(self, source: Source, config: ReadConfig) -> None:
        self.source = source
        self.limit = config.max_bytes
        self.untouched = True
        self.first = 1  # number of the first line in `lines`
        self.lines: list[bytes] = []
        self.rest: list[bytes] = []  # the beginning of a line whose end has not been read
        self.dropping = False
        self.blank = True

    def add(self, piece: bytes) -> Iterator[Chunk | Skipped]:
        """The block that this piece completes, if it does."""
        self.untouched = False
        if self.dropping:
            end = piece.find(b"\n") + 1
            if not end:
                return
            piece, self.first, self.dropping = piece[end:], self.first + 1, False
        cut = piece.rfind(b"\n") + 1
        if cut:
            self.lines += [*self.rest, piece[:cut]]
            self.rest = []
        self.rest.append(piece[cut:])
        if sum(map(len, self.lines)) >= BLOCK:
            yield from self._block()
        length = sum(map(len, self.rest))
        if length > self.limit:
            yield from self._block()
            reason = f"more than {self.limit:,} bytes in one line"
            yield Skipped(source=f"{self.source.name}#{self.first}", stage="read", reason="too large", detail=reason)
            self.rest, self.dropping, self.blank = [], True, False

    def finish(self, damage: Skipped | None) -> Iterator[Chunk | Skipped]:
        """The last block and what is to be said of the file; a line that damage cut off is not passed on."""
        last = b"".join(self.rest)
        if damage is None or last.rstrip().endswith(b"}"):
            self.lines.append(last)
        yield from self._block()
        if damage is not None:
            yield (
                damage
                if self.first == 1
                else replace(damage, detail=f"{damage.detail} after line {self.first - 1}".strip())
            )
        elif self.blank:
            yield nothing(self.source.name)

    def _block(self) -> Iterator[Chunk]:
        data = b"".join(self.lines)
        if data and not data.isspace():
            self.blank = False
            yield Chunk(sources=(self.source,), first=self.first, data=data)
        self.first += data.count(b"\n") + (data[-1:] not in (b"\n", b""))
        self.lines = []
