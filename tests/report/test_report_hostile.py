"""Articles made to harm who reads them: a text that is a script, a title that is a formula, a URL that is code."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dedup.records import Article, Cluster, Match
from dedup.report import Findings, render_page
from tests.report.browser import Watched, opened
from tests.report.conftest import HOSTILE, build_newsroom, make_cluster, make_match

if TYPE_CHECKING:
    from playwright.sync_api import Browser

TITLE = "<img src=x onerror=alert(3)> =2+2"
FORMULA = '=HYPERLINK("http://harm.example")'


@pytest.fixture(scope="module")
def report(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Path:
    newsroom = build_newsroom()
    hostile = replace(
        next(a for a in newsroom.articles if a.id == "hostile.html"),
        title=TITLE,
        credit="</script><script>alert(4)</script>",
        agency="<b>AP</b>",
        published_at='2031-04-09"><script>alert(5)</script>',
        language='en"><script>alert(6)</script>',
    )
    twin = replace(hostile, id="../../<svg onload=alert(7)>", publisher="<u>Post</u>", title=FORMULA)
    articles: list[Article] = sorted([hostile, twin], key=lambda article: article.id)
    matches: list[Match] = [make_match(*articles, "exact", HOSTILE)]
    story: Cluster = make_cluster(
        "c<script>",
        hostile,
        (twin, "exact"),
        weakest_link=f"{articles[0].id}|{articles[1].id}",
        title=TITLE,
        notes=("<script>alert(8)</script>",),
        likely_source=twin.id,
        source_reason="<script>alert(9)</script>",
        source_probability=0.9,
    )
    findings = Findings(articles=articles, matches=matches, clusters=[story], skipped=[], stats={})
    path = tmp_path_factory.mktemp("hostile") / "report.html"
    path.write_text("".join(render_page(findings)), "utf-8", newline="")
    return path


@pytest.fixture
def watched(chromium: Browser, report: Path) -> Iterator[Watched]:
    with opened(chromium, report) as page:  # asserts that no dialog, error or request came up
        yield page


def test_hostile_articles_are_inert_in_every_view(watched: Watched) -> None:
    page = watched.page
    for hash in ("#stories", "#pairs", "#outlets", "#decisions", "#run", "#cluster-c%3Cscript%3E"):
        watched.go(hash)
        assert page.locator("main :is(script, img, iframe, object, b u, svg[onload])").count() == 0
    assert TITLE in page.inner_text("h1:visible")
    page.click(".members a[href^='#pair']")
    page.wait_for_selector("#view.pair")
    assert "<script>alert(1)</script> & <img src=x onerror=alert(2)>" in page.inner_text("[data-letter=A]")
    assert page.locator("main :is(script, img)").count() == 0


def test_an_address_that_is_code_is_no_link(watched: Watched) -> None:
    watched.go("#cluster-c%3Cscript%3E")
    assert watched.page.locator("a[href^='javascript']").count() == 0
    assert watched.page.locator("main a[target=_blank]").count() == 0


def test_a_formula_is_a_text_in_the_saved_table(watched: Watched) -> None:
    watched.go("#pairs")
    with watched.page.expect_download() as waiting:
        watched.page.click("text=Save as CSV")
    [row] = csv.DictReader(io.StringIO(Path(waiting.value.path()).read_text("utf-8-sig"), newline=""))
    assert "'" + FORMULA in (row["a_title"], row["b_title"])
    assert "'=cmd|' /C calc'!A0" in (row["a_outlet"], row["b_outlet"])


def test_a_saved_drawing_holds_no_markup_of_articles(watched: Watched) -> None:
    watched.go("#outlets")
    with watched.page.expect_download() as waiting:
        watched.page.click("text=Save as SVG >> nth=0")
    drawing = Path(waiting.value.path()).read_text("utf-8")
    assert "<u>" not in drawing
    assert "&lt;u&gt;Post" in drawing
