"""Articles packed and unpacked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.corpus import ArticlePage, ArticleStore, merge_furniture
from dedup.records import Article, Furniture
from dedup.store import FileSlice

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
ARTICLES = st.lists(
    st.builds(
        Article,
        id=TEXT,
        body=TEXT,
        title=TEXT,
        publisher=TEXT,
        url=TEXT,
        published_at=TEXT,
        credit=TEXT,
        furniture=st.lists(st.builds(Furniture, st.integers(0, 40), st.integers(0, 40), TEXT), max_size=3).map(tuple),
    ),
    max_size=5,
)


@given(ARTICLES)
def test_what_is_packed_comes_out_as_it_was(articles: list[Article]) -> None:
    page = ArticlePage.pack(articles)
    assert [page.unpack(i) for i in range(len(page))] == articles


@given(ARTICLES, ARTICLES, st.randoms())
def test_a_store_gives_articles_of_all_pages_in_the_given_order(
    first: list[Article], second: list[Article], dice: object
) -> None:
    everything = first + second
    order = list(range(len(everything)))
    dice.shuffle(order)  # type: ignore[attr-defined]
    store = ArticleStore([ArticlePage.pack(first), ArticlePage.pack([]), ArticlePage.pack(second)], order)
    assert list(store) == [everything[at] for at in order]
    assert len(store) == len(everything)


@pytest.fixture
def store(article: Callable[..., Article]) -> ArticleStore:
    page = ArticlePage.pack([article("one", id="x"), article("two", id="x", furniture=(Furniture(0, 1, "share"),))])
    return ArticleStore([page], [1, 0], ["x", "x~2"], {0: (Furniture(1, 3, "repeated"),)})


def test_new_ids_and_learned_furniture_are_laid_over(store: ArticleStore) -> None:
    assert [(a.id, a.body) for a in store] == [("x", "two"), ("x~2", "one")]
    assert store[0].furniture == (Furniture(0, 1, "share"), Furniture(1, 3, "repeated"))


def test_a_store_is_indexed_like_any_sequence(store: ArticleStore) -> None:
    assert store[-1].body == "one"
    assert [a.body for a in store[:1]] == ["two"]
    with pytest.raises(IndexError):
        store[2]


def test_fields_bodies_and_articles_of_chosen_places_come_in_the_order_asked_for(
    article: Callable[..., Article], tmp_path: Path
) -> None:
    first = ArticlePage.pack([article("eins", id="a", title="A"), article("zwei – 2", id="b", title="B")])
    second = ArticlePage.pack([article("drei", id="c", title="C")])
    (tmp_path / "page").write_bytes(b"before" + bytes(first.data[:]))
    filed = ArticlePage(FileSlice(tmp_path / "page", 6, 6 + len(first.data)), first.offsets)
    for page in (first, filed):
        store = ArticleStore([page, second], [2, 0, 1], ["x", "y", "z"])
        assert list(store.columns("title", "id")) == [("C", "x"), ("A", "y"), ("B", "z")]
        assert list(store.columns("id", "title", places=[2, 0])) == [("z", "B"), ("x", "C")]
        assert store.bodies([2, 1]) == ["zwei – 2".encode(), b"eins"]
        assert [(a.id, a.body) for a in store.take([1, 0])] == [("y", "eins"), ("x", "drei")]
        assert [(a.id, a.title, a.body) for a in store.heads([0, 2])] == [("x", "C", ""), ("z", "B", "")]


def test_furniture_inside_furniture_is_dropped_and_the_rest_is_in_order() -> None:
    spans = [
        Furniture(10, 20, "share"),
        Furniture(0, 8, "title"),
        Furniture(12, 18, "repeated"),
        Furniture(10, 20, "advert"),
    ]
    assert merge_furniture(spans) == (Furniture(0, 8, "title"), Furniture(10, 20, "advert"))
