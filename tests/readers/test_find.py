"""Which files are found, and what is said of the others."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from dedup.config import ReadConfig
from dedup.errors import SourceError, UnsupportedFormatError
from dedup.readers import find_sources
from dedup.records import Skipped


def put(path: Path, text: str = "The ferry did not sail.") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def ids(*paths: str | Path) -> list[str]:
    return [source.id for source in find_sources(paths, ReadConfig())[0]]


def reasons(*paths: str | Path) -> dict[str, str]:
    return {row.source: row.reason for row in find_sources(paths, ReadConfig())[1]}


def test_a_folder_is_read_with_all_below_it_in_the_order_of_names(drop: Path) -> None:
    for name in ("b.txt", "wire/z.jsonl", "wire/deep/page.HTML", "a.md", "c.csv.GZ"):
        put(drop / name)
    assert ids(drop) == ["a.md", "b.txt", "c.csv.GZ", "wire/deep/page.HTML", "wire/z.jsonl"]


def test_order_does_not_depend_on_the_order_of_creation(tmp_path: Path) -> None:
    names = [f"{n}.txt" for n in range(30)]
    for name in names:
        put(tmp_path / "one" / name)
    for name in reversed(names):
        put(tmp_path / "two" / name)
    assert ids(tmp_path / "one") == ids(tmp_path / "two") == sorted(names)


def test_a_source_knows_its_names_and_its_folder(drop: Path) -> None:
    put(drop / "wire" / "north" / "a.jsonl.gz", "12345")
    (source,), _ = find_sources(["drop/"], ReadConfig())
    assert (source.name, source.id, source.folder, source.suffix, source.size) == (
        "drop/wire/north/a.jsonl.gz",
        "wire/north/a.jsonl.gz",
        "north",
        ".jsonl.gz",
        5,
    )


def test_a_file_named_outright_is_called_by_its_name_and_has_no_folder(drop: Path) -> None:
    path = put(drop / "wire" / "a.txt")
    (source,), _ = find_sources([path], ReadConfig())
    assert (source.id, source.folder, source.name) == ("a.txt", "", "drop/wire/a.txt")


def test_a_file_at_the_top_of_the_folder_has_no_folder(drop: Path) -> None:
    put(drop / "a.txt")
    assert find_sources([drop], ReadConfig())[0][0].folder == ""


def test_ids_are_the_same_for_both_unicode_forms_of_a_name(drop: Path) -> None:
    put(drop / "cafe\u0301.txt")
    assert ids(drop) == ["caf\u00e9.txt"]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("drop/*.txt", ["a.txt"]),
        ("drop/**/*.txt", ["a.txt", "wire/b.txt", "wire/deep/c.txt"]),
        ("drop/**", ["a.txt", "wire/b.txt", "wire/deep/c.txt"]),
        ("drop/w*", ["wire/b.txt", "wire/deep/c.txt"]),
        ("drop/wire/[b].txt", ["b.txt"]),
        ("dr?p/a.txt", ["drop/a.txt"]),
    ],
)
def test_patterns(drop: Path, pattern: str, found: list[str]) -> None:
    for name in ("a.txt", "wire/b.txt", "wire/deep/c.txt", ".hidden.txt"):
        put(drop / name)
    assert ids(pattern) == found


def test_a_pattern_gives_the_names_that_a_shell_would(drop: Path) -> None:
    put(drop / "a.txt")
    assert find_sources(["drop/*.txt"], ReadConfig())[0][0].name == "drop/a.txt"
    os.chdir(drop)
    assert find_sources(["*.txt"], ReadConfig())[0][0].name == "a.txt"


def test_a_file_whose_name_looks_like_a_pattern_is_itself(drop: Path) -> None:
    put(drop / "a[1].txt")
    assert ids("drop/a[1].txt") == ["a[1].txt"]


@pytest.mark.parametrize("value", ["missing", "drop/*.html", "missing/**/*.txt", ""])
def test_a_path_that_leads_nowhere_is_an_error_with_the_path_in_it(drop: Path, value: str) -> None:
    with pytest.raises(SourceError) as caught:
        find_sources([value], ReadConfig())
    assert repr(value) in str(caught.value)


def test_a_pattern_that_cannot_be_meant_is_an_error(drop: Path) -> None:
    with pytest.raises(SourceError, match=r"drop/a\*\*b"):
        find_sources(["drop/a**b"], ReadConfig())


def test_an_unknown_suffix_is_an_error_when_named_and_a_row_when_met(drop: Path) -> None:
    put(drop / "notes.docx")
    put(drop / "README")
    put(drop / "pages.tar.gz")
    with pytest.raises(UnsupportedFormatError, match=r"notes\.docx"):
        find_sources(["drop/notes.docx"], ReadConfig())
    assert reasons(drop) == {
        "drop/notes.docx": "no reader for .docx files",
        "drop/README": "no reader for files without a suffix",
        "drop/pages.tar.gz": "no reader for .tar.gz files",
    }
    assert reasons("drop/*.docx") == {"drop/notes.docx": "no reader for .docx files"}


def test_hidden_files_and_folders_are_passed_over_unless_named(drop: Path) -> None:
    put(drop / ".draft.txt")
    put(drop / ".git" / "a.txt")
    assert find_sources([drop], ReadConfig()) == ([], [])
    assert ids(drop / ".draft.txt", drop / ".git") == [".draft.txt", "a.txt"]


def test_a_file_reached_twice_is_read_once(drop: Path) -> None:
    put(drop / "wire" / "a.txt")
    (drop / "z.txt").symlink_to(Path("wire/a.txt"))
    assert ids(drop / "wire", drop, "drop/wire/a.txt", "./drop/", "drop/*") == ["a.txt"]


def test_two_folders_may_hold_the_same_id(drop: Path) -> None:
    put(drop / "one" / "a.txt")
    put(drop / "two" / "a.txt")
    assert ids(drop / "one", drop / "two") == ["a.txt", "a.txt"]


def test_links_to_files_and_folders_are_followed(drop: Path, tmp_path: Path) -> None:
    put(tmp_path / "elsewhere" / "a.txt")
    (drop / "folder").symlink_to(tmp_path / "elsewhere")
    (drop / "other.txt").symlink_to(put(tmp_path / "b.txt"))
    assert ids(drop) == ["folder/a.txt", "other.txt"]


def test_links_that_loop_or_lead_nowhere_are_rows(drop: Path) -> None:
    put(drop / "wire" / "a.txt")
    (drop / "wire" / "up").symlink_to(drop.resolve())
    (drop / "gone.txt").symlink_to("nowhere.txt")
    (drop / "ping.txt").symlink_to("pong.txt")
    (drop / "pong.txt").symlink_to("ping.txt")
    assert ids(drop) == ["wire/a.txt"]
    assert reasons(drop) == {
        "drop/wire/up": "a link that loops",
        "drop/gone.txt": "a link to a file that does not exist",
        "drop/ping.txt": "a link that loops",
        "drop/pong.txt": "a link that loops",
    }


def test_a_pattern_over_many_looping_links_ends(drop: Path) -> None:
    put(drop / "a.txt")
    for n in range(8):
        (drop / f"loop{n}").symlink_to(drop.resolve())
    assert ids("drop/**/*.txt") == ["a.txt"]
    assert ids("drop/*") == ["a.txt"]


def test_a_dangling_link_named_outright_is_a_row(drop: Path) -> None:
    (drop / "gone.txt").symlink_to("nowhere.txt")
    assert reasons("drop/gone.txt") == {"drop/gone.txt": "a link to a file that does not exist"}


def test_pipes_sockets_and_devices_are_never_opened(drop: Path) -> None:
    os.mkfifo(drop / "pipe.txt")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("drop/socket.jsonl")
    (drop / "null.txt").symlink_to("/dev/null")
    assert ids(drop, "drop/pipe.txt") == []
    assert reasons(drop) == {
        "drop/null.txt": "a device, not a file",
        "drop/pipe.txt": "a pipe, not a file",
        "drop/socket.jsonl": "a socket, not a file",
    }
    assert reasons("drop/pipe.txt") == {"drop/pipe.txt": "a pipe, not a file"}


def test_empty_and_oversized_files_are_rows(drop: Path) -> None:
    put(drop / "empty.txt", "")
    put(drop / "large.html", "x" * 101)
    put(drop / "fits.txt", "x" * 100)
    put(drop / "many.jsonl", "x" * 101)  # the limit is for one article, not for a file of many
    sources, skipped = find_sources([drop], ReadConfig(max_bytes=100))
    assert [source.id for source in sources] == ["fits.txt", "many.jsonl"]
    assert skipped == [
        Skipped(source="drop/empty.txt", stage="read", reason="empty"),
        Skipped(source="drop/large.html", stage="read", reason="too large", detail="101 bytes; the limit is 100"),
    ]


def test_a_folder_with_the_name_of_a_text_file_is_a_folder(drop: Path) -> None:
    put(drop / "x.txt" / "a.txt")
    assert ids(drop) == ["x.txt/a.txt"]
    assert ids("drop/x.txt") == ["a.txt"]


def test_a_folder_that_cannot_be_listed_is_a_row(drop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(drop / "open" / "a.txt")
    put(drop / "shut" / "b.txt")
    listed = os.scandir

    def scandir(path: str) -> object:
        if path.endswith("shut"):
            raise PermissionError(13, "Permission denied", path)
        return listed(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert ids(drop) == ["open/a.txt"]
    _, skipped = find_sources([drop], ReadConfig())
    assert skipped == [
        Skipped(source="drop/shut", stage="read", reason="cannot be read", detail="Permission denied"),
    ]


def test_a_name_that_is_not_utf8_is_shown_with_a_replacement(drop: Path) -> None:
    name = os.path.join(os.fsencode(drop), b"caf\xe9.txt")
    try:
        with open(name, "wb") as file:
            file.write(b"The ferry did not sail.")
    except OSError:
        pytest.skip("this file system refuses such names")
    (source,), _ = find_sources([drop], ReadConfig())
    assert (source.name, source.id) == ("drop/caf\ufffd.txt", "caf\ufffd.txt")


def test_folders_nested_deeper_than_python_calls_are_walked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for _ in range(1200):
        os.mkdir("d")
        os.chdir("d")
    put(Path("a.txt"))
    monkeypatch.chdir(tmp_path)
    found = ids(".")
    os.unlink("d/" * 1200 + "a.txt")
    for depth in range(1200, 0, -1):
        os.rmdir("d/" * depth)
    assert found == ["d/" * 1200 + "a.txt"]


def test_standard_input_is_one_source_of_json_lines() -> None:
    (source,), _ = find_sources(["-", "-"], ReadConfig())
    assert (source.path, source.name, source.id, source.suffix) == (None, "stdin", "stdin", ".jsonl")
