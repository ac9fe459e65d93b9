"""What several commands need: good manners in a pipe, and the reading of options that they share."""

from __future__ import annotations

import re
import signal

from dedup.errors import ConfigError

__all__ = ["days", "end_with_the_pipe", "field_names", "plain"]

_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(h|d|w)")
_HOURS = {"h": 1, "d": 24, "w": 168}


def end_with_the_pipe() -> None:
    """From now on, end silently when the reader of stdout goes away, as `head` does; call it when the work is done."""
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)


def field_names(pairs: list[str]) -> dict[str, str]:
    """What --field options say, OURS=THEIRS, by our names."""
    names = {}
    for pair in pairs:
        ours, equals, theirs = pair.partition("=")
        if not equals or not theirs:
            raise ConfigError(f"--field takes OURS=THEIRS, for example text=article_body, not {pair!r}")
        names[ours] = theirs
    return names


def days(span: str, option: str) -> float:
    """A span such as 36h, 7d or 2w in days."""
    found = _SPAN.fullmatch(span.strip().lower())
    if not found:
        raise ConfigError(f"{option} takes a number and h, d or w, for example 7d, not {span!r}")
    return float(found[1]) * _HOURS[found[2]] / 24


def plain(text: str) -> str:
    r"""The text as one line without control characters: names of files may hold what would command a terminal.

    Example:
        >>> plain("a\tb\n\x1b[31mc")
        'a b \ufffd[31mc'
    """
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in " ".join(text.split()))
