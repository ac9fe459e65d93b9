"""Lines that name who wrote a text: people, staff, agencies."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dedup.clean.agencies import agency_name, first_agency, only_agencies
from dedup.clean.lines import word_set

__all__ = ["Byline", "byline_of"]


@dataclass(frozen=True, slots=True)
class Byline:
    """Who wrote it: a person's name, an agency, or both."""

    author: str
    agency: str


_BY = re.compile(
    r"(?:by|von|par|por|di|door|af|av|przez|autor|autora|autorka|автор|authors?|written by|story by|reported by"
    r"|posted by|words by|oleh|yazan|tekst|texto|testo|texte|text|redacción|редакция|от|από|του)"
    r"(?:\s{0,3}:\s{0,3}|\s{1,3})(?=\S)",
    re.IGNORECASE,
)
_VIEWS = re.compile(r"by\s{0,3}[-–—|:]?\s{0,3}[\d.,]{1,12}\s?k?\s?views?", re.IGNORECASE)
#: The last word of lines such as "Harbour Post staff".
_STAFF = word_set(
    "staff writer writers reporter reporters correspondent newsdesk desk bureau agencies contributor newsroom"
)
_CONTACT = re.compile(
    r"(?:write to|contact|reach|e-?mail|follow|twitter|tweet|on twitter)\b.{0,60}@"
    r"|[-–—•*]{0,2}\s?[^@]{0,60}\b[\w.]{2,30}@[\w-]{2,30}\.\w",
    re.IGNORECASE,
)
_GLUED = re.compile(r"(?<=[a-zà-ÿ])(AFP|AP|Reuters|EFE|ANSA|dpa|PA)$")
#: Words without a capital that may stand in a byline.
_SMALL = word_set(
    "and und et y e en och og i и та & de da do dos del della di van von der den ter la le el bin ibn al for of in "
    "at to with special für the staff writer reporter correspondent editor from ve dan na till"
)
#: Where the names end.
_BEHIND_NAMES = re.compile(r"\s{0,3}(?:[,|•·(/]|\s[-–—]\s|\d| for | in )")
_NOT_NAMES = word_set("the a an this that all my our your their his her its no how why what")


def byline_of(line: str) -> Byline | None:
    """Author and agency when the line is a byline: `By Mara Quill, Associated Press`, `By AFP`, `Harbour Post staff`.

    Example:
        >>> byline_of("By Mara Quill, Associated Press")
        Byline(author='Mara Quill', agency='AP')
    """
    if len(line) > 140:
        return None
    if line[:2] in ("by", "By", "BY") and _VIEWS.fullmatch(line):
        return Byline("", "")
    if found := _BY.match(line):
        return _after_by(line[found.end() :].strip())
    if line.rpartition(" ")[2].casefold() in _STAFF and line.count(" ") <= 5 and line[:1].upper() == line[:1]:
        return Byline("", first_agency(line))
    if "@" in line and len(line.split()) <= 25 and _CONTACT.match(line):
        return Byline("", "")
    return None


def _after_by(rest: str) -> Byline | None:
    rest = _GLUED.sub(r" | \1", rest)
    if agency := only_agencies(rest):
        return Byline("", agency)
    words = rest.split()
    if not words or len(words) > 14 or not _name_like(words[0]):
        return None
    if words[0].casefold() in _NOT_NAMES and not first_agency(rest):
        return None
    if not all(_name_like(word) or word.casefold().strip(".,") in _SMALL or not word[0].isalpha() for word in words):
        return None
    if rest[-1] in "?!" or (rest[-1] == "." and len(words) > 6):
        return None
    author = _BEHIND_NAMES.split(rest, maxsplit=1)[0].strip(" .,-–—")
    return Byline("" if agency_name(author) else author, first_agency(rest[len(author) :]))


def _name_like(word: str) -> bool:
    bare = word.lstrip("(\"'“‘@")
    return bool(bare) and (bare[0].isupper() or (bare[0].isalpha() and bare[0].lower() == bare[0].upper()))
