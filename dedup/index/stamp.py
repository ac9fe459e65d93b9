"""What made an index: versions and options, without which what lies in it means something else."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import orjson
from sqlalchemy import Connection, delete, insert, inspect, select

from dedup.background import load_background
from dedup.codepoints import token_table
from dedup.config import Config
from dedup.errors import ConfigError, IndexMismatchError
from dedup.grade import load_model
from dedup.index.notices import NOTICES
from dedup.index.postings import PARTS
from dedup.index.schema import metadata, segment, stamp

__all__ = [
    "create_tables",
    "differences",
    "has_tables",
    "is_newer",
    "read_stamp",
    "stamp_of",
    "stored_config",
    "write_stamp",
]

#: Another layout of what lies in the tables needs another number.
FORMAT = 2
#: How phrases become keys, and which of them an article is filed under.
_SCHEME = "word 3-grams by murmur-finished FNV-1a, top 32 bits, one of 8 by winnowing"
#: The stages whose options decide what lies in an index.
_STAGES = ("sketch", "candidates", "grade")
_NAMES = {
    "format": "the layout",
    "tokens": "the table of letters",
    "hashes": "the hashes",
    "background": "the background",
    "grades": "the model of grades",
    **{stage: f"the options [{stage}]" for stage in _STAGES},
}


def stamp_of(config: Config) -> dict[str, str]:
    """What an index made now with these options would say of itself."""
    from dedup import __version__

    options = config.to_dict()
    return {
        "format": str(FORMAT),
        "dedup": __version__,
        "tokens": hashlib.sha256(token_table().tobytes()).hexdigest()[:16],
        "hashes": _SCHEME,
        "background": load_background().version,
        "grades": load_model().version,
        **{stage: orjson.dumps(options[stage], option=orjson.OPT_SORT_KEYS).decode() for stage in _STAGES},
    }


def has_tables(connection: Connection) -> bool:
    """Whether there is an index in the database."""
    return inspect(connection).has_table(stamp.name)


def create_tables(connection: Connection, config: Config) -> None:
    """Make an empty index."""
    metadata.create_all(connection, checkfirst=False)
    write_stamp(connection, config)
    places = [(0, 0), *((level, part) for level in (1, 2) for part in range(PARTS))]
    rows = [{"level": level, "part": part, "bits": 0, "postings": 0, "last": 0} for level, part in places]
    connection.execute(insert(segment), rows)


def write_stamp(connection: Connection, config: Config) -> None:
    """Say what the index is made by."""
    connection.execute(delete(stamp))
    connection.execute(insert(stamp), [{"name": name, "value": value} for name, value in stamp_of(config).items()])


def read_stamp(connection: Connection) -> dict[str, str]:
    """What the index says of itself."""
    rows = connection.execute(select(stamp.c.name, stamp.c.value).where(stamp.c.name != NOTICES)).all()
    return dict(map(tuple, rows))


def stored_config(found: Mapping[str, str], given: Config | None, name: str) -> Config:
    """The options that an index was made with; those that do not decide what lies in it as they are given.

    Raises:
        IndexMismatchError: an option that decides it is given with another value.
    """
    own = Config.from_dict({stage: orjson.loads(found[stage]) for stage in _STAGES if stage in found})
    if given is None:
        return own
    for stage in _STAGES:
        if getattr(given, stage) != getattr(own, stage):
            raise IndexMismatchError(
                f"the index {name} was made with other options [{stage}]: {found[stage]}; leave them out, or make "
                f"another index (`dedup index export` and `import`)"
            )
    return given


def differences(found: Mapping[str, str], name: str) -> str:
    """Why an index cannot be used by this version, as a sentence; empty if it can."""
    try:
        own = stamp_of(Config.from_dict({stage: orjson.loads(found[stage]) for stage in _STAGES if stage in found}))
    except (ConfigError, orjson.JSONDecodeError):
        own = stamp_of(Config())
    other = [meaning for key, meaning in _NAMES.items() if found.get(key) != own[key]]
    if not other:
        return ""
    does = (
        "install a newer dedup"
        if is_newer(found)
        else f"run `dedup index upgrade {name}`, which makes it anew from its texts"
    )
    return (
        f"the index {name} was made by dedup {found.get('dedup', '?')} and cannot be used by {own['dedup']}: "
        f"{' and '.join(other)} differ; {does}"
    )


def is_newer(found: Mapping[str, str]) -> bool:
    """Whether an index has a layout that this version does not know yet."""
    number = found.get("format", "")
    return not number.isdecimal() or int(number) > FORMAT
