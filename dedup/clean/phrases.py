"""The furniture lexicon, read once, and whether one line of a head or a tail is in it.

The lines in the middle of a body are matched by the token kernel on the same file; this is its plain counterpart for
the few lines that position decides about.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

__all__ = ["Phrase", "fold_words", "phrase_kind", "read_phrases", "starts_phrase"]

#: Words a line may have at most, by the sign of the entry; ` |N` at the end of an entry overrides it.
_LIMITS = {"=": 0, "^": 25, "~": 12, ":": 22}

_PUNCTUATION = ",.:;!?'’\"”()"

_LABEL_MARK = re.compile(r" ?[:|] ?")

#: ASCII in lower case, with blanks in place of all that no word holds.
_FOLDED = bytes(ord(chr(code).lower()) if chr(code).isalnum() else 32 for code in range(128)).ljust(256)

# A run of letters and digits; characters of scripts without spaces are words of their own.
_WORD = re.compile(r"[぀-ヿ㐀-鿿豈-﫿]|[^\W_぀-ヿ㐀-鿿豈-﫿]+")


@dataclass(frozen=True, slots=True)
class Phrase:
    """An entry: `sign` is "=" (the whole line), "^" (starts with it), "~" (contains it), ":" (has it as label)."""

    sign: str
    words: tuple[str, ...]
    kind: str
    max_words: int


@lru_cache(256)  # a line is looked up for several reasons, and a publisher's name with each
def fold_words(text: str) -> tuple[str, ...]:
    """The words of a text without case, accents and punctuation.

    Example:
        >>> fold_words("- À la Une! -")
        ('a', 'la', 'une')
    """
    if text.isascii():
        return tuple(text.encode().translate(_FOLDED).decode().split())
    if not unicodedata.is_normalized("NFKD", text):
        decomposed = unicodedata.normalize("NFKD", text)
        bare = "".join([c for c in decomposed if not unicodedata.combining(c)])
        text = unicodedata.normalize("NFC", bare)
    return tuple(_WORD.findall(text.casefold()))


def read_phrases(text: str) -> Iterator[Phrase]:
    """The entries of a lexicon file that one line can match: `[kind]` headers, `#` comments, then `= phrase` etc."""
    kind = ""
    for raw in text.splitlines():
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("["):
            kind = line.strip("[]")
            continue
        sign, _, rest = line.partition(" ")
        phrase, _, limit = rest.partition(" |")
        words = fold_words(phrase)
        if sign == "+":
            continue
        yield Phrase(sign, words, kind, int(limit) if limit else _LIMITS[sign] or len(words))


@cache
def _openings() -> dict[str, frozenset[str]]:
    """The first word of all "^" and ":" entries, and the second words that may follow it ("" when none need)."""
    seconds: dict[str, set[str]] = {}
    for first, *second in _tables().starts:
        seconds.setdefault(first, set()).add(second[0] if second else "")
    return {first: frozenset(words) for first, words in seconds.items()}


def starts_phrase(line: str, word: str = "") -> bool:
    """False when no entry can match a sentence of more than twelve words: a quick test by its first two words.

    Sentences that only contain a phrase are left to the token kernel.

    Args:
        word: the line's `plain_word` if it is known.
    """
    if line.count(" ") < 12:
        return True
    if word and word not in _openings() and line[:40].isascii():
        return False
    words = line[:40].lstrip("\"'“‘«([*•-–—> ").casefold().split(None, 2)
    seconds = _openings().get(words[0].strip(_PUNCTUATION)) if words else None
    if seconds is None:
        return not line[:40].isascii() and len(words) < 3
    second = words[1].strip(_PUNCTUATION) if len(words) > 1 else ""
    return "" in seconds or second in seconds


class _Tables(NamedTuple):
    """The entries by what is looked up first, those of one key in the order of the file."""

    whole: dict[tuple[str, ...], str]
    """By all words."""
    starts: dict[tuple[str, ...], list[Phrase]]
    """By the first two words, and among those the entries of the first word alone; these by that word as well."""
    inside: dict[str, list[Phrase]]
    """By the first word."""
    telling: frozenset[str]
    """The longest word of each entry of `inside`: without one of them no line contains any."""


@cache
def _tables() -> _Tables:
    whole: dict[tuple[str, ...], str] = {}
    opening: dict[str, list[Phrase]] = {}
    inside: dict[str, list[Phrase]] = {}
    telling: set[str] = set()
    for phrase in read_phrases(files("dedup.clean").joinpath("furniture.txt").read_text("utf-8")):
        if phrase.sign == "=":
            whole.setdefault(phrase.words, phrase.kind)
        elif phrase.sign == "~":
            inside.setdefault(phrase.words[0], []).append(phrase)
            telling.add(max(phrase.words, key=len))
        else:
            opening.setdefault(phrase.words[0], []).append(phrase)
    starts = {
        key: [phrase for phrase in phrases if phrase.words[:2] in (key, key[:1])]
        for phrases in opening.values()
        for key in {phrase.words[:2] for phrase in phrases}
    }
    return _Tables(whole, starts, inside, frozenset(telling))


def phrase_kind(line: str) -> str:
    """The kind of the lexicon entry that a line matches, "" when none does.

    Example:
        >>> phrase_kind("- Advertisement -"), phrase_kind("The harbour was closed.")
        ('advert', '')
    """
    if len(line) > 240:
        return ""
    words = fold_words(line)
    whole, starts, inside, telling = _tables()
    if not words:
        return ""
    if kind := whole.get(words):
        return kind
    for phrase in starts.get(words[:2]) or starts.get(words[:1]) or ():
        opens = len(words) <= phrase.max_words and words[: len(phrase.words)] == phrase.words
        if opens and (phrase.sign == "^" or _is_label(line, len(words) - len(phrase.words))):
            return phrase.kind
    return "" if telling.isdisjoint(words) else _inside(words, inside)


def _is_label(line: str, behind: int) -> bool:
    """True when a colon or a bar parts the first words of a line from `behind` others."""
    found = _LABEL_MARK.search(line)
    return found is not None and 0 < behind == len(fold_words(line[found.end() :]))


def _inside(words: tuple[str, ...], inside: dict[str, list[Phrase]]) -> str:
    for at, word in enumerate(words):
        for phrase in inside.get(word, ()):
            if len(words) <= phrase.max_words and words[at : at + len(phrase.words)] == phrase.words:
                return phrase.kind
    return ""
