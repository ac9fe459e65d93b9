"""dedup scan: output, exit codes, and what it leaves behind."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


def rows(path: Path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_a_scan_says_what_it_found_and_writes_the_reports(run: Run, drop: Path, tmp_path: Path) -> None:
    done = run("scan", "drop", "--out", "found")
    assert done.returncode == 0
    assert "Of 3 articles, 2 share their text in 1 story." in done.stdout
    assert "identical copy" in done.stdout
    assert "1 input skipped" in done.stdout
    assert "Reports in found" in done.stdout
    assert done.stderr == ""
    assert [(r["a"], r["b"], r["grade"]) for r in rows(tmp_path / "found" / "pairs.csv")] == [
        ("a.txt", "b.txt", "exact")
    ]
    assert [r["source"] for r in rows(tmp_path / "found" / "skipped.csv")] == ["drop/empty.txt"]


def test_json_is_one_document_on_stdout(run: Run, drop: Path) -> None:
    summary = json.loads(run("scan", "drop", "--json").stdout)
    assert (summary["articles"], summary["copies"], summary["skipped"]) == (3, 2, 1)
    assert summary["pairs"] == {"exact": 1}
    assert summary["reports"] == "reports"


def test_quiet_prints_nothing(run: Run, drop: Path, tmp_path: Path) -> None:
    done = run("scan", "drop", "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "reports" / "pairs.csv").exists()


def test_a_cluster_that_takes_too_much_is_one_line_on_stderr(run: Run, tmp_path: Path) -> None:
    text = (
        "The ferries of Port Ansel drifted on to the eastern sandbank, and forty fishermen must sell their herring in "
    )
    text += "Lower Sarn until divers from Tarn have looked at both hulls, harbour master Gustav Holm said."
    lines = [json.dumps({"id": f"a{n:03}", "text": text, "publisher": f"P{n % 3}"}) for n in range(101)]
    done = run("scan", "-", stdin="\n".join(lines))
    first, *rest = done.stderr.splitlines()
    assert rest == []
    assert first.startswith("warning: cluster c")
    assert "holds 101 of 101 articles (100%)" in first
    assert first.endswith("(1 more in run.json)")
    kept = json.loads((tmp_path / "reports" / "run.json").read_text("utf-8"))["warnings"]
    assert [sentence.split()[0] for sentence in kept] == ["cluster", "every"]


def test_dry_run_lists_what_would_be_read_and_writes_nothing(run: Run, drop: Path, tmp_path: Path) -> None:
    done = run("scan", "drop", "--dry-run")
    assert done.returncode == 0
    assert "drop/a.txt" in done.stdout
    assert "3 files" in done.stdout
    assert "drop/empty.txt: empty" in done.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["drop"]


def test_pages_are_taken_apart_by_the_extractor_that_is_asked_for(run: Run, drop: Path, tmp_path: Path) -> None:
    story = (drop / "a.txt").read_text("utf-8")
    page = f"<html><head><title>Adrift</title></head><body><article><p>{story}</p></article></body></html>"
    (drop / "c.html").write_text(page, "utf-8")
    assert run("scan", "drop", "--extractor", "fast").returncode == 0
    assert [(r["a"], r["b"], r["grade"]) for r in rows(tmp_path / "reports" / "pairs.csv")] == [
        ("a.txt", "b.txt", "exact"),
        ("a.txt", "c.html", "exact"),
        ("b.txt", "c.html", "exact"),
    ]
    made = json.loads((tmp_path / "reports" / "run.json").read_text("utf-8"))
    assert made["options"]["read"]["extractor"] == "fast"


def test_an_option_of_the_command_lies_over_the_extractor_of_a_file(run: Run, drop: Path, tmp_path: Path) -> None:
    (tmp_path / "fast.toml").write_text('[read]\nextractor = "fast"\n', "utf-8")
    for options, used in ([], "fast"), (["--extractor", "accurate"], "accurate"):
        assert run("scan", "drop", "--config", "fast.toml", *options).returncode == 0
        made = json.loads((tmp_path / "reports" / "run.json").read_text("utf-8"))
        assert made["options"]["read"]["extractor"] == used


def test_an_unknown_extractor_is_refused_before_any_work(run: Run, drop: Path, tmp_path: Path) -> None:
    done = run("scan", "drop", "--extractor", "trafilatura")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "dedup: extractor must be one of accurate, fast, not 'trafilatura'\n"
    assert not (tmp_path / "reports").exists()


def test_verbose_lists_the_furniture(run: Run, drop: Path) -> None:
    (drop / "a.txt").write_text("Share on Facebook\n\n" + (drop / "b.txt").read_text("utf-8"), "utf-8")
    assert "share: Share on Facebook" in run("scan", "drop", "-v").stdout


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ((), 0),
        (("--fail-on-duplicates",), 1),
        (("--strict",), 3),
        (("--strict", "--fail-on-duplicates"), 3),
    ],
)
def test_exit_codes_of_a_scan_with_copies_and_a_skipped_file(
    run: Run, drop: Path, options: tuple[str, ...], code: int
) -> None:
    assert run("scan", "drop", "--quiet", *options).returncode == code


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("scan", "drop", "--fail-on-duplicates"), 1),
        (("scan", "drop", "--strict", "-q"), 3),
        (("scan", "nowhere"), 2),
        (("compare", "drop/a.txt", "nowhere"), 2),
    ],
)
def test_a_process_of_its_own_ends_with_the_same_codes(
    process: Run, drop: Path, arguments: tuple[str, ...], code: int
) -> None:
    done = process(*arguments)
    assert done.returncode == code
    assert "Traceback" not in done.stderr


def test_nothing_found_and_nothing_skipped_is_fine_under_every_option(run: Run, drop: Path) -> None:
    for name in ("b.txt", "empty.txt"):
        (drop / name).unlink()
    done = run("scan", "drop", "--strict", "--fail-on-duplicates")
    assert done.returncode == 0
    assert "No copies among 2 articles" in done.stdout
    assert "No two articles share" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nowhere",), "'nowhere' does not exist"),
        (("drop/*.xml",), "nothing matches"),
        (("drop", "--window", "soon"), "--window takes a number and h, d or w"),
        (("drop", "--window", "0d"), "window"),
        (("drop", "--window", ""), "--window"),
        (("drop", "--field", "text"), "--field takes OURS=THEIRS"),
        (("drop", "--field", "txet=body"), "did you mean 'text'"),
        (("drop", "--jobs", "-1"), "jobs"),
        (("drop", "--max-bytes", "0"), "max_bytes"),
        (("drop", "--config", "nowhere.toml"), "nowhere.toml"),
        (("drop", "--out", "drop"), "not empty"),
        (("drop", "--out", "drop/a.txt"), "not a folder"),
    ],
)
def test_wrong_usage_is_one_sentence_and_exit_code_2(
    run: Run, drop: Path, tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    before = sorted(tmp_path.rglob("*"))
    done = run("scan", *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stdout == ""
    assert sorted(tmp_path.rglob("*")) == before  # no report folder was made


@pytest.mark.parametrize(
    "arguments", [("scan",), ("scan", "drop", "--nonsense"), ("nonsense",), ("scan", "drop", "--jobs", "two")]
)
def test_options_that_do_not_exist_are_exit_code_2(run: Run, drop: Path, arguments: tuple[str, ...]) -> None:
    assert run(*arguments).returncode == 2


def test_json_lines_come_from_stdin(run: Run, drop: Path, tmp_path: Path) -> None:
    text = (drop / "a.txt").read_text("utf-8")
    lines = [json.dumps({"id": f"n{n}", "text": text, "title": "Stürm"}) for n in range(2)]
    assert run("scan", "-", stdin="\n".join([*lines, "{broken"])).returncode == 0
    assert [(r["a"], r["b"], r["a_title"]) for r in rows(tmp_path / "reports" / "pairs.csv")] == [("n0", "n1", "Stürm")]
    assert [(r["source"], r["reason"]) for r in rows(tmp_path / "reports" / "skipped.csv")] == [
        ("stdin#3", "broken JSON")
    ]


def test_field_names_can_be_mapped(run: Run, tmp_path: Path, drop: Path) -> None:
    text = (drop / "a.txt").read_text("utf-8")
    lines = [json.dumps({"key": f"k{n}", "article_body": text, "text": f"teaser {n}"}) for n in range(2)]
    (tmp_path / "feed.jsonl").write_text("\n".join(lines), "utf-8")
    assert run("scan", "feed.jsonl", "--field", "text=article_body", "--field", "id=key").returncode == 0
    assert [(r["a"], r["b"]) for r in rows(tmp_path / "reports" / "pairs.csv")] == [("k0", "k1")]


def test_options_come_from_a_file_and_the_command_line_outranks_it(run: Run, drop: Path, tmp_path: Path) -> None:
    (tmp_path / "dedup.toml").write_text("jobs = 1\n[read]\nmax_bytes = 10\n", "utf-8")
    assert "3 too large" in run("scan", "drop", "--config", "dedup.toml").stdout
    assert "too large" not in run("scan", "drop", "--config", "dedup.toml", "--max-bytes", "99999").stdout
    options = json.loads((tmp_path / "reports" / "run.json").read_text("utf-8"))["options"]
    assert (options["jobs"], options["read"]["max_bytes"]) == (1, 99999)


def test_a_window_keeps_old_stories_apart(run: Run, tmp_path: Path, drop: Path) -> None:
    text = (drop / "a.txt").read_text("utf-8")
    lines = [json.dumps({"id": d, "text": text, "published": d}) for d in ("2031-05-01", "2031-05-07", "2031-06-30")]
    (tmp_path / "feed.jsonl").write_text("\n".join(lines), "utf-8")
    assert run("scan", "feed.jsonl", "--window", "1w").returncode == 0
    assert [(r["a"], r["b"]) for r in rows(tmp_path / "reports" / "pairs.csv")] == [("2031-05-01", "2031-05-07")]


def test_a_second_scan_replaces_the_first_report_whole(run: Run, drop: Path, tmp_path: Path) -> None:
    run("scan", "drop", "-q")
    (drop / "b.txt").unlink()
    assert run("scan", "drop", "-q").returncode == 0
    assert rows(tmp_path / "reports" / "pairs.csv") == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["drop", "reports"]


@pytest.mark.parametrize("delay", [0.3, 1.5])
def test_ctrl_c_leaves_the_old_report_whole(
    command: list[str], run: Run, drop: Path, tmp_path: Path, delay: float
) -> None:
    run("scan", "drop", "-q")
    before = {path.name: path.read_bytes() for path in (tmp_path / "reports").iterdir()}
    # Standard input stays open, so the scan waits for it until it is stopped.
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        [*command, "scan", "drop", "-"], cwd=tmp_path, stdin=pipe, stdout=pipe, stderr=pipe, text=True
    )
    time.sleep(delay)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode not in (0, 1)
    if delay > 1:  # before that, Python itself may still be starting
        assert process.returncode == 130
        assert "Traceback" not in out + err
        assert "stopped" in err
    assert {path.name: path.read_bytes() for path in (tmp_path / "reports").iterdir()} == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["drop", "reports"]


def test_a_reader_that_goes_away_is_no_error(command: list[str], drop: Path, tmp_path: Path) -> None:
    script = '"$0" "$@" | head -n 1; exit "${PIPESTATUS[0]}"'
    done = subprocess.run(
        ["bash", "-c", script, *command, "scan", "drop", "-v"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert done.returncode in (0, 141)


@pytest.mark.parametrize("arguments", [("--help",), ("scan", "--help"), ("compare", "-h"), ("--version",)])
def test_help_and_version_are_there(run: Run, arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert done.returncode == 0
    assert done.stdout.strip()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_said_before_any_work(run: Run, drop: Path, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    done = run("scan", "drop", "--out", "closed/reports")
    assert (done.returncode, "no permission" in done.stderr) == (2, True)


TALKS = (
    "Talks about the Quessel fishing grounds broke down in Merrowick on Tuesday when the Tamrosan delegation, led by "
    "Ilse Vantongeren, walked out after 6 hours. She called an offer of 1,450 licences an insult to the island.",
    "Ilse Vantongeren needed 6 hours to lose her patience. On Tuesday night she left the table in Merrowick, where the "
    "mainland had put 1,450 licences for the Quessel grounds on it, far fewer than Tamrosan crews fish with today.",
)


def test_related_reports_are_named_and_fail_nothing(run: Run, tmp_path: Path) -> None:
    for name, text in zip(("a", "b"), TALKS, strict=True):
        (tmp_path / "talks" / name).mkdir(parents=True)
        (tmp_path / "talks" / name / "story.txt").write_text(text, "utf-8")
    done = run("scan", "talks", "--related", "--fail-on-duplicates")
    assert done.returncode == 0
    assert "1 pair  same event, written independently" in done.stdout
    assert "1 event reported more than once" in done.stdout
    assert json.loads(run("scan", "talks", "--related", "--json").stdout)["events"] == 1
    assert "events" not in json.loads(run("scan", "talks", "--json").stdout)
    done = run("compare", "talks/a/story.txt", "talks/b/story.txt")
    assert "Verdict: same event, written independently" in done.stdout
    assert "sure that both report one event; the wording in common is too little for a copy" in " ".join(
        done.stdout.split()
    )
