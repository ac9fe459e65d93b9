"""Whether an index that was built in another order comes to the copies of one scan.

usage: python benchmarks/index_equal.py DOCS... [--seed 1] [--together 1]

Scans the articles, adds them to a new index in a shuffled order, --together at a time, and compares the copies: before
the furniture of large outlets is settled, and after. Exits 1 if they differ then.
"""

import argparse
import random
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import select

from dedup import Article, Config, Index, find_duplicates
from dedup.grade import GRADES
from dedup.index.schema import article, pair
from dedup.ingest import read_articles

Pairs = dict[tuple[str, str], tuple[str, float]]


def stored(index: Index) -> Pairs:
    """The copies that an index holds."""
    with index._database.reading() as connection:
        ids = {num: id for num, id in connection.execute(select(article.c.num, article.c.id))}  # noqa: C416
        rows = connection.execute(select(pair.c.a, pair.c.b, pair.c.code, pair.c.confidence))
        return {(ids[a], ids[b]): (str(GRADES[code]), round(sure, 4)) for a, b, code, sure in rows}


def said(wanted: Pairs, got: Pairs) -> str:
    both = wanted.keys() & got.keys()
    return (
        f"{len(wanted)} pairs by the scan, {len(got)} by the index: {len(wanted.keys() - got.keys())} missing, "
        f"{len(got.keys() - wanted.keys())} more, {sum(wanted[key] != got[key] for key in both)} with another grade"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("docs", nargs="+")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--together", type=int, default=1)
    options = parser.parse_args()
    articles: list[Article] = [a for path in options.docs for a in read_articles(path, Config())[0]]
    articles = list({a.id: a for a in articles}.values())
    wanted = {(m.a, m.b): (str(m.grade), m.confidence) for m in find_duplicates(articles).matches}
    random.Random(options.seed).shuffle(articles)
    with TemporaryDirectory() as folder, Index.open(Path(folder) / "index.db") as index:
        start = time.perf_counter()
        for at in range(0, len(articles), options.together):
            index.add_many(articles[at : at + options.together])
        print(f"{len(articles)} articles added in {time.perf_counter() - start:.0f} s, {options.together} at a time")
        print("before settling:", said(wanted, stored(index)))
        index.settle()
        print("settled:", said(wanted, stored(index)))
        sys.exit(stored(index) != wanted)


if __name__ == "__main__":
    main()
