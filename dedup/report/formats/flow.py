"""A picture of the flow of text from outlet to outlet: whose text was taken on the left, who took it on the right.

As the page counts it: an article counts once, as taken from the likely source of its story, if that is another
outlet's article; outside of stories from the source of its strongest pair.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping

from dedup.records import COPY_GRADES
from dedup.report.formats.stored import Stored
from dedup.report.formats.svg import INK, SERIF, SOFT, drawing, fitted, text
from dedup.report.summary import plural

__all__ = ["draw_flow", "flows"]

#: Outlets that are shown on either side before the rest becomes one.
_SHOWN = 14
_WIDTH, _LEFT, _RIGHT, _BAR = 960, 270, 690, 12
_TOP, _HEIGHT, _PITCH = 118, 430, 21
#: Pixels of one article at most.
_THICK = 26
_COLOURS = (
    *("#1f6577", "#b0502a", "#7460b5", "#5c8f3a", "#b98500", "#b2527c", "#3c7fae"),
    *("#7d1d2b", "#4a5f70", "#8f6a0c", "#2f7d5b", "#9c4f96", "#bd6a2c", "#5f6caf"),
)
_OTHERS = "#a39c8d"

_Sizes = list[tuple[str, int]]


def flows(stored: Stored) -> Counter[tuple[str, str]]:
    """Articles that were taken, by (outlet they were taken from, outlet that took them)."""
    outlet_of = {str(row["article_id"]): str(row.get("outlet") or "") for row in stored.articles}

    def foreign(taker: str, source: str) -> bool:
        outlets = outlet_of.get(taker, ""), outlet_of.get(source, "")
        return all(outlets) and outlets[0] != outlets[1]

    source_of: dict[str, str] = {}
    for story in stored.stories:
        source = str(story.head.get("likely_source") or "")
        members = (str(row["article_id"]) for row in story.members)
        source_of |= {member: source for member in members if foreign(member, source)}
    for row in stored.to_be_read("pairs"):
        a, b, source = str(row["a"]), str(row["b"]), str(row.get("likely_source") or "")
        inside = a in stored.home and stored.home[a] == stored.home.get(b)
        taker = {a: b, b: a}.get(source, "")
        if row["grade"] in COPY_GRADES and not inside and taker and foreign(taker, source):
            source_of.setdefault(taker, source)
    return Counter((outlet_of[source], outlet_of[taker]) for taker, source in source_of.items())


def draw_flow(stored: Stored) -> str:
    """The picture as SVG; empty where nobody is known to have taken anything."""
    counted = flows(stored)
    if not counted:
        return ""
    sources, takers = (_most(counted, side) for side in (0, 1))
    ribbons: dict[tuple[str, str], int] = defaultdict(int)
    for (source, taker), articles in counted.items():
        ribbons[_named(source, sources), _named(taker, takers)] += articles
    takers = _untangled(takers, sources, ribbons)
    total = sum(counted.values())
    scale = min(_THICK, _HEIGHT / total)
    left, right = _stacked(sources, scale), _stacked(takers, scale)
    bottom = max(y + max(size * scale, _PITCH - 6) for side, sizes in ((left, sources), (right, takers))
                 for (name, size) in sizes for y in [side[name]])  # fmt: skip
    body = [
        text(40, 52, "Who took text from whom", 26, font_family=SERIF, font_weight=600),
        text(40, 78, _subtitle(stored, total), 13.5, fill=SOFT),
        text(_LEFT, _TOP - 12, "text came from", 12, fill=SOFT, text_anchor="end"),
        text(_RIGHT, _TOP - 12, "and went to", 12, fill=SOFT),
        *_ribbons(ribbons, sources, takers, left, right, scale),
        *_bars(sources, left, scale, _LEFT - _BAR, "end"),
        *_bars(takers, right, scale, _RIGHT, "start"),
    ]
    return drawing(_WIDTH, bottom + 40, "Flow of copied text from outlet to outlet", body)


def _subtitle(stored: Stored, total: int) -> str:
    unknown = sum(str(story.head.get("likely_source") or "") not in _ids(stored) for story in stored.stories)
    rest = f" Of {plural(unknown, 'story', 'stories')} no article here is known as the source." if unknown else ""
    carry = "carries" if total == 1 else "carry"
    return f"{plural(total, 'article')} {carry} text whose likely source is another outlet’s.{rest}"


def _ids(stored: Stored) -> frozenset[str]:
    return frozenset(stored.home)


def _most(counted: Mapping[tuple[str, str], int], side: int) -> _Sizes:
    """The outlets of one side with their articles, largest first; the small ones are one at the end."""
    sizes: Counter[str] = Counter()
    for pair, articles in counted.items():
        sizes[pair[side]] += articles
    ranked = sorted(sizes.items(), key=lambda item: (-item[1], item[0]))
    if len(ranked) <= _SHOWN:
        return ranked
    shown, rest = ranked[: _SHOWN - 1], ranked[_SHOWN - 1 :]
    return [*shown, (f"{len(rest):,} other outlets", sum(size for _, size in rest))]


def _named(outlet: str, sizes: _Sizes) -> str:
    return outlet if outlet in dict(sizes) else sizes[-1][0]


def _untangled(takers: _Sizes, sources: _Sizes, ribbons: Mapping[tuple[str, str], int]) -> _Sizes:
    """The takers by the mean place of whom they took from, so that few ribbons cross."""
    place = {name: number for number, (name, _) in enumerate(sources)}
    others = takers[-1][0] if len(takers) == _SHOWN else ""

    def mean(item: tuple[str, int]) -> tuple[bool, float, int, str]:
        name, size = item
        own = [(place[source], articles) for (source, taker), articles in ribbons.items() if taker == name]
        return (name == others, round(sum(p * n for p, n in own) / size, 6), -size, name)

    return sorted(takers, key=mean)


def _stacked(sizes: _Sizes, scale: float) -> dict[str, float]:
    """Where the bar of each outlet begins; small bars keep room for their names."""
    out, y = {}, float(_TOP)
    for name, size in sizes:
        out[name] = y
        y += max(size * scale + 7, _PITCH)
    return out


def _ribbons(
    ribbons: Mapping[tuple[str, str], int],
    sources: _Sizes,
    takers: _Sizes,
    left: Mapping[str, float],
    right: Mapping[str, float],
    scale: float,
) -> list[str]:
    out, start, end = [], dict(left), dict(right)
    order = {name: number for number, (name, _) in enumerate(takers)}
    middle = (_LEFT + _RIGHT) / 2
    for number, (source, _) in enumerate(sources):
        colour = _OTHERS if number == _SHOWN - 1 else _COLOURS[number % len(_COLOURS)]
        for taker in sorted((t for s, t in ribbons if s == source), key=order.__getitem__):
            articles = ribbons[source, taker]
            thick, y, z = articles * scale, start[source], end[taker]
            start[source], end[taker] = y + thick, z + thick
            path = (
                f"M{_LEFT} {y:.1f}C{middle} {y:.1f} {middle} {z:.1f} {_RIGHT} {z:.1f}V{z + thick:.1f}"
                f"C{middle} {z + thick:.1f} {middle} {y + thick:.1f} {_LEFT} {y + thick:.1f}Z"
            )
            out.append(f'<path d="{path}" fill="{colour}" fill-opacity="0.42"/>')
    return out


def _bars(sizes: _Sizes, at: Mapping[str, float], scale: float, x: float, anchor: str) -> list[str]:
    out = []
    gap = 17 + 7.5 * max(len(f"{size:,}") for _, size in sizes)
    for number, (name, size) in enumerate(sizes):
        y, tall = at[name], max(1.5, size * scale)
        colour = INK
        if anchor == "end":
            colour = _OTHERS if number == _SHOWN - 1 else _COLOURS[number % len(_COLOURS)]
        out.append(f'<rect x="{x}" y="{y:.1f}" width="{_BAR}" height="{tall:.1f}" fill="{colour}"/>')
        middle = y + max(tall, _PITCH - 7) / 2 + 4.5
        count = f"{size:,}"
        label, amount = (x - gap, x - 8) if anchor == "end" else (x + _BAR + gap, x + _BAR + 8)
        out.append(text(label, middle, fitted(name, 13.5, 186), 13.5, text_anchor=anchor))
        out.append(text(amount, middle, count, 12.5, fill=SOFT, text_anchor=anchor))
    return out
