"""Which of a body's first lines is its headline."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from dedup.clean.lines import LONG, Line, blank_after, ends_sentence, word_count
from dedup.clean.phrases import fold_words

__all__ = ["find_title", "is_breadcrumb", "same_title", "shares_words"]

_BREADCRUMB = re.compile(r"(?:Home|HOME|Startseite|Accueil|Inicio|Главная)(?:\s{0,2}[»>/|›→-]|[A-ZА-Я])")

_STEPS = (" > ", " » ", " › ", " ▸ ", " → ")

#: Share of a headline's telling words that the opening must repeat.
_MIN_OVERLAP = 0.3


def is_breadcrumb(text: str) -> bool:
    """True for a path through a site: `Harbour Post > World`, `HomeNewsBridge: ...`."""
    if len(text) > 200:
        return False
    return bool(_BREADCRUMB.match(text)) or text.startswith("http") or any(map(text.__contains__, _STEPS))


def find_title(body: str, lines: Sequence[Line], known: Sequence[bool], opening: int) -> int:
    """Index of the headline among the head lines, -1 when none of them is one.

    A headline has 4-25 words, does not end as a statement does, is no furniture (`known`) and shares words with the
    text that follows: a section name, a slogan or a caption credit in the same place does not.

    Args:
        lines: the head of the body, in order.
        known: for each line, whether it is known to be something else (byline, date, lexicon entry ...).
        opening: where the first running text behind the head starts.
    """
    telling = _telling(body[opening : opening + 1500])
    scores = [-1.0 if known[i] else _score(body, line, telling) for i, line in enumerate(lines)]
    best = max(scores, default=-1.0)
    found = scores.index(best) if best > 0 else -1
    # A body that opens with a question or a cry has no headline; pages put other lines around theirs.
    return -1 if found == 0 and len(lines) == 1 and lines[0].ended else found


def _score(body: str, line: Line, telling: frozenset[str]) -> float:
    """How much a line looks like the headline of the opening; 0 or less when it cannot be one."""
    text = line.text
    if len(text) > LONG or not 4 <= word_count(text) <= 25 or is_breadcrumb(text) or _is_statement(text):
        return -1.0
    words = _telling(text)
    shared = len(words & telling)
    if not words or shared < min(2, len(words)) or shared / len(words) < _MIN_OVERLAP:
        return -1.0
    return shared / len(words) + 0.02 * min(len(words), 12) + (0.2 if blank_after(body, line) else 0.0)


def shares_words(a: str, b: str) -> bool:
    """True when two lines share two telling words: they speak of the same thing."""
    return len(_telling(a) & _telling(b)) >= 2


def _is_statement(text: str) -> bool:
    """Ends in a full stop or a cut-off; headlines may end in a question, a cry or a closing quote."""
    if text.endswith(("...", "…")):
        return True
    bare = text.rstrip("\"'”’»)]")
    return bare[-1:] in ".。।۔።" and ends_sentence(text) and not re.search(r"\b[A-Z]\.[A-Z]\.$", bare)


def _telling(text: str) -> frozenset[str]:
    """Beginnings of the longer words, so that inflected forms meet; pairs of characters in scripts without spaces."""
    words = fold_words(text)
    single = [word for word in words if len(word) == 1 and not word.isascii()]
    if len(single) > len(words) // 2:
        return frozenset(a + b for a, b in pairwise(single))
    return frozenset(word[:5] for word in words if len(word) > 3 or word.isdigit())


def same_title(line: str, title: str) -> bool:
    """True when a line is the title, perhaps cut short or without the outlet that the title names at its end."""
    if not line or not title:
        return False
    a, b = fold_words(line[:400]), fold_words(title[:400])
    if a == b:
        return bool(a)
    short, long = (a, b) if len(a) < len(b) else (b, a)
    return len(short) >= 4 and 5 * len(short) >= 3 * len(long) and long[: len(short)] == short
