"""The command `dedup`: one file for each subcommand; only this package prints, draws progress and exits."""

from __future__ import annotations

import os
import sys

import typer

from dedup.cli.compare import compare
from dedup.cli.evaluate import evaluate
from dedup.cli.index_care import index
from dedup.cli.report import report
from dedup.cli.review import review
from dedup.cli.scan import scan
from dedup.cli.serve import serve
from dedup.cli.watch import watch
from dedup.errors import DedupError

__all__ = ["app", "main"]

app = typer.Typer(
    name="dedup",
    help="Find copies among news articles: identical, lightly edited, partly copied and rewritten, with the reasons.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(scan)
app.command()(compare)
app.command()(evaluate)
app.command()(report)
app.command()(review)
app.command()(serve)
app.add_typer(index)
app.command()(watch)


def _version(wanted: bool) -> None:
    if wanted:
        from dedup import __version__

        typer.echo(f"dedup {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Show the version."),
) -> None:
    """Nothing but --version; the work is in the commands."""


def main() -> None:
    """Run the command; a person never sees a traceback, unless DEDUP_DEBUG is set."""
    try:
        app()
    except DedupError as error:
        _fail(str(error), 2)
    except SystemExit as end:
        if end.code == 130:  # Ctrl-C
            scanning = "scan" in sys.argv[1:2]
            kept = "reports written earlier are untouched, and --resume goes on from here"
            _fail(f"stopped; {kept if scanning else 'what was finished stays'}", 130)
        raise
    except MemoryError:
        _fail("not enough memory; scan fewer articles at a time", 70)
    except OSError as error:
        _fail(f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}", 70)
    except Exception as error:
        if os.environ.get("DEDUP_DEBUG"):
            raise
        _fail(f"unexpected {type(error).__name__}: {error}. Please report it; DEDUP_DEBUG=1 shows where", 70)


def _fail(message: str, code: int) -> None:
    print(f"dedup: {message}", file=sys.stderr)
    sys.exit(code)
