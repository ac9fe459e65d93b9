"""Which stored articles a new one may share text with: by filed phrases, equal texts and equal titles.

Filed phrases name candidates; the best of them are then weighed exactly by all their telling phrases, which lie sorted
in their rows, and only what reaches the weight that a copy must have is ever read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numba import njit
from numpy.typing import NDArray
from sqlalchemy import Connection

from dedup.assemble import Corpus
from dedup.background import load_background
from dedup.candidates import distinct, quote_keys
from dedup.config import Config
from dedup.index.database import Database
from dedup.index.fresh import Fresh, Gone, unpacked
from dedup.index.notices import Notices
from dedup.index.postings import HOLDERS, find_filed
from dedup.judging import least_overlap, long_enough
from dedup.neighbours import subject_keys
from dedup.telling import Phrases, shared_weights, telling_phrases
from dedup.threads import in_threads
from dedup.words import word_idf

__all__ = ["Keys", "Rivals", "Shelves", "filed_by", "find_related", "find_rivals", "keys_of"]

#: Candidates of one article that are weighed exactly.
_WEIGHED = 64
#: A phrase counts the less the more articles hold it. A candidate needs one full phrase that at most this many hold ...
_RARE = 8
#: ... or phrases of this weight in all, in nats.
_ENOUGH = 8.0
_SIXTEENTHS, _FULL = 16, 48
_LEAST = (_FULL * 64 // _RARE, int(_ENOUGH * _SIXTEENTHS))
#: Candidates of one article whose quotations are looked at.
_QUOTED = 16
#: Keys of quotations in common for which that is done: three of their rarest words, or two in each of two.
_LEAST_QUOTES = (1 << 40, 2)
#: Articles with a near subject that are looked at, and the keys of the subject that they must share.
_RELATED, _LEAST_SUBJECTS = 48, (1 << 40, 3)


@dataclass(frozen=True, slots=True)
class Shelves:
    """Where articles are filed, as one transaction sees it."""

    database: Database
    levels: NDArray[np.int64]
    """Where pages are, as `levels_of` says."""
    fresh: Fresh
    merges: int
    """How often articles were merged into pages by then: after each time the segments are others."""
    notices: Notices
    """What is furniture in every outlet."""
    gone: Gone

    def caught_up(self, connection: Connection) -> Shelves:
        """With what this transaction has put in and taken out by now."""
        self.fresh.catch_up(self.database, connection)
        return replace(self, gone=self.gone.caught_up(self.database, connection))


#: Keys, sorted and distinct, uint32[K], with the text of each, int64[K].
_Owned = tuple[NDArray[np.uint32], NDArray[np.int64]]
#: Sorted keys with the text and the weight of each; the score or weight that a pair must have; pairs of one text.
_Filed = tuple[NDArray[np.uint32], NDArray[np.int64], NDArray[np.uint8], int, int, int]


@dataclass(frozen=True, slots=True)
class Keys:
    """What the texts of a corpus are filed under."""

    phrases: Phrases
    quotes: _Owned
    subjects: _Owned


@dataclass(frozen=True, slots=True)
class Rivals:
    """Pairs that can be copies."""

    old: NDArray[np.int64]
    """int64[P, 2]: a text of the corpus, and the num of a stored article."""
    new: NDArray[np.int64]
    """int64[Q, 2]: two texts of the corpus, the smaller first."""
    quoting_old: NDArray[np.int64]
    """int64[R, 2]: the same of pairs that may have a quotation in common, which has to be looked at."""
    quoting_new: NDArray[np.int64]


@njit(cache=True, nogil=True)
def _tally(keys, owners, weights, known, ends, nums, limit):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Hits, one for each key that two articles hold: uint64[H] of owner << 32 | num, and of weight << 32 | score.

    The keys are sorted, with the new text and the weight of each; a key known[r], of more and sorted ones, is held by
    the stored articles nums[ends[r]:ends[r + 1]].
    Pairs of two new texts have the second one's place with the bit 31 set for a num. Of many holders
    the first count, or the newest where the lowest bit of the key is set.
    """
    total = 0
    for write in range(2):
        if write:
            pairs, values = np.empty(total, np.uint64), np.empty(total, np.uint64)
        n = 0
        last = 0
        row = 0
        while last < len(keys):
            first, key, weight = last, keys[last], np.uint64(weights[last])
            while last < len(keys) and keys[last] == key:
                last += 1
            while known[row] < key:
                row += 1
            stored = ends[row]
            old = min(limit, ends[row + 1] - stored)
            if key & np.uint32(1):
                stored = ends[row + 1] - old
            holders = old + last - first - 1
            if holders == 0:
                continue
            value = weight << np.uint64(32) | weight * np.uint64(64) // np.uint64(holders)
            for x in range(first, last):
                owner = np.uint64(owners[x]) << np.uint64(32)
                for y in range(stored, stored + old):
                    if write:
                        pairs[n], values[n] = owner | np.uint64(nums[y]), value
                    n += 1
                for y in range(first, min(x, first + max(1, limit - old))):
                    if write:
                        other = np.uint64(owners[y]) | np.uint64(1 << 31)
                        pairs[n], values[n] = owner | other, value
                    n += 1
        total = n
    return pairs, values


@njit(cache=True, nogil=True)
def _by_key(count, which, nums, more_which, more_nums, gone):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Articles by the places of their keys, both sides in one: (where those of each key begin, nums).

    Without those that are `gone`, sorted.
    """
    ends = np.zeros(count + 2, np.int64)
    out = np.empty(len(nums) + len(more_nums), np.uint32)
    for write in range(2):
        for side in range(2):
            keys, held = (more_which, more_nums) if side else (which, nums)
            for at in range(len(held)):
                if len(gone):
                    place = np.searchsorted(gone, held[at])
                    if place < len(gone) and gone[place] == held[at]:
                        continue
                if write:
                    out[ends[keys[at] + 1]] = held[at]
                ends[keys[at] + 2 - write] += 1
        for k in range(count if not write else 0):
            ends[k + 2] += ends[k + 1]
    return ends[: count + 1].copy(), out[: ends[count]].copy()


@njit(cache=True, nogil=True)
def _best(pairs, values, order, least_score, least_weight, most):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """The packed pairs with enough in common, for each owner the `most` best ones; `order` sorts the pairs."""
    out = np.empty(len(pairs), np.uint64)
    scores = np.empty(len(pairs), np.int64)
    n = 0
    first = 0  # of the owner
    at = 0
    while at < len(order):
        pair = pairs[order[at]]
        weight = np.int64(0)
        score = np.int64(0)
        while at < len(order) and pairs[order[at]] == pair:
            weight += np.int64(values[order[at]] >> np.uint64(32))
            score += np.int64(values[order[at]] & np.uint64(0xFFFFFFFF))
            at += 1
        if score >= least_score or weight >= least_weight:
            out[n] = pair
            scores[n] = score
            n += 1
        if at == len(order) or pairs[order[at]] >> np.uint64(32) != pair >> np.uint64(32):
            if n - first > most:
                ranked = np.argsort(-scores[first:n], kind="mergesort")[:most]
                kept = np.sort(out[first:n][ranked])
                out[first : first + most] = kept
                n = first + most
            first = n
    return out[:n].copy()


@njit(cache=True, nogil=True)
def _parted(packed):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """(pairs of a text and a num, pairs of two texts), int64[P, 2] and int64[Q, 2]."""
    old, new = np.empty((len(packed), 2), np.int64), np.empty((len(packed), 2), np.int64)
    n, m = 0, 0
    for pair in packed:
        owner, other = np.int64(pair >> np.uint64(32)), np.int64(pair & np.uint64(0xFFFFFFFF))
        if other >= 1 << 31:
            new[m, 0], new[m, 1] = other - (1 << 31), owner
            m += 1
        else:
            old[n, 0], old[n, 1] = owner, other
            n += 1
    return old[:n].copy(), new[:m].copy()


def keys_of(corpus: Corpus, config: Config, jobs: int = 1) -> Keys:
    """What the texts of a corpus are filed under, furniture left out."""
    sketches, background = corpus.sketches, load_background()
    texts = sketches.tokens, sketches.vocabulary, sketches.offsets
    judged = long_enough(corpus, config)

    def quotes() -> _Owned:
        asked = np.where(judged, np.arange(len(judged)), -1)
        return _sorted(*quote_keys(sketches, asked, background), newest=0)

    def subjects() -> _Owned:
        idf = word_idf(sketches.vocabulary, background)
        found = subject_keys(sketches.tokens, sketches.flags, sketches.offsets, idf, judged, sketches.vocabulary)
        return _sorted(*found, newest=1)

    return Keys(telling_phrases(*texts, background, jobs), *in_threads(lambda make: make(), [quotes, subjects], jobs))


def filed_by(keys: Keys) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """What all texts are filed under, by text: (keys, the text of each)."""
    phrases = keys.phrases
    owners = np.repeat(np.arange(len(phrases.offsets) - 1), np.diff(phrases.offsets))[phrases.picked]
    found = np.concatenate([phrases.keys[phrases.picked], keys.quotes[0], keys.subjects[0]])
    owners = np.concatenate([owners, keys.quotes[1], keys.subjects[1]])
    order = np.argsort(owners, kind="stable")
    return found[order], owners[order]


def _sorted(keys: NDArray[np.uint32], owners: NDArray[np.int64], newest: int) -> _Owned:
    """Keys sorted; their lowest bit says which articles are filed, of many the first, 0, or the newest, 1."""
    keys = keys & ~np.uint32(1) | np.uint32(newest)
    packed = distinct(keys.astype(np.uint64) << np.uint64(32) | owners.astype(np.uint64))
    return (packed >> np.uint64(32)).astype(np.uint32), (packed & np.uint64(0xFFFFFFFF)).astype(np.int64)


def find_rivals(
    shelves: Shelves, connection: Connection, corpus: Corpus, keys: Keys, config: Config, jobs: int = 1
) -> Rivals:
    """The pairs of new texts with stored ones, and with each other, that can be copies; none is stored yet."""
    (by_phrase, inside), (quoting, quoting_inside) = _filed_together(
        shelves,
        connection,
        [(*_picked(keys.phrases), *_LEAST, _WEIGHED), (*_weighing_one(keys.quotes), *_LEAST_QUOTES, _QUOTED)],
    )
    old = _weighed(shelves.database, connection, corpus, keys.phrases, by_phrase, config, jobs)
    new = _weighed_inside(corpus, keys.phrases, inside, config, jobs)
    equal_old, equal_new = _equal(shelves.database, connection, corpus, config)
    return Rivals(np.concatenate([old, equal_old]), np.concatenate([new, equal_new]), quoting, quoting_inside)


def find_related(shelves: Shelves, connection: Connection, keys: Keys) -> NDArray[np.int64]:
    """The nums of stored articles whose subject is nearest that of the only text, int64[N]."""
    wanted = [(*_weighing_one(keys.subjects), *_LEAST_SUBJECTS, _RELATED)]
    [(pairs, _)] = _filed_together(shelves, connection, wanted)
    return pairs[:, 1]


def _weighing_one(owned: _Owned) -> tuple[NDArray[np.uint32], NDArray[np.int64], NDArray[np.uint8]]:
    return (*owned, np.ones(len(owned[0]), np.uint8))


def _picked(phrases: Phrases) -> tuple[NDArray[np.uint32], NDArray[np.int64], NDArray[np.uint8]]:
    """The keys that texts are filed under, sorted, with the text and the weight of each."""
    owners = np.repeat(np.arange(len(phrases.offsets) - 1), np.diff(phrases.offsets))[phrases.picked]
    keys, weights = phrases.keys[phrases.picked], phrases.weights[phrases.picked]
    if len(phrases.offsets) > 2:
        packed = keys.astype(np.uint64) << np.uint64(32) | owners.astype(np.uint64)
        order = np.argsort(packed)
        owners, keys, weights = owners[order], keys[order], weights[order]
    return keys, owners, weights


def _filed_together(
    shelves: Shelves, connection: Connection, filed: Sequence[_Filed]
) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """The likeliest pairs by each kind of keys: (text and num, text and text)."""
    wanted = distinct(np.concatenate([keys for keys, *_ in filed]))
    filed_first = find_filed(shelves.database, connection, shelves.levels, wanted)
    ends, nums = _by_key(len(wanted), *filed_first, *shelves.fresh.find(wanted), shelves.gone.nums)
    return [_likeliest((wanted, ends, nums), *kind) for kind in filed]


def _likeliest(
    held: tuple[NDArray[np.uint32], NDArray[np.int64], NDArray[np.uint32]],
    keys: NDArray[np.uint32],
    owners: NDArray[np.int64],
    weights: NDArray[np.uint8],
    least_score: int,
    least_weight: int,
    most: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The pairs that share enough of what they are filed under, of each text the `most` best.

    Args:
        held: stored articles by key: the keys, where those of each begin, their nums.
        keys: sorted, with the text and the weight of each.
        least_score, least_weight: one of the two must be reached.
    """
    hits, values = _tally(keys, owners, weights, *held, HOLDERS)
    old, new = _parted(_best(hits, values, np.argsort(hits), least_score, least_weight, most))
    return old, new


def _weighed(
    database: Database,
    connection: Connection,
    corpus: Corpus,
    phrases: Phrases,
    pairs: NDArray[np.int64],
    config: Config,
    jobs: int,
) -> NDArray[np.int64]:
    """The pairs of a text and a stored article whose phrases weigh enough for a copy."""
    pairs = pairs[long_enough(corpus, config)[pairs[:, 0]]]
    if not len(pairs):
        return pairs
    wanted = distinct(pairs[:, 1].copy()).tolist()
    statement = "SELECT num, words, phrases FROM dedup_article WHERE num one_of ? AND words >= ? ORDER BY num"
    rows = database.rows(connection, statement, wanted, config.sketch.min_words)
    if not rows:
        return pairs[:0]
    nums, words = (np.array(column, np.int64) for column in ([row[0] for row in rows], [row[1] for row in rows]))
    keys, offsets = unpacked([row[2] for row in rows])
    there = np.searchsorted(nums, pairs[:, 1]).clip(max=len(nums) - 1)
    found = nums[there] == pairs[:, 1]
    pairs, there = pairs[found], there[found]
    weights = shared_weights(pairs[:, 0], there, phrases, keys, offsets, jobs)
    return pairs[_enough(weights, corpus.sketches.words[pairs[:, 0]], words[there])]


def _weighed_inside(
    corpus: Corpus, phrases: Phrases, pairs: NDArray[np.int64], config: Config, jobs: int
) -> NDArray[np.int64]:
    """The same of pairs of two texts."""
    if not len(pairs):
        return pairs
    pairs, words = pairs[long_enough(corpus, config)[pairs].all(axis=1)], corpus.sketches.words
    filed = phrases.keys, phrases.offsets
    weights = shared_weights(pairs[:, 1], pairs[:, 0], phrases, *filed, jobs)  # they are sorted by the second
    return pairs[_enough(weights, words[pairs[:, 0]], words[pairs[:, 1]])]


def _enough(weights: NDArray[np.int64], a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.bool_]:
    enough: NDArray[np.bool_] = weights >= _SIXTEENTHS * least_overlap(np.minimum(a, b))
    return enough


def _equal(
    database: Database, connection: Connection, corpus: Corpus, config: Config
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs with the same words, and of short texts with the same title: (text and num, text and text)."""
    sketches = corpus.sketches
    bodies = np.where(sketches.words > 0, sketches.body_hashes[:, 0].astype(np.int64), 0)
    titles = np.where(long_enough(corpus, config), 0, corpus.titles.astype(np.int64))
    old: list[tuple[int, int]] = []
    new: list[tuple[int, int]] = []
    for column, values in (("body_hash", bodies), ("title_hash", titles)):
        own: dict[int, list[int]] = {}
        for place in np.flatnonzero(values).tolist():
            own.setdefault(int(values[place]), []).append(place)
        if not own:
            continue
        found: dict[int, list[int]] = {}
        statement = f"SELECT {column}, num FROM dedup_article WHERE {column} one_of ? ORDER BY num"
        for value, num in database.rows(connection, statement, list(own)):
            found.setdefault(value, []).append(num)
        for value, places in own.items():
            held = found.get(value, [])[:HOLDERS]
            old += ((place, num) for place in places for num in held)
            leaders = max(1, HOLDERS - len(held))
            new += ((x, y) for at, y in enumerate(places) for x in places[: min(at, leaders)])
    return np.array(old, np.int64).reshape(-1, 2), np.array(new, np.int64).reshape(-1, 2)
