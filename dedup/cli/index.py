"""dedup index: articles into a disk index and out of it, and what the index says of others."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from dedup.cli.output import days, end_with_the_pipe, field_names, plain
from dedup.config import Config
from dedup.errors import ConfigError, SourceError

if TYPE_CHECKING:
    from dedup.filing import Track
    from dedup.index import Index
    from dedup.records import Skipped

__all__ = [
    "AsJson",
    "Fields",
    "Options",
    "Quiet",
    "Where",
    "bar",
    "called",
    "existing",
    "index",
    "opened_file",
    "options_of",
]

index = typer.Typer(
    name="index",
    help="Keep articles in an index on disk, and ask it what other articles are to them.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Where = Annotated[str, typer.Argument(metavar="INDEX", help="A file, sqlite:///FILE or postgresql://SERVER/DATABASE.")]
Paths = Annotated[
    list[str], typer.Argument(metavar="PATH", help="Folders, files, globs; '-' reads JSON lines from stdin.")
]
Options = Annotated[Path | None, typer.Option(help="A TOML file of options.")]
Fields = Annotated[
    list[str] | None, typer.Option(help="Name of a field in your files, as OURS=THEIRS: text=article_body.")
]
Strict = Annotated[bool, typer.Option("--strict", help="Exit 3 if any input had to be skipped.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@index.command()
def add(
    where: Where,
    paths: Paths,
    config: Options = None,
    field: Fields = None,
    strict: Strict = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Put the articles of files into an index; a new one is made if there is none."""
    from dedup.filing import add_paths
    from dedup.index import Index
    from dedup.report.summary import plural

    options, given = options_of(config, field)
    with Index.open(where, config=given) as opened, bar(quiet) as track:
        added = add_paths(opened, paths, options, track)
        total = len(opened)
    end_with_the_pipe()
    _list_skipped(added.skipped, quiet)
    missed = [row for row in added.skipped if row.stage != "note"]
    if as_json:
        figures = {"read": added.read, "added": added.changed, "skipped": len(missed), "articles": total}
        typer.echo(json.dumps(figures))
    elif not quiet:
        there = added.read - added.changed
        typer.echo(
            f"Added {plural(added.changed, 'article')} to {called(opened, where)}"
            + (f"; {there:,} {'was' if there == 1 else 'were'} there already" if there else "")
            + f". It holds {plural(total, 'article')}."
        )
    if strict and missed:
        raise typer.Exit(3)


@index.command()
def check(
    where: Where,
    paths: Paths,
    config: Options = None,
    field: Fields = None,
    related: Annotated[
        bool, typer.Option("--related", help="Also look for independent reports of the same event.")
    ] = False,
    fail_on_duplicates: Annotated[
        bool, typer.Option("--fail-on-duplicates", help="Exit 1 if copies are found.")
    ] = False,
    strict: Strict = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything, one JSON object a line.")] = False,
) -> None:
    """Say of each article what it is to those in an index: one line each; nothing is written."""
    from dedup.filing import articles_of
    from dedup.verdicts import as_values, is_copy, sentence

    options, given = options_of(config, field)
    skipped: list[Skipped] = []
    copies = 0
    with existing(where, read_only=True, config=given) as opened:
        _, articles = articles_of(paths, options, skipped)
        for article in articles:
            verdict = opened.check(article, related=related)
            copies += is_copy(verdict)
            said = json.dumps(as_values(verdict, article), ensure_ascii=False) if as_json else ""
            typer.echo(said or plain(f"{article.id}: {sentence(verdict, article)}"))
    _list_skipped(skipped, False)
    if strict and any(row.stage != "note" for row in skipped):
        raise typer.Exit(3)
    if fail_on_duplicates and copies:
        raise typer.Exit(1)


@index.command()
def remove(
    where: Where,
    ids: Annotated[list[str] | None, typer.Argument(metavar="ID", help="Ids of articles.")] = None,
    source: Annotated[
        str | None, typer.Option("--from", metavar="FILE", help="A file of ids, one a line; '-' for stdin.")
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Take articles out; nothing of them shows in later checks."""
    from dedup.report.summary import plural

    wanted = list(dict.fromkeys([*(ids or []), *(_lines(source) if source else [])]))
    if not wanted:
        raise ConfigError("remove takes the ids of articles, or --from FILE with one id a line")
    with existing(where) as opened:
        missing = [id for id in wanted if opened.get(id) is None] if len(wanted) <= _LISTED else []
        gone = opened.remove_many(wanted)
    for id in missing:
        typer.echo(f"dedup: no article {id!r} in {called(opened, where)}", err=True)
    if not quiet:
        typer.echo(f"Removed {gone:,} of {plural(len(wanted), 'article')}.")


#: Ids up to which those that are not there are named.
_LISTED = 1000


@index.command()
def expire(
    where: Where,
    before: Annotated[
        str | None, typer.Option(metavar="DATE", help="Take out what was published before: 2031-05-02.")
    ] = None,
    older_than: Annotated[
        str | None, typer.Option(metavar="SPAN", help="Take out what was published longer ago: 36h, 30d, 8w.")
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Take out what was published before a moment; for undated articles their arrival counts."""
    from dedup.report.summary import plural

    if (before is None) == (older_than is None):
        raise ConfigError("expire takes either --before DATE or --older-than SPAN")
    if older_than is not None:
        before = (datetime.now(UTC) - timedelta(days=days(older_than, "--older-than"))).isoformat()
    with existing(where) as opened:
        gone = opened.expire(str(before))
        total = len(opened)
    if not quiet:
        typer.echo(f"Removed {plural(gone, 'article')}; {total:,} {'is' if total == 1 else 'are'} left.")


def options_of(path: Path | None, fields: list[str] | None) -> tuple[Config, Config | None]:
    """The options for reading; and those for the index, None where no file gives any."""
    from dataclasses import replace

    given = Config.from_toml(path) if path else None
    config = given or Config()
    read = replace(config.read, fields={**config.read.fields, **field_names(fields or [])})
    return replace(config, read=read), given


def existing(where: str, *, read_only: bool = False, config: Config | None = None) -> Index:
    from dedup.index import Index

    return Index.open(where, config=config, create=False, read_only=read_only)


def called(opened: Index, where: str) -> str:
    """What to call an index: as the user did, but without a password."""
    return opened.name if "://" in where else where


def bar(quiet: bool) -> AbstractContextManager[Track]:
    """A progress bar, where somebody can see it."""
    if quiet or not sys.stderr.isatty():
        return nullcontext(lambda stage, done, total: None)
    from dedup.cli.progress import progress

    return progress()


def _list_skipped(rows: Iterable[Skipped], quiet: bool) -> None:
    """What had to be skipped, a line each; remarks on articles that were taken only where nothing is to be quiet."""
    for row in rows:
        if row.stage != "note" or not quiet:
            kind, detail = "note" if row.stage == "note" else "skipped", f" ({row.detail})" if row.detail else ""
            typer.echo(plain(f"{kind}: {row.source}: {row.reason}{detail}"), err=True)


def _lines(path: str) -> list[str]:
    with opened_file(path) as file:
        return [line for line in (raw.decode("utf-8-sig", "replace").strip() for raw in file) if line]


@contextmanager
def opened_file(path: str) -> Iterator[BinaryIO]:
    """A file, or standard input for `-`."""
    if path == "-":
        yield sys.stdin.buffer
        return
    try:
        with open(path, "rb") as file:
            yield file
    except FileNotFoundError as error:
        raise SourceError(f"{path!r} does not exist") from error
