"""Articles into an index and out of it, and furniture learned on the way."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from dedup.config import Config
from dedup.index.database import Database
from dedup.index.furniture import Knowledge, learn_outlet, recognise, should_learn, small
from dedup.index.incoming import Incoming
from dedup.index.schema import article, outlet
from dedup.index.search import Shelves
from dedup.index.stories import Entry, place, withdraw
from dedup.index.texts import Text, furniture_ranges, texts_of, unpack_article
from dedup.ingest import mark_articles
from dedup.records import Article

__all__ = [
    "Outlet",
    "known_outlets",
    "outlet_name",
    "put",
    "read_texts",
    "remove_articles",
    "settle_outlets",
]

#: An outlet that has lost articles since its furniture was learned.
_LOST = -1
#: Characters of a name by which outlets are told apart.
_LONGEST_NAME = 500


@dataclass(frozen=True, slots=True)
class Outlet:
    """An outlet as the index knows it; the name is empty for articles of unknown outlets."""

    num: int
    name: str
    articles: int
    learned_at: int
    knowledge: bytes


def outlet_name(article: Article) -> str:
    """The outlet of an article as a database can look it up."""
    return article.publisher.replace("\0", "")[:_LONGEST_NAME]


def known_outlets(database: Database, connection: Connection, names: Iterable[str]) -> dict[str, Outlet]:
    """The outlets with these names that the index knows."""
    columns = ", ".join(column.name for column in outlet.c)
    rows = database.rows(connection, f"SELECT {columns} FROM dedup_outlet WHERE name one_of ?", sorted(set(names)))
    return {row[1]: Outlet(*row) for row in rows}


def put(shelves: Shelves, connection: Connection, incoming: Sequence[Incoming], config: Config) -> int:
    """Put cleaned articles in, or in the place of other texts under their ids; returns how many were no repetition."""
    by_id = {one.article.id: one for one in incoming}
    stored = _stored(shelves.database, connection, list(by_id))
    fresh = [by_id[id] for id in sorted(by_id) if id not in stored or stored[id][1] != by_id[id].digest]
    if not fresh:
        return 0
    replaced = [stored[one.article.id][0] for one in fresh if one.article.id in stored]
    if replaced:
        _take_out(shelves.database, connection, replaced)
    outlets = _entered(shelves.database, connection, Counter(outlet_name(one.article) for one in fresh))
    by_outlet: dict[str, list[Article]] = defaultdict(list)
    for one in fresh:
        by_outlet[outlet_name(one.article)].append(one.article)
    entries: list[Entry] = []
    texts: list[Text] = []
    waiting: list[Article] = []
    for name, some in by_outlet.items():
        if should_learn(outlets[name].articles, outlets[name].learned_at):
            learned, changed = _learn(shelves.database, connection, outlets[name], some, config)
            entries += changed
            texts += learned
        else:
            waiting += some
    for text in (*texts, *read_texts(waiting, outlets)):
        one = by_id[text.article.id]
        entries.append(Entry(text, outlets[outlet_name(one.article)].num, one.added, one.digest))
    place(shelves, connection, entries, config, config.jobs or 1)
    return len(fresh)


def read_texts(articles: Sequence[Article], outlets: Mapping[str, Outlet]) -> list[Text]:
    """Cleaned articles with their words, and their furniture by what is known of their outlets."""
    if not articles:
        return []
    marked, batch = mark_articles(articles)
    knowledge = {name: Knowledge.unpack(known.knowledge) for name, known in outlets.items()}
    nothing = Knowledge.unpack(b"")
    recognise(batch, [knowledge.get(outlet_name(a), nothing) for a in articles])
    return texts_of(marked, batch)


def remove_articles(shelves: Shelves, connection: Connection, nums: Sequence[int], config: Config) -> None:
    """Take articles out; outlets that are not too large for it are learned again without them."""
    if not nums:
        return
    touched = _take_out(shelves.database, connection, nums)
    for known in touched:
        if small(known.articles):
            _learn_again(shelves, connection, known, config)


def settle_outlets(shelves: Shelves, connection: Connection, config: Config) -> None:
    """Learn the furniture of all outlets whose articles are not those it was learned from."""
    changed = select(outlet).where(outlet.c.articles != outlet.c.learned_at).order_by(outlet.c.name)
    for known in [Outlet(*row) for row in connection.execute(changed)]:
        _learn_again(shelves, connection, known, config)


def _stored(database: Database, connection: Connection, ids: Sequence[str]) -> dict[str, tuple[int, bytes]]:
    """Of ids that are in the index, the num and the digest."""
    rows = select(article.c.id, article.c.num, article.c.digest).where(database.among(article.c.id, ids))
    return {id: (num, bytes(digest)) for id, num, digest in connection.execute(rows)}


def _entered(database: Database, connection: Connection, counts: Mapping[str, int]) -> dict[str, Outlet]:
    """The outlets with these names, so many articles counted in."""
    known = known_outlets(database, connection, counts)
    missing = sorted(set(counts) - set(known))
    if missing:
        rows = [{"name": name, "articles": 0, "learned_at": 0, "knowledge": b""} for name in missing]
        connection.execute(insert(outlet), rows)
        known |= known_outlets(database, connection, missing)
    for name, count in counts.items():
        one = known[name]
        known[name] = Outlet(one.num, name, one.articles + count, one.learned_at, one.knowledge)
        connection.execute(update(outlet).where(outlet.c.num == one.num).values(articles=one.articles + count))
    return known


def _take_out(database: Database, connection: Connection, nums: Sequence[int]) -> list[Outlet]:
    """Withdraw articles and count them out; returns the outlets that lost some."""
    owners = select(article.c.outlet).where(database.among(article.c.num, nums))
    counts = Counter(connection.execute(owners).scalars())
    withdraw(database, connection, nums)
    for num, count in counts.items():
        lost = {"articles": outlet.c.articles - count, "learned_at": _LOST}
        connection.execute(update(outlet).where(outlet.c.num == num).values(**lost))
    rows = select(outlet).where(database.among(outlet.c.num, sorted(counts))).order_by(outlet.c.name)
    return [Outlet(*row) for row in connection.execute(rows)]


def _learn_again(shelves: Shelves, connection: Connection, known: Outlet, config: Config) -> None:
    _, changed = _learn(shelves.database, connection, known, [], config)
    place(shelves, connection, changed, config, config.jobs or 1)


def _learn(
    database: Database, connection: Connection, known: Outlet, new: Sequence[Article], config: Config
) -> tuple[list[Text], list[Entry]]:
    """Learn an outlet's furniture.

    Returns:
        (the texts of new articles; stored articles whose furniture is not what it was, taken out to be put in again)
    """
    columns = select(article.c.num, article.c.record, article.c.furniture, article.c.added, article.c.digest)
    rows = connection.execute(columns.where(article.c.outlet == known.num)).all()
    held = {a.id: (a, row) for a, row in ((unpack_article(row.record), row) for row in rows)}
    every = sorted([*new, *(a for a, _ in held.values())], key=lambda a: a.id)
    learned = Knowledge.unpack(b"")
    texts: list[Text] = []
    if every:
        marked, batch = mark_articles(every)
        learned = learn_outlet(batch, bool(known.name), config.jobs or 1)
        texts = texts_of(marked, batch)
    changed = [
        Entry(text, known.num, held[text.article.id][1].added, bytes(held[text.article.id][1].digest))
        for text in texts
        if text.article.id in held
        and furniture_ranges(text.flags).tobytes() != bytes(held[text.article.id][1].furniture)
    ]
    if changed:
        withdraw(database, connection, [held[entry.text.article.id][1].num for entry in changed])
    values = {"learned_at": known.articles, "knowledge": learned.pack()}
    connection.execute(update(outlet).where(outlet.c.num == known.num).values(**values))
    return [text for text in texts if text.article.id not in held], changed
