"""Names that stay: of texts wherever they lie, and of clusters when articles join, leave or are renamed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["cluster_ids", "text_key"]

#: Fingerprints that are looked at together.
_CHUNK = 1 << 22


def text_key(body: str) -> str:
    """A name for a text, 32 hex digits, by which it is known again under another id.

    Example:
        >>> text_key("The ferry sailed at noon.") == text_key("The ferry sailed at noon. ")
        False
    """
    return hashlib.blake2b(body.encode("utf-8", "replace"), digest_size=16).hexdigest()


def cluster_ids(
    groups: Sequence[Sequence[int]],
    fingerprints: NDArray[np.uint64],
    offsets: NDArray[np.int64],
    ids: Sequence[str],
) -> list[str]:
    """An id for each group of articles, distinct, made from the wording and not from who holds it.

    It is made from the smallest fingerprint of any member that no other group has. A copy that joins brings hardly any
    fingerprint that was not there, so the smallest one stays, unless the copy's own additions hold a smaller one.
    Groups without a fingerprint of their own go by their smallest article id.

    Args:
        groups: articles, none of them in two groups.
        fingerprints: uint64[F]; article i has fingerprints[offsets[i]:offsets[i + 1]].
        ids: id of each article.

    Example:
        >>> prints, offsets = np.array([7, 9, 7, 9, 8, 3], np.uint64), np.array([0, 2, 4, 5, 6])
        >>> cluster_ids([[0, 1]], prints, offsets, "abcd") == cluster_ids([[0, 1, 2]], prints, offsets, "abcd")
        True
    """
    owner_of = np.full(len(offsets) - 1, -1, np.int32)
    for number, group in enumerate(groups):
        owner_of[list(group)] = number
    own = _smallest_own(fingerprints, offsets, owner_of, len(groups))
    names = []
    for number, group in enumerate(groups):
        key = f"wording {own[number]}" if number in own else "article " + min(ids[index] for index in group)
        names.append("c" + hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=8).hexdigest())
    return names


def _smallest_own(
    fingerprints: NDArray[np.uint64], offsets: NDArray[np.int64], owner_of: NDArray[np.int32], count: int
) -> dict[int, int]:
    """The smallest fingerprint of each owner that no other has, for those that have one.

    They are looked at from below, a sixteenth of their range at a time, until every owner has its own: nearly always
    long before most of them had to be sorted, or copied.

    Args:
        owner_of: int32[N], the owner of each article, -1 for none.
    """
    found: dict[int, int] = {}
    for part in range(16):
        here = np.concatenate(
            [
                start + np.flatnonzero(fingerprints[start : start + _CHUNK] >> np.uint64(60) == part)
                for start in range(0, max(1, len(fingerprints)), _CHUNK)
            ]
        )
        values, owners = fingerprints[here], owner_of[np.searchsorted(offsets, here, "right") - 1]
        values, owners = values[owners >= 0], owners[owners >= 0]
        order = np.lexsort((owners, values))
        value, owner = values[order], owners[order]
        first = np.ones(len(value), bool)
        first[1:] = value[1:] != value[:-1]
        shared = np.zeros(len(value), bool)
        number = np.cumsum(first) - 1
        shared[number[1:][~first[1:] & (owner[1:] != owner[:-1])]] = True
        alone = ~shared[number[first]]
        named, at = np.unique(owner[first][alone], return_index=True)
        found = dict(zip(named.tolist(), value[first][alone][at].tolist(), strict=True)) | found
        if len(found) == count:
            break
    return found
