"""dedup evaluate: how right a report is, against pairs or clusters that people labelled."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from dedup.cli.output import end_with_the_pipe
from dedup.errors import ConfigError, DedupError

__all__ = ["evaluate"]


def evaluate(
    reports: Annotated[Path, typer.Argument(help="A folder that `dedup scan` wrote.")],
    pairs: Annotated[Path | None, typer.Option(help="CSV of graded pairs: a, b, grade.")] = None,
    clusters: Annotated[Path | None, typer.Option(help="CSV of stories: article_id, story.")] = None,
    floor: Annotated[
        list[str] | None, typer.Option(help="Exit 1 below this, as FIGURE=VALUE: f1=0.95. May be repeated.")
    ] = None,
    html: Annotated[Path | None, typer.Option(help="Also write a page with plots to this file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Score a report against labelled pairs or clusters."""
    from dedup.evaluate import evaluate_clusters, evaluate_pairs, render_evaluation

    if pairs is None and clusters is None:
        raise ConfigError("evaluate needs --pairs GOLD.csv or --clusters TRUTH.csv")
    floors = dict(_floor(text) for text in floor or [])
    of_pairs = evaluate_pairs(reports, pairs) if pairs is not None else None
    of_clusters = evaluate_clusters(reports, clusters) if clusters is not None else None
    scores = [score for score in (of_pairs, of_clusters) if score is not None]
    figures: dict[str, Any] = {name: value for score in scores for name, value in score.to_dict().items()}
    if html is not None:
        _write(html, render_evaluation(of_pairs, of_clusters, str(reports)))
    end_with_the_pipe()
    if as_json:
        typer.echo(json.dumps(figures, ensure_ascii=False, indent=2))
    else:
        typer.echo("\n".join(line for score in scores for line in score.lines()))
    unknown = sorted(set(floors) - {name for name, value in figures.items() if isinstance(value, int | float)})
    if unknown:
        names = ", ".join(name for name, value in figures.items() if isinstance(value, int | float))
        raise ConfigError(f"no such figure: {', '.join(unknown)}; there are {names}")
    missed = [f"{name} {figures[name]} is below {bar}" for name, bar in floors.items() if figures[name] < bar]
    if missed:
        typer.echo("; ".join(missed), err=True)
        raise typer.Exit(1)


def _write(path: Path, page: str) -> None:
    if path.is_dir():
        raise ConfigError(f"--html takes the name of a file, and {path} is a folder")
    try:
        path.write_text(page, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise DedupError(f"cannot write {path}: {error.strerror}") from error


def _floor(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    try:
        return name, float(value)
    except ValueError:
        raise ConfigError(f"--floor takes FIGURE=VALUE, for example f1=0.95, not {text!r}") from None
