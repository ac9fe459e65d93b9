"""Dates of publication: which came first, and which are not worth believing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache

__all__ = ["contradicted", "doubtful_dates", "earlier", "instant"]

#: A time of day that so many articles of a run carry, and at least this share of them, is the crawler's and not theirs.
_CRAWLED, _CRAWLED_SHARE = 5, 0.05
#: Copies whose times differ by less came out of one feed.
_MARGIN = 600
#: Days by which a dateline and a date of publication may differ: papers print late, and the world has many zones.
_LATE = 4
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = "(" + "|".join(_MONTHS) + r")[a-z]*\.?"
_DAY_IN_LINE = re.compile(rf"(?<!\w)(?:{_MONTH} (\d{{1,2}})|(\d{{1,2}}) {_MONTH})(?!\w)", re.IGNORECASE)


@lru_cache(1 << 13)
def instant(published_at: str) -> tuple[datetime, bool] | None:
    """The moment of an ISO 8601 text in UTC and whether it has a time of day; None when unknown.

    Midnight sharp is no time of day: it is what a date becomes when a machine wants a time.

    Example:
        >>> instant("2031-05-02T10:00:00+02:00")
        (datetime.datetime(2031, 5, 2, 8, 0, tzinfo=datetime.timezone.utc), True)
        >>> instant("2031-05-02")[1], instant("2031-05-02T00:00:00")[1], instant("")
        (False, False, None)
    """
    try:
        moment = datetime.fromisoformat(published_at)
        zoned = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return zoned, len(published_at) > 10 and (moment.hour, moment.minute, moment.second) != (0, 0, 0)


def earlier(first: str, second: str) -> str:
    """In words how much earlier the first date is, if it is so whatever zone and hour were left out; else empty.

    Example:
        >>> earlier("2031-05-02T08:00:00Z", "2031-05-02T11:00:00Z"), earlier("2031-05-02", "2031-05-02T23:00:00Z")
        ('published 3 hours earlier', '')
    """
    one, other = instant(first), instant(second)
    if not one or not other:
        return ""
    gap = (other[0] - one[0]).total_seconds()
    if gap <= 0:
        return ""
    zoned = [one[1] and _has_zone(first), other[1] and _has_zone(second)]
    if one[1] == other[1] and zoned[0] == zoned[1]:
        return f"published {_duration(gap)} earlier" if gap > (_MARGIN if one[1] else 0) else ""
    # One side lacks the hour or the zone: it may stand for any moment from UTC+14 to UTC-12.
    slack = (0 if zoned[0] else 12 * 3600) + (0 if one[1] else 86400) + (0 if zoned[1] else 14 * 3600)
    return "published on an earlier day" if gap > slack else ""


def _has_zone(text: str) -> bool:
    return datetime.fromisoformat(text).tzinfo is not None


def _duration(seconds: float) -> str:
    for size, name in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = round(seconds / size)
            return f"{count} {name}{'s' if count != 1 else ''}"
    return "moments"


def doubtful_dates(dates: Iterable[str]) -> frozenset[str]:
    """Times of day that too many articles share to be theirs: when a folder was crawled, not when it was published.

    Example:
        >>> doubtful_dates(["2031-05-02T10:11:12Z"] * 9 + ["2031-05-01T08:00:00Z", "2031-05-01", "2031-05-01"])
        frozenset({'2031-05-02T10:11:12Z'})
    """
    counts = Counter(date for date in dates if len(date) > 10)
    dated = counts.total()
    often = (date for date, count in counts.items() if count >= max(_CRAWLED, _CRAWLED_SHARE * dated))
    return frozenset(date for date in often if (moment := instant(date)) and moment[1])


def contradicted(published: str, dateline: str) -> bool:
    """Whether the day in a dateline is another than that of publication, so that one of them is not the text's.

    Example:
        >>> contradicted("2031-03-25T10:00:00Z", "PORT ALDEN, Feb 16 (NWA) -"), contradicted("2031-02-17", "Feb 16")
        (True, False)
        >>> contradicted("2033-06-01", "PORT ALDEN, Feb 29 (NWA) -")
        True
    """
    moment, found = instant(published), _DAY_IN_LINE.search(dateline)
    if not moment or not found:
        return False
    month, day = (found[1], found[2]) if found[1] else (found[4], found[3])
    dated = False
    for year in (moment[0].year, moment[0].year - 1, moment[0].year + 1):
        try:
            stated = datetime(year, _MONTHS.index(month[:3].lower()) + 1, int(day), tzinfo=UTC)
        except ValueError:  # the 29th of February, in most years
            continue
        dated = True
        if abs(moment[0] - stated) <= timedelta(days=_LATE):
            return False
    return dated
