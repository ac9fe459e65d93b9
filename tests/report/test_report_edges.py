"""The page where texts are unusual: emoji, no spaces between words, no dates, no room, no scripts in the browser."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dedup.records import Article
from dedup.report import Findings, render_page
from dedup.report.page import Limits
from tests.report.browser import opened
from tests.report.conftest import make_article, make_cluster, make_match

if TYPE_CHECKING:
    from playwright.sync_api import Browser

MILL = "The mill of Tarn burned down on Friday night, and forty people stood in the rain and watched."


def written(path: Path, a: Article, b: Article, *shared: tuple[str, str] | str, **limits: int) -> Path:
    """A report of two articles that share some text, and are one story."""
    match = make_match(a, b, "excerpt", *shared)
    story = make_cluster("c1", a, (b, "excerpt"), weakest_link=f"{a.id}|{b.id}", title="The mill of Tarn")
    findings = Findings(articles=[a, b], matches=[match], clusters=[story], skipped=[], stats={})
    path.write_text("".join(render_page(findings, Limits(**limits))), "utf-8", newline="")
    return path


def test_passages_stand_where_they_are_behind_emoji(chromium: Browser, tmp_path: Path) -> None:
    a = make_article("a", f"🔥🔥 Breaking 🚒 news. {MILL} 🙏", title="Fire")
    b = make_article("b", f"{MILL} More soon.", title="Mill")
    assert make_match(a, b, "excerpt", MILL).passages[0].a_start == 20  # characters; in UTF-16 it is 23
    with opened(chromium, written(tmp_path / "r.html", a, b, MILL), "#pair-a%7Cb") as watched:
        marks = watched.page.locator("[data-letter=A] mark").all_inner_texts()
        assert "".join(marks) == "1" + MILL


def test_chinese_texts_are_compared_by_character(chromium: Browser, tmp_path: Path) -> None:
    a = make_article("a", "港口大桥将关闭至五月底，市政府周二宣布。", title="大桥关闭", language="zh")
    b = make_article("b", "港口大桥将关闭至六月底，市政府周二宣布。", title="大桥", language="zh")
    report = written(tmp_path / "r.html", a, b, (a.body, b.body))
    with opened(chromium, report, "#pair-a%7Cb") as watched:
        assert watched.page.locator("[data-letter=A] .changed").all_inner_texts() == ["五"]
        assert watched.page.locator("[data-letter=B] .changed").all_inner_texts() == ["六"]
        assert watched.page.get_attribute("[data-letter=A] .text", "lang") == "zh"


def test_a_story_without_dates_has_no_spread(chromium: Browser, tmp_path: Path) -> None:
    a, b = make_article("a", MILL, publisher="Tarn Herald"), make_article("b", MILL, publisher="Ellery Courier")
    with opened(chromium, written(tmp_path / "r.html", a, b, MILL), "#cluster-c1") as watched:
        assert watched.page.locator("svg.timeline").count() == 0
        assert watched.page.locator(".members tbody tr").count() == 2


def test_delays_are_in_days_where_a_time_is_missing(chromium: Browser, tmp_path: Path) -> None:
    a = make_article("a", MILL, publisher="Tarn Herald", published_at="2031-04-08")
    b = make_article("b", MILL, publisher="Ellery Courier", published_at="2031-04-10T00:30:00+02:00")
    with opened(chromium, written(tmp_path / "r.html", a, b, MILL), "#cluster-c1") as watched:
        drawn = watched.page.locator("svg.timeline").text_content()
        assert "first seen" in str(drawn)
        assert "1 day later" in str(drawn)  # 9 April, 22:30 UTC
        remark = watched.page.inner_text(".drawing .lead")
        assert "A line across a day: the time is not known." in remark


def test_a_text_that_the_page_has_no_room_for_is_told(chromium: Browser, tmp_path: Path) -> None:
    a, b = make_article("a", MILL), make_article("b", MILL)
    with opened(chromium, written(tmp_path / "r.html", a, b, MILL, texts=0), "#pair-a%7Cb") as watched:
        text = watched.page.inner_text("#view")
        assert "This page has no room for these texts" in text
        assert "100% of A’s words stand in passages that B has too" in text


def test_without_scripts_the_figures_and_the_run_can_be_read(chromium: Browser, tmp_path: Path) -> None:
    a, b = make_article("a", MILL), make_article("b", MILL)
    report = written(tmp_path / "r.html", a, b, MILL)
    context = chromium.new_context(java_script_enabled=False, offline=True)
    page = context.new_page()
    page.goto(report.as_uri())
    assert "Of 2 articles, 2 share their text in 1 story." in page.inner_text("h1 >> nth=0")
    assert page.locator("text=About this run >> nth=-1").is_visible()
    assert not page.locator("#nav").is_visible()
    context.close()


def test_a_story_is_first_seen_when_it_was_wherever_the_clocks_stand(chromium: Browser, tmp_path: Path) -> None:
    a = make_article("a", MILL, publisher="Tarn Herald", published_at="2031-04-08T23:30:00Z")
    b = make_article("b", MILL, publisher="Ellery Courier", published_at="2031-04-09T00:30:00+02:00")
    with opened(chromium, written(tmp_path / "r.html", a, b, MILL)) as watched:
        assert "9 Apr 2031, 00:30 +02:00" in watched.page.inner_text(".stories")  # 8 April, 22:30 UTC
        watched.go("#stories")
        assert watched.page.inner_text("td.date") == "9 Apr 2031"


def test_where_no_agency_is_named_there_is_no_such_filter(chromium: Browser, tmp_path: Path) -> None:
    a, b = make_article("a", MILL, publisher="Tarn Herald"), make_article("b", MILL)
    with opened(chromium, written(tmp_path / "r.html", a, b, MILL), "#stories") as watched:
        labels = watched.page.locator(".filters > *").all_inner_texts()
        assert [label.splitlines()[0] for label in labels] == [
            "Search", "Outlet", "Kind of copy", "Decided", "From", "To", "Clear",
        ]  # fmt: skip


def test_an_unknown_outlet_is_not_counted(chromium: Browser, tmp_path: Path) -> None:
    a = make_article("a", MILL, publisher="Tarn Herald", published_at="2031-04-08")
    b = make_article("b", MILL, published_at="2031-04-09")
    with opened(chromium, written(tmp_path / "r.html", a, b, MILL), "#cluster-c1") as watched:
        assert watched.page.inner_text(".kicker") == "Story · 2 articles"


def test_two_texts_of_one_outlet_are_named_by_their_titles(chromium: Browser, tmp_path: Path) -> None:
    a = make_article("a", MILL, publisher="Tarn Herald", title="Mill burns")
    b = make_article("b", MILL, publisher="Tarn Herald", title="The fire at the mill")
    with opened(chromium, written(tmp_path / "r.html", a, b, MILL), "#cluster-c1") as watched:
        assert watched.page.inner_text("#view a[href^='#pair'] >> nth=1") == "Mill burns and The fire at the mill"


def test_each_of_several_names_runs_in_its_own_direction(chromium: Browser, tmp_path: Path) -> None:
    a = make_article("a", MILL, publisher="صوت المرفأ")
    b = make_article("b", MILL, publisher="Tarn صوت")
    with opened(chromium, written(tmp_path / "r.html", a, b, MILL), "#stories") as watched:
        names = watched.page.locator("td[data-label=Outlets] bdi").all_inner_texts()
        assert names == ["صوت المرفأ", "Tarn صوت"]


def test_an_address_of_nothing_opens_the_overview(chromium: Browser, tmp_path: Path) -> None:
    a, b = make_article("a", MILL), make_article("b", MILL)
    with opened(chromium, written(tmp_path / "r.html", a, b, MILL), "#nothing") as watched:
        assert watched.page.locator("main > div:visible").evaluate_all("parts => parts.map(part => part.id)") == [
            "overview"
        ]
