"""The place and agency that open a story: found at the head of its first paragraph, never inside the sentence."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dedup.clean.agencies import agency_name, only_agencies
from dedup.clean.lines import word_set

__all__ = ["Dateline", "dateline_of"]

#: Outlets that sign their datelines like an agency; they mark a dateline but are no agency.
_HOUSES = word_set("CNN NEWSER BBC CBS NBC ABC FOX NPR CNBC RFE/RL RNS KSL WPVI CBC DW VOA")


@dataclass(frozen=True, slots=True)
class Dateline:
    """Length of the dateline at the opening of a paragraph, and the agency in it."""

    end: int
    agency: str


_DASH = r"(?:[-–—―−]{1,3}|\.[-–—]|=|:)"
_PLACE = r"[^\W\d_][^\n()\[\]–—:;!?\"“”«»]{1,60}?"
_COUNTRY = r"(?: \[[^\[\]\n]{2,30}\][^()\[\]\n]{0,20}?)?"
_IN_BRACKETS = re.compile(
    rf"(?:({_PLACE}{_COUNTRY})[ ,.:–—-]{{0,4}})?[(\[（【]([^()\[\]（）【】\n]{{2,60}})[)\]）】]\s{{0,2}}"
    rf"({_DASH}\s{{0,2}})?"
    rf"({_PLACE}\s?[-–—]\s)?"
)
_UPPER_PLACE = re.compile(
    r"([^\W\d_a-z](?:[^\W\d_a-z]|[.'’ -]){2,40}(?:, [^\W\d_][\w. ]{1,20}){0,2}(?:, [\w. ]{3,20})?)"
    r"\s?(?:[–—―]|--|(?<=\s)-(?=\s))\s{0,2}"
)
_SLASHED = re.compile(r"([^\W_][^\n/]{1,40})\.?\s?/([^/\n]{2,30})/[.\s]{0,2}[-–—.]?\s*")
_RUSSIAN = re.compile(
    r"[А-ЯЁІЇЄҐ][\w \-]{1,30}[,.] ?\d{1,2} \w{3,9}\.? ?[-–—]? ?([А-ЯЁІЇЄҐA-Z][\w \-]{2,25}?(?:\.RU)?)"
    r"(?:, [А-ЯЁІЇЄҐ]\w+ [А-ЯЁІЇЄҐ]\w+)?\.?(?: ?[-–—] ?|\. |$)"
)
_CHINESE = re.compile(
    r"[【（(]?(新华社|新華社|中新社|中新网|法新社|路透社|美联社|中央社|人民网)([一-鿿]{0,12}\d{0,2}月?\d{1,2}日)[电電讯訊]"
    r"[】）)]?\s*"
)
#: Without one of these no dateline ends, unless it opens in another script.
_SIGN = re.compile(r"[-(/\[–—―:（【]")
#: Japanese and Korean datelines name the agency behind the place, without a blank.
_CJK_END = re.compile(r"(?:共同|時事|ロイター|연합뉴스)$")
#: Place, date and agency, or the agency alone, before a dash: "SYDNEY, Feb 16 AAP - ", "Reuters - The harbour ...".
_BARE = re.compile(
    r"((?:[^\W\d_a-z][\w .'’,-]{2,45}?[, ] ?)??)([^\W\d_][\w -]{1,32}?)\s?(?:[-–—―]{1,2}|:)\s(?=[^\W\d_a-z])"
)
#: How the openings that `_BARE` matches end: a linear look before an expression that tries every split.
_BARE_END = re.compile(r"[-–—―:]\s[^\W\d_a-z]")
_NOT_PLACES = word_set(
    "NATO FIFA UEFA NASA COVID OPEC UNESCO UNICEF BREAKING UPDATE UPDATED WATCH EXCLUSIVE OPINION ANALYSIS LIVE "
    "VIDEO CORRECTION NOTE READ PHOTOS ALERT REVIEW COMMENT EDITORIAL DEVELOPING ADVERTISEMENT RELATED MORE"
)


def dateline_of(paragraph: str) -> Dateline | None:
    """The dateline that opens a paragraph, without any of the sentence behind it.

    Example:
        >>> dateline_of("PORT ALDEN, Feb 16 (Reuters) - The harbour is closed.")
        Dateline(end=31, agency='Reuters')
    """
    head = paragraph[:100]
    if head[0] in "\"“‘'«„":
        return None
    if head.isascii():
        if not ("-" in head or "(" in head or "/" in head or head[0] == "["):
            return None
    elif head[0].isascii() and not _SIGN.search(head):
        return None
    return _bracketed(head) or _slashed(head) or _by_script(head) or _bare(head) or _upper_case(head)


def _bracketed(head: str) -> Dateline | None:
    found = _IN_BRACKETS.match(head) if "(" in head or "[" in head or "（" in head or "【" in head else None
    if not found:
        return None
    place, name, dash, second_place = found[1], found[2], found[3], found[4]
    agency = _in_brackets(name, bool(dash))
    house = name.upper() == name and (name in _HOUSES or (bool(dash) and len(name) <= 12 and name.isalpha()))
    if not agency and not house:
        return None
    # Without a dash only a bare "(CNN) Text" or "PLACE (AP) Text" is a dateline.
    if place and (not _is_place(place) or (not dash and place.upper() != place)):
        return None
    end = found.end(3) if dash else found.end(2) + 1
    if second_place and second_place.upper() == second_place:  # "(ANSA) - ROMA, 3 MAR - "
        end = found.end()
    return Dateline(_skip_blank(head, end), agency)


def _in_brackets(name: str, dash: bool) -> str:
    """The agency that brackets hold, perhaps with its desk: `dpa/bb`, `Reuters Breakingviews`, `서울=연합뉴스`."""
    parts = re.split(r"[ =]", name)
    if agency := only_agencies(name) or only_agencies(parts[-1]):
        return agency
    if found := _CJK_END.search(name):
        return agency_name(found[0])
    desk = name.partition("/")[2]
    if desk.islower() and len(desk) <= 4:
        return only_agencies(name.partition("/")[0])
    return only_agencies(parts[0]) if dash and len(parts) == 2 else ""


def _bare(head: str) -> Dateline | None:
    ends = "- " in head or ": " in head or "\t" in head or not head.isascii()
    found = _BARE.match(head) if ends and _BARE_END.search(head) else None
    if not found:
        return None
    place, name = found[1], found[2]
    dated = any(c.isdigit() for c in place + name)
    agency = agency_name(name) or (agency_name(name.rpartition(" ")[2]) if dated else "")
    if not agency or (place and not dated and ("," not in place or agency == "PA")):  # "HARRISBURG, PA - "
        return None
    return Dateline(found.end(), agency)


def _is_place(place: str) -> bool:
    words = place.split()
    first = words[0]
    return len(words) <= 8 and first[:1].upper() == first[:1] and first.casefold() not in {"the", "a", "an", "in"}


def _skip_blank(text: str, end: int) -> int:
    while end < len(text) and text[end] in "  \t":
        end += 1
    return end


def _slashed(head: str) -> Dateline | None:
    found = _SLASHED.match(head) if "/" in head else None
    agency = only_agencies(found[2]) or only_agencies(found[2].rpartition(" ")[2]) if found else ""
    return Dateline(found.end(), agency) if found and agency else None


def _upper_case(head: str) -> Dateline | None:
    found = _UPPER_PLACE.match(head) if head[1:3].isupper() or head[1:2] == "." or head[2:3] == "." else None
    if not found:
        return None
    first = re.split(r"[ ,.'’-]", found[1], maxsplit=1)[0]
    word = found[1].partition(",")[0]
    if word != word.upper() or not any(c.isupper() for c in word) or first in _NOT_PLACES or len(word) < 4:
        return None
    return Dateline(found.end(), "")


def _by_script(head: str) -> Dateline | None:
    if head[0].isascii() and head[0] != "(":
        return None
    if found := _CHINESE.match(head):
        return Dateline(found.end(), agency_name(found[1]))
    if (found := _RUSSIAN.match(head)) and (agency := agency_name(found[1])):
        return Dateline(found.end(), agency)
    return None
