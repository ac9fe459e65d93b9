"""The workbook, opened by another program's reader: types, filters, links, and cells that stay texts."""

from __future__ import annotations

import datetime
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from dedup.errors import DedupError, MissingExtraError
from dedup.report import Findings, write
from dedup.report.formats import read_report, workbook, write_workbook


@pytest.fixture
def folder(newsroom: Findings, tmp_path: Path) -> Path:
    write(newsroom, tmp_path / "report")
    return tmp_path / "report"


def opened(folder: Path, path: Path | None = None) -> Any:
    path = path or folder / "report.xlsx"
    write_workbook(read_report(folder), path)
    return openpyxl.load_workbook(path)


def rows_of(sheet: Any) -> list[dict[str, Any]]:
    """The rows by the names in the header, as cells."""
    header = [cell.value for cell in sheet[1]]
    return [dict(zip(header, row, strict=True)) for row in sheet.iter_rows(min_row=2)]


def test_a_workbook_has_a_sheet_for_each_table_and_one_for_the_run(folder: Path) -> None:
    book = opened(folder)
    assert book.sheetnames == ["pairs", "clusters", "articles", "skipped", "run"]
    assert [book[name].max_row - 1 for name in ("pairs", "clusters", "articles", "skipped")] == [5, 3, 6, 1]
    stored = read_report(folder)
    for name, columns in stored.columns.items():
        header = {str(cell.value).removesuffix(" (UTC)") for cell in book[name][1]}
        assert header == {*columns, *({"show"} if name != "skipped" else ())}


def test_headers_stay_and_every_table_can_be_filtered(folder: Path) -> None:
    book = opened(folder)
    for name, frozen in (("pairs", "D2"), ("clusters", "D2"), ("articles", "C2"), ("skipped", "B2")):
        sheet = book[name]
        assert sheet.freeze_panes == frozen
        assert sheet.auto_filter.ref == sheet.dimensions
        assert all(7 <= sheet.column_dimensions[key].width <= 47 for key in sheet.column_dimensions)
        assert sheet["A1"].font.bold


def test_the_strongest_pair_comes_first_with_shares_in_per_cent_and_times_in_utc(folder: Path) -> None:
    first = rows_of(opened(folder)["pairs"])[0]
    assert (first["verdict"].value, first["a_outlet"].value, first["b_outlet"].value) == (
        "lightly edited copy", "Ellery Courier", "Northern Wire Agency",
    )  # fmt: skip
    assert (first["confidence"].value, first["confidence"].number_format) == (0.9996, "0%")
    assert (first["rare_overlap"].value, first["rare_overlap"].number_format) == (44.25, "0.0")
    assert (first["passages"].value, first["passages"].number_format) == (1, "#,##0")
    assert first["a_date (UTC)"].value == datetime.datetime(2031, 4, 8, 17, 40)
    assert first["a_date (UTC)"].number_format == "yyyy-mm-dd hh:mm"
    assert first["verdict"].fill.fgColor.rgb == "FFF9E8DF"


def test_a_day_is_a_day_and_what_is_no_date_stays_a_text(newsroom: Findings, tmp_path: Path) -> None:
    wire = replace(newsroom.articles[5], published_at="spring")
    write(replace(newsroom, articles=[*newsroom.articles[:5], wire]), tmp_path / "report")
    rows = {row["article_id"].value: row for row in rows_of(opened(tmp_path / "report")["articles"])}
    dates = {id: row["published (UTC)"] for id, row in rows.items()}
    assert dates["herald/bridge.txt"].value == datetime.datetime(2031, 4, 9)
    assert dates["herald/bridge.txt"].number_format == "yyyy-mm-dd"
    assert dates["wire.txt"].value == "spring"
    assert dates["short.txt"].value is None


def test_links_lead_to_the_pair_and_the_cluster_in_the_page(folder: Path, tmp_path: Path) -> None:
    book = opened(folder)
    link = rows_of(book["pairs"])[0]["show"].hyperlink
    assert (link.target, link.location) == ("report.html", "pair-courier%2Fbridge.txt%7Cwire.txt")
    link = rows_of(book["clusters"])[0]["show"].hyperlink
    assert (link.target, link.location) == ("report.html", "cluster-c0001")
    shown = {row["article_id"].value: row["show"].value for row in rows_of(book["articles"])}
    assert (shown["wire.txt"], shown["roundup.txt"]) == ("show", None)
    elsewhere = opened(folder, tmp_path / "elsewhere.xlsx")
    assert rows_of(elsewhere["pairs"])[0]["show"].hyperlink.target == r"report\report.html"  # as Excel has paths


def test_an_id_too_long_for_a_link_has_none(newsroom: Findings, tmp_path: Path) -> None:
    names = {article.id: article.id + "ü" * 200 for article in newsroom.articles}
    articles = [replace(article, id=names[article.id]) for article in newsroom.articles]
    matches = [replace(match, a=names[match.a], b=names[match.b], likely_source="") for match in newsroom.matches]
    write(replace(newsroom, articles=articles, matches=matches, clusters=[]), tmp_path / "report")
    rows = rows_of(opened(tmp_path / "report")["pairs"])
    assert [row["show"].value for row in rows] == [None] * 5


def test_no_cell_is_a_formula_and_no_link_was_chosen_by_an_article(folder: Path) -> None:
    book = opened(folder)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
    assert {cell.hyperlink.target for cell in cells if cell.hyperlink} == {"report.html"}
    rows = {row["article_id"].value: row for row in rows_of(book["articles"])}
    assert rows["roundup.txt"]["title"].value == '=HYPERLINK("http://x")'
    assert rows["hostile.html"]["outlet"].value == "=cmd|' /C calc'!A0"
    assert rows["hostile.html"]["url"].value == "javascript:alert(1)"
    with zipfile.ZipFile(folder / "report.xlsx") as archive:
        sheets = [archive.read(name) for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
    assert len(sheets) == 5
    assert not any(b"<f>" in sheet for sheet in sheets)


def test_the_run_is_told_in_words_and_figures(newsroom: Findings, tmp_path: Path) -> None:
    stats = {
        **newsroom.stats,
        "warnings": ["cluster c0001 holds half of all articles"],
        "decisions": {
            "given": 1,
            "applied": 1,
            "stale": [],
            "precision": {"decided": 0, "confirmed": 0, "share": None},
        },
    }
    write(replace(newsroom, stats=stats), tmp_path / "report")
    sheet = opened(tmp_path / "report")["run"]
    first = [sheet.cell(row, 1).value for row in range(1, 5)]
    assert first[:3] == [
        "Of 6 articles, 3 share their text in 1 story; 1 more shares a passage.",
        "Of 1 decision, 1 was applied.",
        "cluster c0001 holds half of all articles",
    ]
    assert first[3].startswith("Times are in UTC")
    facts = {row[0].value: row[1].value for row in sheet.iter_rows(min_row=5)}
    assert (facts["grade.near_jaccard"], facts["dedup"], facts["read"]) == (0.6, "0.1", 0.25)


def test_what_does_not_fit_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "_ROWS", 4)
    monkeypatch.setattr(workbook, "_LINKS", 2)
    book = opened(folder)
    assert book["pairs"].max_row == 5
    assert [row["show"].value for row in rows_of(book["pairs"])] == ["show", "show", None, None]
    told = [cell.value for cell in book["run"]["A"]]
    assert "pairs: a sheet holds 4 of 5 rows; pairs.csv holds all" in told


def test_the_same_report_makes_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    for name in ("one.xlsx", "two.xlsx"):
        write_workbook(read_report(folder), tmp_path / name)
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()


def test_what_cannot_be_written_is_one_sentence(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DedupError, match=r"cannot write .*nowhere/report\.xlsx: .*No such file or directory"):
        write_workbook(read_report(folder), tmp_path / "nowhere" / "report.xlsx")
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    with pytest.raises(MissingExtraError, match=r"XlsxWriter is not installed; run: pip install 'dedup-news\[excel\]'"):
        write_workbook(read_report(folder), tmp_path / "report.xlsx")
