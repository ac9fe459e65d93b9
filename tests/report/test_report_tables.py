"""The CSV files: columns of the contract, stable figures, and nothing a spreadsheet could run."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.records import Article, Grade
from dedup.report import Findings, articles_frame, clusters_frame, pairs_frame, write
from dedup.report.cells import cell, csv_lines
from dedup.report.findings import one_line

CELLS = st.one_of(st.text(st.sampled_from("ab,\"'=+ \t\né＝"), max_size=6), st.integers(), st.floats(-1e6, 1e6))


def read(path: Path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def folder(newsroom: Findings, tmp_path: Path) -> Path:
    write(newsroom, tmp_path / "report")
    return tmp_path / "report"


def test_pairs_have_the_columns_of_the_contract(folder: Path) -> None:
    header = (folder / "pairs.csv").read_text(encoding="utf-8-sig").splitlines()[0]
    assert header == (
        "a,b,grade,confidence,verdict,jaccard,containment_a,containment_b,cosine,rare_overlap,longest_run,shared_words,"
        "shared_quotes,passages,likely_source,source_reason,source_probability,relation,found_by,a_outlet,b_outlet,"
        "a_date,b_date,a_title,b_title,top_passage,decided,note"
    )


def test_a_pair_row_holds_measures_with_four_digits(folder: Path) -> None:
    row = read(folder / "pairs.csv")[3]
    assert (row["a"], row["b"], row["grade"]) == ("herald/bridge.txt", "wire.txt", "rewrite")
    assert (row["confidence"], row["jaccard"], row["rare_overlap"]) == ("0.9000", "0.0123", "44.2500")
    assert (row["passages"], row["found_by"], row["likely_source"]) == ("1", "fingerprint+quote", "wire.txt")
    assert row["top_passage"] == "“We will not send one bus across before the last weld has been tested.”"


def test_top_passage_is_one_line_of_at_most_200_characters(folder: Path) -> None:
    top = read(folder / "pairs.csv")[2]["top_passage"]
    assert len(top) == 200
    assert "on Tuesday. Inspectors" in top


def test_cluster_rows_put_the_source_first(folder: Path) -> None:
    rows = read(folder / "clusters.csv")
    assert [(r["article_id"], r["role"], r["grade_to_source"]) for r in rows] == [
        ("wire.txt", "source", ""),
        ("courier/bridge.txt", "member", "near_duplicate"),
        ("herald/bridge.txt", "member", "rewrite"),
    ]
    assert {r["cluster_id"] for r in rows} == {"c0001"}
    assert rows[0]["words"] == "78"
    assert {r["split"] for r in rows} == {
        "at a bar of 0.56 into 2: {courier/bridge.txt, wire.txt} and {herald/bridge.txt}"
    }


def test_every_article_has_a_status(folder: Path) -> None:
    assert {
        r["article_id"]: (r["status"], r["best_match"], r["best_grade"]) for r in read(folder / "articles.csv")
    } == {
        "courier/bridge.txt": ("copy", "wire.txt", "near_duplicate"),
        "herald/bridge.txt": ("copy", "wire.txt", "rewrite"),
        "hostile.html": ("related", "short.txt", "same_event"),
        "roundup.txt": ("copy", "courier/bridge.txt", "excerpt"),
        "short.txt": ("related", "hostile.html", "same_event"),
        "wire.txt": ("copy", "courier/bridge.txt", "near_duplicate"),
    }


def test_short_and_single_articles_say_so(article: Callable[..., Article], tmp_path: Path) -> None:
    findings = Findings(
        articles=[article("a", "Brief."), article("b", "A long tale.")],
        matches=[], clusters=[], skipped=[], stats={}, short=frozenset({"a"}), words={"b": 7},
    )  # fmt: skip
    write(findings, tmp_path / "r")
    rows = read(tmp_path / "r" / "articles.csv")
    assert [(r["status"], r["words"]) for r in rows] == [("too short to judge", "1"), ("unique", "7")]


def test_furniture_words_are_counted_apart(folder: Path) -> None:
    herald = read(folder / "articles.csv")[1]
    assert herald["furniture_words"] == "15"


def test_csv_files_begin_with_a_bom_and_end_lines_with_crlf(folder: Path) -> None:
    for name in ("pairs.csv", "clusters.csv", "articles.csv", "skipped.csv"):
        data = (folder / name).read_bytes()
        assert data.startswith(b"\xef\xbb\xbf")
        assert data.count(b"\n") == data.count(b"\r\n") > 1


def test_no_cell_can_become_a_formula(folder: Path) -> None:
    rows = read(folder / "articles.csv")
    assert rows[2]["outlet"] == "'=cmd|' /C calc'!A0"
    assert rows[3]["title"] == '\'=HYPERLINK("http://x")'


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("+1 555", "'+1 555"),
        ("@here", "'@here"),
        ("\t=1", "' =1"),
        ("\r=1", "' =1"),
        ("＝1", "'＝1"),
        ("'=1", "''=1"),
        ("it's - fine", "it's - fine"),
        ("nul\0l", "null"),
        ("one\r\ntwo\u2028three", "one two three"),
        (-0.00001, "0.0000"),
        (-1.5, "-1.5000"),
        (float("nan"), ""),
        (-3, "-3"),
    ],
)
def test_cells_are_harmless(value: str | float, written: str) -> None:
    assert cell(value) == written


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=8))
def test_every_line_reads_back_as_its_cells(rows: list[tuple[str | float, str | float]]) -> None:
    text = "".join(csv_lines(rows))
    assert list(csv.reader(io.StringIO(text, newline=""))) == [[cell(value) for value in row] for row in rows]


def test_one_odd_cell_leaves_the_others_of_its_column_as_they_are() -> None:
    rows = [("a", 1), ("=b", 2.5), ('say "c", d', -0.0), ("", 7)]
    assert "".join(csv_lines(rows)) == 'a,1\r\n\'=b,2.5000\r\n"say ""c"", d",0.0000\r\n,7\r\n'


def test_cells_are_cut_where_spreadsheets_end() -> None:
    long = "x" * 40_000
    assert "".join(csv_lines([(long, "a"), ("b", "c")])) == "x" * 32_000 + "…,a\r\nb,c\r\n"


def test_lone_surrogates_of_broken_names_are_written_readably(newsroom: Findings, tmp_path: Path) -> None:
    broken = replace(newsroom.skipped[0], source="drop/caf\udce9.txt")
    write(replace(newsroom, skipped=[broken]), tmp_path / "r")
    assert read(tmp_path / "r" / "skipped.csv")[0]["source"] == "drop/caf\\udce9.txt"


def test_frames_have_the_same_rows_as_the_files(newsroom: Findings, folder: Path) -> None:
    pytest.importorskip("pandas")
    for frame, name in ((pairs_frame, "pairs"), (clusters_frame, "clusters"), (articles_frame, "articles")):
        rows = read(folder / f"{name}.csv")
        assert list(frame(newsroom).columns) == list(rows[0])
        assert len(frame(newsroom)) == len(rows)
    assert pairs_frame(newsroom)["jaccard"][0] == 0.01234


def test_unrelated_pairs_make_no_article_a_copy(article: Callable[..., Article], match: Callable[..., object]) -> None:
    a, b = article("a", "One tale."), article("b", "Another.")
    pair = match(a, b, Grade.UNRELATED)
    findings = Findings(articles=[a, b], matches=[pair], clusters=[], skipped=[], stats={})  # type: ignore[list-item]
    pytest.importorskip("pandas")
    assert list(articles_frame(findings)["status"]) == ["unique", "unique"]


def test_one_line_squeezes_white_space_and_cuts() -> None:
    assert one_line("Harbour \n bridge") == "Harbour bridge"
    assert one_line("abcdef", 4) == "abc…"
    assert one_line("a " * 500, 4) == "a a…"
    assert one_line("a" + " " * 100 + "bcdef", 4) == "a b…"
