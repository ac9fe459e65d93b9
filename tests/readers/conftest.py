"""What the tests of the readers share."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from dedup.config import ReadConfig
from dedup.readers import Chunk, chunks, find_sources, read
from dedup.records import RawRecord, Skipped

ReadAll = Callable[..., tuple[list[RawRecord], list[Skipped]]]


def _read_all(*paths: str | Path, **options: object) -> tuple[list[RawRecord], list[Skipped]]:
    """Records and rows of all paths, the way a run reads them."""
    config = ReadConfig(**options)  # type: ignore[arg-type]
    sources, skipped = find_sources(paths, config)
    records: list[RawRecord] = []
    for piece in chunks(sources, config):
        for item in read(piece, config) if isinstance(piece, Chunk) else [piece]:
            records.append(item) if isinstance(item, RawRecord) else skipped.append(item)
    return records, skipped


@pytest.fixture
def read_all() -> ReadAll:
    """A call that gives the records and the skipped rows of paths."""
    return _read_all


@pytest.fixture
def read_bytes(tmp_path: Path) -> ReadAll:
    """A call that does the same for one file with the given name and bytes."""

    def read_file(name: str, data: bytes, **options: object) -> tuple[list[RawRecord], list[Skipped]]:
        (tmp_path / name).write_bytes(data)
        return _read_all(tmp_path / name, **options)

    return read_file


@pytest.fixture
def drop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder `drop` in the current directory."""
    monkeypatch.chdir(tmp_path)
    os.mkdir("drop")
    return Path("drop")
