"""Pairs of articles as arrays: two numbers in 64 bits, and what is done with many of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "ALL_PAIRS",
    "FOUND_BY",
    "MEMBER",
    "NEIGHBOUR",
    "QUOTE",
    "Candidates",
    "components",
    "distinct",
    "equal_pairs",
    "expand",
    "found_by_names",
    "merge",
    "pack",
    "unpack",
]

#: Signals, by bit.
FOUND_BY = {
    1: "body",
    2: "signature",
    4: "fingerprint",
    8: "title",
    16: "member",
    32: "run",
    64: "quote",
    128: "neighbour",
}
#: The bit of pairs that are compared because both belong to one component.
MEMBER = 16
#: The bit of pairs with retold quotations, whose evidence is not in their 3-grams.
QUOTE = 64
#: The bit of pairs that are near by their rarest words, with or without common wording.
NEIGHBOUR = 128

#: Articles that hold one thing are compared pair by pair up to this number, as a star beyond it.
ALL_PAIRS = 64


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs of article indices, a < b, sorted and distinct, with the bits of the signals that proposed them."""

    a: NDArray[np.int32]
    b: NDArray[np.int32]
    found_by: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.a)

    def within(self, window: float | None, days: ArrayLike | None) -> Candidates:
        """The pairs whose articles are at most `window` days apart; of unknown dates (NaN) all stay."""
        if window is None or days is None:
            return self
        times = np.asarray(days, np.float64)
        return self.only(~(np.abs(times[self.a] - times[self.b]) > window))

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Candidates:
        """The pairs that `to_arrays` gave."""
        return cls(arrays["a"], arrays["b"], arrays["found_by"])

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """The columns by their names."""
        return {"a": self.a, "b": self.b, "found_by": self.found_by}

    def joined(self, more: Candidates) -> Candidates:
        """These and other pairs, none of them in both."""
        a, b = np.concatenate([self.a, more.a]), np.concatenate([self.b, more.b])
        order = np.lexsort((b, a))
        return Candidates(a[order], b[order], np.concatenate([self.found_by, more.found_by])[order])

    def only(self, kept: NDArray[np.bool_]) -> Candidates:
        """Some of the pairs."""
        return Candidates(self.a[kept], self.b[kept], self.found_by[kept])


def found_by_names(bits: int) -> tuple[str, ...]:
    """The names of the signals in `bits`."""
    return tuple(name for bit, name in FOUND_BY.items() if bits & bit)


@njit(cache=True, nogil=True, inline="always")
def pack(x, y):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Two numbers in 64 bits, the smaller one first."""
    return (np.uint64(min(x, y)) << np.uint64(32)) | np.uint64(max(x, y))


_Number = TypeVar("_Number", bound=np.integer)


def distinct(values: NDArray[_Number]) -> NDArray[_Number]:
    """The sorted distinct values; sorts in place. numpy's own `unique` goes by hashes and takes ten times as long."""
    values.sort()
    first = np.ones(len(values), bool)
    first[1:] = values[1:] != values[:-1]
    return values[first]


def unpack(pairs: NDArray[np.uint64]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """The two numbers of each packed pair."""
    return (pairs >> np.uint64(32)).astype(np.int32), (pairs & np.uint64(0xFFFFFFFF)).astype(np.int32)


@njit(cache=True, nogil=True)
def _bucket_pairs(order, keys, limit, chain):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Packed pairs of items with equal keys; `order` sorts the keys.

    A large bucket becomes a star around its first item; with `chain` a chain as well: where the order follows the
    dates, it holds together what a time window would take from the star.
    """
    total = 0
    for write in range(2):
        if write:
            out = np.empty(total, np.uint64)
        n = 0
        start = 0
        while start < len(order):
            end = start + 1
            while end < len(order) and keys[order[end]] == keys[order[start]]:
                end += 1
            hubs = end - start if end - start <= limit else 1
            for x in range(start, start + hubs):
                for y in range(x + 1, end):
                    if write:
                        out[n] = pack(order[x], order[y])
                    n += 1
            if hubs == 1 and chain:
                for x in range(start + 1, end - 1):
                    if write:
                        out[n] = pack(order[x], order[x + 1])
                    n += 1
            start = end
        total = n
    return out


def equal_pairs(
    keys: NDArray[np.uint64], among: NDArray[np.int64], days: NDArray[np.float64] | None = None
) -> NDArray[np.uint64]:
    """Packed pairs of the items `among` whose keys are equal; large buckets are chained by date."""
    values = keys[among]
    order = np.argsort(values, kind="stable") if days is None else np.lexsort((days[among], values))
    ranked = values[order]
    same = np.zeros(len(ranked), bool)
    same[1:] = ranked[1:] == ranked[:-1]
    same[:-1] |= same[1:]
    pairs: NDArray[np.uint64] = _bucket_pairs(among[order[same]], keys, ALL_PAIRS, days is not None)
    return pairs


@njit(cache=True, nogil=True)
def components(count, pairs):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """The connected component of each item, int32[count], numbered by their first items."""
    parent = np.arange(count).astype(np.int32)
    for p in range(len(pairs)):
        a = np.int32(pairs[p] >> np.uint64(32))
        b = np.int32(pairs[p] & np.uint64(0xFFFFFFFF))
        while parent[a] != a:
            parent[a] = parent[parent[a]]
            a = parent[a]
        while parent[b] != b:
            parent[b] = parent[parent[b]]
            b = parent[b]
        parent[max(a, b)] = min(a, b)
    labels = np.empty(count, np.int32)
    n = 0
    for item in range(count):
        if parent[item] == item:
            labels[item] = n
            n += 1
        else:
            labels[item] = labels[parent[item]]  # a parent comes before its children
    return labels


@njit(cache=True, nogil=True)
def expand(pairs, starts, members, limit):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Packed pairs of members of packed pairs of groups.

    Beyond `limit` pairs, or for a group of more than ALL_PAIRS, as many members of either group as the smaller one has
    are paired with the other's first member: a crowd is spoken for by its first, and one text that resembles somebody
    in it is not compared with all.
    """
    total = 0
    for write in range(2):
        if write:
            out = np.empty(total, np.uint64)
        n = 0
        for p in range(len(pairs)):
            g = pairs[p] >> np.uint64(32)
            h = pairs[p] & np.uint64(0xFFFFFFFF)
            size_g = starts[g + 1] - starts[g]
            size_h = starts[h + 1] - starts[h]
            whole = size_g * size_h <= limit and max(size_g, size_h) <= ALL_PAIRS
            speakers = min(size_g, size_h)
            for x in range(size_g if whole else speakers):
                for y in range(size_h if whole else speakers):
                    if g == h and y <= x:
                        continue
                    if not whole and x > 0 and y > 0:
                        break
                    if write:
                        out[n] = pack(members[starts[g] + x], members[starts[h] + y])
                    n += 1
        total = n
    return out


def merge(found: list[tuple[int, NDArray[np.uint64]]]) -> Candidates:
    """One sorted list of distinct pairs, the signals' bits or-ed together."""
    pairs = distinct(np.concatenate([p for _, p in found]))
    bits = np.zeros(len(pairs), np.uint8)
    for bit, part in found:
        bits[np.searchsorted(pairs, distinct(part))] |= np.uint8(bit)
    return Candidates(*unpack(pairs), bits)
