"""An empty index of either kind, and articles that copy each other."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from dedup import Article, Index


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL server of our own, as long as the tests run."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    pgserver = pytest.importorskip("pgserver")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        server = pgserver.get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="delete")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an index that is not there yet, of either kind."""
    if request.param == "sqlite":
        return str(tmp_path / "crawl.db")
    return database_at(request.getfixturevalue("postgres"))


def database_at(server: str) -> str:
    """The address of a new database on a server."""
    import psycopg

    name = f"crawl_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return server.replace("/postgres?", f"/{name}?")


@pytest.fixture
def index(where: str) -> Iterator[Index]:
    with Index.open(where) as opened:
        yield opened


@pytest.fixture
def report(invent: Callable[..., str]) -> Callable[..., Article]:
    """`report(7, id="x", ...)`: an article with the text of number 7; `more` is put behind it."""

    def make(number: int, id: str = "", more: str = "", words: int = 120, **fields: str) -> Article:
        return Article(id=id or f"report-{number}", body=f"{invent(number, words)} {more}".strip(), **fields)

    return make
