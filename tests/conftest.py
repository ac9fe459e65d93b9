"""What all tests share: a builder of articles, a generator of texts that have nothing in common, and a background.

Every place, person and outlet is invented.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from dedup.background import Background, load_background
from dedup.records import Article
from dedup.similarity import describe, sentence_bounds, translate
from dedup.tokens import tokenise, tokenise_one
from dedup.words import number_words, word_idf


def _listed(words: str) -> list[str]:
    return words.split()


class Text:
    """A text with its terms, as the kernels take them; two that are compared have their words numbered together."""

    def __init__(self, words: Any, flags: Any, idf_of: Any) -> None:
        """Word numbers, int32[n], their flags, uint8[n], and the idf of each number, float32[V]."""
        self.flags = flags
        self.place = np.full(len(idf_of), -1, np.int32)
        self.words = words
        self.term, self.first, self.idf, self.weight, self.name = describe(words, flags, idf_of, self.place)
        self.bounds = sentence_bounds(flags)

    @classmethod
    def several(cls, background: Background, *texts: str) -> list[Text]:
        batch = tokenise(texts)
        words, vocabulary = number_words(batch.hashes)
        parts = [slice(*ends) for ends in pairwise(batch.offsets.tolist())]
        return [cls(words[part], batch.flags[part], word_idf(vocabulary, background)) for part in parts]

    def terms_in(self, other: Text) -> Any:
        """The other's term for each term of this one, -1 for none."""
        return translate(other.place, self.words, self.first)


_COMMON = _listed("the of a in and to was for with by from that on at were had its after into over under near")
_SYLLABLES = _listed("bra dun fel gor hus jen kol lim mor nas pel quo ras sil tam ulv ver wim yor zet")


#: A report of the sale of a ferry, which quotes two people.
FERRY = (
    "TARNHAVEN - The council of Tarnhaven will sell its last ferry, the Maid of Orlo, after a vote of seven to "
    "five late on Tuesday night.\n\nHarbour master Gudrun Felsing told the council that the hull would not pass "
    "another winter. “She has carried our grandparents to market and our children to school, and she is tired,” "
    "Felsing said.\n\nThe boat was built in 1931 in the yard of Lower Sarn and burns eighty litres of oil an hour. "
    "A buyer from Velmora offers two million crowns and wants to turn her into a hotel.\n\nCouncillor Pieter "
    "Hagedorn voted against the sale. “A town on an island that sells its only ferry has stopped believing in "
    "visitors,” he said, and left the hall before the count."
)


@pytest.fixture(name="article", scope="session")
def article_builder() -> Callable[..., Article]:
    """`article(body=..., id=..., title=..., ...)`: an article; only what a test is about needs to be said."""

    def article(body: str = "", id: str = "one", **fields: Any) -> Article:
        return Article(id=id, body=body, **fields)

    return article


@pytest.fixture(scope="session")
def invent() -> Callable[..., str]:
    """`invent(seed, words=120)`: running text of invented words that no other seed uses."""

    def text(seed: int, words: int = 120) -> str:
        dice = random.Random(seed)
        own = ["".join(dice.choices(_SYLLABLES, k=4)) for _ in range(80)]
        own[:12] = [word.capitalize() for word in own[:12]]  # names of people and places
        out: list[str] = []
        while len(out) < words:
            sentence = [dice.choice(_COMMON if dice.random() < 0.4 else own) for _ in range(dice.randint(8, 16))]
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
