"""The compiled kernels: whether this machine has them already, and compiling half of them beside the reading.

Numba compiles each kernel when it is first called and keeps it. The first run ever would do so one after the other; the
kernels of verification, half of all the work, are therefore compiled by a second process while this one reads.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from dedup.background import load_background
from dedup.sketch import Sketches
from dedup.verify import _measure_block, align, measure

__all__ = ["compile_ahead", "compiled", "main"]


def compiled() -> bool:
    """Whether the kernels were compiled on this machine before."""
    folder = _measure_block.stats.cache_path
    return folder is not None and any(Path(folder).glob("verify._measure_block-*.nbc"))


@contextmanager
def compile_ahead(jobs: int) -> Iterator[Callable[[], None]]:
    """Compiles the kernels of verification in a process of its own, where they are missing and `jobs` allows for two.

    Yields a function that waits for them; whoever leaves before, say for an error, leaves no process behind.
    """
    if jobs < 2 or compiled():
        yield lambda: None
        return
    call = [sys.executable, "-c", "from dedup.kernels import main; main()"]
    process = subprocess.Popen(call, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def wait() -> None:
        process.wait()  # if it failed, the kernels are compiled where they are called

    try:
        yield wait
    finally:
        process.kill()
        process.wait()


def main() -> None:
    """Call the kernels of verification on two texts of six words."""
    sketches = Sketches(
        tokens=np.array([0, 1, 2, 3, 4, 5] * 2, np.int32),
        vocabulary=np.arange(4, 28, 4, dtype=np.uint64),
        flags=np.zeros(12, np.uint8),
        offsets=np.array([0, 6, 12], np.int64),
        body_hashes=np.zeros((2, 2), np.uint64),
        signatures=np.zeros((2, 128), np.uint32),
    )
    a, b = np.array([0], np.int32), np.array([1], np.int32)
    measure(sketches, a, b, load_background(), np.array([-1, -1], np.int64))
    align(sketches, a, b, load_background())
