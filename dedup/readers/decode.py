"""From bytes to text: byte order marks, UTF-8, and a guess for everything older."""

from __future__ import annotations

import codecs
from collections.abc import Iterable
from dataclasses import dataclass

from dedup.records import Skipped

__all__ = [
    "Decoded",
    "bom_encoding",
    "decode",
    "marked_encoding",
    "normal_newlines",
    "not_records",
    "not_text",
    "replaced_note",
    "stream_encoding",
]

#: Bytes that are enough to recognise an encoding; detection time grows with the sample.
SAMPLE = 256_000

# UTF-32 first: its little-endian mark begins with that of UTF-16. These codecs remove the mark themselves.
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

_MAGIC = (
    (b"%PDF-", "a PDF file"),
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old office document"),
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"\x1f\x8b\x08", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"PAR1", "a Parquet file"),
)

# What news is found in. Without this list the detector offers rarities: Celtic (iso8859_14) for Polish,
# DOS Baltic (cp775) for French.
_LEGACY = [
    *(f"cp{page}" for page in (437, 850, 852, 866, 874, 932, 949, *range(1250, 1259))),
    *("big5", "big5hkscs", "euc_jis_2004", "euc_jp", "euc_kr", "gb18030", "gb2312", "gbk", "shift_jis"),
    *("iso8859_2", "iso8859_5", "iso8859_6", "iso8859_7", "iso8859_8", "iso8859_9", "koi8_r", "koi8_u"),
    *("mac_cyrillic", "mac_roman"),
]
#: Encodings that agree with cp1252 in punctuation and differ in accented letters.
_BESIDE_CP1252 = {"cp1250", "cp1254", "cp1257", "iso8859_2", "iso8859_9"}

# Letters beyond ASCII in the Latin code pages, roughly: all but the signs that they share.
_FOREIGN = bytes(
    set(range(0x80, 0x100)) - set(b"\x80\x82\x84\x85\x91\x92\x93\x94\x95\x96\x97\xa0\xa3\xa7\xa9\xab\xae\xb0\xb7\xbb")
)
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\b\x1b")) + b"\x7f"


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, how it was decoded, and whether bytes had to be replaced by U+FFFD."""

    text: str
    encoding: str
    replaced: bool = False


def decode(data: bytes, declared: str = "") -> Decoded:
    """The text of a whole file: byte order mark, UTF-8, the `declared` encoding, then the likeliest older one.

    UTF-8 comes before the declaration because bytes that are valid UTF-8 are hardly ever anything else, while
    pages converted by a crawler often keep an outdated declaration. Pure ASCII is the exception: ISO-2022-JP.
    """
    marked = marked_encoding(data)
    if marked:
        return _decode_as(data, marked)
    if not (declared and data.isascii()):
        decoded = _decode_as(data, "utf-8")
        if not decoded.replaced:
            return decoded
    if declared not in ("", "utf-8"):
        decoded = _decode_as(data, declared)
        if decoded.text.count("\ufffd") <= 0.01 * len(decoded.text):
            return decoded
    return _decode_as(data, _guess(data))


def stream_encoding(pieces: Iterable[bytes]) -> str:
    """The encoding of a file too large to hold, found in one pass over its pieces."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    for number, piece in enumerate(pieces):
        marked = marked_encoding(piece) if number == 0 else ""
        if marked:
            return marked
        try:
            decoder.decode(piece)
        except UnicodeDecodeError:
            return _guess(piece)
    return "utf-8"


def bom_encoding(head: bytes) -> str:
    """The encoding that a byte order mark announces, or an empty string.

    Example:
        >>> bom_encoding(b"\\xff\\xfeT\\x00")
        'utf-16'
    """
    return next((encoding for mark, encoding in _BOMS if head.startswith(mark)), "")


def marked_encoding(head: bytes) -> str:
    """The UTF-8, UTF-16 or UTF-32 that a byte order mark or zero bytes in every other place give away."""
    return bom_encoding(head) or _wide_encoding(head)


def not_text(name: str, head: bytes) -> Skipped | None:
    """The row for a file whose first bytes are not text, else None."""
    kind = next((kind for magic, kind in _MAGIC if head.startswith(magic)), "")
    head = head[:8192]
    if not kind and not marked_encoding(head):
        controls = len(head) - len(head.translate(None, _CONTROLS))
        if b"\0" in head or controls > 0.3 * len(head):
            kind = "binary data"
    return Skipped(source=name, stage="read", reason=f"not text: looks like {kind}") if kind else None


def not_records(name: str, head: bytes) -> Skipped | None:
    """The same for a file of records: a zero byte in some later line must not cost the other lines."""
    known = any(head.startswith(magic) for magic, _ in _MAGIC)
    return not_text(name, head if known or marked_encoding(head) else head.partition(b"\n")[0])


def replaced_note(name: str, encoding: str) -> Skipped:
    """The remark about an article that was kept although some of its bytes mean nothing."""
    reason = "undecodable bytes were replaced"
    return Skipped(source=name, stage="note", reason=reason, detail=f"read as {encoding.removesuffix('-sig')}")


def normal_newlines(text: str) -> str:
    """The text with every line ending as one line feed."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _decode_as(data: bytes, encoding: str) -> Decoded:
    try:
        return Decoded(data.decode(encoding), encoding)
    except UnicodeDecodeError:
        return Decoded(data.decode(encoding, "replace"), encoding, replaced=True)


def _wide_encoding(head: bytes) -> str:
    """UTF-16 without a mark: in most languages one byte of two is often zero, the other almost never."""
    head = head[:8192]
    pairs = len(head) // 2
    even, odd = head[::2].count(0), head[1::2].count(0)
    if pairs < 8 or b"\0\0" in head:
        return ""
    if odd > 0.2 * pairs and even < 0.02 * pairs:
        return "utf-16-le"
    return "utf-16-be" if even > 0.2 * pairs and odd < 0.02 * pairs else ""


def _guess(data: bytes) -> str:
    """The likeliest encoding of bytes that are not valid UTF-8; cp1252 when nothing fits."""
    from charset_normalizer import from_bytes  # 50 ms of import that most runs never need

    start = max(0, _first_bad(data) - 1024)  # what is before tells little
    sample = data[start : start + SAMPLE]
    if _mostly_utf8(sample):
        return "utf-8"
    best = from_bytes(sample, cp_isolation=_LEGACY).best()
    if best is None:
        return "cp1252"
    # English with a few foreign words tells the Latin code pages apart no better than chance, and cp1252 is
    # by far the most common. In Polish, Czech or Turkish 6 letters of 100 and more are accented.
    foreign = len(sample) - len(sample.translate(None, _FOREIGN))
    return "cp1252" if best.encoding in _BESIDE_CP1252 and foreign < 0.03 * len(sample) else best.encoding


def _first_bad(data: bytes) -> int:
    """Where the bytes stop being valid UTF-8."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start
    return 0


def _mostly_utf8(data: bytes) -> bool:
    """Whether this is UTF-8 with some damage: far more valid characters beyond ASCII than broken ones."""
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    beyond_ascii = len(text) - len(text.encode("ascii", "ignore")) - broken
    return beyond_ascii > 2 * broken
