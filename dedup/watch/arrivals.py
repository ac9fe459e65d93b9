"""Which files lie in the drop folder, and which of them are written to their end.

Nobody can know that a file is complete. It counts as complete when its size and times have stayed as they are for the
settle time, or were last changed a minute ago, or when it was renamed from a temporary name into its place.
"""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

__all__ = ["Arrivals", "Mark", "mark_of", "unfinished"]

#: Endings of names under which programs write what they rename later.
_TEMPORARY = re.compile(
    r"\.(part|partial|tmp|temp|crdownload|download|filepart|inprogress|incomplete|opdownload|swp|swx|lock)$|~$|^~\$",
    re.I,
)
#: Seconds after its last change from which a file is taken without waiting. The clocks of network drives may differ.
_LONG_AGO = 60.0


class Mark(NamedTuple):
    """What the system says of a file: as long as it is the same, nobody has written to it."""

    size: int
    mtime: int
    """Nanoseconds."""
    ctime: int
    inode: int


@dataclass(slots=True)
class _Waiting:
    mark: Mark
    since: float
    """When it was first seen like this."""


def unfinished(name: str) -> bool:
    """Whether a name is hidden, or one that programs give to files that they are still writing.

    Example:
        >>> [unfinished(name) for name in ("story.txt", "story.txt.part", ".story.txt.Qx71", "~$story.txt")]
        [False, True, True, True]
    """
    return name.startswith(".") or _TEMPORARY.search(name) is not None


def mark_of(path: str) -> Mark | None:
    """What the system says of a file now; None if there is none, or it is no plain file."""
    try:
        info = os.stat(path)
    except OSError:
        return None
    return _mark(info) if stat.S_ISREG(info.st_mode) else None


def _mark(info: os.stat_result) -> Mark:
    return Mark(info.st_size, info.st_mtime_ns, info.st_ctime_ns, info.st_ino)


class Arrivals:
    """Files that have arrived and are not flagged yet, by their path below the folder."""

    def __init__(self, folder: str, settle: float, held: Callable[[str], Mark | None]) -> None:
        """The arrivals of a folder; `held` says how a path was when it was flagged."""
        self._folder = folder
        self._settle = settle
        self._held = held
        self._flagged: dict[str, Mark] = {}
        self._waiting: dict[str, _Waiting] = {}
        self._placed: set[str] = set()
        self._temporary: dict[int, str] = {}  # files with temporary names, by inode
        self._silent: dict[str, float] = {}  # when files were found of which no event has told
        self._new: set[str] = set()  # folders in which the system may not have listened from the beginning

    def __len__(self) -> int:
        return len(self._waiting)

    def waiting(self) -> list[str]:
        """The paths of the files that have not been flagged yet."""
        return sorted(self._waiting)

    def sweep(self, *, first: bool = False) -> None:
        """Look at the whole folder; the first time, nobody can have told of what is there.

        Raises:
            OSError: the folder cannot be read.
        """
        before = self._temporary
        self._temporary = {}
        found = dict(self._found(self._folder, ""))
        self._flagged = {path: mark for path, mark in self._flagged.items() if path in found}
        for path, mark in found.items():
            self._place(path, mark, before)
            if self._notice(path, mark) and not first and not path.startswith(tuple(self._new)):
                self._silent.setdefault(path, time.monotonic())
        self._new.clear()

    def hear(self, added: Sequence[str], gone: Sequence[str]) -> None:
        """Look at what events told of, all paths in full."""
        for full in (*added, *gone):
            self._silent.pop(os.path.relpath(full, self._folder), None)
        left = [os.path.basename(path) for path in gone if unfinished(os.path.basename(path))]
        for full in added:
            path = os.path.relpath(full, self._folder)
            parts = path.split(os.sep)
            if os.path.isdir(full):
                if any(part.startswith(".") for part in parts):
                    continue
                self._new.add(path + os.sep)
                for inner, mark in self._found(full, path + os.sep):
                    self._silent.pop(inner, None)
                    self._notice(inner, mark)
                continue
            inner_mark = mark_of(full)
            if inner_mark is None or any(part.startswith(".") for part in parts[:-1]):
                continue
            name = os.path.basename(path)
            if unfinished(name):
                self._temporary[inner_mark.inode] = name
                continue
            if any(_became(former, name) for former in left):
                self._placed.add(path)
            self._place(path, inner_mark, self._temporary)
            self._notice(path, inner_mark)

    def flagged(self, path: str, mark: Mark) -> None:
        """Say that a file is done, as it was."""
        self._waiting.pop(path, None)
        self._placed.discard(path)
        self._flagged[path] = mark

    def forget(self, path: str) -> None:
        """Say that a file has gone: whatever comes under its name is another one."""
        self._waiting.pop(path, None)
        self._flagged.pop(path, None)

    def ripe(self) -> list[tuple[str, Mark]]:
        """The files that are complete, in the order in which they were written."""
        now, wall = time.monotonic(), time.time()
        out = []
        for path, waiting in list(self._waiting.items()):
            mark = mark_of(os.path.join(self._folder, path))
            if mark is None:
                del self._waiting[path]
                continue
            if mark != waiting.mark:
                waiting.mark, waiting.since = mark, now
                self._placed.discard(path)
            old = wall - max(mark.mtime, mark.ctime) / 1e9 > _LONG_AGO
            if old or path in self._placed or now - waiting.since >= self._settle:
                out.append((path, mark))
        return sorted(out, key=lambda item: (item[1].mtime, item[0]))

    def unannounced(self) -> bool:
        """Whether a file has come of which no event has told for a second: they cannot be relied on here."""
        now = time.monotonic()
        return any(now - since >= 1 for since in self._silent.values())

    def _place(self, path: str, mark: Mark, temporary: Mapping[int, str]) -> None:
        """Note a file that had a temporary name a moment ago: `story.txt.part` has become `story.txt`.

        Names are looked at too, because systems give the inode of a file that is gone to another one.
        """
        if _became(temporary.get(mark.inode, ""), os.path.basename(path)):
            self._placed.add(path)

    def _notice(self, path: str, mark: Mark) -> bool:
        """Take a file up if it is not flagged as it is; returns whether it is news."""
        flagged = self._flagged.get(path) or self._held(path)
        if flagged == mark:
            self._flagged[path] = mark
            self._waiting.pop(path, None)
            return False
        fresh = path not in self._waiting
        self._waiting.setdefault(path, _Waiting(mark, time.monotonic()))
        return fresh

    def _found(self, folder: str, prefix: str) -> Iterator[tuple[str, Mark]]:
        """The files below a folder, links not followed into other folders; temporary ones are only remembered."""
        stack = [(folder, prefix)]
        while stack:
            here, above = stack.pop()
            try:
                entries = sorted(os.scandir(here), key=lambda entry: entry.name)
            except OSError:
                if here == self._folder:
                    raise
                continue
            for entry in entries:
                try:
                    if entry.is_dir(follow_symlinks=False):
                        if not entry.name.startswith("."):
                            stack.append((entry.path, f"{above}{entry.name}{os.sep}"))
                        continue
                    info = entry.stat()
                except OSError:
                    continue
                if not stat.S_ISREG(info.st_mode):
                    continue
                if unfinished(entry.name):
                    self._temporary[info.st_ino] = entry.name
                else:
                    yield above + entry.name, _mark(info)


def _became(temporary: str, name: str) -> bool:
    """Whether a temporary name is one that programs give to what they will rename to this name."""
    return temporary.lstrip(".~$").startswith(name)
