"""Writing a report folder whole or not at all, and never over something that is not a report."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TextIO

from dedup.decisions import DECISIONS_FILE, read_decisions, save_decisions
from dedup.errors import ConfigError, DedupError
from dedup.report import tables
from dedup.report.cells import Cell, csv_lines
from dedup.report.findings import Findings
from dedup.report.page import render_page
from dedup.threads import beside

__all__ = ["REPORT_FILES", "check_target", "is_report", "write"]

#: What run.json holds besides the figures of the run: the sign by which a report folder is known as ours.
_MARK = {"made_by": "dedup", "report_format": 1}

_Move = tuple[Path, Path]


def write(findings: Findings, folder: str | Path, jobs: int = 1) -> list[Path]:
    """The paths of the report's files, all written and on the disk; with several jobs, the tables by another process.

    The files are written beside the folder and swapped in by renaming when they are complete, so nobody ever
    reads a half-written report, and an interrupted run leaves the old one whole. Files in an old report folder
    that are not ours stay, and so does every decision in it that this run was not given.

    Raises:
        ConfigError: the folder holds something that is not a report of ours.
        DedupError: the disk is full, or similar.
    """
    check_target(folder)
    target = Path(folder).resolve()  # a link to a folder stays a link; what it points at is replaced
    names = (*REPORT_FILES, DECISIONS_FILE) if findings.decisions else REPORT_FILES
    try:
        with _workplaces(target) as (fresh, aside):
            _write_files(findings, fresh, jobs)
            if findings.decisions:
                _carry_decisions(findings, target, fresh)
            _sync_folder(fresh)
            _rename_all(_moves(target, fresh, aside, names))
            _sync_folder(target.parent)
    except OSError as error:
        raise DedupError(f"cannot write the report to {folder}: {error.strerror or error}") from error
    return [Path(folder) / name for name in names]


def check_target(folder: str | Path) -> None:
    """Nothing, when a report can be written to this folder: it is missing, empty, or holds an older report.

    Raises:
        ConfigError: it is a file, cannot be written, or holds things that are not a report of ours.
    """
    path = Path(folder).resolve()
    standing = next(place for place in (path, *path.parents) if os.path.lexists(place))
    if not standing.is_dir():
        raise ConfigError(f"cannot write the report to {folder}: {standing} is not a folder")
    if not os.access(standing, os.W_OK | os.X_OK):
        raise ConfigError(f"cannot write the report to {folder}: no permission to write in {standing}")
    if standing != path:
        return
    try:
        filled = any(not name.startswith(".") for name in os.listdir(path))
    except OSError as error:
        raise ConfigError(f"cannot write the report to {folder}: {error.strerror}") from error
    if filled and not is_report(path):
        raise ConfigError(
            f"{folder} is not empty and holds no older report of dedup; "
            "name a new or empty folder for the report, so that nothing of yours is replaced"
        )


def is_report(folder: Path) -> bool:
    """Whether a folder holds a report of ours."""
    try:
        run = json.loads((folder / "run.json").read_bytes())
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(run, dict) and run.get("made_by") == _MARK["made_by"] and "report_format" in run


@contextlib.contextmanager
def _workplaces(target: Path) -> Iterator[tuple[Path, Path]]:
    """Two new folders, for the new report and the old one, on the file system of the target; gone afterwards."""
    inside = _must_stay(target)
    parent = target if inside else target.parent
    parent.mkdir(parents=True, exist_ok=True)
    token = secrets.token_hex(4)
    fresh, aside = (parent / f".{target.name or 'report'}.{what}-{token}" for what in ("new", "old"))
    try:
        fresh.mkdir()  # not mkdtemp, whose folders are closed to everybody else
        if target.is_dir():
            shutil.copymode(target, fresh)
            if inside:
                aside.mkdir()
        yield fresh, aside
    finally:
        # Only our own files are deleted: whatever else may have got here stays and can be found.
        for place in (fresh, aside):
            for name in (*REPORT_FILES, DECISIONS_FILE):
                with contextlib.suppress(OSError):
                    (place / name).unlink()
            with contextlib.suppress(OSError):
                place.rmdir()


def _must_stay(target: Path) -> bool:
    """True for a folder that cannot be swapped: a mount point, the current folder, or one in a closed parent.

    One that holds hidden files and no report stays too, for it may be somebody's home. In such a folder the files
    are swapped one by one, each of them whole at any time.
    """
    if not target.is_dir():
        return False
    if os.listdir(target) and not is_report(target):
        return True
    return os.path.ismount(target) or not os.access(target.parent, os.W_OK | os.X_OK) or target.samefile(os.curdir)


def _moves(target: Path, fresh: Path, aside: Path, names: Sequence[str]) -> list[_Move]:
    """The renames that put the new report, of these files, in the place of the old one, in their order."""
    if not target.exists():
        return [(fresh, target)]
    if fresh.parent == target:
        out = [(target / name, aside / name) for name in names if os.path.lexists(target / name)]
        return out + [(fresh / name, target / name) for name in names]
    foreign = sorted(set(os.listdir(target)) - set(names))
    return [(target, aside), (fresh, target), *((aside / name, target / name) for name in foreign)]


def _rename_all(moves: Sequence[_Move]) -> None:
    """Nothing; after an error or an interruption all renames are undone."""
    begun: list[_Move] = []
    try:
        for move in moves:
            begun.append(move)
            os.rename(*move)
    except BaseException:
        for old, new in reversed(begun):
            # An interruption can come before or after the last rename itself.
            if os.path.lexists(new) and not os.path.lexists(old):
                os.rename(new, old)
        raise


def _write_files(findings: Findings, folder: Path, jobs: int) -> None:
    def put(names: Iterable[str]) -> None:
        for name in names:
            # Paths of damaged names hold lone surrogates, which UTF-8 cannot; they become readable escapes.
            with open(folder / name, "w", encoding="utf-8", errors="backslashreplace", newline="") as file:
                _WRITERS[name](findings, file)
                file.flush()
                os.fsync(file.fileno())

    with beside(lambda: put(name for name in REPORT_FILES if name.endswith(".csv")), jobs):
        put(name for name in REPORT_FILES if not name.endswith(".csv"))


def _carry_decisions(findings: Findings, target: Path, fresh: Path) -> None:
    """Write the decisions for the next run, and beside them what the desk saved in the old report without our knowing.

    Raises:
        ConfigError: the file in the old report cannot be read; nobody's work is thrown away for that.
    """
    older = target / DECISIONS_FILE
    known = {*findings.decisions, *findings.given}
    saved = read_decisions(older) if older.exists() else []
    kept = [*findings.decisions, *(decision for decision in saved if decision not in known)]
    save_decisions(kept, fresh / DECISIONS_FILE)


def _sync_folder(folder: Path) -> None:
    # Windows cannot open folders, and some network file systems cannot sync them.
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _write_table(
    columns: Sequence[str],
    rows: Callable[[Findings], Iterable[tuple[Cell, ...]]],
    findings: Findings,
    file: TextIO,
) -> None:
    file.write("\ufeff")  # by which spreadsheets know UTF-8
    file.writelines(csv_lines(chain([columns], rows(findings))))


def _write_run(findings: Findings, file: TextIO) -> None:
    json.dump({**findings.stats, **_MARK}, file, ensure_ascii=False, indent=2, sort_keys=True)
    file.write("\n")


def _write_page(findings: Findings, file: TextIO) -> None:
    for piece in render_page(findings):
        file.write(piece)


_WRITERS: dict[str, Callable[[Findings, TextIO], None]] = {
    "pairs.csv": partial(_write_table, tables.PAIR_COLUMNS, tables.pair_rows),
    "clusters.csv": partial(_write_table, tables.CLUSTER_COLUMNS, tables.cluster_rows),
    "articles.csv": partial(_write_table, tables.ARTICLE_COLUMNS, tables.article_rows),
    "skipped.csv": partial(_write_table, tables.SKIPPED_COLUMNS, tables.skipped_rows),
    "report.html": _write_page,
    "run.json": _write_run,
}

#: The files of a report folder.
REPORT_FILES = tuple(_WRITERS)
