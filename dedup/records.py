"""The nouns of the project: what moves between the stages, and nothing that computes."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

__all__ = [
    "COPY_GRADES",
    "Article",
    "Cluster",
    "Event",
    "Furniture",
    "Grade",
    "Kinship",
    "Match",
    "Measures",
    "Member",
    "Passage",
    "RawRecord",
    "Skipped",
]


class Grade(StrEnum):
    """How two articles are related, by the annotation guide in docs/concepts.md."""

    EXACT = "exact"
    NEAR_DUPLICATE = "near_duplicate"
    EXCERPT = "excerpt"
    REWRITE = "rewrite"
    SAME_EVENT = "same_event"
    UNRELATED = "unrelated"

    @property
    def verdict(self) -> str:
        """The grade in an editor's words."""
        return _VERDICTS[self]


_VERDICTS = {
    Grade.EXACT: "identical copy",
    Grade.NEAR_DUPLICATE: "lightly edited copy",
    Grade.EXCERPT: "partial copy",
    Grade.REWRITE: "rewritten, or a shared source",
    Grade.SAME_EVENT: "same event, written independently",
    Grade.UNRELATED: "no copy found",
}


class Kinship(StrEnum):
    """What a copy is to an editor: another outlet's, or the outlet's own."""

    COPY = "copy"
    """By another outlet, or by one that is not known."""
    REVISION = "revision"
    """The same story by the same outlet: a correction, an update, a live blog that grew, a second address."""
    REUSE = "reuse"
    """Another story by the same outlet, which used a part of its own text again."""


#: The grades that say "text travelled", strongest first.
COPY_GRADES = (Grade.EXACT, Grade.NEAR_DUPLICATE, Grade.EXCERPT, Grade.REWRITE)


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRecord:
    """One article as a reader found it: decoded, not cleaned. Unknown fields are empty strings."""

    id: str
    """The `id` field, else the path relative to the scanned folder (`feed.jsonl#12` for a record of a file)."""
    source: str
    """Where it was read, for people: the path as given, with `#12` for a twelfth record that has no id of its own."""
    text: str
    """The text, or the whole page when `kind` is "html"."""
    kind: Literal["text", "html"] = "text"
    title: str = ""
    url: str = ""
    publisher: str = ""
    """From a field of the record. Cleaning falls back to the page, the URL's host, then `folder`."""
    folder: str = ""
    """Name of the folder the file lies in below the scanned one: the last resort for the publisher."""
    published: str = ""
    author: str = ""
    language: str = ""
    tidy: bool = False
    """Whether the text is known to hold no control characters and nothing that NFC changes, so that cleaning need not
    look for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """Something that was given and did not become an article, with a reason a person understands."""

    source: str
    stage: Literal["read", "clean", "note"]
    """"note" marks a remark about an article that was kept (say a duplicate id that was renamed)."""
    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Furniture:
    """A stretch of a body that is not the article's own text: `body[start:end]`, in characters."""

    start: int
    end: int
    kind: str
    """One of FURNITURE_KINDS in `dedup.clean`: navigation, subscribe, share, related, byline, ..."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """A cleaned news item. `body` keeps every character (NFC); `furniture` says which to discount."""

    id: str
    body: str
    title: str = ""
    publisher: str = ""
    url: str = ""
    canonical_url: str = ""
    published_at: str = ""
    """ISO 8601 date or date-time with the zone it was found with; empty when unknown."""
    author: str = ""
    language: str = ""
    dateline: str = ""
    """The place and agency line that opens the text, say `MINSK (AFP) -`."""
    agency: str = ""
    """The agency that the text itself is credited to, by its usual short name: AP, Reuters, AFP ..."""
    credit: str = ""
    """The credit line as it stands: `Story Credit: ...`, `With reporting by AFP`."""
    source: str = ""
    """Where it was read, for people."""
    furniture: tuple[Furniture, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """Text that two articles share: `a.body[a_start:a_end]` beside `b.body[b_start:b_end]`, in characters."""

    a_start: int
    a_end: int
    b_start: int
    b_end: int
    words: int
    """Words that are equal on both sides; words that differ inside the passage do not count."""
    rarity: float
    """How telling the shared wording is: the sum of rarity weights of its word 3-grams, in nats."""
    quote: bool = False
    """True when most of it stands inside quotation marks on both sides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """What was measured of a pair, on the words that are not furniture. Shares are 0-1."""

    jaccard: float
    """Exact Jaccard of the two sets of word 5-grams."""
    containment_a: float
    """Share of a's words that stand in passages shared with b."""
    containment_b: float
    cosine: float
    """TF-IDF cosine over words, idf from the shipped background."""
    rare_overlap: float
    """Sum over shared word 3-grams of max(0, idf - 5): shared wording that news at large does not share."""
    longest_run: int
    """Longest run of consecutive words in both, in words."""
    shared_words: int
    """Words in the shared passages."""
    shared_quotes: int
    """Quotations of five words or more found on both sides, word for word or re-told."""
    longest_passage: int
    """Words in the longest shared passage."""
    retold_quotes: int
    """Quotations of either text that stand in the other with nearly half of their wording or more, names aside."""
    told_again: float
    """Share of the telling words that stand in sentences told again, in the text where it is smaller."""
    rest_cosine: float
    """TF-IDF cosine of what is left beside the shared passages: does the rest speak of the same things?"""
    shared_names: float
    """Idf-weighted overlap of capitalised words and numbers; the cosine where a text has hardly any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A verified pair: `a < b`, what they are to each other, how sure that is, and the passages that show it."""

    a: str
    b: str
    grade: Grade
    confidence: float
    """Calibrated chance (0-1) that the two share text (for same_event: that they share the event)."""
    measures: Measures
    passages: tuple[Passage, ...]
    found_by: tuple[str, ...]
    """The signals that proposed the pair: body, signature, fingerprint, title, member, run, quote, neighbour."""
    likely_source: str = ""
    """The id of the likely source; `common source unseen`; or `cannot tell`."""
    source_reason: str = ""
    source_probability: float = 0.0
    """Chance (0-1) that `likely_source` is right; 0 for `cannot tell`."""
    relation: Kinship | None = None
    """Whether a copy is another outlet's or the outlet's own; None for a pair that is no copy."""
    similarity: float = 0.0
    """How strongly the pair alone makes the two one story, 0-1; near 0 for a pasted excerpt, which must not bridge."""
    decided: str = ""
    """What the desk decided of the pair: `same_story`, `right_source`, or both joined by `+`."""
    note: str = ""
    """What the desk noted on the pair."""

    @property
    def verdict(self) -> str:
        """The grade in an editor's words."""
        return self.grade.verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One article's place in a cluster."""

    article: str
    copy_group: str
    """Articles of one copy group carry the same text; named after its representative."""
    role: Literal["source", "member"]
    grade_to_source: str
    """Grade of the pair with the cluster's representative; empty for the representative itself."""
    revision_of: str = ""
    """The earlier article of the same outlet in this cluster that this one revises."""
    credit_audit: str = ""
    """Whom the text is credited to, or that this copy credits nobody; empty where nothing can be said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """One source story: its copies and rewrites. Built from verified pairs only."""

    id: str
    members: tuple[Member, ...]
    representative: str
    weakest_link: str
    """The pair that holds the cluster together most loosely, as `a|b`."""
    weakest_similarity: float
    """Its strength (0-1) among the other members: what third texts bear out counts more than the pair alone."""
    splits_at: float = 0.0
    """The lowest bar (`min_similarity`), in hundredths, at which the cluster would fall apart; 0 if it never does."""
    parts: tuple[tuple[str, ...], ...] = ()
    """What it would fall into there, as article ids."""
    likely_source: str = ""
    source_reason: str = ""
    source_probability: float = 0.0
    title: str = ""
    notes: tuple[str, ...] = field(default=())
    decided: str = ""
    """What the desk decided of it or its members: `not_a_copy`, `right_source`, `same_story`, joined by `+`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """The articles that report one event: copies, rewrites and independent reports. Only looked for when asked."""

    id: str
    members: tuple[str, ...]
    """Ids of the articles, sorted."""
