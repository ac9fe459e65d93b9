"""A writer is killed at random moments, again and again: what it acknowledged is there, and the index is whole."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from dedup import Article, Index
from dedup.index import postings

#: Kills, and articles of one index: another one is begun when it has grown to this many.
KILLS, LARGE = 200, 150


def writing(path: Path, articles: list[Article], acknowledged: int) -> None:
    """Puts articles in and takes some out, and says so after each; never returns."""
    with Index.open(path) as index:
        for number, article in enumerate(articles):
            if number % 9 == 8:
                gone = articles[number - 4].id
                os.write(acknowledged, f"?{gone}\n".encode())  # from now on it may be there or not
                index.remove(gone)
            elif number % 5 == 4:
                index.add_many([article, *articles[number + 1 : number + 3]])
                os.write(acknowledged, f"+{article.id}\n".encode())
            else:
                index.check_and_add(article)
                os.write(acknowledged, f"+{article.id}\n".encode())
    os._exit(0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_writer_killed_two_hundred_times_loses_nothing_and_damages_nothing(
    tmp_path: Path, invent: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postings, "MERGE_AT", 12)  # so that filing in pages is under way at some of the kills, too
    dice = random.Random(11)
    texts = [invent(number, 60) for number in range(40)]
    with Index.open(tmp_path / "warm.db") as index:  # the children are forked with all kernels in memory
        index.add_many([Article(id=str(n), body=texts[n // 2], publisher="Outlet 1") for n in range(20)])
        start = time.monotonic()
        index.remove("3")
        pace = time.monotonic() - start  # a busy machine is given more time, else hardly a writer would have begun
    path, kept, doubtful, begun, serial = tmp_path / "crawl-0.db", set(), set(), 0, 0
    Index.open(path).close()
    for kill in range(KILLS):
        articles = [
            Article(
                id=f"{kill}-{n}", body=dice.choice(texts) + f" Edition {n}.", publisher=f"Outlet {dice.randrange(4)}"
            )
            for n in range(200)
        ]
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reader)
            writing(path, articles, writer)
        os.close(writer)
        time.sleep(dice.uniform(0.002, min(0.5, max(0.09, 6 * pace))))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        with os.fdopen(reader) as lines:
            for line in lines.read().split():
                (doubtful if line[0] == "?" else kept).add(line[1:])
        with Index.open(path) as index:
            assert index.verify() == [], f"after kill {kill + 1}"
            ids = {article.id for article in index.articles()}
            assert kept - doubtful <= ids, f"after kill {kill + 1}"
            begun += bool(kept)
        if len(ids) > LARGE:
            serial += 1
            path, kept, doubtful = tmp_path / f"crawl-{serial}.db", set(), set()
            Index.open(path).close()
    assert begun > KILLS // 2
