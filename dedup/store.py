"""A folder of finished work: pieces of a run by the digest of what they were made from.

A run that was stopped goes on from what it finds there, and a later run takes from it what has not changed. A piece is
written beside its place and renamed, so that whatever stands under a name is whole.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from dedup.errors import DedupError

__all__ = ["FileSlice", "Store"]

#: Bytes between two pieces that are read with them rather than skipped, and the most that neighbours make in one read.
_GAP, _READ = 1 << 10, 1 << 20


class Store:
    """Pieces in a folder, each under a name of its own.

    Example:
        >>> store = Store.temporary()
        >>> store.save("numbers", lambda file: file.write(b"12"))
        >>> store.has("numbers"), store.has("letters"), store.path("numbers").read_bytes()
        (True, False, b'12')
    """

    def __init__(self, folder: str | Path) -> None:
        """The store in this folder, which is made when the first piece comes."""
        self.folder = Path(folder)

    @classmethod
    def temporary(cls) -> Store:
        """A store in a new folder that goes when the store does."""
        store = cls(tempfile.mkdtemp(prefix="dedup-"))
        weakref.finalize(store, shutil.rmtree, store.folder, ignore_errors=True)
        return store

    def path(self, name: str) -> Path:
        """Where a piece stands, or would."""
        return self.folder / name

    def has(self, name: str) -> bool:
        """Whether there is such a piece."""
        return self.path(name).is_file()

    def save(self, name: str, write: Callable[[BinaryIO], Any]) -> None:
        """Keep what `write` puts into the file.

        Raises:
            DedupError: the disk is full, or similar.
        """
        path = self.path(name)
        with _readable_errors(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            handle, fresh = tempfile.mkstemp(prefix=".new-", dir=self.folder)
            try:
                with os.fdopen(handle, "wb") as file:
                    write(file)
                os.replace(fresh, path)
            except BaseException:
                with suppress(OSError):
                    os.unlink(fresh)
                raise

    def save_arrays(self, name: str, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Keep arrays by their names."""
        self.save(name, lambda file: np.savez(file, allow_pickle=False, **arrays))

    def load_arrays(self, name: str) -> dict[str, NDArray[Any]]:
        """The arrays that were kept under this name."""
        with np.load(self.path(name), allow_pickle=False) as stored:
            return dict(stored)

    def clear(self) -> None:
        """Remove the folder with everything in it."""
        shutil.rmtree(self.folder, ignore_errors=True)


@contextmanager
def _readable_errors(folder: Path) -> Iterator[None]:
    """Turns errors of the disk into a sentence that says which folder and what may help."""
    try:
        yield
    except OSError as error:
        raise DedupError(
            f"cannot keep work in {folder}: {error.strerror or error}; TMPDIR chooses another place for it"
        ) from error


@dataclass(frozen=True, slots=True)
class FileSlice:
    """Bytes start to stop of a file, read when they are asked for: text of a million articles need not be in memory."""

    path: Path
    start: int
    stop: int
    owner: Store | None = None
    """The store that the file lies in; a temporary one stays as long as this does."""

    def __len__(self) -> int:
        return self.stop - self.start

    def __getitem__(self, part: slice) -> bytes:
        first, last, _ = part.indices(len(self))
        return self.parts([(first, max(first, last))])[0]

    def parts(self, bounds: Iterable[tuple[int, int]]) -> list[bytes]:
        """The bytes between each two bounds; the file is opened once, and neighbours in order are one read."""
        with open(self.path, "rb", buffering=0) as file:
            return [piece for first, last, some in _runs(bounds) for piece in self._pieces(file, first, last, some)]

    def _pieces(self, file: FileIO, first: int, last: int, bounds: Iterable[tuple[int, int]]) -> list[bytes]:
        file.seek(self.start + first)
        read = file.read(last - first)
        return [read[low - first : high - first] for low, high in bounds]

    def array(self, dtype: type[np.generic]) -> NDArray[Any]:
        """The bytes as an array."""
        return np.fromfile(self.path, dtype, len(self) // np.dtype(dtype).itemsize, offset=self.start)


def _runs(bounds: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int, list[tuple[int, int]]]]:
    """Neighbours among the bounds: (where they begin, where they end, their own bounds)."""
    first, end = 0, -1 - _GAP
    some: list[tuple[int, int]] = []
    for low, high in bounds:
        if not end <= low <= end + _GAP or high - first > _READ:
            if some:
                yield first, end, some
            first, some = low, []
        some.append((low, high))
        end = high
    if some:
        yield first, end, some
