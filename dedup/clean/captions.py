"""Picture captions and picture credits, which say nothing about whose text it is."""

from __future__ import annotations

import re

from dedup.clean.agencies import first_agency, only_agencies
from dedup.clean.lines import plain_word, word_count, word_set

__all__ = ["is_caption", "may_be_caption"]

#: Photo houses, and agencies in the spelling of picture credits: one of these stands in every credit without a label.
_PHOTO = (
    "getty", "shutterstock", "istock", "alamy", "epa", "via ap", "ap photo", "zuma", "unsplash", "pixabay", "pexels",
    "picture alliance", "picture-alliance", "imago", "sipa", "wireimage", "corbis", "nurphoto", "landov", "ap images",
    "pa images", "pa archive", "rex features", "flickr", "wikimedia", "creative commons", "handout", "file photo",
    "afp photo", "reuters/", "ap/", "afp/", "/ap", "/afp", "/reuters", "/epa", "depositphotos", "dreamstime",
    "lehtikuva", "scanpix",
)  # fmt: skip

_LABEL = re.compile(
    r"\W{0,2}(?:(?:photo|image|picture|media|file|cover)s?"
    r"(?: (?:credits?|source|copyright|caption|courtesy|by|photo|image))?"
    r"|pictured|photographs?(?: by)?|illustration(?: by)?|fotos?|bild|crédits?(?: photo)?|crédito|foto de|fot\.|фото"
    r"|зображення|görsel|fotoğraf|zdjęcie|copyright (?:ap|afp|reuters|epa))\b"
    r"(\s{0,2}[:：/|]\s{0,2}|\s{1,2})\S.{0,180}",
    re.IGNORECASE,
)
#: Labels that need no colon; "Photo finish at the regatta" is no caption.
_FIRM_LABEL = re.compile(
    r"\W{0,2}(?:photo|image|picture|media|file|photograph|illustration|crédit|copyright|fot)s?\.? ?"
    r"(?:by|copyright|caption|source|credits?|courtesy|photo|image|ap|afp|reuters|epa)\b",
    re.IGNORECASE,
)
_AT_THE_END = re.compile(
    r"(?:[(|\[] ?[^()|\[\]\n]{2,70}(?:/|via |: ?|, ?)[^()|\[\]\n]{2,60}[)\]]?"
    r"|(?:REUTERS|AP Photo)/[\w .'-]{2,50}|AFP PHOTO.{0,60}|Copyright (?:AP|AFP|Reuters|EPA|Getty).{0,80}"
    r"|(?:toggle|hide) caption .{2,90}|[\w.'-]{2,30} [\w.'-]{2,30}/(?:AP|AFP|Reuters|EPA|Getty Images|NPR|Landov))"
    r"\.?$"
)

#: The first words of all labels.
_FIRST_WORDS = word_set(
    "photo photos photograph image images picture pictured foto fotos bild file crédit crédits crédito fot "
    "фото cover зображення görsel fotoğraf zdjęcie illustration copyright media"
)


def may_be_caption(line: str, word: str = "") -> bool:
    """False when `is_caption` cannot hold for a sentence: a quick test of its first word and its end.

    Args:
        word: the line's `plain_word` if it is known.
    """
    end = line[-60:]
    if "/" in end or "etty" in end or "hoto" in end or " via " in end or "caption" in end or "opyright" in end:
        return True
    return (word or _first_word(line)) in _FIRST_WORDS


def _first_word(line: str) -> str:
    return line[:16].lstrip("(*[\"'“ ").partition(" ")[0].partition(":")[0].casefold().rstrip(".")


def is_caption(line: str) -> bool:
    """True when the line is a picture's caption or credit: `Photo: Pixabay`, `... on Monday. (Ana Reis/Reuters)`."""
    if len(line) > 400:
        return False
    if len(line) <= 120 and _is_photo_credit(line):
        return True
    word = plain_word(line) or _first_word(line)
    if word in _FIRST_WORDS and _labelled(line):
        return True
    if not may_be_caption(line, word) or not _names_photo(line[-100:]):
        return False
    found = _AT_THE_END.search(line[-160:])
    return found is not None and not only_agencies(found[0].strip("()[]. "))  # "(AFP/ANI)" signs a text


def _names_photo(text: str) -> bool:
    return any(map(text.casefold().__contains__, _PHOTO))


def _labelled(line: str) -> bool:
    found = _LABEL.fullmatch(line) if len(line) <= 200 else None
    return bool(found and (found[1].strip() or _FIRM_LABEL.match(line))) and word_count(line) <= 25


def _is_photo_credit(line: str) -> bool:
    """Only agencies and photo houses, or a bracketed credit that fills the line."""
    bare = line.strip("()[] ")
    if not bare or only_agencies(bare):
        # "AP" under a headline is the picture's; the full name, "Agence France-Presse", signs the text.
        return bool(bare) and (" " not in bare or "/" in bare or "nadolu" in bare)
    words = word_count(bare)
    if line[0] in "([" and line[-1] in ")]" and words <= 10 and ("/" in bare or ": " in bare or "via " in bare):
        return _names_photo(bare) or bool(first_agency(bare))
    if words > 8 or bare[-1] in ".!?":
        return False
    return ("/" in bare or " via " in bare or "etty" in bare or "hutterstock" in bare) and _names_photo(bare)
