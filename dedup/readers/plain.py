"""Plain text (.txt) and Markdown (.md): one file, one article."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import replace

from dedup.config import ReadConfig
from dedup.readers.decode import decode, normal_newlines, not_text, replaced_note
from dedup.readers.fields import ALIASES, value_of
from dedup.readers.source import Source, nothing, too_large
from dedup.records import RawRecord, Skipped

__all__ = ["article_bytes", "front_matter", "read_markdown", "read_text"]

_FENCE = re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.MULTILINE)
_KEY = re.compile(r"([A-Za-z][\w-]*)[ \t]*:(?:[ \t]+(.*))?$")
#: Front matter longer than this (characters) is an article between two rules.
_LONGEST_FRONT = 16_000


def read_text(source: Source, config: ReadConfig) -> Iterator[RawRecord | Skipped]:
    """The file's text as one record without a title: finding that is the cleaner's work."""
    data = article_bytes(source, config)
    if isinstance(data, Skipped):
        yield data
        return
    decoded = decode(data)
    text = normal_newlines(decoded.text)
    if not text.strip(" \t\n\r\f\v\u00a0\u3000\ufeff"):
        yield nothing(source.name)
        return
    yield RawRecord(id=source.id, source=source.name, text=text, folder=source.folder)
    if decoded.replaced:
        yield replaced_note(source.name, decoded.encoding)


def read_markdown(source: Source, config: ReadConfig) -> Iterator[RawRecord | Skipped]:
    """The file's text as one record; YAML front matter gives title, date, author, URL and publisher."""
    for record in read_text(source, config):
        if isinstance(record, Skipped):
            yield record
            continue
        front, start = front_matter(record.text)
        text = record.text[start:]
        title = value_of(front, ALIASES["title"])  # the user's own names are those of records, not of front matter
        if not (title or text.strip()):
            yield nothing(source.name)
            continue
        yield replace(
            record,
            text=text,
            title=title,
            url=value_of(front, ALIASES["url"]),
            publisher=value_of(front, ALIASES["publisher"]),
            published=value_of(front, ALIASES["published"]),
            author=value_of(front, ALIASES["author"]),
            language=value_of(front, ALIASES["language"]),
        )


def article_bytes(source: Source, config: ReadConfig) -> bytes | Skipped:
    """The bytes of a file that holds one article, or why it cannot be one."""
    assert source.path is not None, "only records come through standard input"
    with open(source.path, "rb") as file:
        # Not all that the limit allows: room for it would be made and given back for every file.
        data = file.read(min(config.max_bytes, os.fstat(file.fileno()).st_size) + 1)
    if len(data) > config.max_bytes:
        return too_large(source.name, max(source.size, len(data)), config.max_bytes)
    return not_text(source.name, data) or data


def front_matter(text: str) -> tuple[dict[str, str], int]:
    """The keys of a YAML block at the top, lower case, and where the text begins after it.

    Only what news needs of YAML: `key: value`, quotes, and lists in either form. Two rules (---) with no
    key between them are part of the text.

    Example:
        >>> front_matter("---\\ntitle: Rain\\n---\\nIt rained.")
        ({'title': 'Rain'}, 20)
    """
    begin = _FENCE.match(text)
    if begin is None or not text.startswith("---"):
        return {}, 0
    end = _FENCE.search(text, begin.end() + 1, _LONGEST_FRONT)
    fields = _key_values(text[begin.end() + 1 : end.start()]) if end else {}
    return (fields, min(len(text), end.end() + 1)) if end and fields else ({}, 0)


def _key_values(block: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    last = ""
    for line in block.split("\n"):
        found = _KEY.match(line)
        if found:
            last = found[1].lower()
            fields[last] = _scalar(found[2] or "")
        elif last and (line.startswith((" ", "\t", "-"))) and line.strip():
            item, listed = line.strip(), line.lstrip().startswith("- ")
            before = "" if fields[last] in (">", "|", ">-", "|-") else fields[last]
            fields[last] = (before + (", " if listed else " ") if before else "") + _scalar(item.removeprefix("- "))
    return fields


def _scalar(value: str) -> str:
    """A value without its quotes or comment; `[a, b]` becomes `a, b`."""
    value = value.strip()
    if value[:1] in ("'", '"') and value[0] in value[1:]:
        return value[1 : value.index(value[0], 1)]
    value = re.sub(r"(?:^|\s+)#.*", "", value)
    if value.startswith("[") and value.endswith("]"):
        return ", ".join(part for part in (_scalar(item) for item in value[1:-1].split(",")) if part)
    return value
