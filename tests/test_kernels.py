"""Compiling ahead: a second process while the kernels are missing, and none that stays behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dedup import kernels
from dedup.kernels import compile_ahead


@pytest.mark.parametrize(("jobs", "known"), [(1, False), (2, True)])
def test_nothing_is_started_for_one_job_or_known_kernels(
    monkeypatch: pytest.MonkeyPatch, jobs: int, known: bool
) -> None:
    monkeypatch.setattr(kernels, "compiled", lambda: known)
    monkeypatch.setattr(subprocess, "Popen", None)
    with compile_ahead(jobs) as wait:
        wait()


def test_a_run_that_ends_early_leaves_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []
    real = subprocess.Popen

    def start(*arguments: object, **options: object) -> subprocess.Popen[bytes]:
        started.append(real([sys.executable, "-c", "import time; time.sleep(60)"]))
        return started[0]

    monkeypatch.setattr(kernels, "compiled", lambda: False)
    monkeypatch.setattr(subprocess, "Popen", start)
    with pytest.raises(RuntimeError), compile_ahead(2):
        raise RuntimeError
    assert started[0].returncode is not None


@pytest.mark.slow
def test_it_compiles_what_verification_calls(tmp_path: Path) -> None:
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    code = "from dedup.kernels import compiled, main; assert not compiled(); main(); assert compiled()"
    assert subprocess.run([sys.executable, "-c", code], env=environment, check=False).returncode == 0
