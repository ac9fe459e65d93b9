"""Waiting for something to happen in a folder: told by the system, or by looking time and again."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Generator
from dataclasses import dataclass

from dedup.errors import MissingExtraError

__all__ = ["News", "Poller", "Waker"]

#: Milliseconds for which the system's events are collected, and after which one looks up from listening.
_COLLECT, _LOOK_UP = 200, 200


@dataclass(frozen=True, slots=True)
class News:
    """What has happened: paths in full. Nothing in it means that nobody can tell."""

    added: tuple[str, ...] = ()
    """New, changed or renamed to this."""
    gone: tuple[str, ...] = ()


class Poller:
    """Knows nothing and waits."""

    def __init__(self, stop: threading.Event) -> None:
        """Waits until time is over or the stop comes."""
        self._stop = stop

    def wait(self, seconds: float) -> News:
        """Nothing, after so many seconds."""
        self._stop.wait(seconds)
        return News()

    def close(self) -> None:
        """Nothing to do."""


class Waker:
    """Is told by the system."""

    def __init__(self, folder: str, stop: threading.Event) -> None:
        """Listens from now on; what happens between two waits is kept.

        Raises:
            MissingExtraError: watchfiles is not installed.
            OSError: the system cannot tell, or not of so many folders.
        """
        try:
            from watchfiles import Change, watch
        except ModuleNotFoundError as error:
            raise MissingExtraError("watchfiles", "watch") from error
        self._deleted = Change.deleted
        self._stop = stop
        self._events: Generator[set[tuple[Change, str]], None, None] = watch(
            os.path.abspath(folder),
            watch_filter=None,
            debounce=_COLLECT,
            rust_timeout=_LOOK_UP,
            yield_on_timeout=True,
            stop_event=stop,
            raise_interrupt=False,
            ignore_permission_denied=True,
        )
        try:
            self._first = next(self._events, set())  # listening begins here, not when the generator is made
        except RuntimeError as error:
            raise OSError(str(error)) from error

    def wait(self, seconds: float) -> News:
        """What has happened, as soon as something has; nothing, after so many seconds."""
        until = time.monotonic() + seconds
        changes, self._first = self._first, set()
        while not changes and time.monotonic() < until and not self._stop.is_set():
            try:
                changes = next(self._events, set())
            except RuntimeError as error:
                raise OSError(str(error)) from error
        gone = tuple(sorted(path for change, path in changes if change == self._deleted))
        return News(tuple(sorted(path for change, path in changes if change != self._deleted)), gone)

    def close(self) -> None:
        """Stops listening."""
        self._events.close()
