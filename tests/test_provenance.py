"""The likely source: what counts as evidence, what outweighs what, and when to say nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from dedup.lineage import witness_of
from dedup.provenance import (
    CANNOT_TELL,
    COMMON,
    Attribution,
    attribute,
    audit_credits,
    doubtful_dates,
    instant,
    relation,
)
from dedup.records import Article, Grade, Kinship, Measures

Build = Callable[..., Article]


def judged(a: Article, b: Article, grade: Grade = Grade.NEAR_DUPLICATE, **measures: Any) -> Attribution:
    """What `attribute` says; also checks that the order of the two does not matter."""
    values = {"jaccard": 0.8, "containment_a": 0.9, "containment_b": 0.9, "cosine": 0.9, "rare_overlap": 200.0}
    values |= {"longest_run": 60, "shared_words": 200, "shared_quotes": 0, "shared_names": 0.9}
    values |= {"longest_passage": 60, "retold_quotes": 0, "told_again": 0.8, "rest_cosine": 0.2, **measures}
    mirrored = {**values, "containment_a": values["containment_b"], "containment_b": values["containment_a"]}
    sides = witness_of(a), witness_of(b)
    found = attribute(*sides, grade, Measures(**values))  # type: ignore[arg-type]
    assert attribute(*sides[::-1], grade, Measures(**mirrored)) == found  # type: ignore[arg-type]
    return found


def test_nothing_to_go_by_is_cannot_tell(article: Build) -> None:
    assert judged(article(id="a"), article(id="b")).source == CANNOT_TELL


def test_a_canonical_link_names_the_source(article: Build) -> None:
    a = article(id="a", url="https://tarn.example/copy", canonical_url="https://ellery.example/bridge/?utm=1")
    b = article(id="b", url="https://ellery.example/bridge#top")
    found = judged(a, b)
    assert found.source == "b"
    assert "address" in found.reason


def test_a_canonical_link_to_itself_says_nothing(article: Build) -> None:
    a = article(id="a", url="https://tarn.example/x", canonical_url="https://tarn.example/x/")
    assert judged(a, article(id="b", url="https://ellery.example/bridge")).source == CANNOT_TELL


def test_a_canonical_link_outweighs_dates_and_credit(article: Build) -> None:
    a = article(
        id="a", url="https://tarn.example/copy", canonical_url="https://ellery.example/bridge", publisher="Tarn Herald",
        published_at="2031-05-02T08:00:00+00:00",
    )  # fmt: skip
    b = article(
        id="b",
        url="https://ellery.example/bridge",
        credit="Source: Tarn Herald",
        published_at="2031-05-02T12:00:00+00:00",
    )
    assert judged(a, b).source == "b"


@pytest.mark.parametrize(
    "credit", ["With reporting by the Ellery Courier", "Source: Ellery Courier", "First appeared on courier.example"]
)
def test_a_credit_line_names_the_source(article: Build, credit: str) -> None:
    a = article(id="a", credit=credit, publisher="Tarn Herald")
    b = article(id="b", publisher="The Ellery Courier", url="https://www.courier.example/bridge")
    assert judged(a, b).source == "b"


def test_an_agency_that_is_the_other_outlet_names_the_source(article: Build) -> None:
    found = judged(article(id="a", agency="AFP", publisher="Tarn Herald"), article(id="b", publisher="AFP"))
    assert (found.source, "credits AFP" in found.reason) == ("b", True)


def test_an_outlet_that_credits_itself_says_nothing(article: Build) -> None:
    a = article(id="a", credit="Source: Ellery Courier", publisher="Ellery Courier")
    assert judged(a, article(id="b", publisher="Ellery Courier")).source == CANNOT_TELL


def test_two_that_credit_each_other_cancel_out(article: Build) -> None:
    a = article(id="a", credit="Source: Tarn Herald", publisher="Ellery Courier")
    b = article(id="b", credit="Source: Ellery Courier", publisher="Tarn Herald")
    assert judged(a, b).source == CANNOT_TELL


def test_two_that_credit_one_agency_have_a_common_source(article: Build) -> None:
    a = article(id="a", agency="AFP", published_at="2031-05-02T08:00:00+00:00")
    b = article(id="b", agency="AFP", published_at="2031-05-02T12:00:00+00:00")
    found = judged(a, b)
    assert (found.source, found.reason) == (COMMON, "both credit AFP")


def test_the_agency_itself_is_the_source_of_what_credits_it(article: Build) -> None:
    a = article(id="a", agency="AFP", publisher="Tarn Herald")
    assert judged(a, article(id="b", agency="AFP", publisher="AFP")).source == "b"


def test_rewrites_share_a_source_unless_one_credits_the_other(article: Build) -> None:
    early = article(id="a", published_at="2031-05-01", publisher="Tarn Herald")
    assert judged(early, article(id="b", published_at="2031-05-03"), Grade.REWRITE).source == COMMON
    credits = article(id="b", published_at="2031-05-03", credit="As first reported by Tarn Herald")
    assert judged(early, credits, Grade.REWRITE).source == "a"


@pytest.mark.parametrize(
    ("first", "second", "source"),
    [
        ("2031-05-02T08:00:00+00:00", "2031-05-02T08:11:00+00:00", "a"),
        ("2031-05-02T08:00:00+00:00", "2031-05-02T08:09:00+00:00", CANNOT_TELL),
        ("2031-05-02T10:00:00+02:00", "2031-05-02T08:30:00+00:00", "a"),
        ("2031-05-02T10:00:00+02:00", "2031-05-02T07:00:00+00:00", "b"),
        ("2031-05-02", "2031-05-04", "a"),
        ("2031-05-02", "2031-05-02", CANNOT_TELL),
        ("2031-05-02", "2031-05-02T23:00:00+00:00", CANNOT_TELL),
        ("2031-05-02", "2031-05-02T01:00:00+05:00", CANNOT_TELL),
        ("2031-05-02T23:30:00-05:00", "2031-05-02", CANNOT_TELL),
        ("2031-05-02T10:00:00+00:00", "2031-05-04", "a"),
        ("2031-05-02", "", CANNOT_TELL),
        ("2031-05-02", "next Tuesday", CANNOT_TELL),
    ],
)
def test_the_earlier_of_two_copies_is_the_source_if_the_dates_can_tell(
    article: Build, first: str, second: str, source: str
) -> None:
    assert judged(article(id="a", published_at=first), article(id="b", published_at=second)).source == source


def test_the_reason_says_how_much_earlier(article: Build) -> None:
    found = judged(
        article(id="a", published_at="2031-05-02T08:00:00Z"), article(id="b", published_at="2031-05-02T11:00:00Z")
    )
    assert "3 hours earlier" in found.reason


def test_a_text_that_stands_in_a_longer_one_is_a_hint_but_no_proof(article: Build) -> None:
    sides = {"containment_a": 0.95, "containment_b": 0.3}
    assert judged(article(id="a"), article(id="b"), Grade.EXCERPT, **sides).source == CANNOT_TELL
    found = judged(article(id="a", published_at="2031-05-04"), article(id="b", published_at="2031-05-02"), **sides)
    assert found.source == "b"
    assert "nearly all" in found.reason


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2031-05-02T10:00:00+02:00", (datetime(2031, 5, 2, 8, tzinfo=UTC), True)),
        ("2031-05-02T10:00:00Z", (datetime(2031, 5, 2, 10, tzinfo=UTC), True)),
        ("2031-05-02T10:00:00", (datetime(2031, 5, 2, 10, tzinfo=UTC), True)),
        ("2031-05-02", (datetime(2031, 5, 2, tzinfo=UTC), False)),
        ("", None),
        ("Tuesday", None),
        ("0001-01-01T00:00:00+05:00", None),
        ("9999-12-31T23:59:59-05:00", None),
    ],
)
def test_moments_are_compared_in_one_zone_and_unknown_ones_are_none(
    text: str, expected: tuple[datetime, bool] | None
) -> None:
    assert instant(text) == expected


def test_a_probability_comes_with_every_answer_and_grows_with_the_evidence(article: Build) -> None:
    first, copy = {"published_at": "2031-05-02T08:00:00Z"}, {"published_at": "2031-05-02T11:00:00Z"}
    dated = judged(article(id="a", **first), article(id="b", **copy))
    credited = judged(article(id="a", publisher="Tarn Herald", **first), article(id="b", credit="Tarn Herald", **copy))
    assert 0.6 <= dated.probability < 0.8 < credited.probability < 1
    assert judged(article(id="a"), article(id="b")).probability == 0


def test_the_text_that_cites_the_other_outlet_is_the_copy(article: Build) -> None:
    a = article("The quay is shut, the Orlo Courier reported.", id="a", publisher="Tarn Herald")
    b = article("The quay is shut, said Ines Roe.", id="b", publisher="Orlo Courier")
    found = judged(a, b)
    assert (found.source, found.reason) == ("b", "the copy cites Orlo Courier")


def test_a_text_may_cite_an_outlet_that_signs_only_its_dateline(article: Build) -> None:
    a = article("It floats again, CNN reported.", id="a")
    b = article("(CNN) It floats again, Ines Roe told CNN.", id="b")
    assert judged(a, b).source == "b"


def test_rewrites_that_cite_one_outlet_have_a_common_source(article: Build) -> None:
    a = article("It floats, she told Harbour Radio.", id="a", publisher="Tarn Herald")
    b = article("She told Harbour Radio that it floats.", id="b", publisher="Orlo Courier")
    found = judged(a, b, Grade.REWRITE)
    assert (found.source, found.reason) == (COMMON, "both cite Harbour Radio")


def test_an_agency_among_the_outlets_is_the_likely_source_without_any_credit(article: Build) -> None:
    assert judged(article(id="a", publisher="Reuters"), article(id="b", publisher="Tarn Herald")).source == "a"


def test_a_credit_to_an_agency_that_is_not_there_points_to_a_third_text(article: Build) -> None:
    a = article(id="a", publisher="Tarn Herald", agency="AFP")
    found = judged(a, article(id="b", publisher="Orlo Courier"))
    assert (found.source, found.reason) == (COMMON, "Tarn Herald credits AFP")


def test_a_page_whose_only_address_is_its_canonical_link_is_the_copy_of_it(article: Build) -> None:
    there = "https://wire.example/ship"
    a = article(id="a", url=there, canonical_url=there, publisher="Tarn Herald")
    assert judged(a, article(id="b", url=there, publisher="Coast Wire")).source == "b"


def test_a_time_that_many_articles_share_is_the_crawlers_and_no_date() -> None:
    crawled = "2031-05-02T10:11:12Z"
    assert doubtful_dates([crawled] * 5 + ["2031-05-01T08:00:00Z"] * 4) == {crawled}
    assert doubtful_dates(["2031-05-02"] * 9 + ["2031-05-02T00:00:00Z"] * 9) == frozenset()


def test_doubted_and_contradicted_dates_do_not_count(article: Build) -> None:
    early = article(id="a", published_at="2031-05-02T08:00:00Z")
    late = article(id="b", published_at="2031-05-02T11:00:00Z")
    assert witness_of(early, frozenset({"2031-05-02T08:00:00Z"})).published == ""
    dated = article(id="b", published_at="2031-05-02T11:00:00Z", dateline="ORLO, Feb. 16 (NWA) -")
    assert witness_of(dated).published == ""
    assert (judged(early, late).source, judged(early, dated).source) == ("a", CANNOT_TELL)


@pytest.mark.parametrize(
    ("grade", "contained", "expected"),
    [
        (Grade.EXACT, 1.0, Kinship.REVISION),
        (Grade.NEAR_DUPLICATE, 0.9, Kinship.REVISION),
        (Grade.EXCERPT, 0.9, Kinship.REVISION),
        (Grade.EXCERPT, 0.4, Kinship.REUSE),
        (Grade.REWRITE, 0.3, Kinship.REUSE),
        (Grade.SAME_EVENT, 0.0, None),
        (Grade.UNRELATED, 0.0, None),
    ],
)
def test_one_outlet_revises_a_story_or_uses_a_part_of_it_again(
    article: Build, grade: Grade, contained: float, expected: Kinship | None
) -> None:
    a, b = (witness_of(article(id=id, publisher=name)) for id, name in (("a", "Tarn Herald"), ("b", "The Tarn Herald")))
    assert relation(a, b, grade, measured(contained)) == expected


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ({"publisher": "Tarn Herald"}, {"publisher": "Orlo Courier"}, Kinship.COPY),
        ({"publisher": "Tarn Herald"}, {}, Kinship.COPY),
        ({"url": "https://www.tarn.example/a"}, {"url": "http://amp.tarn.example/b"}, Kinship.REVISION),
        ({"url": "https://news.yahoo.com/a"}, {"url": "https://news.yahoo.com/b"}, Kinship.COPY),
        (
            {"publisher": "Tarn Herald", "url": "https://wire.example/ship"},
            {"publisher": "Reuters", "url": "https://wire.example/ship"},
            Kinship.COPY,
        ),
    ],
)
def test_outlets_are_told_apart_by_publisher_and_host(
    article: Build, first: dict[str, str], second: dict[str, str], expected: Kinship
) -> None:
    a, b = witness_of(article(id="a", **first)), witness_of(article(id="b", **second))
    assert relation(a, b, Grade.NEAR_DUPLICATE, measured(0.9)) == expected


def test_one_address_with_two_texts_is_a_revision_however_little_is_left(article: Build) -> None:
    a, b = (witness_of(article(id=id, url="https://tarn.example/live#now")) for id in "ab")
    assert relation(a, b, Grade.EXCERPT, measured(0.3)) == Kinship.REVISION


def measured(contained: float) -> Measures:
    return Measures(
        jaccard=0.5, containment_a=contained, containment_b=0.2, cosine=0.5, rare_overlap=99.0, longest_run=30,
        shared_words=99, shared_quotes=0, shared_names=0.5,
        longest_passage=30, retold_quotes=0, told_again=0.2, rest_cosine=0.1,
    )  # fmt: skip


def audited(*articles: Article) -> list[str]:
    return audit_credits([witness_of(article) for article in articles])


def test_a_copy_without_the_credit_that_two_others_carry_is_flagged(article: Build) -> None:
    assert audited(
        article(id="a", publisher="Tarn Herald", agency="AFP"),
        article(id="b", publisher="Orlo Courier", credit="With reporting by AFP", agency="AFP"),
        article(id="c", publisher="Sarn Post"),
    ) == ["credited to AFP", "credited to AFP", "no credit: 2 other outlets credit the text to AFP"]


def test_one_other_credit_is_told_as_what_it_is(article: Build) -> None:
    found = audited(article(id="a", publisher="Tarn Herald", agency="AFP"), article(id="b", publisher="Orlo Courier"))
    assert found == ["credited to AFP", "no credit found: one other outlet credits the text to AFP"]


def test_the_agency_in_the_group_is_no_copy_and_is_held_against_the_others(article: Build) -> None:
    found = audited(article(id="a", publisher="AFP", agency="AFP"), article(id="b", publisher="Orlo Courier"))
    assert found == ["by AFP itself", "no credit: AFP has the same text"]


def test_a_copy_of_another_outlet_that_others_credit_is_flagged(article: Build) -> None:
    assert audited(
        article(id="a", publisher="Tarn Herald"),
        article(id="b", publisher="Orlo Courier", credit="First published by Tarn Herald"),
        article(id="c", publisher="Sarn Post"),
    ) == [
        "by Tarn Herald itself",
        "credited to Tarn Herald",
        "no credit: Tarn Herald has the same text, credited by 1 other outlet",
    ]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"publisher": "Tarn Herald"},
        {"publisher": "Orlo Courier", "body": "The quay is shut, AFP reported."},
        {"publisher": "Orlo Courier", "published_at": "2031-05-01"},
    ],
    ids=["unknown outlet", "another version credits", "named in the text", "published on an earlier day"],
)
def test_nobody_is_accused_on_thin_evidence(article: Build, fields: dict[str, str]) -> None:
    credited = article(id="a", publisher="Tarn Herald", agency="AFP", published_at="2031-05-02")
    assert not audited(credited, article(id="b", **fields))[1].startswith("no credit")


def test_where_members_credit_different_agencies_nobody_is_flagged(article: Build) -> None:
    assert audited(
        article(id="a", publisher="Tarn Herald", agency="AFP"),
        article(id="b", publisher="Orlo Courier", agency="dpa"),
        article(id="c", publisher="Sarn Post"),
    ) == ["credited to AFP", "credited to dpa", ""]


def test_without_any_credit_there_is_nothing_to_audit(article: Build) -> None:
    assert audited(article(id="a", publisher="Tarn Herald"), article(id="b", publisher="Sarn Post")) == ["", ""]
