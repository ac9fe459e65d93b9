"""Running the service: a socket, a first check to warm up, and an end that loses nothing that was accepted."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from dedup.config import Config
from dedup.errors import ConfigError, MissingExtraError
from dedup.index import Index
from dedup.records import Article
from dedup.serve.options import ServeConfig

if TYPE_CHECKING:
    import uvicorn

__all__ = ["listening", "serve", "server_of"]

#: Requests that the system keeps while the service is busy with others.
_BACKLOG = 512
#: Two texts, one of which is a copy.
_FIRST = (
    "The ferry to Lower Sarn was cancelled on Monday because of fog, and the harbour master, Gudrun Felsing, asked "
    "passengers to take the morning bus instead. Two school classes spent the night in the old customs house."
)
_SECOND = f"{_FIRST} “We sang until two,” said their teacher, Pieter Hagedorn."


def serve(
    where: str | Path,
    options: ServeConfig | None = None,
    *,
    config: Config | None = None,
    ready: Callable[[str], None] = lambda address: None,
) -> None:
    """Serve an index until SIGTERM or SIGINT, and finish what was accepted; call it in the main thread.

    Args:
        where: a path, `sqlite:///path` or `postgresql://...`; a new index is made if there is none.
        config: options for a new index.
        ready: called with the address as soon as requests are accepted.

    Raises:
        ConfigError: the address cannot be listened on, or `where` is none.
        IndexAccessError: the index cannot be used.
        IndexMismatchError: it was made by another version, or with other options.
        MissingExtraError: starlette or uvicorn is not installed.
    """
    options = options or ServeConfig()
    with listening(options) as listener:
        server = server_of(where, options, config)
        _warm_up()
        with _stopping(server):
            listener.listen(_BACKLOG)
            ready(_address(listener, options.host))
            server.run(sockets=[listener])


def server_of(where: str | Path, options: ServeConfig, config: Config | None = None) -> uvicorn.Server:
    """A server of an index; its `run` takes the socket that `listening` gives."""
    try:
        import uvicorn

        from dedup.serve.app import application
    except ModuleNotFoundError as error:
        raise MissingExtraError("starlette or uvicorn", "serve") from error
    writer = Index.open(where, config=config, patience=options.patience)
    reader = Index.open(where, config=config, patience=options.patience)
    settings = uvicorn.Config(
        application(reader, writer, options),
        lifespan="on",
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=30,
    )
    return uvicorn.Server(settings)


def _warm_up() -> None:
    """Load the background and, once on a machine, compile; nobody should wait for that in a request."""
    with TemporaryDirectory() as folder, Index.open(Path(folder) / "first.db") as index:
        index.check_and_add(Article(id="first", body=_FIRST))
        index.check_and_add(Article(id="second", body=_SECOND))


@contextmanager
def listening(options: ServeConfig) -> Iterator[socket.socket]:
    """A socket at the address, not yet open to callers."""
    host = options.host.removeprefix("[").removesuffix("]")
    try:
        family, kind, proto, _, address = socket.getaddrinfo(host, options.port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, proto)
    except OSError as error:
        raise ConfigError(f"{options.host!r} is no address of this machine: {error.strerror or error}") from error
    with listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
        except OSError as error:
            said = error.strerror or str(error)
            raise ConfigError(f"cannot listen on {options.host} port {options.port}: {said}") from error
        yield listener


@contextmanager
def _stopping(server: uvicorn.Server) -> Iterator[None]:
    """Signals stop the server, also in the moments before it listens to them itself.

    When it has stopped it raises again the signal that made it, so that a handler from before can act; none has to.
    """

    def stop(*_: object) -> None:
        server.should_exit = True

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _address(listener: socket.socket, host: str) -> str:
    port = listener.getsockname()[1]
    bare = host.removeprefix("[").removesuffix("]")
    return f"http://[{bare}]:{port}" if ":" in bare else f"http://{bare}:{port}"
