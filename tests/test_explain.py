"""Clusters in words: sources by vote, copy groups, titles, weakest links."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dedup import Article, Result, find_duplicates
from dedup.records import Cluster

Build = Callable[..., Article]
Invent = Callable[..., str]


@pytest.fixture
def story(article: Build, invent: Invent) -> Callable[..., Article]:
    """Copies of one long story with a line of their own in the middle."""
    words = invent(1, 250).split()

    def copy(id: str, edit: str = "", **fields: str) -> Article:
        return article(" ".join([*words[:125], *edit.split(), *words[125:]]), id=id, **fields)

    return copy


def only_cluster(*articles: Article) -> Cluster:
    [cluster] = find_duplicates(articles).clusters
    return cluster


def roles(cluster: Cluster) -> dict[str, str]:
    return {member.article: member.role for member in cluster.members}


def test_the_source_that_most_pairs_name_is_the_source_of_the_cluster(story: Build) -> None:
    wire = story("wire", published_at="2031-05-01T08:00:00Z", publisher="NWA")
    late = [story(f"late{n}", f"Line {n}.", published_at="2031-05-03T08:00:00Z", publisher=f"P{n}") for n in range(3)]
    cluster = only_cluster(wire, *late)
    assert (cluster.likely_source, cluster.representative) == ("wire", "wire")
    assert roles(cluster) == {"wire": "source", "late0": "member", "late1": "member", "late2": "member"}
    assert cluster.members[0].article == "wire"
    assert "3 of 6 pairs" in cluster.source_reason


def test_without_evidence_nobody_is_the_source_and_the_longest_represents(story: Build) -> None:
    cluster = only_cluster(story("a"), story("b", "And it rained on the parade of tractors until late."), story("c"))
    assert (cluster.likely_source, cluster.representative) == ("cannot tell", "b")
    assert set(roles(cluster).values()) == {"member"}


def test_copies_that_credit_one_agency_have_a_common_source(story: Build) -> None:
    cluster = only_cluster(*(story(id, agency="AFP", publisher=id) for id in ("tarn", "orlo", "sarn")))
    assert cluster.likely_source == "common source unseen"


def test_the_earliest_dated_article_represents_before_undated_and_longer_ones(story: Build) -> None:
    articles = [
        story("undated", "A line more than the others have in the end."),
        story("later", published_at="2031-05-01T08:05:00Z"),
        story("first", published_at="2031-05-01T08:00:00Z"),
    ]
    assert only_cluster(*articles).representative == "first"


def test_members_say_what_they_are_to_the_representative(story: Build) -> None:
    cluster = only_cluster(story("a"), story("b"), story("c", "One more line about tractors and the harvest fair."))
    head = cluster.representative
    assert {m.article: m.grade_to_source for m in cluster.members if m.article == head} == {head: ""}
    assert {m.grade_to_source for m in cluster.members if m.article != head} == {"near_duplicate"}


def test_the_same_text_is_one_copy_group_and_a_part_of_it_is_another(article: Build, invent: Invent) -> None:
    full = invent(1, 300)
    articles = [
        article(full, id="full1"),
        article(full + " Yes.", id="full2"),
        article(" ".join(full.split()[:110]), id="part"),
    ]
    cluster = only_cluster(*articles)
    groups = {m.article: m.copy_group for m in cluster.members}
    assert groups["full1"] == groups["full2"] != groups["part"] == "part"


def test_the_title_is_the_representative_s_or_the_first_there_is(story: Build) -> None:
    early = "2031-05-01T08:00:00Z"
    assert only_cluster(story("a", title="Later"), story("b", title="First", published_at=early)).title == "First"
    assert only_cluster(story("a", title="Only"), story("b", published_at=early)).title == "Only"


def test_the_id_of_a_cluster_depends_on_its_representative_alone(story: Build, invent: Invent, article: Build) -> None:
    first, second = story("a", published_at="2031-05-01T08:00:00Z"), story("b", published_at="2031-05-02T08:00:00Z")
    third = story("c", published_at="2031-05-03T08:00:00Z")
    alone, more = only_cluster(first, second), only_cluster(first, second, third, article(invent(9), id="x"))
    assert alone.id == more.id
    assert alone.id != only_cluster(second, third).id


def test_clusters_come_largest_first(article: Build, invent: Invent) -> None:
    result: Result = find_duplicates(
        [article(invent(seed), id=f"{seed}-{n}") for seed, size in ((1, 2), (2, 4), (3, 3)) for n in range(size)]
    )
    assert [len(cluster.members) for cluster in result.clusters] == [4, 3, 2]


def test_the_weakest_link_is_a_pair_of_members(article: Build, invent: Invent) -> None:
    full = invent(1, 300)
    part = " ".join(full.split()[:120])
    cluster = only_cluster(article(full, id="a"), article(full, id="b"), article(part, id="c"))
    assert "c" in cluster.weakest_link.split("|")
    assert cluster.weakest_similarity < 1.0


def test_every_match_says_which_signals_proposed_it(article: Build, invent: Invent) -> None:
    planted = invent(9, 80)
    articles = [article(invent(1), id="a"), article(invent(1), id="b"), article(f"{invent(2)} {planted}", id="c")]
    articles += [
        article(f"{invent(3)} {planted}", id="d"),
        article("Rain in Tarn.", id="e"),
        article("Rain in Tarn.", id="f"),
    ]
    found = {(m.a, m.b): m.found_by for m in find_duplicates(articles).matches}
    assert found.keys() == {("a", "b"), ("c", "d"), ("e", "f")}
    assert found["a", "b"][:2] == ("body", "signature")
    assert found["c", "d"] == ("fingerprint", "run")
    assert found["e", "f"] == ("body",)
