"""A report folder read back: its tables with numbers as numbers, the facts of its run, and its stories."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import quote

from dedup.decisions import DECISIONS_FILE, Decision, read_decisions
from dedup.errors import SourceError
from dedup.records import COPY_GRADES, Grade
from dedup.report.findings import one_line
from dedup.report.summary import Figures
from dedup.report.tables import ALONE
from dedup.report.wording import moment
from dedup.report.writer import is_report

__all__ = [
    "DATES",
    "FRACTIONS",
    "WHOLE",
    "Row",
    "Stored",
    "Story",
    "Value",
    "cluster_anchor",
    "day",
    "number",
    "pair_anchor",
    "read_report",
]

Value = str | int | float | None
#: One row of a table by its columns; numbers that are not known are None.
Row = dict[str, Value]

WHOLE = frozenset({"longest_run", "shared_words", "shared_quotes", "passages", "words", "furniture_words"})
FRACTIONS = frozenset(
    {"confidence", "jaccard", "containment_a", "containment_b", "cosine", "rare_overlap", "source_probability"}
)
DATES = frozenset({"a_date", "b_date", "published"})

#: The tables and the columns without which nothing can be said.
_TABLES = {
    "pairs": ("a", "b", "grade"),
    "clusters": ("cluster_id", "article_id"),
    "articles": ("article_id", "status"),
    "skipped": ("source", "reason"),
}
#: Characters of a passage that stands for a title.
_TITLE = 90
#: Cells as the tables write them when they could be formulas: one apostrophe too many.
_GUARDED = re.compile(r"'+\s*[=+\-@＝＋－＠]")


@dataclass(frozen=True, slots=True)
class Story:
    """A cluster as clusters.csv has it: the rows of its members, the source or representative first."""

    id: str
    members: tuple[Row, ...]

    @property
    def head(self) -> Row:
        """The source or representative."""
        return self.members[0]

    @property
    def outlets(self) -> list[str]:
        """The outlets of the members, as far as they are known."""
        return sorted({str(row["outlet"]) for row in self.members if row.get("outlet")})

    @property
    def in_order(self) -> list[Row]:
        """The members by time; undated ones last."""
        latest = datetime.max.replace(tzinfo=UTC)

        def age(row: Row) -> tuple[datetime, str]:
            return moment(row.get("published")) or latest, str(row["article_id"])

        return sorted(self.members, key=age)


@dataclass(frozen=True)
class Stored:
    """What a report folder holds."""

    folder: Path
    pairs: list[Row]
    clusters: list[Row]
    articles: list[Row]
    skipped: list[Row]
    run: Mapping[str, Any]
    columns: Mapping[str, Sequence[str]]
    """The columns of each table, in order."""
    decisions: list[Decision] = field(default_factory=list)

    @property
    def tables(self) -> Iterator[tuple[str, Sequence[str], list[Row]]]:
        """(name, columns, rows) of each table."""
        for name, columns in self.columns.items():
            yield name, columns, getattr(self, name)

    def to_be_read(self, table: str) -> list[Row]:
        """The rows of a table in an order for people: the strongest pairs and the largest clusters first."""
        if table == "pairs":
            return sorted(self.pairs, key=_strength)
        if table == "clusters":
            in_stories = [row for story in self.stories for row in story.members]
            return in_stories + [row for row in self.clusters if str(row["cluster_id"]).startswith(ALONE)]
        rows: list[Row] = getattr(self, table)
        return rows

    @cached_property
    def stories(self) -> list[Story]:
        """The clusters, largest first."""
        members: dict[str, list[Row]] = {}
        for row in self.clusters:
            if not str(row["cluster_id"]).startswith(ALONE):
                members.setdefault(str(row["cluster_id"]), []).append(row)
        stories = [Story(id, tuple(rows)) for id, rows in members.items()]
        return sorted(stories, key=lambda story: (-len(story.members), story.id))

    @cached_property
    def home(self) -> dict[str, str]:
        """The cluster of each article that is in one."""
        return {str(row["article_id"]): story.id for story in self.stories for row in story.members}

    @property
    def figures(self) -> Figures:
        """The same figures as the report itself gives."""
        states = Counter(str(row["status"]) for row in self.articles)
        grades = Counter(str(row["grade"]) for row in self.pairs)
        sizes = [len(story.members) for story in self.stories]
        notes = sum(row.get("stage") == "note" for row in self.skipped)
        return Figures(
            articles=len(self.articles),
            copies=states["copy"],
            related=states["related"],
            unique=states["unique"],
            short=states["too short to judge"],
            clusters=len(sizes),
            clustered=sum(sizes),
            skipped=len(self.skipped) - notes,
            notes=notes,
            pairs={grade.value: grades[grade.value] for grade in Grade if grades[grade.value]},
        )

    def title(self, story: Story) -> str:
        """The first title of a member; where none has one, the opening of the passage that tells most."""
        titles = (str(row["title"]) for row in story.members if row.get("title"))
        passages = (str(row["top_passage"]) for row in self.copies_inside(story) if row.get("top_passage"))
        return next(chain(titles, (one_line(passage, _TITLE) for passage in passages)), str(story.head["article_id"]))

    def copies_inside(self, story: Story) -> list[Row]:
        """The pairs of copies between members of a story, strongest first."""
        return self._inside.get(story.id, [])

    @cached_property
    def _inside(self) -> dict[str, list[Row]]:
        """The pairs of copies inside each cluster."""
        found: dict[str, list[Row]] = {}
        for row in self.to_be_read("pairs"):
            cluster = self.home.get(str(row["a"]))
            if cluster and cluster == self.home.get(str(row["b"])) and row["grade"] in COPY_GRADES:
                found.setdefault(cluster, []).append(row)
        return found


_RANK: dict[Value, int] = {grade.value: place for place, grade in enumerate(Grade)}


def _strength(row: Row) -> tuple[int, float, str, str]:
    """Strongest first: by grade, then by confidence, then by ids."""
    return (_RANK.get(row["grade"], len(_RANK)), -number(row, "confidence"), str(row["a"]), str(row["b"]))


def number(row: Row, column: str) -> float:
    """The number in a column, 0 where none is known."""
    value = row.get(column)
    return float(value) if isinstance(value, int | float) else 0.0


def read_report(folder: Path) -> Stored:
    """The report in a folder.

    Raises:
        SourceError: it is no report of ours, or a table of it cannot be read.
    """
    if not folder.is_dir() or not is_report(folder):
        raise SourceError(f"{folder} is no report: it must be a folder that `dedup scan` wrote")
    columns: dict[str, Sequence[str]] = {}
    rows: dict[str, list[Row]] = {}
    for name, needed in _TABLES.items():
        columns[name], rows[name] = _table(folder / f"{name}.csv", needed)
    path = folder / DECISIONS_FILE
    decisions = read_decisions(path) if path.exists() else []
    run = json.loads((folder / "run.json").read_bytes())
    return Stored(folder, **rows, run=run, columns=columns, decisions=decisions)


def _table(path: Path, needed: Sequence[str]) -> tuple[Sequence[str], list[Row]]:
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            header = next(reader, [])
            if missing := [name for name in needed if name not in header]:
                raise SourceError(f"{path} has no column {missing[0]!r}; it has {', '.join(header) or 'no columns'}")
            makers = [_maker(name) for name in header]
            rows = [
                {name: make(cell) for name, make, cell in zip(header, makers, cells, strict=True)} for cells in reader
            ]
    except OSError as error:
        raise SourceError(f"cannot read {path}: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error, ValueError) as error:
        raise SourceError(f"{path} is not a table of a report: {error}") from error
    return header, rows


def _maker(column: str) -> Any:
    """What makes the value of a cell."""
    if column in WHOLE:
        return lambda cell: int(cell) if cell else None
    if column in FRACTIONS:
        return lambda cell: float(cell) if cell else None
    return lambda cell: cell[1:] if cell.startswith("'") and _GUARDED.match(cell) else cell


def day(value: Value) -> date | None:
    """The day, of a date without a time."""
    found = moment(value)
    return found.date() if found and isinstance(value, str) and len(value) <= 10 else None


def cluster_anchor(cluster_id: str) -> str:
    """Where report.html shows a cluster."""
    return "#cluster-" + quote(cluster_id, safe="!'()*-._~")


def pair_anchor(a: str, b: str) -> str:
    """Where report.html shows a pair.

    Example:
        >>> pair_anchor("feed.jsonl#1", "Müller/x")
        '#pair-feed.jsonl%231%7CM%C3%BCller%2Fx'
    """
    return "#pair-" + quote(f"{a}|{b}", safe="!'()*-._~")
