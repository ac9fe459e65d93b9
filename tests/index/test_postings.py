"""Filing: what is filed is found, in memory and in pages, wherever it has been merged to."""

from __future__ import annotations

import random
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Connection

from dedup import Index
from dedup.index import postings
from dedup.index.fresh import Fresh
from dedup.index.postings import HOLDERS, find_filed, levels_of, merge_fresh, read_segments
from dedup.index.schema import article, removed, segment


def packed(keys: list[int]) -> bytes:
    """An article's phrases, all of which it is filed under."""
    ordered = np.array(sorted(keys), np.uint32)
    return ordered.tobytes() + np.packbits(np.ones(len(ordered), bool)).tobytes()


def filed(index: Index, rows: dict[int, list[int]]) -> None:
    """Put in articles with these keys and nothing else."""
    with index._database.writing() as connection:
        for num, keys in rows.items():
            values = {"num": num, "id": str(num), "digest": b"", "body_hash": 0, "outlet": 0, "words": 99, "added": 0.0}
            values |= {"phrases": packed(keys), "quotes": b"", "subjects": b"", "furniture": b"", "record": b""}
            connection.execute(article.insert().values(**values))
        connection.execute(segment.update().where(segment.c.level == 0).values(last=max(rows)))


def merge(index: Index, connection: Connection, everything: bool = False) -> None:
    """File in pages what is in none."""
    fresh = Fresh(next(s.last for s in read_segments(index._database, connection) if s.level == 1))
    fresh.catch_up(index._database, connection)
    merge_fresh(index._database, connection, fresh, everything)


def found(index: Index, keys: list[int]) -> dict[int, set[int]]:
    """The articles under each key, in pages and in memory."""
    wanted = np.array(sorted(keys), np.uint32)
    out: dict[int, set[int]] = defaultdict(set)
    with index._database.reading() as connection:
        segments = read_segments(index._database, connection)
        fresh = Fresh(next(s.last for s in segments if s.level == 1))
        fresh.catch_up(index._database, connection)
        for which, nums in (fresh.find(wanted), find_filed(index._database, connection, levels_of(segments), wanted)):
            for place, num in zip(which.tolist(), nums.tolist(), strict=True):
                assert num not in out[int(wanted[place])], "found twice"
                out[int(wanted[place])].add(num)
    return dict(out)


def test_what_is_filed_is_found_through_all_merges(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postings, "_LEAST_MOVE", 40)  # so that parts move on to the second level early
    dice = random.Random(5)
    expected: dict[int, set[int]] = defaultdict(set)
    with Index.open(tmp_path / "crawl.db") as index:
        for batch in range(12):
            rows = {batch * 50 + n: [2 * dice.randrange(1 << 31) for _ in range(20)] for n in range(1, 51)}
            for num, keys in rows.items():
                for key in keys:
                    expected[key].add(num)
            filed(index, rows)
            if batch % 4 != 3:
                with index._database.writing() as connection:
                    merge(index, connection)
            assert found(index, list(expected)) == expected
        with index._database.reading() as connection:
            levels = {s.level for s in read_segments(index._database, connection) if s.level and s.postings}
        assert levels == {1, 2}


@pytest.mark.parametrize(("key", "kept"), [(8, range(1, 65)), (9, range(37, 101))], ids=["the first", "the newest"])
def test_of_many_articles_under_one_key_so_many_are_kept(tmp_path: Path, key: int, kept: range) -> None:
    assert HOLDERS == 64
    with Index.open(tmp_path / "crawl.db") as index:
        for first in (1, 51):
            filed(index, {num: [key, 1000 + 2 * num] for num in range(first, first + 50)})
            with index._database.writing() as connection:
                merge(index, connection)
        assert found(index, [key]) == {key: set(kept)}
        assert found(index, [1002, 1200]) == {1002: {1}, 1200: {100}}


def test_compacting_forgets_what_was_removed(tmp_path: Path) -> None:
    with Index.open(tmp_path / "crawl.db") as index:
        filed(index, {1: [10, 12], 2: [10]})
        with index._database.writing() as connection:
            merge(index, connection)
            connection.execute(article.delete().where(article.c.num == 1))
            connection.execute(removed.insert().values(num=1))
        assert found(index, [10, 12]) == {10: {1, 2}, 12: {1}}
        with index._database.writing() as connection:
            merge(index, connection, everything=True)
        assert found(index, [10, 12]) == {10: {2}}
