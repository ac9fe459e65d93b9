"""What is gone takes no place from what is there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dedup import Article, Index

Invent = Callable[..., str]


@pytest.fixture
def editions(invent: Invent) -> list[Article]:
    """More lightly edited copies of one text than a phrase is filed for, each of an outlet of its own."""
    text = invent(1, 90)
    return [
        Article(id=f"e{number:02}", publisher=f"Outlet {number}", body=f"{text} Edition {number}.")
        for number in range(75)
    ]


@pytest.fixture
def late(invent: Invent) -> Article:
    return Article(id="late", publisher="Late Post", body=f"{invent(1, 90)} A late edition.")


def test_a_copy_is_found_after_all_articles_were_taken_out_and_put_in_again(
    editions: list[Article], late: Article, tmp_path: Path
) -> None:
    again = [Article(id=one.id, publisher=one.publisher, body=one.body, author="Ines Tamber") for one in editions]
    with Index.open(tmp_path / "again.db") as index:
        index.add_many(editions)
        index.compact()
        index.add_many(again)
        assert index.check(late).relation == "copy_of"
        assert len(index.matches("e00")) == len(index.matches("e74")) == 74


def test_a_notice_that_is_learned_loses_no_copies(
    invent: Invent, editions: list[Article], late: Article, tmp_path: Path
) -> None:
    notice = (
        "This report is part of a service of the United Lake Papers and may be printed by its members with the name."
    )
    printed = [Article(id=one.id, publisher=one.publisher, body=f"{one.body}\n{notice}") for one in editions]
    others = [
        Article(id=f"o{number}", publisher=f"Lake {number}", body=f"{invent(100 + number, 90)}\n{notice}")
        for number in range(20)
    ]
    with Index.open(tmp_path / "notice.db") as index:
        index.add_many([*printed, *others])
        index.settle()
        assert index.check(late).relation == "copy_of"
        assert (len(index.matches("e00")), index.matches("o0")) == (74, [])
        index.compact()
        assert index.verify() == []


def test_copies_beyond_the_first_sixty_four_are_found_when_those_are_gone_and_the_index_is_compacted(
    editions: list[Article], late: Article, tmp_path: Path
) -> None:
    with Index.open(tmp_path / "few.db") as index:
        index.add_many(editions)
        index.compact()
        index.remove_many(one.id for one in editions[:68])
        assert index.verify() == []
        index.compact()
        assert index.verify() == []
        index.add(late)
        assert [match.b for match in index.matches("e68")] == [*(f"e{number}" for number in range(69, 75)), "late"]


def test_another_process_hears_what_is_gone(editions: list[Article], late: Article, tmp_path: Path) -> None:
    with Index.open(tmp_path / "two.db") as index, Index.open(tmp_path / "two.db") as other:
        index.add_many(editions)
        assert other.check(late).relation == "copy_of"
        index.remove_many(one.id for one in editions)
        assert other.check(late).relation == "new"
        index.add(editions[3])
        assert other.check(late).of == "e03"
