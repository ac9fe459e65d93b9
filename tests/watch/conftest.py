"""A watch in a thread of this process, over real folders; a process of its own where a signal is the point."""

from __future__ import annotations

import csv
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from dedup.watch import Plan, watch

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
#: Seconds after which something that should happen has failed to.
PATIENCE = 120


def rows(out: Path, table: str = "flagged") -> list[dict[str, str]]:
    """The rows of a table, of all its days in order."""
    found: list[dict[str, str]] = []
    for path in sorted(out.glob(f"{table}-*.csv")):
        with open(path, encoding="utf-8-sig", newline="") as file:
            found += csv.DictReader(file)
    return found


def until(true: Callable[[], Any], patience: float = PATIENCE) -> None:
    """Wait until something is so."""
    end = time.monotonic() + patience
    while not true():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.02)


class Desk:
    """A drop folder, the tables beside it, and the index."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.drop = folder / "drop"
        self.out = folder / "out"
        self.index = folder / "crawl.db"
        self.copies = folder / "copies"
        self.drop.mkdir()
        self.said: list[tuple[str, str]] = []

    def plan(self, **options: Any) -> Plan:
        chosen = {"drop": self.drop, "out": self.out, "index": str(self.index), "settle": 0.1, **options}
        return Plan(**chosen)

    def once(self, **options: Any) -> Counter[str]:
        """Flag what is there."""
        return watch(self.plan(once=True, **options), tell=lambda *told: self.said.append(told), stop=threading.Event())

    @contextmanager
    def watching(self, **options: Any) -> Iterator[threading.Event]:
        """A watch that runs beside the test; what went wrong in it goes wrong in the test."""
        stop, failed = threading.Event(), list[BaseException]()

        def run() -> None:
            try:
                watch(self.plan(**options), tell=lambda *told: self.said.append(told), stop=stop)
            except BaseException as error:
                failed.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        try:
            until(lambda: self.told("files flagged before") or failed)
            yield stop
        finally:
            stop.set()
            thread.join(PATIENCE)
        assert failed == []
        assert not thread.is_alive()

    def told(self, words: str) -> list[str]:
        """The sentences with these words."""
        return [sentence for _, sentence in self.said if words in sentence]

    def put(self, name: str, text: str) -> Path:
        path = self.drop / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    def flagged(self) -> list[tuple[str, str, str]]:
        """(id, relation, of) of every row."""
        return [(row["article_id"], row["relation"], row["of"]) for row in rows(self.out)]

    def process(self, *options: str) -> subprocess.Popen[str]:
        """The command, as a process of its own."""
        call = [sys.executable, "-c", "from dedup.cli import main; main()", "watch", str(self.drop)]
        call += ["--index", str(self.index), "--out", str(self.out), *options]
        return subprocess.Popen(call, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@contextmanager
def ended(process: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    """The process, which is gone when the test is over."""
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        process.communicate(timeout=PATIENCE)
