"""The little of SVG that the figures need: text that fits, in the colours and letters of the page."""

from __future__ import annotations

import unicodedata
from html import escape

__all__ = ["INK", "LINE", "PALE", "PAPER", "SERIF", "SOFT", "drawing", "fitted", "lines", "text", "width_of"]

PAPER, INK, SOFT, LINE, PALE = "#fbfaf7", "#1c1a17", "#5b564d", "#d9d4c8", "#eae6dc"
SANS = "'Segoe UI', Roboto, 'Helvetica Neue', 'Noto Sans', 'Liberation Sans', Arial, sans-serif"
SERIF = "'Iowan Old Style', Palatino, 'Source Serif 4', Georgia, 'Noto Serif', 'Liberation Serif', serif"

_NARROW, _BROAD = frozenset("iljtfrI.,:;'’‘|!()[]/ -"), frozenset("mwMW@%—…")


def width_of(words: str, size: float) -> float:
    """About how many pixels a text takes, in letters of this size.

    Example:
        >>> width_of("ill", 10) < width_of("mow", 10) < width_of("漢字漢", 10)
        True
    """
    return size * sum(map(_share, words))


def _share(letter: str) -> float:
    if letter in _NARROW:
        return 0.32
    if letter in _BROAD:
        return 0.92
    if unicodedata.combining(letter):
        return 0.0
    if unicodedata.east_asian_width(letter) in "WF":
        return 1.0
    return 0.7 if letter.isupper() else 0.58


def fitted(words: str, size: float, room: float) -> str:
    """The text, cut so that it fits.

    Example:
        >>> fitted("The Valmora Times", 12, 86), fitted("AP", 12, 80)
        ('The Valmora…', 'AP')
    """
    words = " ".join(words.split())
    if width_of(words, size) <= room:
        return words
    while words and width_of(words + "…", size) > room:
        words = words[:-1]
    return words.rstrip() + "…"


def lines(words: str, size: float, room: float, most: int) -> list[str]:
    """The text in lines that fit, the last one cut."""
    out: list[str] = []
    rest = words.split()
    while rest and len(out) < most - 1:
        line = [rest.pop(0)]
        while rest and width_of(" ".join([*line, rest[0]]), size) <= room:
            line.append(rest.pop(0))
        out.append(fitted(" ".join(line), size, room))
    return [*out, fitted(" ".join(rest), size, room)] if rest else out


def text(x: float, y: float, words: str, size: float = 13, **more: str | float) -> str:
    """A text as an element; an attribute's underscore is a hyphen."""
    attributes = {"x": f"{x:.1f}", "y": f"{y:.1f}", "font_size": f"{size:g}", "fill": INK, **more}
    told = " ".join(f'{name.replace("_", "-")}="{escape(str(value))}"' for name, value in attributes.items())
    return f"<text {told}>{escape(_legal(words))}</text>"


def _legal(words: str) -> str:
    """The text without what XML cannot hold."""
    return "".join(c for c in words if c >= " " and c not in "\ufffe\uffff" and not "\ud800" <= c <= "\udfff")


def drawing(width: float, height: float, title: str, body: list[str]) -> str:
    """A whole picture, with a title for whoever cannot see it."""
    size = f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" font-family="{SANS}">'
    ground = f'<rect width="100%" height="100%" fill="{PAPER}"/>'
    return "\n".join([head, f"<title>{escape(_legal(title))}</title>", ground, *body, "</svg>", ""])
