"""Where any of some literal strings stands in a text: one quick pass, before an expression that begins with them.

`re` tries an expression that begins with one of a hundred words at every word of a text. Here the first bytes at a
place, hashed, tell in one look that none of them begins there, and the expression is left with the few other places.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["Literals", "matches"]

_HASHES = 1 << 13


@njit(cache=True, nogil=True)
def _hash(data, at, width):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """A hash, below _HASHES, of two or three bytes. All unsigned, which makes look-ups by it several times quicker."""
    third = np.uint64(data[at + 2]) if width == 3 else np.uint64(0)
    word = np.uint64(data[at]) | np.uint64(data[at + 1]) << np.uint64(8) | third << np.uint64(16)
    return ((word * np.uint64(0x9E3779B1)) >> np.uint64(19)) & np.uint64(_HASHES - 1)


@njit(cache=True, nogil=True)
def _hashes(data, offsets, width):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """uint64[L]: the hash of the first bytes of each literal."""
    return np.array([_hash(data, at, width) for at in offsets[:-1]])


@njit(cache=True, nogil=True)
def _places(text, width, literals, offsets, first):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """int32: the characters of a UTF-8 text, two zero bytes behind it, at which a literal begins."""
    out = np.empty(len(text), np.int32)
    n = 0
    counted = 0  # bytes in which `inside`, the bytes that continue a character, were counted
    inside = 0
    for at in range(len(text) - 2):
        hash_ = _hash(text, at, width)
        for k in range(first[hash_], first[hash_ + np.uint64(1)]):
            same = offsets[k]
            while same < offsets[k + 1] and text[at + same - offsets[k]] == literals[same]:
                same += 1
            if same == offsets[k + 1]:
                for byte in text[counted:at]:
                    inside += byte & 0xC0 == 0x80
                counted = at
                out[n] = at - inside
                n += 1
                break
    return out[:n]


class Literals:
    """Some strings of two bytes or more, none with a zero character, ready to be looked for.

    Example:
        >>> Literals(["told", "tells", "laut"]).places("Röder told us, as he tells everybody.")
        [6, 21]
    """

    def __init__(self, strings: Iterable[str]) -> None:
        literals = [string.encode() for string in strings]
        self._width = 2 if min(map(len, literals)) < 3 else 3
        hashes = _hashes(*_flat(literals), self._width)
        order = np.argsort(hashes, kind="stable")
        self._literals, self._offsets = _flat([literals[k] for k in order])
        self._first = np.searchsorted(hashes[order], np.arange(_HASHES + 1, dtype=np.uint64)).astype(np.int16)

    def places(self, text: str) -> list[int]:
        """The characters at which one of the strings begins, in order."""
        data = np.frombuffer(text.encode("utf-8", "surrogatepass") + b"\0\0", np.uint8)
        found: list[int] = _places(data, self._width, self._literals, self._offsets, self._first).tolist()
        return found


def _flat(strings: Sequence[bytes]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    return np.frombuffer(b"".join(strings), np.uint8), np.cumsum([0, *map(len, strings)])


def matches(expression: re.Pattern[str], text: str, places: Iterable[int]) -> Iterator[re.Match[str]]:
    """What `finditer` finds, for an expression that can only begin at these places; they are in order."""
    end = 0
    for place in places:
        if place >= end and (found := expression.match(text, place)):
            yield found
            end = found.end()
