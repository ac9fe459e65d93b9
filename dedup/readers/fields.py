"""From the named fields of a record to a RawRecord, whatever the file calls them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from dedup.config import ReadConfig
from dedup.readers.source import Source, too_large
from dedup.records import RawRecord, Skipped

__all__ = ["ALIASES", "Names", "looks_like_page", "names_of", "raw_record", "value_of"]

#: What a file may call each of our fields, the likeliest name first.
Names = Mapping[str, tuple[str, ...]]

#: What files call our fields unless the user says otherwise.
ALIASES: Names = {
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


def raw_record(
    fields: Mapping[str, Any], names: Names, source: Source, number: int, config: ReadConfig, *, tidy: bool = False
) -> RawRecord | Skipped:
    """The record with our names for its fields, or the row that says what it lacks.

    Args:
        names: as `names_of` gives them for `config`, once for all records.
        tidy: whether all fields are known to be as `RawRecord.tidy` says.
    """
    name = f"{source.name}#{number}"
    text = value_of(fields, names["text"], "\n\n", tidy=tidy)
    page = "" if text or "text" in config.fields else _plain(fields.get(PAGE), "\n\n")
    title = value_of(fields, names["title"])
    empty = not (text or page)
    if empty and not (title and _text_field(fields, names)):
        lowered = {key.lower(): value for key, value in fields.items()}
        if lowered.keys() != fields.keys():
            return raw_record(lowered, names, source, number, config, tidy=tidy)
        return _no_text(name, fields, names)
    if len(text) + len(page) > config.max_bytes:
        return too_large(name, len(text) + len(page), config.max_bytes)
    own = value_of(fields, names["id"])
    return RawRecord(
        id=own or f"{source.id}#{number}",
        source=source.name if own else name,  # with an id of its own, a record may stand anywhere in the file
        text=text or page,
        kind="html" if page or looks_like_page(text) else "text",
        title=title,
        folder=source.folder,
        url=value_of(fields, names["url"]),
        publisher=value_of(fields, names["publisher"]),
        published=value_of(fields, names["published"]),
        author=value_of(fields, names["author"]),
        language=value_of(fields, names["language"]),
        tidy=tidy,
    )


def value_of(fields: Mapping[str, Any], names: Iterable[str], separator: str = ", ", *, tidy: bool = False) -> str:
    """The first of these fields that holds something, as text without NUL; empty when none does.

    Args:
        separator: what joins the items of a list.
        tidy: whether NUL is known not to occur; looking for it in a whole text takes time.
    """
    for name in names:
        value = fields.get(name)
        if value is None:
            continue
        text = value if type(value) is str else _plain(value, separator)
        if text and not text.isspace():
            return text if tidy or "\0" not in text else text.replace("\0", "")
    return ""


def names_of(config: ReadConfig) -> Names:
    """What a file may call our fields; the user's own choice comes first."""
    return {**ALIASES, **{ours: (chosen, *ALIASES[ours]) for ours, chosen in config.fields.items()}}


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


def _text_field(fields: Iterable[str], names: Names) -> str:
    """The field that should hold the text, if there is one."""
    return next((field for field in (*names["text"], PAGE) if field in fields), "")


def _no_text(name: str, fields: Iterable[str], names: Names) -> Skipped:
    seen = list(fields)
    if empty := _text_field(seen, names):
        return Skipped(source=name, stage="read", reason="empty text field", detail=f"{empty} holds no text")
    detail = f"fields seen: {', '.join(seen[:20])}"[:300] if seen else "the record has no fields"
    return Skipped(source=name, stage="read", reason="no text field", detail=detail.replace("\0", ""))
