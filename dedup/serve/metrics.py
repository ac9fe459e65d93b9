"""Counters for Prometheus, in its text format.

Written by hand: it is two kinds of figures and a page of text. The usual client package would bring a registry that the
whole process shares, so that two services in one process, as in tests, would count into each other's figures.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from dedup.serve.lanes import Lane

__all__ = ["METRICS_TYPE", "Metrics"]

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"
#: Upper bounds of the bins of seconds; a check takes some thousandths, an addition waits for the disk.
_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """What the service has done. Count on the event loop only."""

    def __init__(self, version: str) -> None:
        self._version = version
        self._requests: Counter[tuple[str, int]] = Counter()
        self._bins: Counter[tuple[str, float]] = Counter()
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._verdicts: Counter[str] = Counter()
        self.added = 0
        """Articles that were new to the index or had changed."""
        self.removed = 0

    def answered(self, operation: str, status: int, seconds: float) -> None:
        """A request was answered."""
        self._requests[operation, status] += 1
        self._seconds[operation] += seconds
        self._bins[operation, next((bound for bound in _BOUNDS if seconds <= bound), float("inf"))] += 1

    def gave(self, relation: str) -> None:
        """A verdict was given."""
        self._verdicts[relation] += 1

    def page(self, lanes: Iterable[Lane]) -> str:
        """All figures."""
        return "\n".join([*self._lines(tuple(lanes)), ""])

    def _lines(self, lanes: tuple[Lane, ...]) -> Iterator[str]:
        yield from _head("dedup_build_info", "gauge", "The version that runs.")
        yield f'dedup_build_info{{version="{self._version}"}} 1'
        yield from _head("dedup_requests_total", "counter", "Requests answered, by path and status.")
        for (operation, status), count in sorted(self._requests.items()):
            yield f'dedup_requests_total{{path="{operation}",status="{status}"}} {count}'
        yield from _head("dedup_request_seconds", "histogram", "Seconds from a request to its answer.")
        for operation in sorted(self._seconds):
            yield from self._histogram(operation)
        yield from _head("dedup_verdicts_total", "counter", "Verdicts given, by relation.")
        for relation, count in sorted(self._verdicts.items()):
            yield f'dedup_verdicts_total{{relation="{relation}"}} {count}'
        yield from _head("dedup_articles_added_total", "counter", "Articles added that were new or had changed.")
        yield f"dedup_articles_added_total {self.added}"
        yield from _head("dedup_articles_removed_total", "counter", "Articles removed.")
        yield f"dedup_articles_removed_total {self.removed}"
        yield from _head("dedup_lane_requests", "gauge", "Requests at work or waiting.")
        yield from (f'dedup_lane_requests{{lane="{lane.name}"}} {lane.taken}' for lane in lanes)
        yield from _head("dedup_lane_places", "gauge", "Requests that may be at work or waiting.")
        yield from (f'dedup_lane_places{{lane="{lane.name}"}} {lane.places}' for lane in lanes)
        yield from _head("dedup_lane_turned_away_total", "counter", "Requests turned away because of too many others.")
        yield from (f'dedup_lane_turned_away_total{{lane="{lane.name}"}} {lane.turned_away}' for lane in lanes)

    def _histogram(self, operation: str) -> Iterator[str]:
        below = 0
        for bound in (*_BOUNDS, float("inf")):
            below += self._bins[operation, bound]
            edge = "+Inf" if bound == float("inf") else f"{bound:g}"
            yield f'dedup_request_seconds_bucket{{path="{operation}",le="{edge}"}} {below}'
        yield f'dedup_request_seconds_sum{{path="{operation}"}} {self._seconds[operation]:.6f}'
        yield f'dedup_request_seconds_count{{path="{operation}"}} {below}'


def _head(name: str, kind: str, meaning: str) -> tuple[str, str]:
    return f"# HELP {name} {meaning}", f"# TYPE {name} {kind}"
