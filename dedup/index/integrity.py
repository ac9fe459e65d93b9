"""Looking for damage: whether an index is what its texts say it should be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
from sqlalchemy import Connection, Row, func, select, union

from dedup.config import Config
from dedup.graph import components
from dedup.index.fresh import filed_keys
from dedup.index.postings import HOLDERS, find_filed
from dedup.index.schema import article, outlet, pair, segment
from dedup.index.search import Shelves, keys_of
from dedup.index.stories import row_of
from dedup.index.texts import Text, corpus_of, texts_stored

__all__ = ["damages"]

#: Articles that are looked at together.
_CHUNK = 2000


def damages(shelves: Shelves, connection: Connection, config: Config, quick: bool) -> Iterator[str]:
    """A sentence for everything that is not as it should be.

    Args:
        quick: leave the texts, and what is made from them, unread.
    """
    yield from shelves.database.damages(connection, quick)
    yield from _counters(connection)
    yield from _outlets(connection)
    yield from _stories(connection)
    if not quick:
        yield from _articles(shelves, connection, config)


def _counters(connection: Connection) -> Iterator[str]:
    last = connection.execute(select(func.max(article.c.num))).scalar_one() or 0
    rows = connection.execute(select(segment.c.level, segment.c.part, segment.c.last))
    counters = {(level, part): number for level, part, number in rows}
    if counters.get((0, 0), -1) < last:
        yield f"the last number given out is {counters.get((0, 0))}, but there is an article number {last}"
    if len({number for (level, _), number in counters.items() if level == 1}) != 1:
        yield "the parts of the first level end at different articles"


def _outlets(connection: Connection) -> Iterator[str]:
    owners = connection.execute(select(article.c.outlet, func.count()).group_by(article.c.outlet)).all()
    counted = {num: count for num, count in owners}  # noqa: C416 - rows are no pairs to `dict`
    outlets = connection.execute(select(outlet.c.num, outlet.c.name, outlet.c.articles))
    known = {num: (name, articles) for num, name, articles in outlets}
    for num in sorted(counted.keys() - known.keys()):
        yield f"{counted[num]} articles are of an outlet, number {num}, that is missing"
    for num, (name, articles) in sorted(known.items()):
        if counted.get(num, 0) != articles:
            yield f"the outlet {name!r} should have {articles} articles and has {counted.get(num, 0)}"


def _stories(connection: Connection) -> Iterator[str]:
    links = [(min(a, b), max(a, b)) for a, b in connection.execute(select(pair.c.a, pair.c.b))]
    told = connection.execute(select(article.c.num, article.c.story).where(article.c.story.is_not(None)))
    stored = {num: story for num, story in told}  # noqa: C416
    named = union(select(pair.c.a), select(pair.c.b))
    every = set(connection.execute(select(article.c.num).where(article.c.num.in_(named))).scalars())
    missing = {num for link in links for num in link} - every
    for num in sorted(missing):
        yield f"a pair names article number {num}, which is missing"
    expected = {num: group[0] for group in components(sorted(links)) for num in group}
    wrong = {num for num in expected.keys() | stored.keys() if expected.get(num) != stored.get(num)} - missing
    if wrong:
        yield f"{len(wrong)} articles are in another story than their pairs say, the first is number {min(wrong)}"


def _articles(shelves: Shelves, connection: Connection, config: Config) -> Iterator[str]:
    last = 0
    while True:
        rows = connection.execute(
            select(article).where(article.c.num > last).order_by(article.c.num).limit(_CHUNK)
        ).all()
        if not rows:
            return
        last = rows[-1].num
        texts: list[Text] = []
        whole: list[Row[*tuple[object, ...]]] = []
        for row in rows:
            try:
                texts += texts_stored([(row.num, row.record, row.furniture)])
                whole.append(row)
            except Exception as error:  # whatever damaged bytes may cause
                yield f"the text of article {row.id!r} cannot be read: {error}"
        yield from _readings(texts, whole, config)
        yield from _filing(shelves, connection, rows)


def _readings(texts: Sequence[Text], rows: Sequence[Row[*tuple[object, ...]]], config: Config) -> Iterator[str]:
    """Whether the rows say what the texts do."""
    corpus = corpus_of(texts, config)
    made = row_of(corpus, keys_of(corpus, config), config)
    for place, row in enumerate(rows):
        said = row._mapping
        if texts[place].article.id != said["id"]:
            yield f"article {said['id']!r} holds the text of {texts[place].article.id!r}"
        wrong = [name for name, value in made[place].items() if said[name] != value]
        if wrong:
            yield f"article {said['id']!r} is not filed by its text: {', '.join(wrong)} differ"


def _filing(shelves: Shelves, connection: Connection, rows: Sequence[Row[*tuple[object, ...]]]) -> Iterator[str]:
    """Whether each article is found under each of its keys, unless enough earlier ones are."""
    keys, nums = filed_keys([(row.num, row.phrases, row.quotes, row.subjects) for row in rows])
    distinct = np.unique(keys)
    sides = [shelves.fresh.find(distinct), find_filed(shelves.database, connection, shelves.levels, distinct)]
    which, found = (np.concatenate(column) for column in zip(*sides, strict=True))
    held = distinct[which].astype(np.uint64) << np.uint64(32) | found
    full = distinct[np.bincount(which, minlength=len(distinct)) >= HOLDERS]
    lost = ~np.isin(keys.astype(np.uint64) << np.uint64(32) | nums, held) & ~np.isin(keys, full)
    for num, count in sorted(Counter(nums[lost].tolist()).items()):
        yield f"article number {num} is not found under {count} of its phrases"
