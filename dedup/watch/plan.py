"""What is to be watched and where results go, checked before any work."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from dedup.config import Config
from dedup.errors import ConfigError, SourceError

__all__ = ["Plan"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to watch, and what to do with what arrives."""

    drop: Path
    """The folder in which articles land."""
    out: Path
    """The folder for the tables, and for the memory of what was flagged."""
    index: str
    """The index that articles are compared with and put into: a path or an address."""
    move_to: Path | None = None
    """The folder that copies are moved to."""
    webhook: str = ""
    """The address that every row is sent to."""
    settle: float = 2.0
    """Seconds for which a file must stay as it is before it counts as complete."""
    poll: bool = False
    """Look at the folder time and again, instead of being told by the system."""
    once: bool = False
    """End when all that is there is flagged."""
    related: bool = False
    """Also look for independent reports of an event."""
    reading: Config = field(default_factory=Config)
    """The options for reading files."""
    options: Config | None = None
    """The options of the index, where they are given."""

    def __post_init__(self) -> None:
        if not self.drop.is_dir():
            raise SourceError(f"{str(self.drop)!r} is not a folder")
        if not self.settle >= 0:
            raise ConfigError(f"--settle takes seconds, 0 or more, not {self.settle}")
        self._apart("--out", self.out)
        if self.move_to is not None:
            self._apart("--move-to", self.move_to)
        if "://" not in self.index:
            self._apart("--index", Path(self.index))
        if self.webhook and not _is_address(self.webhook):
            raise ConfigError(f"--webhook takes an address that begins with http:// or https://, not {self.webhook!r}")

    def _apart(self, option: str, path: Path) -> None:
        """What we write must not land in the watched folder, for it would be read as articles."""
        drop, real = os.path.realpath(self.drop), os.path.realpath(path)
        if real == drop or real.startswith(drop.rstrip(os.sep) + os.sep):
            raise ConfigError(f"{option} must not lie in the watched folder {self.drop}: {path} does")


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
