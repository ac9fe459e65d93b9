"""Which of two copies is the likely source, with the reasons in words, or an honest "cannot tell"."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from dedup.records import Article, Grade, Measures

__all__ = ["CANNOT_TELL", "COMMON", "Attribution", "attribute", "instant"]

COMMON = "common source unseen"
CANNOT_TELL = "cannot tell"

#: Evidence, strongest first, in points; a lead of two points names a source.
_CANONICAL = 10.0
_CREDIT = 4.0
_EARLIER = 2.0
_SUBSET = 1.0
_LEAD = 2.0


@dataclass(frozen=True, slots=True)
class Attribution:
    """The likely source of a pair (an article id, COMMON or CANNOT_TELL) and why."""

    source: str
    reason: str


def instant(published_at: str) -> tuple[datetime, bool] | None:
    """The moment of an ISO 8601 text in UTC and whether it has a time of day; None when unknown.

    Example:
        >>> instant("2031-05-02T10:00:00+02:00")
        (datetime.datetime(2031, 5, 2, 8, 0, tzinfo=datetime.timezone.utc), True)
        >>> instant("2031-05-02")[1], instant("")
        (False, None)
    """
    try:
        moment = datetime.fromisoformat(published_at)
        zoned = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return zoned, len(published_at) > 10


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _points_to(a: Article, b: Article) -> bool:
    """Whether a's canonical link names b's address while its own is another."""
    if not a.canonical_url or not b.url:
        return False
    bare = [url.split("?")[0].split("#")[0].rstrip("/") for url in (a.canonical_url, b.url, a.url)]
    return bare[0] == bare[1] != bare[2]


def _credits(a: Article, b: Article) -> bool:
    """Whether a's credit line or agency names b's outlet."""
    outlet = b.publisher.lower().removeprefix("the ").strip()
    host = _host(b.url)
    if a.agency and outlet and a.agency.lower() == outlet:
        return True
    credit = a.credit.lower()
    own = a.publisher.lower().removeprefix("the ").strip()
    return bool(credit) and (
        (len(outlet) > 2 and outlet in credit and outlet != own) or (bool(host) and host in credit)
    )


def _evidence(a: Article, b: Article, contained: float, containing: float) -> list[tuple[float, str]]:
    """What speaks for b as the source of a: points and words."""
    found = []
    if _points_to(a, b):
        found.append((_CANONICAL, "the copy's page names this one as its canonical address"))
    if _credits(a, b):
        found.append((_CREDIT, f"the copy credits {b.publisher or a.agency}"))
    if lead := _earlier(b.published_at, a.published_at):
        found.append((_EARLIER, lead))
    if contained >= 0.8 and containing <= 0.65:
        found.append((_SUBSET, "nearly all of the copy stands in this longer text"))
    return found


def _earlier(first: str, second: str) -> str:
    """In words how much earlier the first date is, if it is so whatever zone and hour were left out; else empty."""
    one, other = instant(first), instant(second)
    if not one or not other:
        return ""
    gap = (other[0] - one[0]).total_seconds()
    zoned = [datetime.fromisoformat(text).tzinfo is not None for text in (first, second)]
    if one[1] and other[1] and zoned[0] == zoned[1]:
        return f"published {_duration(gap)} earlier" if gap > 600 else ""
    if one[1] == other[1] and zoned[0] == zoned[1]:
        return f"published {_duration(gap)} earlier" if gap > 0 else ""
    # One side lacks the hour or the zone: it may stand for any moment from UTC+14 to UTC-12.
    slack = (0 if zoned[0] else 12 * 3600) + (0 if one[1] else 86400) + (0 if zoned[1] else 14 * 3600)
    return "published on an earlier day" if gap > slack else ""


def _duration(seconds: float) -> str:
    for size, name in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = round(seconds / size)
            return f"{count} {name}{'s' if count != 1 else ''}"
    return "moments"


def attribute(a: Article, b: Article, grade: Grade, measures: Measures) -> Attribution:
    """The likely source of a copy, by canonical link, credit, dates and which text contains the other."""
    for_b = _evidence(a, b, measures.containment_a, measures.containment_b)
    for_a = _evidence(b, a, measures.containment_b, measures.containment_a)
    points_a, points_b = sum(p for p, _ in for_a), sum(p for p, _ in for_b)
    decisive = max((p for p, _ in for_a + for_b), default=0.0) >= _CREDIT
    if a.agency and a.agency == b.agency and not decisive:
        return Attribution(COMMON, f"both credit {a.agency}")
    if grade == Grade.REWRITE and not decisive:
        return Attribution(COMMON, "they share statements, and neither contains the other")
    if abs(points_a - points_b) < _LEAD:
        return Attribution(CANNOT_TELL, "nothing in the texts or their dates decides it")
    source, reasons = (a, for_a) if points_a > points_b else (b, for_b)
    return Attribution(source.id, "; ".join(reason for _, reason in sorted(reasons, reverse=True)))
