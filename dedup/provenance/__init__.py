"""Where a copy comes from: the likely source of a pair, revisions of one outlet, and who carries the credit."""

from dedup.provenance.audit import audit_credits
from dedup.provenance.dates import doubtful_dates, instant
from dedup.provenance.evidence import CANNOT_TELL, COMMON, Attribution, attribute
from dedup.provenance.outlets import relation, same_outlet
from dedup.provenance.witness import Witness

__all__ = [
    "CANNOT_TELL",
    "COMMON",
    "Attribution",
    "Witness",
    "attribute",
    "audit_credits",
    "doubtful_dates",
    "instant",
    "relation",
    "same_outlet",
]
