"""Which outlets a running text leans on: "the Courier reported", "told Harbour Radio", "according to AFP".

Apart from credit lines, which say what a whole text is made of. A citation says only where a fact or a sentence came
from, so it never sets an article's agency; but of two copies, the one that cites the other's outlet is the later one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from dedup.clean.agencies import agency_name
from dedup.clean.lines import word_set
from dedup.literals import Literals, matches

__all__ = ["Citations", "citations_of", "outlet_key"]


@dataclass(frozen=True, slots=True)
class Citations:
    """The outlets that a text names as where something came from, as keys that compare equal for one outlet."""

    reported: frozenset[str] = frozenset()
    """Named as having reported it: `the Courier reported`, `according to AFP`."""
    told: frozenset[str] = frozenset()
    """Named as having been told: `she told the Courier`. The text may itself be the Courier's."""
    own: frozenset[str] = frozenset()
    """Named as the text's own: a dateline `(CNN)`, `CNN's Ann Roe contributed`, `CNN could not verify`."""
    first_hand: bool = False
    """Whether it says that somebody told "us", or the like."""


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split("|"))


#: Words before the name of an outlet that reported something ...
_REPORTED_BY = _listed(
    "according to|reported by|reported in|report by|report in|report from|reports from|citing|cited by|quoted by"
    "|published by|published in|reports|reported|writes|via|laut|selon|según|secondo|segundo|według|по данным|сообщает"
    "|According to|Citing|Laut|Selon|Según|Secondo|Segundo|Według|По данным"
)
#: ... and behind it.
_REPORTS = _listed(
    "reports|reported|reporting|writes|wrote|revealed|berichtet|rapporte|rapportait|informó|informa|riferisce|сообщает"
    "|сообщил|пишет"
)
_TOLD = _listed(
    "told|tells|telling|speaking to|spoke to|speaking with|spoke with|interview with|statement to|confirmed to"
    "|sagte der|sagte dem|a déclaré à|dijo a|ha detto a|declarou à"
)
_CANNOT = _listed("could not independently|cannot independently|could not immediately|was unable to verify")
_PHRASES = sorted(_REPORTED_BY | _REPORTS | _TOLD | _CANNOT, key=lambda phrase: (-len(phrase), phrase))
#: One expression that starts at white space passes over running text several times quicker than one for each phrase.
_CUE = re.compile(r"\s(" + "|".join(map(re.escape, _PHRASES)) + r")(?=[\s,.:])")
#: Characters before a cue in which the name stands.
_BEFORE = 60
_US = ("told us", "tells us", "told me ", "told our ", "our reporter", "our correspondent", "we're told", "we’re told")

_WORD = r"[^\W\d_a-z][\w&-]*(?:\.[\w]{2,4})?"
_ARTICLE = r"(?:(?:As|Nach|Selon|Según) )?(?:(?:[Tt]he|la|le|der|die|das|[Ee]l|il) )?"
_NAME = re.compile(rf"{_ARTICLE}({_WORD}(?: (?:of |& )?{_WORD}){{0,4}})")
_NAME_LAST = re.compile(rf"(?<!\w){_NAME.pattern},?(?: (?:has|had|have|first|previously|also|later|earlier))*\Z")
_OPENING = re.compile(rf"[^\n(]{{0,60}}\(({_WORD}(?: {_WORD}){{0,2}})\)")
_CONTRIBUTED = " contributed"
_STAFF = re.compile(rf"(?<!\w)(?:The )?({_WORD}(?: {_WORD}){{0,3}})[’'](?:s )?[^.\n]{{3,90}}{_CONTRIBUTED}\b")

#: Words that make a capitalised name an outlet's; those that may also stand alone in other senses need company.
_MEDIA = word_set(
    "times post mail herald tribune guardian mirror telegraph gazette chronicle observer examiner inquirer courier "
    "radio tv television newspaper broadcasting sentinel beacon newswire zeitung nachrichten rundschau anzeiger kurier "
    "presse spiegel figaro monde diario noticias gazzetta corriere giornale folha jornal krant dagblad aftenposten "
    "gazeta новости газета известия buzzfeed mashable gawker politico breitbart slate salon axios vox huffington "
    "newsweek businessweek newsbeat"
)
_WITH_COMPANY = word_set(
    "news independent express star sun standard press globe daily weekly evening sunday morning magazine online "
    "bulletin advocate record dispatch argus echo ledger register today review agency wire channel journal"
)
_HOUSES = word_set("bbc cnn nbc abc cbs npr pbs msnbc cnbc itv rte rté dw voa rfe espn tmz rt nhk ard zdf cbc sbs")
_DROPPED = word_set("the online news newspaper magazine site website agency com web staff service")
_WORDS = re.compile(r"\w+")
#: Names whose keys are remembered: the same few outlets are cited over and over.
_KNOWN = 4096
#: One empty set for all: most texts cite nobody.
_NOBODY: frozenset[str] = frozenset()


def citations_of(text: str) -> Citations:
    """The outlets that a text leans on.

    Example:
        >>> found = citations_of("The quay is shut, the Orlo Courier reported. Ines Roe told Harbour Radio so.")
        >>> found.reported, found.told
        (frozenset({'orlo courier'}), frozenset({'harbour radio'}))
    """
    places = _signs().places(text)
    reported, told, own = set[str](), set[str](), set(_signatures(text, places))
    for cue in matches(_CUE, "\n" + text, places):
        words, start, end = cue[1], max(0, cue.start() - 1), cue.end()
        if (words in _REPORTED_BY or words in _TOLD) and (after := _NAME.match(text, end)):
            (told if words in _TOLD else reported).add(after[1])
        if words in _REPORTS or words in _CANNOT:
            before = _NAME_LAST.search(text, max(0, start - _BEFORE), start)
            if before:
                (reported if words in _REPORTS else own).add(before[1])
    return Citations(
        reported=_keys(reported),
        told=_keys(told),
        own=_keys(own),
        first_hand=any(text.startswith(_US, place) and not text[place - 1 : place].isalnum() for place in places),
    )


@cache
def _signs() -> Literals:
    """Every citation, every "told us" and every "contributed" begins with one of these."""
    return Literals([*_PHRASES, *_US, _CONTRIBUTED])


def _signatures(text: str, places: Iterable[int]) -> Iterator[str]:
    """Names in the opening `(CNN)` and in `CNN's Ann Roe contributed`."""
    if found := _OPENING.match(text):
        yield found[1]
    end = 0
    for place in places:
        if place >= end and text.startswith(_CONTRIBUTED, place):  # once a line, and no other: the expression is slow
            start, stop = text.rfind("\n", 0, place) + 1, text.find("\n", place)
            end = stop if stop >= 0 else len(text)
            yield from (found[1] for found in _STAFF.finditer(text, start, end))


def _keys(names: Iterable[str]) -> frozenset[str]:
    return frozenset(filter(None, map(_outlet, names))) or _NOBODY


@lru_cache(_KNOWN)
def _outlet(name: str) -> str:
    """The key of a name that is an outlet's; "" for people, offices and places."""
    words = name.casefold().split()
    known = agency_name(name) or any(word in _MEDIA or word.endswith((".com", ".org", ".net")) for word in words)
    known = known or (len(words) > 1 and any(word in _WITH_COMPANY for word in words))
    return outlet_key(name) if known or any(map(_is_house, name.split())) else ""


def _is_house(word: str) -> bool:
    return word.isupper() and word.casefold() in _HOUSES


@lru_cache(_KNOWN)
def outlet_key(name: str) -> str:
    """What is left of an outlet's name without the words that come and go; agencies by their short name.

    Example:
        >>> outlet_key("The Associated Press"), outlet_key("Orlo Courier Online"), outlet_key("BBC Radio Leeds")
        ('ap', 'orlo courier', 'bbc')
    """
    if agency := agency_name(name.strip()):
        return agency.casefold()
    plain = _WORDS.findall(name)
    if house := next(filter(_is_house, plain), ""):
        return house.casefold()
    return " ".join(word for word in map(str.casefold, plain) if word not in _DROPPED) or name.casefold().strip()
