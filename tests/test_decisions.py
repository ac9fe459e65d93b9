"""The file of decisions: what is read, what is refused and with which words, and that nothing is lost on the way."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup import Decision
from dedup.decisions import COLUMNS, as_csv, decided_when, parse_decisions, read_decisions, save_decisions
from dedup.errors import ConfigError

HEADER = "decision,a,b,a_text,b_text,source,note,decided_at"
KEY = "0123456789abcdef0123456789abcdef"


def refusal(text: str) -> str:
    with pytest.raises(ConfigError) as refused:
        parse_decisions(text, "desk.csv")
    return str(refused.value)


def test_a_file_as_the_page_writes_it_is_read() -> None:
    rows = (
        f"{HEADER}\r\n"
        f'not_a_copy,herald/dam,wire-7,{KEY},{KEY[::-1]},,"two reports, one ""river""",2031-05-04T09:30:00Z\r\n'
        f"right_source,wire-7,,{KEY},{KEY[::-1]},courier/dam,,2031-05-04T09:31:00Z\r\n"
        f"note,wire-7,,{KEY},,,ask Ines,2031-05-04T09:32:00Z\r\n"
    )
    first, second, third = parse_decisions("\ufeff" + rows)
    assert (first.decision, first.a, first.b, first.note) == (
        "not_a_copy", "herald/dam", "wire-7", 'two reports, one "river"',
    )  # fmt: skip
    assert (second.source, second.b_text) == ("courier/dam", KEY[::-1])
    assert (third.b, third.note, third.decided_at) == ("", "ask Ines", "2031-05-04T09:32:00Z")


def test_the_columns_are_the_contract_with_the_page() -> None:
    assert ",".join(COLUMNS) == HEADER


def test_a_pair_is_turned_so_that_a_comes_first() -> None:
    (decision,) = parse_decisions(f"decision,a,b,a_text,b_text\nsame_story,zeta,alpha,{KEY},{KEY[::-1]}\n")
    assert (decision.a, decision.b, decision.a_text, decision.b_text) == ("alpha", "zeta", KEY[::-1], KEY)


def test_a_file_that_a_spreadsheet_saved_with_semicolons_or_tabs_is_read() -> None:
    for mark in ";\t":
        text = mark.join(["decision", "a", "b"]) + "\r\n" + mark.join(["not_a_copy", "one", "two"]) + "\r\n"
        assert parse_decisions(text) == [Decision(decision="not_a_copy", a="one", b="two")]


def test_columns_of_others_are_left_alone_and_missing_ones_are_empty() -> None:
    (decision,) = parse_decisions("who,b,a,decision\nMara Quill,y,x,same_story\n")
    assert decision == Decision(decision="same_story", a="x", b="y")


def test_empty_lines_and_notes_without_text_say_nothing() -> None:
    assert parse_decisions(f"{HEADER}\n\n,,,,,,,\nnote,x,,,,,  ,\n") == []


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("not_copy,x,y,,,,,", "desk.csv, line 2: no decision is called 'not_copy'; did you mean 'not_a_copy'?"),
        ("maybe,x,y,,,,,", "line 2: no decision is called 'maybe'; there are not_a_copy, same_story, right_source"),
        ("same_story,x,,,,,,", "line 2: same_story needs two articles, and column b is empty"),
        ("not_a_copy,,,,,,,", "line 2: not_a_copy names no article in column a"),
        ("not_a_copy,x,x,,,,,", "line 2: 'x' stands in both columns, a and b"),
        ("right_source,x,,,,,,", "line 2: right_source names no article in column source"),
        ("not_a_copy,x,y,abc,,,,", "line 2: a_text must be 32 hexadecimal digits, not 'abc'"),
        ("not_a_copy,x,y,,,,,yesterday", "line 2: decided_at must be a date and time such as 2031-05-04T09:30:00Z"),
        ("not_a_copy,x,y,,,,,,,", "line 2: 10 cells, but the header has 8"),
        ('note,x,,,,,"a quotation, begun', "line 2: not a row of a CSV file: unexpected end of data"),
        ('note,x,,,,,"one"two,', "line 2: not a row of a CSV file: ',' expected after '\"'"),
    ],
)  # fmt: skip
def test_a_bad_row_is_named_by_its_line(row: str, message: str) -> None:
    assert message in refusal(f"{HEADER}\n{row}\n")


def test_lines_are_counted_as_an_editor_sees_them() -> None:
    two_lines = 'note,x,,,,,"first line\nsecond line",\n'
    assert "line 4: same_story needs two" in refusal(f"{HEADER}\n{two_lines}same_story,x,,,,,,\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "desk.csv is empty; its first line must name the columns: decision, a, b, a_text"),
        ("verdict,a,b\n", "desk.csv has no column 'decision'; it has verdict, a, b"),
        ("decision,a,b,b\n", "desk.csv has two columns 'b'"),
        ("decision,a,b\n\0", "desk.csv is not a CSV file: it holds zero bytes"),
    ],
)
def test_a_file_that_is_no_list_of_decisions_is_refused(text: str, message: str) -> None:
    assert message in refusal(text)


def test_files_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot read the decisions .*none\.csv: No such file"):
        read_decisions(tmp_path / "none.csv")
    (tmp_path / "latin.csv").write_bytes("decision,a,b\nnote,Müller,\n".encode("latin-1"))
    with pytest.raises(ConfigError, match=r"latin\.csv is not in UTF-8"):
        read_decisions(tmp_path / "latin.csv")


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)


@given(st.lists(st.builds(Decision, decision=st.just("note"), a=texts.filter(bool), source=texts, note=texts)))
def test_whatever_is_written_is_read_again(decisions: list[Decision]) -> None:
    told = [decision for decision in decisions if decision.note.strip()]
    assert parse_decisions(as_csv(decisions)) == told


def test_a_note_cannot_become_a_formula_in_a_spreadsheet(tmp_path: Path) -> None:
    decision = Decision(decision="note", a="-1+1", note="=HYPERLINK(1)")
    save_decisions([decision], tmp_path / "decisions.csv")
    text = (tmp_path / "decisions.csv").read_text("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["a"], row["note"]) == ("'-1+1", "'=HYPERLINK(1)")
    assert read_decisions(tmp_path / "decisions.csv") == [decision]
    assert [path.name for path in tmp_path.iterdir()] == ["decisions.csv"]


def test_times_are_compared_whatever_their_zone_and_no_time_is_the_oldest() -> None:
    times = ["2031-05-04T09:30:00Z", "2031-05-04T11:00:00+02:00", "2031-05-04", "2031-05-04T09:30:01", ""]
    found = sorted(times, key=lambda time: decided_when(Decision(decision="note", a="x", note="y", decided_at=time)))
    assert found == ["", "2031-05-04", "2031-05-04T11:00:00+02:00", "2031-05-04T09:30:00Z", "2031-05-04T09:30:01"]
