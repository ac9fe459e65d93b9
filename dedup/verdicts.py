"""What an index says of an article, in an editor's words and as plain values."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from dedup.index import Earlier, Relation, Verdict
from dedup.records import Article, Grade, Kinship, Passage
from dedup.report.findings import one_line
from dedup.report.summary import plural
from dedup.report.wording import sure, when

__all__ = ["as_values", "in_words", "is_copy", "longest", "match_values", "others", "relation", "sentence"]

#: Characters of a passage that a sentence quotes.
_QUOTED = 60


def relation(verdict: Verdict) -> str:
    """What the article is: a `Relation`, or `known` for one that the index holds already.

    Another text under the id of an earlier one is its revision, whoever published it.
    """
    first = verdict.matches[0] if verdict.matches else None
    if verdict.known or (first is not None and first.id == verdict.article and first.grade is Grade.EXACT):
        return "known"
    own = first is not None and first.id == verdict.article
    return str(Relation.REVISION_OF if own and verdict.relation is not Relation.SAME_EVENT else verdict.relation)


def others(verdict: Verdict) -> tuple[Earlier, ...]:
    """The matches, without the article itself where the index holds it already."""
    return verdict.matches[1:] if relation(verdict) == "known" else verdict.matches


def is_copy(verdict: Verdict) -> bool:
    """Whether the article shares its text with another one of the index; itself and its own event do not count."""
    return any(match.grade is not Grade.SAME_EVENT for match in others(verdict))


def longest(match: Earlier) -> Passage | None:
    """The longest passage of a match, the first of equal ones; None without any."""
    return max(match.passages, key=lambda passage: (passage.words, -passage.a_start), default=None)


def sentence(verdict: Verdict, article: Article) -> str:
    """What the article is, of whom, how sure that is, and the longest passage that it shares.

    Args:
        article: the one that the verdict is about, from whose body the passage is quoted.

    Example:
        >>> sentence(Verdict(article="bees.txt", relation=Relation.NEW), Article(id="bees.txt", body="..."))
        'new'
    """
    matches = others(verdict)
    known = relation(verdict) == "known"
    if not matches:
        return "in the index already" if known else "new"
    first = matches[0]
    who = ", ".join(fact for fact in (first.publisher, when(first.published_at)) if fact)
    parts = [_phrase(verdict).format(first.id + (f" ({who})" if who else "")), sure(first.confidence)]
    passage = longest(first)
    if passage is not None:
        quoted = one_line(article.body[passage.a_start : passage.a_end], _QUOTED)
        parts.append(f"longest shared passage {plural(passage.words, 'word')}: “{quoted}”")
    if len(matches) > 1:
        parts.append(f"and {plural(len(matches) - 1, 'more match', 'more matches')}")
    return ("in the index already; " if known else "") + ", ".join(parts)


def in_words(verdict: Verdict) -> str:
    """What the article is in an editor's words, without saying of whom.

    Example:
        >>> in_words(Verdict(article="bees.txt", relation=Relation.NEW))
        'new'
    """
    if relation(verdict) == "known":
        return "in the index already"
    if not verdict.matches:
        return "new"
    revision = relation(verdict) == Relation.REVISION_OF
    return ("revision: " if revision else "") + verdict.matches[0].verdict


def _phrase(verdict: Verdict) -> str:
    """What the first match is, with {} for its id."""
    first = others(verdict)[0]
    if first.kinship is Kinship.REVISION or first.id == verdict.article:
        return "revision of {}"
    return _PHRASES[first.grade] + (", within one outlet" if first.kinship is Kinship.REUSE else "")


_PHRASES = {
    Grade.EXACT: "identical copy of {}",
    Grade.NEAR_DUPLICATE: "lightly edited copy of {}",
    Grade.EXCERPT: "shares a part with {}",
    Grade.REWRITE: "rewritten from, or one source with, {}",
    Grade.SAME_EVENT: "same event as {}, written independently",
}


def as_values(verdict: Verdict, article: Article | None = None) -> dict[str, Any]:
    """Everything that a verdict says, in values that JSON has.

    Args:
        article: the one that it is about; with it the passages have their text.
    """
    return {
        "article": verdict.article,
        "relation": str(verdict.relation),
        "of": verdict.of or None,
        "known": verdict.known,
        "confidence": _rounded(verdict.matches[0].confidence) if verdict.matches else None,
        "found": len(verdict.matches),
        "matches": [match_values(match, article) for match in verdict.matches],
    }


def match_values(match: Earlier, article: Article | None = None) -> dict[str, Any]:
    """Everything that is known of one match, in values that JSON has."""
    measures = match.measures
    return {
        "id": match.id,
        "grade": str(match.grade),
        "verdict": match.verdict,
        "confidence": _rounded(match.confidence),
        "kinship": None if match.kinship is None else str(match.kinship),
        "title": match.title,
        "publisher": match.publisher,
        "published": match.published_at,
        "url": match.url,
        "passages": [_passage_values(passage, article) for passage in match.passages],
        "measures": None if measures is None else {k: _rounded(value) for k, value in asdict(measures).items()},
    }


def _passage_values(passage: Passage, article: Article | None) -> dict[str, Any]:
    values = {
        "start": passage.a_start,
        "end": passage.a_end,
        "earlier_start": passage.b_start,
        "earlier_end": passage.b_end,
        "words": passage.words,
        "rarity": _rounded(passage.rarity),
        "quote": passage.quote,
    }
    return values if article is None else {**values, "text": article.body[passage.a_start : passage.a_end]}


def _rounded(value: float) -> float:
    return round(float(value), 4) if isinstance(value, float) else value
