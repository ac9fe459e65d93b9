"""The watch itself: from what lands in the folder to rows in tables, until it is told to end."""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

from dedup.errors import ConfigError, MissingExtraError
from dedup.index import Index
from dedup.readers.source import printable
from dedup.watch.arrivals import Arrivals, Mark
from dedup.watch.flagging import Flagger
from dedup.watch.memory import Done, Memory, Row
from dedup.watch.moving import move
from dedup.watch.plan import Plan
from dedup.watch.rows import moved_row
from dedup.watch.tables import Tables
from dedup.watch.wake import News, Poller, Waker
from dedup.watch.webhook import Webhook

__all__ = ["Tell", "watch"]

#: Told of what happens: `flagged`, `skipped`, `moved`, `warning` or `note`, and a sentence.
Tell = Callable[[str, str], None]

#: Rows that are appended together, and seconds after which the first of them waits for no other.
_TOGETHER, _PATIENCE = 16, 0.3
#: Seconds between two looks at the whole folder, by polling and beside events; more where a look takes long.
_POLL, _SWEEP = 1.0, 5.0
#: Of the time, the share that looking at the folder may take.
_SHARE = 0.05
#: Seconds, and times the settle time, after which a single pass waits no longer for files that do not settle.
_GIVE_UP, _GIVE_UP_TIMES = 10.0, 5
#: Seconds for which a webhook may go on sending at the end: of a watch, of a single pass.
_FAREWELL, _LAST_POST = 2.0, 60.0


def watch(plan: Plan, *, tell: Tell, stop: threading.Event) -> Counter[str]:
    """Watch a folder until the stop is set; with `once`, until everything in it is flagged.

    Args:
        tell: called with each thing that happens.
        stop: ends the watch; the article at hand is finished first.

    Returns:
        How many articles were flagged, by what they are; `skipped` and `moved` are counted too.

    Raises:
        ConfigError: the folders cannot be used like this, or another watch is at work there.
        IndexAccessError: the index could not be used for a minute.
    """
    _made(plan.out, "--out")
    if plan.move_to is not None:
        _made(plan.move_to, "--move-to")
    with ExitStack() as stack:
        index = stack.enter_context(Index.open(plan.index, config=plan.options))
        memory = Memory(plan.out, {"folder": os.path.realpath(plan.drop), "index": index.name})
        stack.callback(memory.close)
        work = _Watch(plan, index, memory, tell, stop)
        stack.callback(work.close)
        work.run()
        return work.counts


def _made(folder: Path, option: str) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"{option} {folder} cannot be made: {error.strerror}") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ConfigError(f"{option} {folder} cannot be written to")


class _Watch:
    """One run of a watch."""

    def __init__(self, plan: Plan, index: Index, memory: Memory, tell: Tell, stop: threading.Event) -> None:
        self.counts: Counter[str] = Counter()
        self._plan = plan
        self._drop = os.path.abspath(plan.drop)
        self._memory = memory
        self._tell = tell
        self._stop = stop
        self._tables = Tables(plan.out)
        self._flagger = Flagger(plan, index, memory, stop, hand_over=self._hand_over, warn=self._warn)
        self._arrivals = Arrivals(self._drop, plan.settle, self._held)
        self._queue: list[Row] = []
        self._oldest = 0.0
        self._closed = ""  # why the tables cannot be written
        self._lost = False  # whether the folder cannot be read
        self._looked = self._cost = 0.0
        self._webhook = Webhook(plan.webhook, memory.posts, memory.name, self._warn) if plan.webhook else None
        self._waker: Waker | Poller = self._listening()

    def run(self) -> None:
        """Everything, from what a crash has left behind to the end."""
        self._recover()
        files, posts = self._memory.count()
        if posts and self._webhook is None:
            self._tell("note", f"{posts:,} rows wait for a --webhook")
        how = "looked at once" if self._plan.once else self._how()
        self._tell("note", f"{self._plan.drop} is {how}; files flagged before: {files:,}")
        self._sweep(first=True)
        busy = time.monotonic()
        while True:
            for path, mark in self._arrivals.ripe():
                if self._stop.is_set():
                    break
                self._take(path, mark)
                busy = time.monotonic()
            self._rest()
            if self._stop.is_set() or (self._plan.once and self._finished(busy)):
                return
            self._look(self._waker.wait(self._pause()))

    def close(self) -> None:
        """Write and send what can still be written and sent."""
        self._waker.close()
        self._rest()
        if self._webhook is not None:
            self._webhook.close(_LAST_POST if self._plan.once and not self._stop.is_set() else _FAREWELL)

    def _held(self, path: str) -> Mark | None:
        done = self._memory.held(path)
        return done.mark if done else None

    def _listening(self) -> Waker | Poller:
        if self._plan.once or self._plan.poll:
            return Poller(self._stop)
        try:
            return Waker(self._drop, self._stop)
        except MissingExtraError as error:
            self._warn(f"{error}; until then the folder is looked at every second")
        except OSError as error:
            self._warn(f"the system does not tell what happens in {self._plan.drop} ({error}); it is polled")
        return Poller(self._stop)

    def _how(self) -> str:
        return "watched" if isinstance(self._waker, Waker) else "polled"

    def _recover(self) -> None:
        """Take up what a crash has left between two steps."""
        rows = self._memory.unwritten()
        missing = {row.number for row in self._tables.missing(rows)}
        self._memory.written(row.number for row in rows if row.number not in missing)
        for row in rows:
            if row.number in missing:
                self._flagger.resume(row)
        for path, done in self._memory.leaving():
            self._move(path, done)
        self._rest()

    def _take(self, path: str, mark: Mark) -> None:
        done = self._flagger.flag(path, mark)
        if done is None:
            return
        self._arrivals.flagged(path, done.mark)
        if done.target:
            self._move(path, done)

    def _move(self, path: str, done: Done) -> None:
        source = os.path.join(self._drop, path)
        try:
            target = move(source, done.mark, done.digest, Path(done.target))
        except FileNotFoundError:
            self._memory.gone(path)
            self._warn(f"{printable(source)} has gone before it could be moved")
            return
        except OSError as error:
            reason = error.strerror or str(error)
            self._warn(
                f"{printable(source)} cannot be moved to {printable(done.target)}: {reason}; it stays where it is"
            )
            return
        self._memory.gone(path)
        self._arrivals.forget(path)
        now = datetime.now().astimezone()
        row = moved_row(printable(source), printable(target), now, post=bool(self._plan.webhook))
        self._hand_over(self._memory.note(row, path))

    def _hand_over(self, row: Row) -> None:
        """Take a row that is to be written: some together in a rush, at once otherwise."""
        if not self._queue:
            self._oldest = time.monotonic()
        self._queue.append(row)
        if len(self._queue) >= _TOGETHER or time.monotonic() - self._oldest > _PATIENCE:
            self._write()

    def _write(self) -> None:
        if not self._queue:
            return
        try:
            # Of rows that could not be written before, some may stand in the table.
            self._tables.append(self._tables.missing(self._queue) if self._closed else self._queue)
        except OSError as error:
            if self._closed != str(error):
                self._closed = str(error)
                self._warn(f"the tables in {self._plan.out} cannot be written: {error.strerror}; their rows wait")
            return
        if self._closed:
            self._closed = ""
            self._tell("note", f"the tables in {self._plan.out} are written again")
        written, self._queue = self._queue, []
        self._memory.written(row.number for row in written)
        for row in written:
            self.counts[str(row.cells[2]) if row.table == "flagged" else row.table] += 1
            self._tell(row.table, row.said)

    def _rest(self) -> None:
        """Bring everything to the disk before waiting."""
        self._write()
        self._memory.commit()
        if self._webhook is not None:
            self._webhook.more()

    def _pause(self) -> float:
        """Seconds to wait: until the next file may have settled, or the next look is due."""
        if len(self._arrivals):
            return min(max(self._plan.settle / 4, 0.02), 0.25)
        return max(0.02, self._looked + self._interval() - time.monotonic())

    def _interval(self) -> float:
        return max(_SWEEP if isinstance(self._waker, Waker) else _POLL, self._cost / _SHARE)

    def _look(self, news: News) -> None:
        if self._plan.once:
            return
        self._arrivals.hear(news.added, news.gone)
        if time.monotonic() - self._looked >= self._interval():
            self._sweep()
        if isinstance(self._waker, Waker) and self._arrivals.unannounced():
            self._poll("files have come to {} of which the system did not tell; it is polled from now on")

    def _sweep(self, *, first: bool = False) -> None:
        start = time.monotonic()
        try:
            self._arrivals.sweep(first=first)
        except OSError as error:
            if not self._lost:
                self._warn(f"{self._plan.drop} cannot be read: {error.strerror}; waiting for it")
                if isinstance(self._waker, Waker):
                    self._poll("")
            self._lost = True
        else:
            if self._lost:
                self._tell("note", f"{self._plan.drop} can be read again")
            self._lost = False
        self._looked = time.monotonic()
        self._cost = self._looked - start

    def _poll(self, why: str) -> None:
        self._waker.close()
        self._waker = Poller(self._stop)
        if why:
            self._warn(why.format(self._plan.drop))

    def _finished(self, busy: float) -> bool:
        """Whether a single pass is over: all files are flagged, or those that are not are still being written."""
        left = self._arrivals.waiting()
        if not left:
            return True
        if time.monotonic() - busy < max(_GIVE_UP, _GIVE_UP_TIMES * self._plan.settle):
            return False
        for path in left:
            self._warn(f"{printable(path)} is still being written; the next watch will take it")
        return True

    def _warn(self, sentence: str) -> None:
        self._tell("warning", sentence)
