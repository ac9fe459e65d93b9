"""Near-duplicates by other libraries, each with the least that a user would write: no cleaning, no verification.

usage: python benchmarks/peers.py LIBRARY DOCS.jsonl[.gz]

LIBRARY is datasketch, gaoya or rensa. Reads the records, splits them into word 5-grams, signs with 128 permutations,
lists the pairs with an estimated Jaccard of .5 or more, and prints {"articles": ..., "pairs": ...}. Needs nothing but
the library: `make bench` installs all three into an environment of their own.
"""

import argparse
import gzip
import json
import re
from collections.abc import Callable, Sequence

WORD = re.compile(r"\w+")
NUM_PERM = 128
#: Two texts with their ids' numbers, lower one first, and the estimated Jaccard.
Pairs = list[tuple[int, int, float]]


def read(path: str) -> list[tuple[str, str]]:
    """(id, text) of each record; the number of its line where it has no id."""
    with (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="utf-8") as file:
        records = enumerate(map(json.loads, file), 1)
        return [(record.get("id", str(number)), record["text"]) for number, record in records]


def shingles(text: str, size: int) -> list[str]:
    """The word n-grams of a text."""
    words = WORD.findall(text.lower())
    return [" ".join(words[i : i + size]) for i in range(max(1, len(words) - size + 1))]


def datasketch(texts: Sequence[str], size: int, threshold: float) -> Pairs:
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(threshold=threshold, num_perm=NUM_PERM)
    signatures: list[MinHash] = []
    pairs = []
    encoded = ([shingle.encode() for shingle in shingles(text, size)] for text in texts)
    for number, signature in enumerate(MinHash.generator(encoded, num_perm=NUM_PERM)):
        for other in index.query(signature):
            if (jaccard := signature.jaccard(signatures[other])) >= threshold:
                pairs.append((other, number, jaccard))
        index.insert(number, signature)
        signatures.append(signature)
    return pairs


def gaoya(texts: Sequence[str], size: int, threshold: float) -> Pairs:
    from gaoya.minhash import MinHashStringIndex

    index = MinHashStringIndex(
        jaccard_threshold=threshold,
        num_bands=None,
        band_size=None,
        num_hashes=NUM_PERM,
        analyzer="word",
        lowercase=True,
        ngram_range=(size, size),
    )
    index.par_bulk_insert_docs(list(range(len(texts))), texts)
    found = index.par_bulk_query(texts, return_similarity=True)
    return [(a, b, jaccard) for a, others in enumerate(found) for b, jaccard in others if a < b]


def rensa(texts: Sequence[str], size: int, threshold: float) -> Pairs:
    from rensa import RMinHash, RMinHashLSH

    signatures = RMinHash.from_token_sets((shingles(text, size) for text in texts), NUM_PERM, 42)
    index = RMinHashLSH(threshold, NUM_PERM, NUM_PERM // 4)
    index.insert_many(signatures)
    pairs = []
    for a, others in enumerate(index.query_all(signatures)):
        for b in others:
            if a < b and (jaccard := signatures[a].jaccard(signatures[b])) >= threshold:
                pairs.append((a, b, jaccard))
    return pairs


LIBRARIES: dict[str, Callable[[Sequence[str], int, float], Pairs]] = {
    "gaoya": gaoya,
    "rensa": rensa,
    "datasketch": datasketch,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("library", choices=LIBRARIES)
    parser.add_argument("docs")
    options = parser.parse_args()
    texts = [text for _, text in read(options.docs)]
    print(json.dumps({"articles": len(texts), "pairs": len(LIBRARIES[options.library](texts, 5, 0.5))}))


if __name__ == "__main__":
    main()
