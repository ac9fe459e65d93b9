"""A picture of one story: its articles by time, and what every two of them are to each other."""

from __future__ import annotations

from datetime import timedelta

from dedup.records import COPY_GRADES, Grade
from dedup.report.formats.stored import Row, Stored, Story, day, number
from dedup.report.formats.svg import INK, LINE, PALE, SERIF, SOFT, drawing, fitted, lines, text, width_of
from dedup.report.summary import plural
from dedup.report.wording import moment, percent, when

__all__ = ["draw_cluster"]

#: Articles that are shown, the earliest first.
_SHOWN = 40
_COLOURS = {
    Grade.EXACT: "#7d1d2b",
    Grade.NEAR_DUPLICATE: "#b0502a",
    Grade.EXCERPT: "#8f6a0c",
    Grade.REWRITE: "#1f6577",
}
_LEFT, _LABELS, _CELL, _LEAST = 40, 400, 34, 760
#: Letters of headings are narrower than those of the text that widths are guessed by.
_SLIM = 0.88


def draw_cluster(stored: Stored, story: Story) -> str:
    """The picture as SVG."""
    rows = story.in_order[:_SHOWN]
    grades = {(str(row["a"]), str(row["b"])): row for row in stored.copies_inside(story)}
    width = max(_LEAST, _LEFT * 2 + _LABELS + _CELL * len(rows))
    title = stored.title(story)
    body, y = _heading(story, title, width)
    y = _legend(body, grades, y)
    for place, row in enumerate(rows):
        middle = y + _CELL / 2
        body += _label(row, rows[0], middle)
        body += _cells(rows, place, grades, middle)
        body.append(_node(place, row.get("role") == "source", middle))
        y += _CELL
    y += 22
    if len(story.members) > len(rows):
        body.append(text(_LEFT, y, f"... and {plural(len(story.members) - len(rows), 'later article')}", 13, fill=SOFT))
        y += 24
    told = "Numbers: how much of a text stands in passages that the other has too, in per cent; of both the larger one."
    body.append(text(_LEFT, y, told, 12, fill=SOFT))
    return drawing(width, y + 30, f"How the articles of a story are related: {title}", body)


def _heading(story: Story, title: str, width: float) -> tuple[list[str], float]:
    body, y = [], 52.0
    for line in lines(title, 24 * _SLIM, width - 2 * _LEFT, 2):
        body.append(text(_LEFT, y, line, 24, font_family=SERIF, font_weight=600))
        y += 30
    outlets = f" at {plural(len(story.outlets), 'outlet')}" if story.outlets else ""
    facts = f"{plural(len(story.members), 'article')}{outlets} · likely source: {_source(story)}"
    body.append(text(_LEFT, y - 4, fitted(facts, 13.5, width - 2 * _LEFT), 13.5, fill=SOFT))
    return body, y + 22


def _source(story: Story) -> str:
    source = str(story.head.get("likely_source") or "cannot tell")
    for row in story.members:
        if row["article_id"] == source:
            return f"{row.get('outlet') or source} ({percent(number(story.head, 'source_probability'))} likely)"
    return source


def _legend(body: list[str], grades: dict[tuple[str, str], Row], y: float) -> float:
    """The colours of the grades that occur."""
    x = float(_LEFT)
    for grade in COPY_GRADES:
        if any(row["grade"] == grade for row in grades.values()):
            body.append(f'<rect x="{x:.1f}" y="{y - 10:.1f}" width="12" height="12" rx="2" fill="{_COLOURS[grade]}"/>')
            body.append(text(x + 18, y, grade.verdict, 12.5))
            x += 46 + 0.9 * width_of(grade.verdict, 12.5)
    return y + 22


def _label(row: Row, first: Row, middle: float) -> list[str]:
    """Outlet and title of an article, and when it was published."""
    outlet, title = str(row.get("outlet") or "unknown outlet"), str(row.get("title") or "")
    clock = _delay(row, first)
    return [
        text(_LEFT, middle - 2, fitted(outlet, 13, 230), 13, font_weight=600),
        text(_LEFT, middle + 12, fitted(title, 10.5, _LABELS - 20), 10.5, fill=SOFT),
        text(_LEFT + _LABELS - 14, middle - 2, clock, 11.5, fill=SOFT, text_anchor="end"),
    ]


def _delay(row: Row, first: Row) -> str:
    """The time of the first article, and how much later another one was; days where only days are known."""
    here, start = moment(row.get("published")), moment(first.get("published"))
    if here is None or start is None:
        return "no date"
    if row is first or day(row["published"]) or day(first["published"]):
        return when(str(row["published"]))
    return _span(here - start)


def _span(span: timedelta) -> str:
    minutes = int(span.total_seconds()) // 60
    if minutes < 60:
        return f"+{minutes} min"
    if minutes < 48 * 60:
        rest = f" {minutes % 60} min" if minutes % 60 else ""
        return f"+{minutes // 60} h{rest}"
    hours = f" {minutes % 1440 // 60} h" if minutes < 7 * 1440 and minutes % 1440 >= 60 else ""
    return f"+{minutes // 1440} days{hours}"


def _cells(rows: list[Row], place: int, grades: dict[tuple[str, str], Row], middle: float) -> list[str]:
    """What an article is to each earlier one."""
    out = []
    for other in range(place):
        a, b = sorted((str(rows[place]["article_id"]), str(rows[other]["article_id"])))
        x = _LEFT + _LABELS + _CELL * other
        pair = grades.get((a, b))
        if pair is None:
            out.append(f'<circle cx="{x + _CELL / 2}" cy="{middle:.1f}" r="2" fill="{LINE}"/>')
            continue
        colour = _COLOURS[Grade(str(pair["grade"]))]
        out.append(
            f'<rect x="{x + 1.5}" y="{middle - _CELL / 2 + 1.5:.1f}" width="{_CELL - 3}" height="{_CELL - 3}" rx="3" '
            f'fill="{colour}"/>'
        )
        share = max(number(pair, "containment_a"), number(pair, "containment_b"))
        said = f"{share * 100:.0f}" if share else "desk" if pair.get("decided") else ""
        if said:
            out.append(text(x + _CELL / 2, middle + 4, said, 11, fill="#ffffff", text_anchor="middle"))
    return out


def _node(place: int, source: bool, middle: float) -> str:
    """The article itself, at the end of its row and at the head of its column."""
    x = _LEFT + _LABELS + _CELL * place + _CELL / 2
    ground, ink = (INK, "#ffffff") if source else (PALE, INK)
    return (
        f'<circle cx="{x}" cy="{middle:.1f}" r="11" fill="{ground}" stroke="{INK}" stroke-width="1"/>'
        + text(x, middle + 4, str(place + 1), 11, fill=ink, text_anchor="middle", font_weight=600)
    )  # fmt: skip
