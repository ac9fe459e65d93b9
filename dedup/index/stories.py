"""Putting articles in and taking them out: their pairs are judged, and stories join and part.

A story here is a component of copies; what it falls into as clusters is found out when somebody asks. What a pair is
never depends on others, so a stored pair is not looked at again when an article joins or leaves its story.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, delete, func, insert, or_, select, update

from dedup.assemble import Corpus
from dedup.background import load_background
from dedup.candidates import QUOTE, Candidates, retold_pairs
from dedup.cluster import GIANT
from dedup.config import Config
from dedup.graph import components
from dedup.index.database import Database
from dedup.index.schema import article, pair, removed, segment
from dedup.index.search import Keys, Rivals, Shelves, filed_by, find_rivals, keys_of
from dedup.index.texts import Text, corpus_of, ranges_of, texts_stored
from dedup.judging import Judged, judge_copies, long_enough
from dedup.related import days

__all__ = ["FOUND", "Entry", "Searched", "judged_pairs", "load_texts", "place", "row_of", "withdraw"]

#: The signal of pairs that an index finds: phrases.
FOUND = 4
#: In stories of more articles than this every pair is judged, as in a scan; by phrases alone some would not be found.
_CROWD = 2  # the pair of two is what made them a story
#: What story an article belongs to.
_TOLD = "UPDATE dedup_article SET story = ? WHERE num = ?"


@dataclass(frozen=True, slots=True)
class Entry:
    """An article that is put in."""

    text: Text
    """Its article may be without its body."""
    record: bytes
    """The whole article, packed."""
    outlet: int
    added: float
    digest: bytes


@dataclass(frozen=True, slots=True)
class Searched:
    """A text that was looked up already."""

    text: Text
    corpus: Corpus
    keys: Keys
    rivals: Rivals

    @classmethod
    def look_up(cls, shelves: Shelves, connection: Connection, text: Text, config: Config) -> Searched:
        """Look up one text."""
        corpus = corpus_of([text], config)
        keys = keys_of(corpus, config)
        return cls(text, corpus, keys, find_rivals(shelves, connection, corpus, keys, config))

    def holds(self, entries: Sequence[Entry]) -> bool:
        """Whether these are this text alone, with the same furniture."""
        return len(entries) == 1 and np.array_equal(entries[0].text.flags, self.text.flags)


def load_texts(database: Database, connection: Connection, nums: Sequence[int], whole: bool = True) -> list[Text]:
    """The stored articles with these nums that are still there, by num; if not `whole`, without their bodies."""
    if not nums:
        return []
    statement = "SELECT num, record, furniture FROM dedup_article WHERE num one_of ? ORDER BY num"
    return texts_stored(database.rows(connection, statement, list(nums)), whole)


def judged_pairs(
    texts: Sequence[Text], pairs: NDArray[np.int64], quoting: NDArray[np.int64], config: Config, jobs: int = 1
) -> tuple[list[Text], Corpus, Judged | None]:
    """The copies among pairs of these texts, int64[P, 2] of places in `texts`.

    Args:
        quoting: more pairs, which are looked at if quotations of the one stand in the other.

    Returns:
        (the texts in the order of their ids, their corpus, the copies by places in that order, None for none)
    """
    order = sorted(range(len(texts)), key=lambda index: texts[index].article.id)
    rank = np.empty(len(texts), np.uint64)
    rank[order] = np.arange(len(texts))
    ordered = [texts[index] for index in order]
    corpus = corpus_of(ordered, config, jobs)
    found = _packed(rank, pairs)
    retold = np.empty(0, np.uint64)
    if len(quoting):
        every = np.arange(len(texts))
        judgeable = np.where(long_enough(corpus, config), every, -1)
        retold = retold_pairs(corpus.sketches, judgeable, every.astype(np.int32), len(texts), load_background())
        retold = np.intersect1d(retold, np.union1d(found, _packed(rank, quoting)))
    every = np.union1d(found, retold)
    if not len(every):
        return ordered, corpus, None
    bits = np.where(np.isin(every, found), FOUND, 0) | np.where(np.isin(every, retold), QUOTE, 0)
    a, b = (every >> np.uint64(32)).astype(np.int32), (every & np.uint64(0xFFFFFFFF)).astype(np.int32)
    proposed = Candidates(a, b, bits.astype(np.uint8)).within(config.candidates.window_days, days(corpus.dates))
    judged, _ = judge_copies(corpus, proposed, load_background(), config, jobs)
    return ordered, corpus, judged.copies


def _packed(rank: NDArray[np.uint64], pairs: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Pairs of places as pairs of ranks, the smaller in the upper half, sorted and distinct."""
    ranked = np.sort(rank[pairs], axis=1)
    return np.unique(ranked[:, 0] << np.uint64(32) | ranked[:, 1])


def place(
    shelves: Shelves,
    connection: Connection,
    entries: Sequence[Entry],
    config: Config,
    jobs: int = 1,
    searched: Searched | None = None,
) -> None:
    """Put articles in, whose ids are not in the index, with their pairs and stories.

    Args:
        searched: one of them, if it was looked up in this transaction.
    """
    if not entries:
        return
    entries = sorted(entries, key=lambda entry: entry.text.article.id)
    shelves = shelves.caught_up(connection)
    if searched is not None and searched.holds(entries):
        corpus, keys, rivals = searched.corpus, searched.keys, searched.rivals
    else:
        corpus = corpus_of([entry.text for entry in entries], config, jobs)
        keys = keys_of(corpus, config, jobs)
        rivals = find_rivals(shelves, connection, corpus, keys, config, jobs)
    nums = _insert(shelves, connection, entries, corpus, keys, config)
    texts = {num: replace(entry.text, num=num) for num, entry in zip(nums, entries, strict=True)}
    numbered = np.array(nums, np.int64)

    def links(old: NDArray[np.int64], new: NDArray[np.int64]) -> list[tuple[int, int]]:
        with_old = zip(numbered[old[:, 0]].tolist(), old[:, 1].tolist(), strict=True)
        return [*with_old, *map(tuple, numbered[new].tolist())]

    judge = _Judge(shelves.database, connection, config, jobs, texts)
    _join(judge, judge.copies(links(rivals.old, rivals.new), links(rivals.quoting_old, rivals.quoting_new)))


def _insert(
    shelves: Shelves, connection: Connection, entries: Sequence[Entry], corpus: Corpus, keys: Keys, config: Config
) -> list[int]:
    """Write the rows of new articles, and enter them where they are looked up; returns their nums."""
    counter = (segment.c.level == 0) & (segment.c.part == 0)
    last = int(connection.execute(select(segment.c.last).where(counter)).scalar_one())
    connection.execute(update(segment).where(counter).values(last=last + len(entries)))
    nums = list(range(last + 1, last + 1 + len(entries)))
    flags = np.concatenate([entry.text.flags for entry in entries])
    rows = [
        {
            "num": num,
            "id": entry.text.article.id,
            "digest": entry.digest,
            "outlet": entry.outlet,
            "added": entry.added,
            "story": None,
            "furniture": furniture,
            "record": entry.record,
            **made,
        }
        for num, entry, furniture, made in zip(
            nums, entries, ranges_of(flags, corpus.offsets), row_of(corpus, keys, config), strict=True
        )
    ]
    shelves.database.insert(connection, article, rows)
    found, owners = filed_by(keys)
    shelves.fresh.enter(found, (owners + last + 1).astype(np.uint32), nums[-1])
    return nums


def row_of(corpus: Corpus, keys: Keys, config: Config) -> list[dict[str, object]]:
    """What the row of each article of a corpus says of its text, by column."""
    sketches, phrases = corpus.sketches, keys.phrases
    quotes, subjects = (_by_text(*owned, len(sketches)) for owned in (keys.quotes, keys.subjects))
    bodies, titles = sketches.body_hashes[:, 0].astype(np.int64).tolist(), corpus.titles.astype(np.int64).tolist()
    rows: list[dict[str, object]] = []
    for place, (words, judged, day) in enumerate(
        zip(sketches.words.tolist(), long_enough(corpus, config).tolist(), days(corpus.dates).tolist(), strict=True)
    ):
        span = phrases.span(place)
        rows.append(
            {
                "body_hash": bodies[place],
                "title_hash": None if judged or not titles[place] else titles[place],
                "words": words,
                "day": None if day != day else day,
                "phrases": phrases.keys[span].tobytes() + np.packbits(phrases.picked[span]).tobytes(),
                "quotes": quotes[place],
                "subjects": subjects[place],
            }
        )
    return rows


def _by_text(keys: NDArray[np.uint32], owners: NDArray[np.int64], count: int) -> list[bytes]:
    """The keys of each text, packed."""
    ordered = keys[np.argsort(owners, kind="stable")]
    ends = np.cumsum(np.bincount(owners, minlength=count)).tolist()
    return [ordered[first:end].tobytes() for first, end in pairwise([0, *ends])]


class _Judge:
    """Judges pairs of articles by their nums, reading each text once."""

    def __init__(
        self, database: Database, connection: Connection, config: Config, jobs: int, texts: dict[int, Text]
    ) -> None:
        self.database, self.connection = database, connection
        self._config, self._jobs, self._texts = config, jobs, texts

    def copies(
        self, wanted: Sequence[tuple[int, int]], quoting: Sequence[tuple[int, int]] = ()
    ) -> list[dict[str, float]]:
        """The rows of those of these pairs that are copies; of `quoting` only with quotations in common."""
        named = sorted({num for link in (*wanted, *quoting) for num in link})
        unread = [num for num in named if num not in self._texts]
        for text in load_texts(self.database, self.connection, unread, whole=False):
            self._texts[text.num] = text
        texts = [self._texts[num] for num in named if num in self._texts]
        if len(texts) < 2:
            return []
        place = {text.num: index for index, text in enumerate(texts)}

        def places(links: Sequence[tuple[int, int]]) -> NDArray[np.int64]:
            there = [(place[x], place[y]) for x, y in links if x in place and y in place]
            return np.array(there, np.int64).reshape(-1, 2)

        ordered, _, copies = judged_pairs(texts, places(wanted), places(quoting), self._config, self._jobs)
        if copies is None:
            return []
        return [
            {"a": ordered[a].num, "b": ordered[b].num, "code": code, "confidence": confidence}
            for a, b, code, confidence in zip(
                *(copies.pairs.a.tolist(), copies.pairs.b.tolist()),
                *(copies.graded.codes.tolist(), copies.graded.confidence.tolist()),
                strict=True,
            )
        ]


def _join(judge: _Judge, rows: list[dict[str, float]]) -> None:
    """Write copies of new articles, and join the stories that they connect."""
    if not rows:
        return
    connection, database = judge.connection, judge.database
    links = [(int(row["a"]), int(row["b"])) for row in rows]
    touched = sorted({num for link in links for num in link})
    stored = select(article.c.num, article.c.story).where(database.among(article.c.num, touched))
    home = {num: -num if story is None else story for num, story in connection.execute(stored)}
    held = {-num: [num] for num in touched} | _parts_of(database, connection, {s for s in home.values() if s > 0})
    known = {(min(link), max(link)) for link in links}
    missing: list[tuple[int, int]] = []
    moved: list[tuple[int | None, int]] = []
    for group in components(sorted({(min(home[x], home[y]), max(home[x], home[y])) for x, y in links})):
        members = sorted(num for part in group for num in held[part])
        if len(members) > _CROWD:
            missing += _missing(database, connection, {num: part for part in group for num in held[part]}, known)
        moved += ((members[0], num) for part in group if part != members[0] for num in held[part])
    database.change(connection, _TOLD, moved)
    database.insert(connection, pair, rows + judge.copies(missing))


def _missing(
    database: Database, connection: Connection, part_of: Mapping[int, int], known: set[tuple[int, int]]
) -> list[tuple[int, int]]:
    """The pairs between parts of a story that phrases have not found."""
    leaders = _leaders(database, connection, sorted(part_of))
    if len(leaders) > GIANT:
        return []
    return [p for p in combinations(leaders, 2) if part_of[p[0]] != part_of[p[1]] and p not in known]


def _parts_of(database: Database, connection: Connection, stories: set[int]) -> dict[int, list[int]]:
    """The articles of some stories."""
    out: dict[int, list[int]] = defaultdict(list)
    if stories:
        rows = select(article.c.story, article.c.num).where(database.among(article.c.story, sorted(stories)))
        for story, num in connection.execute(rows):
            out[story].append(num)
    return dict(out)


def _leaders(database: Database, connection: Connection, members: Sequence[int]) -> list[int]:
    """Of members with the same words the first one, sorted."""
    rows = select(article.c.body_hash, func.min(article.c.num)).where(database.among(article.c.num, members))
    return sorted(num for _, num in connection.execute(rows.group_by(article.c.body_hash)))


def withdraw(database: Database, connection: Connection, nums: Sequence[int]) -> None:
    """Take articles out, with their pairs; what is left of their stories may fall apart."""
    gone = set(nums)
    chosen = database.among(article.c.num, list(nums))
    stories = set(connection.execute(select(article.c.story).where(chosen, article.c.story.is_not(None))).scalars())
    connection.execute(
        delete(pair).where(or_(database.among(pair.c.a, list(nums)), database.among(pair.c.b, list(nums))))
    )
    connection.execute(delete(article).where(chosen))
    connection.execute(insert(removed), [{"num": num} for num in sorted(gone)])
    told = {num: story for story, members in _parts_of(database, connection, stories).items() for num in members}
    rows = connection.execute(select(pair.c.a, pair.c.b).where(database.among(pair.c.a, sorted(told))))
    groups = components(sorted((min(a, b), max(a, b)) for a, b in rows))
    story = {num: group[0] for group in groups for num in group}
    database.change(connection, _TOLD, [(story.get(num), num) for num in told if story.get(num) != told[num]])
