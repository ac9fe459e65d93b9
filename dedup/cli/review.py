"""dedup review: the report's page on this machine, with decisions that are saved to its folder."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["review"]


def review(
    reports: Annotated[Path, typer.Argument(help="A folder that `dedup scan` wrote.")],
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port on this machine.  [default: any that is free]")
    ] = None,
    open_page: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
) -> None:
    """Serve a report on this machine, and save what the desk decides to its folder."""
    from dedup.decisions import DECISIONS_FILE, read_decisions
    from dedup.report.summary import plural
    from dedup.review import ReviewServer

    ended = threading.Event()
    for name in ("SIGINT", "SIGTERM"):
        signal.signal(getattr(signal, name), lambda *_: ended.set())
    with ReviewServer(reports, port or 0) as server:
        serving = threading.Thread(target=server.serve_forever, daemon=True)
        serving.start()
        typer.echo(server.url)
        typer.echo("Decisions are saved to the folder. Ctrl-C ends.", err=True)
        if open_page:  # beside the rest: some browsers keep who opens them waiting until they are closed
            threading.Thread(target=_open, args=(server.url,), daemon=True).start()
        while not ended.wait(1):
            pass
        server.shutdown()
        serving.join()
    path = reports / DECISIONS_FILE
    if path.exists():
        kept = plural(len(read_decisions(path)), "decision")
        typer.echo(f"{kept} in {path}; the next scan applies them with --decisions {path}", err=True)


def _open(url: str) -> None:
    import webbrowser

    if not webbrowser.open(url):
        typer.echo("No browser was found; open the address above.", err=True)
