"""Which pairs are worth verifying: equal bodies, similar signatures, common fingerprints, equal titles of short items.

Tier 1 finds near-duplicates (equal bodies, LSH bands; Indyk and Motwani 1998) and gathers them into groups, so that a
story carried by forty outlets counts once. Tier 2 joins winnowed fingerprints: one that occurs in many *groups* is a
stock phrase and proposes nothing; one that occurs in few makes their members candidates. Groups only bound the work,
they are never reported.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from dedup.background import Background, rarity
from dedup.config import CandidateConfig
from dedup.errors import DedupError
from dedup.minhash import band_keys
from dedup.sketch import Sketches

__all__ = ["FOUND_BY", "Candidates", "found_by_names", "propose"]

#: Signals, by bit.
FOUND_BY = {1: "body", 2: "signature", 4: "fingerprint", 8: "title", 16: "member", 32: "neighbour"}
#: The bit of pairs that are compared because both belong to one component.
MEMBER = 16
#: The bit of pairs that are near by their rarest words, with or without common wording.
NEIGHBOUR = 32

#: Buckets and groups up to this size are compared pair by pair, larger ones as a star.
_ALL_PAIRS = 64
#: Texts whose postings one thread collects at a time.
_BLOCK = 4096
#: Excess, in nats, that the common fingerprints of a pair must have in all: one telling one, or several half so.
_MIN_RARITY = 9.0
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

    def within(self, window: float | None, days: ArrayLike | None) -> Candidates:
        """The pairs whose articles are at most `window` days apart; of unknown dates (NaN) all stay."""
        if window is None or days is None:
            return self
        times = np.asarray(days, np.float64)
        inside = ~(np.abs(times[self.a] - times[self.b]) > window)
        return Candidates(self.a[inside], self.b[inside], self.found_by[inside])


def found_by_names(bits: int) -> tuple[str, ...]:
    """The names of the signals in `bits`, in the order of the tiers."""
    return tuple(name for bit, name in FOUND_BY.items() if bits & bit)


@njit(cache=True, nogil=True)
def _bucket_pairs(order, keys, limit):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Pairs of items with equal keys as a << 32 | b; `order` sorts the keys.

    A large bucket becomes a star around its first item, and a chain: where the order follows the dates, the chain holds
    together what a time window would take from the star.
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
                        low = min(order[x], order[y])
                        high = max(order[x], order[y])
                        out[n] = (np.uint64(low) << np.uint64(32)) | np.uint64(high)
                    n += 1
            if hubs == 1:
                for x in range(start + 1, end - 1):
                    if write:
                        low = min(order[x], order[x + 1])
                        high = max(order[x], order[x + 1])
                        out[n] = (np.uint64(low) << np.uint64(32)) | np.uint64(high)
                    n += 1
            start = end
        total = n
    return out


def _equal(
    keys: NDArray[np.uint64], among: NDArray[np.int64], days: NDArray[np.float64] | None = None
) -> NDArray[np.uint64]:
    """Pairs of the items `among` whose keys are equal, packed; large buckets are chained by date."""
    values = keys[among]
    order = np.argsort(values, kind="stable") if days is None else np.lexsort((days[among], values))
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
def _counters(keys, bits):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """How often a key of this hash occurs, up to two, uint8[2 ** bits]: nine in ten fingerprints occur only once."""
    mask = np.uint64((1 << bits) - 1)
    counters = np.zeros(1 << bits, np.uint8)
    for k in range(len(keys)):
        at = (keys[k] >> np.uint64(16)) & mask
        if counters[at] < 2:
            counters[at] += 1
    return counters


@njit(cache=True, nogil=True)
def _postings(size, texts, keys, ends, places, counters, groups, among, tokens, offsets, gram_tags, gram_idf):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Sort keys of the fingerprints of some texts that may occur elsewhere: 36 bits of key, 4 of weight, 24 of group.

    The weight is the excess of the fingerprint's 3-grams in half nats, 0 to 15.
    """
    first, last = texts
    mask = np.uint64(len(counters) - 1)
    out = np.empty(ends[last] - ends[first], np.uint64)
    n = 0
    for text in range(first, last):
        if not among[text]:
            continue
        end = offsets[text + 1]
        for k in range(ends[text], ends[text + 1]):
            if counters[(keys[k] >> np.uint64(16)) & mask] < 2:
                continue
            start = offsets[text] + places[k]
            total = 0.0
            for at in range(start, min(start + max(1, size - 2), end - 2)):
                total += rarity(gram_tags, gram_idf, tokens, at)
            weight = np.uint64(min(15.0, 2.0 * total))
            out[n] = (keys[k] & ~np.uint64((1 << 28) - 1)) | (weight << np.uint64(24)) | np.uint64(groups[text])
            n += 1
    return out[:n].copy()


@njit(cache=True, nogil=True)
def _join(packed, limit):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Pairs of groups, as a << 28 | b << 4 | weight, for each key that two to `limit` groups hold.

    `packed` is sorted: 36 bits of key, 4 of weight, 24 of group.
    """
    group = np.uint64((1 << 24) - 1)
    total = 0
    for write in range(2):
        if write:
            out = np.empty(total, np.uint64)
        n = 0
        start = 0
        while start < len(packed):
            end = start + 1
            distinct = 1
            while end < len(packed) and packed[end] >> np.uint64(28) == packed[start] >> np.uint64(28):
                distinct += packed[end] != packed[end - 1]
                end += 1
            if 2 <= distinct <= limit:
                for x in range(start, end):
                    if x > start and packed[x] == packed[x - 1]:
                        continue
                    for y in range(x + 1, end):
                        if packed[y] == packed[y - 1]:
                            continue
                        if write:
                            out[n] = (
                                ((packed[x] & group) << np.uint64(28))
                                | ((packed[y] & group) << np.uint64(4))
                                | ((packed[x] >> np.uint64(24)) & np.uint64(15))
                            )
                        n += 1
            start = end
        total = n
    return out


def _fingerprint_pairs(
    sketches: Sketches,
    groups: NDArray[np.int32],
    among: NDArray[np.bool_],
    config: CandidateConfig,
    background: Background,
    fingerprint_size: int,
    jobs: int,
) -> NDArray[np.uint64]:
    """Packed pairs of groups that share fingerprints which few groups hold and which tell something together."""
    bits = max(10, min(30, int(4 * len(sketches.fingerprints)).bit_length()))
    counters = _counters(sketches.fingerprints, bits)

    def work(start: int) -> NDArray[np.uint64]:
        keys: NDArray[np.uint64] = _postings(
            fingerprint_size,
            (start, min(len(sketches), start + _BLOCK)),
            sketches.fingerprints,
            sketches.fingerprint_offsets,
            sketches.fingerprint_places,
            counters,
            groups,
            among,
            sketches.tokens,
            sketches.offsets,
            background.gram_tags,
            background.gram_idf,
        )
        return keys

    with ThreadPoolExecutor(max(1, jobs)) as pool:  # the kernel releases the interpreter lock
        packed = np.concatenate([np.empty(0, np.uint64), *pool.map(work, range(0, len(sketches), _BLOCK))])
    packed.sort()
    pairs = _join(packed, config.max_frequency)
    pairs.sort()
    telling: NDArray[np.uint64] = _telling(pairs, config.min_hits, int(2 * _MIN_RARITY))
    return telling


@njit(cache=True, nogil=True)
def _telling(pairs, hits, weight):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """The pairs of a sorted array of pair << 4 | weight with enough hits and weight in all, as a << 32 | b."""
    out = np.empty(len(pairs), np.uint64)
    n = 0
    start = 0
    total = np.uint64(0)
    for end in range(len(pairs) + 1):
        if end == len(pairs) or pairs[end] >> np.uint64(4) != pairs[start] >> np.uint64(4):
            if end > start and end - start >= hits and total >= np.uint64(weight):
                pair = pairs[start] >> np.uint64(4)
                low = pair & np.uint64((1 << 24) - 1)
                out[n] = ((pair >> np.uint64(24)) << np.uint64(32)) | low
                n += 1
            start = end
            total = np.uint64(0)
        if end < len(pairs):
            total += pairs[end] & np.uint64(15)
    return out[:n].copy()


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
    background: Background,
    days: ArrayLike | None = None,
    fingerprint_size: int = 4,
    jobs: int = 1,
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
    times = None if days is None else np.asarray(days, np.float64)
    body = _equal(body_keys, with_body, times)
    title = _equal(titles, np.flatnonzero((titles != 0) & ~long_enough), times)
    judged = np.flatnonzero(long_enough)
    keys = band_keys(sketches.signatures, config.bands, config.rows)
    signature = np.unique(np.concatenate([_equal(band, judged, times) for band in keys]))
    estimate = _estimates(signature, sketches.signatures)
    near = np.concatenate([body, signature[estimate >= _GROUP_ESTIMATE]])
    groups: NDArray[np.int32] = _components(count, near)
    if groups.max(initial=-1) >= 1 << 24:  # a group's number must fit its bits of a sort key
        raise DedupError(f"more than {1 << 24:,} different articles in one run; scan them in parts")
    found = [(1, body), (8, title), (2, signature[estimate >= 0.15])]
    order = np.argsort(groups, kind="stable").astype(np.int64)
    starts = np.searchsorted(groups[order], np.arange(groups.max(initial=-1) + 2)).astype(np.int64)
    hits = _fingerprint_pairs(sketches, groups, long_enough, config, background, fingerprint_size, jobs)
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
    return Candidates(*_unpack(pairs), bits).within(window, days)
