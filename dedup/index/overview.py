"""What an index holds as a whole: counts, and the stories of its articles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from sqlalchemy import Connection, func, select

from dedup.background import load_background
from dedup.candidates import Candidates
from dedup.cluster import group_stories, strengths
from dedup.config import Config
from dedup.errors import IndexAccessError
from dedup.explain import describe_clusters, explain
from dedup.grade import GRADES
from dedup.index.database import Database
from dedup.index.schema import article, outlet, pair
from dedup.index.stamp import read_stamp
from dedup.index.stories import FOUND, load_texts
from dedup.index.texts import corpus_of, with_articles
from dedup.judging import judge
from dedup.lineage import trace
from dedup.records import Cluster
from dedup.related import days

__all__ = ["Stats", "read_stats", "stored_clusters"]

#: Articles of stories that are looked at together.
_TOGETHER = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """What an index holds, in figures."""

    articles: int
    outlets: int
    in_stories: int
    """Articles that have copies."""
    stories: int
    pairs: dict[str, int]
    """Copies by grade, the strongest first."""
    unsettled: int
    """Outlets whose furniture was learned from fewer or other articles than they have."""
    first_published: str
    last_published: str
    """Dates (YYYY-MM-DD) of the earliest and the latest dated article; empty without one."""
    bytes: int
    """Size of the whole index."""
    text_bytes: int
    """Size of the compressed articles in it."""
    made_by: dict[str, str]
    """Versions and options."""


def read_stats(database: Database, connection: Connection) -> Stats:
    """The figures of an index."""

    def one(column: object) -> int:
        return int(connection.execute(select(column)).scalar_one() or 0)  # type: ignore[call-overload]

    rows = connection.execute(select(pair.c.code, func.count()).group_by(pair.c.code)).all()
    codes: dict[int, int] = dict(map(tuple, rows))
    first, last = connection.execute(select(func.min(article.c.day), func.max(article.c.day))).one()
    return Stats(
        articles=one(func.count(article.c.num)),
        outlets=one(func.count(outlet.c.num).filter(outlet.c.articles > 0, outlet.c.name != "")),
        in_stories=one(func.count(article.c.story)),
        stories=one(func.count(article.c.story.distinct())),
        pairs={str(GRADES[code]): codes[code] for code in sorted(codes, reverse=True)},
        unsettled=one(func.count(outlet.c.num).filter(outlet.c.articles != outlet.c.learned_at)),
        first_published=_date(first),
        last_published=_date(last),
        bytes=database.size(connection),
        text_bytes=one(func.sum(func.length(article.c.record))),
        made_by=read_stamp(connection),
    )


def _date(day: float | None) -> str:
    return "" if day is None else str(np.datetime64(0, "D") + np.timedelta64(int(day // 1), "D"))


def stored_clusters(database: Database, connection: Connection, config: Config, since: float | None) -> list[Cluster]:
    """The stories, largest first; with `since` those with an article that was added at or after that second."""
    wanted = select(article.c.story).where(article.c.story.is_not(None)).distinct()
    if since is not None:
        wanted = wanted.where(article.c.added >= since)
    stories = sorted(connection.execute(wanted).scalars())
    clusters = [
        cluster
        for some in _shares(connection, database, stories)
        for cluster in _told(database, connection, config, some)
    ]
    return sorted(clusters, key=lambda cluster: (-len(cluster.members), cluster.id))


def _shares(connection: Connection, database: Database, stories: list[int]) -> Iterator[list[int]]:
    """The articles of the stories, whole stories together, some thousand at a time."""
    rows = select(article.c.story, article.c.num).where(database.among(article.c.story, stories))
    share: list[int] = []
    last = None
    for story, num in connection.execute(rows.order_by(article.c.story, article.c.num)).all():
        if story != last and len(share) >= _TOGETHER:
            yield share
            share = []
        share.append(num)
        last = story
    if share:
        yield share


def _told(database: Database, connection: Connection, config: Config, nums: list[int]) -> list[Cluster]:
    """The clusters of the articles of whole stories."""
    jobs, background = config.workers, load_background()
    texts = sorted(load_texts(database, connection, nums), key=lambda text: text.article.id)
    corpus = with_articles(corpus_of(texts, config, jobs), texts)
    place = {text.num: index for index, text in enumerate(texts)}
    rows = connection.execute(select(pair.c.a, pair.c.b).where(database.among(pair.c.a, nums))).all()
    if missing := {num for row in rows for num in row} - place.keys():
        raise IndexAccessError(
            f"the index {database.name} is damaged: a pair names article number {min(missing)}, which is not in its "
            "story; `dedup index verify` says more"
        )
    links = np.array(sorted((place[a], place[b]) for a, b in rows), np.int32).reshape(-1, 2)
    proposed = Candidates(links[:, 0].copy(), links[:, 1].copy(), np.full(len(links), FOUND, np.uint8))
    times = days(corpus.dates) if config.candidates.window_days is not None else None
    judged = judge(corpus, proposed, background, config, times, jobs)
    strength = strengths(judged.pairs.a, judged.pairs.b, judged.graded.codes, judged.graded.link)
    cut = config.cluster.min_similarity
    stories = group_stories(judged.pairs.a, judged.pairs.b, judged.graded.codes, strength, cut)
    copies = judged.copies
    matches = explain(corpus, copies.pairs, copies.features, copies.graded, background, jobs)
    return trace(corpus, describe_clusters(corpus, stories, matches), matches)
