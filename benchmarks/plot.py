"""The picture of scaling: time and memory of a scan by the number of articles, both axes logarithmic, as SVG."""

from collections.abc import Callable, Mapping, Sequence
from math import log10

WIDTH, HEIGHT = 880, 420
#: Left edge, top, width and height of a panel's field.
FIELDS = ((75, 60, 335, 265), (505, 60, 335, 265))
#: Where grid lines may be: 1, 3, 10, 30, ... and for seconds what is round in minutes and hours.
TENS = [figure * 10.0**power for power in range(-3, 9) for figure in (1, 3)]
TIMES = [*(step for step in TENS if step <= 30), 60, 300, 1200, 3600, 10_800, 36_000, 108_000]
STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .title { font-size: 15px; font-weight: 600 }
  .grid { stroke: #d8dee4; stroke-width: 1 }
  .guide { stroke: #8c959f; stroke-width: 1.5; stroke-dasharray: 5 4; fill: none }
  .note { fill: #59636e }
  .line { stroke: #0969da; stroke-width: 2.5; fill: none }
  .dot { fill: #0969da }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .grid { stroke: #30363d }
    .guide { stroke: #7d8590 }
    .note { fill: #9198a1 }
    .line { stroke: #58a6ff }
    .dot { fill: #58a6ff }
  }
"""


def duration(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.2g} s"
    return f"{seconds / 60:.2g} min" if seconds < 6000 else f"{seconds / 3600:.2g} h"


def memory(megabytes: float) -> str:
    return f"{megabytes:.0f} MB" if megabytes < 995 else f"{megabytes / 1000:.2g} GB"


def number(count: float) -> str:
    return f"{count:,.0f}" if count < 1e6 else f"{count / 1e6:g} million"


def ticks(low: float, high: float, steps: Sequence[float]) -> Sequence[float]:
    """From the last step that is at most `low` to the first that is at least `high`."""
    start = max(k for k, step in enumerate(steps) if step <= low)
    end = min(k for k, step in enumerate(steps) if step >= high)
    return steps[start : max(end, start + 1) + 1]


def panel(
    field: tuple[int, int, int, int],
    title: str,
    points: Sequence[tuple[float, float]],
    words: Callable[[float], str],
    steps: Sequence[float],
) -> str:
    """One field: grid and labels, a line through the points with their values, a guide that rises with the articles."""
    left, top, width, height = field
    counts, values = zip(*points, strict=True)
    across, up = ticks(min(counts), max(counts), TENS), ticks(0.75 * min(values), max(values), steps)

    def x(count: float) -> float:
        return left + width * log10(count / across[0]) / log10(across[-1] / across[0])

    def y(value: float) -> float:
        return top + height * (1 - log10(value / up[0]) / log10(up[-1] / up[0]))

    parts = [f'<text class="title" x="{left}" y="{top - 28}">{title}</text>']
    for tick in up:
        parts.append(f'<path class="grid" d="M{left} {y(tick):.1f}h{width}"/>')
        parts.append(f'<text x="{left - 8}" y="{y(tick) + 4:.1f}" text-anchor="end">{words(tick)}</text>')
    for tick in across:
        parts.append(f'<path class="grid" d="M{x(tick):.1f} {top}v{height}"/>')
        if log10(tick) % 1 == 0:
            parts.append(f'<text x="{x(tick):.1f}" y="{top + height + 20}" text-anchor="middle">{number(tick)}</text>')
    parts.append(f'<text x="{left + width / 2}" y="{top + height + 44}" text-anchor="middle">articles</text>')
    # The guide runs through the last point, down to the edge of the field that it meets first.
    count, value = points[-1]
    fewest = max(across[0], count * up[0] / value)
    guide = f"M{x(count):.1f} {y(value):.1f}L{x(fewest):.1f} {y(value * fewest / count):.1f}"
    parts.append(f'<path class="guide" d="{guide}"/>')
    line = "L".join(f"{x(count):.1f} {y(value):.1f}" for count, value in points)
    parts.append(f'<path class="line" d="M{line}"/>')
    for count, value in points:
        parts.append(f'<circle class="dot" cx="{x(count):.1f}" cy="{y(value):.1f}" r="4"/>')
        left_of = f'x="{x(count) - 7:.1f}" y="{y(value) - 8:.1f}" text-anchor="end"'
        below = f'x="{x(count) + 6:.1f}" y="{y(value) + 15:.1f}"'
        parts.append(f"<text {below if count == across[0] else left_of}>{words(value)}</text>")
    return "\n".join(parts)


def scaling(rows: Sequence[Mapping[str, float]]) -> str:
    """The picture, from rows with `articles`, `seconds` and `peak_mb`, at least two, the smallest first."""
    panels = [
        panel(FIELDS[0], "Time of a scan", [(row["articles"], row["seconds"]) for row in rows], duration, TIMES),
        panel(FIELDS[1], "Peak memory", [(row["articles"], row["peak_mb"]) for row in rows], memory, TENS),
    ]
    note = "Dashed: what would grow in step with the number of articles. Both axes are logarithmic."
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
            ' role="img" aria-label="Time and peak memory of a scan by the number of articles">',
            f"<style>{STYLE}</style>",
            *panels,
            f'<text class="note" x="{FIELDS[0][0]}" y="{HEIGHT - 12}">{note}</text>',
            "</svg>\n",
        ]
    )
