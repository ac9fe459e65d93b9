"""Quotations: where they stand, and which are shared, word for word or re-told."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.background import Background
from dedup.quotes import quote_bounds, shared_quotes, statements, told_anew, wording_in
from dedup.similarity import index_spans, masses, spans_of
from dedup.tokens import tokenise_one

from .conftest import Text

WELD = "We will not send a single bus across before the last weld is tested"
RETOLD = "We shall not send one bus across until the last weld has been tested"
HERRING = "Silver herring fed this harbour for nine generations of fishermen"
STOCK = "I am very happy about it and I want to thank all of you for that"


def quotes_in(text: str) -> list[str]:
    batch = tokenise_one(text)
    return [text[batch.starts[s] : batch.ends[e - 1]] for s, e in quote_bounds(batch.flags)]


def shared(a: str, b: str, background: Background) -> tuple[int, float]:
    one, other = Text.several(background, a, b)
    quotes_a, quotes_b = quote_bounds(one.flags), quote_bounds(other.flags)
    mass_a, mass_b = masses(one.term, one.idf, quotes_a), masses(other.term, other.idf, quotes_b)
    index = index_spans(one.term, one.idf > 0, quotes_a)
    found: tuple[int, float] = shared_quotes(
        index, mass_a, other.term, other.idf, quotes_b, mass_b, other.terms_in(one)
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
    assert shared(f"“{WELD},” she said.", f'He quoted her: "{WELD}".', background) == (1, 1.0)


def test_a_retold_quotation_is_shared(background: Background) -> None:
    count, best = shared(f"“{WELD}.”", f"«{RETOLD}.»", background)
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


# Stretches of a text by the terms they hold.


def spans_with(index: Any, term: int) -> list[int]:
    """The spans that the index names for a term."""
    head, span, following = index
    found, link = [], head[term]
    while link >= 0:
        found.append(int(span[link]))
        link = following[link]
    return sorted(found)


def terms(*numbers: int) -> Any:
    return np.array(numbers, np.int32)


def spans(*bounds: tuple[int, int]) -> Any:
    return np.array(bounds, np.int32).reshape(-1, 2)


def test_a_term_is_found_in_the_spans_that_hold_it_once_each() -> None:
    text = terms(0, 1, 0, 9, 2, 1, 1, 8)
    index = index_spans(text, np.ones(10, bool), spans((0, 3), (4, 7)))
    assert [spans_with(index, term) for term in (0, 1, 2)] == [[0], [0, 1], [1]]
    assert spans_with(index, 8) == spans_with(index, 9) == []  # beside the spans


def test_terms_that_are_not_wanted_are_in_no_span() -> None:
    index = index_spans(terms(0, 1, 0), np.array([True, False]), spans((0, 3)))
    assert (spans_with(index, 0), spans_with(index, 1)) == ([0], [])


@settings(deadline=None)
@given(st.lists(st.integers(0, 5), max_size=30), st.sets(st.integers(0, 30), max_size=8), st.sets(st.integers(0, 5)))
def test_an_index_of_spans_equals_the_definition(text: list[int], cuts: set[int], wanted: set[int]) -> None:
    bounds = terms(*sorted({min(cut, len(text)) for cut in cuts} | {0}))
    parts = spans_of(bounds)
    index = index_spans(terms(*text), np.array([term in wanted for term in range(6)]), parts)
    for term in range(6):
        held = [s for s, (start, end) in enumerate(parts) if term in wanted and term in text[start:end]]
        assert spans_with(index, term) == held


def test_the_mass_of_a_span_is_that_of_its_distinct_words() -> None:
    idf = np.array([1.0, 2.0, 4.0], np.float32)
    found = masses(terms(0, 1, 1, 2, 2, 0), idf, spans((0, 3), (3, 5), (5, 5)))
    assert found.tolist() == [3.0, 4.0, 0.0]


def test_a_statement_that_is_interrupted_to_name_its_speaker_is_one() -> None:
    assert statements(spans((0, 6), (10, 20), (31, 40))).tolist() == [[0, 20], [31, 40]]
    assert statements(spans()).tolist() == []


# Told anew.

#: Terms of a statement: five wording words, a name, and "the".
IDF = np.array([4.0, 4.0, 4.0, 4.0, 4.0, 9.0, 0.1], np.float32)
NAME = np.array([0, 0, 0, 0, 0, 1, 0], np.uint8)


def told_by(*sentences: tuple[int, ...], said: Any = None) -> tuple[int, float]:
    """How far the statement of terms 0 to 6 is told in these sentences, the terms being the same on both sides."""
    other = terms(*(term for sentence in sentences for term in sentence))
    parts = spans_of(np.cumsum([0, *map(len, sentences)]).astype(np.int32))
    index = index_spans(other, (IDF >= 1.0) & (NAME == 0), parts)
    statement = spans((0, 7)) if said is None else said
    count, told = told_anew(terms(*range(7)), IDF, NAME, statement, index, len(parts), terms(*range(7)))
    return int(count), round(float(told), 4)


def test_a_statement_of_which_every_word_is_told_is_told_anew_with_its_whole_mass() -> None:
    assert told_by((4, 2, 0, 1, 3)) == (1, 20.0)


def test_a_statement_may_be_told_in_two_sentences_side_by_side_and_not_in_two_far_apart() -> None:
    assert told_by((0, 1), (2,)) == (1, 12.0)
    assert told_by((0, 1), (6,), (2,)) == (0, round(8.0 * (0.4 - 0.25) / 0.35, 4))


def test_less_than_a_quarter_of_its_words_is_chance() -> None:
    assert told_by((0,)) == (0, 0.0)


def test_a_word_told_twice_counts_once() -> None:
    assert told_by((0, 0, 0, 0)) == (0, 0.0)


def test_names_and_little_words_are_no_wording() -> None:
    assert told_by((5, 6)) == (0, 0.0)
    assert told_by((0, 1, 2)) == told_by((0, 1, 2, 5, 6))


def test_a_statement_of_hardly_any_wording_says_too_little() -> None:
    assert told_by((0, 1), said=spans((0, 2))) == (0, 0.0)
    assert told_by((0, 1, 2), said=spans((0, 3))) == (1, 12.0)


def told(a: str, b: str, background: Background) -> int:
    """How many statements of a are told anew in b."""
    one, other = Text.several(background, a, b)
    said, sentences, there = statements(quote_bounds(one.flags)), spans_of(other.bounds), one.terms_in(other)
    wording = wording_in(one.term, one.idf, one.name, said, there, len(other.idf))
    index = index_spans(other.term, wording, sentences)
    count, _ = told_anew(one.term, one.idf, one.name, said, index, len(sentences), there)
    return int(count)


def test_a_statement_turned_into_reported_speech_is_told_anew(background: Background) -> None:
    reported = "No single bus would be sent across, she said. The last weld had to be tested first."
    assert told(f"It rained. “{WELD},” said Brandvik.", f"The bridge is shut. {reported}", background) == 1
    assert told(f"It rained. “{WELD},” said Brandvik.", f"The bridge is shut. {HERRING}.", background) == 0
    assert told(f"It rained. {WELD}, said Brandvik.", f"The bridge is shut. {reported}", background) == 0


def test_of_the_words_of_the_other_text_only_wording_of_a_statement_can_count() -> None:
    said, there = spans((0, 3)), terms(3, 4, -1, 0, 1, 2, 5)
    found = wording_in(terms(0, 5, 2, 4), IDF, NAME, said, there, 6)
    # Term 0 of the statement is term 3 there; 5 is a name, 2 does not occur there, 4 is not said.
    assert found.tolist() == [False, False, False, True, False, False]
