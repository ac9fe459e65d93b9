"""Which files there are to read: folders, files, patterns and standard input become sources."""

from __future__ import annotations

import errno
import glob
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from dedup.config import ReadConfig
from dedup.errors import SourceError, UnsupportedFormatError
from dedup.readers.formats import FORMATS, suffix_of
from dedup.readers.source import Source, file_id, nothing, printable, too_large, unreadable
from dedup.records import Skipped

__all__ = ["find_sources"]

STDIN = Source(path=None, name="stdin", id="stdin", suffix=".jsonl")


def find_sources(paths: Iterable[str | Path], config: ReadConfig) -> tuple[list[Source], list[Skipped]]:
    """All files that can be read, in the order of the paths and by name within a folder, and all that cannot.

    A path is a folder, a file, a pattern such as `drop/**/*.txt`, or `-` for JSON lines on standard input.
    Nothing is opened: a pipe that nobody writes to would hold the run for ever.

    Raises:
        SourceError: a path does not exist, or a pattern matches nothing.
        UnsupportedFormatError: a file was named outright and no reader knows its suffix.
    """
    finder = _Finder(config)
    for path in paths:
        finder.add(os.fspath(path))
    return finder.sources, finder.skipped


@dataclass(frozen=True, slots=True)
class _Place:
    """A file or folder on the way."""

    path: str
    relative: str
    """Below the scanned folder, with forward slashes; empty for that folder itself."""
    real: str
    above: tuple[str, ...] = ()
    """Real paths of the folders that led here."""
    outright: bool = False
    """Named by the user, not met in a folder."""


class _Finder:
    """Sources found so far; each file and folder counts once, by its real path."""

    def __init__(self, config: ReadConfig) -> None:
        self.config = config
        self.sources: list[Source] = []
        self.skipped: list[Skipped] = []
        self.seen: set[str] = set()

    def add(self, path: str) -> None:
        """Add what one path of the user's stands for."""
        if path == "-":
            self.sources += [] if STDIN in self.sources else [STDIN]
        elif os.path.lexists(path):
            relative = "" if os.path.isdir(path) else os.path.basename(path)
            self._walk(_Place(path, relative, os.path.realpath(path), outright=True))
        elif glob.has_magic(path):
            for place in _matching(path):
                self._walk(place)
        else:
            raise SourceError(f"{printable(path)!r} does not exist")

    def _walk(self, place: _Place) -> None:
        """Add a place and all below it, by name; a stack, as folders may be nested deeper than Python calls."""
        stack = [place]
        while stack:
            place = stack.pop()
            try:
                info = os.stat(place.path)
                if stat.S_ISDIR(info.st_mode):
                    stack.extend(reversed(self._children(place)))
                elif place.real not in self.seen:
                    self.seen.add(place.real)
                    self._add_file(place, info)
            except OSError as error:
                self.skipped.append(_unreachable(place.path, error))

    def _children(self, folder: _Place) -> list[_Place]:
        """What is in a folder, without hidden entries; nothing for a folder that was met before."""
        if folder.real in folder.above:
            self._skip(folder.path, "a link that loops", "it leads to a folder that it lies in")
            return []
        if folder.real in self.seen:
            return []
        self.seen.add(folder.real)
        if _is_report(folder.path):
            self._skip(folder.path, "a report written by dedup", "its files are not articles")
            return []
        above = (*folder.above, folder.real)
        prefix = folder.relative + "/" if folder.relative else ""
        with os.scandir(folder.path) as entries:
            return [
                _Place(
                    entry.path,
                    prefix + entry.name,
                    os.path.realpath(entry.path) if entry.is_symlink() else os.path.join(folder.real, entry.name),
                    above,
                )
                for entry in sorted(entries, key=lambda entry: entry.name)
                if not entry.name.startswith(".")
            ]

    def _add_file(self, place: _Place, info: os.stat_result) -> None:
        suffix = suffix_of(os.path.basename(place.path))
        if not stat.S_ISREG(info.st_mode):
            self._skip(place.path, f"{_kind(info.st_mode)}, not a file")
        elif not suffix and place.outright:
            known = " ".join(FORMATS)
            raise UnsupportedFormatError(f"no reader for {printable(place.path)!r}; known are {known}")
        elif not suffix:
            self._skip(place.path, f"no reader for {_own_suffix(place.path)}")
        elif info.st_size == 0:
            self.skipped.append(nothing(printable(place.path)))
        elif FORMATS[suffix].one_article and info.st_size > self.config.max_bytes:
            self.skipped.append(too_large(printable(place.path), info.st_size, self.config.max_bytes))
        else:
            self.sources.append(_source(place, suffix, info.st_size))

    def _skip(self, path: str, reason: str, detail: str = "") -> None:
        self.skipped.append(Skipped(source=printable(path), stage="read", reason=reason, detail=detail))


def _is_report(folder: str) -> bool:
    """Whether a folder holds a report of ours: scanning a folder twice must not find the first scan's report."""
    try:
        with open(os.path.join(folder, "run.json"), "rb") as file:
            return b'"report_format"' in file.read(1 << 20)
    except OSError:
        return False


def _source(place: _Place, suffix: str, size: int) -> Source:
    relative = file_id(place.relative)
    folder = relative.rpartition("/")[0].rpartition("/")[2]
    name = printable(place.path)
    return Source(path=Path(place.path), name=name, id=relative, folder=folder, suffix=suffix, size=size)


def _matching(pattern: str) -> Iterator[_Place]:
    """What matches a pattern, by name; ids count from the last folder that the pattern names in full.

    `pathlib` rather than `glob`: its `**` follows no links, so that looping ones end. It does match hidden
    entries, which a shell's `*` would not.
    """
    parts = Path(pattern).parts
    fixed = next(i for i, part in enumerate(parts) if glob.has_magic(part))
    root, rest = Path(*parts[:fixed]), os.path.join(*parts[fixed:])
    try:
        found = sorted({path.relative_to(root).parts for path in root.glob(rest)})
    except (ValueError, OSError) as error:
        raise SourceError(f"{printable(pattern)!r} cannot be searched for: {error}") from error
    hidden = any(part.startswith(".") for part in parts[fixed:])
    found = [match for match in found if hidden or not any(part.startswith(".") for part in match)]
    if not found:
        raise SourceError(f"nothing matches {printable(pattern)!r}")
    top = os.path.realpath(root)
    for match in found:
        path = os.path.join("", *parts[:fixed], *match) or "."
        yield _Place(path, "/".join(match), os.path.realpath(path), (top,) if match else ())


def _unreachable(path: str, error: OSError) -> Skipped:
    """The row for what the system will not even describe."""
    name = printable(path)
    if error.errno == errno.ELOOP:
        return Skipped(source=name, stage="read", reason="a link that loops")
    if isinstance(error, FileNotFoundError) and os.path.islink(path):
        leads = f"it leads to {printable(os.readlink(path))}"
        return Skipped(source=name, stage="read", reason="a link to a file that does not exist", detail=leads)
    return unreadable(name, error)


def _own_suffix(path: str) -> str:
    """What a file's name says it is, with what it is packed with: `.tar.gz files`."""
    stem, suffix = os.path.splitext(os.path.basename(path).lower())
    if suffix in (".gz", ".bz2", ".xz", ".zst"):
        suffix = os.path.splitext(stem)[1] + suffix
    return f"{printable(suffix)} files" if suffix else "files without a suffix"


def _kind(mode: int) -> str:
    kinds = {stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device"}
    return kinds.get(stat.S_IFMT(mode), "something special")
