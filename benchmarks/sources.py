"""How right the likely source is, and how far its probability can be believed, on pairs whose source readers named.

    python benchmarks/sources.py FOLDER...

Each folder holds docs.jsonl.gz (id, text, and where known story, title, source, url, published) and gold_pairs.csv with
a column `source`: a, b, common (a third text), unknown. Pairs are split by story into two halves: evidence can be
weighed on the first and judged on the second. A pair that readers could not tell counts against every answer but none.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dedup import Article, compare
from dedup.provenance import CANNOT_TELL, COMMON

_NAMES = {COMMON: "common", CANNOT_TELL: "cannot tell", "": "no copy"}
_BINS = ((0.6, 0.7), (0.7, 0.8), (0.8, 0.9), (0.9, 1.01))


@dataclass(frozen=True, slots=True)
class Judged:
    """One pair: what readers said, what we say, and how sure."""

    gold: str
    found: str
    probability: float
    grade: str
    half: int


def judged(folder: Path) -> Iterator[Judged]:
    """The pairs of one folder whose source readers have looked for."""
    with open(folder / "gold_pairs.csv", encoding="utf-8-sig", newline="") as file:
        gold = [row for row in csv.DictReader(file) if row.get("source")]
    wanted = {row[side] for row in gold for side in "ab"}
    with gzip.open(folder / "docs.jsonl.gz", "rt", encoding="utf-8") as file:
        docs = {doc["id"]: doc for doc in map(json.loads, file) if doc["id"] in wanted}
    for row in gold:
        match = compare(*(_article(docs[row[side]]) for side in "ab"))
        found = _NAMES.get(match.likely_source) or ("a" if match.likely_source == row["a"] else "b")
        story = f"{folder.name} {docs[row['a']].get('story', row['a'])}"
        half = hashlib.blake2b(story.encode(), digest_size=1).digest()[0] % 2
        yield Judged(row["source"], found, match.source_probability, row["grade"], half)


def _article(doc: dict[str, str]) -> Article:
    known = {name: str(doc.get(field) or "") for name, field in _FIELDS.items()}
    return Article(id=doc["id"], body=doc["text"], **known)


_FIELDS = {"title": "title", "url": "url", "publisher": "source", "published_at": "published"}


def report(title: str, pairs: Sequence[Judged]) -> None:
    """Print coverage, accuracy and calibration of the answers."""
    named = [p for p in pairs if p.probability]
    right = sum(p.found == p.gold for p in named)
    telling = [p for p in named if p.found in "ab"]
    print(
        f"{title}: {len(pairs)} pairs, {len(named)} answered, {right} right ({right / max(1, len(named)):.3f}), "
        f"mean probability {sum(p.probability for p in named) / max(1, len(named)):.3f}; one of the two named "
        f"{len(telling)} times, {sum(p.found == p.gold for p in telling)} right"
    )
    for low, high in _BINS:
        held = [p for p in named if low <= p.probability < high]
        if held:
            mean, share = sum(p.probability for p in held) / len(held), sum(p.found == p.gold for p in held) / len(held)
            print(f"  {low:.1f}-{min(high, 1):.1f}: {len(held):3} answers, predicted {mean:.2f}, right {share:.2f}")


def main() -> None:
    """Score every folder named on the command line together."""
    pairs = [pair for folder in sys.argv[1:] for pair in judged(Path(folder))]
    if not pairs:
        raise SystemExit(__doc__)
    report("all", pairs)
    for half, title in enumerate(("first half", "second half")):
        report(title, [p for p in pairs if p.half == half])
    print("readers -> we")
    for (gold, found), count in sorted(Counter((p.gold, p.found) for p in pairs).items()):
        print(f"  {gold:8} {found:12} {count}")


if __name__ == "__main__":
    main()
