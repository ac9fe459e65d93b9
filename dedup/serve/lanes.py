"""Work off the event loop, and no more of it than was agreed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from dedup.serve.problems import RefusedError

__all__ = ["Lane"]

T = TypeVar("T")


class Lane:
    """Some threads, and some places to wait for one of them; whoever finds neither is turned away at once."""

    def __init__(self, name: str, threads: int, waiting: int) -> None:
        self.name = name
        self.places = threads + waiting
        self.taken = 0
        """Requests that have a thread or wait for one, or whose body is still arriving."""
        self.turned_away = 0
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=f"dedup-{name}")

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place; call it on the event loop only.

        Raises:
            RefusedError: all are taken.
        """
        if self.taken >= self.places:
            self.turned_away += 1
            raise RefusedError(503, f"{self.taken:,} requests are at work or waiting already; come again")
        self.taken += 1
        try:
            yield
        finally:
            self.taken -= 1

    async def run(self, work: Callable[[], T]) -> T:
        """What the work returns, done in a thread of the lane."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def close(self) -> None:
        """Finish what was begun."""
        self._pool.shutdown()
