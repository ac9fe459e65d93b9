"""Which planted copies a report found, by kind.

usage: python benchmarks/recall.py REPORTS OUT_DIR [--json]

REPORTS was written by `dedup scan OUT_DIR/docs.jsonl`, OUT_DIR by newsroom.py. Columns: *planted* pairs, and shares of
them: *pair*, in pairs.csv with a grade of copies; *cluster*, both articles in one cluster of clusters.csv, for in a
crowd not every pair is listed; *found*, one of the two; *right*, listed with a grade that fits the kind. What a pasted
passage or quotation makes depends on its share of the host, so two grades fit these. The last line counts the listed
copies that were neither planted nor follow from planted ones.
"""

import argparse
import csv
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

#: The grades that fit a kind.
FITTING = {
    "identical": {"exact"},
    "light": {"near_duplicate"},
    "partial": {"excerpt", "rewrite"},
    "quotation": {"excerpt", "rewrite"},
    "rewritten": {"rewrite"},
}
COPIES = {"exact", "near_duplicate", "excerpt", "rewrite"}


def cells(path: Path, *columns: str) -> Iterator[list[str]]:
    """Some columns of a CSV file, row by row."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file)
        header = next(rows)
        places = [header.index(column) for column in columns]
        for row in rows:
            yield [row[place] for place in places]


def root(story: dict[str, str], article: str) -> str:
    """The article that stands for a story; shortens the way to it."""
    while (next_ := story.setdefault(article, article)) != article:
        story[article] = article = story.setdefault(next_, next_)
    return article


def score(reports: Path, newsroom: Path) -> tuple[dict[str, dict[str, int]], int]:
    """Counts by kind (planted, pair, cluster, found, right), and the number of listed copies that nobody planted."""
    planted: dict[tuple[str, str], str] = {}
    story: dict[str, str] = {}
    for kind, a, b in cells(newsroom / "planted.csv", "kind", "a", "b"):
        planted[min(a, b), max(a, b)] = kind
        story[root(story, a)] = root(story, b)
    listed: set[tuple[str, str]] = set()
    right, mistakes = Counter[str](), 0
    for a, b, grade in cells(reports / "pairs.csv", "a", "b", "grade"):
        if grade not in COPIES:
            continue
        if (a, b) in planted:
            listed.add((a, b))
            right[planted[a, b]] += grade in FITTING[planted[a, b]]
        else:
            mistakes += root(story, a) != root(story, b)
    clusters = {article: cluster for cluster, article in cells(reports / "clusters.csv", "cluster_id", "article_id")}
    counts = {kind: dict.fromkeys(("planted", "pair", "cluster", "found", "right"), 0) for kind in FITTING}
    for (a, b), kind in planted.items():
        pair, cluster = (a, b) in listed, a in clusters and clusters[a] == clusters.get(b)
        for column, is_so in (("planted", True), ("pair", pair), ("cluster", cluster), ("found", pair or cluster)):
            counts[kind][column] += is_so
    for kind, count in right.items():
        counts[kind]["right"] = count
    return counts, mistakes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reports", type=Path)
    parser.add_argument("newsroom", type=Path)
    parser.add_argument("--json", action="store_true", help="print the counts as JSON")
    options = parser.parse_args()
    counts, mistakes = score(options.reports, options.newsroom)
    if options.json:
        print(json.dumps({"kinds": counts, "mistakes": mistakes}))
        return
    print(f"{'kind':>10} {'planted':>9} {'pair':>7} {'cluster':>7} {'found':>7} {'right':>7}")
    for kind, row in counts.items():
        shares = [f"{row[column] / max(1, row['planted']):7.3f}" for column in ("pair", "cluster", "found", "right")]
        print(f"{kind:>10} {row['planted']:>9,} {' '.join(shares)}")
    print(f"copies reported between stories of different origin: {mistakes:,}")


if __name__ == "__main__":
    main()
