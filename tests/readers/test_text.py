"""Text files, Markdown, web pages and their encodings."""

from __future__ import annotations

import builtins
from pathlib import Path
from typing import Any

import pytest

from dedup.config import ReadConfig
from dedup.readers import Chunk, find_sources, read
from dedup.readers.decode import decode
from dedup.readers.page import declared_encoding
from dedup.readers.plain import front_matter
from dedup.records import RawRecord, Skipped

from .conftest import ReadAll

GERMAN = "Die Bürgermeisterin kündigte an, die Brücke werde für Fußgänger geöffnet. „Wir müssen prüfen“, sagte sie. "
RUSSIAN = "Мэр города заявила во вторник, что мост через реку будет открыт для пешеходов уже летом этого года. "
POLISH = "Burmistrz ogłosiła we wtorek, że most nad rzeką zostanie otwarty dla pieszych już tego lata, choć żółć. "
JAPANESE = "市長は火曜日、川にかかる橋を今年の夏までに歩行者に開放すると発表した。"
CHINESE = "市长周二宣布，河上的大桥将于今年夏天向行人开放。"


def test_a_text_file_is_one_record_without_a_title(drop: Path, read_all: ReadAll) -> None:
    (drop / "wire").mkdir()
    (drop / "wire" / "a.txt").write_text("Ferry stays in port\n\nIt did not sail.\n", encoding="utf-8")
    assert read_all(drop) == (
        [
            RawRecord(
                id="wire/a.txt",
                source="drop/wire/a.txt",
                text="Ferry stays in port\n\nIt did not sail.\n",
                folder="wire",
            )
        ],
        [],
    )


def test_all_line_ends_become_line_feeds(read_bytes: ReadAll) -> None:
    records, _ = read_bytes("a.txt", b"one\r\ntwo\rthree\n\nfour")
    assert records[0].text == "one\ntwo\nthree\n\nfour"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-16-be"])
def test_unicode_files_of_every_kind_are_read(read_bytes: ReadAll, encoding: str) -> None:
    records, skipped = read_bytes("a.txt", GERMAN.encode(encoding))
    assert (records[0].text, skipped) == (GERMAN, [])


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (GERMAN, "cp1252"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
        (POLISH, "cp1250"),
        (POLISH, "iso8859-2"),
        (JAPANESE, "shift_jis"),
        (JAPANESE, "euc_jp"),
        (CHINESE, "gb18030"),
        ("The café opened on Tuesday after years of work and delay, its owner said, naïve or not. ", "cp1252"),
        ("“It’s the town’s bridge,” the mayor said – and nobody laughed. ", "cp1252"),
    ],
)
def test_older_encodings_are_recognised(read_bytes: ReadAll, text: str, encoding: str) -> None:
    records, skipped = read_bytes("a.txt", text.encode(encoding))
    assert (records[0].text, skipped) == (text, [])


def test_the_encoding_shows_even_after_much_plain_ascii() -> None:
    data = b"The ferry did not sail. " * 50_000 + GERMAN.encode("cp1252")
    assert decode(data).text.endswith(GERMAN)


def test_damaged_utf8_stays_utf8_and_is_noted(read_bytes: ReadAll) -> None:
    records, skipped = read_bytes("a.txt", GERMAN.encode() + b"\xff\xfe cut \xc3")
    assert records[0].text == GERMAN + "\ufffd\ufffd cut \ufffd"
    assert [(row.stage, row.reason) for row in skipped] == [("note", "undecodable bytes were replaced")]


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.7\n%\xe2\xe3\n1 0 obj", "a PDF file"),
        (b"PK\x03\x04\x14\x00", "a ZIP archive or an office document"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "a PNG image"),
        (b"\x1f\x8b\x08\x00\x00", "a gzip archive"),
        (b"\x7fELF\x02\x01", "a program"),
        (b"some text\x00and then \x00\x00 zeros", "binary data"),
        (b"\x01\x02\x03\x04\x05\x06\x07abc", "binary data"),
    ],
)
@pytest.mark.parametrize("name", ["a.txt", "a.html", "a.md"])
def test_files_that_are_not_text_are_rows(read_bytes: ReadAll, name: str, data: bytes, kind: str) -> None:
    records, skipped = read_bytes(name, data)
    assert (records, [row.reason for row in skipped]) == ([], [f"not text: looks like {kind}"])


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html", "a.jsonl", "a.csv"])
@pytest.mark.parametrize("data", [b" \r\n\t\n", b"\xef\xbb\xbf\n", "\ufeff \n\n ".encode("utf-16-le")])
def test_a_file_of_blanks_is_empty(read_bytes: ReadAll, name: str, data: bytes) -> None:
    records, skipped = read_bytes(name, data)
    assert (records, [row.reason for row in skipped]) == ([], ["empty"])


def test_a_file_that_grew_after_it_was_found_is_too_large(drop: Path) -> None:
    path = drop / "a.txt"
    path.write_bytes(b"x" * 10)
    (source,), _ = find_sources([path], ReadConfig())
    path.write_bytes(b"x" * 11)
    (row,) = read(Chunk(sources=(source,)), ReadConfig(max_bytes=10))
    assert isinstance(row, Skipped)
    assert (row.reason, row.detail) == ("too large", "11 bytes; the limit is 10")


@pytest.mark.parametrize("name", ["a.txt", "a.html", "a.csv", "a.jsonl", "a.jsonl.gz", "a.csv.gz"])
def test_a_file_that_may_not_be_read_is_a_row(
    drop: Path, read_all: ReadAll, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (drop / name).write_bytes(b"The ferry did not sail.")
    opened = builtins.open

    def refuse(file: Any, *rest: Any, **more: Any) -> Any:
        if str(file).endswith(name):
            raise PermissionError(13, "Permission denied", str(file))
        return opened(file, *rest, **more)

    monkeypatch.setattr(builtins, "open", refuse)
    assert read_all(drop) == (
        [],
        [Skipped(source=f"drop/{name}", stage="read", reason="cannot be read", detail="Permission denied")],
    )


def test_a_file_that_vanishes_costs_no_other_file(drop: Path) -> None:
    for name in ("a.txt", "b.txt", "c.txt"):
        (drop / name).write_text("The ferry did not sail.", encoding="utf-8")
    sources, _ = find_sources([drop], ReadConfig())
    (drop / "b.txt").unlink()
    a, b, c = read(Chunk(sources=tuple(sources)), ReadConfig())
    assert isinstance(a, RawRecord)
    assert isinstance(c, RawRecord)
    assert b == Skipped(source="drop/b.txt", stage="read", reason="cannot be read", detail="No such file or directory")


def test_a_line_of_two_million_words_is_read(read_bytes: ReadAll) -> None:
    records, skipped = read_bytes("a.txt", b"ferry " * 2_000_000)
    assert (len(records[0].text), skipped) == (12_000_000, [])


def test_twenty_thousand_nested_tags_are_read(read_bytes: ReadAll) -> None:
    markup = "<html>" + "<div>" * 20_000 + "The ferry did not sail." + "</div>" * 20_000
    records, skipped = read_bytes("a.html", markup.encode())
    assert (records[0].text, records[0].kind, skipped) == (markup, "html", [])


# Markdown


def test_front_matter_gives_the_fields_and_leaves_the_text(read_bytes: ReadAll) -> None:
    page = """---
title: "Ferry: stays in port"
date: 2024-03-01   # local time
author: [Ada Lind, Bo Ek]
url: https://example.org/ferry#top
source: Harbour Post
---
# Ferry stays in port

It did not sail.
"""
    (record,), _ = read_bytes("a.md", page.replace("\n", "\r\n").encode())
    assert record == RawRecord(
        id="a.md",
        source=record.source,
        text="# Ferry stays in port\n\nIt did not sail.\n",
        title="Ferry: stays in port",
        published="2024-03-01",
        author="Ada Lind, Bo Ek",
        url="https://example.org/ferry#top",
        publisher="Harbour Post",
    )


def test_lists_and_folded_values_in_front_matter_are_joined() -> None:
    front, _ = front_matter("---\nAuthor:\n  - Ada Lind\n  - Bo Ek\ntitle: >\n  Ferry stays\n  in port\n---\n")
    assert front == {"author": "Ada Lind, Bo Ek", "title": "Ferry stays in port"}


@pytest.mark.parametrize(
    "text",
    [
        "# Ferry\n\nIt did not sail.",
        "---\nIt did not sail.\n---\nNor did the other.",
        "---\ntitle: Ferry\nNo end.",
        "---",
    ],
)
def test_markdown_without_front_matter_keeps_every_line(read_bytes: ReadAll, text: str) -> None:
    (record,), _ = read_bytes("a.md", text.encode())
    assert (record.text, record.title) == (text, "")


def test_front_matter_without_a_text_keeps_the_title(read_bytes: ReadAll) -> None:
    (record,), _ = read_bytes("a.md", b"---\ntitle: Ferry stays in port\n---")
    assert (record.title, record.text) == ("Ferry stays in port", "")


# Web pages


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ('<meta charset="windows-1251">', "cp1251"),
        ("<META http-equiv='Content-Type' content='text/html; charset=koi8-r'>", "koi8-r"),
        ('<?xml version="1.0" encoding="windows-1251"?>', "cp1251"),
        ('<meta charset="utf-8">', "utf-8"),
        ('<meta charset="iso-8859-5">', "utf-8"),  # converted, and the declaration left as it was
        ('<meta charset="utf-8">', "cp1251"),  # declared wrongly
        ('<meta charset="klingon">', "utf-8"),
        ("", "utf-8"),
        ("", "utf-16"),
        ('<meta charset="utf-16">', "utf-8"),
    ],
)
def test_pages_are_decoded_whatever_they_declare(read_bytes: ReadAll, head: str, encoding: str) -> None:
    markup = f"<html><head>{head}</head><body><p>{RUSSIAN}</p></body></html>"
    (record,), skipped = read_bytes("a.HTM", markup.encode(encoding))
    assert (record.text, record.kind, skipped) == (markup, "html", [])


def test_japanese_mail_encoding_is_taken_as_declared(read_bytes: ReadAll) -> None:
    markup = f"<html><meta charset=iso-2022-jp><p>{JAPANESE}"
    assert read_bytes("a.html", markup.encode("iso-2022-jp"))[0][0].text == markup


@pytest.mark.parametrize(
    ("name", "ours"), [("latin1", "cp1252"), ("GB2312", "gb18030"), ("rot13", ""), ("hex", ""), ("idna", "")]
)
def test_declared_names_mean_what_browsers_make_of_them(name: str, ours: str) -> None:
    assert declared_encoding(f'<meta charset="{name}">'.encode()) == ours


def test_rows_of_text_files_come_from_the_reading_stage(read_bytes: ReadAll) -> None:
    _, (row,) = read_bytes("a.txt", b"\n")
    assert row == Skipped(source=row.source, stage="read", reason="empty")
