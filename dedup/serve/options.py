"""How the service is run: its address, its token, and how much it takes on at once."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from pathlib import Path

from dedup.errors import ConfigError

__all__ = ["MOST_IN_A_BATCH", "ServeConfig", "is_loopback", "read_token"]

#: Articles, or ids, that one request may hold.
MOST_IN_A_BATCH = 1000
#: Connections to the index are kept for so many threads.
_MOST_THREADS = 8
#: A token is a header's value (RFC 6750), and too long to be guessed over a network.
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]{16,}=*")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeConfig:
    """Options of the service, checked when they are made."""

    host: str = "127.0.0.1"
    port: int = 8737
    """0 for any that is free."""
    token: str = field(default="", repr=False)
    """What every request must bring; empty for none, which only a loopback address allows."""
    threads: int = 2
    """Checks at work at the same time; writes have a thread of their own."""
    waiting: int = 64
    """Requests that may wait for a thread, checks and writes each; more are turned away."""
    max_bytes: int = 10_000_000
    """Largest body of a request."""
    patience: float = 5.0
    """Seconds to wait for another writer of the index before a request is turned away."""
    body_seconds: float = 30.0
    """Seconds within which the body of a request must have arrived."""

    def __post_init__(self) -> None:
        if not 0 <= self.port <= 65535:
            raise ConfigError(f"--port must be 0 to 65535, not {self.port}")
        if not 1 <= self.threads <= _MOST_THREADS:
            raise ConfigError(f"--threads must be 1 to {_MOST_THREADS}, not {self.threads}")
        if not 0 <= self.waiting <= 100_000:
            raise ConfigError(f"--waiting must be 0 to 100000, not {self.waiting}")
        if not 1 <= self.max_bytes <= 1_000_000_000:
            raise ConfigError(f"--max-bytes must be 1 to 1000000000, not {self.max_bytes}")
        if not 0 <= self.patience <= 3600:
            raise ConfigError(f"--patience must be 0 to 3600 seconds, not {self.patience}")
        if self.token and not _TOKEN.fullmatch(self.token):
            raise ConfigError("a token is 16 or more of the characters A-Z a-z 0-9 . _ ~ + / -; this one is not")
        if not self.token and not is_loopback(self.host):
            raise ConfigError(
                f"{self.host!r} can be reached from other machines; give the service a token "
                "(--token-file, or DEDUP_TOKEN in the environment), or bind it to 127.0.0.1"
            )


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches the host; a name other than localhost could lead anywhere.

    Example:
        >>> is_loopback("127.0.0.1"), is_loopback("[::1]"), is_loopback("0.0.0.0"), is_loopback("newsroom.example")
        (True, True, False, False)
    """
    name = host.removeprefix("[").removesuffix("]")
    if name.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def read_token(path: Path) -> str:
    """The token that a file holds, without the line's end.

    Raises:
        ConfigError: the file cannot be read or holds no token.
    """
    try:
        token = path.read_text("ascii").strip()
    except OSError as error:
        raise ConfigError(f"cannot read the token file {path}: {error.strerror}") from error
    except UnicodeDecodeError:
        raise ConfigError(f"the token file {path} holds characters that no token has") from None
    if not token:
        raise ConfigError(f"the token file {path} is empty")
    return token
