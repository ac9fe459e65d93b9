"""One watch at a time writes to a folder."""

from __future__ import annotations

import os
from pathlib import Path

from dedup.errors import ConfigError

__all__ = ["locked"]

#: The file that is locked. It stays behind and means nothing then.
_LOCK = ".dedup-watch.lock"


def locked(folder: Path) -> int:
    """A lock on a folder that ends with the process, however that ends.

    Raises:
        ConfigError: somebody else has it.
    """
    handle = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        try:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except ModuleNotFoundError:  # Windows
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
    except OSError as error:
        holder = os.read(handle, 32).decode("ascii", "replace").strip()
        os.close(handle)
        who = f" (process {holder})" if holder else ""
        raise ConfigError(f"another watch{who} writes to {folder}; name another --out for this one") from error
    os.ftruncate(handle, 0)
    os.write(handle, str(os.getpid()).encode())
    return handle
