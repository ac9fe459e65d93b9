"""Kernels in several threads, since they release the interpreter lock; and what holds it in a process of its own."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import TypeVar

__all__ = ["beside", "forks_safely", "in_threads"]

_Item = TypeVar("_Item")
_Made = TypeVar("_Made")


def in_threads(
    work: Callable[[_Item], _Made], items: Sequence[_Item], jobs: int, done: Callable[[_Item], None] = lambda _: None
) -> list[_Made]:
    """What `work` makes of each item, in order; in this thread alone where others could not help.

    Args:
        done: told of each item when its turn to be done is over.

    Example:
        >>> in_threads(lambda n: n * n, range(4), jobs=2)
        [0, 1, 4, 9]
    """
    if jobs <= 1 or len(items) < 2:
        made = []
        for item in items:
            made.append(work(item))
            done(item)
        return made
    with ThreadPoolExecutor(jobs) as pool:
        made = []
        for item, result in zip(items, pool.map(work, items), strict=True):
            made.append(result)
            done(item)
        return made


def forks_safely() -> bool:
    """Whether a process may be forked, which is the quickest start: no other thread runs, and the system can."""
    return sys.platform == "linux" and threading.active_count() == 1


@contextmanager
def beside(work: Callable[[], object], jobs: int) -> Iterator[None]:
    """Has `work`, which writes files, done by another process meanwhile where one can be forked, else here afterwards.

    What fails there is done here again, so that its error is raised as any other.
    """
    if jobs <= 1 or not forks_safely():
        yield
        work()
        return
    process = get_context("fork").Process(target=_quietly, args=(work,))
    process.start()
    try:
        yield
        process.join()
    finally:
        process.kill()
        process.join()
    if process.exitcode:
        work()


def _quietly(work: Callable[[], object]) -> None:
    """Do the work and say of an error only that there was one; Ctrl-C is left to the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        work()
    except BaseException:
        os._exit(1)
