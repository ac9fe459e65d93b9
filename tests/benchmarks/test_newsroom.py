"""The generated newsroom: reproducible, as long as news, and what is planted is there."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from statistics import mean, median

import newsroom
import pytest
from newsroom import KINDS, write

Row = dict[str, str]
Room = tuple[dict[str, Row], list[tuple[str, Row, Row]]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("newsroom")
    write(1200, out, seed=1, words=380)
    return out


@pytest.fixture(scope="module")
def room(folder: Path) -> Room:
    """The articles by id, and (kind, copy, original) of each planted pair."""
    rows = {row["id"]: row for row in map(json.loads, (folder / "docs.jsonl").read_text("utf-8").splitlines())}
    planted = [line.split(",") for line in (folder / "planted.csv").read_text("utf-8").splitlines()[1:]]
    return rows, [(kind, rows[a], rows[b]) for kind, a, b in planted]


def body(row: Row) -> str:
    """The text without the lines of its outlet."""
    return row["text"].rpartition("\n\n")[0]


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def runs(text: str, size: int) -> set[tuple[str, ...]]:
    """The runs of so many words."""
    found = words(text)
    return {tuple(found[at : at + size]) for at in range(len(found) - size + 1)}


def of_kind(room: Room, kind: str) -> list[tuple[Row, Row]]:
    return [(copy, original) for which, copy, original in room[1] if which == kind]


def test_same_arguments_write_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    command = [sys.executable, newsroom.__file__, "1200", str(tmp_path), "--seed", "1"]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONHASHSEED": "7"})
    for name in ("docs.jsonl", "planted.csv"):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


def test_another_seed_writes_other_articles(folder: Path, tmp_path: Path) -> None:
    write(10, tmp_path, seed=2, words=380)
    first = (tmp_path / "docs.jsonl").read_text("utf-8").partition("\n")[0]
    assert json.loads(first)["title"] not in (folder / "docs.jsonl").read_text("utf-8")


def test_articles_are_as_long_as_news(room: Room) -> None:
    lengths = [len(words(body(row))) for row in room[0].values()]
    assert len(lengths) == 1200
    assert 270 < median(lengths) < 330
    assert 350 < mean(lengths) < 410


def test_articles_have_outlets_with_furniture_of_their_own(room: Room) -> None:
    below: dict[str, set[str]] = {}
    for row in room[0].values():
        below.setdefault(row["source"], set()).add(row["text"].rpartition("\n\n")[2])
    assert len(below) == 60
    assert all(len(lines) == 1 for lines in below.values())
    assert len(set.union(*below.values())) == 60


def test_a_fifth_are_copies_in_other_outlets_after_their_originals(room: Room) -> None:
    copies = [copy["id"] for _, copy, _ in room[1]]
    assert len(set(copies)) == len(copies) == 240
    assert {kind for kind, _, _ in room[1]} == set(KINDS)
    for _, copy, original in room[1]:
        assert original["id"] not in copies
        assert copy["source"] != original["source"]
        assert copy["published"] >= original["published"]
    assert 10 < max(Counter(original["id"] for _, _, original in room[1]).values()) <= 40


def test_identical_copies_have_the_text_of_the_original(room: Room) -> None:
    assert all(body(copy) == body(original) for copy, original in of_kind(room, "identical"))


def test_lightly_edited_copies_have_nearly_all_words_and_another_title(room: Room) -> None:
    edited = of_kind(room, "light")
    for copy, original in edited:
        kept = Counter(words(body(copy))) & Counter(words(body(original)))
        assert body(copy) != body(original)
        assert kept.total() > 0.9 * len(words(body(copy)))
    assert sum(copy["title"] != original["title"] for copy, original in edited) > 0.9 * len(edited)


def test_partial_copies_share_one_passage(room: Room) -> None:
    for copy, original in of_kind(room, "partial"):
        assert runs(body(copy), 35) & runs(body(original), 35)
        assert not runs(body(copy), 155) & runs(body(original), 155)


def test_quotations_are_carried_over_whole(room: Room) -> None:
    for copy, original in of_kind(room, "quotation"):
        quoted = set(re.findall("“[^”]+”", body(copy))) & set(re.findall("“[^”]+”", body(original)))
        assert len(quoted) == 1


def test_rewritten_copies_keep_names_and_quotations_and_few_phrases(room: Room) -> None:
    for copy, original in of_kind(room, "rewritten"):
        names, theirs = (set(re.findall(r"(?<=[a-z] )[A-Z]\w+", body(row))) for row in (copy, original))
        assert len(names & theirs) > 0.5 * len(theirs)
        told, source = runs(body(copy), 3), runs(body(original), 3)
        assert 0.02 < len(told & source) / len(source) < 0.6


def test_articles_that_are_not_related_share_hardly_any_run_of_eight_words(room: Room) -> None:
    copies = {copy["id"] for _, copy, _ in room[1]}
    often = Counter(run for row in room[0].values() if row["id"] not in copies for run in runs(body(row), 8))
    assert sum(count > 1 for count in often.values()) < 0.0005 * len(often)
