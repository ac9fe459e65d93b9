"""dedup serve: an index that crawlers in any language ask over HTTP."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Annotated

import typer

from dedup.errors import ConfigError

__all__ = ["serve"]


def serve(
    index: Annotated[
        str, typer.Option(metavar="INDEX", help="A path, sqlite:///... or postgresql://...; made if there is none.")
    ],
    host: Annotated[str, typer.Option(help="Address to listen on; any but a loopback one needs a token.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(help="Port to listen on; 0 for any that is free.")] = 8737,
    token: Annotated[
        str | None, typer.Option(help="What requests must bring. Shows in the list of processes: better a file.")
    ] = None,
    token_file: Annotated[
        Path | None, typer.Option(help="A file with the token.  [default: DEDUP_TOKEN in the environment]")
    ] = None,
    config: Annotated[Path | None, typer.Option(help="A TOML file of options, for a new index.")] = None,
    threads: Annotated[int, typer.Option(help="Checks at work at the same time.")] = 2,
    waiting: Annotated[int, typer.Option(help="Requests that may wait; more are turned away.")] = 64,
    max_bytes: Annotated[int, typer.Option(help="Largest body of a request.")] = 10_000_000,
    patience: Annotated[float, typer.Option(help="Seconds to wait for another writer of the index.")] = 5.0,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log every request.")] = False,
) -> None:
    """Answer over HTTP whether articles are new; stops on Ctrl-C or SIGTERM."""
    logging.basicConfig(level=logging.INFO if verbose else logging.WARNING, format="%(asctime)s %(name)s: %(message)s")
    from dedup.config import Config
    from dedup.kernels import compiled
    from dedup.serve import ServeConfig
    from dedup.serve import serve as run

    options = ServeConfig(
        host=host,
        port=port,
        token=_token(token, token_file),
        threads=threads,
        waiting=waiting,
        max_bytes=max_bytes,
        patience=patience,
    )

    if not compiled():
        typer.echo("The first start on this machine prepares the program for it; that takes up to a minute.", err=True)

    def ready(address: str) -> None:
        typer.echo(address)
        typer.echo(f"Serving the index {index} until Ctrl-C; the contract is at {address}/openapi.json.", err=True)

    run(index, options, config=Config.from_toml(config) if config else None, ready=ready)


def _token(given: str | None, file: Path | None) -> str:
    """The token of the command line, of a file, or of the environment."""
    if given is not None and file is not None:
        raise ConfigError("give --token or --token-file, not both")
    if file is not None:
        from dedup.serve import read_token

        return read_token(file)
    if given == "":
        raise ConfigError("--token is empty")
    return given if given is not None else os.environ.get("DEDUP_TOKEN", "")
