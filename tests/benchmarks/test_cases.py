"""The hard inputs are what their names say."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from cases import CASES, pages
from numpy.random import default_rng
from wordmodel import language


@pytest.fixture(scope="module")
def made() -> dict[str, list[dict[str, str]]]:
    return {name: list(case(40, language(1), default_rng(1), random.Random(1))) for name, case in CASES.items()}


def test_every_case_has_as_many_articles_as_asked_for(made: dict[str, list[dict[str, str]]]) -> None:
    assert {name: len(rows) for name, rows in made.items()} == dict.fromkeys(CASES, 40)


def test_copies_are_one_story_and_no_two_are_equal(made: dict[str, list[dict[str, str]]]) -> None:
    texts = [row["text"] for row in made["copies"]]
    assert len(set(texts)) == 40
    first, *others = (set(text.split()) for text in texts)
    assert all(len(first & other) > 0.7 * len(other) for other in others)


def test_the_footer_of_300_words_stands_under_articles_of_different_outlets(
    made: dict[str, list[dict[str, str]]],
) -> None:
    assert len({row["source"] for row in made["footer"]}) == 40
    [footer] = {row["text"].rpartition("\n\n")[2] for row in made["footer"]}
    assert len(footer.split()) == 300


def test_notes_differ_in_numbers_and_names_only(made: dict[str, list[dict[str, str]]]) -> None:
    forms = {re.sub(r"(?<=\w )[A-Z]\w+|\d[\d,]*", "_", row["text"]) for row in made["notes"]}
    assert len(forms) == 1
    assert len({row["text"] for row in made["notes"]}) == 40


def test_titles_have_no_text(made: dict[str, list[dict[str, str]]]) -> None:
    assert all(row["title"] and not row["text"] for row in made["titles"])


def test_pages_hold_an_article_among_links_in_three_kinds_of_markup(tmp_path: Path) -> None:
    words = pages(60, tmp_path, 1)
    markups = [path.read_text("utf-8") for path in sorted(tmp_path.glob("*.html"))]
    assert len(markups) == 60
    assert words > 60 * 200
    assert all(markup.count("<li") >= 200 for markup in markups)
    assert {re.search("<article>|story-body|<table>", markup)[0] for markup in markups} == {  # type: ignore[index]
        "<article>",
        "story-body",
        "<table>",
    }
