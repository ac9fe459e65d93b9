"""What a desk decided, said on the matches and clusters that it concerns, and the sources that it named."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace

from dedup.cluster import Story
from dedup.decisions import NOT_A_COPY, NOTE, RIGHT_SOURCE, SAME_STORY, decided_when
from dedup.desk import Desk, Meant, decided_later, latest_first
from dedup.graph import Link
from dedup.provenance import Attribution
from dedup.records import Cluster, Match

__all__ = ["DECIDED", "named_sources", "remark"]

#: The reason that a cluster and its pairs give for a source that the desk named.
DECIDED = "decided by the desk"

#: What a cluster says of a decision that concerns it.
_SAID = {
    NOT_A_COPY: "{a} and {b} are no copies of each other",
    SAME_STORY: "{a} and {b} are one story",
    RIGHT_SOURCE: "the source is {b}",
}


def named_sources(desk: Desk, stories: Sequence[Story], ids: Sequence[str]) -> dict[int, Attribution]:
    """The article that the desk calls the source, by the number of the story; the latest decision on a story holds."""
    home = {index: number for number, story in enumerate(stories) for index in story.members}
    chosen: dict[int, Meant] = {}
    for meant in latest_first(desk.standing(RIGHT_SOURCE)):
        story = home.get(meant.b)
        if story is None:
            desk.stale[meant.number] = "the source is in no cluster"
        elif meant.a >= 0 and home.get(meant.a) != story:
            desk.stale[meant.number] = "the two are in no cluster together"
        elif (later := chosen.setdefault(story, meant)) is meant:
            continue
        elif later.b == meant.b:
            desk.replaced.add(meant.number)
        else:
            desk.stale[meant.number] = decided_later(later.decision)
    return {story: Attribution(ids[meant.b], DECIDED, 1.0) for story, meant in chosen.items()}


def remark(
    desk: Desk, ids: Sequence[str], matches: Sequence[Match], clusters: Sequence[Cluster]
) -> tuple[list[Match], list[Cluster]]:
    """The matches and clusters, each with what was decided of it, and with the notes.

    A note on two articles that are no pair any more goes to the cluster that holds both; one that nothing is left to
    stand on does not apply, and the desk notes it.
    """
    said = _Said(ids, clusters)
    for meant in sorted(desk.standing(NOT_A_COPY, SAME_STORY, RIGHT_SOURCE), key=_age):
        said.decision(meant)
    pairs = {(match.a, match.b) for match in matches}
    for meant in sorted(desk.standing(NOTE), key=_age):
        if reason := said.note(meant, pairs):
            desk.stale[meant.number] = reason
    return [said.of_match(match) for match in matches], [said.of_cluster(cluster) for cluster in clusters]


def _age(meant: Meant) -> tuple[float, str, Link, str]:
    """The order in which decisions are told: by their time, not by their place in the file."""
    return (decided_when(meant.decision), meant.decision.decision, meant.link, meant.decision.note)


class _Said:
    """What is said of pairs, by their ids, and of clusters, by theirs."""

    def __init__(self, ids: Sequence[str], clusters: Sequence[Cluster]) -> None:
        self._ids = ids
        self._home = {member.article: cluster.id for cluster in clusters for member in cluster.members}
        self._sources: dict[str, str] = {}
        self._kinds: dict[str, set[str]] = defaultdict(set)
        self._sentences: dict[str, list[str]] = defaultdict(list)
        self._one_story: set[tuple[str, str]] = set()
        self._notes: dict[tuple[str, str], list[str]] = defaultdict(list)

    def decision(self, meant: Meant) -> None:
        """Enter a decision on a pair or a source; the clusters of both articles tell of it."""
        kind, note = meant.decision.decision, meant.decision.note
        a, b = (self._ids[place] for place in (meant.link if kind != RIGHT_SOURCE else (meant.b, meant.b)))
        if kind == RIGHT_SOURCE:
            self._sources[self._home[b]] = b
        elif kind == SAME_STORY:
            self._one_story.add((a, b))
            self._notes[a, b] += [note] if note else []
        for cluster in {self._home[side] for side in (a, b) if side in self._home}:
            self._kinds[cluster].add(kind)
            self._sentences[cluster].append("desk: " + _SAID[kind].format(a=a, b=b) + (f" ({note})" if note else ""))

    def note(self, meant: Meant, pairs: Collection[tuple[str, str]]) -> str:
        """Enter a note; returns why nothing is left for it to stand on, if so."""
        named = [self._ids[place] for place in meant.link if place >= 0]
        if len(named) == 2 and (named[0], named[1]) in pairs:
            self._notes[named[0], named[1]].append(meant.decision.note)
            return ""
        homes = {self._home.get(name, "") for name in named}
        if len(homes) == 1 and (cluster := homes.pop()):
            self._sentences[cluster].append(f"desk: {meant.decision.note}")
            return ""
        return "the two are no pair, and in no cluster together" if len(named) == 2 else "it is in no cluster"

    def of_match(self, match: Match) -> Match:
        """The match with what was decided of it; a named source is the source of its own pairs."""
        pair = (match.a, match.b)
        kinds, notes = [SAME_STORY] * (pair in self._one_story), self._notes.get(pair, ())
        home = self._home.get(match.a, "")
        source = self._sources.get(home, "") if home == self._home.get(match.b) else ""
        if source in pair and match.relation is not None:
            kinds.append(RIGHT_SOURCE)
            match = replace(match, likely_source=source, source_reason=DECIDED, source_probability=1.0)
        if not kinds and not notes:
            return match
        return replace(match, decided="+".join(sorted(kinds)), note="; ".join(dict.fromkeys(notes)))

    def of_cluster(self, cluster: Cluster) -> Cluster:
        """The cluster with what was decided of it."""
        own = dict.fromkeys(self._sentences.get(cluster.id, ()))
        if not own:
            return cluster
        return replace(cluster, decided="+".join(sorted(self._kinds[cluster.id])), notes=(*cluster.notes, *own))
