"""Blocks of the page's data: JSON, deflated, in base64, so that any of it can lie inside a page as plain letters.

The page opens a block when somebody looks at an article or a pair in it, not before.
"""

from __future__ import annotations

import zlib
from base64 import b64encode
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import islice, pairwise
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import orjson

from dedup.naming import text_key
from dedup.records import Article, Match
from dedup.report import wording
from dedup.report.chosen import Chosen
from dedup.report.findings import Findings, batches

if TYPE_CHECKING:
    from dedup.tokens import TokenBatch

__all__ = ["PAIRS", "TEXTS", "Facts", "packed", "pair_blocks", "text_blocks"]

_T = TypeVar("_T")

#: Articles and pairs of one block.
TEXTS, PAIRS = 32, 256
#: Deflating harder takes four times the time and saves a tenth.
_LEVEL = 2
#: Blocks that are made ahead of the one that is written.
_AHEAD = 4


@dataclass(slots=True)
class Facts:
    """What `text_blocks` learns of the articles while it has them open, in the order of the page."""

    labels: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    """By which decisions find a text again, whatever its id becomes."""
    columns: dict[str, list[str]] = field(
        default_factory=lambda: {name: [] for name in ("publisher", "published_at", "agency", "credit")}
    )
    """Fields of the articles, as they are."""
    shown: int = 0
    """Articles whose texts are in the page: the first ones."""


def packed(value: Any) -> str:
    """A value as a block.

    Example:
        >>> packed({"a": 1})
        'eF6rVkpUsjKsBQAIKgIJ'
    """
    try:
        raw = orjson.dumps(value)
    except orjson.JSONEncodeError:  # the half of a pair of surrogates, from the name of a damaged file
        raw = orjson.dumps(_escaped(value))
    return b64encode(zlib.compress(raw, _LEVEL)).decode("ascii")


def _escaped(value: Any) -> Any:
    """The value with what UTF-8 cannot hold written as it is in the CSV files."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, dict):
        return {key: _escaped(part) for key, part in value.items()}
    return [_escaped(part) for part in value] if isinstance(value, list | tuple) else value


def text_blocks(findings: Findings, ids: Sequence[str], room: int, facts: Facts) -> Iterator[str]:
    """The texts of the articles, TEXTS to a block, until these are `room` characters; `facts` takes all articles in.

    An article is `[body, furniture, quotations]`: `start, end, kind` of each piece of furniture in one flat list, and
    `start, end` of each quotation, in characters.
    """
    for keys, block in _ahead(_text_tasks(findings, ids, room, facts)):
        facts.keys += keys
        if block:
            yield block


def _text_tasks(
    findings: Findings, ids: Sequence[str], room: int, facts: Facts
) -> Iterator[Callable[[], tuple[list[str], str]]]:
    for some in batches(ids):  # many blocks at once: each look at the articles opens all files that these lie in
        articles = list(findings.opened(some).values())
        for first in range(0, len(articles), TEXTS):
            part = articles[first : first + TEXTS]
            _learn(part, facts)
            facts.shown += len(part) if room > 0 else 0
            yield partial(_keys_and_block, part, room > 0)
            room -= sum(len(article.body) for article in part)


def _keys_and_block(articles: Sequence[Article], shown: bool) -> tuple[list[str], str]:
    return [text_key(article.body) for article in articles], packed(_texts(articles)) if shown else ""


def _ahead(tasks: Iterable[Callable[[], _T]]) -> Iterator[_T]:
    """What the tasks give, in their order; some are done while the next ones are made."""
    with ThreadPoolExecutor(2) as pool:
        waiting: deque[Future[_T]] = deque()
        for task in tasks:
            waiting.append(pool.submit(task))
            if len(waiting) > _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _learn(articles: Sequence[Article], facts: Facts) -> None:
    facts.labels += map(wording.label, articles)
    facts.languages += map(wording.language, articles)
    facts.addresses += (wording.link(article.url) for article in articles)
    for name, values in facts.columns.items():
        values += map(attrgetter(name), articles)


def _texts(articles: Sequence[Article]) -> list[list[Any]]:
    from dedup.tokens import tokenise  # here, because kernels are not needed to open the command

    quotations = _quotations(tokenise([article.body for article in articles]))
    return [
        [article.body, [part for f in article.furniture for part in (f.start, f.end, f.kind)], spans]
        for article, spans in zip(articles, quotations, strict=True)
    ]


def _quotations(tokens: TokenBatch) -> list[list[int]]:
    """First character and end of each quotation of each text, one after the other."""
    from dedup.quotes import quote_bounds

    bounds = [quote_bounds(tokens.flags[low:high]) + low for low, high in pairwise(tokens.offsets.tolist())]
    first, end = np.concatenate(bounds).T
    spans = iter(np.stack([tokens.starts[first], tokens.ends[end - 1]], axis=1).ravel().tolist())
    return [list(islice(spans, 2 * len(some))) for some in bounds]


def pair_blocks(chosen: Chosen) -> Iterator[str]:
    """What is told of pairs only when they are looked at, PAIRS to a block.

    A pair is `[why the source is likely, measures in sentences, passages]`, a passage
    `a_start, a_end, b_start, b_end, words, quote` in one flat list.
    """
    starts = range(0, len(chosen.matches), PAIRS)
    values = ([_evidence(match) for match in chosen.matches[first : first + PAIRS]] for first in starts)
    return _ahead(partial(packed, value) for value in values)


def _evidence(match: Match) -> list[Any]:
    passages = [
        part
        for p in sorted(match.passages, key=lambda p: (p.a_start, p.b_start))
        for part in (p.a_start, p.a_end, p.b_start, p.b_end, p.words, int(p.quote))
    ]
    return [match.source_reason, wording.measures(match), passages]
