"""dedup scan: from files to reports."""

from __future__ import annotations

import gc
import json
import logging
import os
import re
import sys
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dedup.cli.output import days, end_with_the_pipe, field_names
from dedup.config import Config
from dedup.errors import ConfigError

if TYPE_CHECKING:
    from dedup.decisions import Decision
    from dedup.pipeline import Track
    from dedup.result import Result
    from dedup.store import Store

__all__ = ["scan"]

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(m|g)i?b?")
_UNITS = {"m": 1 << 20, "g": 1 << 30}


def scan(
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH", help="Folders, files, globs; '-' reads JSON lines from stdin.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for the reports; an older report there is replaced.")] = Path(
        "reports"
    ),
    jobs: Annotated[int | None, typer.Option(help="Worker processes.  [default: one for each processor]")] = None,
    config: Annotated[Path | None, typer.Option(help="A TOML file of options.")] = None,
    field: Annotated[
        list[str] | None, typer.Option(help="Name of a field in your files, as OURS=THEIRS: text=article_body.")
    ] = None,
    window: Annotated[
        str | None, typer.Option(help="Compare only articles published this close together: 36h, 7d, 2w.")
    ] = None,
    related: Annotated[
        bool, typer.Option("--related", help="Also report articles about one event that were written independently.")
    ] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on where an earlier scan into this folder was stopped.")
    ] = False,
    cache: Annotated[
        Path | None,
        typer.Option(help="Keep cleaned articles in this folder: a later scan reads only new ones."),
    ] = None,
    decisions: Annotated[
        list[Path] | None, typer.Option(help="A CSV file of what the desk decided; may be repeated.")
    ] = None,
    max_memory: Annotated[
        str | None, typer.Option(help="Work in parts above this: 6G, 900M.  [default: half of the machine's memory]")
    ] = None,
    max_bytes: Annotated[int | None, typer.Option(help="Skip articles larger than this.")] = None,
    extractor: Annotated[
        str | None, typer.Option(help="What finds the article in a web page: accurate or fast.  [default: accurate]")
    ] = None,
    fail_on_duplicates: Annotated[
        bool, typer.Option("--fail-on-duplicates", help="Exit 1 if copies are found.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 3 if any input had to be skipped.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print a summary as JSON.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be read, and stop.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Also list what was discounted as furniture.")
    ] = False,
) -> None:
    """Find the copies among articles and write the reports."""
    logging.basicConfig(level=logging.INFO if verbose else logging.WARNING, format="%(name)s: %(message)s")
    options = _options(config, jobs, field or [], window, max_bytes, extractor, related, cache, max_memory)
    decided = _decisions(decisions or ([Path(options.decisions)] if options.decisions else []))
    if dry_run:
        _show_sources(paths, options)
        return
    gc.disable()  # a run makes millions of small records and no cycles to speak of; looking for them takes seconds
    from dedup.kernels import compiled
    from dedup.pipeline import find_duplicates
    from dedup.report import check_target

    check_target(out)
    unused = _unused(out, decided)
    if not quiet and not compiled():
        typer.echo(
            "The first scan on this machine prepares the program for it; that takes up to half a minute.", err=True
        )
    work = _work(out, resume)
    with _progress(quiet) as track:
        result = find_duplicates(paths, config=options, track=track, work=work, decisions=decided)
    files = result.write(out, options.workers)
    gc.freeze()  # or Python would look for cycles once more on its way out
    end_with_the_pipe()
    if not quiet:
        _warn([*result.stats["warnings"], *unused])
    if as_json:
        typer.echo(json.dumps(_summary(result, out), ensure_ascii=False, indent=2))
    elif not quiet:
        _print(result, files, out, verbose)
    work.clear()
    if strict and any(row.stage != "note" for row in result.skipped):
        raise typer.Exit(3)
    if fail_on_duplicates and result.stats["counts"]["copies"]:
        raise typer.Exit(1)


def _decisions(files: list[Path]) -> list[Decision]:
    """What the desk decided, in all files together; what stands in two of them counts once."""
    from dedup.decisions import read_decisions

    return list(dict.fromkeys(decision for path in files for decision in read_decisions(path)))


def _unused(out: Path, given: list[Decision]) -> list[str]:
    """A sentence on the decisions that lie in the report folder and were not given."""
    from dedup.decisions import DECISIONS_FILE
    from dedup.report.summary import plural

    path = out / DECISIONS_FILE
    if not path.exists():
        return []
    try:
        number = len(set(_decisions([path])) - set(given))
    except ConfigError as error:
        if given:
            raise  # the report would have to carry on what it cannot read
        return [f"{error}; the file stays as it is"]
    if not number:
        return []
    return [f"{plural(number, 'decision')} in {path} not applied, but kept; apply them with --decisions {path}"]


def _warn(warnings: list[str]) -> None:
    if warnings:
        more = f" ({len(warnings) - 1:,} more in run.json)" if len(warnings) > 1 else ""
        typer.echo(f"warning: {warnings[0]}{more}", err=True)


def _progress(quiet: bool) -> AbstractContextManager[Track]:
    if quiet or not sys.stderr.isatty():
        return nullcontext(_untracked)
    from dedup.cli.progress import progress

    return progress()


def _untracked(stage: str, done: int, total: int | None) -> None:
    pass


def _options(
    path: Path | None,
    jobs: int | None,
    fields: list[str],
    window: str | None,
    max_bytes: int | None,
    extractor: str | None,
    related: bool,
    cache: Path | None,
    max_memory: str | None,
) -> Config:
    """The file's options with those of the command line laid over them."""
    config = Config.from_toml(path) if path else Config()
    read = replace(
        config.read,
        fields={**config.read.fields, **field_names(fields)},
        max_bytes=max_bytes if max_bytes is not None else config.read.max_bytes,
        extractor=extractor if extractor is not None else config.read.extractor,
    )
    candidates = (
        replace(config.candidates, window_days=days(window, "--window")) if window is not None else config.candidates
    )
    chosen = jobs if jobs is not None else config.jobs if path else 0
    if cache is not None:
        config = replace(config, cache=str(cache))
    if max_memory is not None:
        config = replace(config, max_memory=_bytes(max_memory))
    return replace(config, read=read, candidates=candidates, jobs=chosen, related=related or config.related)


def _bytes(size: str) -> int:
    found = _SIZE.fullmatch(size.strip().lower())
    amount = int(float(found[1]) * _UNITS[found[2]]) if found else 0
    if amount < _UNITS["m"]:
        raise ConfigError(f"--max-memory takes a number and M or G, for example 6G, not {size!r}")
    return amount


def _work(out: Path, resume: bool) -> Store:
    """Where finished stages are kept until the report is written: beside it, so that a later scan finds them."""
    from dedup.store import Store

    target = out.resolve()
    store = Store(target.parent / f".{target.name or 'report'}.work")
    if not os.access(target.parent, os.W_OK | os.X_OK) and target.parent.exists():
        return Store.temporary()
    if not resume:
        store.clear()
    return store


def _show_sources(paths: list[str], config: Config) -> None:
    from dedup.readers import find_sources

    sources, skipped = find_sources(paths, config.read)
    for source in sources:
        typer.echo(f"{source.size:>12,}  {source.name}")
    for row in skipped:
        typer.echo(f"{'skipped':>12}  {row.source}: {row.reason}")
    size = sum(source.size for source in sources)
    typer.echo(f"{len(sources):,} files, {size:,} bytes would be read; {len(skipped):,} skipped.")


def _summary(result: Result, out: Path) -> dict[str, Any]:
    from dedup.report import count, headline

    figures = count(result.findings)
    clusters = [
        {"id": c.id, "articles": len(c.members), "title": c.title, "likely_source": c.likely_source}
        for c in result.clusters[:10]
    ]
    return {
        "headline": headline(figures),
        "articles": figures.articles,
        "copies": figures.copies,
        "clusters": figures.clusters,
        **({"events": len(result.events)} if result.stats["options"]["related"] else {}),
        "pairs": figures.pairs,
        "too_short": figures.short,
        "skipped": figures.skipped,
        **({"decisions": result.stats["decisions"]} if "decisions" in result.stats else {}),
        "largest_clusters": clusters,
        "reports": str(out),
        "seconds": result.stats["seconds"],
    }


def _print(result: Result, files: list[Path], out: Path, verbose: bool) -> None:
    from dedup.records import Grade
    from dedup.report import count, headline, why_nothing_matched
    from dedup.report.summary import decided, plural

    figures = count(result.findings)
    typer.echo(headline(figures))
    for grade, number in figures.pairs.items():
        typer.echo(f"  {plural(number, 'pair'):>12}  {Grade(grade).verdict}")
    for sentence in why_nothing_matched(result.findings):
        typer.echo(f"  {sentence}")
    if result.clusters:
        typer.echo("Largest stories:")
        titles = {
            cluster.id: cluster.title or _first_words(result, cluster.representative) for cluster in result.clusters[:5]
        }
        for cluster in result.clusters[:5]:
            typer.echo(f"  {plural(len(cluster.members), 'article'):>12}  {titles[cluster.id]}")
    if result.events:
        typer.echo(
            f"{plural(len(result.events), 'event')} reported more than once, copies and independent reports together."
        )
    if figures.short:
        typer.echo(f"{plural(figures.short, 'article')} too short to judge: compared by exact text and title only.")
    for sentence in decided(result.stats.get("decisions")):
        typer.echo(sentence)
    _print_skipped(result)
    if verbose:
        _print_rate(result)
        _print_furniture(result)
    names = ", ".join(path.name for path in files)
    typer.echo(f"Reports in {out}: {names}")


def _first_words(result: Result, article_id: str) -> str:
    from bisect import bisect_left

    from dedup.report.wording import label

    place = bisect_left(range(len(result.articles)), article_id, key=lambda i: result.articles[i].id)
    return label(result.articles[place])


def _print_skipped(result: Result) -> None:
    from collections import Counter

    from dedup.report.summary import plural

    reasons = Counter(row.reason for row in result.skipped if row.stage != "note")
    notes = Counter(row.reason for row in result.skipped if row.stage == "note")
    if reasons:
        why = "; ".join(f"{number:,} {reason}" for reason, number in reasons.most_common())
        typer.echo(f"{plural(sum(reasons.values()), 'input')} skipped (see skipped.csv): {why}")
    if notes:
        why = "; ".join(f"{number:,} {reason}" for reason, number in notes.most_common(6))
        typer.echo(f"{plural(sum(notes.values()), 'remark')} on articles that were kept (see skipped.csv): {why}")


def _print_rate(result: Result) -> None:
    counts, seconds = result.stats["counts"], result.stats["seconds"]["read"]
    what, number = ("web pages", counts["pages"]) if "pages" in counts else ("articles", counts["articles"])
    extractor = f", extractor {result.stats['options']['read']['extractor']}" if "pages" in counts else ""
    typer.echo(f"Read {number:,} {what} in {seconds:.1f} s: {number / max(seconds, 0.001):,.0f} a second{extractor}.")


def _print_furniture(result: Result) -> None:
    from dedup.report.findings import one_line

    typer.echo("Discounted as furniture:")
    for article in result.articles:
        for piece in article.furniture:
            typer.echo(f"  {article.id}  {piece.kind}: {one_line(article.body[piece.start : piece.end], 80)}")
