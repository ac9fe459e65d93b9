"""Who carries the credit: copies of a credited text that name nobody.

A remark here may end in a letter to another newsroom, so it is made only where the other members of the copy group
say plainly whose text it is, agree on it, and the outlet of this copy is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dedup.provenance.witness import Witness

__all__ = ["NO_CREDIT", "audit_credits"]

#: How every remark on a missing credit begins.
NO_CREDIT = "no credit"


@dataclass(frozen=True, slots=True)
class _Owner:
    """Whose text a group carries, and what the group as a whole says of it."""

    key: str
    name: str
    own: frozenset[tuple[str, str]]
    """Names and sites of the owner's articles in the group."""
    crediting: frozenset[str]
    """Other outlets whose articles credit the text to the owner."""
    days: tuple[str, ...]
    """Days of publication of the whole group, sorted."""


def audit_credits(group: Sequence[Witness]) -> list[str]:
    """A remark for each article of a group that carries one text: whom it credits, or that it credits nobody.

    The remark is empty where nobody is credited, where members name different owners, and where the outlet is unknown.
    """
    owners = _owners(group)
    if len(owners) != 1:
        return [f"credited to {w.credited}" if w.borrowed else "" for w in group]
    [(key, name)] = owners.items()
    own = frozenset((w.publisher, w.site) for w in group if w.outlet == key)
    crediting = frozenset(w.outlet or w.id for w in group if w.outlet != key and _credits(w, key, name, own))
    days = tuple(sorted(w.published[:10] for w in group if w.published))
    owner = _Owner(key, name, own, crediting, days)
    return [_remark(witness, owner) for witness in group]


def _owners(group: Sequence[Witness]) -> dict[str, str]:
    """Keys and names of those that members credit the text to: agencies, and outlets within the group."""
    owners = {w.borrowed: w.credited for w in group if w.borrowed}
    owners = {w.outlet: w.publisher for w in group if w.from_agency} | owners
    credits = {(w.outlet, w.credit.casefold()) for w in group if w.credit}
    for outlet, publisher, site in dict.fromkeys((w.outlet, w.publisher, w.site) for w in group if w.outlet):
        if any(_names_outlet(credit, publisher, site) for other, credit in credits if other != outlet):
            owners.setdefault(outlet, publisher)
    return owners


def _names_outlet(credit: str, publisher: str, site: str) -> bool:
    """Whether a credit line in lower case names an outlet or its site."""
    name = publisher.casefold().removeprefix("the ").strip()
    return (len(name) > 3 and name in credit) or (bool(site) and site in credit)


def _credits(witness: Witness, key: str, name: str, own: Iterable[tuple[str, str]]) -> bool:
    """Whether this article names the owner in a credit."""
    if witness.agency == key or name in witness.credit:
        return True
    credit = witness.credit.casefold()
    return bool(credit) and any(_names_outlet(credit, publisher, site) for publisher, site in own)


def _remark(witness: Witness, owner: _Owner) -> str:
    key, name, others = owner.key, owner.name, len(owner.crediting)
    if key in witness.names and (witness.outlet == key or not witness.outlet):
        return f"by {name} itself"
    if _credits(witness, key, name, owner.own):
        return f"credited to {name}"
    if key in witness.reported | witness.told | witness.own | witness.mentioned or name in witness.author:
        return f"{name} is named in the text"
    if not witness.outlet:
        return ""
    if witness.outlet in owner.crediting:
        return f"{name} is credited in another version of this outlet"
    if len(owner.days) > 1 and witness.published[:10] == owner.days[0] < owner.days[1]:
        return ""  # who wrote first may be whom the agency had it from
    outlets = f"{others} other outlet{'s' if others != 1 else ''}"
    if owner.own:
        return f"{NO_CREDIT}: {name} has the same text" + (f", credited by {outlets}" if others else "")
    if others >= 2:
        return f"{NO_CREDIT}: {outlets} credit the text to {name}"
    return f"{NO_CREDIT} found: one other outlet credits the text to {name}"
