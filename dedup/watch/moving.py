"""Copies out of the drop folder: moved, never deleted, and never over another file."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from contextlib import suppress
from pathlib import Path

from dedup.readers.formats import suffix_of
from dedup.watch.arrivals import Mark, mark_of

__all__ = ["content_digest", "free_name", "move"]


def content_digest(path: str) -> bytes:
    """What a file holds, as 32 bytes.

    Raises:
        OSError: it cannot be read.
    """
    state = hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(1 << 20):
            state.update(piece)
    return state.digest()


def free_name(folder: Path, relative: str) -> Path:
    """A name below a folder that no file has: the same, or with `~2`, `~3` before its suffix."""
    wanted = folder / relative
    suffix = suffix_of(wanted.name)
    stem = wanted.name[: len(wanted.name) - len(suffix)]
    place, number = wanted, 1
    while os.path.lexists(place):
        number += 1
        place = wanted.with_name(f"{stem}~{number}{wanted.name[len(stem) :]}")
    return place


def move(source: str, mark: Mark, digest: bytes, target: Path) -> Path:
    """Move a file; returns where it is now, which is another name if somebody has taken this one meanwhile.

    May be called again after a crash, with the same values: it goes on from there.

    Raises:
        OSError: it cannot be moved, and is where it was.
    """
    now = mark_of(source)
    if now is None and _holds(target, digest):
        return target  # a crash came after the move
    if now is None:
        raise FileNotFoundError(errno.ENOENT, "it has gone", source)
    if now[:2] != mark[:2]:
        raise OSError(errno.EBUSY, "it has changed meanwhile", source)
    if _holds(target, digest) and not os.path.samefile(source, target):
        os.unlink(source)  # a crash came between copying to another drive and taking away
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    target = _reserved(target)
    try:
        try:
            os.replace(source, target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            _carry(source, now, target)
    except BaseException:
        with suppress(OSError):
            if os.stat(target).st_size == 0:
                os.unlink(target)  # our own empty file
        raise
    return target


def _reserved(target: Path) -> Path:
    """A name that is ours, held by an empty file; one that an earlier try has left is taken up."""
    if target.is_file() and not target.is_symlink() and target.stat().st_size == 0:
        return target
    while True:
        place = free_name(target.parent, target.name)
        with suppress(FileExistsError):
            os.close(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
            return place


def _carry(source: str, mark: Mark, target: Path) -> None:
    """Move a file to another drive: copied whole, then taken away."""
    part = target.with_name(f".{target.name}.part")
    try:
        shutil.copyfile(source, part)
        with suppress(OSError):  # some drives know no dates or rights
            shutil.copystat(source, part)
        with open(part, "rb+") as file:
            os.fsync(file.fileno())
        if mark_of(source) != mark:
            raise OSError(errno.EBUSY, "it has changed meanwhile", source)
        os.replace(part, target)
        os.unlink(source)
    finally:
        with suppress(OSError):
            part.unlink()


def _holds(path: Path, digest: bytes) -> bool:
    """Whether a file holds just this, and something at all."""
    try:
        return path.stat().st_size > 0 and content_digest(str(path)) == digest
    except OSError:
        return False
