"""The index of the page's data: all that lists, filters and maps need of articles, pairs and stories, in columns."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import astuple
from typing import Any

from dedup.records import Cluster, Grade, Kinship, Match
from dedup.report import wording
from dedup.report.blocks import PAIRS, TEXTS, Facts
from dedup.report.chosen import Chosen
from dedup.report.findings import Findings, count_words, one_line
from dedup.report.outlets import Traffic
from dedup.report.tables import source_first

__all__ = ["index"]

_GRADES = [grade for grade in Grade if grade is not Grade.UNRELATED]
_RANK: dict[Grade, int] = {grade: rank for rank, grade in enumerate(_GRADES)}
_RELATIONS = list(Kinship)
_UNKNOWN = 3


def index(findings: Findings, chosen: Chosen, facts: Facts, routes: Traffic) -> dict[str, Any]:
    """The index. Articles, outlets, stories and grades go by their numbers in it.

    Args:
        facts: what was learned of the articles when their texts were packed.
    """
    place = {id: number for number, id in enumerate(chosen.articles)}
    decisions = [list(map(str, astuple(decision))) for decision in findings.decisions]
    return {
        "key": _key(facts, decisions),
        "decisions": decisions,
        "grades": [[grade.value, grade.verdict] for grade in _GRADES],
        "relations": [relation.value for relation in _RELATIONS],
        "outlets": {
            "name": [outlet.name for outlet in routes.outlets],
            "articles": [outlet.articles for outlet in routes.outlets],
            "sharing": [outlet.sharing for outlet in routes.outlets],
            "took": [outlet.took for outlet in routes.outlets],
            "given": [outlet.given for outlet in routes.outlets],
            "copied": [outlet.copied for outlet in routes.outlets],
        },
        "flows": [[flow.source, flow.taker, flow.articles, flow.words] for flow in routes.flows],
        "articles": _articles(findings, chosen, facts, routes),
        "stories": _stories(findings, chosen, facts, place),
        "pairs": _pairs(chosen, place),
        "events": _events(chosen, place),
        "texts": {"shown": facts.shown, "per_block": TEXTS},
        "per_block": PAIRS,
        "left": chosen.left,
        "total": len(findings.articles),
    }


def _key(facts: Facts, decisions: list[list[str]]) -> str:
    """A name for these texts and decisions, under which a browser keeps what is decided from now on."""
    return hashlib.blake2b(repr([facts.keys, decisions]).encode(), digest_size=8).hexdigest()


def _articles(findings: Findings, chosen: Chosen, facts: Facts, routes: Traffic) -> dict[str, list[Any]]:
    number = {outlet.name: place for place, outlet in enumerate(routes.outlets)}
    words = [findings.words.get(id) for id in chosen.articles]
    uncounted = [id for id, known in zip(chosen.articles, words, strict=True) if known is None]
    counted = dict(zip(uncounted, map(count_words, findings.bodies(uncounted)), strict=True))
    return {
        "id": chosen.articles,
        "title": facts.labels,
        "outlet": [number[name] for name in facts.columns["publisher"]],
        "date": facts.columns["published_at"],
        "agency": facts.columns["agency"],
        "credit": facts.columns["credit"],
        "url": facts.addresses,
        "lang": facts.languages,
        "key": facts.keys,
        "words": [counted.get(id, known) for id, known in zip(chosen.articles, words, strict=True)],
    }


def _stories(findings: Findings, chosen: Chosen, facts: Facts, place: Mapping[str, int]) -> list[dict[str, Any]]:
    outlets = findings.outlets([member.article for cluster in chosen.clusters for member in cluster.members])
    return [_story(cluster, facts, place, outlets) for cluster in chosen.clusters]


def _story(cluster: Cluster, facts: Facts, place: Mapping[str, int], outlets: Mapping[str, str]) -> dict[str, Any]:
    return {
        "id": cluster.id,
        "title": one_line(cluster.title, 300) or facts.labels[place[cluster.representative]],
        "head": place[cluster.representative],
        "members": [
            [
                place[member.article],
                place.get(member.copy_group, -1),
                _rank(member.grade_to_source),
                place.get(member.revision_of, -1),
                member.credit_audit,
            ]
            for member in source_first(cluster)
        ],
        "source": place.get(cluster.likely_source, -1),
        "origin": cluster.likely_source or "cannot tell",
        "reason": cluster.source_reason,
        "chance": cluster.source_probability,
        "weakest": _ends(cluster.weakest_link, place),
        "strength": cluster.weakest_similarity,
        "splits_at": cluster.splits_at,
        "parts": [[place[id] for id in part] for part in cluster.parts],
        "credits": wording.credits(cluster, outlets),
        "notes": list(cluster.notes),
        "decided": cluster.decided,
    }


def _events(chosen: Chosen, place: Mapping[str, int]) -> list[list[Any]]:
    """The events as far as the page holds their articles."""
    events = [[event.id, [place[id] for id in event.members if id in place]] for event in chosen.events]
    return [event for event in events if len(event[1]) > 1]


def _ends(link: str, place: Mapping[str, int]) -> list[int]:
    """The two articles of a link `a|b`, whose ids may hold the bar themselves."""
    parts = link.split("|")
    cuts = (("|".join(parts[:cut]), "|".join(parts[cut:])) for cut in range(1, len(parts)))
    return next(([place[low], place[high]] for low, high in cuts if low in place and high in place), [])


def _rank(grade: str) -> int:
    return _RANK[Grade(grade)] if grade and grade != Grade.UNRELATED else -1


def _pairs(chosen: Chosen, place: Mapping[str, int]) -> dict[str, list[Any]]:
    matches = chosen.matches
    return {
        "a": [place[match.a] for match in matches],
        "b": [place[match.b] for match in matches],
        "story": chosen.homes,
        "grade": [_RANK[match.grade] for match in matches],
        "confidence": [round(match.confidence, 4) for match in matches],
        "relation": [-1 if match.relation is None else _RELATIONS.index(match.relation) for match in matches],
        "source": [_source(match) for match in matches],
        "chance": [round(match.source_probability, 4) for match in matches],
        "similarity": [round(match.similarity, 4) for match in matches],
        "part_a": [round(match.measures.containment_a, 4) for match in matches],
        "part_b": [round(match.measures.containment_b, 4) for match in matches],
        "jaccard": [round(match.measures.jaccard, 4) for match in matches],
        "words": [match.measures.shared_words for match in matches],
        "run": [match.measures.longest_run for match in matches],
        "quotes": [match.measures.shared_quotes for match in matches],
        "decided": [match.decided for match in matches],
        "note": [match.note for match in matches],
    }


def _source(match: Match) -> int:
    """0 where a is the likely source, 1 where b is, 2 for a common source that is not among the articles, else 3."""
    named = (match.a, match.b, "common source unseen")
    return named.index(match.likely_source) if match.likely_source in named else _UNKNOWN
