"""The report as one HTML page that needs nothing else: no script, no network, every text escaped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from dedup.records import Grade
from dedup.report import wording
from dedup.report.findings import Findings
from dedup.report.summary import count, headline, plural, why_nothing_matched
from dedup.report.views import LIMITS, Limits, arrange, cards, pair_views, settings

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["render_page"]


def render_page(findings: Findings, limits: Limits = LIMITS) -> Iterator[str]:
    """The page, piece by piece, so that a large one is never in memory as a whole."""
    page = arrange(findings)
    figures = count(findings)
    stream = (
        _environment()
        .get_template("report.html")
        .stream(
            figures=figures,
            headline=headline(figures),
            warnings=findings.stats.get("warnings", []),
            nothing=why_nothing_matched(findings),
            bar=[(Grade(name), number) for name, number in figures.pairs.items() if name != Grade.UNRELATED],
            page=page,
            limits=limits,
            index=cards(page, replace(limits, pairs=0, members=0)),
            cards=cards(page, limits),
            loose=pair_views(page.loose[: limits.loose], findings, limits),
            related=pair_views(page.related[: limits.loose], findings, limits),
            skipped=findings.skipped,
            settings=settings(findings.stats),
        )
    )
    stream.enable_buffering(200)
    return iter(stream)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined  # here, to keep the command quick to start

    environment = Environment(
        loader=PackageLoader("dedup.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["plural"] = plural
    for name in ("gist", "label", "language", "link", "measures", "percent", "split", "sure", "verdict", "when"):
        environment.filters[name] = getattr(wording, name)
    return environment
