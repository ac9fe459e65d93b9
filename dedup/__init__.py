"""dedup finds copies among news articles and says why: identical, lightly edited, partly copied and rewritten ones.

Example:
    >>> from dedup import Article, find_duplicates
    >>> find_duplicates([Article(id="only", body="One article alone has no copies.")]).matches
    []
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dedup.config import Config
    from dedup.decisions import Decision
    from dedup.errors import DedupError
    from dedup.index import Earlier, Index, Relation, Verdict
    from dedup.pipeline import compare, find_duplicates
    from dedup.records import Article, Cluster, Event, Grade, Match, Measures, Passage, Skipped
    from dedup.result import Result

__version__ = "0.1.0"

__all__ = [
    "Article",
    "Cluster",
    "Config",
    "Decision",
    "DedupError",
    "Earlier",
    "Event",
    "Grade",
    "Index",
    "Match",
    "Measures",
    "Passage",
    "Relation",
    "Result",
    "Skipped",
    "Verdict",
    "compare",
    "find_duplicates",
]

_HOMES = {
    "Config": "config",
    "Decision": "decisions",
    "DedupError": "errors",
    "Earlier": "index",
    "Index": "index",
    "Relation": "index",
    "Verdict": "index",
    "Result": "result",
    "compare": "pipeline",
    "find_duplicates": "pipeline",
}


def __getattr__(name: str) -> Any:
    """Public names on first use: `import dedup` and `dedup --help` must not load numba."""
    if name not in __all__:
        raise AttributeError(f"module 'dedup' has no attribute {name!r}")
    return getattr(import_module(f"dedup.{_HOMES.get(name, 'records')}"), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
