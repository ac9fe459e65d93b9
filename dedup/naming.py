"""Names of clusters that stay when articles join, leave or are renamed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["cluster_ids"]


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
        fingerprints: uint64[F]; article i has fingerprints[offsets[i]:offsets[i + 1]].
        ids: id of each article.

    Example:
        >>> prints, offsets = np.array([7, 9, 7, 9, 8, 3], np.uint64), np.array([0, 2, 4, 5, 6])
        >>> cluster_ids([[0, 1]], prints, offsets, "abcd") == cluster_ids([[0, 1, 2]], prints, offsets, "abcd")
        True
    """
    held = [np.unique(np.concatenate([fingerprints[offsets[i] : offsets[i + 1]] for i in group])) for group in groups]
    values, counts = np.unique(np.concatenate([np.empty(0, np.uint64), *held]), return_counts=True)
    shared = values[counts > 1]
    names = []
    for group, own in zip(groups, held, strict=True):
        own = own[~np.isin(own, shared, assume_unique=True)]
        key = f"wording {int(own[0])}" if len(own) else "article " + min(ids[index] for index in group)
        names.append("c" + hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=8).hexdigest())
    return names
