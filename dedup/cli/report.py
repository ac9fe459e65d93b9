"""dedup report: a finished report as a workbook, a text, one document, Parquet tables, pictures."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dedup.cli.output import end_with_the_pipe
from dedup.errors import ConfigError, DedupError, MissingExtraError

if TYPE_CHECKING:
    from dedup.report.formats.stored import Stored

__all__ = ["Format", "report"]


class Format(StrEnum):
    """What a report can be turned into."""

    XLSX = "xlsx"
    MD = "md"
    JSON = "json"
    PARQUET = "parquet"


#: Where a format is written in the report folder when nobody says where; the others go to stdout.
_DEFAULT = {Format.XLSX: "report.xlsx", Format.PARQUET: "parquet"}


def report(
    reports: Annotated[Path, typer.Argument(help="A folder that `dedup scan` wrote.")],
    format: Annotated[
        Format | None, typer.Option(help="xlsx: a workbook; md: a text for a ticket; json; parquet.")
    ] = None,
    figures: Annotated[
        bool, typer.Option("--figures", help="Draw the flow between outlets and the largest stories, SVG and PNG.")
    ] = False,
    cluster: Annotated[str | None, typer.Option(help="Of md and the figures: this cluster only.")] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="File, or folder for parquet and figures.  [default: in REPORTS; stdout for md and json]"),
    ] = None,
) -> None:
    """Turn a finished report into a workbook, a text, a document or pictures."""
    from dedup.report.formats.stored import read_report

    _check(format, figures, cluster, out)
    stored = read_report(reports)
    if format is not None:
        _write(stored, format, cluster or "", out)
    if figures:
        _draw(stored, out if out is not None and format is None else reports / "figures", cluster or "")


def _check(format: Format | None, figures: bool, cluster: str | None, out: Path | None) -> None:
    """Refuse what cannot be meant."""
    if format is None and not figures:
        raise ConfigError(f"report needs --format ({', '.join(Format)}) or --figures")
    if cluster is not None and format not in (None, Format.MD):
        raise ConfigError(f"--cluster goes with --format md and --figures, not with {format}")
    wants_folder = format in (None, Format.PARQUET)
    if out is not None and out.exists() and out.is_dir() != wants_folder:
        raise ConfigError(f"--out takes the name of a {'folder' if wants_folder else 'file'}, and {out} is none")
    if out is not None and not wants_folder and not out.absolute().parent.is_dir():
        raise ConfigError(f"--out cannot be written: there is no folder {out.parent}")


def _write(stored: Stored, format: Format, cluster: str, out: Path | None) -> None:
    from dedup.report.formats import as_markdown, document_text, write_parquet, write_workbook

    path = out if out is not None else stored.folder / _DEFAULT[format] if format in _DEFAULT else None
    if format is Format.XLSX and path is not None:
        write_workbook(stored, path)
    elif format is Format.PARQUET and path is not None:
        write_parquet(stored, path)
    else:
        _put(as_markdown(stored, cluster) if format is Format.MD else document_text(stored), path)
    if path is not None:
        typer.echo(path)


def _put(text: str, path: Path | None) -> None:
    """Write a text to a file, or to stdout."""
    if path is None:
        end_with_the_pipe()
        typer.echo(text, nl=False)
        return
    try:
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(text)
    except OSError as error:
        raise DedupError(f"cannot write {path}: {error.strerror}") from error


def _draw(stored: Stored, folder: Path, cluster: str) -> None:
    from dedup.report.formats import write_figures
    from dedup.report.formats.pictures import can_make_png

    for path in write_figures(stored, folder, cluster):
        typer.echo(path)
    if not stored.stories:
        typer.echo("Nothing to draw: no two articles make a story.", err=True)
    elif not can_make_png():
        typer.echo(f"No PNG: {MissingExtraError('resvg-py', 'figures')}", err=True)
