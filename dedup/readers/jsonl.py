"""JSON lines (.jsonl .ndjson, also packed): one line, one article."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import orjson

from dedup.config import ReadConfig
from dedup.readers.decode import replaced_note
from dedup.readers.fields import names_of, raw_record
from dedup.readers.source import Chunk, too_large
from dedup.records import RawRecord, Skipped
from dedup.utf8 import traits

__all__ = ["read_lines"]

_SURROGATE = re.compile("[\ud800-\udfff]")


def read_lines(chunk: Chunk, config: ReadConfig) -> Iterator[RawRecord | Skipped]:
    """A record for each line that holds one, a row for each that does not; blank lines are passed over."""
    source, names = chunk.sources[0], names_of(config)
    for number, line in enumerate(_lines(chunk.data or b""), chunk.first):
        name = f"{source.name}#{number}"
        if len(line) > config.max_bytes:
            yield too_large(name, len(line), config.max_bytes)
            continue
        if not line or line.isspace():
            continue
        try:
            fields, replaced = _parsed(line, names["id"])
        except (ValueError, RecursionError) as error:
            yield Skipped(source=name, stage="read", reason="broken JSON", detail=f"line {number}: {_what(error)}")
            continue
        if not isinstance(fields, dict):
            detail = f"line {number} holds {_KINDS.get(type(fields), 'a single value')}"
            yield Skipped(source=name, stage="read", reason="not a JSON object", detail=detail)
            continue
        record = raw_record(fields, names, source, number, config, tidy=not (replaced or traits(line)))
        yield record
        if replaced and isinstance(record, RawRecord):
            yield replaced_note(name, "UTF-8")


def _lines(data: bytes) -> Iterator[bytes]:
    """The lines one by one: a list of all would double the memory and go past the processor's cache."""
    start = 0
    while (end := data.find(b"\n", start)) >= 0:
        yield data[start:end]
        start = end + 1
    yield data[start:]


_KINDS = {list: "a list", str: "a text", int: "a number", float: "a number", type(None): "null"}


def _parsed(line: bytes, ids: tuple[str, ...]) -> tuple[Any, bool]:
    """The line's value, and whether bytes had to be replaced; orjson first, the forgiving way if that fails.

    The standard library reads what crawlers written in Python leave behind and orjson refuses: NaN, half a
    surrogate pair, raw control characters in a string.
    """
    try:
        value = orjson.loads(line)
        if type(value) is dict:
            for name in ids:
                if type(value.get(name)) is float:  # orjson rounds whole numbers above 64 bits, and ids would collide
                    return json.loads(line), False
        return value, False
    except orjson.JSONDecodeError:
        text = line.decode("utf-8", "replace")
        replaced = "\ufffd" in text and not _is_utf8(line)
        value = json.loads(text, strict=False)
        return (_whole(value) if "\\u" in text else value), replaced


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _whole(value: Any) -> Any:
    """The value with U+FFFD for each half of a surrogate pair, which no encoding can write."""
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_whole(item) for item in value]
    if isinstance(value, dict):
        return {_whole(name): _whole(item) for name, item in value.items()}
    return value


def _what(error: Exception) -> str:
    """What is wrong with a line, without the parser's own count of lines."""
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg[:1].lower()}{error.msg[1:].removesuffix(' at')} at column {error.colno}"
    return "nested too deeply" if isinstance(error, RecursionError) else "a number is too long"
