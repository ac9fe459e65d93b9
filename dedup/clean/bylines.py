"""Lines that name who wrote a text: people, staff, agencies."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dedup.clean.agencies import agency_name, first_agency, only_agencies, split_names
from dedup.clean.dates import parse_date
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
_BEHIND_NAMES = re.compile(r"\s{0,3}(?:[,|•·(/]|\s[-–—]\s|\d| for | in | of )")
#: A name, or an agency's, and behind a mark the agency's or the date: "Mara Quill | AP", "AP | Feb 16, 2031".
_PARTED = re.compile(r"([^|•·\n]{2,60}?)\s{0,3}(?:[|•·]|\s[-–—]\s)\s{0,3}(.{2,60})")
_COMMA = re.compile(r"([^,\n]{4,50}), (.{4,40})")
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
    if line.rpartition(" ")[2].casefold() in _STAFF and line.count(" ") <= 7 and (agency := _staff(line)) is not None:
        return Byline("", agency)
    if byline := _without_by(line):
        return byline
    if "@" in line and len(line.split()) <= 25 and _CONTACT.match(line):
        return Byline("", "")
    return None


def _staff(line: str) -> str | None:
    """The agency in a line that ends in "staff" or the like, None when the line does not begin as a name does."""
    agency = first_agency(line)
    return agency if line[:1].upper() == line[:1] or (agency and agency_name(line.partition(" ")[0])) else None


def _without_by(line: str) -> Byline | None:
    """The byline in a line of a name and an agency's behind a mark; `Mara Quill/AP` is a picture's."""
    parted = "|" in line or "- " in line or "-\t" in line or not line.isascii()
    if parted and (found := _PARTED.fullmatch(line)):
        if (agency := only_agencies(found[1])) and parse_date(found[2]):
            return Byline("", agency)
        if (agency := only_agencies(found[2])) and _is_person(found[1]):
            return Byline(found[1], agency)
    elif ", " in line and (found := _COMMA.fullmatch(line)) and " " in found[2] and (agency := only_agencies(found[2])):
        return Byline(found[1], agency) if _is_person(found[1]) else None
    return None


def _is_person(name: str) -> bool:
    words = name.split()
    return 2 <= len(words) <= 4 and all(
        word[0].isupper() and word.strip(".").replace("-", "").replace("'", "").replace("’", "").isalpha()
        for word in words
    )


def _after_by(rest: str) -> Byline | None:
    rest = _GLUED.sub(r" | \1", rest)
    if agency := only_agencies(rest):
        return Byline("", agency)
    words = rest.split()
    if not words or len(words) > 14 or not (_name_like(words[0]) or agency_name(words[0])):
        return None
    if words[0].casefold() in _NOT_NAMES and not first_agency(rest):
        return None
    if not all(_may_stand_in_byline(word) for word in words):
        return None
    if rest[-1] in "?!" or (rest[-1] == "." and len(words) > 6):
        return None
    author = _BEHIND_NAMES.split(rest, maxsplit=1)[0].strip(" .,-–—")
    names = split_names(rest)
    if agency_name(names[0]) or (len(names) == 2 and names[0].rpartition(" ")[2].casefold() in _STAFF):
        return Byline("", first_agency(rest))
    return Byline(author, first_agency(rest[len(author) :]))


def _may_stand_in_byline(word: str) -> bool:
    bare = word.strip(".,()/")
    return _name_like(word) or bare.casefold() in _SMALL or not word[0].isalpha() or bool(agency_name(bare))


def _name_like(word: str) -> bool:
    bare = word.lstrip("(\"'“‘@")
    return bool(bare) and (bare[0].isupper() or (bare[0].isalpha() and bare[0].lower() == bare[0].upper()))
