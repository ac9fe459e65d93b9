"""The decisions of a desk and the articles they mean: found by what the texts say, wherever they lie now."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedup.assemble import Corpus
from dedup.decisions import RIGHT_SOURCE, Decision, decided_when
from dedup.graph import Link
from dedup.naming import text_key

__all__ = ["Carriers", "Desk", "Meant", "decided_later", "find_texts", "latest_first", "renewed"]

#: Bodies that are looked at together.
_AT_ONCE = 512


@dataclass(frozen=True, slots=True)
class Meant:
    """A decision with the places of the articles that it is about."""

    decision: Decision
    number: int
    """Its place in the file."""
    a: int
    b: int
    """The other article, or the right source; -1 where there is none."""

    @property
    def link(self) -> Link:
        """The two articles, the lower first."""
        return (min(self.a, self.b), max(self.a, self.b))


@dataclass(slots=True)
class Desk:
    """What was decided, and what becomes of each decision; the numbers are places in the file."""

    given: Sequence[Decision]
    meant: dict[int, Meant] = field(default_factory=dict)
    """The decisions whose texts are here."""
    stale: dict[int, str] = field(default_factory=dict)
    """Why the others do not apply."""
    replaced: set[int] = field(default_factory=set)
    """Those that a later one took the place of, which says the same."""
    judged: int = 0
    """Pairs that were called copies and that the desk judged."""
    confirmed: int = 0
    """Those of them that it did not call wrong."""

    def standing(self, *kinds: str) -> list[Meant]:
        """The decisions of these kinds that nothing has been said against, in the order of the file."""
        set_aside = self.stale.keys() | self.replaced
        return [m for n, m in sorted(self.meant.items()) if m.decision.decision in kinds and n not in set_aside]

    def account(self) -> dict[str, Any]:
        """The figures for run.json."""
        stale = [
            {"decision": d.decision, "a": d.a, "b": d.source or d.b, "reason": self.stale[number]}
            for number, d in enumerate(self.given)
            if number in self.stale
        ]
        share = round(self.confirmed / self.judged, 4) if self.judged else None
        return {
            "given": len(self.given),
            "applied": len(self.given) - len(stale) - len(self.replaced),
            "stale": stale,
            "precision": {"decided": self.judged, "confirmed": self.confirmed, "share": share},
        }


def find_texts(corpus: Corpus, decisions: Sequence[Decision]) -> Desk:
    """The articles that the decisions are about; whose texts are not here does not apply."""
    desk = Desk(decisions)
    places = _places(corpus, {name for decision in decisions for name in _names(decision) if name[0]})
    for number, decision in enumerate(decisions):
        a, b = (places[name] if name[0] else -1 for name in _names(decision))
        if decision.decision == RIGHT_SOURCE and isinstance(a, str):
            a = -1  # whoever stood for the cluster may go; the source says which cluster it is
        if isinstance(a, str) or isinstance(b, str):
            desk.stale[number] = a if isinstance(a, str) else str(b)
        elif a == b and decision.decision != RIGHT_SOURCE:
            desk.stale[number] = "both texts are one article now"
        else:
            desk.meant[number] = Meant(decision, number, a, b)
    return desk


def _names(decision: Decision) -> tuple[tuple[str, str], tuple[str, str]]:
    """Id and text key of both articles that a decision names."""
    other = decision.source if decision.decision == RIGHT_SOURCE else decision.b
    return (decision.a, decision.a_text), (other, decision.b_text)


def _places(corpus: Corpus, wanted: set[tuple[str, str]]) -> dict[tuple[str, str], int | str]:
    """Where each text is, by id and key, or why it is not found; bodies are read only as far as they must."""
    at = {id: bisect_left(corpus.ids, id) for id, _ in wanted}
    here = {id: place for id, place in sorted(at.items()) if corpus.ids[place : place + 1] == [id]}
    key_of = dict(zip(here, _keys(corpus, list(here.values())), strict=True))
    found: dict[tuple[str, str], int | str] = {
        (id, key): here[id] for id, key in wanted if id in here and key in ("", key_of[id])
    }
    lost = sorted(name for name in wanted - found.keys() if name[1])
    carriers = _search(corpus, {key for _, key in lost})
    taken = set(found.values())
    for id, key in lost:  # articles with one text that all moved stay as many articles
        if places := carriers.get(key):
            place = next((place for place in places if place not in taken), places[0])
            taken.add(place)
            found[id, key] = place
    for id, key in wanted - found.keys():
        found[id, key] = f"the text of {id} has changed" if id in here else f"{id} is not among the articles"
    return found


def _search(corpus: Corpus, keys: set[str]) -> dict[str, list[int]]:
    """The articles with each text."""
    found: dict[str, list[int]] = {}
    rest = iter(range(len(corpus.ids) if keys else 0))
    while some := list(islice(rest, _AT_ONCE)):
        for place, key in zip(some, _keys(corpus, some), strict=True):
            if key in keys:
                found.setdefault(key, []).append(place)
    return found


def _keys(corpus: Corpus, places: Sequence[int]) -> list[str]:
    return [text_key(str(body, "utf-8")) for body in corpus.articles.bodies(places)] if places else []


class Carriers:
    """The articles that carry a text word for word."""

    def __init__(self, corpus: Corpus, min_words: int) -> None:
        self._hashes, self._words = corpus.sketches.body_hashes, corpus.sketches.words
        self._least = min_words
        self._known: dict[int, list[int]] = {}

    def of(self, index: int) -> list[int]:
        """All with the text of this one; a text too short to judge stands for itself alone."""
        if index not in self._known:
            same = (self._hashes == self._hashes[index]).all(axis=1) & (self._words == self._words[index])
            short = self._words[index] < self._least
            self._known[index] = [index] if short else np.flatnonzero(same).tolist()
        return self._known[index]

    def sides(self, a: int, b: int) -> tuple[list[int], list[int]]:
        """The carriers of either text; where both are one text, the two articles alone."""
        one, two = self.of(a), self.of(b)
        return ([a], [b]) if a in two else (one, two)

    def pairs(self, a: int, b: int) -> NDArray[np.int64]:
        """All pairs across, int64[K, 2]."""
        one, two = (np.array(side, np.int64) for side in self.sides(a, b))
        return np.stack([np.repeat(one, len(two)), np.tile(two, len(one))], axis=1)


def latest_first(meant: Sequence[Meant]) -> list[Meant]:
    """In the order in which decisions count: what was decided later, or stands further down, comes first."""
    return sorted(meant, key=lambda m: (-decided_when(m.decision), -m.number))


def decided_later(decision: Decision) -> str:
    """Why an earlier decision does not hold."""
    when = f" on {decision.decided_at}" if decision.decided_at else ""
    return f"decided otherwise later{when}: {decision.decision}"


def renewed(desk: Desk, corpus: Corpus) -> list[Decision]:
    """The decisions for the next run, under the ids that the texts have now; without those that were replaced."""
    places = sorted({place for meant in desk.meant.values() for place in (meant.a, meant.b) if place >= 0})
    keys = dict(zip(places, _keys(corpus, places), strict=True))
    return [
        _renamed(desk.meant[number], corpus.ids, keys) if number in desk.meant else decision
        for number, decision in enumerate(desk.given)
        if number not in desk.replaced
    ]


def _renamed(meant: Meant, ids: Sequence[str], keys: Mapping[int, str]) -> Decision:
    """The decision under the ids that its texts have now."""
    d, a, b = meant.decision, meant.a, meant.b
    if d.decision == RIGHT_SOURCE:
        first = {"a": ids[a], "a_text": keys[a]} if a >= 0 else {}
        return replace(d, **first, source=ids[b], b_text=keys[b])
    if b < 0:
        return replace(d, a=ids[a], a_text=keys[a])
    low, high = meant.link  # places are in the order of ids
    return replace(d, a=ids[low], b=ids[high], a_text=keys[low], b_text=keys[high])
