"""Whole-text measures, each against the plain definition or the library it follows."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfTransformer

from dedup.background import Background
from dedup.similarity import (
    forget,
    gram_set,
    jaccard,
    match_sentences,
    rest_fit,
    sentence_bounds,
    term_overlap,
)
from dedup.tokens import tokenise_one

from .conftest import Text

VALUES = st.lists(st.integers(0, 6), max_size=30)
BAG = st.lists(st.integers(0, 9), min_size=1, max_size=30)
#: Idf of ten words.
IDF = np.array([0.125, 0.5, 1.0, 1.75, 2.5, 3.25, 4.875, 6.125, 8.0, 10.25])


def tokens(values: list[int]) -> NDArray[np.uint64]:
    """Small numbers spread over 64 bits, as token hashes are."""
    return np.array(values, np.uint64) * np.uint64(0xC2B2AE3D27D4EB4F) + np.uint64(0x165667B19E3779F9)


@settings(deadline=None)
@given(VALUES, VALUES, st.integers(1, 5))
def test_jaccard_equals_that_of_python_sets(a: list[int], b: list[int], size: int) -> None:
    def grams(values: list[int]) -> set[tuple[int, ...]]:
        width = min(size, len(values))
        return {tuple(values[k : k + width]) for k in range(len(values) - width + 1)} if values else set()

    first, second = grams(a), grams(b)
    union = first | second
    assert len(gram_set(tokens(a), size)[1]) == len(first)
    (table, grams), (_, others) = (gram_set(tokens(text), size) for text in (a, b))
    found = jaccard(table, len(grams), others)
    assert found == pytest.approx(len(first & second) / len(union) if union else 0.0)


def bag(words: list[int]) -> Text:
    """A text of words without flags, each below ten."""
    return Text(np.array(words, np.int32), np.zeros(len(words), np.uint8), IDF.astype(np.float32))


def overlap(a: Text, b: Text) -> tuple[float, float, float]:
    """Cosine, shared names, shared numbers."""
    found: tuple[float, float, float] = term_overlap(a.weight, a.idf, a.name, b.weight, b.idf, b.name, b.terms_in(a))
    return found


def sklearn_weights(*texts: list[int]) -> Any:
    counts = np.array([[Counter(text)[term] for term in range(10)] for text in texts], float)
    model = TfidfTransformer(norm="l2", use_idf=True, sublinear_tf=True)
    model.fit(counts)
    model.idf_ = IDF
    return model.transform(counts).toarray()


@settings(deadline=None)
@given(BAG, BAG)
def test_cosine_equals_that_of_scikit_learn(a: list[int], b: list[int]) -> None:
    theirs = sklearn_weights(a, b)
    assert overlap(bag(a), bag(b))[0] == pytest.approx(float(theirs[0] @ theirs[1]), abs=1e-5)


@settings(deadline=None)
@given(BAG)
def test_term_weights_equal_those_of_scikit_learn(words: list[int]) -> None:
    text = bag(words)
    distinct = list(dict.fromkeys(words))  # terms are numbered as they appear
    assert text.term.tolist() == [distinct.index(word) for word in words]
    assert text.idf == pytest.approx(IDF[distinct])
    assert text.weight == pytest.approx(sklearn_weights(words)[0][distinct], abs=1e-5)


@settings(deadline=None)
@given(BAG, BAG, st.data())
def test_what_is_left_of_two_texts_is_compared_by_its_telling_words(
    a: list[int], b: list[int], data: st.DataObject
) -> None:
    """Cosines of the uncovered parts with each other, and of each with the covered part of its own text."""
    bits = st.integers(0, 1)
    covered = [data.draw(st.lists(bits, min_size=len(text), max_size=len(text))) for text in (a, b)]
    parts = [
        [w for w, c in zip(text, cover, strict=True) if c == inside and IDF[w] >= 2.0]
        for text, cover in zip((a, b), covered, strict=True)
        for inside in (0, 1)
    ]
    rest_a, shared_a, rest_b, shared_b = sklearn_weights(*parts)
    expected = [rest_a @ rest_b]
    expected += [x @ y if x.any() and y.any() else 1.0 for x, y in ((rest_a, shared_a), (rest_b, shared_b))]
    first, second = bag(a), bag(b)
    marks = [np.array(cover, np.uint8) for cover in covered]
    found = rest_fit(first.term, first.idf, marks[0], second.term, second.idf, marks[1], second.terms_in(first))
    assert found == pytest.approx([float(value) for value in expected], abs=1e-5)


@settings(deadline=None)
@given(VALUES, VALUES)
def test_translation_finds_equal_words_and_only_those(a: list[int], b: list[int]) -> None:
    first, second = bag(a), bag(b)
    numbers = list(dict.fromkeys(a))
    assert second.terms_in(first).tolist() == [numbers.index(w) if w in numbers else -1 for w in dict.fromkeys(b)]


@settings(deadline=None)
@given(VALUES)
def test_a_text_forgotten_leaves_the_table_empty_for_the_next(words: list[int]) -> None:
    text = bag(words)
    assert np.flatnonzero(text.place >= 0).tolist() == sorted(set(words))
    forget(text.words, text.first, text.place)
    assert text.place.tolist() == [-1] * 10


def names_of(text: str, background: Background) -> set[str]:
    batch, [described] = tokenise_one(text), Text.several(background, text)
    named = [described.name[k] > 0 for k in described.term]
    return {text[s:e] for s, e, name in zip(batch.starts, batch.ends, named, strict=True) if name}


def test_names_are_capitals_inside_a_sentence_and_numbers(background: Background) -> None:
    text = "Yesterday mayor Ines Tamber counted 40 ferries. Nobody sank."
    assert names_of(text, background) == {"Ines", "Tamber", "40"}


def test_shared_names_are_weighed_against_the_poorer_side(blank_background: Background) -> None:
    one, same, half = Text.several(
        blank_background,
        "the mayor Ines Tamber met Oda Brandvik",
        "the sailor Ines Tamber left",
        "the sailor Ines left with Gustav Holm",
    )
    assert [overlap(one, other)[1] for other in (same, half)] == [1.0, pytest.approx(1 / 3)]


def test_shared_numbers_are_weighed_against_the_fewer(blank_background: Background) -> None:
    one, same, half = Text.several(
        blank_background,
        "sold 11, 12, 13, 14 and 15 boats",
        "bought 11, 12, 13 and 14 boats",
        "lost 11, 12, 98, 99 and 97 boats",
    )
    assert [overlap(one, other)[2] for other in (same, half)] == [1.0, pytest.approx(2 / 5)]


def test_without_names_or_numbers_nothing_is_said_of_them(blank_background: Background) -> None:
    one, other = Text.several(blank_background, "the boats sail at noon", "the boats sail at midnight")
    cosine, names, numbers = overlap(one, other)
    assert 0.5 < cosine < 1.0
    assert names == numbers == -1.0


def test_the_cosine_of_a_text_with_itself_is_one_and_with_nothing_is_zero() -> None:
    some = bag([1, 2, 2, 9])
    assert overlap(some, some)[0] == pytest.approx(1.0, abs=1e-6)
    assert overlap(some, bag([]))[0] == overlap(bag([]), some)[0] == 0.0


def test_sentences_under_five_words_join_their_neighbour() -> None:
    text = "He left. Then the whole council walked out too. It rained. Nobody in Orlo was surprised by that."
    batch = tokenise_one(text)
    bounds = sentence_bounds(batch.flags)
    firsts = [text[batch.starts[at] : batch.ends[at]] for at in bounds[:-1]]
    assert firsts == ["He", "It"]
    assert bounds[-1] == len(batch.hashes)


def told(a: str, b: str, background: Background) -> list[list[float]]:
    """How well each sentence of a, and of b, is told by the other text."""
    one, other = Text.several(background, a, b)
    found = match_sentences(one.term, one.idf, one.bounds, other.term, other.idf, other.bounds, other.terms_in(one))
    best_a, _, best_b, _ = found
    return [best_a.tolist(), best_b.tolist()]


def test_a_reworded_sentence_is_found(background: Background) -> None:
    a = "Nobody was hurt in the fire. Divers from Tarn tested the welded pillars of the Orlo footbridge on Tuesday."
    b = "On Tuesday the welded footbridge pillars in Orlo were tested by divers who came from Tarn."
    [fire, divers], [retold] = told(a, b, background)
    assert fire == 0.0
    assert divers == retold > 0.5


def test_a_stock_sentence_is_not(background: Background) -> None:
    a = "He said that it was the first time that they had been able to do so in the past year."
    b = "She said it was not the first time they had been able to do that in a year."
    assert told(a, b, background) == [[0.0], [0.0]]


def test_two_names_alone_make_no_reworded_sentence(background: Background) -> None:
    a = "Police in London said the burglar fled through the skylight of a jewellery shop before dawn."
    b = "London officers welcomed a proposal for cheaper tickets on Sunday trams along the coast."
    assert told(a, b, background) == [[0.0], [0.0]]


@settings(deadline=None)
@given(st.lists(st.integers(4, 9), max_size=40), st.lists(st.integers(4, 9), max_size=40))
def test_matched_sentences_equal_the_definition(a: list[int], b: list[int]) -> None:
    """Sentences of five words each; every word here is a telling one."""

    def sentences(words: list[int]) -> list[set[int]]:
        return [set(words[k : k + 5]) for k in range(0, len(words), 5)]

    def mass(words: set[int]) -> float:
        return float(IDF[list(words)].sum())

    def score(one: set[int], other: set[int]) -> float:
        common = mass(one & other)
        return common / math.sqrt(mass(one) * mass(other)) if common >= 12.0 else 0.0

    first, second = bag(a), bag(b)
    cuts = [np.array([*range(0, len(words), 5), len(words)], np.int32) for words in (a, b)]
    found = match_sentences(first.term, first.idf, cuts[0], second.term, second.idf, cuts[1], second.terms_in(first))
    best_a, mass_a, best_b, mass_b = found
    assert mass_a == pytest.approx([mass(s) for s in sentences(a)])
    assert mass_b == pytest.approx([mass(s) for s in sentences(b)])
    assert best_a == pytest.approx([max((score(s, t) for t in sentences(b)), default=0.0) for s in sentences(a)])
    assert best_b == pytest.approx([max((score(s, t) for t in sentences(a)), default=0.0) for s in sentences(b)])
