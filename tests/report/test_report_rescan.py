"""What a desk decides in the page, saved and given to the next scan, is applied there and shown in the next page."""

from __future__ import annotations

import json
import re
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from typer.testing import CliRunner

from dedup.cli import app
from dedup.decisions import read_decisions
from dedup.review import ReviewServer
from tests.report.browser import opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ITEM = (
    "The ferry to Little Tarn was taken out of service on Thursday after divers found a crack in its rudder. "
    "“Nobody was in danger at any time,” said the harbour master, Runa Vestergaard. Buses to the northern pier run "
    "every twenty minutes until the spare part arrives from Sellin, which may take nine days."
)


def scan(drop: Path, out: Path, *options: str) -> dict[str, object]:
    ended = CliRunner().invoke(app, ["scan", str(drop), "--out", str(out), "--quiet", "--jobs", "1", *options])
    assert ended.exit_code == 0, ended.output
    run: dict[str, object] = json.loads((out / "run.json").read_text("utf-8"))
    return run


def test_a_decision_survives_the_browser_the_file_and_a_new_name_of_its_text(chromium: Browser, tmp_path: Path) -> None:
    drop = tmp_path / "drop"
    for outlet, text in (
        ("courier", ITEM),
        ("herald", "EVENING EDITION. " + ITEM),
        ("ledger", ITEM + " More to come."),
    ):
        (drop / outlet).mkdir(parents=True)
        (drop / outlet / "ferry.txt").write_text(text, "utf-8")
    scan(drop, tmp_path / "monday")
    with opened(chromium, tmp_path / "monday" / "report.html") as watched:
        page = watched.page
        watched.go("#pair-courier%2Fferry.txt%7Cherald%2Fferry.txt")
        page.click("button:has-text('Not a copy')")
        page.fill(".deciding textarea", "one desk, two editions")
        page.locator(".deciding textarea").blur()
        watched.go("#decisions")
        with page.expect_download() as waiting:
            page.click("button:has-text('Save decisions.csv')")
        waiting.value.save_as(tmp_path / "decisions.csv")
    (drop / "herald" / "ferry.txt").rename(drop / "herald" / "evening.txt")
    run = scan(drop, tmp_path / "tuesday", "--decisions", str(tmp_path / "decisions.csv"))
    assert run["decisions"] == {
        "given": 1,
        "applied": 1,
        "stale": [],
        "precision": {"decided": 1, "confirmed": 0, "share": 0.0},
    }
    with opened(chromium, tmp_path / "tuesday" / "report.html") as watched:
        assert "Of 1 decision, 1 was applied." in watched.page.inner_text("#overview")
        watched.go("#pair-courier%2Fferry.txt%7Cherald%2Fevening.txt")
        assert watched.page.inner_text("#view h1") == "No such pair"
        watched.go("#decisions")
        assert "one desk, two editions" in watched.page.inner_text(".decisions")


def test_the_review_server_saves_what_is_decided_in_the_page(chromium: Browser, tmp_path: Path) -> None:
    drop = tmp_path / "drop"
    for outlet, text in (("courier", ITEM), ("herald", "EVENING EDITION. " + ITEM)):
        (drop / outlet).mkdir(parents=True)
        (drop / outlet / "ferry.txt").write_text(text, "utf-8")
    scan(drop, tmp_path / "monday")
    with ReviewServer(tmp_path / "monday") as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        page = chromium.new_page()
        page.goto(server.url + "#pair-courier%2Fferry.txt%7Cherald%2Fferry.txt")
        page.wait_for_selector("#view.pair")
        page.click("button:has-text('Same story')")
        page.wait_for_selector('text="Saved to the folder."')
        page.fill(".deciding textarea", "=seen by the night desk")
        with page.expect_response(re.compile("/decisions[?]")):
            page.locator(".deciding textarea").blur()
        page.reload()
        page.wait_for_selector("#view.pair")
        assert page.input_value(".deciding textarea") == "=seen by the night desk"
        page.close()
        server.shutdown()
        thread.join()
    [decision] = read_decisions(tmp_path / "monday" / "decisions.csv")
    assert (decision.decision, decision.a, decision.b) == ("same_story", "courier/ferry.txt", "herald/ferry.txt")
    assert decision.note == "=seen by the night desk"
