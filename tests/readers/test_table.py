"""CSV files with all that spreadsheets and exports do to them."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

import pytest

from dedup.config import ReadConfig
from dedup.readers.table import sniff_delimiter
from dedup.records import RawRecord

from .conftest import ReadAll


def test_a_row_is_a_record(drop: Path, read_all: ReadAll) -> None:
    (drop / "list.csv").write_text(
        "id,Headline,body,date,Outlet\n7,Ferry,It did not sail.,2024-03-01,Harbour Post\n,,Nor did the other.,,\n",
        encoding="utf-8",
    )
    records, skipped = read_all(drop)
    assert skipped == []
    assert records == [
        RawRecord(
            id="7",
            source="drop/list.csv",
            text="It did not sail.",
            title="Ferry",
            published="2024-03-01",
            publisher="Harbour Post",
        ),
        RawRecord(id="list.csv#2", source="drop/list.csv#2", text="Nor did the other."),
    ]


def test_quoted_cells_keep_commas_line_ends_and_quotes(read_bytes: ReadAll) -> None:
    records, skipped = read_bytes("a.csv", b'id,text\r\n1,"He said: ""No, sir.""\r\nThen he left."\r\n2,Short\r\n')
    assert ([r.text for r in records], skipped) == (['He said: "No, sir."\r\nThen he left.', "Short"], [])


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_from_the_header(read_bytes: ReadAll, delimiter: str) -> None:
    rows = [["id", "text", "title"], ["1", '"a, b; c"', "Ferry"]]
    (record,), _ = read_bytes("a.csv", "\n".join(map(delimiter.join, rows)).encode())
    assert (record.id, record.text, record.title) == ("1", "a, b; c", "Ferry")


def test_a_delimiter_inside_a_quoted_name_does_not_mislead() -> None:
    assert sniff_delimiter('"a, b, c, d";text', ReadConfig()) == ";"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1251"])
def test_every_encoding_and_line_end_is_read(read_bytes: ReadAll, encoding: str, end: str) -> None:
    text = "Мэр города заявила, что мост через реку будет открыт уже летом"
    given = end.join(["id;text", f"1;{text}", f"2;{text} этого года", ""])
    records, skipped = read_bytes("a.csv", given.encode(encoding))
    assert ([r.text for r in records], skipped) == ([text, f"{text} этого года"], [])


def test_undecodable_bytes_are_replaced_and_noted_for_their_row(read_bytes: ReadAll) -> None:
    good = "Мост через реку".encode()
    records, (row,) = read_bytes("a.csv", b"id,text\n1," + good + b"\n2," + good + b" \xff\n3," + good)
    assert [r.text for r in records] == ["Мост через реку", "Мост через реку \ufffd", "Мост через реку"]
    assert (row.stage, row.reason, row.source) == ("note", "undecodable bytes were replaced", f"{records[1].source}#2")


def test_rows_with_too_many_values_are_rows_of_the_report(read_bytes: ReadAll) -> None:
    records, (row,) = read_bytes("a.csv", b'id,text\n1,"two\nlines"\n2,Well, no\n3,Yes,,\n')
    assert [r.id for r in records] == ["1", "3"]
    assert (row.reason, row.detail) == ("too many columns", "record 2 (line 4): 3 values for 2 columns")


def test_rows_with_too_few_values_lack_the_rest(read_bytes: ReadAll) -> None:
    (record,), _ = read_bytes("a.csv", b"text,title,author\nIt did not sail.,Ferry\n")
    assert (record.text, record.title, record.author) == ("It did not sail.", "Ferry", "")


def test_zero_bytes_are_dropped(read_bytes: ReadAll) -> None:
    records, skipped = read_bytes("a.csv", b"id,text\n1,a\0b\n2,c\n")
    assert ([r.text for r in records], skipped) == (["ab", "c"], [])


def test_blank_lines_and_empty_rows_are_passed_over(read_bytes: ReadAll) -> None:
    records, skipped = read_bytes("a.csv", b"\n\nid,text\n\n1,a\n,\n2,b\n\n")
    assert ([r.id for r in records], skipped) == (["1", "2"], [])


def test_a_row_without_text_says_so(read_bytes: ReadAll) -> None:
    records, (row,) = read_bytes("a.csv", b"id,text\n1,\n2,b\n")
    assert [r.id for r in records] == ["2"]
    assert (row.reason, row.source.rpartition("#")[2]) == ("empty text field", "1")


def test_a_header_without_text_names_its_columns_and_the_way_out(read_bytes: ReadAll) -> None:
    records, (row,) = read_bytes("a.csv", b"id,article_body\n1,x\n2,y\n")
    assert records == []
    assert row.reason == "no text column"
    assert row.detail == "the columns are id, article_body; name it with --field text=COLUMN"


def test_the_users_own_column_is_read(read_bytes: ReadAll) -> None:
    (record,), _ = read_bytes("a.csv", b"id,Article_Body,text\n1,x,teaser\n", fields={"text": "article_body"})
    assert record.text == "x"


def test_a_column_of_the_users_that_is_missing_is_named(read_bytes: ReadAll) -> None:
    _, (row,) = read_bytes("a.csv", b"id,summary\n1,x\n", fields={"text": "story"})
    assert row.detail.startswith("the columns are id, summary; none is called story")


def test_of_two_columns_with_one_name_the_filled_one_counts(read_bytes: ReadAll) -> None:
    records, _ = read_bytes("a.csv", b"text,text\n,second\nfirst,\n")
    assert [r.text for r in records] == ["second", "first"]


def test_a_quotation_mark_that_is_never_closed_is_reported_not_read_as_an_article(read_bytes: ReadAll) -> None:
    records, (row,) = read_bytes("a.csv", b'id,text\n1,a\n2,"opens\n3,c\n4,d\n')
    assert [r.id for r in records] == ["1"]
    assert (row.reason, row.detail) == ("a quotation mark is never closed", "it opens in or after line 3")


def test_a_quotation_mark_that_is_never_closed_does_not_fill_the_memory(read_bytes: ReadAll) -> None:
    limit = csv.field_size_limit(50)
    try:
        records, (row,) = read_bytes("a.csv", b'id,text\n1,a\n2,"opens\n' + b"3,swallowed\n" * 10_000, max_bytes=100)
    finally:
        csv.field_size_limit(limit)
    assert [r.id for r in records] == ["1"]
    assert row.reason == "broken CSV"
    assert row.detail.startswith("line 3: field larger than field limit")


def test_a_line_without_end_does_not_fill_the_memory(read_bytes: ReadAll) -> None:
    records, (row,) = read_bytes("a.csv", b"id,text\n1,a\n2," + b"x" * 10_000 + b"\n3,c\n", max_bytes=100)
    assert [r.id for r in records] == ["1"]
    assert row.detail == "line 3: more than 400 characters without a line end; nothing after it was read"


def test_an_article_above_the_limit_costs_no_other(read_bytes: ReadAll) -> None:
    records, (row,) = read_bytes("a.csv", b"id,text\n1," + b"x" * 150 + b"\n2,b\n", max_bytes=100)
    assert [r.id for r in records] == ["2"]
    assert (row.reason, row.detail) == ("too large", "150 bytes; the limit is 100")


def test_cells_longer_than_the_modules_own_limit_are_read(read_bytes: ReadAll) -> None:
    records, skipped = read_bytes("a.csv", b"id,text\n1," + b"word " * 100_000 + b"\n")
    assert (len(records[0].text), skipped) == (500_000, [])


def test_a_page_in_a_cell_is_a_page(read_bytes: ReadAll) -> None:
    (record,), _ = read_bytes("a.csv", b'id,text\n1,"<!doctype html>\n<p>Hello"\n')
    assert record.kind == "html"


@pytest.mark.parametrize(
    ("data", "reason", "detail"),
    [
        (b"id,text\n", "empty", "a header and no rows"),
        (b"%PDF-1.4 text", "not text: looks like a PDF file", ""),
        (b"\x00\x01\x02binary\x00\x00", "not text: looks like binary data", ""),
    ],
)
def test_a_file_without_rows_is_a_row(read_bytes: ReadAll, data: bytes, reason: str, detail: str) -> None:
    records, (row,) = read_bytes("a.csv", data)
    assert (records, row.reason, row.detail) == ([], reason, detail)


# Archives


def table(rows: int) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(
        [("id", "text"), *((n, f"{n * 7919 % 10007} ferries,\nnot one sailed") for n in range(rows))]
    )
    return text.getvalue().encode()


def test_a_packed_table_is_unpacked(read_bytes: ReadAll) -> None:
    records, skipped = read_bytes("a.csv.gz", gzip.compress(table(300)))
    assert (len(records), skipped) == (300, [])


def test_a_truncated_archive_gives_all_whole_rows_before_the_cut(read_bytes: ReadAll) -> None:
    packed = gzip.compress(table(3000))
    records, (row,) = read_bytes("a.csv.gz", packed[: len(packed) // 2])
    assert 500 < len(records) < 2500
    assert all(record.text.endswith("ferries,\nnot one sailed") for record in records)
    assert (row.reason, row.detail) == ("the archive is truncated", f"after record {len(records)}")


def test_a_table_that_is_no_archive_is_a_row(read_bytes: ReadAll) -> None:
    records, (row,) = read_bytes("a.csv.gz", table(3))
    assert (records, row.reason) == ([], "not a gzip archive")
