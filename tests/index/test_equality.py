"""An index built one by one, in whatever order, comes to the pairs and clusters of one scan."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from newsroom import newsroom

from dedup import Article, Config, Index, find_duplicates
from dedup.ingest import read_articles

Pairs = dict[tuple[str, str], tuple[str, float]]

#: What many outlets print under unlike articles.
NOTICE = (
    "This report is part of a service of the United Lake Papers; it may be printed by members, in whole, with the "
    "name of its author, and must not be sold on or read out without the word of the office in Lower Sarn."
)


def pairs_of(index: Index) -> Pairs:
    """The copies in an index, by the matches of every article."""
    found = (match for article in index.articles() for match in index.matches(article.id))
    return {(match.a, match.b): (str(match.grade), match.confidence) for match in found}


def scanned(articles: list[Article]) -> tuple[Pairs, list[tuple[str, list[str]]]]:
    result = find_duplicates(articles)
    pairs = {(match.a, match.b): (str(match.grade), match.confidence) for match in result.matches}
    return pairs, sorted((c.likely_source, [m.article for m in c.members]) for c in result.clusters)


@pytest.fixture(scope="module")
def samples() -> list[Article]:
    articles = read_articles("samples/drop", Config())[0]
    return list({article.id: article for article in articles}.values())


@pytest.mark.parametrize("seed", [1, 2])
def test_samples_added_one_by_one_are_samples_scanned(samples: list[Article], tmp_path: Path, seed: int) -> None:
    pairs, clusters = scanned(samples)
    shuffled = random.Random(seed).sample(samples, len(samples))
    with Index.open(tmp_path / "one.db") as index:
        for article in shuffled:
            index.check_and_add(article)
        assert pairs_of(index) == pairs
        assert [sorted(m.article for m in c.members) for c in index.clusters()]
        assert sorted((c.likely_source, [m.article for m in c.members]) for c in index.clusters()) == clusters


def test_samples_added_together_are_samples_scanned(samples: list[Article], where: str) -> None:
    pairs, _ = scanned(samples)
    with Index.open(where) as index:
        index.add_many(samples)
        assert pairs_of(index) == pairs
        assert index.verify() == []


def test_removing_is_as_if_never_added(samples: list[Article], tmp_path: Path) -> None:
    kept, gone = samples[::2], samples[1::2]
    with Index.open(tmp_path / "some.db") as index:
        index.add_many(samples)
        index.remove_many(article.id for article in gone)
        assert pairs_of(index) == scanned(kept)[0]
        assert index.verify() == []


def test_furniture_that_is_learned_late_changes_earlier_verdicts(invent: Callable[..., str], tmp_path: Path) -> None:
    """Two articles share nothing but a long line, which shows to be the outlet's when others carry it, too."""
    line = (
        "The Institute for Lake Studies at Orlo, founded by the Tamber family with two million crowns, keeps the "
        "longest record of water levels on the eastern shore, lends its three boats to schools in summer and answers "
        "questions of fishermen, hydrologists and divers in the old lighthouse of Lower Sarn on Wednesdays."
    )
    articles = [
        Article(
            id=f"a{number}", publisher="Tarn Weekly", body=f"{invent(number, 90)}\n{line}\n{invent(50 + number, 90)}"
        )
        for number in range(7)
    ]
    other = Article(id="other", publisher="Orlo Courier", body=f"{invent(90, 40)}\n{line}\n{invent(91, 40)}")
    with Index.open(tmp_path / "late.db") as index:
        index.add_many([articles[0], other])
        before = len(index.matches("a0"))
        for article in articles[1:]:
            index.add(article)
        assert (before, len(index.matches("a0"))) == (1, 0)
        assert pairs_of(index) == scanned([*articles, other])[0]
        assert index.verify() == []


def test_a_notice_of_many_outlets_is_known_when_the_index_is_settled(
    invent: Callable[..., str], tmp_path: Path
) -> None:
    articles = [
        Article(id=f"a{number:02}", publisher=f"Lake Paper {number}", body=f"{invent(number, 90)}\n{NOTICE}")
        for number in range(20)
    ]
    with Index.open(tmp_path / "notice.db") as index:
        index.add_many(articles[:19])
        before = len(index.matches("a00"))
        index.settle()
        settled = len(index.matches("a00"))
        index.add(articles[19])
        assert (before, settled, index.matches("a19")) == (18, 0, [])
        assert index.check(replace(articles[0], id="new", publisher="Orlo Courier")).relation == "copy_of"
        assert pairs_of(index) == scanned(articles)[0] == {}
        assert index.verify() == []
        index.remove_many(article.id for article in articles[10:])
        index.settle()
        assert pairs_of(index) == scanned(articles[:10])[0]
        assert len(index.matches("a00")) == 9


def test_asking_for_clusters_between_does_not_put_off_what_settling_learns(
    invent: Callable[..., str], tmp_path: Path
) -> None:
    plain = [Article(id=f"p{n:02}", publisher="Tarn Weekly", body=invent(200 + n, 90)) for n in range(20)]
    printed = [
        Article(id=f"a{n:02}", publisher=f"Lake Paper {n}", body=f"{invent(n, 90)}\n{NOTICE}") for n in range(19)
    ]
    with Index.open(tmp_path / "between.db") as index:
        index.add_many(plain)
        assert index.clusters() == []
        index.add_many(printed)
        index.clusters()  # the index has not doubled: the notice is left for later
        index.settle()
        assert pairs_of(index) == scanned([*plain, *printed])[0] == {}


def test_a_newsroom_with_furniture_comes_out_the_same(tmp_path: Path) -> None:
    records = [record for rows, _ in newsroom(1500, words=200) for record in rows]
    articles = [Article(id=r["id"], title=r["title"], body=r["text"], publisher=r["source"]) for r in records]
    pairs, _ = scanned(articles)
    shuffled = random.Random(3).sample(articles, len(articles))
    with Index.open(tmp_path / "newsroom.db") as index:
        for start in range(0, len(shuffled), 100):
            index.add_many(shuffled[start : start + 100])
        index.settle()
        assert pairs_of(index) == pairs
