"""Web pages (.html .htm): decoded here, taken apart by the cleaner."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from dedup.config import ReadConfig
from dedup.readers.decode import decode, normal_newlines, replaced_note
from dedup.readers.plain import article_bytes
from dedup.readers.source import Source, nothing
from dedup.records import RawRecord, Skipped

__all__ = ["declared_encoding", "read_page"]

_CHARSET = re.compile(rb"""<(?:meta|\?xml)\b[^>]{0,500}?(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)

# What browsers read under these names (WHATWG Encoding Standard): each is a subset of what pages mean by it.
_BROWSER_NAMES = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
    "utf-16": "utf-8",  # a page whose declaration can be read as bytes is not UTF-16
    "utf-16-le": "utf-8",
    "utf-16-be": "utf-8",
}
_NOT_FOR_PAGES = {"idna", "punycode", "raw-unicode-escape", "unicode-escape", "utf-7"}


def read_page(source: Source, config: ReadConfig) -> Iterator[RawRecord | Skipped]:
    """The page's markup as one record of kind "html"."""
    data = article_bytes(source, config)
    if isinstance(data, Skipped):
        yield data
        return
    decoded = decode(data, declared_encoding(data))
    markup = normal_newlines(decoded.text)
    if not markup.strip("\ufeff \t\n"):
        yield nothing(source.name)
        return
    yield RawRecord(id=source.id, source=source.name, text=markup, kind="html", folder=source.folder)
    if decoded.replaced:
        yield replaced_note(source.name, decoded.encoding)


def declared_encoding(data: bytes) -> str:
    """Python's name for the encoding that the page's first 4 kB declare; empty if none or unknown.

    Example:
        >>> declared_encoding(b'<meta charset="ISO-8859-1">')
        'cp1252'
    """
    found = _CHARSET.search(data[:4096])
    if not found:
        return ""
    try:
        name = codecs.lookup(found[1].decode("ascii", "replace")).name
        b"ab".decode(name)  # some names are of codecs between bytes and bytes
    except (LookupError, ValueError):
        return ""
    return "" if name in _NOT_FOR_PAGES else _BROWSER_NAMES.get(name, name)
