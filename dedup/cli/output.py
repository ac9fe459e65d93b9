"""Manners of a program whose output may go into a pipe."""

from __future__ import annotations

import signal

__all__ = ["end_with_the_pipe"]


def end_with_the_pipe() -> None:
    """From now on, end silently when the reader of stdout goes away, as `head` does; call it when the work is done."""
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
