"""dedup compare: one pair explained."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def pair(drop: Path) -> Path:
    text = (drop / "a.txt").read_text("utf-8")
    (drop / "edited.txt").write_text("Share on Facebook\n\n" + text.replace("Friday", "Sunday"), "utf-8")
    return drop


def test_two_copies_are_explained_in_words(run: Run, pair: Path) -> None:
    done = run("compare", "drop/a.txt", "drop/edited.txt")
    assert done.returncode == 0
    assert "Verdict: lightly edited copy" in done.stdout
    assert "Shared passages" in done.stdout
    assert "Discounted in B as furniture, 3 words:" in done.stdout
    assert "share: Share on Facebook (3)" in done.stdout
    assert done.stderr == ""


def test_two_stories_are_said_to_be_different(run: Run, drop: Path) -> None:
    done = run("compare", "drop/a.txt", "drop/bees.txt")
    assert (done.returncode, "Verdict: no copy found" in done.stdout) == (0, True)


def test_json_holds_the_measures_and_the_text_of_the_passages(run: Run, pair: Path) -> None:
    found = json.loads(run("compare", "drop/a.txt", "drop/edited.txt", "--json").stdout)
    assert (found["a"], found["b"], found["grade"]) == ("a.txt", "edited.txt", "near_duplicate")
    assert 0.6 < found["measures"]["jaccard"] < 1.0
    [passage] = found["passages"]
    assert passage["a_text"].startswith("Two ferries")
    assert ("Friday" in passage["a_text"], "Sunday" in passage["b_text"]) == (True, True)
    share = {"kind": "share", "start": 0, "end": 17, "words": 3, "text": "Share on Facebook"}
    assert found["furniture"] == {"a": [], "b": [share]}


def test_a_file_compared_with_itself_is_an_identical_copy(run: Run, drop: Path) -> None:
    found = json.loads(run("compare", "drop/a.txt", "drop/a.txt", "--json").stdout)
    assert found["grade"] == "exact"
    assert found["a"] != found["b"]


def test_one_record_of_a_file_is_named_by_its_id(run: Run, drop: Path, tmp_path: Path) -> None:
    texts = [(drop / name).read_text("utf-8") for name in ("a.txt", "bees.txt", "b.txt")]
    lines = [json.dumps({"id": f"n{n}", "text": text}) for n, text in enumerate(texts)]
    (tmp_path / "feed.jsonl").write_text("\n".join(lines), "utf-8")
    found = json.loads(run("compare", "feed.jsonl#n0", "feed.jsonl#n2", "--json").stdout)
    assert (found["a"], found["b"], found["grade"]) == ("n0", "n2", "exact")
    mixed = json.loads(run("compare", "drop/a.txt", "feed.jsonl#n1", "--json").stdout)
    assert mixed["grade"] == "unrelated"


def test_records_without_an_id_are_named_by_their_number(run: Run, drop: Path, tmp_path: Path) -> None:
    text = (drop / "a.txt").read_text("utf-8")
    (tmp_path / "feed.jsonl").write_text("\n".join([json.dumps({"text": text})] * 2), "utf-8")
    found = json.loads(run("compare", "feed.jsonl#1", "feed.jsonl#2", "--json").stdout)
    assert (found["a"], found["b"]) == ("feed.jsonl#1", "feed.jsonl#2")


@pytest.mark.parametrize(
    ("a", "message"),
    [
        ("nowhere.txt", "does not exist"),
        ("drop/empty.txt", "cannot be compared: empty"),
        ("drop", "holds 3 articles"),
        ("feed.jsonl#n9", "holds no article 'n9'"),
        ("feed.jsonl", "holds 2 articles"),
    ],
)
def test_what_cannot_be_compared_is_one_sentence_and_exit_code_2(
    run: Run, drop: Path, tmp_path: Path, a: str, message: str
) -> None:
    (tmp_path / "feed.jsonl").write_text('{"id": "n0", "text": "Rain."}\n{"id": "n1", "text": "Sun."}\n', "utf-8")
    done = run("compare", a, "drop/bees.txt")
    assert done.returncode == 2
    assert message in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
