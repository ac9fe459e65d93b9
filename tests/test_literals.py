"""Literal strings are found wherever they begin, and an expression tried there finds what it finds anywhere."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dedup.literals import Literals, matches

SOME = ("told", "told us", "tells", "à la", "АП", "美联社")
TEXT = st.lists(
    st.sampled_from([*SOME, "to", "ld", "À", "à", "l", "А", "П", "美", " ", "\n", "’", "\ud800", "\0"])
).map("".join)


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("Röder told us so.", [6]),
        ("Untold harm, he tells.", [2, 16]),
        ("АП, 美联社", [0, 4]),
        ("tol", []),
        ("he was tol", []),
        ("", []),
    ],
)
def test_places_are_counted_in_characters_wherever_a_string_begins(text: str, places: list[int]) -> None:
    assert Literals(SOME).places(text) == places


@given(TEXT)
@example("told\0us")
def test_no_place_is_missed_and_none_is_made_up(text: str) -> None:
    assert Literals(SOME).places(text) == [at for at in range(len(text)) if text.startswith(SOME, at)]


def test_strings_of_two_bytes_are_found_too() -> None:
    assert Literals(["AP", "PA", "Reuters"]).places("PAP, Reuters, P") == [0, 1, 5]


@given(TEXT)
def test_an_expression_tried_at_its_places_finds_what_it_finds_anywhere(text: str) -> None:
    expression = re.compile(r"(?<!\w)(?:told us|told|tells|à la)(?!\w)")
    found = matches(expression, text, Literals(SOME).places(text))
    assert [m.span() for m in found] == [m.span() for m in expression.finditer(text)]


def test_matches_do_not_overlap() -> None:
    assert [m[0] for m in matches(re.compile("aXa"), "aXaXaXa", [0, 2, 4])] == ["aXa", "aXa"]
