"""Tables that grow row by row, after crashes and other people's hands."""

from __future__ import annotations

from pathlib import Path

import pytest

from dedup.watch.memory import Row
from dedup.watch.tables import Tables

HEADER = "\ufeffnumber,time,source,moved_to\r\n"


def row(number: int, source: str = "a.txt", day: str = "2031-05-02") -> Row:
    return Row(number=number, table="moved", day=day, cells=("09:00", source, "copies/a.txt"), said="")


def text(folder: Path, day: str = "2031-05-02") -> str:
    return (folder / f"moved-{day}.csv").read_bytes().decode("utf-8")


def test_each_day_has_its_table_with_one_header(tmp_path: Path) -> None:
    tables = Tables(tmp_path)
    tables.append([row(1), row(2)])
    tables.append([row(3), row(4, day="2031-05-03")])
    lines = "1,09:00,a.txt,copies/a.txt\r\n2,09:00,a.txt,copies/a.txt\r\n3,09:00,a.txt,copies/a.txt\r\n"
    assert text(tmp_path) == HEADER + lines
    assert text(tmp_path, "2031-05-03") == HEADER + "4,09:00,a.txt,copies/a.txt\r\n"


def test_cells_are_quoted_and_no_formulas(tmp_path: Path) -> None:
    Tables(tmp_path).append([row(1, '=HYPERLINK("x"), and more'), row(2, "two\nlines"), row(3, "caf\udce9.txt")])
    assert text(tmp_path).splitlines()[1:] == [
        '1,09:00,"\'=HYPERLINK(""x""), and more",copies/a.txt',
        "2,09:00,two lines,copies/a.txt",
        "3,09:00,caf\\udce9.txt,copies/a.txt",
    ]


def test_a_line_torn_at_any_byte_is_written_again_and_stands_once(tmp_path: Path) -> None:
    tables, path = Tables(tmp_path), tmp_path / "moved-2031-05-02.csv"
    tables.append([row(1)])
    before = path.read_bytes()
    tables.append([row(2, "Zürich, “b”.txt")])
    whole = path.read_bytes()
    for end in range(len(before), len(whole)):
        path.write_bytes(whole[:end])
        waiting = [row(1), row(2, "Zürich, “b”.txt")]
        assert [r.number for r in tables.missing(waiting)] == [2]
        tables.append(tables.missing(waiting))
        assert path.read_bytes() == whole


def test_a_table_torn_in_its_header_begins_anew(tmp_path: Path) -> None:
    tables, path = Tables(tmp_path), tmp_path / "moved-2031-05-02.csv"
    tables.append([row(1)])
    whole = path.read_bytes()
    for end in range(len(HEADER.encode())):
        path.write_bytes(whole[:end])
        tables.append(tables.missing([row(1)]))
        assert path.read_bytes() == whole


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_a_table_that_a_spreadsheet_has_saved_is_gone_on_with(tmp_path: Path, sign: str, ending: str) -> None:
    path = tmp_path / "moved-2031-05-02.csv"
    lines = ["number,time,source,moved_to", "1,09:00,a.txt,copies/a.txt", '"2",9.00,a.txt,checked']
    saved = ending.join(line.replace(",", sign) for line in lines)  # without an end of the last line
    path.write_text(saved + ending, "utf-8", newline="")
    assert Tables(tmp_path).missing([row(1), row(2), row(3)]) == [row(3)]
    path.write_text(saved, "utf-8", newline="")
    Tables(tmp_path).append([row(3)])
    assert text(tmp_path) == saved + "\r\n3,09:00,a.txt,copies/a.txt\r\n"


def test_all_rows_are_missing_where_there_is_no_table(tmp_path: Path) -> None:
    assert Tables(tmp_path).missing([row(1)]) == [row(1)]
