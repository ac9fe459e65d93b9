"""What a run warns of: clusters that take too much, outlets that are wholly swallowed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dedup import Article, find_duplicates
from dedup.guard import warnings
from dedup.records import Cluster, Member

Invent = Callable[..., str]


def cluster(*articles: str, id: str = "c1", source: str = "cannot tell") -> Cluster:
    members = tuple(Member(article=a, copy_group=a, role="member", grade_to_source="exact") for a in articles)
    return Cluster(
        id=id,
        members=members,
        representative=articles[0],
        weakest_link="",
        weakest_similarity=1.0,
        likely_source=source,
    )


def articles(outlet: str, count: int) -> list[str]:
    return [f"{outlet}{n}" for n in range(count)]


def outlets(**counts: int) -> dict[str, str]:
    return {name: outlet for outlet, count in counts.items() for name in articles(outlet, count)}


@pytest.mark.parametrize(
    ("size", "total", "warned"), [(100, 1999, True), (100, 2000, False), (99, 500, False), (120, 120, True)]
)
def test_a_cluster_of_a_hundred_and_more_than_a_twentieth_is_named(size: int, total: int, warned: bool) -> None:
    some = [f"a{n}" for n in range(size)]
    found = warnings([cluster(*some)], dict.fromkeys([*some, *(f"b{n}" for n in range(total - size))], ""))
    assert len(found) == warned
    assert not warned or f"cluster c1 holds {size} of {total:,} articles" in found[0]


def pairs(one: str, other: str, count: int) -> list[Cluster]:
    return [cluster(f"{one}{n}", f"{other}{n}", id=f"c{n}") for n in range(count)]


def test_an_outlet_all_of_whose_articles_are_copies_is_named_with_the_other() -> None:
    [sentence] = warnings(pairs("Echo", "Post", 10), outlets(Echo=10, Post=30))
    assert sentence.startswith("every article is a copy of other outlets' articles at Echo (10 articles, most often")
    assert "beside Post)" in sentence


def test_one_article_of_its_own_clears_an_outlet() -> None:
    assert warnings(pairs("Echo", "Post", 10), outlets(Echo=11, Post=30)) == []


def test_few_articles_clear_an_outlet() -> None:
    assert warnings(pairs("Echo", "Post", 9), outlets(Echo=9, Post=30)) == []


def test_copies_inside_one_outlet_or_beside_unknown_ones_swallow_nothing() -> None:
    own = [cluster(f"Echo{2 * n}", f"Echo{2 * n + 1}") for n in range(5)]
    assert warnings(own, outlets(Echo=10)) == []
    unknown = pairs("Echo", "x", 10)
    assert warnings(unknown, outlets(Echo=10) | {f"x{n}": "" for n in range(10)}) == []


def test_the_source_of_a_story_is_no_copy() -> None:
    told = [cluster(f"Wire{n}", f"Post{n}", source=f"Wire{n}") for n in range(10)]
    assert warnings(told, outlets(Wire=10, Post=30)) == []


def test_many_swallowed_outlets_are_one_sentence() -> None:
    names = [f"Paper{letter}" for letter in "abcdefg"]
    found = [story for name in names for story in pairs(name, "Post", 10)]
    [sentence] = warnings(found, outlets(**dict.fromkeys(names, 10), Post=99))
    assert "Papere (10 articles, most often beside Post) and 2 more: look" in sentence
    assert "Paperf" not in sentence


def test_a_run_holds_its_warnings(invent: Invent) -> None:
    story = invent(1, 150)
    copies = [Article(id=f"a{n:03}", body=story, publisher=f"P{n}") for n in range(101)]
    result = find_duplicates(copies)
    assert [text[:8] for text in result.stats["warnings"]] == ["cluster "]
    assert find_duplicates(copies[:5]).stats["warnings"] == []
