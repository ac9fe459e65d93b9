"""Furniture by repetition of whole lines, of one outlet and of very many."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from dedup.background import load_background
from dedup.clean.furniture import line_hashes
from dedup.clean.notices import flag_lines, learn, learn_notices, matters
from dedup.tokens import FURNITURE, tokenise
from dedup.words import number_words

FOOTER = "The Tarn Herald is printed on recycled paper in Lower Tarn"
LONG = (
    "The dispute over the Orlo weir began in 2019 "
    + "when the upper mills asked for more water than the river had " * 2
)


def learned(texts: Sequence[str], outlets: Sequence[int]) -> set[str]:
    """The lines that repetition makes furniture."""
    batch = tokenise(texts)
    table = line_hashes(batch)
    numbers, words = np.array(outlets, np.int64), (*number_words(batch.hashes), batch.offsets)
    marked = learn(table, numbers, *words)
    marked |= learn_notices(
        table, numbers, lambda some, common: matters(some, common, table, *words, load_background())
    )
    owners = np.repeat(np.arange(len(texts)), np.diff(table.offsets))
    return {
        texts[owners[line]][batch.lines.char_start[line] : batch.lines.char_end[line]].strip()
        for line in np.flatnonzero(marked)
    }


Invent = Callable[..., str]


def test_a_footer_that_four_different_articles_of_an_outlet_share_is_furniture(invent: Invent) -> None:
    texts = [f"{invent(seed, 60)}\n{FOOTER}" for seed in range(4)]
    assert learned(texts, [1] * 4) == {FOOTER}


def test_case_and_marks_do_not_hide_a_footer(invent: Invent) -> None:
    texts = [
        f"{invent(seed, 60)}\n{line}" for seed, line in enumerate([FOOTER, FOOTER.upper(), f"– {FOOTER}! –", FOOTER])
    ]
    assert len(learned(texts, [1] * 4)) == 3


def test_two_articles_are_too_few(invent: Invent) -> None:
    assert learned([f"{invent(seed, 60)}\n{FOOTER}" for seed in range(2)], [1] * 2) == set()


def test_editions_of_one_story_keep_their_lines(invent: Invent) -> None:
    paragraphs = [invent(1, 40), invent(2, 40), invent(3, 40)]
    editions = ["\n".join(paragraphs), "\n".join([*paragraphs, invent(4, 30)]), "\n".join([invent(5, 30), *paragraphs])]
    assert learned(editions * 4, [1] * 12) == set()


def test_a_line_in_different_outlets_is_wire_copy_and_not_furniture(invent: Invent) -> None:
    assert learned([f"{invent(seed, 60)}\n{FOOTER}" for seed in range(4)], [1, 2, 3, 4]) == set()


@pytest.mark.parametrize(("count", "found"), [(4, False), (5, False), (6, True)])
def test_articles_of_unknown_outlets_must_repeat_a_line_twice_as_often(invent: Invent, count: int, found: bool) -> None:
    texts = [f"{invent(seed, 60)}\n{FOOTER}" for seed in range(count)]
    assert learned(texts, [-1] * count) == ({FOOTER} if found else set())


@pytest.mark.parametrize(("count", "found"), [(4, False), (5, True)])
def test_a_long_line_must_stand_in_five_stories(invent: Invent, count: int, found: bool) -> None:
    texts = [f"{invent(seed, 60)}\n{LONG}" for seed in range(count)]
    assert learned(texts, [1] * count) == ({LONG.strip()} if found else set())


@pytest.mark.parametrize("notice", [FOOTER, LONG.strip()])
@pytest.mark.parametrize(
    ("count", "outlets", "found"), [(15, 15, False), (16, 16, True), (16, 8, True), (14, 7, False)]
)
def test_what_outlets_print_under_articles_on_different_matters_is_furniture(
    invent: Invent, notice: str, count: int, outlets: int, found: bool
) -> None:
    texts = [f"{invent(seed, 80)}\n{notice}" for seed in range(count)]
    assert learned(texts, [seed % outlets for seed in range(count)]) == ({notice} if found else set())


def test_a_report_that_forty_outlets_print_keeps_its_lines(invent: Invent) -> None:
    paragraphs = [invent(1, 40), invent(2, 40), FOOTER]
    printed = ["\n".join([invent(seed, 9), *paragraphs]) for seed in range(10, 50)]
    assert learned(printed, range(40)) == set()


def test_a_statement_in_forty_reports_of_one_matter_is_not_furniture(invent: Invent) -> None:
    reports = [f"{invent(seed, 80)} Gudrun Felsing of the Orlo weir said so.\n{LONG}" for seed in range(40)]
    assert learned(reports, range(40)) == set()


def test_a_line_repeated_within_one_article_is_no_furniture(invent: Invent) -> None:
    assert learned([f"{invent(1, 60)}\n{FOOTER}\n{FOOTER}\n{FOOTER}\n{FOOTER}", invent(2, 60)], [1, 1]) == set()


def test_learned_lines_flag_their_words(invent: Invent) -> None:
    texts = [f"{invent(seed, 60)}\n{FOOTER}\nThe end {seed}" for seed in range(4)]
    batch = tokenise(texts)
    table, flags = line_hashes(batch), batch.flags.copy()
    flag_lines(table, learn(table, np.ones(4, np.int64), *number_words(batch.hashes), batch.offsets), flags)
    words = len(FOOTER.split())
    for i in range(4):
        marked = flags[batch.span(i)] & FURNITURE != 0
        assert marked.tolist() == [False] * 60 + [True] * words + [False] * 3


def test_nothing_teaches_nothing() -> None:
    assert learned([], []) == set()
    assert learned(["", ""], [1, 1]) == set()
