"""Figures of a pair as sentences an editor can quote."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit

from dedup.records import Article, Cluster, Kinship, Match
from dedup.report.findings import one_line
from dedup.report.summary import plural

__all__ = [
    "credits",
    "earliest",
    "found_by",
    "label",
    "language",
    "link",
    "measures",
    "moment",
    "origin",
    "percent",
    "split",
    "sure",
    "verdict",
    "when",
]

_SIGNALS = {
    "body": "the same text",
    "signature": "much the same wording (MinHash)",
    "run": "eight words in a row in both",
    "fingerprint": "rare phrases in common",
    "quote": "quotations in common, word for word or retold",
    "title": "the same title",
    "neighbour": "the same rare words",
    "member": "a near-identical article in the same group",
}

#: Parts of a cluster, and articles of a part, that are named.
_NAMED = 3


def percent(share: float) -> str:
    """A share in per cent that never rounds up to everything or down to nothing.

    Example:
        >>> percent(0.384), percent(0.9996), percent(1.0), percent(0.0004)
        ('38%', 'over 99%', '100%', 'under 1%')
    """
    if 0.99 < share < 1:
        return "over 99%"
    if 0 < share < 0.01:
        return "under 1%"
    return f"{share * 100:.0f}%"


def split(cluster: Cluster) -> str:
    """What would split a cluster, and into what; at most three parts and three articles of each are named.

    Example:
        >>> from dataclasses import replace
        >>> pair = Cluster(id="c1", members=(), representative="a", weakest_link="a|b", weakest_similarity=0.52)
        >>> split(replace(pair, splits_at=0.53, parts=(("a",), ("b", "c", "d", "e"))))
        'at a bar of 0.53 into 2: {b, c, d, 1 more} and {a}'
    """
    if not cluster.parts:
        return "at no bar: held together by the desk" if "same_story" in cluster.decided else "at no bar: one text"
    parts = sorted(cluster.parts, key=lambda part: (-len(part), part))
    named = [
        "{" + ", ".join([*part[:_NAMED], *([f"{len(part) - _NAMED} more"] if len(part) > _NAMED else [])]) + "}"
        for part in parts[:_NAMED]
    ]
    if len(parts) > _NAMED:
        named.append(f"{len(parts) - _NAMED} more")
    return f"at a bar of {cluster.splits_at:.2f} into {len(parts)}: {', '.join(named[:-1])} and {named[-1]}"


def sure(confidence: float) -> str:
    """How sure a confidence is, in words.

    Example:
        >>> sure(0.97), sure(0.55)
        ('almost certain', 'possible')
    """
    steps = ((0.95, "almost certain"), (0.8, "very likely"), (0.6, "likely"), (0.4, "possible"))
    return next((words for bar, words in steps if confidence >= bar), "doubtful")


def measures(match: Match) -> list[str]:
    """Every measure of a pair as one plain sentence; the two articles are called A and B."""
    m = match.measures
    sentences = ["No passage is shared."]
    if m.shared_words:
        sentences = [
            f"{_start(percent(m.containment_a))} of A’s words stand in passages that B has too, "
            f"and {percent(m.containment_b)} of B’s in passages that A has.",
            f"These passages hold {plural(m.shared_words, 'shared word')}; "
            f"the longest passage has {plural(m.longest_passage, 'word')}, "
            f"the longest unbroken run {plural(m.longest_run, 'word')}.",
        ]
    if m.shared_quotes:
        quotations = f"{plural(m.shared_quotes, 'quotation')} of five words or more"
        sentences.append(
            f"{quotations} {'stands' if m.shared_quotes == 1 else 'stand'} in both, word for word or retold."
        )
    else:
        sentences.append("No quotation that tells much stands in both word for word.")
    if m.retold_quotes > m.shared_quotes:
        told = "quotation of one stands" if m.retold_quotes == 1 else "quotations of one stand"
        sentences.append(
            f"{m.retold_quotes:,} {told} in the other with most of the wording, reworded or translated anew."
        )
    if m.told_again > 0:
        sentences.append(f"Sentences that both tell, in whatever words, hold {percent(m.told_again)} of what they say.")
    sentences += [
        f"{_start(percent(m.jaccard))} of all sequences of five words occur in both (Jaccard {m.jaccard:.3f}).",
        f"Shared wording that is rare in the news at large weighs {m.rare_overlap:.1f} (0: only everyday phrases).",
        f"The vocabulary is alike by {m.cosine:.2f} of 1 (TF-IDF cosine), "
        f"names and numbers by {m.shared_names:.2f}, what is left beside the passages by {m.rest_cosine:.2f}; "
        "this speaks of the topic, not of copying.",
    ]
    if match.found_by:
        sentences.append(f"Found by: {found_by(match)}.")
    return sentences


def _start(words: str) -> str:
    return words[:1].upper() + words[1:]


def found_by(match: Match) -> str:
    """The signals that proposed a pair, in words."""
    return ", ".join(_SIGNALS.get(signal, signal) for signal in match.found_by)


def label(article: Article) -> str:
    """What to call an article: its title, else how its own text begins, else its id."""
    return one_line(article.title, 300) or one_line(_opening(article), 90) or article.id


def _opening(article: Article) -> str:
    """The first stretch of the body that is not furniture."""
    at = 0
    for furniture in sorted(article.furniture, key=lambda furniture: furniture.start):
        if article.body[at : furniture.start].strip():
            return article.body[at : furniture.start]
        at = max(at, furniture.end)
    return article.body[at:]


def when(published_at: str) -> str:
    """A date for readers, with the zone it was given in; as it stands when it is not ISO 8601.

    Example:
        >>> when("2031-05-04T09:05:00+02:00"), when("2031-05-04"), when("spring")
        ('4 May 2031, 09:05 +02:00', '4 May 2031', 'spring')
    """
    try:
        given = datetime.fromisoformat(published_at)
    except ValueError:
        return published_at
    day = f"{given.day} {_MONTHS[given.month - 1]} {given.year}"
    if len(published_at) <= 10:
        return day
    zone = f"{given:%z}"
    zone = "UTC" if zone == "+0000" else f"{zone[:3]}:{zone[3:5]}" if zone else ""
    return f"{day}, {given:%H:%M} {zone}".rstrip()


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def moment(published_at: object) -> datetime | None:
    """The moment in UTC; what has no zone is taken as it is, a day begins at midnight, and what is no date is nothing.

    Example:
        >>> str(moment("2031-03-05T06:20:00+01:00")), str(moment("2031-03-05")), moment("spring")
        ('2031-03-05 05:20:00+00:00', '2031-03-05 00:00:00+00:00', None)
    """
    if not isinstance(published_at, str):
        return None
    try:
        found = datetime.fromisoformat(published_at)
    except ValueError:
        return None
    try:
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except OverflowError:  # the first and last day there is, in another zone
        return None


def earliest(published_at: Iterable[str]) -> str:
    """The first of some dates, as it was given; empty where none is known.

    Example:
        >>> earliest(["2031-05-01T08:00:00Z", "", "spring", "2031-05-01T09:30:00+02:00"])
        '2031-05-01T09:30:00+02:00'
    """
    dated = ((moment(date), date) for date in published_at)
    return min(((found, date) for found, date in dated if found), default=(None, ""))[1]


def verdict(match: Match) -> str:
    """The grade in an editor's words, and whose copy it is where that is the outlet's own.

    Example:
        >>> from dedup.records import Grade
        >>> verdict(Match(a="x", b="y", grade=Grade.EXACT, confidence=1, measures=None, passages=(), found_by=(),
        ...     relation=Kinship.REVISION))
        'revision by the same outlet: identical copy'
    """
    return _OWN.get(match.relation, "{}").format(match.verdict) if match.relation else match.verdict


_OWN = {
    Kinship.REVISION: "revision by the same outlet: {}",
    Kinship.REUSE: "{}, within one outlet",
}


def origin(source: str, reason: str, probability: float) -> str:
    """A likely source in a sentence: how likely it is, and why.

    Example:
        >>> origin("wire-7", "published 3 hours earlier", 0.72), origin("cannot tell", "nothing decides it", 0)
        ('wire-7 (72% likely): published 3 hours earlier', 'cannot tell: nothing decides it')
    """
    return f"{source}{f' ({percent(probability)} likely)' if probability else ''}: {reason}"


def credits(cluster: Cluster, outlets: Mapping[str, str]) -> str:
    """One sentence on who carries the credit in a cluster; empty where nothing can be said.

    Args:
        outlets: the outlet of each article, by its id.
    """
    missing = [m for m in cluster.members if m.credit_audit.startswith("no credit")]
    given = sorted({m.credit_audit for m in cluster.members if m.credit_audit.startswith("credited to ")})
    if not missing:
        return (
            f"{plural(sum(m.credit_audit in given for m in cluster.members), 'article')} {'; '.join(given)}."
            if given
            else ""
        )
    by_remark: dict[str, list[str]] = {}
    for member in missing:
        by_remark.setdefault(member.credit_audit, []).append(outlets.get(member.article) or member.article)
    return " ".join(
        f"No credit in {', '.join(sorted(set(names)))}: {remark.partition(': ')[2]}."
        for remark, names in sorted(by_remark.items())
    )


def link(url: str) -> str:
    """The address if it is a plain web address, else nothing: nobody should click on anything else.

    Example:
        >>> link("https://example.org/a"), link("javascript:alert(1)")
        ('https://example.org/a', '')
    """
    if not url.isprintable() or " " in url:
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in ("http", "https") and parts.netloc else ""


def language(article: Article) -> str:
    """The article's language as a `lang` attribute takes it, else nothing."""
    return article.language if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", article.language) else ""
