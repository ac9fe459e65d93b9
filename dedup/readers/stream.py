"""Bytes of a file in pieces, unpacked on the way; damaged archives give all that can be saved."""

from __future__ import annotations

import io
import sys
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO

from dedup.readers.source import Source

__all__ = ["ArchiveError", "PieceStream", "pieces"]

PIECE = 1 << 20
#: Compressed bytes at a time. Deflate grows at most 1032-fold, so a bomb costs 68 MB, not all memory.
PACKED_PIECE = 1 << 16


class ArchiveError(Exception):
    """An archive ends too early or is broken; raised after everything before the damage was given out."""


def pieces(source: Source) -> Iterator[bytes]:
    """The file's content in pieces, unpacked when its name ends in .gz.

    Raises:
        ArchiveError: after the last piece that could be unpacked.
        OSError: the file cannot be opened or read.
    """
    if source.path is None:
        yield from _plain(sys.stdin.buffer, PIECE)
        return
    with open(source.path, "rb", buffering=0) as file:
        if source.suffix.endswith(".gz"):
            yield from _unpacked(_plain(file, PACKED_PIECE))
        else:
            yield from _plain(file, PIECE)


def _plain(file: BinaryIO | io.RawIOBase, size: int) -> Iterator[bytes]:
    while piece := file.read(size):
        yield piece


def _unpacked(packed: Iterator[bytes]) -> Iterator[bytes]:
    """Unpacked pieces. Not `gzip.open`, which throws away what it has unpacked when it meets the damage."""
    decoder = None  # None between the members of an archive, where it may end
    count = 0
    for piece in packed:
        while piece:
            if decoder is None:
                piece = piece.lstrip(b"\0")  # padding
                if not piece:
                    break
                decoder = zlib.decompressobj(wbits=31)
            before = decoder.copy()
            try:
                content = decoder.decompress(piece)
            except zlib.error as error:
                for content in _saved(before, piece):
                    count += len(content)
                    yield content
                raise ArchiveError("the archive is damaged" if count else "not a gzip archive") from error
            if content:
                count += len(content)
                yield content
            piece = decoder.unused_data
            decoder = None if decoder.eof else decoder
    if decoder:
        raise ArchiveError("the archive is truncated")


def _saved(decoder: zlib._Decompress, packed: bytes) -> Iterator[bytes]:
    """What a piece with damage in it gives up to the damage, found by trying ever shorter steps."""
    step = len(packed)
    while step and packed:
        trial = decoder.copy()
        try:
            content = trial.decompress(packed[:step])
        except zlib.error:
            step //= 2
            continue
        if content:
            yield content
        decoder, packed = trial, packed[step:]


class PieceStream(io.RawIOBase):
    """Pieces as a file that can be read. It ends at the first damage and keeps it in `damage`."""

    def __init__(self, source: Iterator[bytes]) -> None:
        self.damage: ArchiveError | None = None
        self._pieces = source
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        """True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Number of bytes put into the buffer; 0 at the end."""
        while not self._rest and self.damage is None:
            try:
                self._rest = memoryview(next(self._pieces, b""))
            except ArchiveError as error:
                self.damage = error
            if not self._rest:
                break
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count
