"""Which of two copies is the likely source, how likely, and why; or an honest "cannot tell"."""

from __future__ import annotations

import math
from dataclasses import dataclass

from dedup.provenance.dates import earlier, instant
from dedup.provenance.outlets import same_outlet
from dedup.provenance.witness import Witness, address
from dedup.records import Grade, Measures

__all__ = ["CANNOT_TELL", "COMMON", "Attribution", "attribute"]

COMMON = "common source unseen"
CANNOT_TELL = "cannot tell"
_NO_REASON = "nothing in the texts or their dates decides it"

#: What is less likely than this is not named.
_LEAST = 0.6

#: Evidence that one text is the other's source, in nats; docs/design/source.md tells where each comes from.
_CANONICAL = 8.0
_CREDIT = 3.5
_CITED = 2.5
_CITES_MORE = 1.4
_FIRST_HAND = 0.8
_AGENCY_OWN = 2.0
_EARLIER_TIME = 2.0
_EARLIER_DAY = 1.7
_EARLIER_SELF = 2.2
_SUBSET = 0.4
#: Evidence that both come from a third text.
_COMMON = {Grade.EXACT: 0.6, Grade.NEAR_DUPLICATE: 0.6, Grade.EXCERPT: 0.6, Grade.REWRITE: 2.5}
_BOTH_CREDIT = 3.5
_ONE_CREDITS = 1.8
_BOTH_CITE = 1.0
#: ... and that a reader of both texts could not tell.
_UNKNOWN = -0.3

_Points = list[tuple[float, str]]


@dataclass(frozen=True, slots=True)
class Attribution:
    """The likely source of a pair (an article id, COMMON or CANNOT_TELL), why, and how likely it is."""

    source: str
    reason: str
    probability: float = 0.0
    """Chance that the answer is right; 0 for CANNOT_TELL, which is none."""


def attribute(a: Witness, b: Witness, grade: Grade, measures: Measures) -> Attribution:
    """The likely source of a copy, from links, credits, citations, dates and which text contains the other.

    The evidence for each answer is added up in nats and turned into chances (a softmax over: a, b, a third text, and
    nobody could tell).
    """
    one = same_outlet(a, b)
    answers: list[tuple[str, float, _Points]] = [
        (a.id, 0.0, _evidence(a, b, measures.containment_a, measures.containment_b, one)),
        (b.id, 0.0, _evidence(b, a, measures.containment_b, measures.containment_a, one)),
        (COMMON, _COMMON[grade], [] if one else _third(a, b)),
    ]
    nats = [prior + sum(points for points, _ in found) for _, prior, found in answers]
    whole = sum(map(math.exp, (*nats, _UNKNOWN)))
    best = max(range(3), key=lambda place: nats[place])
    chance = round(math.exp(nats[best]) / whole, 4)
    source, _, found = answers[best]
    if chance < _LEAST or (best < 2 and not found):
        return Attribution(CANNOT_TELL, _NO_REASON)
    if not found:
        return Attribution(COMMON, "they share statements, and neither contains the other", chance)
    return Attribution(source, "; ".join(dict.fromkeys(why for _, why in sorted(found, reverse=True))), chance)


def _evidence(source: Witness, copy: Witness, containing: float, contained: float, one: bool) -> _Points:
    """What speaks for `source` as the source of `copy`: nats and words."""
    found: _Points = []
    cited = copy.reported | copy.told
    if _points_to(copy, source):
        found.append((_CANONICAL, "the copy's page names this one as its canonical address"))
    if not one and _credits(copy, source):
        found.append((_CREDIT, f"the copy credits {source.publisher or source.credited}"))
    elif not one and cited and (named := cited & (source.names - copy.names)):
        found.append((_CITED, f"the copy cites {_spelled(min(named), source)}"))
    elif not one and cited and _cites_more(copy, source):
        found.append((_CITES_MORE, "the copy says where it has its facts from, this one does not"))
    if source.first_hand or (source.told and source.told & source.names):
        found.append((_FIRST_HAND, "this one was told at first hand"))
    if not one and _is_agency_text(source) and not _is_agency_text(copy):
        found.append((_AGENCY_OWN, f"this is the agency's own text, {source.credited or source.publisher}"))
    if lead := earlier(source.published, copy.published):
        timed = all((moment := instant(w.published)) and moment[1] for w in (source, copy))
        found.append((_EARLIER_SELF if one else _EARLIER_TIME if timed else _EARLIER_DAY, lead))
    if contained >= 0.8 and containing <= 0.65:
        found.append((_SUBSET, "nearly all of the copy stands in this longer text"))
    return found


def _points_to(a: Witness, b: Witness) -> bool:
    """Whether a's canonical link names b's address while its own is another.

    A saved page that does not say where it stood has its canonical link for an address; then the outlets decide.
    """
    canonical = address(a.canonical_url) if a.canonical_url else ""
    if not canonical or canonical != address(b.url):
        return False
    elsewhere = bool(a.outlet and b.outlet) and a.outlet != b.outlet and not b.canonical_url
    return elsewhere or canonical != address(a.url)


def _credits(a: Witness, b: Witness) -> bool:
    """Whether a's credit line or agency names b's outlet."""
    if a.agency and a.agency == b.outlet:
        return True
    if not a.credit:
        return False
    credit, name = a.credit.casefold(), b.publisher.casefold().removeprefix("the ").strip()
    return (len(name) > 2 and name in credit) or (bool(b.site) and b.site in credit)


def _cites_more(copy: Witness, source: Witness) -> bool:
    """Whether the copy names outlets as its sources where the other one speaks for itself."""
    theirs, own = copy.reported - copy.names, source.reported - source.names
    return bool(theirs - own) and not own - theirs


def _is_agency_text(witness: Witness) -> bool:
    """Whether the text is an agency's, and not another outlet's copy of it as far as can be told."""
    return witness.from_agency or (bool(witness.agency) and witness.agency in witness.names)


def _spelled(key: str, source: Witness) -> str:
    known = {source.outlet: source.publisher, source.agency: source.credited}
    return known.get(key) or (key.upper() if len(key) <= 4 else key.title())


def _third(a: Witness, b: Witness) -> _Points:
    """What speaks for a third text behind both."""
    if a.agency and a.agency == b.agency and not (_is_agency_text(a) ^ _is_agency_text(b)):
        return [(_BOTH_CREDIT, f"both credit {a.credited}")]
    for one, other in ((a, b), (b, a)):
        if one.borrowed and one.borrowed not in other.names:
            return [(_ONE_CREDITS, f"{one.publisher} credits {one.credited}")]
    cited = (a.reported | a.told) & (b.reported | b.told)
    if cited and (unknown := cited - a.names - b.names):
        key = min(unknown)
        return [(_BOTH_CITE, f"both cite {key.upper() if len(key) <= 4 else key.title()}")]
    return []
