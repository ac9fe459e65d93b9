"""Which pairs are worth verifying: equal bodies, similar signatures, common fingerprints, equal titles of short items.

Tier 1 finds near-duplicates (equal bodies, LSH bands; Indyk and Motwani 1998) and gathers them into groups, so that a
story carried by forty outlets counts once. Tier 2 joins winnowed fingerprints: one that occurs in many *groups* is a
stock phrase and proposes nothing; one that occurs in few makes their members candidates. Groups only bound the work,
they are never reported.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from dedup.config import CandidateConfig
from dedup.minhash import band_keys
from dedup.sketch import Sketches

__all__ = ["FOUND_BY", "Candidates", "found_by_names", "propose"]

#: Signals, by bit.
FOUND_BY = {1: "body", 2: "signature", 4: "fingerprint", 8: "title", 16: "member"}

#: Buckets and groups up to this size are compared pair by pair, larger ones as a star.
_ALL_PAIRS = 64
#: Share of equal signature slots from which two articles count as one for the frequency of phrases.
_GROUP_ESTIMATE = 0.6


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs of article indices, a < b, sorted and distinct, with the bits of the signals that proposed them."""

    a: NDArray[np.int32]
    b: NDArray[np.int32]
    found_by: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.a)


def found_by_names(bits: int) -> tuple[str, ...]:
    """The names of the signals in `bits`, in the order of the tiers."""
    return tuple(name for bit, name in FOUND_BY.items() if bits & bit)


@njit(cache=True, nogil=True)
def _bucket_pairs(order, keys, limit):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Pairs of items with equal keys as a << 32 | b; `order` sorts the keys. Large buckets become stars."""
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
                        low = min(order[x], order[y])
                        high = max(order[x], order[y])
                        out[n] = (np.uint64(low) << np.uint64(32)) | np.uint64(high)
                    n += 1
            start = end
        total = n
    return out


def _equal(keys: NDArray[np.uint64], among: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Pairs of the items `among` whose keys are equal, packed."""
    values = keys[among]
    order = np.argsort(values, kind="stable")
    ranked = values[order]
    same = np.zeros(len(ranked), bool)
    same[1:] = ranked[1:] == ranked[:-1]
    same[:-1] |= same[1:]
    pairs: NDArray[np.uint64] = _bucket_pairs(among[order[same]], keys, _ALL_PAIRS)
    return pairs


@njit(cache=True, nogil=True)
def _estimates(pairs, signatures):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Share of equal signature slots of each packed pair, float32."""
    out = np.empty(len(pairs), np.float32)
    for p in range(len(pairs)):
        a = pairs[p] >> np.uint64(32)
        b = pairs[p] & np.uint64(0xFFFFFFFF)
        equal = 0
        for k in range(signatures.shape[1]):
            equal += signatures[a, k] == signatures[b, k]
        out[p] = equal / signatures.shape[1]
    return out


def _unpack(pairs: NDArray[np.uint64]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    return (pairs >> np.uint64(32)).astype(np.int32), (pairs & np.uint64(0xFFFFFFFF)).astype(np.int32)


@njit(cache=True, nogil=True)
def _components(count, pairs):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
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
def _repeated(keys, bits):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Which keys may occur more than once: two passes over a table of 2 ** bits two-bit counters."""
    mask = np.uint64((1 << bits) - 1)
    counters = np.zeros(1 << bits, np.uint8)
    for k in range(len(keys)):
        at = (keys[k] >> np.uint64(16)) & mask
        if counters[at] < 2:
            counters[at] += 1
    out = np.zeros(len(keys), np.bool_)
    for k in range(len(keys)):
        out[k] = counters[(keys[k] >> np.uint64(16)) & mask] == 2
    return out


@njit(cache=True, nogil=True)
def _join(keys, groups, limit):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Packed pairs of groups for each key that two to `limit` groups hold; keys sorted, groups sorted within a key."""
    total = 0
    for write in range(2):
        if write:
            out = np.empty(total, np.uint64)
        n = 0
        start = 0
        while start < len(keys):
            end = start + 1
            distinct = 1
            while end < len(keys) and keys[end] == keys[start]:
                distinct += groups[end] != groups[end - 1]
                end += 1
            if 2 <= distinct <= limit:
                for x in range(start, end):
                    if x > start and groups[x] == groups[x - 1]:
                        continue
                    for y in range(x + 1, end):
                        if groups[y] == groups[y - 1]:
                            continue
                        if write:
                            out[n] = (np.uint64(groups[x]) << np.uint64(32)) | np.uint64(groups[y])
                        n += 1
            start = end
        total = n
    return out


def _fingerprint_pairs(
    sketches: Sketches, groups: NDArray[np.int32], among: NDArray[np.bool_], config: CandidateConfig
) -> NDArray[np.uint64]:
    """Packed pairs of groups with at least `min_hits` common fingerprints that few groups hold."""
    owners = np.repeat(groups, np.diff(sketches.fingerprint_offsets))
    kept = np.repeat(among, np.diff(sketches.fingerprint_offsets))
    bits = max(10, min(30, int(4 * len(owners)).bit_length()))
    kept &= _repeated(sketches.fingerprints, bits)
    keys, owners = sketches.fingerprints[kept], owners[kept]
    order = np.lexsort((owners, keys))
    pairs = _join(keys[order], owners[order], config.max_frequency)
    pairs.sort()
    distinct, hits = np.unique(pairs, return_counts=True)
    return distinct[hits >= config.min_hits]


@njit(cache=True, nogil=True)
def _expand(pairs, starts, members, limit):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Packed pairs of members of packed pairs of groups; beyond `limit` pairs only those with a first member."""
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
            whole = size_g * size_h <= limit
            for x in range(size_g):
                for y in range(size_h):
                    if g == h and y <= x:
                        continue
                    if not whole and x > 0 and y > 0:
                        break
                    if write:
                        a = members[starts[g] + x]
                        b = members[starts[h] + y]
                        out[n] = (np.uint64(min(a, b)) << np.uint64(32)) | np.uint64(max(a, b))
                    n += 1
        total = n
    return out


def propose(
    sketches: Sketches,
    titles: NDArray[np.uint64],
    long_enough: NDArray[np.bool_],
    config: CandidateConfig,
    days: ArrayLike | None = None,
) -> Candidates:
    """The pairs worth verifying.

    Args:
        titles: uint64[N], a hash of each title, 0 without one; titles matter for articles too short to judge.
        long_enough: bool[N], False for articles that are compared by exact body and title only.
        days: float[N], publication time in days, NaN when unknown; needed with `config.window_days`.
    """
    count = len(sketches)
    body_keys = sketches.body_hashes[:, 0]
    with_body = np.flatnonzero(sketches.words > 0)
    body = _equal(body_keys, with_body)
    title = _equal(titles, np.flatnonzero((titles != 0) & ~long_enough))
    judged = np.flatnonzero(long_enough)
    keys = band_keys(sketches.signatures, config.bands, config.rows)
    signature = np.unique(np.concatenate([_equal(band, judged) for band in keys]))
    estimate = _estimates(signature, sketches.signatures)
    near = np.concatenate([body, signature[estimate >= _GROUP_ESTIMATE]])
    groups: NDArray[np.int32] = _components(count, near)
    found = [(1, body), (8, title), (2, signature[estimate >= 0.15])]
    order = np.argsort(groups, kind="stable").astype(np.int64)
    starts = np.searchsorted(groups[order], np.arange(groups.max(initial=-1) + 2)).astype(np.int64)
    hits = _fingerprint_pairs(sketches, groups, long_enough, config)
    found.append((4, _expand(hits, starts, order, _ALL_PAIRS * _ALL_PAIRS // 4)))
    sizes = np.diff(starts)
    crowded = np.flatnonzero(sizes > 2).astype(np.uint64)
    found.append((16, _expand((crowded << np.uint64(32)) | crowded, starts, order, _ALL_PAIRS * _ALL_PAIRS)))
    return _merge(found, config.window_days, days)


def _merge(found: list[tuple[int, NDArray[np.uint64]]], window: float | None, days: ArrayLike | None) -> Candidates:
    """One sorted list of distinct pairs inside the time window, the signals' bits or-ed together."""
    pairs, which = np.unique(np.concatenate([p for _, p in found]), return_inverse=True)
    bits = np.zeros(len(pairs), np.uint8)
    at = 0
    for bit, part in found:
        bits[which[at : at + len(part)]] |= np.uint8(bit)
        at += len(part)
    a, b = _unpack(pairs)
    if window is not None and days is not None:
        times = np.asarray(days, np.float64)
        inside = ~(np.abs(times[a] - times[b]) > window)  # unknown dates compare as NaN and stay
        a, b, bits = a[inside], b[inside], bits[inside]
    return Candidates(a, b, bits)
