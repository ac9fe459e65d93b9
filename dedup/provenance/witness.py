"""An article as a witness of where its text comes from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

__all__ = ["Witness", "address", "host"]

#: Nearly every address; taking one apart by the book takes ten times as long.
_PLAIN_HOST = re.compile(r"https?://([a-z0-9.-]+)(?:[/?#]|\Z)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """What one article tells of its origin. Outlets are keys that compare equal for one outlet."""

    id: str
    """The article's."""
    publisher: str = ""
    outlet: str = ""
    """Whose article it is by its publisher; empty when unknown."""
    from_agency: bool = False
    """Whether that outlet is a news agency."""
    credited: str = ""
    """The agency that the text itself is credited to, by its usual short name."""
    agency: str = ""
    """The same as a key."""
    credit: str = ""
    """The credit line as it stands."""
    author: str = ""
    has_dateline: bool = False
    url: str = ""
    canonical_url: str = ""
    site: str = ""
    """The host of `url`."""
    own: frozenset[str] = frozenset()
    """Names the text gives itself: a dateline `(CNN)`, `CNN's Ann Roe contributed`."""
    reported: frozenset[str] = frozenset()
    """Outlets it names as having reported something."""
    told: frozenset[str] = frozenset()
    """Outlets it names as having been told something."""
    mentioned: frozenset[str] = frozenset()
    """Agencies that it names anywhere, in whatever sense; only looked for where a credit is audited."""
    first_hand: bool = False
    """Whether somebody told "us"."""
    published: str = ""
    """The date of publication, empty where it cannot be trusted."""

    @property
    def names(self) -> frozenset[str]:
        """Every name it goes by: its outlet, or what the text calls itself where the outlet is not known."""
        if self.outlet:
            return self.own | {self.outlet}
        return self.own | ({self.agency} if self.agency and self.has_dateline else frozenset())

    @property
    def borrowed(self) -> str:
        """The agency that it credits without being that agency; "" when there is none."""
        return self.agency if self.agency and self.outlet and self.agency not in self.names else ""


def host(url: str) -> str:
    """The host of an address, without the prefixes under which one site also answers.

    Example:
        >>> host("https://www.courier.example/a"), host("https://amp.courier.example/a?b"), host("no address")
        ('courier.example', 'courier.example', '')
    """
    if plain := _PLAIN_HOST.match(url):
        name = plain[1]
    else:
        try:
            name = (urlsplit(url).hostname or "").lower()
        except ValueError:
            return ""
    for prefix in ("www.", "m.", "amp.", "mobile."):
        name = name.removeprefix(prefix)
    return name


def address(url: str) -> str:
    """An address without scheme, query, fragment and final slash, for telling whether two are one page."""
    bare = url.split("?")[0].split("#")[0].rstrip("/")
    return bare.partition("//")[2] or bare
