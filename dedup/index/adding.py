"""Articles into an index and out of it, and furniture learned on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, bindparam, insert, select, update

from dedup.config import Config
from dedup.index.database import Database
from dedup.index.furniture import Knowledge, learn_outlets, recognise, should_learn, small
from dedup.index.incoming import Incoming
from dedup.index.notices import keep_notices, settle_notices
from dedup.index.reading import Readings, read_records
from dedup.index.schema import article, outlet
from dedup.index.search import Shelves
from dedup.index.stories import Entry, Searched, place, withdraw
from dedup.index.texts import Text, ranges_of
from dedup.records import Article

__all__ = [
    "Outlet",
    "known_outlets",
    "learn_again",
    "outlet_name",
    "put",
    "read_text",
    "remove_articles",
    "settle_outlets",
]

#: An outlet that has lost articles since its furniture was learned.
_LOST = -1
#: Articles of outlets that are learned together.
_TOGETHER = 8192
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


def put(
    shelves: Shelves,
    connection: Connection,
    incoming: Sequence[Incoming],
    config: Config,
    searched: Searched | None = None,
) -> int:
    """Put cleaned articles in, or in the place of other texts under their ids; returns how many were no repetition.

    Args:
        searched: what looking up the only one of them has found in this transaction, if that was done.
    """
    by_id = {one.article.id: one for one in incoming}
    stored = _stored(shelves.database, connection, list(by_id))
    fresh = [by_id[id] for id in sorted(by_id) if id not in stored or stored[id][1] != by_id[id].digest]
    if not fresh:
        return 0
    replaced = [stored[one.article.id][0] for one in fresh if one.article.id in stored]
    if replaced:
        _take_out(shelves.database, connection, replaced)
    outlets = _entered(shelves.database, connection, Counter(outlet_name(one.article) for one in fresh))
    growing = [one for one in outlets.values() if should_learn(one.articles, one.learned_at)]
    waiting: list[Incoming] = []
    new: dict[int, list[Incoming]] = {one.num: [] for one in growing}
    for one in fresh:
        new.get(outlets[outlet_name(one.article)].num, waiting).append(one)
    entries = [entry for some in _learned(shelves, connection, growing, new, config) for entry in some]
    knowledge = {name: Knowledge.unpack(known.knowledge) for name, known in outlets.items()}
    for one in waiting:
        name = outlet_name(one.article)
        flags = recognise(one.reading, knowledge[name], shelves.notices.lines)
        entries.append(_entry(one, flags, outlets[name].num))
    place(shelves, connection, entries, config, config.workers, searched)
    return len(fresh)


def read_text(reading: Readings, outlet: Outlet | None, notices: NDArray[np.uint64]) -> Text:
    """One article with its words, and its furniture by what is known of its outlet and of all."""
    known = Knowledge.unpack(outlet.knowledge if outlet else b"")
    return Text(reading.articles[0], reading.words, recognise(reading, known, notices))


def remove_articles(shelves: Shelves, connection: Connection, nums: Sequence[int]) -> list[int]:
    """Take articles out; returns the nums of outlets to `learn_again`, which are not too large for it."""
    touched = _take_out(shelves.database, connection, nums) if nums else []
    return [known.num for known in touched if small(known.articles)]


def learn_again(shelves: Shelves, connection: Connection, nums: Sequence[int], config: Config) -> None:
    """Learn the furniture of outlets that have lost articles."""
    some = select(outlet).where(shelves.database.among(outlet.c.num, sorted(nums))).order_by(outlet.c.name)
    _learn_again(shelves, connection, [Outlet(*row) for row in connection.execute(some)], config)


def settle_outlets(shelves: Shelves, connection: Connection, config: Config, thorough: bool) -> None:
    """Learn the furniture of all outlets whose articles are not those it was learned from.

    Args:
        thorough: also learn what many outlets print if the index has grown only a little.
    """
    learned = settle_notices(shelves.database, connection, shelves.notices, config, thorough)
    notices, touched = learned or (shelves.notices, [])
    unsettled = (outlet.c.articles != outlet.c.learned_at) | shelves.database.among(outlet.c.num, touched)
    changed = select(outlet).where(unsettled).order_by(outlet.c.name)
    some = [Outlet(*row) for row in connection.execute(changed)]
    _learn_again(replace(shelves, notices=notices), connection, some, config)
    if learned:
        keep_notices(connection, notices)


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
    values = [{"outlet_num": known[name].num, "count": count} for name, count in counts.items()]
    more = {"articles": outlet.c.articles + bindparam("count")}
    connection.execute(update(outlet).where(outlet.c.num == bindparam("outlet_num")).values(**more), values)
    return {name: replace(one, articles=one.articles + counts[name]) for name, one in known.items()}


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


def _learn_again(shelves: Shelves, connection: Connection, known: Sequence[Outlet], config: Config) -> None:
    for changed in _learned(shelves, connection, known, {}, config):
        place(shelves, connection, changed, config, config.workers)


def _entry(one: Incoming, flags: NDArray[np.uint8], outlet: int) -> Entry:
    return Entry(Text(one.article, one.reading.words, flags), one.record, outlet, one.added, one.digest)


def _learned(
    shelves: Shelves,
    connection: Connection,
    known: Sequence[Outlet],
    new: Mapping[int, Sequence[Incoming]],
    config: Config,
) -> Iterator[list[Entry]]:
    """Learn the furniture of outlets, some thousand articles at a time.

    Args:
        new: more articles, by the nums of their outlets.

    Yields:
        The new articles, and stored ones whose furniture is not what it was, taken out to be put in again.
    """
    some: list[Outlet] = []
    count = 0
    for one in known:
        if some and count + one.articles > _TOGETHER:
            yield _learn(shelves, connection, some, new, config)
            some, count = [], 0
        some.append(one)
        count += one.articles
    if some:
        yield _learn(shelves, connection, some, new, config)


def _learn(
    shelves: Shelves,
    connection: Connection,
    known: Sequence[Outlet],
    new: Mapping[int, Sequence[Incoming]],
    config: Config,
) -> list[Entry]:
    columns = "num, record, furniture, outlet, added, digest"
    statement = f"SELECT {columns} FROM dedup_article WHERE outlet one_of ? ORDER BY num"
    rows = shelves.database.rows(connection, statement, [one.num for one in known])
    owned = [(one, each.num) for each in known for one in new.get(each.num, ())]
    read = [*read_records([row[1] for row in rows]).split(), *(one.reading for one, _ in owned)]
    nums = [*(row[3] for row in rows), *(num for _, num in owned)]
    knowledge = {one.num: Knowledge.unpack(b"") for one in known}
    entries: list[Entry] = []
    if read:
        unnamed = {one.num: -1 for one in known if not one.name}
        order = sorted(range(len(read)), key=lambda index: read[index].articles[0].id)
        numbers = np.array([unnamed.get(nums[index], nums[index]) for index in order], np.int64)
        texts = Readings.joined([read[index] for index in order])
        flags, learned = learn_outlets(texts, numbers, shelves.notices.lines, config.workers)
        knowledge |= {num: learned[unnamed.get(num, num)] for num in {*nums}}
        found = ranges_of(flags, texts.offsets)
        for at, index in enumerate(order):
            own = flags[texts.offsets[at] : texts.offsets[at + 1]]
            if index >= len(rows):
                entries.append(_entry(owned[index - len(rows)][0], own, nums[index]))
            elif found[at] != bytes(rows[index][2]):
                num, record, _, owner, added, digest = rows[index]
                text = Text(read[index].articles[0], read[index].words, own, num)
                entries.append(Entry(text, bytes(record), owner, added, bytes(digest)))
    changed = [entry.text.num for entry in entries if entry.text.num]
    if changed:
        withdraw(shelves.database, connection, changed)
    values = [{"outlet_num": one.num, "at": one.articles, "known": knowledge[one.num].pack()} for one in known]
    learned_now: dict[str, Any] = {"learned_at": bindparam("at"), "knowledge": bindparam("known")}
    connection.execute(update(outlet).where(outlet.c.num == bindparam("outlet_num")).values(**learned_now), values)
    return entries
