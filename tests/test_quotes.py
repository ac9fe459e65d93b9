"""Quotations: where they stand, and which are shared, word for word or re-told."""

from __future__ import annotations

import pytest

from dedup.background import Background
from dedup.quotes import quote_bounds, shared_quotes
from dedup.similarity import describe, translate
from dedup.tokens import tokenise_one

WELD = "We will not send a single bus across before the last weld is tested"
RETOLD = "We shall not send one bus across until the last weld has been tested"
HERRING = "Silver herring fed this harbour for nine generations of fishermen"
STOCK = "I am very happy about it and I want to thank all of you for that"


def quotes_in(text: str) -> list[str]:
    batch = tokenise_one(text)
    return [text[batch.starts[s] : batch.ends[e - 1]] for s, e in quote_bounds(batch.flags)]


def shared(a: str, b: str, background: Background) -> tuple[int, float, float]:
    one, other = tokenise_one(a), tokenise_one(b)
    table = background.word_tags, background.word_idf, background.unseen_idf
    term_a, slots_a, first_a, idf_a, _, _ = describe(one.hashes, one.flags, *table)
    term_b, _, first_b, idf_b, _, _ = describe(other.hashes, other.flags, *table)
    in_a = translate(one.hashes, slots_a, first_a, other.hashes, first_b)
    found: tuple[int, float, float] = shared_quotes(
        term_a, idf_a, quote_bounds(one.flags), term_b, idf_b, quote_bounds(other.flags), in_a
    )
    return found


def test_quotations_of_five_words_or_more_are_found() -> None:
    text = f'“{WELD},” Brandvik said. “No way,” he added. "{HERRING}."'
    assert quotes_in(text) == [WELD, HERRING]


def test_quotations_side_by_side_are_two() -> None:
    assert quotes_in(f"“{WELD}” “{HERRING}”") == [WELD, HERRING]


def test_a_quotation_that_ends_the_text_is_found() -> None:
    assert quotes_in(f"She said: “{WELD}") == [WELD]


def test_a_text_without_quotations_has_none() -> None:
    assert quotes_in(WELD) == []
    assert quotes_in("") == []


def test_an_equal_quotation_is_shared_whatever_its_marks(background: Background) -> None:
    count, best, mass = shared(f"“{WELD},” she said.", f'He quoted her: "{WELD}".', background)
    assert (count, best) == (1, 1.0)
    assert mass > 14.0


def test_a_retold_quotation_is_shared(background: Background) -> None:
    count, best, _ = shared(f"“{WELD}.”", f"«{RETOLD}.»", background)
    assert count == 1
    assert 0.6 <= best < 1.0


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (f"“{WELD}.”", f"“{HERRING}.”"),
        (f"“{WELD}.”", WELD),
        (f"“{STOCK}.”", f"“{STOCK}.”"),
        ("", f"“{WELD}.”"),
    ],
    ids=["different", "not quoted on one side", "stock phrase", "nothing"],
)
def test_what_is_not_a_shared_statement_does_not_count(background: Background, a: str, b: str) -> None:
    assert shared(a, b, background)[0] == 0


def test_two_shared_quotations_count_two(background: Background) -> None:
    both = f"“{WELD},” she said. “{HERRING},” he said."
    assert shared(both, f"“{HERRING}.” And: “{WELD}.”", background)[0] == 2


def test_one_quotation_told_twice_counts_once(background: Background) -> None:
    assert shared(f"“{WELD}.”", f"“{WELD}.” And again: “{WELD}.”", background)[0] == 1
    assert shared(f"“{WELD}.” And again: “{WELD}.”", f"“{WELD}.”", background)[0] == 1


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (f"“{WELD}.”", f"“{RETOLD}.”"),
        (f"“weld weld weld weld weld {WELD}.”", f"“{HERRING} weld pillars.”"),
        (f"“{WELD} bus bus.”", f"“{RETOLD}.”"),
        (f"“{WELD}.”", f"“{WELD}.” And again: “{WELD}.”"),
        (f"“{WELD}.” “{HERRING}.”", f"“{WELD}. {HERRING}.”"),
    ],
    ids=["retold", "a word five times", "a word three times", "told twice", "two in one"],
)
def test_shared_quotations_do_not_depend_on_which_text_comes_first(background: Background, a: str, b: str) -> None:
    assert shared(a, b, background) == pytest.approx(shared(b, a, background), rel=1e-5)
