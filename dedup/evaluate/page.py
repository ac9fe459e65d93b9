"""An evaluation as one HTML page with plots: no script, no network, every text escaped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dedup.evaluate.clusters import ClusterScores
from dedup.evaluate.pairs import GRADES, MISTAKES, NOT_REPORTED, PairScores, WrongPair
from dedup.evaluate.reliability import Bar, Bin

__all__ = ["render_evaluation"]

#: Mistakes of each kind that the page shows.
_SHOWN = 10
#: The plots' frame, in the units of their drawings: inner width and height, and the left and upper margin.
_WIDTH, _HEIGHT, _LEFT, _TOP = 500, 320, 64, 12
_LARGEST = 11.0


@dataclass(frozen=True, slots=True)
class Dot:
    """A bin of confidence in the reliability plot."""

    x: float
    y: float
    low: float
    high: float
    radius: float
    label: str


@dataclass(frozen=True, slots=True)
class Line:
    """One measure in the plot over bars."""

    name: str
    path: str


def render_evaluation(pairs: PairScores | None, clusters: ClusterScores | None, reports: str = "") -> str:
    """The page.

    Args:
        reports: what to call the report folder.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined  # here, to keep the command quick to start

    environment = Environment(
        loader=PackageLoader("dedup.evaluate", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(x=_x, y=_y, frame=(_LEFT, _TOP, _WIDTH, _HEIGHT))
    return environment.get_template("evaluation.html").render(
        reports=reports,
        pairs=pairs,
        clusters=clusters,
        dots=_dots(pairs.reliability) if pairs else [],
        lines=_lines(pairs.curve) if pairs else [],
        grades=GRADES,
        columns=(*GRADES, NOT_REPORTED),
        largest=max((n for row in pairs.confusion.values() for n in row.values()), default=0) if pairs else 0,
        mistakes=_mistakes(pairs.wrong) if pairs else [],
        not_reported=NOT_REPORTED,
        ticks=[step / 5 for step in range(6)],
    )


def _mistakes(wrong: Sequence[WrongPair]) -> list[tuple[str, int, list[WrongPair]]]:
    """Each sort of mistake: its heading, how many there are, and the first of them."""
    sorts = [(title, [pair for pair in wrong if pair.mistake == mistake]) for mistake, title in MISTAKES.items()]
    return [(title, len(pairs), pairs[:_SHOWN]) for title, pairs in sorts if pairs]


def _x(share: float) -> float:
    return round(_LEFT + share * _WIDTH, 2)


def _y(share: float) -> float:
    return round(_TOP + (1 - share) * _HEIGHT, 2)


def _dots(bins: Sequence[Bin]) -> list[Dot]:
    """Dots whose area grows with their pairs."""
    most = max((one.pairs for one in bins), default=1)
    return [
        Dot(
            x=_x(one.predicted),
            y=_y(one.observed),
            low=_y(one.least),
            high=_y(one.most),
            radius=round(max(3.0, _LARGEST * (one.pairs / most) ** 0.5), 2),
            label=f"{one.pairs:,} pairs: predicted {one.predicted:.2f}, copies {one.observed:.2f}",
        )
        for one in bins
    ]


def _lines(bars: Sequence[Bar]) -> list[Line]:
    """Precision, recall and F1 as steps: a figure holds down to the next lower bar."""
    if not bars:
        return []
    out = []
    for name in ("precision", "recall", "f1"):
        values = [getattr(bar, name) for bar in bars]
        path = f"M{_x(bars[0].confidence)} {_y(values[0])}"
        for bar, value in zip(bars[1:], values[1:], strict=True):
            path += f"V{_y(value)}H{_x(bar.confidence)}"
        out.append(Line(name, path))
    return out
