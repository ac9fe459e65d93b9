"""A batch of cleaned articles as flat arrays and one piece of bytes, in memory or in a file.

The file is what worker processes hand over and what a stopped run goes on from: a header in JSON, then the arrays, then
the articles. Nothing in it can run code.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import orjson
from numpy.typing import NDArray

from dedup.clean.furniture import LineTable
from dedup.corpus import ArticlePage
from dedup.errors import DedupError
from dedup.records import Skipped
from dedup.store import FileSlice, Store

__all__ = ["Batch"]

#: What every file begins with; another layout needs another sign.
_SIGN = b"dedup-batch-2\n\0\0"
#: Arrays that stay in the file until they are needed.
_LARGE = ("tokens", "flags")


@dataclass(frozen=True, slots=True)
class Batch:
    """N cleaned articles: texts packed, words as arrays, and the columns that ordering and learning need."""

    page: ArticlePage
    ids: list[str]
    publishers: list[str]
    dates: list[str]
    titles: NDArray[np.uint64]
    """uint64[N]: a hash of each title's words, 0 without a title."""
    tokens: NDArray[np.int32] | FileSlice
    """int32[T]: each word as its number among the batch's `words`."""
    words: NDArray[np.uint64]
    """uint64[V]: the hash of each distinct word."""
    flags: NDArray[np.uint8] | FileSlice
    """uint8[T]: the flags of `dedup.tokens`."""
    offsets: NDArray[np.int64]
    """int64[N + 1]: words of article i at offsets[i]:offsets[i + 1]."""
    lines: LineTable
    line_chars: NDArray[np.uint32]
    """uint32[L, 2]: first character and end of each line within its body."""
    skipped: tuple[Skipped, ...] = ()
    digest: str = ""
    """What it was made from, where batches are kept for later runs."""

    def __len__(self) -> int:
        return len(self.ids)

    def loaded(self, name: str) -> NDArray[Any]:
        """The array `tokens` or `flags`, read from the file if it still lies there."""
        held = getattr(self, name)
        return held.array(_arrays(self)[name][0]) if isinstance(held, FileSlice) else held

    def write(self, file: BinaryIO) -> None:
        """Write the batch, whose arrays are in memory."""
        arrays = {name: np.ascontiguousarray(array) for name, (_, array) in _arrays(self).items()}
        header = orjson.dumps(
            {
                "ids": self.ids,
                "publishers": self.publishers,
                "dates": self.dates,
                "skipped": [asdict(skipped) for skipped in self.skipped],
                "shapes": {name: array.shape for name, array in arrays.items()},
                "page": len(self.page.data),
            }
        )
        file.write(_SIGN + len(header).to_bytes(8, "little") + header)
        for array in arrays.values():
            file.write(b"\0" * (-file.tell() % 8))
            file.write(array.data)
        file.write(self.page.data[:])

    @classmethod
    def read(cls, path: Path, owner: Store, digest: str = "") -> Batch:
        """The batch in a file; its texts, words and flags stay there until they are asked for.

        Raises:
            DedupError: the file holds something else.
        """
        with open(path, "rb") as file:
            if file.read(len(_SIGN)) != _SIGN:
                raise DedupError(f"{path} is no batch of articles; delete it and scan again")
            header = orjson.loads(file.read(int.from_bytes(file.read(8), "little")))
            held: dict[str, Any] = {}
            for name, dtype in _DTYPES.items():
                at = file.tell() + -file.tell() % 8
                shape = header["shapes"][name]
                size = int(np.prod(shape)) * np.dtype(dtype).itemsize
                if name in _LARGE:
                    held[name] = FileSlice(path, at, at + size, owner)
                else:
                    file.seek(at)
                    held[name] = np.fromfile(file, dtype, size // np.dtype(dtype).itemsize).reshape(shape)
                file.seek(at + size)
            text = FileSlice(path, file.tell(), file.tell() + header["page"], owner)
        lines = LineTable(*(held.pop(f"line_{name}") for name in ("hashes", "words", "offsets")))
        return cls(
            page=ArticlePage(text, held.pop("page_offsets")),
            ids=header["ids"],
            publishers=header["publishers"],
            dates=header["dates"],
            lines=lines,
            skipped=tuple(Skipped(**row) for row in header["skipped"]),
            digest=digest,
            **held,
        )


#: The arrays of a file, in their order.
_DTYPES: dict[str, type[np.generic]] = {
    "page_offsets": np.int64,
    "titles": np.uint64,
    "words": np.uint64,
    "offsets": np.int64,
    "line_hashes": np.uint64,
    "line_words": np.int32,
    "line_offsets": np.int64,
    "line_chars": np.uint32,
    "tokens": np.int32,
    "flags": np.uint8,
}


def _arrays(batch: Batch) -> dict[str, tuple[type[np.generic], Any]]:
    """Each array of a file with its type."""
    lines = batch.lines
    values: Sequence[Any] = (
        *(batch.page.offsets, batch.titles, batch.words, batch.offsets),
        *(lines.hashes, lines.words, lines.offsets, batch.line_chars, batch.tokens, batch.flags),
    )
    return {name: (dtype, value) for (name, dtype), value in zip(_DTYPES.items(), values, strict=True)}
