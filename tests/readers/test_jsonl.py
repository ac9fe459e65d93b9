"""JSON lines: fields, identifiers, bad lines, blocks, archives, standard input."""

from __future__ import annotations

import gzip
import io
import json
import pickle
import sys
import tracemalloc
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dedup.config import ReadConfig
from dedup.readers import Chunk, Source, blocks, chunks, find_sources, read
from dedup.records import RawRecord

from .conftest import ReadAll

TEXT = "The ferry did not sail."


def lines(*records: object) -> bytes:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records).encode()


def one(read_bytes: ReadAll, record: object, **options: Any) -> RawRecord:
    records, skipped = read_bytes("feed.jsonl", lines(record), **options)
    assert skipped == []
    return records[0]


def test_a_line_is_a_record_with_the_files_name_and_the_lines_number(drop: Path, read_all: ReadAll) -> None:
    (drop / "wire").mkdir()
    (drop / "wire" / "feed.jsonl").write_bytes(lines({"text": "one"}) + b"\n" + lines({"text": "three"}))
    records, skipped = read_all(drop)
    assert skipped == []
    assert [(r.id, r.source, r.text, r.folder) for r in records] == [
        ("wire/feed.jsonl#1", "drop/wire/feed.jsonl#1", "one", "wire"),
        ("wire/feed.jsonl#3", "drop/wire/feed.jsonl#3", "three", "wire"),
    ]


@pytest.mark.parametrize(
    ("field", "names"),
    [
        ("text", ["text", "body", "content"]),
        ("title", ["title", "headline"]),
        ("url", ["url", "link"]),
        ("publisher", ["source", "publisher", "outlet"]),
        ("published", ["published", "date", "published_at", "pubdate", "datetime"]),
        ("author", ["author", "byline"]),
        ("language", ["language", "lang"]),
        ("id", ["id"]),
    ],
)
def test_fields_go_by_several_names(read_bytes: ReadAll, field: str, names: list[str]) -> None:
    for name in names:
        record = one(read_bytes, {"title" if field == "text" else "text": "Ferry", name: "found"})
        assert getattr(record, field) == "found"


def test_the_users_own_name_comes_first(read_bytes: ReadAll) -> None:
    given = {"text": "teaser", "article_body": TEXT, "title": "Ferry", "source": "feed 7"}
    record = one(read_bytes, given, fields={"text": "article_body", "publisher": "paper"})
    assert (record.text, record.publisher, record.title) == (TEXT, "feed 7", "Ferry")


def test_an_empty_field_gives_way_to_the_next_name(read_bytes: ReadAll) -> None:
    assert one(read_bytes, {"text": " ", "body": None, "content": TEXT}).text == TEXT


def test_names_in_other_case_are_found_when_there_is_no_text_otherwise(read_bytes: ReadAll) -> None:
    record = one(read_bytes, {"ID": 7, "Body": TEXT, "Title": "Ferry"})
    assert (record.id, record.text, record.title) == ("7", TEXT, "Ferry")


@pytest.mark.parametrize(
    ("value", "author"),
    [
        (12, "12"),
        (1.5, "1.5"),
        (["Ada Lind", None, "Bo Ek"], "Ada Lind, Bo Ek"),
        ({"id": 3, "name": "Ada Lind"}, "Ada Lind"),
        ([{"name": "Ada Lind"}, "Bo Ek"], "Ada Lind, Bo Ek"),
        (None, ""),
        (True, ""),
        ({}, ""),
    ],
)
def test_values_of_every_type_become_text(read_bytes: ReadAll, value: object, author: str) -> None:
    assert one(read_bytes, {"text": TEXT, "author": value}).author == author


def test_a_text_in_paragraphs_is_joined_by_blank_lines(read_bytes: ReadAll) -> None:
    assert one(read_bytes, {"text": ["one", "two"]}).text == "one\n\ntwo"


@pytest.mark.parametrize(
    ("value", "expected"),
    [("a-1", "a-1"), (0, "0"), (10**25, str(10**25)), ("", "feed.jsonl#1"), (None, "feed.jsonl#1")],
)
def test_the_id_is_the_field_or_the_place(read_bytes: ReadAll, value: object, expected: str) -> None:
    assert one(read_bytes, {"id": value, "text": TEXT}).id == expected


@pytest.mark.parametrize(
    "start", ["<!DOCTYPE html><p>", "\n <HTML lang=en>", '<?xml version="1.0"?>\n<html>', "\ufeff<html>"]
)
def test_a_text_that_is_a_page_is_a_page(read_bytes: ReadAll, start: str) -> None:
    assert one(read_bytes, {"text": start + TEXT}).kind == "html"


@pytest.mark.parametrize("text", ["<p>Short markup</p>", "The <html> tag", "<htmlish>"])
def test_other_markup_is_text(read_bytes: ReadAll, text: str) -> None:
    assert one(read_bytes, {"text": text}).kind == "text"


def test_a_field_html_stands_in_for_a_missing_text(read_bytes: ReadAll) -> None:
    record = one(read_bytes, {"html": f"<p>{TEXT}</p>", "url": "https://example.org"})
    assert (record.kind, record.text) == ("html", f"<p>{TEXT}</p>")


def test_an_empty_text_with_a_title_is_an_article(read_bytes: ReadAll) -> None:
    assert one(read_bytes, {"title": "Ferry stays in port", "text": ""}).text == ""


@pytest.mark.parametrize(
    ("line", "reason", "detail"),
    [
        (b'{"id": 1, "summary": "x"}', "no text field", "fields seen: id, summary"),
        (b'{"id": 1, "text": ""}', "empty text field", "text holds no text"),
        (b'{"title": "Ferry"}', "no text field", "fields seen: title"),
        (b"{}", "no text field", "the record has no fields"),
        (b'["a"]', "not a JSON object", "line 2 holds a list"),
        (b'"a"', "not a JSON object", "line 2 holds a text"),
        (b"12", "not a JSON object", "line 2 holds a number"),
        (b"null", "not a JSON object", "line 2 holds null"),
        (b"true", "not a JSON object", "line 2 holds a single value"),
        (b'{"text": "cut', "broken JSON", "line 2: unterminated string starting at column 10"),
        (b'{"text": "a"} {"text": "b"}', "broken JSON", "line 2: extra data at column 15"),
        (b"plain words", "broken JSON", "line 2: expecting value at column 1"),
        (b'{"text": ' + b"[" * 200_000, "broken JSON", "line 2: nested too deeply"),
        (b'{"text": ' + b"9" * 5_000 + b', "x": NaN}', "broken JSON", "line 2: a number is too long"),
    ],
)
def test_a_bad_line_is_a_row_and_costs_no_other_line(
    read_bytes: ReadAll, line: bytes, reason: str, detail: str
) -> None:
    good = lines({"text": TEXT})
    records, (row,) = read_bytes("feed.jsonl", good + line + b"\n" + good)
    assert [record.id for record in records] == ["feed.jsonl#1", "feed.jsonl#3"]
    assert row.source.endswith("feed.jsonl#2")
    assert (row.reason, row.detail, row.stage) == (reason, detail, "read")


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (rb'{"text": "half \ud83d a pair"}', "half \ufffd a pair"),
        (rb'{"text": "\udc00"}', "\ufffd"),
        (rb'{"text": ["\ud83d\ude00", "\ud83d"]}', "\U0001f600\n\n\ufffd"),
        (b'{"text": "a\tb", "score": NaN}', "a\tb"),
        (rb'{"text": "a\u0000b"}', "ab"),
    ],
)
def test_what_strict_parsers_refuse_is_kept(read_bytes: ReadAll, line: bytes, text: str) -> None:
    records, skipped = read_bytes("feed.jsonl", line)
    assert (records[0].text, skipped) == (text, [])
    records[0].text.encode()


def test_undecodable_bytes_are_replaced_and_noted(read_bytes: ReadAll) -> None:
    (record,), (row,) = read_bytes("feed.jsonl", b'{"text": "caf\xe9 open"}\n')
    assert record.text == "caf\ufffd open"
    assert (row.stage, row.reason) == ("note", "undecodable bytes were replaced")
    assert row.source == record.source


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_every_unicode_encoding_and_line_end_is_read(read_bytes: ReadAll, encoding: str, end: str) -> None:
    given = end.join(['{"text": "Привет"}', '{"text": "Ёлка"}', ""])
    records, skipped = read_bytes("feed.jsonl", given.encode(encoding))
    assert ([record.text for record in records], skipped) == (["Привет", "Ёлка"], [])


def test_unicode_line_separators_inside_a_text_do_not_end_the_line(read_bytes: ReadAll) -> None:
    assert one(read_bytes, {"text": "a\u2028b\u0085c"}).text == "a\u2028b\u0085c"


def test_a_packed_file_with_the_wrong_name_is_a_row(read_bytes: ReadAll) -> None:
    _, (row,) = read_bytes("feed.jsonl", gzip.compress(lines({"text": TEXT})))
    assert row.reason == "not text: looks like a gzip archive"


# Blocks


def small_blocks(monkeypatch: pytest.MonkeyPatch, block: int = 100, piece: int = 7) -> None:
    monkeypatch.setattr(blocks, "BLOCK", block)
    monkeypatch.setattr("dedup.readers.stream.PIECE", piece)
    monkeypatch.setattr("dedup.readers.stream.PACKED_PIECE", piece)


@pytest.mark.parametrize("piece", [1, 7, 64, 10_000])
@pytest.mark.parametrize("block", [1, 50, 1000])
def test_blocks_hold_complete_lines_and_together_the_whole_file(
    drop: Path, monkeypatch: pytest.MonkeyPatch, block: int, piece: int
) -> None:
    small_blocks(monkeypatch, block, piece)
    data = (
        b"".join(lines({"text": "word " * (n % 9)}) + b"\n" * (n % 3) for n in range(60)) + b'{"text": "no line end"}'
    )
    (drop / "feed.jsonl").write_bytes(data)
    sources, _ = find_sources([drop], ReadConfig())
    cut = [c for c in chunks(sources, ReadConfig()) if isinstance(c, Chunk)]
    numbered = {c.first + n: line for c in cut for n, line in enumerate((c.data or b"").split(b"\n")) if line}
    assert numbered == {n: line for n, line in enumerate(data.split(b"\n"), 1) if line}
    assert all((c.data or b"").endswith(b"\n") for c in cut[:-1])


def test_blocks_of_a_large_file_are_about_four_megabytes(drop: Path) -> None:
    (drop / "feed.jsonl").write_bytes(lines({"text": "word " * 2000}) * 1300)
    sources, _ = find_sources([drop], ReadConfig())
    sizes = [len(c.data or b"") for c in chunks(sources, ReadConfig()) if isinstance(c, Chunk)]
    assert len(sizes) == 3
    assert all(4 << 20 <= size <= 6 << 20 for size in sizes[:-1])


@pytest.mark.parametrize("piece", [7, 100_000])
def test_an_oversized_line_is_a_row_and_costs_no_other_line(
    read_bytes: ReadAll, monkeypatch: pytest.MonkeyPatch, piece: int
) -> None:
    small_blocks(monkeypatch, piece=piece)
    good = lines({"text": TEXT})
    data = good + lines({"text": "x" * 5000}) + good + lines({"text": "y" * 5000}) + good
    records, skipped = read_bytes("feed.jsonl", data, max_bytes=1000)
    assert [record.id for record in records] == ["feed.jsonl#1", "feed.jsonl#3", "feed.jsonl#5"]
    assert [(row.reason, row.source.rpartition("#")[2]) for row in skipped] == [("too large", "2"), ("too large", "4")]


def test_an_oversized_line_never_fills_the_memory(drop: Path) -> None:
    (drop / "feed.jsonl").write_bytes(b"x" * 60_000_000)
    sources, _ = find_sources([drop], ReadConfig())
    tracemalloc.start()
    (row,) = list(chunks(sources, ReadConfig(max_bytes=2_000_000)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert not isinstance(row, Chunk)
    assert (row.source, row.reason) == ("drop/feed.jsonl#1", "too large")
    assert peak < 8_000_000


# Archives


def test_a_packed_file_is_unpacked(read_bytes: ReadAll) -> None:
    records, skipped = read_bytes("feed.ndjson.gz", gzip.compress(lines({"text": "one"}, {"text": "two"})))
    assert ([record.text for record in records], skipped) == (["one", "two"], [])


@pytest.mark.parametrize("piece", [3, 65_536])
def test_an_archive_of_several_members_with_padding_is_read_to_its_end(
    read_bytes: ReadAll, monkeypatch: pytest.MonkeyPatch, piece: int
) -> None:
    small_blocks(monkeypatch, piece=piece)
    data = gzip.compress(lines({"text": "one"})) + gzip.compress(lines({"text": "two"})) + b"\0" * 50
    records, skipped = read_bytes("feed.jsonl.gz", data)
    assert ([record.text for record in records], skipped) == (["one", "two"], [])


@pytest.mark.parametrize("piece", [11, 65_536])
def test_a_truncated_archive_gives_all_lines_before_the_cut(
    read_bytes: ReadAll, monkeypatch: pytest.MonkeyPatch, piece: int
) -> None:
    small_blocks(monkeypatch, piece=piece)
    packed = gzip.compress(lines(*({"text": f"{n} {n * 7919 % 10007}"} for n in range(2000))))
    records, (row,) = read_bytes("feed.jsonl.gz", packed[: len(packed) // 2])
    assert 500 < len(records) < 1500
    assert [record.text.split()[0] for record in records] == [str(n) for n in range(len(records))]
    assert (row.reason, row.detail) == ("the archive is truncated", f"after line {len(records)}")


def test_an_archive_that_lacks_only_its_checksum_loses_nothing(read_bytes: ReadAll) -> None:
    data = gzip.compress(lines({"text": "one"}, {"text": "two"}).rstrip())[:-8]
    records, (row,) = read_bytes("feed.jsonl.gz", data)
    assert [record.text for record in records] == ["one", "two"]
    assert (row.reason, row.detail) == ("the archive is truncated", "after line 2")


@pytest.mark.parametrize("piece", [11, 65_536])
def test_a_damaged_archive_gives_what_stands_before_the_damage(
    read_bytes: ReadAll, monkeypatch: pytest.MonkeyPatch, piece: int
) -> None:
    small_blocks(monkeypatch, piece=piece)
    good = gzip.compress(lines(*({"text": str(n)} for n in range(100))))
    records, (row,) = read_bytes("feed.jsonl.gz", good + b"\x1f\x8b\x08garbage that is no archive" * 3)
    assert [record.text for record in records] == [str(n) for n in range(100)]
    assert (row.reason, row.detail) == ("the archive is damaged", "after line 100")


def test_a_file_that_is_no_archive_is_a_row(read_bytes: ReadAll) -> None:
    records, (row,) = read_bytes("feed.jsonl.gz", lines({"text": TEXT}))
    assert (records, row.reason) == ([], "not a gzip archive")


def test_an_archive_of_nothing_is_empty(read_bytes: ReadAll) -> None:
    _, (row,) = read_bytes("feed.jsonl.gz", gzip.compress(b""))
    assert row.reason == "empty"


# Standard input and work for other processes


def test_json_lines_come_through_standard_input(read_all: ReadAll, monkeypatch: pytest.MonkeyPatch) -> None:
    data = lines({"text": "one"}, {"id": "b", "text": "two"})
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(data)))
    records, skipped = read_all("-")
    assert ([(r.id, r.source) for r in records], skipped) == ([("stdin#1", "stdin#1"), ("b", "stdin")], [])


def test_small_files_share_a_chunk_and_keep_their_order(drop: Path) -> None:
    for n in range(150):
        (drop / f"{n:03}.{'txt' if n % 2 else 'html'}").write_text(TEXT, encoding="utf-8")
    sources, _ = find_sources([drop], ReadConfig())
    work = [c for c in chunks(sources, ReadConfig()) if isinstance(c, Chunk)]
    assert [len(c.sources) for c in work] == [64, 64, 22]
    assert [s for c in work for s in c.sources] == sources


def test_large_files_do_not_share_a_chunk(drop: Path) -> None:
    for n in range(4):
        (drop / f"{n}.txt").write_text("x" * 1_500_000, encoding="utf-8")
    work = list(chunks(find_sources([drop], ReadConfig())[0], ReadConfig()))
    assert [len(c.sources) for c in work if isinstance(c, Chunk)] == [2, 2]


def test_a_chunk_survives_the_way_to_another_process() -> None:
    chunk = Chunk(
        sources=(Source(path=None, name="stdin", id="stdin", suffix=".jsonl"),), first=9, data=b'{"text":"a"}'
    )
    records = list(read(pickle.loads(pickle.dumps(chunk)), ReadConfig()))
    assert [item.id for item in records if isinstance(item, RawRecord)] == ["stdin#9"]
