"""`dedup report` as a person calls it: where things are written, what is printed, what is refused."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pyarrow.parquet
import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def reports(run: Run, tmp_path: Path, drop: Path) -> Path:
    run("scan", "drop", "-q")
    return tmp_path / "reports"


def cluster_of(reports: Path) -> str:
    return (reports / "clusters.csv").read_text("utf-8-sig").splitlines()[1].partition(",")[0]


def test_a_workbook_lies_in_the_report_folder_or_where_it_is_wanted(run: Run, reports: Path, tmp_path: Path) -> None:
    done = run("report", "reports", "--format", "xlsx")
    assert (done.returncode, done.stdout) == (0, "reports/report.xlsx\n")
    assert openpyxl.load_workbook(reports / "report.xlsx")["pairs"].max_row == 2
    assert run("report", "reports", "--format", "xlsx", "--out", "mine.xlsx").stdout == "mine.xlsx\n"
    assert openpyxl.load_workbook(tmp_path / "mine.xlsx").sheetnames[0] == "pairs"


def test_a_text_and_a_document_go_to_stdout_or_to_a_file(run: Run, reports: Path, tmp_path: Path) -> None:
    text = run("report", "reports", "--format", "md").stdout
    assert text.startswith("# Of 3 articles, 2 share their text in 1 story.\n")
    assert run("report", "reports", "--format", "md", "--out", "ticket.md").stdout == "ticket.md\n"
    assert (tmp_path / "ticket.md").read_text("utf-8") == text
    document = json.loads(run("report", "reports", "--format", "json").stdout)
    assert [cluster["id"] for cluster in document["clusters"]] == [cluster_of(reports)]


def test_one_cluster_can_be_asked_for(run: Run, reports: Path) -> None:
    name = cluster_of(reports)
    done = run("report", "reports", "--format", "md", "--cluster", name)
    assert f"(`{name}`)" in done.stdout
    assert "## What they share" in done.stdout
    done = run("report", "reports", "--format", "md", "--cluster", name[:-1])
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"dedup: reports holds no cluster {name[:-1]!r}; did you mean {name}?\n"


def test_parquet_tables_lie_in_a_folder(run: Run, reports: Path, tmp_path: Path) -> None:
    assert run("report", "reports", "--format", "parquet").stdout == "reports/parquet\n"
    assert pyarrow.parquet.read_table(reports / "parquet" / "articles.parquet").num_rows == 3
    assert run("report", "reports", "--format", "parquet", "--out", "tables").stdout == "tables\n"
    assert len(list((tmp_path / "tables").iterdir())) == 4


def test_figures_are_drawn_beside_a_format_or_alone(run: Run, reports: Path, tmp_path: Path) -> None:
    name = f"cluster-{cluster_of(reports)}"
    done = run("report", "reports", "--figures", "--format", "md", "--out", "ticket.md")
    assert done.stdout.splitlines() == ["ticket.md", f"reports/figures/{name}.svg", f"reports/figures/{name}.png"]
    done = run("report", "reports", "--figures", "--out", "drawn")
    assert sorted(path.name for path in (tmp_path / "drawn").iterdir()) == [f"{name}.png", f"{name}.svg"]


def test_without_the_package_for_png_the_line_that_installs_it_is_shown(
    run: Run, reports: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    done = run("report", "reports", "--figures")
    assert done.returncode == 0
    assert done.stdout.count(".svg") == 1
    assert done.stderr == "No PNG: resvg-py is not installed; run: pip install 'dedup-news[figures]'\n"


def test_where_there_is_no_story_nothing_is_drawn_and_that_is_said(run: Run, tmp_path: Path, drop: Path) -> None:
    (drop / "b.txt").unlink()
    run("scan", "drop", "-q")
    done = run("report", "reports", "--figures")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "Nothing to draw: no two articles make a story.\n"
    assert not (tmp_path / "reports" / "figures").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "report needs --format (xlsx, md, json, parquet) or --figures"),
        (["--format", "xlsx", "--cluster", "c1"], "--cluster goes with --format md and --figures, not with xlsx"),
        (["--format", "md", "--out", "drop"], "--out takes the name of a file, and drop is none"),
        (["--format", "parquet", "--out", "drop/a.txt"], "--out takes the name of a folder, and drop/a.txt is none"),
        (["--format", "json", "--out", "no/where.json"], "--out cannot be written: there is no folder no"),
    ],
)
def test_what_cannot_be_meant_is_said_before_any_work(
    run: Run, reports: Path, options: list[str], message: str
) -> None:
    done = run("report", "reports", *options)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"dedup: {message}\n")


def test_a_folder_that_is_no_report_and_a_format_that_is_none_are_refused(run: Run, drop: Path) -> None:
    for folder in ("nowhere", "drop"):
        done = run("report", folder, "--format", "md")
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == f"dedup: {folder} is no report: it must be a folder that `dedup scan` wrote\n"
    assert run("report", "drop", "--format", "docx").returncode == 2
