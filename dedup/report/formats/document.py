"""A report for programs: one JSON document, or a Parquet file for each table."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from dedup.errors import DedupError, MissingExtraError
from dedup.report.formats.stored import FRACTIONS, WHOLE, Row, Stored, Story
from dedup.report.summary import headline
from dedup.report.tables import ALONE

__all__ = ["as_document", "document_text", "write_parquet"]

#: Columns of clusters.csv that are the same for all members.
_SHARED = ("likely_source", "source_reason", "source_probability", "weakest_link", "split", "notes", "decided")


def as_document(stored: Stored) -> dict[str, Any]:
    """The report as plain values; docs/formats.md tells what is in them."""
    return {
        "made_by": "dedup",
        "document_format": 1,
        "headline": headline(stored.figures),
        "run": {name: value for name, value in stored.run.items() if name not in ("made_by", "report_format")},
        "clusters": [_cluster(story, stored.title(story)) for story in stored.stories],
        "pairs": [_pair(row) for row in stored.pairs],
        "articles": [_plain(row) for row in stored.articles],
        "events": _events(stored),
        "skipped": [_plain(row) for row in stored.skipped],
        "decisions": [asdict(decision) for decision in stored.decisions],
    }


def document_text(stored: Stored) -> str:
    """The document as text."""
    return orjson.dumps(as_document(stored), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


def _plain(row: Row) -> dict[str, Any]:
    """The row; what is empty is null."""
    return {name: None if value == "" else value for name, value in row.items()}


def _pair(row: Row) -> dict[str, Any]:
    pair = _plain(row)
    return pair | {
        "found_by": str(row["found_by"]).split("+") if row.get("found_by") else [],
        "decided": str(row["decided"]).split("+") if row.get("decided") else [],
    }


def _cluster(story: Story, title: str) -> dict[str, Any]:
    head = _plain(story.head)
    shared = {name: head.get(name) for name in _SHARED}
    shared["decided"] = str(head["decided"]).split("+") if head.get("decided") else []
    members = [
        {name: value for name, value in _plain(row).items() if name not in (*_SHARED, "cluster_id")}
        for row in story.members
    ]
    return {"id": story.id, "title": title, **shared, "members": members}


def _events(stored: Stored) -> list[dict[str, Any]]:
    """The events that were looked for: articles with copies and articles that only share the event."""
    members: dict[str, list[str]] = {}
    for row in stored.clusters:
        if row.get("event_id"):
            members.setdefault(str(row["event_id"]), []).append(str(row["article_id"]).removeprefix(ALONE))
    return [{"id": id, "articles": sorted(articles)} for id, articles in sorted(members.items())]


def write_parquet(stored: Stored, folder: Path) -> list[Path]:
    """Write one file for each table; each is whole or not there. run.json stands in the metadata of each.

    Raises:
        MissingExtraError: the package that writes Parquet files is not installed.
        DedupError: a file cannot be written.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise MissingExtraError("pyarrow", "parquet") from None
    run = json.dumps(dict(stored.run), ensure_ascii=False, sort_keys=True).encode()
    files = []
    for name, columns, rows in stored.tables:
        schema = pyarrow.schema([(column, _kind(pyarrow, column)) for column in columns], {b"dedup": run})
        table = pyarrow.table([_values(column, rows) for column in columns], schema=schema)
        path = folder / f"{name}.parquet"
        fresh = path.with_name(f".{path.name}.new")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            pyarrow.parquet.write_table(table, fresh, compression="zstd")
            os.replace(fresh, path)
        except OSError as error:
            raise DedupError(f"cannot write {path}: {error.strerror or error}") from error
        finally:
            fresh.unlink(missing_ok=True)
        files.append(path)
    return files


def _kind(pyarrow: Any, column: str) -> Any:
    return pyarrow.int64() if column in WHOLE else pyarrow.float64() if column in FRACTIONS else pyarrow.string()


def _values(column: str, rows: Sequence[Row]) -> list[Any]:
    return [None if row[column] == "" else row[column] for row in rows]
