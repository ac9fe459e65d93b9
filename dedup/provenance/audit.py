"""Who carries the credit: copies of a credited text that name nobody.

A remark here may end in a letter to another newsroom, so it is made only where the other members of the copy group
say plainly whose text it is, agree on it, and the outlet of this copy is known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from dedup.provenance.witness import Witness, host

__all__ = ["NO_CREDIT", "audit_credits"]

#: How every remark on a missing credit begins.
NO_CREDIT = "no credit"


def audit_credits(group: Sequence[Witness]) -> list[str]:
    """A remark for each article of a group that carries one text: whom it credits, or that it credits nobody.

    The remark is empty where nobody is credited, where members name different owners, and where the outlet is unknown.
    """
    owners = _owners(group)
    if len(owners) != 1:
        return [f"credited to {w.article.agency}" if w.borrowed else "" for w in group]
    [(key, name)] = owners.items()
    return [_remark(witness, key, name, group) for witness in group]


def _owners(group: Sequence[Witness]) -> dict[str, str]:
    """Keys and names of those that members credit the text to: agencies, and outlets within the group."""
    owners = {w.borrowed: w.article.agency for w in group if w.borrowed}
    owners = {w.outlet: w.article.publisher for w in group if w.from_agency} | owners
    for credited in group:
        if credited.outlet and any(_names_outlet(w, credited) for w in group if w.outlet != credited.outlet):
            owners.setdefault(credited.outlet, credited.article.publisher)
    return owners


def _names_outlet(witness: Witness, other: Witness) -> bool:
    credit, name = witness.article.credit.casefold(), other.article.publisher.casefold().removeprefix("the ").strip()
    site = host(other.article.url)
    return bool(credit) and ((len(name) > 3 and name in credit) or (bool(site) and site in credit))


def _credits(witness: Witness, key: str, name: str, group: Sequence[Witness]) -> bool:
    """Whether this article names the owner in a credit."""
    owned = [w for w in group if w.outlet == key]
    return witness.agency == key or any(_names_outlet(witness, w) for w in owned) or name in witness.article.credit


def _remark(witness: Witness, key: str, name: str, group: Sequence[Witness]) -> str:
    if key in witness.names and (witness.outlet == key or not witness.outlet):
        return f"by {name} itself"
    if _credits(witness, key, name, group):
        return f"credited to {name}"
    if key in witness.reported | witness.told | witness.own | witness.mentioned or name in witness.article.author:
        return f"{name} is named in the text"
    if not witness.outlet:
        return ""
    crediting: dict[str, bool] = defaultdict(bool)
    for other in group:
        if other is not witness and other.outlet != key and _credits(other, key, name, group):
            crediting[other.outlet or other.article.id] = True
    if witness.outlet in crediting:
        return f"{name} is credited in another version of this outlet"
    own = any(other.outlet == key for other in group)
    if _is_first(witness, group):
        return ""  # who wrote first may be whom the agency had it from
    others = f"{len(crediting)} other outlet{'s' if len(crediting) != 1 else ''}"
    if own:
        return f"{NO_CREDIT}: {name} has the same text" + (f", credited by {others}" if crediting else "")
    if len(crediting) >= 2:
        return f"{NO_CREDIT}: {others} credit the text to {name}"
    return f"{NO_CREDIT} found: one other outlet credits the text to {name}"


def _is_first(witness: Witness, group: Sequence[Witness]) -> bool:
    dates = [w.published for w in group if w.published]
    return (
        bool(witness.published)
        and len(dates) > 1
        and witness.published[:10]
        < min((w.published[:10] for w in group if w is not witness and w.published), default="")
    )
