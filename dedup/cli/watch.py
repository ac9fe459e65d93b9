"""dedup watch: articles are flagged as they land in a folder."""

from __future__ import annotations

import signal
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from dedup.cli.index import Fields, Options, options_of
from dedup.cli.output import plain

__all__ = ["watch"]


def watch(
    drop: Annotated[Path, typer.Argument(metavar="DROP", help="The folder in which articles land.")],
    index: Annotated[
        str, typer.Option(metavar="INDEX", help="The index to compare with and to add to; made if there is none.")
    ],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the tables of each day.")],
    webhook: Annotated[str, typer.Option(metavar="URL", help="Send each row there, as JSON.")] = "",
    move_to: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Move identical and lightly edited copies there.")
    ] = None,
    settle: Annotated[
        float, typer.Option(metavar="SECONDS", help="How long a file must stay as it is to count as complete.")
    ] = 2.0,
    poll: Annotated[bool, typer.Option("--poll", help="Look at the folder every second: for network drives.")] = False,
    once: Annotated[bool, typer.Option("--once", help="Flag what is there, and end.")] = False,
    related: Annotated[
        bool, typer.Option("--related", help="Also look for independent reports of the same event.")
    ] = False,
    config: Options = None,
    field: Fields = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but warnings and errors.")] = False,
) -> None:
    """Flag each article as it lands in a folder: a line here, a row in the table of the day."""
    from dedup.kernels import compiled
    from dedup.watch import Plan
    from dedup.watch import watch as watch_folder

    reading, given = options_of(config, field)
    plan = Plan(
        drop=drop,
        out=out,
        index=index,
        move_to=move_to,
        webhook=webhook,
        settle=settle,
        poll=poll,
        once=once,
        related=related,
        reading=reading,
        options=given,
    )
    if not quiet and not compiled():
        typer.echo(
            "The first article on this machine takes up to half a minute: the program is prepared for it.", err=True
        )
    stop = threading.Event()

    def tell(kind: str, sentence: str) -> None:
        sentence = plain(sentence)
        if kind == "warning" or (kind == "skipped" and sentence.startswith("skipped")):
            print(f"dedup: {sentence}", file=sys.stderr, flush=True)
        elif not quiet and kind == "note":
            print(sentence, file=sys.stderr, flush=True)
        elif not quiet and kind in ("flagged", "moved"):
            try:
                print(sentence, flush=True)
            except BrokenPipeError:  # nobody reads any more
                stop.set()

    with _ending_on_signals(stop):
        counts = watch_folder(plan, tell=tell, stop=stop)
    if not quiet:
        print(_summary(counts), file=sys.stderr)


@contextmanager
def _ending_on_signals(stop: threading.Event) -> Iterator[None]:
    """Let SIGTERM, and Ctrl-C once, end the watch when the article at hand is done; a second Ctrl-C ends it at once."""

    def end(number: int, frame: FrameType | None) -> None:
        stop.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = {}
    for name in ("SIGTERM", "SIGINT", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:  # `nohup` wants it ignored
            before[number] = signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _summary(counts: Counter[str]) -> str:
    from dedup.report.summary import plural

    found = [plural(counts[kind], *words) for kind, words in _KINDS.items() if counts[kind]]
    total = plural(sum(counts[kind] for kind in _KINDS), "article")
    more = [plural(counts[table], *words) for table, words in _TABLES.items() if counts[table]]
    return f"Flagged {total}" + (f": {', '.join(found)}" if found else "") + "".join(f"; {part}" for part in more) + "."


_KINDS = {
    "new": ("new", "new"),
    "copy_of": ("copy", "copies"),
    "partial_of": ("that shares a part", "that share a part"),
    "rewrite_of": ("rewritten", "rewritten"),
    "revision_of": ("revision",),
    "same_event": ("of a known event", "of known events"),
    "known": ("in the index already", "in the index already"),
}
_TABLES = {"skipped": ("row of skipped input", "rows of skipped input"), "moved": ("moved", "moved")}
