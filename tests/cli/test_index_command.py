"""dedup index: articles in, out and beside others; what it prints and how it ends."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dedup.cli.output import days
from dedup.errors import ConfigError
from dedup.index import Index
from tests.cli.conftest import BEES, STORM

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def filled(run: Run, drop: Path, tmp_path: Path) -> Path:
    """An index with the articles of the drop folder."""
    assert run("index", "add", "crawl.db", "drop").returncode == 0
    return tmp_path / "crawl.db"


def ids(path: Path) -> list[str]:
    with Index.open(path, create=False) as index:
        return sorted(article.id for article in index.articles())


def test_add_makes_an_index_and_says_what_came_in_and_what_did_not(run: Run, drop: Path, tmp_path: Path) -> None:
    done = run("index", "add", "crawl.db", "drop")
    assert (done.returncode, done.stdout) == (0, "Added 3 articles to crawl.db. It holds 3 articles.\n")
    assert done.stderr == "skipped: drop/empty.txt: empty\n"
    again = run("index", "add", "crawl.db", "drop/a.txt", "-", stdin=json.dumps({"id": "w7", "text": BEES}))
    assert again.stdout == "Added 1 article to crawl.db; 1 was there already. It holds 4 articles.\n"
    assert ids(tmp_path / "crawl.db") == ["a.txt", "b.txt", "bees.txt", "w7"]


@pytest.mark.parametrize(("options", "code"), [((), 0), (("--strict",), 3), (("--strict", "--quiet"), 3)])
def test_add_is_strict_when_asked(run: Run, drop: Path, options: tuple[str, ...], code: int) -> None:
    assert run("index", "add", "crawl.db", "drop", *options).returncode == code


def test_add_prints_figures_as_json_and_nothing_when_quiet(run: Run, drop: Path) -> None:
    figures = json.loads(run("index", "add", "crawl.db", "drop", "--json").stdout)
    assert figures == {"read": 3, "added": 3, "skipped": 1, "articles": 3}
    done = run("index", "add", "crawl.db", "drop", "--quiet")
    assert done.stdout == ""


def test_two_articles_with_one_id_are_both_kept(run: Run, tmp_path: Path) -> None:
    lines = [json.dumps({"id": "7", "text": text}) for text in (STORM, BEES, STORM)]
    done = run("index", "add", "crawl.db", "-", stdin="\n".join(lines))
    assert done.stdout == "Added 2 articles to crawl.db; 1 was there already. It holds 2 articles.\n"
    assert done.stderr == "note: stdin: duplicate id (7 is kept as 7~2)\n"
    assert ids(tmp_path / "crawl.db") == ["7", "7~2"]
    assert "3 were there already" in run("index", "add", "crawl.db", "-", stdin="\n".join(lines)).stdout


def test_add_reads_fields_by_the_names_of_a_file_and_of_the_command(run: Run, tmp_path: Path) -> None:
    (tmp_path / "ours.toml").write_text('[read]\nfields = {text = "story"}\n', "utf-8")
    line = json.dumps({"story": STORM, "outlet": "Coast Wire", "key": "w1"})
    options = ("--config", "ours.toml", "--field", "id=key", "--field", "publisher=outlet")
    assert run("index", "add", "crawl.db", "-", *options, stdin=line).returncode == 0
    assert ids(tmp_path / "crawl.db") == ["w1"]


def test_options_that_an_index_was_not_made_with_are_refused(run: Run, drop: Path, filled: Path) -> None:
    (drop.parent / "other.toml").write_text("[grade]\nnear_jaccard = 0.9\n", "utf-8")
    done = run("index", "add", "crawl.db", "drop", "--config", "other.toml")
    assert done.returncode == 2
    assert "was made with other options [grade]" in done.stderr


@pytest.mark.usefixtures("filled")
def test_check_says_in_one_line_what_each_article_is(run: Run, drop: Path) -> None:
    (drop / "new.txt").write_text("Nobody has ever heard of this at all.", "utf-8")
    (drop / "late.txt").write_text(STORM + " No one was hurt.", "utf-8")
    done = run("index", "check", "crawl.db", "drop")
    assert (done.returncode, done.stderr) == (0, "skipped: drop/empty.txt: empty\n")
    first, second, bees, late, new = done.stdout.splitlines()
    assert first.startswith("a.txt: in the index already; identical copy of b.txt, almost certain")
    assert second.startswith("b.txt: in the index already; identical copy of a.txt, almost certain")
    assert bees == "bees.txt: in the index already"
    assert late == (
        "late.txt: lightly edited copy of a.txt, almost certain, longest shared passage 54 words: “Two ferries lost "
        "their moorings in the night and drifted on…”, and 1 more match"
    )
    assert new == "new.txt: new"
    assert run("index", "stats", "crawl.db", "--json").stdout.count('"articles": 3') == 1


@pytest.mark.usefixtures("filled")
def test_check_prints_everything_as_json_lines(run: Run) -> None:
    line = json.dumps({"id": "w7", "text": STORM, "publisher": "Coast Wire"})
    done = run("index", "check", "crawl.db", "-", "--json", stdin=line)
    [found] = [json.loads(text) for text in done.stdout.splitlines()]
    assert (found["article"], found["relation"], found["known"], found["of"]) == ("w7", "copy_of", False, "a.txt")
    assert [match["id"] for match in found["matches"]] == ["a.txt", "b.txt"]
    first = found["matches"][0]
    assert (first["grade"], first["verdict"], first["kinship"]) == ("exact", "identical copy", "copy")
    assert first["measures"]["jaccard"] == 1.0
    assert first["passages"][0]["text"] == STORM.rstrip(".")
    assert (first["passages"][0]["start"], first["passages"][0]["end"]) == (0, len(STORM) - 1)


@pytest.mark.parametrize(
    ("text", "options", "code"),
    [
        (STORM, (), 0),
        (STORM, ("--fail-on-duplicates",), 1),
        ("A short and new one.", ("--fail-on-duplicates",), 0),
        ("", ("--strict", "--fail-on-duplicates"), 3),
    ],
)
@pytest.mark.usefixtures("filled")
def test_exit_codes_of_check(run: Run, text: str, options: tuple[str, ...], code: int) -> None:
    done = run("index", "check", "crawl.db", "-", *options, stdin=json.dumps({"id": "x", "text": text}))
    assert done.returncode == code


@pytest.mark.usefixtures("filled")
def test_an_article_that_has_no_other_copy_is_no_duplicate_of_itself(run: Run) -> None:
    assert run("index", "check", "crawl.db", "drop/bees.txt", "--fail-on-duplicates").returncode == 0
    assert run("index", "check", "crawl.db", "drop/a.txt", "--fail-on-duplicates").returncode == 1


def test_remove_takes_ids_and_files_of_ids(run: Run, filled: Path) -> None:
    (filled.parent / "ids.txt").write_text("\ufeffb.txt\r\n\r\nbees.txt\n", "utf-8")
    done = run("index", "remove", "crawl.db", "a.txt", "nobody", "--from", "ids.txt")
    assert (done.returncode, done.stdout) == (0, "Removed 3 of 4 articles.\n")
    assert done.stderr == "dedup: no article 'nobody' in crawl.db\n"
    assert ids(filled) == []


@pytest.mark.usefixtures("filled")
def test_remove_without_ids_is_an_error(run: Run) -> None:
    done = run("index", "remove", "crawl.db")
    assert (done.returncode, done.stderr) == (
        2,
        "dedup: remove takes the ids of articles, or --from FILE with one id a line\n",
    )


def test_expire_takes_out_what_is_older(run: Run, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    dates = {"old": "2031-01-02", "late": "2031-05-02T10:00:00Z"}
    lines = [json.dumps({"id": id, "text": STORM, "published": date}) for id, date in dates.items()]
    assert run("index", "add", "crawl.db", "-", stdin="\n".join(lines)).returncode == 0
    done = run("index", "expire", "crawl.db", "--before", "2031-05-01")
    assert (done.returncode, done.stdout) == (0, "Removed 1 article; 1 is left.\n")
    assert ids(tmp_path / "crawl.db") == ["late"]

    dates = {"week": (now - timedelta(days=7)).isoformat(), "hour": (now - timedelta(hours=1)).isoformat()}
    lines = [json.dumps({"id": id, "text": STORM, "published": date}) for id, date in dates.items()]
    assert run("index", "add", "crawl.db", "-", stdin="\n".join(lines)).returncode == 0
    assert run("index", "expire", "crawl.db", "--older-than", "3d").stdout == "Removed 1 article; 2 are left.\n"
    assert ids(tmp_path / "crawl.db") == ["hour", "late"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "expire takes either --before DATE or --older-than SPAN"),
        (("--before", "2031-01-01", "--older-than", "3d"), "expire takes either --before DATE or --older-than SPAN"),
        (("--before", "soon"), "'soon' is no date; write it as 2031-05-02 or 2031-05-02T10:00:00Z"),
        (("--older-than", "3 moons"), "--older-than takes a number and h, d or w, for example 7d, not '3 moons'"),
    ],
)
@pytest.mark.usefixtures("filled")
def test_expire_wants_one_moment(run: Run, options: tuple[str, ...], said: str) -> None:
    done = run("index", "expire", "crawl.db", *options)
    assert (done.returncode, done.stderr) == (2, f"dedup: {said}\n")


def test_spans_are_days() -> None:
    assert [days(span, "--window") for span in ("36h", "7d", "2 W")] == [1.5, 7, 14]
    with pytest.raises(ConfigError, match="--window takes a number and h, d or w, for example 7d, not '7'"):
        days("7", "--window")


@pytest.mark.usefixtures("filled")
def test_stats_are_a_small_table(run: Run) -> None:
    done = run("index", "stats", "crawl.db")
    figures = dict(line.split("  ", 1) for line in done.stdout.splitlines())
    found = {name: value.strip() for name, value in figures.items()}
    assert (found["articles"], found["with copies"]) == ("3", "2 in 1 story")
    assert found["pairs: identical copy"] == "1"
    assert found["made by"] == "dedup 0.1.0, layout 2"
    assert json.loads(run("index", "stats", "crawl.db", "--json").stdout)["pairs"] == {"exact": 1}


def test_verify_names_damage_and_fails(run: Run, filled: Path) -> None:
    done = run("index", "verify", "crawl.db")
    assert (done.returncode, done.stdout) == (0, "crawl.db is whole.\n")
    assert run("index", "verify", "crawl.db", "--quick", "--quiet").stdout == ""
    connection = sqlite3.connect(filled)
    connection.execute("UPDATE dedup_article SET record = x'00' WHERE id = 'bees.txt'")
    connection.commit()
    connection.close()
    done = run("index", "verify", "crawl.db")
    assert done.returncode == 1
    assert "bees.txt" in done.stdout


@pytest.mark.usefixtures("filled")
def test_compact_says_what_it_gave_back(run: Run) -> None:
    done = run("index", "compact", "crawl.db")
    assert done.returncode == 0
    assert re.fullmatch(r"\d\.\d MB before, \d\.\d MB now\.\n", done.stdout)
    assert run("index", "verify", "crawl.db").returncode == 0


def test_an_index_goes_through_a_file_and_a_pipe(run: Run, filled: Path, tmp_path: Path) -> None:
    done = run("index", "export", "crawl.db", "all.jsonl")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "Wrote 3 articles to all.jsonl.\n")
    assert sorted(path.name for path in tmp_path.iterdir() if "all" in path.name) == ["all.jsonl"]
    lines = (tmp_path / "all.jsonl").read_text("utf-8")
    assert run("index", "export", "crawl.db", "-", "--quiet").stdout == lines
    done = run("index", "import", "new.db", "all.jsonl")
    assert (done.returncode, done.stdout) == (0, "Added 3 articles to new.db. It holds 3 articles.\n")
    assert run("index", "import", "new.db", "-", stdin=lines).stdout.startswith("Added 0 articles to new.db.")
    assert ids(tmp_path / "new.db") == ids(filled)


def test_an_export_that_cannot_be_written_is_an_error(run: Run, filled: Path) -> None:
    done = run("index", "export", "crawl.db", "nowhere/all.jsonl")
    assert (done.returncode, done.stderr) == (
        2,
        "dedup: cannot write nowhere/all.jsonl: No such file or directory\n",
    )


def test_upgrade_makes_an_index_of_another_version_anew(run: Run, filled: Path) -> None:
    assert run("index", "upgrade", "crawl.db").stdout == "There is nothing to upgrade.\n"
    connection = sqlite3.connect(filled)
    connection.execute("UPDATE dedup_stamp SET value = 'other' WHERE name = 'hashes'")
    connection.commit()
    connection.close()
    done = run("index", "check", "crawl.db", "drop/a.txt")
    assert done.returncode == 2
    assert "the hashes differ; run `dedup index upgrade " in done.stderr
    assert run("index", "upgrade", "crawl.db").stdout == "Made anew from 3 articles.\n"
    assert run("index", "check", "crawl.db", "drop/bees.txt").stdout == "bees.txt: in the index already\n"


@pytest.mark.parametrize(
    "command",
    ["check nothing.db drop", "remove nothing.db x", "expire nothing.db --older-than 3d", "stats nothing.db",
     "verify nothing.db", "compact nothing.db", "export nothing.db -", "upgrade nothing.db"],
)  # fmt: skip
def test_an_index_that_is_not_there_is_an_error_and_none_is_made(run: Run, drop: Path, command: str) -> None:
    done = run("index", *command.split())
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"dedup: there is no index at {drop.parent / 'nothing.db'}\n"
    assert not (drop.parent / "nothing.db").exists()


@pytest.mark.parametrize("where", ["mysql://desk/crawl", "sqlite://"])
def test_an_address_that_is_none_is_an_error(run: Run, drop: Path, where: str) -> None:
    done = run("index", "add", where, "drop")
    assert done.returncode == 2
    assert where in done.stderr


def test_a_path_that_is_not_there_is_an_error(run: Run, tmp_path: Path) -> None:
    for arguments in (("add", "crawl.db", "nowhere"), ("import", "crawl.db", "nowhere")):
        done = run("index", *arguments)
        assert (done.returncode, done.stderr) == (2, "dedup: 'nowhere' does not exist\n")


def test_ids_may_come_from_a_pipe(run: Run, filled: Path) -> None:
    done = run("index", "remove", "crawl.db", "--from", "-", "--quiet", stdin="a.txt\nb.txt\n")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert ids(filled) == ["bees.txt"]


@pytest.mark.parametrize("command", ["stats", "verify", "check"])
def test_a_file_that_is_no_index_is_an_error(run: Run, drop: Path, command: str) -> None:
    done = run("index", command, "drop/a.txt", *(["drop/b.txt"] if command == "check" else []))
    assert (done.returncode, done.stdout) == (2, "")
    assert "a.txt is no index of dedup, nor any SQLite file" in done.stderr
    assert (drop / "a.txt").read_text("utf-8") == STORM


def test_a_bar_is_drawn_on_a_terminal_and_nowhere_else(command: list[str], drop: Path, tmp_path: Path) -> None:
    pty = pytest.importorskip("pty", reason="this system has no terminals of its own making")
    ours, theirs = pty.openpty()
    call = [*command, "index", "add", "crawl.db", "drop"]
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        process = subprocess.Popen(call, stdout=subprocess.PIPE, stderr=theirs, cwd=tmp_path)
        os.close(theirs)
        drawn = b""
        while True:
            try:
                piece = terminal.read(4096)
            except OSError:  # the other end has been closed
                break
            if not piece:
                break
            drawn += piece
        said, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    assert said == b"Added 3 articles to crawl.db. It holds 3 articles.\n"
    assert b"Adding articles" in drawn
    assert b"3/3" in drawn
