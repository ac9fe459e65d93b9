"""An index as JSON lines, one article a line, and making an index anew from the texts of one by another version."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from tempfile import TemporaryFile
from typing import Any, BinaryIO

import orjson
from sqlalchemy import Connection, select

from dedup.config import Config
from dedup.errors import ConfigError
from dedup.index.adding import put
from dedup.index.incoming import CHUNK, Incoming, incoming, with_id
from dedup.index.postings import merge_if_many
from dedup.index.schema import article
from dedup.index.search import Shelves
from dedup.index.texts import digest_of, unpack_article
from dedup.ingest import clean_article
from dedup.records import Article, Furniture

__all__ = ["lines_of", "load_lines", "put_all"]

#: Our names -> those of the lines, which a scan can read, too.
_NAMES = {"body": "text", "published_at": "published"}
_FIELDS = (
    *("id", "title", "url", "canonical_url", "publisher", "published_at", "author", "language"),
    *("dateline", "agency", "credit", "source", "body"),
)


def lines_of(connection: Connection) -> Iterator[bytes]:
    """The articles in the order in which they came, each as a line of JSON."""
    columns = (article.c.num, article.c.record, article.c.digest, article.c.added)
    last = 0
    while True:
        rows = connection.execute(select(*columns).where(article.c.num > last).order_by(article.c.num).limit(CHUNK))
        some = rows.all()
        if not some:
            return
        for _, record, digest, added in some:
            held = unpack_article(record)
            line: dict[str, Any] = {_NAMES.get(name, name): getattr(held, name) for name in _FIELDS}
            line["furniture"] = [(f.start, f.end, f.kind) for f in held.furniture]
            line |= {"added": added, "digest": bytes(digest).hex()}
            yield orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)
        last = some[-1][0]


def load_lines(lines: Iterable[bytes | str], config: Config, now: float) -> Iterator[list[Incoming]]:
    """The articles of lines that `lines_of` gave, some thousand at a time; without a digest they are not cleaned yet.

    Raises:
        ConfigError: a line is no article; its number is said.
    """
    articles = _loaded(lines, config, now)
    while chunk := list(islice(articles, CHUNK)):
        clean, digests, added = zip(*chunk, strict=True)
        yield incoming(clean, list(digests), list(added))


def _loaded(lines: Iterable[bytes | str], config: Config, now: float) -> Iterator[tuple[Article, bytes, float]]:
    """The cleaned article of each line, what it is known by, and when it was added."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            values = orjson.loads(line)
            fields = {name: values.get(_NAMES.get(name, name), "") for name in _FIELDS}
            if not all(isinstance(value, str) for value in fields.values()) or not fields["id"]:
                raise ValueError("it has no id, or a field that is no text")
            furniture = tuple(
                Furniture(int(start), int(end), str(kind)) for start, end, kind in values.get("furniture", ())
            )
            one = with_id(Article(**fields, furniture=furniture))
            if "digest" in values:
                yield one, bytes.fromhex(values["digest"]), float(values.get("added", now))
                continue
        except (ValueError, TypeError, AttributeError, ConfigError) as error:
            raise ConfigError(f"line {number} is no article of an index: {error}") from error
        yield clean_article(one, config), digest_of(one), now


def put_all(
    open_shelves: Callable[[Connection], Shelves],
    connection: Connection,
    chunks: Iterable[list[Incoming]],
    config: Config,
    track: Callable[[int], None],
) -> int:
    """Put many articles in, all in one transaction; returns how many."""
    count = 0
    for chunk in chunks:
        shelves = open_shelves(connection)
        count += put(shelves, connection, chunk, config)
        merge_if_many(shelves.database, connection, shelves.fresh)
        track(len(chunk))
    return count


def spooled(connection: Connection) -> BinaryIO:
    """All articles as lines in a temporary file, at its beginning."""
    file: BinaryIO = TemporaryFile()  # noqa: SIM115 - the caller closes it
    for line in lines_of(connection):
        file.write(line)
    file.seek(0)
    return file
