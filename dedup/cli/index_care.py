"""dedup index: the commands that look after an index as a whole."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from dedup.cli.index import AsJson, Options, Quiet, Where, bar, called, existing, index, opened_file
from dedup.cli.output import end_with_the_pipe
from dedup.config import Config
from dedup.errors import DedupError

if TYPE_CHECKING:
    from dedup.index.overview import Stats

__all__ = ["index"]

File = Annotated[str, typer.Argument(metavar="FILE", help="A file of JSON lines; '-' for standard input or output.")]


@index.command()
def stats(where: Where, as_json: AsJson = False) -> None:
    """Show how many articles, outlets, stories and copies an index holds, its size, and what made it."""
    with existing(where, read_only=True) as opened:
        figures = opened.stats()
    end_with_the_pipe()
    if as_json:
        typer.echo(json.dumps(asdict(figures), ensure_ascii=False, indent=2))
        return
    rows = list(_figures(figures))
    wide = max(len(name) for name, _ in rows) + 2
    for name, value in rows:
        typer.echo(f"{name:<{wide}}{value}")


def _figures(figures: Stats) -> Iterator[tuple[str, str]]:
    from dedup.records import Grade
    from dedup.report.summary import plural
    from dedup.report.wording import when

    yield "articles", f"{figures.articles:,}"
    yield "outlets", f"{figures.outlets:,}"
    yield "with copies", f"{figures.in_stories:,} in {plural(figures.stories, 'story', 'stories')}"
    for grade, number in figures.pairs.items():
        yield f"pairs: {Grade(grade).verdict}", f"{number:,}"
    if figures.first_published:
        yield "published", f"{when(figures.first_published)} to {when(figures.last_published)}"
    if figures.unsettled:
        yield "outlets to settle", f"{figures.unsettled:,} (`dedup index compact` does it)"
    yield "size", f"{_megabytes(figures.bytes)}, of which texts {_megabytes(figures.text_bytes)}"
    yield "made by", f"dedup {figures.made_by.get('dedup', '?')}, layout {figures.made_by.get('format', '?')}"


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"


@index.command()
def verify(
    where: Where,
    quick: Annotated[bool, typer.Option("--quick", help="Look at the tables only, not into every article.")] = False,
    quiet: Quiet = False,
) -> None:
    """Look for damage: a line for each, and exit 1 if there is any."""
    with existing(where, read_only=True) as opened:
        damage = opened.verify(quick=quick)
        name = called(opened, where)
    for line in damage:
        typer.echo(line)
    if damage:
        raise typer.Exit(1)
    if not quiet:
        typer.echo(f"{name} is whole.")


@index.command()
def compact(where: Where, quiet: Quiet = False) -> None:
    """Learn the furniture of outlets that have grown, file everything in order, give back the room of what is gone."""
    with existing(where) as opened:
        before = opened.stats().bytes
        opened.compact()
        after = opened.stats().bytes
    if not quiet:
        typer.echo(f"{_megabytes(before)} before, {_megabytes(after)} now.")


@index.command()
def export(where: Where, file: File, quiet: Quiet = False) -> None:
    """Write all articles as JSON lines, from which `import` makes the index again."""
    from dedup.report.summary import plural

    with existing(where, read_only=True) as opened, _written(file) as out:
        count = opened.export(out)
    if not quiet:
        typer.echo(f"Wrote {plural(count, 'article')} to {'standard output' if file == '-' else file}.", err=True)


@index.command("import")
def load(where: Where, file: File, config: Options = None, quiet: Quiet = False) -> None:
    """Put the articles of an exported file in; a new index is made if there is none."""
    from dedup.index import Index
    from dedup.report.summary import plural

    given = Config.from_toml(config) if config else None
    with opened_file(file) as lines, Index.open(where, config=given) as opened:
        count = opened.load(lines)
        total = len(opened)
        name = called(opened, where)
    if not quiet:
        typer.echo(f"Added {plural(count, 'article')} to {name}. It holds {plural(total, 'article')}.")


@index.command()
def upgrade(where: Where, quiet: Quiet = False) -> None:
    """Make an index of an older version anew, from the texts in it."""
    from dedup.index import Index
    from dedup.report.summary import plural

    with bar(quiet) as track:
        count = Index.upgrade(where, track=lambda number: track("add", number, None))
    if not quiet:
        typer.echo(f"Made anew from {plural(count, 'article')}." if count else "There is nothing to upgrade.")


@contextmanager
def _written(path: str) -> Iterator[BinaryIO]:
    """A file that appears under its name when it is complete, or standard output for `-`."""
    if path == "-":
        end_with_the_pipe()
        yield sys.stdout.buffer
        sys.stdout.flush()
        return
    target = Path(path)
    fresh = target.with_name(f".{target.name}.part")
    try:
        with open(fresh, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(target)
    except OSError as error:
        raise DedupError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        with suppress(OSError):
            fresh.unlink()
