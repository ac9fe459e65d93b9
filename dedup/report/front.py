"""What the page shows before any script has run: the figures in words, the largest stories, the outlets, the run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dedup.records import Article, Cluster, Grade, Match
from dedup.report import wording
from dedup.report.chosen import Chosen
from dedup.report.findings import Findings, one_line
from dedup.report.outlets import Traffic
from dedup.report.summary import Figures, count, decided, headline, plural, why_nothing_matched

__all__ = ["Bar", "StoryLine", "front", "settings"]

#: Stories and outlets that the front shows; the page's script lists all of them.
_STORIES, _OUTLETS = 8, 6
#: Rows of skipped.csv that the page shows.
_SKIPPED = 500


@dataclass(frozen=True, slots=True)
class Bar:
    """A grade's part of the bar, 0 to 1000 over its length."""

    grade: Grade
    pairs: int
    start: float
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryLine:
    """A story in one line."""

    id: str
    title: str
    language: str
    articles: int
    outlets: list[str]
    grades: list[Grade]
    """The kinds of copy in it, strongest first."""
    known: bool
    """Whether the likely source is among the articles."""
    source: str
    """The outlet of the likely source, or why it has none."""
    chance: float
    first: str
    """The earliest date of publication, as it was given; empty where none is known."""


def front(findings: Findings, chosen: Chosen, routes: Traffic) -> dict[str, Any]:
    """The values of the page's template."""
    figures = count(findings)
    notes = [row for row in findings.skipped if row.stage == "note"]
    return {
        "figures": figures,
        "headline": headline(figures),
        "summary": list(_summary(figures, chosen)),
        "bar": _bar(figures),
        "nothing": why_nothing_matched(findings),
        "warnings": findings.stats.get("warnings", []),
        "decided": [sentence.strip() for sentence in decided(findings.stats.get("decisions"))],
        "stories": _lines(findings, chosen),
        "routes": routes,
        "outlets": _OUTLETS,
        "counts": {"stories": len(chosen.clusters), "pairs": len(chosen.matches), "events": len(chosen.events)},
        "skipped": findings.skipped[:_SKIPPED],
        "more_skipped": max(0, len(findings.skipped) - _SKIPPED),
        "notes": len(notes),
        "made": _made(findings.stats),
        "settings": settings(findings.stats),
    }


def _summary(figures: Figures, chosen: Chosen) -> Iterator[str]:
    """What the headline leaves out, in sentences."""
    largest = [cluster for cluster in chosen.clusters if len(cluster.members) == len(chosen.clusters[0].members)]
    if largest:
        size = plural(len(largest[0].members), "article")
        yield f"The largest story has {size}." if len(largest) == 1 else f"The largest have {size} each."
    known = sum(any(member.role == "source" for member in cluster.members) for cluster in chosen.clusters)
    if len(chosen.clusters) > 1:
        yield f"In {known or 'none'} of the {len(chosen.clusters):,} the likely source is among the articles."
    own = sum(bool(member.revision_of) for cluster in chosen.clusters for member in cluster.members)
    if own:
        yield f"{plural(own, 'article')} {'is a version' if own == 1 else 'are versions'} of an outlet’s own story."
    missing = sum(
        member.credit_audit.startswith("no credit") for cluster in chosen.clusters for member in cluster.members
    )
    if missing:
        carry = "carries" if missing == 1 else "carry"
        yield f"{plural(missing, 'copy', 'copies')} of a credited text {carry} no credit."
    if figures.related:
        only = "only shares" if figures.related == 1 else "only share"
        yield f"{plural(figures.related, 'article')} {only} an event with another, and no text."


def _made(stats: Mapping[str, Any]) -> str:
    """What made the report, and the options that change most what it finds, in a sentence or two."""
    versions, options = stats.get("versions", {}), stats.get("options", {})
    told = f"Made by dedup {versions['dedup']}" if "dedup" in versions else "Made by dedup"
    told += "".join(f", {name} {versions[name]}" for name in ("background", "grades") if name in versions) + "."
    if "related" in options:
        told += " Reports of one event were looked for." if options["related"] else " Only copies were looked for."
    days = options.get("candidates", {}).get("window_days")
    return told + (f" Articles more than {plural(days, 'day')} apart were not compared." if days else "")


def _bar(figures: Figures) -> list[Bar]:
    """The grades' parts, each wide enough to be seen."""
    shown = [(Grade(name), number) for name, number in figures.pairs.items() if name != Grade.UNRELATED]
    total = sum(number for _, number in shown)
    widths = [max(6.0, 1000 * number / total) for _, number in shown]
    scale = 1000 / (sum(widths) or 1)
    parts, at = [], 0.0
    for (grade, number), width in zip(shown, widths, strict=True):
        parts.append(Bar(grade, number, round(at, 1), round(width * scale, 1)))
        at += width * scale
    return parts


def _lines(findings: Findings, chosen: Chosen) -> list[StoryLine]:
    largest = chosen.clusters[:_STORIES]
    inside: list[list[Match]] = [[] for _ in largest]
    for match, home in zip(chosen.matches, chosen.homes, strict=True):
        if 0 <= home < len(largest):
            inside[home].append(match)
    return [_line(cluster, pairs, findings) for cluster, pairs in zip(largest, inside, strict=True)]


def _line(cluster: Cluster, pairs: Sequence[Match], findings: Findings) -> StoryLine:
    articles = findings.heads([member.article for member in cluster.members])
    source = articles.get(cluster.likely_source)
    head = articles[cluster.representative]
    return StoryLine(
        id=cluster.id,
        title=one_line(cluster.title, 300) or _label(head, findings),
        language=wording.language(head),
        articles=len(cluster.members),
        outlets=sorted({article.publisher for article in articles.values() if article.publisher}),
        grades=[grade for grade in Grade if any(match.grade is grade for match in pairs)],
        source=(source.publisher or source.id) if source else cluster.likely_source or "cannot tell",
        known=source is not None,
        chance=cluster.source_probability,
        first=wording.earliest(article.published_at for article in articles.values()),
    )


def _label(head: Article, findings: Findings) -> str:
    return wording.label(findings.opened([head.id])[head.id])


def settings(stats: Mapping[str, Any]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Options, versions and other facts of the run as titled lists of (name, value), nested names joined by dots."""
    general: list[tuple[str, str]] = []
    groups = [("run", general)]
    for name in sorted(stats):
        value = stats[name]
        if isinstance(value, Mapping):
            groups.append((name.replace("_", " "), list(_flat(value, ""))))
        else:
            general.append((name.replace("_", " "), _plain(value)))
    return [(name, facts) for name, facts in groups if facts]


def _flat(values: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for name in sorted(values):
        if isinstance(values[name], Mapping):
            yield from _flat(values[name], f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}".replace("_", " "), _plain(values[name])


def _plain(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "none"}[value]
    if isinstance(value, float):
        return f"{value:,.3f}".rstrip("0").rstrip(".")
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(_plain, value)) or "none"
    return str(value)
