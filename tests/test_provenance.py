"""The likely source: what counts as evidence, what outweighs what, and when to say nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from dedup.provenance import CANNOT_TELL, COMMON, Attribution, attribute, instant
from dedup.records import Article, Grade, Measures

Build = Callable[..., Article]


def judged(a: Article, b: Article, grade: Grade = Grade.NEAR_DUPLICATE, **measures: Any) -> Attribution:
    """What `attribute` says; also checks that the order of the two does not matter."""
    values = {"jaccard": 0.8, "containment_a": 0.9, "containment_b": 0.9, "cosine": 0.9, "rare_overlap": 200.0}
    values |= {"longest_run": 60, "shared_words": 200, "shared_quotes": 0, "shared_names": 0.9, **measures}
    mirrored = {**values, "containment_a": values["containment_b"], "containment_b": values["containment_a"]}
    found = attribute(a, b, grade, Measures(**values))  # type: ignore[arg-type]
    assert attribute(b, a, grade, Measures(**mirrored)) == found  # type: ignore[arg-type]
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
    assert judged(a, b) == Attribution(COMMON, "both credit AFP")


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
