"""The furniture lexicon, read once, and whether one line of a head or a tail is in it.

The lines in the middle of a body are matched by the token kernel on the same file; this is its plain counterpart for
the few lines that position decides about.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

__all__ = ["Phrase", "fold_words", "phrase_kind", "read_phrases", "starts_phrase"]

#: Words a line may have at most, by the sign of the entry; ` |N` at the end of an entry overrides it.
_LIMITS = {"=": 0, "^": 25, "~": 12, ":": 22}

_PUNCTUATION = ",.:;!?'’\"”()"

_LABEL_MARK = re.compile(r" ?[:|] ?")

# A run of letters and digits; characters of scripts without spaces are words of their own.
_WORD = re.compile(r"[぀-ヿ㐀-鿿豈-﫿]|[^\W_぀-ヿ㐀-鿿豈-﫿]+")


@dataclass(frozen=True, slots=True)
class Phrase:
    """An entry: `sign` is "=" (the whole line), "^" (starts with it), "~" (contains it), ":" (has it as label)."""

    sign: str
    words: tuple[str, ...]
    kind: str
    max_words: int


def fold_words(text: str) -> tuple[str, ...]:
    """The words of a text without case, accents and punctuation.

    Example:
        >>> fold_words("- À la Une! -")
        ('a', 'la', 'une')
    """
    if not text.isascii() and (decomposed := unicodedata.normalize("NFKD", text)) != text:
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
    """The first word of all "^" entries, and the second words that may follow it ("" when none need)."""
    seconds: dict[str, set[str]] = {}
    for first, phrases in _tables()[1].items():
        seconds[first] = {phrase.words[1] if len(phrase.words) > 1 else "" for phrase in phrases}
    return {first: frozenset(words) for first, words in seconds.items()}


def starts_phrase(line: str) -> bool:
    """False when no entry can match a sentence of more than twelve words: a quick test by its first two words.

    Sentences that only contain a phrase are left to the token kernel.
    """
    if line.count(" ") < 12:
        return True
    words = line[:40].lstrip("\"'“‘«([*•-–—> ").casefold().split(None, 2)
    seconds = _openings().get(words[0].strip(_PUNCTUATION)) if words else None
    if seconds is None:
        return not line[:40].isascii() and len(words) < 3
    second = words[1].strip(_PUNCTUATION) if len(words) > 1 else ""
    return "" in seconds or second in seconds


@cache
def _tables() -> tuple[dict[tuple[str, ...], str], dict[str, list[Phrase]], dict[str, list[Phrase]]]:
    whole: dict[tuple[str, ...], str] = {}
    starts: dict[str, list[Phrase]] = {}
    inside: dict[str, list[Phrase]] = {}
    for phrase in read_phrases(files("dedup.clean").joinpath("furniture.txt").read_text("utf-8")):
        if phrase.sign == "=":
            whole.setdefault(phrase.words, phrase.kind)
        else:
            (inside if phrase.sign == "~" else starts).setdefault(phrase.words[0], []).append(phrase)
    return whole, starts, inside


def phrase_kind(line: str) -> str:
    """The kind of the lexicon entry that a line matches, "" when none does.

    Example:
        >>> phrase_kind("- Advertisement -"), phrase_kind("The harbour was closed.")
        ('advert', '')
    """
    if len(line) > 240:
        return ""
    words = fold_words(line)
    whole, starts, inside = _tables()
    if not words:
        return ""
    if kind := whole.get(words):
        return kind
    for phrase in starts.get(words[0], ()):
        opens = len(words) <= phrase.max_words and words[: len(phrase.words)] == phrase.words
        if opens and (phrase.sign == "^" or _is_label(line, len(words) - len(phrase.words))):
            return phrase.kind
    return "" if inside.keys().isdisjoint(words) else _inside(words, inside)


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
