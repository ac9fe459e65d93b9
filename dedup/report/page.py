"""The report as one HTML page that needs nothing else: its data, its script and its style lie inside, and no network.

The browser is told, by the hashes of the page's own script and style, to run nothing else, and to take no text for
markup. The front is plain HTML and can be read without any script.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from dedup.report import wording
from dedup.report.blocks import Facts, packed, pair_blocks, text_blocks
from dedup.report.chosen import choose
from dedup.report.findings import Findings
from dedup.report.front import front
from dedup.report.index import index
from dedup.report.outlets import traffic
from dedup.report.summary import plural

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["LIMITS", "Limits", "page_policy", "page_script", "render_page"]

#: The parts of the page's script, in the order in which they are joined.
_SCRIPTS = (
    *("dom", "words", "data", "state", "marks", "export", "decisions", "deciding"),
    *("selection", "lists", "timeline", "map", "cluster", "panes", "pair", "outlets", "events", "main"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much a page can carry; the CSV files always hold everything."""

    pairs: int = 150_000
    texts: int = 100_000_000
    """Characters of texts, those of the largest stories first; packed they take half of that or less."""


LIMITS = Limits()


def render_page(findings: Findings, limits: Limits = LIMITS) -> Iterator[str]:
    """The page, piece by piece, so that a large one is never in memory as a whole."""
    chosen = choose(findings, limits.pairs)
    routes = traffic(findings, chosen)
    values = front(findings, chosen, routes)
    head, tail = (
        _environment()
        .get_template("report.html")
        .render(**values, policy=page_policy(), style=_read("report.css"), script=page_script())
        .split("<!-- data -->")
    )
    yield head
    facts = Facts()
    for number, block in enumerate(text_blocks(findings, chosen.articles, limits.texts, facts)):
        yield _block(f"texts-{number}", block)
    for number, block in enumerate(pair_blocks(chosen)):
        yield _block(f"pairs-{number}", block)
    yield _block("index", packed(index(findings, chosen, facts, routes)))
    yield tail


def _block(name: str, block: str) -> str:
    return f'<script type="text/plain" id="data-{name}">{block}</script>\n'


def page_policy() -> str:
    """What the page may do: run its own script and style. It may speak with the server that `dedup review` starts."""
    return (
        f"default-src 'none'; script-src '{_digest(page_script())}'; style-src '{_digest(_read('report.css'))}'; "
        "img-src data: blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )


@cache
def page_script() -> str:
    """The whole script: its parts, joined, with nothing of theirs in the open."""
    return "(() => {\n'use strict';\n" + "\n".join(_read(f"{name}.js") for name in _SCRIPTS) + "})();\n"


@cache
def _read(name: str) -> str:
    return resources.files("dedup.report").joinpath("static", name).read_text("utf-8")


def _digest(text: str) -> str:
    return "sha256-" + b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")


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
    for name in ("percent", "when"):
        environment.filters[name] = getattr(wording, name)
    return environment
