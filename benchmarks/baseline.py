"""The plain recipe, to compare with: MinHash-LSH over word n-grams, connected components, no cleaning, no verification.

usage: python benchmarks/baseline.py DOCS.jsonl[.gz] OUT [--size 5] [--threshold 0.5]

Writes pairs.csv, clusters.csv and articles.csv into the folder OUT with the columns that `dedup evaluate` reads, so
that both are scored by one command. Candidates come from datasketch's MinHashLSH with 128 permutations at its own
choice of bands; a pair is kept when its estimated Jaccard reaches the threshold, as near_duplicate from .8 on, else as
excerpt.
"""

import argparse
import csv
from pathlib import Path

from peers import datasketch, read

from dedup.graph import components


def similar(articles, size, threshold):
    """Pairs (low id, high id, estimated Jaccard) at or above the threshold."""
    names = [name for name, _ in articles]
    found = datasketch([text for _, text in articles], size, threshold)
    return sorted((*sorted((names[a], names[b])), round(jaccard, 4)) for a, b, jaccard in found)


def write(path, header, rows):
    """One CSV file."""
    with open(path, "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("docs")
    parser.add_argument("out", type=Path)
    parser.add_argument("--size", type=int, default=5, help="words in a shingle")
    parser.add_argument("--threshold", type=float, default=0.5, help="estimated Jaccard that makes a pair")
    options = parser.parse_args()
    articles = read(options.docs)
    pairs = similar(articles, options.size, options.threshold)
    number = {name: place for place, (name, _) in enumerate(articles)}
    groups = components((number[a], number[b]) for a, b, _ in pairs)
    options.out.mkdir(parents=True, exist_ok=True)
    graded = [(a, b, "near_duplicate" if j >= 0.8 else "excerpt", j) for a, b, j in pairs]
    write(options.out / "pairs.csv", ("a", "b", "grade", "confidence"), graded)
    members = [(f"c{k}", articles[i][0]) for k, group in enumerate(groups) for i in group]
    write(options.out / "clusters.csv", ("cluster_id", "article_id"), members)
    write(options.out / "articles.csv", ("article_id",), [(name,) for name, _ in articles])
    print(f"{len(articles):,} articles, {len(pairs):,} pairs, {len(groups):,} clusters")


if __name__ == "__main__":
    main()
