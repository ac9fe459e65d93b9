"""How fast an index takes articles in and answers, and how large it is; beside MinHashLSH in memory and over Redis.

usage: python benchmarks/index.py NEWSROOM INDEX [--held 5000] [--jobs 2] [--json]
       python benchmarks/index.py NEWSROOM --peers [--count 20000] [--redis PORT]

NEWSROOM was written by newsroom.py. The first form adds its articles to a new index at INDEX, but for --held of them,
which are then checked, one after the other, in this process. The second form measures datasketch's MinHashLSH, with
--redis also over a server on loopback (needs the package redis): signatures of 128 of word 5-grams, insertion, look-up.
"""

import argparse
import json
import os
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from dedup import Article, Config, Index


def articles(folder: Path) -> Iterator[Article]:
    """The articles of a newsroom."""
    with open(folder / "docs.jsonl", "rb") as lines:
        for line in lines:
            row = orjson.loads(line)
            yield Article(
                id=row["id"],
                title=row["title"],
                body=row["text"],
                publisher=row["source"],
                published_at=row["published"],
            )


def spread(milliseconds: list[float]) -> dict[str, float]:
    """Quantiles of some times."""
    points = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "max": 1.0}
    return {name: round(float(np.quantile(milliseconds, at)), 2) for name, at in points.items()}


def build(folder: Path, path: Path, step: int, jobs: int) -> tuple[dict[str, Any], list[Article]]:
    """Adds the newsroom to a new index; returns figures, and the articles that were held back."""
    held: list[Article] = []

    def kept() -> Iterator[Article]:
        for number, article in enumerate(articles(folder)):
            if number % step == 0:
                held.append(article)
            else:
                yield article

    with Index.open(path, config=Config(jobs=jobs)) as index:
        start = time.perf_counter()
        count = index.add_many(kept())
        seconds = time.perf_counter() - start
        stats = index.stats()
    beyond = (stats.bytes - stats.text_bytes) / count
    return {
        "articles": count,
        "seconds": round(seconds, 1),
        "add_many_per_second": round(count / seconds),
        "bytes_an_article_beyond_its_text": round(beyond),
        "bytes_of_text_an_article": round(stats.text_bytes / count),
    }, held


def check(path: Path, held: list[Article]) -> dict[str, Any]:
    """Times of checks, of all and by what they say; and of single additions."""
    with Index.open(path) as index:
        for article in held[:50]:
            index.check(article)
        times: dict[str, list[float]] = defaultdict(list)
        for article in held:
            start = time.perf_counter()
            verdict = index.check(article)
            times[str(verdict.relation)].append(1000 * (time.perf_counter() - start))
        added = []
        for article in held[:1000]:
            start = time.perf_counter()
            index.add(article)
            added.append(1000 * (time.perf_counter() - start))
        index.remove_many(article.id for article in held[:1000])
    every = [value for some in times.values() for value in some]
    return {
        "checks": len(every),
        "check_ms": spread(every),
        "check_ms_by_relation": {name: {"checks": len(some), **spread(some)} for name, some in sorted(times.items())},
        "add_ms": spread(added),
    }


def peers(folder: Path, count: int, port: int | None) -> dict[str, Any]:
    """Times of datasketch for what it does of this: signatures, insertion, look-up."""
    from datasketch import MinHash, MinHashLSH

    stores: dict[str, dict[str, Any]] = {"memory": {}}
    if port is not None:
        redis = {"type": "redis", "basename": b"dedup-benchmark", "redis": {"host": "127.0.0.1", "port": port}}
        stores["redis"] = {"storage_config": redis}
    texts = [article.body.lower().split() for _, article in zip(range(count + 1000), articles(folder), strict=False)]
    start = time.perf_counter()
    signed = []
    for words in texts:
        signature = MinHash(num_perm=128)
        signature.update_batch({" ".join(words[at : at + 5]).encode() for at in range(max(1, len(words) - 4))})
        signed.append(signature)
    signing = 1000 * (time.perf_counter() - start) / len(texts)
    out: dict[str, Any] = {"articles": count, "signature_ms": round(signing, 3)}
    for name, options in stores.items():
        lsh = MinHashLSH(threshold=0.5, num_perm=128, **options)
        start = time.perf_counter()
        for number, signature in enumerate(signed[:count]):
            lsh.insert(str(number), signature)
        inserting = 1000 * (time.perf_counter() - start) / count
        asked = []
        for signature in signed[count:]:
            start = time.perf_counter()
            lsh.query(signature)
            asked.append(1000 * (time.perf_counter() - start))
        out[name] = {"insert_ms": round(inserting, 3), "query_ms": spread(asked)}
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("newsroom", type=Path)
    parser.add_argument("index", type=Path, nargs="?")
    parser.add_argument("--held", type=int, default=5000)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--redis", type=int)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.peers:
        figures = peers(options.newsroom, options.count, options.redis)
    elif options.index is None or options.index.exists():
        parser.error("INDEX must be the path of a new index")
    else:
        with open(options.newsroom / "docs.jsonl", "rb") as lines:
            total = sum(1 for _ in lines)
        figures, held = build(options.newsroom, options.index, max(2, total // options.held), options.jobs)
        figures |= check(options.index, held)
    if options.json:
        print(json.dumps(figures, indent=2))
        return
    for name, value in figures.items():
        print(f"{name.replace('_', ' ')}: {value}")


if __name__ == "__main__":
    main()
