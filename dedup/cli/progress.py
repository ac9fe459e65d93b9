"""Progress bars on stderr, with rates and the time left."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

if TYPE_CHECKING:
    from rich.progress import Task

    from dedup.pipeline import Track

__all__ = ["progress"]

_WORDS = {
    "read": "Reading articles",
    "add": "Adding articles",
    "verify": "Verifying pairs",
    "explain": "Explaining matches",
    "events": "Comparing events",
}


class _Rate(TextColumn):
    """How many a second."""

    def __init__(self) -> None:
        super().__init__("")

    def render(self, task: Task) -> str:  # type: ignore[override]
        return f"{task.speed:,.0f}/s" if task.speed else ""


@contextmanager
def progress() -> Iterator[Track]:
    """A `track` function that draws one bar for each stage."""
    columns = (
        TextColumn("{task.description:20}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def track(stage: str, done: int, total: int | None) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(_WORDS.get(stage, stage), total=total)
            bars.update(tasks[stage], advance=done, total=total)

        yield track
