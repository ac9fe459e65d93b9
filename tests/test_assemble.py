"""From batches to a corpus: neither batching nor order shows."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from dedup.assemble import Corpus, assemble
from dedup.config import SketchConfig
from dedup.ingest import batch_articles
from dedup.records import Article, Furniture, Skipped

Build = Callable[..., Article]
Invent = Callable[..., str]
FOOTER = "The Tarn Herald is printed on recycled paper in Lower Tarn"


def corpus_of(*batches: Sequence[Article], skipped: Sequence[Skipped] = ()) -> Corpus:
    return assemble([batch_articles(batch) for batch in batches], skipped, SketchConfig())


def facts(corpus: Corpus) -> dict[str, Any]:
    sketches = corpus.sketches
    return {
        "articles": list(corpus.articles),
        "ids": corpus.ids,
        "dates": corpus.dates,
        "skipped": corpus.skipped,
        **{name: getattr(corpus, name).tolist() for name in ("titles", "furniture", "offsets")},
        **{name: getattr(sketches, name).tolist() for name in ("offsets", "signatures", "body_hashes")},
        "words": sketches.vocabulary[sketches.tokens].tolist(),
    }


@pytest.fixture
def herald(article: Build, invent: Invent) -> list[Article]:
    """Articles of one outlet with a footer, some of another without, one with the id of another."""
    own = [
        article(f"{invent(n, 60)}\n{FOOTER}", id=f"herald/{n}", publisher="Tarn Herald", title=f"Story {n}")
        for n in range(5)
    ]
    other = [
        article(invent(n, 50), id=f"courier/{n}", publisher="Courier", published_at="2031-05-02") for n in range(20, 24)
    ]
    again = [article(invent(seed, 40), id="courier/21", publisher="Courier") for seed in (30, 31)]
    return [*own, *other, *again, article("", id="empty"), article("", id="empty", title="Only a title")]


def test_order_and_batching_do_not_show(herald: list[Article]) -> None:
    expected = facts(corpus_of(herald))
    for seed in range(5):
        dice = random.Random(seed)
        mixed = dice.sample(herald, len(herald))
        cut = dice.randrange(len(mixed))
        assert facts(corpus_of(mixed[:cut], [], mixed[cut:])) == expected


def test_articles_are_in_order_of_their_ids_and_none_is_lost(herald: list[Article]) -> None:
    corpus = corpus_of(herald)
    assert corpus.ids == sorted(corpus.ids) == [a.id for a in corpus.articles]
    assert sorted(a.body for a in corpus.articles) == sorted(a.body for a in herald)


def test_a_second_article_of_the_same_id_is_renamed_and_noted(article: Build) -> None:
    corpus = corpus_of([article("Rain fell.", id="x", source="feed#1"), article("Sun came.", id="x", source="feed#2")])
    assert corpus.ids == ["x", "x~2"]
    [note] = corpus.skipped
    assert (note.stage, note.reason, note.detail) == ("note", "duplicate id", "x is kept as x~2")
    assert note.source == corpus.articles[1].source


def test_a_new_id_is_never_one_that_is_taken(article: Build) -> None:
    corpus = corpus_of([article(str(n), id=id) for n, id in enumerate(["x", "x", "x~2", "x", "x~3"])])
    assert len(set(corpus.ids)) == 5
    assert {"x", "x~2", "x~3"} <= set(corpus.ids)
    assert [corpus.articles[corpus.ids.index(i)].body for i in ("x~2", "x~3")] == ["2", "4"]


@pytest.mark.parametrize("field", ["author", "language", "credit", "agency", "canonical_url", "dateline", "url"])
def test_articles_of_one_id_are_renamed_the_same_way_whatever_tells_them_apart(article: Build, field: str) -> None:
    one, other = (article("Rain fell.", id="x", **{field: value}) for value in ("first", "second"))
    assert list(corpus_of([one, other]).articles) == list(corpus_of([other, one]).articles)


def test_the_same_article_twice_is_two_articles(article: Build) -> None:
    assert corpus_of([article("Rain fell.", id="x")] * 2).ids == ["x", "x~2"]


def test_learned_furniture_is_in_the_article_and_not_in_the_sketch(herald: list[Article]) -> None:
    corpus = corpus_of(herald)
    at = corpus.ids.index("herald/1")
    found = corpus.articles[at]
    [piece] = found.furniture
    assert (piece.kind, found.body[piece.start : piece.end].strip()) == ("repeated", FOOTER)
    assert corpus.sketches.words[at] == 60
    assert corpus.offsets[at + 1] - corpus.offsets[at] == 60 + len(FOOTER.split())


def test_each_article_knows_its_own_furniture(herald: list[Article]) -> None:
    corpus = corpus_of(herald)
    for index, name in enumerate(corpus.ids):
        words = len(corpus.articles[index].body.split())
        footer = len(FOOTER.split()) if name.startswith("herald") else 0
        assert corpus.furniture_of(index).tolist() == [False] * (words - footer) + [True] * footer


def test_furniture_that_cleaning_found_is_flagged(article: Build) -> None:
    body = "By Oda Brandvik\nRain fell on Orlo."
    corpus = corpus_of([article(body, furniture=(Furniture(0, 15, "byline"),))])
    assert corpus.furniture_of(0).tolist() == [True] * 3 + [False] * 4
    assert corpus.sketches.words.tolist() == [4]


def test_titles_are_known_by_their_words(article: Build) -> None:
    titles = ["Rain, again!", "rain again", "Again rain", "", "!"]
    hashes = corpus_of([article(id=str(n), title=title) for n, title in enumerate(titles)]).titles
    assert hashes[0] == hashes[1] != hashes[2]
    assert hashes[3] == hashes[4] == 0


def test_what_was_skipped_is_sorted_and_each_row_is_there_once(article: Build) -> None:
    rows = [Skipped(source=s, stage="read", reason="empty") for s in ("b", "a", "b")]
    assert [s.source for s in corpus_of([article("Rain.")], skipped=rows).skipped] == ["a", "b"]


def test_no_batches_make_an_empty_corpus() -> None:
    for corpus in (corpus_of(), corpus_of([])):
        assert (corpus.ids, len(corpus.sketches), len(corpus.articles)) == ([], 0, 0)
