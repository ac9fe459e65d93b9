"""What all tests share: a builder of articles, a generator of texts that have nothing in common, and a background.

Every place, person and outlet is invented.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from dedup.background import Background, load_background
from dedup.records import Article
from dedup.tokens import tokenise_one

_WORDS = (
    "harbour council bridge storm ferry teacher budget river school factory tunnel market orchard library museum "
    "glacier vineyard airport quarry stadium lantern compass barley copper velvet timber saddle meadow pepper "
    "anchor basket candle dragon engine feather garden hammer island jacket kettle ladder mirror needle orange "
    "pillow quiver ribbon silver temple umbrella violin window yellow zipper bakery cellar desert ember falcon"
).split()


@pytest.fixture(name="article", scope="session")
def article_builder() -> Callable[..., Article]:
    """`article(body=..., id=..., title=..., ...)`: an article; only what a test is about needs to be said."""

    def article(body: str = "", id: str = "one", **fields: Any) -> Article:
        return Article(id=id, body=body, **fields)

    return article


@pytest.fixture(scope="session")
def invent() -> Callable[..., str]:
    """`invent(seed, words=120)`: running text whose word runs no other seed shares."""

    def text(seed: int, words: int = 120) -> str:
        dice = random.Random(seed)
        out = []
        while len(out) < words:
            length = dice.randint(8, 16)
            sentence = [dice.choice(_WORDS) for _ in range(length)]
            sentence[dice.randrange(length)] = f"{dice.choice(_WORDS)}{dice.choice('bdfgklmnprst')}o"
            out += [sentence[0].capitalize(), *sentence[1:-1], sentence[-1] + "."]
        return " ".join(out[:words]).rstrip(".") + "."

    return text


@pytest.fixture(scope="session")
def tokens_of() -> Callable[[str], Any]:
    """`tokens_of(text)`: its token hashes, uint64[n]."""
    return lambda text: tokenise_one(text).hashes


@pytest.fixture(scope="session")
def background() -> Background:
    return load_background()


@pytest.fixture(scope="session")
def blank_background() -> Background:
    """A background that knows no word and no phrase: every 3-gram weighs the cap."""
    empty = np.zeros(16, np.uint32), np.zeros(16, np.uint8)
    return Background("blank", 50_000, *empty, *empty)
