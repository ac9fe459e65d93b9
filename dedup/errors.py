"""Every error a user can meet, each a sentence with the value that caused it."""

__all__ = [
    "ConfigError",
    "DedupError",
    "IndexAccessError",
    "IndexMismatchError",
    "MissingExtraError",
    "SourceError",
    "UnsupportedFormatError",
]


class DedupError(Exception):
    """Base of all errors raised on purpose; the command prints its text and exits with 2."""


class ConfigError(DedupError):
    """An option has a value that cannot be meant; raised before any work starts."""


class SourceError(DedupError):
    """A path given by the user does not exist or holds nothing that can be read."""


class UnsupportedFormatError(DedupError):
    """A file was named outright, and no reader knows its suffix."""


class MissingExtraError(DedupError):
    """An optional package is needed; the text shows the line that installs it."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(f"{package} is not installed; run: pip install 'dedup-news[{extra}]'")


class IndexAccessError(DedupError):
    """An index cannot be read or written now: locked, read-only, on a full disk, damaged, or out of reach."""


class IndexMismatchError(DedupError):
    """Sketches made with other options, or by another format version, cannot be compared."""
