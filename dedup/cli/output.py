"""What several commands need: good manners in a pipe, and the reading of --field."""

from __future__ import annotations

import signal

from dedup.errors import ConfigError

__all__ = ["end_with_the_pipe", "field_names"]


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
