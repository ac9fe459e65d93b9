"""Grades: from the measures of a pair to what the two articles are to each other, and how sure that is.

Three small sets of boosted trees, trained on pairs that were graded by reading (benchmarks/train_grades.py) and
shipped as a list of numbers, answer three questions in turn: did text travel; if it did, at least an excerpt; and at
least a near duplicate? All three are monotone in every measure of sharing: more shared wording never lowers a grade.
Around them stand guards, rules that hold whatever the numbers say. The grade depends on the two articles and the
shipped background only, never on what else is in the folder.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from dedup.config import GradeConfig
from dedup.links import link_strengths
from dedup.records import Grade, Measures
from dedup.trees import Forest, chances

__all__ = [
    "DESIGN",
    "GRADES",
    "Graded",
    "Model",
    "can_be_copy",
    "design_matrix",
    "grade",
    "load_model",
    "measures",
    "probabilities",
    "rounded",
]

#: Grades by code, weakest first.
GRADES = (Grade.UNRELATED, Grade.REWRITE, Grade.EXCERPT, Grade.NEAR_DUPLICATE, Grade.EXACT)

#: A form filled in twice: this share of both texts is equal, and less than this share of both their
#: names and their numbers, by rarity.
_TEMPLATE_COVERAGE, _TEMPLATE_FACTS, _TEMPLATE_CONFIDENCE = 0.4, 0.45, 0.2

#: From this share of the shorter text, or of both, and this many words, text travelled whatever else they say.
_WHOLE_COVERAGE, _BOTH_COVERAGE, _WHOLE_WORDS, _CERTAIN = 0.8, 0.35, 20, 0.95

#: Passages of which this share are names and figures are a line-up or a table that both texts print, unless they are
#: most of a text.
_LIST_SHARE, _LIST_COVERAGE = 0.7, 0.6

#: Columns of `dedup.verify.FEATURES`, by name; a test keeps the two in step.
COLUMNS = {
    name: column
    for column, name in enumerate(
        (
            *("jaccard", "coverage_a", "coverage_b", "cosine", "rare_overlap", "longest_run", "shared_words"),
            *("shared_quotes", "best_quote", "shared_names", "longest_passage", "quoted_words"),
            *("plain_words", "plain_rarity", "sentences_a", "sentences_b"),
            *("words_a", "words_b", "rest_cosine", "same_outlet"),
            *("shared_numbers", "extent_a", "extent_b", "fit_a", "fit_b", "lead"),
            *("retold_quotes", "retold_mass", "retold_both", "listed_words"),
        )
    )
}


#: What the model sees of a pair, and how each may move the answer: 1 never down, -1 never up, 0 either way.
DESIGN = {
    "jaccard": 1,
    "coverage of the shorter": 1,
    "coverage of the longer": 1,
    "cosine": 1,
    "rare_overlap": 1,
    "rare_overlap per word": 1,
    "longest_run": 1,
    "shared_words": 1,
    "longest_passage": 1,
    "words in other passages": 1,
    "shared_quotes": 1,
    "best_quote": 1,
    "retold_quotes": 1,
    "retold_mass": 1,
    "retold_both": 1,
    "quoted_words": 1,
    "plain_words": 1,
    "plain_rarity": 1,
    "sentences told again": 1,
    "rest_cosine": 0,
    "shared_names": 1,
    "words of the shorter": 0,
    "same_outlet": -1,
    "shared_numbers": 0,
}
#: Those that the second half of the measures decides.
_LATER = ("sentences told again", "rest_cosine")


#: Columns that people are told of.
_MEASURED = (
    *("jaccard", "coverage_a", "coverage_b", "cosine", "rare_overlap", "longest_run", "shared_words", "shared_quotes"),
    *("longest_passage", "retold_quotes", "sentences_a", "sentences_b", "rest_cosine", "shared_names"),
)


@dataclass(frozen=True, slots=True)
class Model:
    """Trees over the columns of the design matrix."""

    version: str
    copied: Forest
    """Did text travel?"""
    excerpt: Forest
    """If it did: at least an excerpt?"""
    near: Forest
    """If it did: at least a near duplicate?"""


@dataclass(frozen=True, slots=True)
class Graded:
    """Grades of P pairs."""

    codes: NDArray[np.uint8]
    """uint8[P]: places in GRADES."""
    confidence: NDArray[np.float64]
    """float64[P]: chance (0-1) that text travelled."""
    link: NDArray[np.float64]
    """float64[P, 3]: strengths (0-1) with which the pair holds a cluster together, also where it is no copy by itself;
    the columns of `dedup.links`."""


def design_matrix(features: NDArray[np.float32]) -> NDArray[np.float64]:
    """What the model sees of feature rows float32[P, F]: the columns of DESIGN, float64[P, K]."""

    def column(name: str) -> NDArray[np.float64]:
        return features[:, COLUMNS[name]].astype(np.float64)

    shorter = np.maximum(1.0, np.minimum(column("words_a"), column("words_b")))
    derived = {
        "coverage of the shorter": np.maximum(column("coverage_a"), column("coverage_b")),
        "coverage of the longer": np.minimum(column("coverage_a"), column("coverage_b")),
        "rare_overlap per word": column("rare_overlap") / shorter,
        "words in other passages": np.maximum(0.0, column("shared_words") - column("longest_passage")),
        "sentences told again": np.minimum(column("sentences_a"), column("sentences_b")),
        "shared_names": np.where(column("shared_names") >= 0, column("shared_names"), column("cosine")),
        "words of the shorter": shorter,
    }
    return np.stack([derived[name] if name in derived else column(name) for name in DESIGN], axis=1)


@cache
def load_model() -> Model:
    """The shipped model."""
    stored = json.loads((resources.files("dedup") / "data" / "grades.json").read_text("utf-8"))
    return Model(stored["version"], *(Forest.from_dict(stored[name]) for name in ("copied", "excerpt", "near")))


def probabilities(features: NDArray[np.float32], model: Model) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(chance that text travelled, float64[P]; chances of at least an excerpt and a near duplicate if so, [P, 2])."""
    design = design_matrix(features)
    return chances(model.copied, design), np.stack(
        [chances(model.excerpt, design), chances(model.near, design)], axis=1
    )


def grade(features: NDArray[np.float32], equal: NDArray[np.bool_], model: Model, config: GradeConfig) -> Graded:
    """The grade of each pair.

    Args:
        features: float32[P, F], as `dedup.verify.measure` gives them.
        equal: bool[P], True where the two texts are equal word for word.
    """
    confidence, at_least = probabilities(features, model)
    codes = (1 + np.cumprod(at_least >= 0.5, axis=1).sum(axis=1)).astype(np.uint8)
    jaccard = features[:, COLUMNS["jaccard"]]
    high, low = _coverages(features)
    template, other_facts = _forms(features, equal)
    confidence[template] = np.minimum(confidence[template], _TEMPLATE_CONFIDENCE)
    # What cannot be chance: most or a good part of both texts equal, or nearly all of one in the other, however short.
    near = (jaccard >= config.near_jaccard) & ~template
    enough = (features[:, COLUMNS["shared_words"]] >= _WHOLE_WORDS) & ~template
    whole = (high >= _WHOLE_COVERAGE) & enough
    sure = near | whole | ((low >= _BOTH_COVERAGE) & enough & ~other_facts)
    confidence[sure] = np.maximum(confidence[sure], _CERTAIN)
    codes[whole & (codes < 2)] = 2
    codes[near] = 3
    codes[equal] = 4
    confidence[equal] = 1.0
    codes[confidence < config.min_confidence] = 0
    link = link_strengths(lambda name: features[:, COLUMNS[name]].astype(np.float64), confidence, equal)
    return Graded(codes, confidence, link)


def _forms(features: NDArray[np.float32], equal: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """(whether a pair is a form filled in twice, or lists what others list too, bool[P]; whether its facts differ).

    A form: the same sentences on both sides, about other people, places and figures.
    """
    high, low = _coverages(features)
    facts = np.maximum(features[:, COLUMNS["shared_names"]], features[:, COLUMNS["shared_numbers"]])
    other_facts = (facts >= 0) & (facts < _TEMPLATE_FACTS)  # noise of scanning breaks one kind, never both
    form = (low >= _TEMPLATE_COVERAGE) & other_facts
    listed = features[:, COLUMNS["listed_words"]] >= _LIST_SHARE * np.maximum(1, features[:, COLUMNS["shared_words"]])
    return (form | (listed & (high < _LIST_COVERAGE))) & ~equal, other_facts


def _coverages(features: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The larger and the smaller coverage of each pair."""
    sides = features[:, COLUMNS["coverage_a"]], features[:, COLUMNS["coverage_b"]]
    return np.maximum(*sides), np.minimum(*sides)


def can_be_copy(
    features: NDArray[np.float32], equal: NDArray[np.bool_], model: Model, config: GradeConfig
) -> NDArray[np.bool_]:
    """Whether `grade` could call a pair a copy, bool[P], by the first half of its measures: False is certain.

    Args:
        features: as `dedup.verify.measure` has them when it asks; `jaccard` is what it can be at most.
    """

    def column(name: str) -> NDArray[np.float32]:
        return features[:, COLUMNS[name]]

    design = design_matrix(features)
    design[:, [place for place, name in enumerate(DESIGN) if name in _LATER]] = np.nan
    high, low = _coverages(features)
    sure = (column("shared_words") >= _WHOLE_WORDS) & ((high >= _WHOLE_COVERAGE) | (low >= _BOTH_COVERAGE))
    sure |= (column("jaccard") >= config.near_jaccard) | equal
    possible: NDArray[np.bool_] = sure | (chances(model.copied, design) >= config.min_confidence)
    return possible & ~_forms(features, equal)[0] if config.min_confidence > _TEMPLATE_CONFIDENCE else possible


def measures(features: NDArray[np.float32]) -> list[Measures]:
    """The named measures of each feature row."""
    rows = zip(*(rounded(features[:, COLUMNS[name]], 4).tolist() for name in _MEASURED), strict=True)
    return [
        Measures(
            jaccard=jaccard,
            containment_a=coverage_a,
            containment_b=coverage_b,
            cosine=cosine,
            rare_overlap=round(rare_overlap, 2),
            longest_run=int(longest_run),
            shared_words=int(shared_words),
            shared_quotes=int(shared_quotes),
            longest_passage=int(longest_passage),
            retold_quotes=int(retold_quotes),
            told_again=min(sentences_a, sentences_b),
            rest_cosine=rest_cosine,
            shared_names=shared_names if shared_names >= 0 else cosine,
        )
        for (
            jaccard, coverage_a, coverage_b, cosine, rare_overlap, longest_run, shared_words, shared_quotes,
            longest_passage, retold_quotes, sentences_a, sentences_b, rest_cosine, shared_names,
        ) in rows
    ]  # fmt: skip


def rounded(values: NDArray[np.float32], digits: int) -> NDArray[np.float64]:
    """What `round` makes of each value, at a hundredth of its price: a float32 times a power of ten is exact.

    Example:
        >>> rounded(np.array([0.12345, 30.005, -2.5], np.float32), 2).tolist()
        [0.12, 30.0, -2.5]
    """
    power = 10.0**digits
    out: NDArray[np.float64] = np.rint(values.astype(np.float64) * power) / power
    return out
