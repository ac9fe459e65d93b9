"""Verdicts: what an article is to the stored ones, and what stored ones are to each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, or_, select

from dedup.background import load_background
from dedup.candidates import NEIGHBOUR, Candidates
from dedup.config import Config
from dedup.explain import explain
from dedup.index.adding import known_outlets, outlet_name, read_text
from dedup.index.database import Database
from dedup.index.incoming import stored_id
from dedup.index.reading import Readings, read_cleaned
from dedup.index.schema import article, pair
from dedup.index.search import Shelves, find_related
from dedup.index.stories import Searched, judged_pairs, load_texts
from dedup.index.texts import Text, corpus_of, digest_of, with_articles
from dedup.index.verdict import Earlier, Verdict, as_earlier, rank, relation_of
from dedup.ingest import clean_article
from dedup.records import Article, Grade, Match
from dedup.related import days, related_matches

__all__ = ["give_verdict", "is_known", "searched_verdict", "stored_matches"]

#: What is added to the id of an article that is asked about, so that it can stand beside an earlier one of its id.
_ASKED = "\N{NULL}asked"


def give_verdict(
    shelves: Shelves, connection: Connection, asked: Article, config: Config, related: bool = False
) -> Verdict:
    """What an article is to those in the index."""
    return searched_verdict(shelves, connection, asked, read_cleaned([clean_article(asked, config)]), config, related)[
        0
    ]


def searched_verdict(
    shelves: Shelves, connection: Connection, asked: Article, reading: Readings, config: Config, related: bool
) -> tuple[Verdict, Searched]:
    """What an article, that was cleaned and read, is to those in the index; and what its look-up found."""
    itself = _nums_of(shelves.database, connection, asked)
    name = outlet_name(reading.articles[0])
    text = read_text(reading, known_outlets(shelves.database, connection, [name]).get(name), shelves.notices.lines)
    text = replace(text, article=replace(text.article, id=text.article.id + _ASKED))
    searched = Searched.look_up(shelves, connection, text, config)
    found = searched.rivals.old, searched.rivals.quoting_old
    wanted, quoting = (sorted(set(pairs[:, 1].tolist()) - set(itself)) for pairs in found)
    stored = load_texts(shelves.database, connection, sorted({*wanted, *quoting}))
    matches = sorted(_copies(text, stored, wanted, quoting, config), key=rank)
    if related and not matches and not itself:
        near = find_related(shelves, connection, searched.keys).tolist()
        matches = sorted(_related(shelves, connection, text, near, config), key=rank)
    if itself:
        matches.insert(0, _itself(text))
    verdict = Verdict(article=asked.id, relation=relation_of(matches), matches=tuple(matches), known=bool(itself))
    return verdict, searched


def is_known(database: Database, connection: Connection, asked: Article) -> bool:
    """Whether the index holds this very article already, under its id."""
    return bool(_nums_of(database, connection, asked))


def _nums_of(database: Database, connection: Connection, asked: Article) -> list[int]:
    kept = stored_id(asked.id)
    if kept is None:
        return []
    statement = "SELECT num FROM dedup_article WHERE id = ? AND digest = ?"
    return [num for (num,) in database.rows(connection, statement, kept, digest_of(asked))]


def _copies(
    text: Text, stored: Sequence[Text], wanted: Sequence[int], quoting: Sequence[int], config: Config
) -> list[Earlier]:
    """The stored texts that are copies of one, as matches of it."""
    place = {other.num: index for index, other in enumerate(stored, 1)}

    def pairs(nums: Sequence[int]) -> NDArray[np.int64]:
        return np.array([(0, place[num]) for num in nums if num in place], np.int64).reshape(-1, 2)

    others = {other.article.id: other.article for other in stored}
    own = text.article.id
    return [
        as_earlier(match, own, others[match.b if match.a == own else match.a])
        for match in _explained([text, *stored], pairs(wanted), pairs(quoting), config)
    ]


def _related(
    shelves: Shelves, connection: Connection, text: Text, nums: Sequence[int], config: Config
) -> list[Earlier]:
    """The stored articles among some that report the event of a text."""
    stored = load_texts(shelves.database, connection, nums)
    if not stored:
        return []
    ordered = sorted([text, *stored], key=lambda one: one.article.id)
    others = [index for index, one in enumerate(ordered) if one is not text]
    [place] = set(range(len(ordered))) - set(others)
    corpus = with_articles(corpus_of(ordered, config), ordered)
    a, b = np.minimum(place, others).astype(np.int32), np.maximum(place, others).astype(np.int32)
    pairs = Candidates(a, b, np.full(len(others), NEIGHBOUR, np.uint8))
    pairs = pairs.within(config.candidates.window_days, days(corpus.dates))
    by_id = {one.article.id: one.article for one in stored}
    return [
        as_earlier(match, text.article.id, by_id[match.b if match.a == text.article.id else match.a])
        for match in related_matches(corpus, pairs, load_background(), config)
    ]


def _explained(
    texts: Sequence[Text], pairs: NDArray[np.int64], quoting: NDArray[np.int64], config: Config
) -> list[Match]:
    """The copies among pairs of texts, with passages; among `quoting` only those with quotations in common."""
    if not len(pairs) and not len(quoting):
        return []
    ordered, corpus, copies = judged_pairs(texts, pairs, quoting, config)
    if copies is None or not len(copies):
        return []
    corpus = with_articles(corpus, ordered)
    return explain(corpus, copies.pairs, copies.features, copies.graded, load_background())


def _itself(text: Text) -> Earlier:
    """An article as a match of itself."""
    own = text.article
    return Earlier(
        id=own.id.removesuffix(_ASKED),
        grade=Grade.EXACT,
        confidence=1.0,
        passages=(),
        kinship=None,
        title=own.title,
        publisher=own.publisher,
        published_at=own.published_at,
        url=own.url,
        measures=None,
    )


def stored_matches(database: Database, connection: Connection, config: Config, id: str) -> list[Match]:
    """The copies of a stored article, with passages, sorted by (a, b)."""
    num = connection.execute(select(article.c.num).where(article.c.id == id)).scalar_one_or_none()
    if num is None:
        return []
    rows = connection.execute(select(pair.c.a, pair.c.b).where(or_(pair.c.a == num, pair.c.b == num)))
    others = sorted({b if a == num else a for a, b in rows})
    texts = load_texts(database, connection, [num, *others])
    if len(texts) < 2:
        return []
    place = {text.num: index for index, text in enumerate(texts)}
    pairs = np.array([(place[num], place[other]) for other in others if other in place], np.int64)
    return sorted(_explained(texts, pairs, pairs, config), key=lambda match: (match.a, match.b))
