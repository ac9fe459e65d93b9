"""Sketches: what is kept of an article, without its furniture."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from dedup.config import SketchConfig
from dedup.sketch import Sketches, sketch
from dedup.tokens import FURNITURE, tokenise
from dedup.words import number_words

STORM = "Two ferries lost their moorings in the night and drifted on to the eastern sandbank of Port Ansel."
PLEA = "Subscribe now for full access to everything."


def sketched(*texts: str, config: SketchConfig | None = None) -> Sketches:
    batch = tokenise(texts)
    return sketch(*number_words(batch.hashes), batch.flags, batch.offsets, config or SketchConfig())


def test_furniture_leaves_no_trace() -> None:
    batch = tokenise([f"{PLEA} {STORM}", STORM])
    flags = batch.flags.copy()
    flags[:7] |= FURNITURE
    made = sketch(*number_words(batch.hashes), flags, batch.offsets, SketchConfig())
    assert made.words.tolist() == [18, 18]
    assert made.body_hashes[0].tolist() == made.body_hashes[1].tolist()
    assert made.signatures[0].tolist() == made.signatures[1].tolist()
    assert made.tokens[:18].tolist() == made.tokens[18:].tolist()
    assert not np.any(made.flags & FURNITURE)


def test_the_body_hash_knows_words_and_their_order_but_not_case_and_marks() -> None:
    made = sketched("The quay is shut.", "THE QUAY, is shut!", "Shut is the quay.", "The quay is", "")
    same = [hash_ == made.body_hashes[0].tolist() for hash_ in made.body_hashes.tolist()]
    assert same == [True, True, False, False, False]


@pytest.mark.parametrize("texts", [(), ("",), ("one",), ("", "one two", "")])
def test_texts_shorter_than_any_run_have_sketches_too(texts: tuple[str, ...]) -> None:
    made = sketched(*texts)
    assert len(made) == len(texts) == len(made.signatures) == len(made.body_hashes)
    assert made.words.tolist() == [len(text.split()) for text in texts]


def test_options_decide_the_size_of_a_signature() -> None:
    assert sketched(STORM, config=SketchConfig(num_perm=64)).signatures.shape == (1, 64)


def test_a_signature_can_leave_for_datasketch(invent: Callable[..., str]) -> None:
    config = SketchConfig(seed=9)
    made = sketched(invent(1), invent(1).replace("harbour", "marina"), invent(2), config=config)
    one, near, other = (made.to_datasketch(i, config) for i in range(3))
    assert one.jaccard(near) > 0.4 > 0.1 > one.jaccard(other)
    assert (one.seed, len(one)) == (9, 128)


def test_a_sketch_does_not_depend_on_its_neighbours() -> None:
    alone, among = sketched(STORM), sketched("Rain again.", STORM, PLEA)
    assert alone.signatures[0].tolist() == among.signatures[1].tolist()
    assert alone.body_hashes[0].tolist() == among.body_hashes[1].tolist()
