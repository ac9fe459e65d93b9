"""A run in plain words: the figures, one sentence that sums them up, and what to say when nothing matched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dedup.records import COPY_GRADES, Grade
from dedup.report.findings import Findings, best_matches, status

__all__ = ["Figures", "count", "decided", "headline", "plural", "why_nothing_matched"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What was counted."""

    articles: int
    copies: int
    """Articles that share text with at least one other."""
    related: int
    """Articles that only share an event with another."""
    unique: int
    short: int
    """Articles too short to judge, and no copies of another's whole text either."""
    clusters: int
    clustered: int
    """Articles in clusters."""
    skipped: int
    """Inputs that did not become articles; remarks about articles that were kept do not count."""
    notes: int
    pairs: dict[str, int]
    """Pairs by grade, strongest grade first."""


def count(findings: Findings) -> Figures:
    """The figures of a run."""
    best = best_matches(findings.matches)
    states = Counter(status(name, match, findings.short) for name, match in best.items())
    grades = Counter(match.grade for match in findings.matches)
    sizes = [len(cluster.members) for cluster in findings.clusters if len(cluster.members) > 1]
    notes = sum(skipped.stage == "note" for skipped in findings.skipped)
    return Figures(
        articles=len(findings.articles),
        copies=states["copy"],
        related=states["related"],
        unique=len(findings.articles) - len(findings.short | best.keys()),
        short=len(findings.short - best.keys()),
        clusters=len(sizes),
        clustered=sum(sizes),
        skipped=len(findings.skipped) - notes,
        notes=notes,
        pairs={grade.value: grades[grade] for grade in Grade if grades[grade]},
    )


def headline(figures: Figures) -> str:
    """One sentence that says how many articles share text, and in how many stories."""
    total = plural(figures.articles, "article")
    loose = figures.copies - figures.clustered
    passage = f"{loose:,} {'shares' if loose == 1 else 'share'} a passage"
    if figures.clusters:
        stories = plural(figures.clusters, "story", "stories")
        also = f"; {passage.replace(' ', ' more ', 1)}" if loose > 0 else ""
        return f"Of {total}, {figures.clustered:,} share their text in {stories}{also}."
    if figures.copies:
        return f"Of {total}, {passage}."
    if figures.pairs.get(Grade.SAME_EVENT):
        return f"No copies among {total}; {figures.related:,} report an event that another reports too."
    return f"No copies among {total}." if figures.articles else "No articles were read."


#: Decisions that are named before the rest is counted.
_NAMED = 3


def decided(account: Mapping[str, Any] | None) -> list[str]:
    """Sentences on what became of the desk's decisions, from `stats["decisions"]`; empty without any.

    Example:
        >>> decided({"given": 3, "applied": 3, "stale": [], "precision": {"decided": 2, "confirmed": 1, "share": 0.5}})
        ['Of 3 decisions, 3 were applied. The desk judged 2 pairs that dedup called copies, and confirmed 1 (50%).']
    """
    if not account:
        return []
    were = "was" if account["applied"] == 1 else "were"
    first = f"Of {plural(account['given'], 'decision')}, {account['applied']:,} {were} applied."
    judged = account["precision"]
    if judged["decided"]:
        first += (
            f" The desk judged {plural(judged['decided'], 'pair')} that dedup called copies, "
            f"and confirmed {judged['confirmed']:,} ({judged['share']:.0%})."
        )
    stale = account["stale"]
    lines = [
        f"  Not applied: {s['decision']} of {s['a']}{' and ' + s['b'] if s['b'] else ''}: {s['reason']}" for s in stale
    ]
    more = [f"  ... and {len(stale) - _NAMED:,} more; all are in run.json"] if len(stale) > _NAMED else []
    return [first, *lines[:_NAMED], *more]


def why_nothing_matched(findings: Findings) -> list[str]:
    """Sentences that say why it is plausible that no copies were found; empty when some were."""
    figures = count(findings)
    if any(figures.pairs.get(grade) for grade in COPY_GRADES):
        return []
    if figures.articles == 0:
        skipped = f"{plural(figures.skipped, 'input')} had to be skipped; " if figures.skipped else ""
        return [f"There was nothing to compare: {skipped}no article was left."]
    if figures.articles == 1:
        return ["One article alone cannot be a copy of another."]
    reasons = []
    if figures.short:
        are = "is" if figures.short == 1 else "are"
        reasons.append(
            f"{figures.short:,} of {plural(figures.articles, 'article')} {are} too short to judge: "
            "such texts are compared by their exact wording and title only."
        )
    if figures.short < figures.articles:
        reasons.append(
            "No two articles share a run of words, a quotation or a passage that is rare in the news at large, "
            "apart from page furniture such as navigation and subscription lines, which never counts."
        )
    if figures.skipped:
        were = "input was" if figures.skipped == 1 else "inputs were"
        reasons.append(f"{figures.skipped:,} {were} skipped and could not be compared.")
    return reasons


def plural(number: int, one: str, many: str = "") -> str:
    """The number with its noun.

    Example:
        >>> plural(1, "story", "stories"), plural(1200, "story", "stories"), plural(2, "article")
        ('1 story', '1,200 stories', '2 articles')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"
