"""The disk index for crawlers: `Index`, what it says of an article, and how it is kept."""

from dedup.index.index import Index
from dedup.index.overview import Stats
from dedup.index.verdict import Earlier, Relation, Verdict

__all__ = ["Earlier", "Index", "Relation", "Stats", "Verdict"]
