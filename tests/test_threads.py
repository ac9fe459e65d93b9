"""Work beside this process: done once, by whichever process, and its errors are raised here."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path

import pytest

from dedup.threads import beside


def _note_process(file: Path) -> None:
    file.write_text(str(os.getpid()))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux forks safely")
def test_with_two_jobs_another_process_works_meanwhile(tmp_path: Path) -> None:
    script = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from dedup.threads import beside\n"
        "with beside(lambda: Path(sys.argv[1]).write_text(str(os.getpid())), jobs=2):\n"
        "    print(os.getpid())"
    )
    run = subprocess.run([sys.executable, "-c", script, tmp_path / "who"], capture_output=True, text=True, check=True)
    assert (tmp_path / "who").read_text() not in ("", run.stdout.strip())


def test_one_job_works_here_afterwards(tmp_path: Path) -> None:
    with beside(partial(_note_process, tmp_path / "who"), jobs=1):
        assert not (tmp_path / "who").exists()
    assert (tmp_path / "who").read_text() == str(os.getpid())


def test_beside_other_threads_nothing_is_forked(tmp_path: Path) -> None:
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    try:
        with beside(partial(_note_process, tmp_path / "who"), jobs=2):
            pass
    finally:
        done.set()
        thread.join()
    assert (tmp_path / "who").read_text() == str(os.getpid())


def test_an_error_of_the_other_process_is_raised_here(tmp_path: Path) -> None:
    with (
        pytest.raises(FileNotFoundError, match="missing"),
        beside(partial(_note_process, tmp_path / "missing" / "who"), jobs=2),
    ):
        pass


def test_who_leaves_with_an_error_leaves_no_process_behind(tmp_path: Path) -> None:
    script = (
        "import multiprocessing, time\n"
        "from dedup.threads import beside\n"
        "try:\n"
        "    with beside(lambda: time.sleep(600), jobs=2):\n"
        "        raise KeyboardInterrupt\n"
        "except KeyboardInterrupt:\n"
        "    print(multiprocessing.active_children())"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert run.stdout.strip() == "[]"
