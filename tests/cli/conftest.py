"""The command as a person runs it: `main()` in a folder of its own, or a process where that matters."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from dedup.cli import main

Run = Callable[..., subprocess.CompletedProcess[str]]

STORM = (
    "Two ferries lost their moorings in the night and drifted on to the eastern sandbank of Port Ansel. Nobody was on "
    "board, harbour master Gustav Holm said, and divers from Tarn found no hole in either hull. The harbour stays shut "
    "until Friday, and forty fishermen have to sell their herring in Lower Sarn."
)
BEES = (
    "Bee keepers in the Orlo hills lost a third of their colonies last winter, a survey by the farm school shows. The "
    "mild December woke the swarms too early, and the frost of February killed them. Young queens are now bred on an "
    "island far from the mites of the mainland, and a jar of heather honey costs nine crowns."
)


@pytest.fixture(scope="session")
def command() -> list[str]:
    return [sys.executable, "-c", "from dedup.cli import main; main()"]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """`run("scan", "drop", stdin="...")`: what the command leaves; its working folder is `tmp_path`."""

    def call(*arguments: str | Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
        given = ["dedup", *map(str, arguments)]
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "argv", given)
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode()), "utf-8"))
        code: object = 0
        try:
            main()
        except SystemExit as stopped:
            code = stopped.code
        printed = capsys.readouterr()
        assert "Traceback" not in printed.out + printed.err
        return subprocess.CompletedProcess(given, int(str(code or 0)), printed.out, printed.err)

    return call


@pytest.fixture
def process(command: list[str], tmp_path: Path) -> Run:
    """The same in a process of its own."""

    def call(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*command, *map(str, arguments)],
            capture_output=True, text=True, encoding="utf-8", cwd=tmp_path, timeout=120, check=False,
        )  # fmt: skip

    return call


@contextmanager
def started(call: list[str], folder: Path, **options: Any) -> Iterator[subprocess.Popen[str]]:
    """A process with pipes, which is gone when the test is over, whatever went wrong in it."""
    pipe = subprocess.PIPE
    with subprocess.Popen(
        call, cwd=folder, stdout=pipe, stderr=pipe, text=True, encoding="utf-8", **options
    ) as process:
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                process.kill()


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    """Two copies, one article of its own, one empty file."""
    folder = tmp_path / "drop"
    folder.mkdir()
    (folder / "a.txt").write_text(STORM, "utf-8")
    (folder / "b.txt").write_text(STORM + "\n", "utf-8")
    (folder / "bees.txt").write_text(BEES, "utf-8")
    (folder / "empty.txt").write_text("", "utf-8")
    return folder
