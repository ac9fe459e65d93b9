"""Make dedup/data/background.npz from corpora of news: hashes of words and 3-grams and how rare they are, no text.

usage: python benchmarks/build_background.py VERSION DOCS.jsonl[.gz] ...

Every file is one corpus; records with a `lang` field count as a corpus of their own language, because the frequency
of a phrase means something only among texts that could hold it. A phrase gets its highest share over the corpora of
at least 1,000 articles taken together, and over each smaller language.
"""

import gzip
import hashlib
import json
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
from numba import njit

from dedup.background import pack_keys, quantise
from dedup.minhash import _gram
from dedup.tokens import tokenise

OUT = Path(__file__).parent.parent / "dedup" / "data" / "background.npz"


@njit(nogil=True)
def distinct(tokens, offsets, size):
    """The distinct runs of `size` tokens of each text, flat."""
    out = np.empty(len(tokens), np.uint64)
    n = 0
    for i in range(len(offsets) - 1):
        row = tokens[offsets[i] : offsets[i + 1]]
        if len(row) < size:
            continue
        grams = np.empty(len(row) - size + 1, np.uint64)
        for at in range(len(grams)):
            grams[at] = row[at] if size == 1 else _gram(row, at, size)
        grams.sort()
        for at in range(len(grams)):
            if at == 0 or grams[at] != grams[at - 1]:
                out[n] = grams[at]
                n += 1
    return out[:n]


def texts(paths):
    """Distinct texts by language; what has no `lang` field counts as one language."""
    groups, seen = defaultdict(list), set()
    for path in paths:
        opener = gzip.open if path.endswith(".gz") else open
        with opener(path, "rt", encoding="utf-8") as file:
            for line in file:
                record = json.loads(line)
                digest = hashlib.sha256(record["text"].encode("utf-8", "replace")).digest()
                if digest not in seen:
                    seen.add(digest)
                    groups[record.get("lang", "")].append(record["text"])
    return groups


def frequencies(bodies, size):
    """(hashes, number of texts that hold each) of one language."""
    parts = []
    for at in range(0, len(bodies), 2000):
        batch = tokenise(bodies[at : at + 2000])
        parts.append(distinct(batch.hashes, batch.offsets, size).copy())
    return np.unique(np.concatenate(parts), return_counts=True)


def rare_shares(groups, size, floor):
    """(hashes, idf): of every language, what at least `floor` of its texts hold (three in a small language)."""
    hashes, idf = [], []
    for language, bodies in sorted(groups.items()):
        keys, counts = frequencies(bodies, size)
        kept = counts >= (floor if len(bodies) >= 1000 else 3)
        hashes.append(keys[kept])
        idf.append(-np.log(counts[kept] / len(bodies)))
        print(
            f"{language or 'main':6} size {size}: {len(bodies)} texts, {kept.sum()} of {len(keys)} kept",
            file=sys.stderr,
        )
    keys, values = np.concatenate(hashes), np.concatenate(idf)
    order = np.lexsort((values, keys))
    keys, values = keys[order], values[order]
    first = np.concatenate([[True], keys[1:] != keys[:-1]])
    return keys[first], values[first]


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    groups = texts(sys.argv[2:])
    words, word_idf = rare_shares(groups, 1, 3)
    grams, gram_idf = rare_shares(groups, 3, 1 + int(len(groups[""]) * np.exp(-8)))
    np.savez_compressed(
        OUT,
        version=sys.argv[1],
        documents=max(len(bodies) for bodies in groups.values()),
        word_keys=pack_keys(words),
        word_idf=quantise(word_idf),
        gram_keys=pack_keys(grams),
        gram_idf=quantise(gram_idf),
    )
    print(f"{OUT.name}: {len(words)} words, {len(grams)} 3-grams, {OUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
