"""From candidates to judged pairs: what is set aside is no copy, and what has a say in a story is heard."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from dedup.assemble import Corpus, assemble
from dedup.background import Background
from dedup.candidates import MEMBER, Candidates, propose
from dedup.cluster import Story, group_stories, strengths
from dedup.config import Config, GradeConfig
from dedup.grade import COLUMNS, can_be_copy, grade, load_model
from dedup.graph import components
from dedup.ingest import batch_articles, clean_article
from dedup.judging import Judged, grade_pairs, judge, least_overlap, long_enough
from dedup.pipeline import collect
from dedup.records import Article
from dedup.sketch import sketch
from dedup.tokens import tokenise
from dedup.verify import LATER, measure
from dedup.words import number_words

from .conftest import FERRY

SAMPLES = Path(__file__).parent.parent / "samples" / "drop"

#: Beside FERRY, two reports that each quote one of its two people, and have nothing but a sentence in common.
ISLANDERS = (
    "Nobody on the pier wanted to believe it. By seven votes to five, councillors in Tarnhaven have decided to "
    "part with the Maid of Orlo, the ferry that links the island with the mainland.\n\n“A town on an island that "
    "sells its only ferry has stopped believing in visitors,” said Pieter Hagedorn, one of the five, who walked "
    "out of the hall.\n\nA company in Velmora plans hotel rooms on the Maid of Orlo. Islanders will cross on a "
    "rented catamaran from June, at twice the fare."
)
HOTEL = (
    "A hotel that once was a ferry: investors from Velmora have bought the Maid of Orlo from Tarnhaven for two "
    "million crowns, if the ministry of shipping agrees.\n\nThe ferry of 1931 needs a new hull. “She has carried "
    "our grandparents to market and our children to school, and she is tired,” harbour master Gudrun Felsing told "
    "the council of Tarnhaven on Tuesday.\n\nFor the investors the rust is no obstacle, since the boat is to lie "
    "in a dry dock. Forty cabins are planned.\n\nIslanders will cross on a rented catamaran from June, at twice "
    "the fare."
)
#: A portrait that quotes one of the two and is about something else.
PORTRAIT = (
    "Pieter Hagedorn keeps bees behind the old lighthouse and has never owned a car. At seventy-one he is the "
    "longest serving councillor that the northern islands have known, and the only one who still answers letters "
    "by hand.\n\nHe grew up above his father's bakery, learned to mend clocks in Osk, and came home when the "
    "bakery burned. His sentences travel far. “A town on an island that sells its only ferry has stopped believing "
    "in visitors,” he said this week, and a brewery printed it on its beer mats.\n\nOn Sundays he plays the organ "
    "in the chapel of Upper Tarn, badly, as he says himself, and afterwards walks eleven kilometres back along the "
    "cliffs."
)
PRESS = {"ferry": FERRY, "hotel": HOTEL, "islanders": ISLANDERS, "portrait": PORTRAIT}


def corpus_of(texts: dict[str, str]) -> Corpus:
    articles = [Article(id=name, body=body, publisher=f"The {name}") for name, body in texts.items()]
    return assemble([batch_articles([clean_article(article, Config()) for article in articles])], [], Config().sketch)


@pytest.fixture(scope="module")
def press() -> Corpus:
    return corpus_of(PRESS)


@pytest.fixture(scope="module")
def samples() -> Corpus:
    found = collect(SAMPLES, Config(), 1, lambda *_: None)
    return assemble(found.batches, found.skipped, Config().sketch)


@pytest.fixture(scope="module", params=["press", "samples"])
def corpus(request: pytest.FixtureRequest) -> Corpus:
    found: Corpus = request.getfixturevalue(request.param)
    return found


def proposed(corpus: Corpus, background: Background) -> Candidates:
    given = corpus.sketches, corpus.titles, long_enough(corpus, Config()), Config().candidates, background
    return propose(*given, outlets=corpus.outlets, least=least_overlap(corpus.sketches.words))


def judged(corpus: Corpus, background: Background, jobs: int = 1) -> Judged:
    return judge(corpus, proposed(corpus, background), background, Config(), jobs=jobs)


def judged_in_full(corpus: Corpus, background: Background) -> Judged:
    """Every proposed pair, and every pair inside a component of copies, measured in full; nothing is set aside."""

    def graded(pairs: Candidates) -> Judged:
        rows, complete = measure(corpus.sketches, pairs.a, pairs.b, background, corpus.outlets)
        assert complete.all()
        return Judged(pairs, rows, grade_pairs(corpus, pairs, rows, Config()))

    found = graded(proposed(corpus, background))
    known = set(pairs_of(found))
    groups = components(pairs_of(found.copies))
    more = sorted({pair for group in groups for pair in combinations(group, 2)} - known)
    a, b = np.array(more, np.int32).reshape(-1, 2).T
    unknown = Candidates(a.copy(), b.copy(), np.full(len(more), MEMBER, np.uint8))
    return graded(found.pairs.joined(unknown))


def pairs_of(found: Judged) -> list[tuple[int, int]]:
    return list(zip(found.pairs.a.tolist(), found.pairs.b.tolist(), strict=True))


def named(corpus: Corpus, pairs: Candidates) -> list[tuple[str, str]]:
    return [(corpus.ids[a], corpus.ids[b]) for a, b in zip(pairs.a, pairs.b, strict=True)]


def stories(found: Judged) -> list[Story]:
    a, b, graded = found.pairs.a, found.pairs.b, found.graded
    return group_stories(a, b, graded.codes, strengths(a, b, graded.codes, graded.link), 0.4)


def members(corpus: Corpus, found: Judged) -> list[list[str]]:
    return [[corpus.ids[index] for index in story.members] for story in stories(found)]


def nothing(_: slice, rows: NDArray[np.float32]) -> NDArray[np.bool_]:
    return np.zeros(len(rows), bool)


def test_setting_pairs_aside_changes_no_copy_and_no_story(corpus: Corpus, background: Background) -> None:
    found, full = judged(corpus, background), judged_in_full(corpus, background)
    assert len(found) < len(full)
    assert pairs_of(found.copies) == pairs_of(full.copies)
    assert (found.copies.features == full.copies.features).all()
    assert (found.copies.graded.confidence == full.copies.graded.confidence).all()
    assert stories(found) == stories(full)


def test_a_pair_set_aside_inside_a_component_has_its_say(press: Corpus, background: Background) -> None:
    """Three reports of one press conference, two of them with hardly anything in common: each bears the others out."""
    found, pair = judged(press, background), ("hotel", "islanders")
    candidates = proposed(press, background)
    rows, _ = measure(press.sketches, candidates.a, candidates.b, background, press.outlets, wanted=nothing)
    equal = np.zeros(len(candidates), bool)
    possible = can_be_copy(rows, equal, load_model(), GradeConfig())
    assert not possible[named(press, candidates).index(pair)]

    place = named(press, found.pairs).index(pair)
    assert found.graded.codes[place] == 0
    assert found.graded.link[place].min() == 0 < found.graded.link[place].max()
    assert found.features[place, COLUMNS["rest_cosine"]] > 0.3
    assert members(press, found) == [["ferry", "hotel", "islanders"]]
    unheard = found.only(np.arange(len(found)) != place)
    assert members(press, unheard) == [["ferry", "hotel"]]


def test_a_pair_set_aside_outside_all_components_stays_there(press: Corpus, background: Background) -> None:
    assert ("islanders", "portrait") in named(press, proposed(press, background))
    assert named(press, judged(press, background).pairs) == [
        ("ferry", "hotel"),
        ("ferry", "islanders"),
        ("hotel", "islanders"),
    ]


def test_judged_pairs_are_sorted_and_distinct(corpus: Corpus, background: Background) -> None:
    pairs = pairs_of(judged(corpus, background))
    assert pairs == sorted(set(pairs))


def test_threads_do_not_change_what_is_judged(corpus: Corpus, background: Background) -> None:
    one, two = (judged(corpus, background, jobs) for jobs in (1, 2))
    assert pairs_of(one) == pairs_of(two)
    assert (one.features == two.features).all()
    assert (one.graded.link == two.graded.link).all()


def test_without_candidates_nothing_is_judged(press: Corpus, background: Background) -> None:
    none = Candidates(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.uint8))
    assert len(judge(press, none, background, Config())) == 0


def test_progress_ends_at_the_last_total(press: Corpus, background: Background) -> None:
    heard: list[tuple[str, int, int | None]] = []
    judge(*(press, proposed(press, background), background, Config()), track=lambda *said: heard.append(said))
    assert {stage for stage, _, _ in heard} == {"verify"}
    assert sum(done for _, done, _ in heard) == heard[-1][2]


# What the first half of the measures rules out.


def mixed(invent: Callable[..., str], count: int) -> list[tuple[str, str]]:
    """Pairs of all kinds: among its own words the second text holds a stretch of the first, some words replaced."""
    dice = random.Random(11)
    pairs = []
    for seed in range(count):
        source = invent(seed, dice.randint(30, 200)).split()
        start = dice.randrange(len(source))
        taken = source[start : start + dice.choice([4, 10, 14, 20, 40, 200])]
        share = dice.choice([0.0, 0.0, 0.1, 0.3])
        taken = [f"x{dice.randrange(90)}" if dice.random() < share else word for word in taken]
        marks = ("“", "”") if dice.random() < 0.3 else ("", "")
        own = [invent(seed + 1000 * k, dice.choice([0, 0, 10, 60])) for k in (1, 2)]
        pairs.append((" ".join(source), f"{own[0]} {marks[0]}{' '.join(taken)}{marks[1]} {own[1]}"))
    return pairs


def both_halves(
    texts: Sequence[str], pairs: Iterable[tuple[int, int]], background: Background
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    batch = tokenise(texts)
    made = sketch(*number_words(batch.hashes), batch.flags, batch.offsets, Config().sketch)
    a, b = np.array(list(pairs), np.int32).T.copy()
    outlets = np.full(len(texts), -1)
    half, _ = measure(made, a, b, background, outlets, wanted=nothing)
    full, _ = measure(made, a, b, background, outlets)
    return half, full


@pytest.mark.parametrize(
    "config",
    [GradeConfig(), GradeConfig(min_confidence=0.1), GradeConfig(min_confidence=0.95), GradeConfig(near_jaccard=0.05)],
    ids=str,
)
def test_what_cannot_be_a_copy_is_none_when_it_is_measured_in_full(
    background: Background, invent: Callable[..., str], samples: Corpus, config: GradeConfig
) -> None:
    candidates = propose(
        *(samples.sketches, samples.titles, long_enough(samples, Config()), Config().candidates, background)
    )
    asked = samples.sketches, candidates.a, candidates.b, background, samples.outlets
    rows = [(measure(*asked, wanted=nothing)[0], measure(*asked)[0])]
    texts = [text for pair in mixed(invent, 300) for text in pair]
    rows.append(both_halves(texts, ((k, k + 1) for k in range(0, len(texts), 2)), background))
    for half, full in rows:
        equal = np.zeros(len(half), bool)
        possible = can_be_copy(half, equal, load_model(), config)
        copies = grade(full, equal, load_model(), config).codes > 0
        assert 0 < copies.sum() <= possible.sum() < len(possible)
        assert possible[copies].all()


def test_equal_texts_can_be_copies_whatever_was_measured() -> None:
    rows = np.zeros((2, len(COLUMNS)), np.float32)
    assert can_be_copy(rows, np.array([True, False]), load_model(), GradeConfig()).tolist() == [True, False]


def test_the_columns_that_come_later_are_not_read(background: Background) -> None:
    half, _ = both_halves(list(PRESS.values()), combinations(range(4), 2), background)
    filled = half.copy()
    filled[:, [COLUMNS[name] for name in LATER if name != "jaccard"]] = 0.7
    equal = np.zeros(len(half), bool)
    assert (
        can_be_copy(half, equal, load_model(), GradeConfig()).tolist()
        == can_be_copy(filled, equal, load_model(), GradeConfig()).tolist()
    )
