"""Whether a copy is another outlet's, or a revision by the outlet itself."""

from __future__ import annotations

from dedup.provenance.witness import Witness, address
from dedup.records import COPY_GRADES, Grade, Kinship, Measures

__all__ = ["relation", "same_outlet"]

#: Hosts that carry the articles of many outlets: there the host says nothing of whose an article is.
_SHARED_HOSTS = {
    *(
        "news.yahoo.com",
        "yahoo.com",
        "finance.yahoo.com",
        "msn.com",
        "news.google.com",
        "apple.news",
        "smartnews.com",
    ),
    *(
        "newsbreak.com",
        "medium.com",
        "facebook.com",
        "twitter.com",
        "x.com",
        "t.me",
        "archive.org",
        "web.archive.org",
    ),
    *(
        "archive.is",
        "archive.ph",
        "pressreader.com",
        "allafrica.com",
        "dailyhunt.in",
        "flipboard.com",
    ),
}
#: Share of the shorter text from which a partial copy by the same outlet is the same story grown or cut, and not a
#: paragraph of background used again.
_SAME_STORY = 0.6


def same_outlet(a: Witness, b: Witness) -> bool:
    """Whether two articles are one outlet's, by publisher or by the host of their addresses."""
    if a.outlet and a.outlet == b.outlet:
        return True
    if not a.site or a.site != b.site or a.site in _SHARED_HOSTS:
        return False
    # A copy that gives the agency's address for its own is the copying outlet's all the same.
    return not (a.outlet and b.outlet) or a.from_agency == b.from_agency


def relation(a: Witness, b: Witness, grade: Grade, measures: Measures) -> Kinship | None:
    """What a copy is in the eyes of an editor; None for a pair that is no copy."""
    if grade not in COPY_GRADES:
        return None
    if not same_outlet(a, b):
        return Kinship.COPY
    if a.url and address(a.url) == address(b.url):
        return Kinship.REVISION
    whole = grade in (Grade.EXACT, Grade.NEAR_DUPLICATE)
    grown = grade is Grade.EXCERPT and max(measures.containment_a, measures.containment_b) >= _SAME_STORY
    return Kinship.REVISION if whole or grown else Kinship.REUSE
