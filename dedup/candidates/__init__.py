"""Which pairs are worth verifying, so that no copy is missed and few others are looked at.

Five signals: equal bodies (and equal titles of short items); similar signatures (LSH bands; Indyk and Motwani 1998);
a common run of eight words, however many articles hold it; several rare phrases in common, for wording that was
changed; retold quotations, for wording that was translated. What they propose is dropped again where an exact bound
says that it cannot become a copy. docs/design/candidates.md has the measurements behind the numbers here.
"""

from __future__ import annotations

from dedup.candidates.pairs import FOUND_BY, MEMBER, NEIGHBOUR, QUOTE, Candidates, distinct, found_by_names
from dedup.candidates.retold import quote_keys, retold_pairs
from dedup.candidates.signals import propose

__all__ = [
    "FOUND_BY",
    "MEMBER",
    "NEIGHBOUR",
    "QUOTE",
    "Candidates",
    "distinct",
    "found_by_names",
    "propose",
    "quote_keys",
    "retold_pairs",
]
