"""The page in a browser, opened from the disk with the network off, as an editor uses it: over the sample newsroom."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dedup import Config, find_duplicates
from dedup.naming import text_key
from dedup.report import Findings
from tests.report.browser import Watched, opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SAMPLES = Path(__file__).parents[2] / "samples" / "drop"
OFFER, THEATRE = "harbour-courier/velkar-dam-offer.txt", "sarnholm-herald/velkars-theatre.txt"
SCHOOLS = ("kelder-post/closing-time-for-schools.html", "valmora-times/ostrel-halves-schools.html")
VIEWS = ("#overview", "#stories", "#pairs", "#outlets", "#events", "#decisions", "#run")


def address(a: str, b: str) -> str:
    return f"#pair-{a.replace('/', '%2F')}%7C{b.replace('/', '%2F')}"


PAIR = address(OFFER, THEATRE)


@pytest.fixture(scope="module")
def findings() -> Findings:
    return find_duplicates(SAMPLES, config=Config(related=True)).findings


@pytest.fixture(scope="module")
def report(chromium: Browser, findings: Findings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from dedup.report import render_page

    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text("".join(render_page(findings)), "utf-8", newline="")
    return path


@pytest.fixture
def page(chromium: Browser, report: Path) -> Iterator[Page]:
    with opened(chromium, report) as watched:
        yield watched.page


def shown(page: Page, selector: str) -> str:
    """The visible text at a selector, white space squeezed."""
    return " ".join(page.inner_text(selector).split())


def go(page: Page, hash: str) -> None:
    Watched(page).go(hash)


def saved(page: Page, button: str) -> str:
    """What a button of the page saves."""
    with page.expect_download() as waiting:
        page.click(button)
    return Path(waiting.value.path()).read_bytes().decode("utf-8")


def rows_of(text: str) -> list[dict[str, str]]:
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:], newline="")))


def test_the_overview_answers_which_stories_were_copied_by_whom_and_from_whom(page: Page) -> None:
    text = shown(page, "#overview")
    assert "Of 114 articles, 51 share their text in 21 stories; 12 more share a passage." in text
    assert "Cargo ship refloated after three days aground in Ferrin Sound" in text
    assert "Likely source AP" in text
    assert "The Valmora Times 2 of 7" in text
    assert page.locator("#nav").is_visible()
    assert not page.locator("#run").is_visible()


def test_a_word_in_a_title_filters_the_stories(page: Page) -> None:
    page.click("#nav >> text=Stories")
    assert shown(page, ".count") == "21 stories"
    page.fill("#search", "dam gates")
    page.wait_for_selector("text=1 of 21 stories")
    assert page.locator(".list tbody tr").count() == 1
    assert "q=dam+gates" in page.url


def test_a_title_of_any_member_finds_its_story(page: Page) -> None:
    go(page, "#stories?q=theatre")
    assert "Velkar offers to open dam gates" in shown(page, ".list tbody")


def test_outlet_grade_agency_and_date_filter_together(page: Page) -> None:
    go(page, "#pairs")
    page.select_option("label:has-text('Agency') select", "AP")
    page.wait_for_selector("text=/^6 of 65 pairs$/")
    page.select_option("label:has-text('Kind of copy') select", "exact")
    page.wait_for_selector("text=/^1 of 65 pairs$/")
    page.fill("label:has-text('From') input", "2031-03-06")
    page.wait_for_selector("text=Nothing fits.")
    page.click("text=Clear")
    page.wait_for_selector("text=/^65 pairs$/")


def test_a_filtered_list_is_an_address(page: Page) -> None:
    go(page, "#pairs?grade=rewrite&where=inside")
    assert shown(page, ".count") == "5 of 65 pairs"
    assert page.input_value("label:has-text('Kind of copy') select") == "rewrite"


def test_a_column_sorts_the_stories(page: Page) -> None:
    go(page, "#stories")
    sizes = page.locator(".list tbody td:first-child").all_inner_texts()
    assert sizes == sorted(sizes, reverse=True)
    page.click(".list th >> text=Weakest link")
    links = [float(text) for text in page.locator(".list tbody td:last-child").all_inner_texts()]
    assert links == sorted(links)
    assert page.get_attribute("th:has-text('Weakest link')", "aria-sort") == "ascending"


def test_the_selection_is_saved_as_a_table(page: Page) -> None:
    go(page, "#stories?q=Ferrin")
    rows = rows_of(saved(page, "text=Save as CSV"))
    assert [row["article_id"] for row in rows if row["role"] == "source"] == ["wire-0501"]
    assert {row["story"] for row in rows} == {"Cargo ship refloated after three days aground in Ferrin Sound"}
    assert len(rows) == 4
    go(page, "#pairs?grade=exact")
    assert {row["grade"] for row in rows_of(saved(page, "text=Save as CSV"))} == {"exact"}


def test_a_story_tells_source_spread_members_credit_and_weakest_link(page: Page) -> None:
    go(page, "#stories")
    page.click("text=Cargo ship refloated")
    page.wait_for_selector("#view.cluster")
    text = shown(page, "#view")
    assert "Likely source: AP, 5 Mar 2031, 06:20 +01:00 (89% likely)" in text
    assert "First seen at AP. The last of 4 outlets followed 4 h 10 min later." in text
    assert "No credit in daily-beacon: AP has the same text, credited by 2 other outlets." in text
    assert re.search(r"The weakest link is between .* with a strength of \d\.\d\d of 1", text)
    spread = page.locator("svg.timeline")
    assert "1 h 20 min later" in str(spread.text_content())
    assert spread.locator("circle").count() == 4
    assert page.locator("svg.graph a").count() == 6


def test_versions_of_an_outlets_own_text_stand_apart_from_copies(page: Page) -> None:
    go(page, "#stories?q=Perla")
    page.click("text=Storm Perla: live updates")
    page.wait_for_selector("#view.cluster")
    assert page.locator(".members tbody tr").count() == 1
    assert page.locator(".versions li").count() == 2
    assert "follows" in shown(page, ".versions")


def test_the_map_is_a_graph_or_a_matrix_and_can_be_taken_along(page: Page) -> None:
    go(page, "#stories?q=Ostrel")
    page.click("text=Ostrel to close half")
    drawn = saved(page, "figure:has(svg.graph) >> text=Save as SVG")
    assert drawn.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<svg xmlns="http://www.w3.org/2000/svg"')
    assert "northern-ledger" in drawn
    assert "class=" not in drawn
    box = re.search(r'viewBox="(\S+) (\S+) (\S+) (\S+)"', drawn)
    paper = re.search(r'<rect x="(\S+)" y="(\S+)" width="(\S+)" height="(\S+)"', drawn)
    assert box is not None
    assert paper is not None  # under all of the drawing
    assert [float(side) for side in paper.groups()] == pytest.approx([float(side) for side in box.groups()])
    page.click("text=Show as a matrix")
    assert page.locator("svg.matrix .cell").count() == 12
    with page.expect_download() as waiting:
        page.click("figure:has(svg.matrix) >> text=Save as PNG")
    picture = Path(waiting.value.path()).read_bytes()
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    assert waiting.value.suggested_filename.startswith("matrix-Ostrel-to-close-half")


def test_a_pair_shows_both_texts_with_passages_quotations_and_furniture(page: Page) -> None:
    go(page, PAIR)
    text = shown(page, "#view")
    assert "Rewritten, or a shared source Very likely: 85% sure that text is shared." in text
    assert "Likely source: Common source unseen (75% likely)" in text
    assert "5 shared passages" in text
    assert "Found by: " in shown(page, ".measures")
    sides = [page.locator(f".pane[data-letter={letter}]") for letter in "AB"]
    for side in sides:
        found = {mark.get_attribute("data-passage") for mark in side.locator("mark").all()}
        assert found == {"0", "1", "2", "3", "4"}
    colours = [side.locator("mark[data-passage='2']").first.get_attribute("class") for side in sides]
    assert ["p2" in str(names).split() for names in colours] == [True, True]
    assert "not one drop of our water" in " ".join(sides[1].locator(".quote").all_inner_texts())
    assert sides[0].locator(".furniture").first.get_attribute("title") == "discounted: navigation"
    assert "Discounted as page furniture" in text


def test_every_word_of_both_texts_is_there(page: Page, findings: Findings) -> None:
    bodies = findings.bodies(list(SCHOOLS))
    go(page, address(*SCHOOLS))
    for letter, body in zip("AB", bodies, strict=True):
        text = page.evaluate(
            "letter => { const pane = document.querySelector(`[data-letter=${letter}] .text`).cloneNode(true);"
            "pane.querySelectorAll('.flag').forEach(flag => flag.remove()); return pane.textContent }",
            letter,
        )
        assert text == body


def test_words_that_differ_in_a_passage_are_marked(page: Page) -> None:
    go(page, address(*SCHOOLS))
    marked = page.locator("[data-letter=A] mark.changed").all_inner_texts()
    assert {"after a long debate in front", "about", "not", "filled"} <= {words.strip() for words in marked}


def test_passages_align_when_one_is_chosen(page: Page) -> None:
    go(page, PAIR)
    page.click("[data-letter=A] .flag >> text=4")
    page.wait_for_selector("text=Passage 4 of 5")
    page.wait_for_function("() => document.querySelector('[data-letter=A]').scrollTop > 0")
    tops = [
        page.evaluate(
            "letter => { const pane = document.querySelector(`[data-letter=${letter}]`);"
            "const mark = pane.querySelector('mark.now');"
            "return [mark.getBoundingClientRect().top - pane.getBoundingClientRect().top, pane.scrollTop] }",
            letter,
        )
        for letter in "AB"
    ]
    assert tops[0][1] > 0
    assert abs(tops[0][0] - tops[1][0]) < 140  # B cannot scroll above its beginning


def test_both_sides_scroll_together_until_told_not_to(page: Page) -> None:
    go(page, address(*SCHOOLS))
    both = "['A', 'B'].map(letter => document.querySelector(`[data-letter=${letter}]`).scrollTop)"
    drawn = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
    page.hover("[data-letter=A]")
    page.mouse.wheel(0, 400)
    page.wait_for_function(f"() => {both}.every(top => top > 50)")
    page.evaluate(drawn)
    page.uncheck("text=Scroll together")
    before = page.evaluate(both)
    page.hover("[data-letter=A]")
    page.mouse.wheel(0, -300)
    page.wait_for_function(f"() => {both}[0] < {before[0] - 200}")
    page.evaluate(drawn)
    assert page.evaluate(both)[1] == before[1]


def test_the_inverse_view_shows_what_was_dropped_and_added(page: Page) -> None:
    go(page, address(*SCHOOLS))
    assert "Kelder Post kept 88% of the words of The Valmora Times, dropped 29 words and added 246 of its own" in shown(
        page, ".inverse"
    )
    assert "The regional governor can object within six weeks." in shown(page, ".inverse .columns > div:last-child")
    page.click("text=What each has alone")
    colour = "getComputedStyle(document.querySelector('[data-role=added] .own')).backgroundColor"
    assert page.evaluate(colour) == "rgb(211, 236, 210)"
    assert page.get_attribute(".board", "data-mode") == "own"


def test_a_reader_walks_on_from_pair_to_pair_of_a_list(page: Page) -> None:
    go(page, "#pairs?grade=rewrite&sort=least")
    page.click(".list .grade a >> nth=0")
    page.wait_for_selector("#view.pair")
    assert "1 of 8 Next pair" in shown(page, ".through")
    first = page.url
    page.click("text=Next pair")
    page.wait_for_selector("text=2 of 8")
    assert page.url != first
    page.click("text=Previous pair")
    page.wait_for_selector("text=1 of 8")
    assert page.url == first


def test_events_are_listed_by_event_and_not_by_pair(page: Page) -> None:
    go(page, "#events")
    assert "9 events told by more than one story." in shown(page, "#view")
    first = page.locator(".events > li").first
    assert "5 articles in 2 stories" in first.inner_text()
    assert "tamsin-gazette" in first.inner_text()


def test_outlets_have_a_table_a_flow_and_a_matrix(page: Page) -> None:
    go(page, "#outlets")
    assert page.locator("svg.flow .band").count() == 10
    assert "AP → daily-beacon: 1 article" in page.locator("svg.flow").inner_html()
    rows = rows_of(saved(page, "text=Save flows as CSV"))
    assert {"from": "AP", "to": "daily-beacon"}.items() <= next(r for r in rows if r["to"] == "daily-beacon").items()
    page.click("th >> text=Took")
    took = [int(text) for text in page.locator(".outlets-table tbody td:nth-child(4)").all_inner_texts()]
    assert took == sorted(took, reverse=True)


def test_decisions_are_kept_and_exported_by_the_contract(chromium: Browser, report: Path, findings: Findings) -> None:
    keys = dict(zip((OFFER, THEATRE), map(text_key, findings.bodies([OFFER, THEATRE])), strict=True))
    with opened(chromium, report, PAIR) as watched:
        page = watched.page
        page.click("text=Not a copy")
        page.fill(".deciding textarea", '=HYPERLINK("x"), she said')
        page.locator(".deciding textarea").blur()
        watched.go("#stories?q=Ferrin")
        page.click("text=Cargo ship")
        page.select_option(".deciding select", label="harbour-courier: Astrid Moen afloat again after three days")
        page.wait_for_function("() => Object.values(localStorage).join().includes('right_source')")
        page.reload()
        page.wait_for_selector("html[data-ready=yes]")
        watched.go("#decisions")
        assert shown(page, "#decided") == "2"
        assert "right source is harbour-courier: Astrid Moen afloat again" in shown(page, "#view")
        rows = rows_of(saved(page, "button:has-text('Save decisions.csv')"))
        watched.go("#pairs?decided=yes")
        assert shown(page, ".count") == "1 of 65 pairs"
        watched.go("#decisions")
        page.click("[aria-label^='Remove the decision']:visible >> nth=0")
        page.wait_for_function("() => document.querySelectorAll('.decisions tbody tr').length === 1")
    decided = [row.pop("decided_at") for row in rows]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", moment) for moment in decided)
    source, pair = sorted(rows, key=lambda row: row["decision"], reverse=True)
    assert pair == {
        "decision": "not_a_copy",
        "a": OFFER,
        "b": THEATRE,
        "a_text": keys[OFFER],
        "b_text": keys[THEATRE],
        "source": "",
        "note": '\'=HYPERLINK("x"), she said',
    }
    assert (source["decision"], source["a"], source["b"]) == ("right_source", "wire-0501", "")
    assert source["source"] == "harbour-courier/astrid-moen-afloat.txt"
    assert source["b_text"] == text_key(findings.bodies([source["source"]])[0])


def test_a_decisions_file_is_loaded_and_texts_are_known_under_other_ids(
    page: Page, findings: Findings, tmp_path: Path
) -> None:
    [body] = findings.bodies([THEATRE])
    line = f"same_story,{OFFER},somewhere/else.txt,,{text_key(body)},,from last week,2031-03-09T10:00:00Z"
    path = tmp_path / "decisions.csv"
    path.write_text(f"\ufeffdecision,a,b,a_text,b_text,source,note,decided_at\r\n{line}\r\n", "utf-8")
    go(page, "#decisions")
    page.set_input_files("#loading", path)
    page.wait_for_selector("text=from last week")
    go(page, PAIR)
    assert page.get_attribute("button:has-text('Same story')", "aria-pressed") == "true"
    assert page.input_value(".deciding textarea") == "from last week"


def test_a_file_that_holds_no_decisions_is_refused(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "pairs.csv"
    path.write_text("a,b,grade\r\nx,y,exact\r\n", "utf-8")
    go(page, "#decisions")
    page.set_input_files("#loading", path)
    page.wait_for_selector("text=pairs.csv cannot be loaded: not a decisions.csv")


def test_the_keyboard_alone_reaches_a_pair_and_walks_its_passages(page: Page) -> None:
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("#view.stories")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"
    page.keyboard.type("schools")
    page.wait_for_selector("text=1 of 21 stories")
    page.locator(".list .story a").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#view.cluster")
    assert page.evaluate("document.activeElement.tagName") == "H1"
    page.locator(".members a[href^='#pair']").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#view.pair")
    page.keyboard.press("n")
    page.keyboard.press("n")
    assert shown(page, ".steps .count").startswith("Passage 2 of ")
    page.keyboard.press("p")
    assert shown(page, ".steps .count").startswith("Passage 1 of ")


def test_going_back_finds_the_list_as_it_was(page: Page) -> None:
    go(page, "#stories?sort=title")
    page.click("text=Power restored in Quillhaven")
    page.wait_for_selector("#view.cluster")
    page.go_back()
    page.wait_for_selector("#view.stories")
    assert page.get_attribute("th:has-text('Story')", "aria-sort") == "ascending"
    assert page.url.endswith("#stories?sort=title")


@pytest.mark.parametrize("hash", [*VIEWS, PAIR, "#cluster-"])
def test_nothing_runs_off_a_phone(chromium: Browser, report: Path, findings: Findings, hash: str) -> None:
    place = hash + findings.clusters[2].id if hash == "#cluster-" else hash
    with opened(chromium, report, place, viewport={"width": 360, "height": 740}, has_touch=True) as watched:
        assert watched.page.evaluate("document.documentElement.scrollWidth") == 360
        assert watched.page.locator("h1:visible").count() == 1


def test_a_printed_pair_holds_both_texts_whole(chromium: Browser, report: Path) -> None:
    with opened(chromium, report, PAIR) as watched:
        watched.page.emulate_media(media="print")
        heights = watched.page.evaluate(
            "[...document.querySelectorAll('.pane')].map(pane => pane.scrollHeight - pane.clientHeight)"
        )
        assert heights == [0, 0]
        assert not watched.page.locator("#nav").is_visible()
        assert not watched.page.locator(".deciding").is_visible()


@pytest.mark.parametrize(("scheme", "rules"), [("light", ""), ("dark", "runOnly: ['color-contrast']")])
def test_axe_finds_nothing_serious(
    chromium: Browser, report: Path, findings: Findings, scheme: Any, rules: str
) -> None:
    from axe_playwright_python.base import AXE_SCRIPT

    with opened(chromium, report, color_scheme=scheme) as watched:
        watched.page.evaluate(AXE_SCRIPT)
        for hash in (*VIEWS, PAIR, f"#cluster-{findings.clusters[1].id}", "#stories?q=nothing-at-all"):
            watched.go(hash)
            found = watched.page.evaluate(f"axe.run({{ resultTypes: ['violations'], {rules} }})")
            serious = [
                (violation["id"], node["target"], node["failureSummary"])
                for violation in found["violations"]
                if violation["impact"] in ("serious", "critical")
                for node in violation["nodes"]
            ]
            assert serious == [], hash


def test_right_to_left_texts_run_from_the_right(page: Page) -> None:
    go(page, "#pairs?q=world.jsonl.gz%233")
    page.click(".list .grade a >> nth=0")
    page.wait_for_selector("#view.pair")
    assert page.evaluate("getComputedStyle(document.querySelector('[data-letter=A] .text')).direction") == "rtl"


def test_an_address_of_another_run_is_told(page: Page) -> None:
    go(page, "#cluster-c0000000000000000")
    assert shown(page, "#view").startswith("No such story")
