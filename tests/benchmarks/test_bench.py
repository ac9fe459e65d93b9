"""The benchmark's runner, its tables in docs/performance.md, and its picture."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from xml.etree import ElementTree

import plot
import pytest
from bench import FIGURES, PAGE, PICTURE, parts, positive, records, run, size, sizes
from tables import TABLES, Part, rendered, short

PART: Part = {
    "date": "2031-03-01",
    "versions": {"dedup": "0.1.0", "python": "3.11.7"},
    "machine": {"processor": "Quill", "cores": 2, "memory_gb": 24},
    "load": 3.2,
    "help": {"seconds": 0.131},
    "five_files": {"seconds": 1.52},
    "first_run": {"seconds": 118.4},
}


def test_tables_between_markers_show_the_figures_and_the_rest_of_the_page_stays() -> None:
    page = "# Start\n\n<!-- bench: start -->\nold\n<!-- /bench -->\n\n<!-- bench: peers -->\nkept\n<!-- /bench -->\n"
    assert rendered(page, {"start": PART}) == (
        "# Start\n\n<!-- bench: start -->\n"
        "|  | seconds |\n|---|---|\n"
        "| `dedup --help` | .13 |\n"
        "| a scan of five files | 1.5 |\n"
        "| the first scan ever, which compiles the kernels | 118 |\n\n"
        "2031-03-01, dedup 0.1.0, Python 3.11.7; Quill, 2 cores, 24 GB. "
        "The machine was busy with other work (load 3.2).\n"
        "<!-- /bench -->\n\n<!-- bench: peers -->\nkept\n<!-- /bench -->\n"
    )


def test_the_page_and_the_picture_show_the_measured_figures() -> None:
    page, figures = PAGE.read_text("utf-8"), json.loads(FIGURES.read_text("utf-8"))
    assert [name for name in TABLES if f"<!-- bench: {name} -->" not in page] == []
    assert page == rendered(page, figures), "python benchmarks/bench.py --render"
    assert PICTURE.read_text("utf-8") == plot.scaling(figures["scaling"]["rows"])


def test_figures_are_short() -> None:
    assert [short(s) for s in (0.205, 1.62, 19.66, 118.2, 4000)] == [".20", "1.6", "19.7", "118", "4,000"]


def test_the_picture_has_a_dot_and_a_value_for_each_measurement() -> None:
    rows = [
        {"articles": 1000, "seconds": 1.6, "peak_mb": 400},
        {"articles": 1_000_000, "seconds": 720, "peak_mb": 19_000},
    ]
    picture = ElementTree.fromstring(plot.scaling(rows))
    assert len(picture.findall(".//{*}circle")) == 4
    texts = [text.text for text in picture.findall(".//{*}text")]
    for expected in ("Time of a scan", "Peak memory", "1,000", "1 million", "1.6 s", "12 min", "400 MB", "19 GB"):
        assert expected in texts


def test_a_run_tells_its_time_its_memory_and_what_was_printed() -> None:
    one = run(sys.executable, "-c", "print(len(bytearray(80_000_000)))")
    assert one.output == "80000000\n"
    assert one.finished
    assert one.peak_mb >= 76
    assert one.seconds > 0


def test_a_run_is_stopped_at_its_limit_and_a_failing_one_ends_the_benchmark() -> None:
    assert not run(sys.executable, "-c", "import time; time.sleep(60)", limit=0.2).finished
    with pytest.raises(SystemExit, match="no such thing"):
        run(sys.executable, "-c", "raise SystemExit('no such thing')")


def test_options_are_checked_before_anything_is_measured(tmp_path: Path) -> None:
    assert sizes("1M,3k 500") == [500, 3000, 1_000_000]
    assert parts("scaling,start") == ["start", "scaling"]
    for check, text in ((size, "0"), (size, "3K"), (parts, "scale"), (positive, "-1"), (records, str(tmp_path))):
        with pytest.raises(argparse.ArgumentTypeError):
            check(text)
