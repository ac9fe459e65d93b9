"""From the named fields of a record to a RawRecord, whatever the file calls them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from dedup.config import ReadConfig
from dedup.readers.source import Source, too_large
from dedup.records import RawRecord, Skipped

__all__ = ["ALIASES", "looks_like_page", "names_of", "raw_record", "value_of"]

#: Our field -> what files call it, the likeliest first.
ALIASES: Mapping[str, tuple[str, ...]] = {
    "id": ("id",),
    "text": ("text", "body", "content"),
    "title": ("title", "headline"),
    "url": ("url", "link"),
    "publisher": ("source", "publisher", "outlet"),
    "published": ("published", "date", "published_at", "pubdate", "datetime"),
    "author": ("author", "byline"),
    "language": ("language", "lang"),
}
#: A field with a whole page, used when no other has text.
PAGE = "html"

_PAGE_START = re.compile(r"[\s\ufeff]*(?:<\?xml[^>]*>\s*)?<(?:!doctype\s+html|html\b)", re.IGNORECASE)


def raw_record(fields: Mapping[str, Any], source: Source, number: int, config: ReadConfig) -> RawRecord | Skipped:
    """The record with our names for its fields, or the row that says what it lacks."""
    name = f"{source.name}#{number}"
    text = value_of(fields, "text", config)
    page = "" if text or "text" in config.fields else _plain(fields.get(PAGE), "\n\n")
    title = value_of(fields, "title", config)
    empty = not (text or page)
    if empty and not (title and _text_field(fields, config)):
        lowered = {key.lower(): value for key, value in fields.items()}
        if lowered.keys() != fields.keys():
            return raw_record(lowered, source, number, config)
        return _no_text(name, fields, config)
    if len(text) + len(page) > config.max_bytes:
        return too_large(name, len(text) + len(page), config.max_bytes)
    own = value_of(fields, "id", config)
    return RawRecord(
        id=own or f"{source.id}#{number}",
        source=source.name if own else name,  # with an id of its own, a record may stand anywhere in the file
        text=text or page,
        kind="html" if page or looks_like_page(text) else "text",
        title=title,
        folder=source.folder,
        url=value_of(fields, "url", config),
        publisher=value_of(fields, "publisher", config),
        published=value_of(fields, "published", config),
        author=value_of(fields, "author", config),
        language=value_of(fields, "language", config),
    )


def value_of(fields: Mapping[str, Any], ours: str, config: ReadConfig) -> str:
    """The first of a field's names that holds something, as text; empty when none does."""
    for name in names_of(ours, config):
        if name in fields:
            value = fields[name]
            text = value if type(value) is str else _plain(value, "\n\n" if ours == "text" else ", ")
            if text and not text.isspace():
                return text.replace("\0", "") if "\0" in text else text
    return ""


def names_of(ours: str, config: ReadConfig) -> tuple[str, ...]:
    """What a file may call one of our fields; the user's own choice comes first."""
    chosen = config.fields.get(ours)
    return ALIASES[ours] if chosen is None else (chosen, *ALIASES[ours])


def looks_like_page(text: str) -> bool:
    """Whether the text is a whole HTML document.

    Example:
        >>> looks_like_page(" <!DOCTYPE html><p>Hello")
        True
    """
    return _PAGE_START.match(text) is not None


def _plain(value: Any, separator: str) -> str:
    """A field's value as text. News APIs give `{"id": ..., "name": ...}` for a source or an author."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list):
        return separator.join(part for part in (_plain(item, separator) for item in value) if part)
    return _plain(value.get("name"), separator) if isinstance(value, dict) else ""


def _text_field(fields: Iterable[str], config: ReadConfig) -> str:
    """The field that should hold the text, if there is one."""
    return next((field for field in (*names_of("text", config), PAGE) if field in fields), "")


def _no_text(name: str, fields: Iterable[str], config: ReadConfig) -> Skipped:
    seen = list(fields)
    if empty := _text_field(seen, config):
        return Skipped(source=name, stage="read", reason="empty text field", detail=f"{empty} holds no text")
    detail = f"fields seen: {', '.join(seen[:20])}"[:300] if seen else "the record has no fields"
    return Skipped(source=name, stage="read", reason="no text field", detail=detail.replace("\0", ""))
