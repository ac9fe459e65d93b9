"""The plain recipe, to compare with: MinHash-LSH over word n-grams, connected components, no cleaning, no verification.

usage: python benchmarks/baseline.py DOCS.jsonl[.gz] OUT [--size 5] [--threshold 0.5]

Writes pairs.csv, clusters.csv and articles.csv into the folder OUT with the columns that `dedup evaluate` reads, so
that both are scored by one command. Candidates come from datasketch's MinHashLSH with 128 permutations at its own
choice of bands; a pair is kept when its estimated Jaccard reaches the threshold, as near_duplicate from .8 on, else as
excerpt.
"""

import argparse
import csv
import gzip
import json
import re
from pathlib import Path

from datasketch import MinHash, MinHashLSH

from dedup.graph import components

WORD = re.compile(r"\w+")


def shingles(text, size):
    """The word n-grams of a text, as bytes."""
    words = WORD.findall(text.lower())
    return [" ".join(words[i : i + size]).encode() for i in range(max(1, len(words) - size + 1))]


def read(path):
    """(id, text) of each record."""
    with (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="utf-8") as file:
        return [(record["id"], record["text"]) for record in map(json.loads, file)]


def similar(articles, size, threshold):
    """Pairs (low id, high id, estimated Jaccard) at or above the threshold."""
    index, signatures = MinHashLSH(threshold=threshold, num_perm=128), {}
    pairs = []
    signed = MinHash.generator((shingles(text, size) for _, text in articles), num_perm=128)
    for (name, _), signature in zip(articles, signed, strict=True):
        for other in index.query(signature):
            jaccard = signature.jaccard(signatures[other])
            if jaccard >= threshold:
                pairs.append((*sorted((name, other)), round(jaccard, 4)))
        index.insert(name, signature)
        signatures[name] = signature
    return sorted(pairs)


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
