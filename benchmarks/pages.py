"""How well articles are taken out of web pages: body, title and date of publication, and how fast.

usage: python benchmarks/pages.py FOLDER [--extractor accurate|fast] [--worst N]

FOLDER holds ground_truth.jsonl (`file`, `url`, `text`: the article's own text, by people) and the pages, packed as
pages.tar.gz or unpacked.

Body: words are runs of letters and digits in the case they have. Of each page, the multiset of runs of four words of
our text is compared with that of the true text; precision and recall are averaged over the pages, and F1 is their
harmonic mean, as in the article extraction benchmark that extractors publish figures for. The same is given for single
words, and as the mean of the pages' own F1. Our text is the body without the furniture marked in it, for that is what
is compared with other articles: that figure is the headline. The whole body is shown beside it.

Title and date: what a page states is read from its markup by expressions that share no code with dedup: og:title,
twitter:title, JSON-LD headline, h1 and title; JSON-LD datePublished, meta tags of publication, itemprop datePublished
and, where the page has none of these, <time datetime>. A title is found when it has the words of one of those stated
(of <title>, more than half of them in a row, as outlets add their name); a date when its day is one of those stated.

Pages are also scored in two halves, divided by site, to show how much the figures depend on the sites.
"""

import argparse
import hashlib
import html
import json
import re
import tarfile
import tempfile
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

from dedup.config import EXTRACTORS, Config, ReadConfig
from dedup.ingest import batch_articles, read_articles

WORD = re.compile(r"\w+")
ATTRIBUTE = re.compile(r"""([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""")
DAY = re.compile(r"(19|20)(\d\d)[-/.]?([01]\d)[-/.]?([0-3]\d)")
PUBLISHED = re.compile(
    r"(?:og:)?article:published(?:_time)?|datepublished|pubdate|publishdate|publish-date|parsely-pub-date|sailthru\.date"
    r"|dc\.date(?:\.issued)?|dcterms\.created|article\.published|pdate|date"
)


def grams(text, size):
    """The runs of `size` words; of a shorter text, all of it."""
    words = WORD.findall(text)
    size = min(size, len(words)) or 1
    return Counter(tuple(words[at : at + size]) for at in range(len(words) - size + 1))


def scores(rows, size):
    """(F1 of mean precision and mean recall, mean precision, mean recall, mean F1) of (true, ours) texts."""
    precision, recall, f1 = [], [], []
    for true, ours in rows:
        a, b = grams(true, size), grams(ours, size)
        common, in_true, in_ours = (a & b).total(), a.total(), b.total()
        if in_ours:
            precision.append(common / in_ours)
        if in_true:
            recall.append(common / in_true)
        f1.append(2 * common / (in_true + in_ours) if in_true + in_ours else 1.0)
    p, r = sum(precision) / max(1, len(precision)), sum(recall) / max(1, len(recall))
    return 2 * p * r / (p + r) if p + r else 0.0, p, r, sum(f1) / max(1, len(f1))


def own_text(article):
    """The body without its furniture."""
    marked = batch_articles([article]).page.unpack(0)
    pieces, at = [], 0
    for piece in sorted(marked.furniture, key=lambda piece: piece.start):
        pieces.append(marked.body[at : piece.start])
        at = max(at, piece.end)
    return "\n".join([*pieces, marked.body[at:]])


def attributes(tag):
    return {name.lower(): html.unescape(a or b or c) for name, a, b, c in ATTRIBUTE.findall(tag)}


def strings(markup, name):
    """The values of a JSON property anywhere in the page."""
    for value in re.findall(rf'"{name}"\s*:\s*"((?:[^"\\]|\\.)*)"', markup):
        try:
            yield html.unescape(json.loads(f'"{value}"', strict=False))
        except ValueError:
            continue


def stated(markup):
    """(titles, the contents of <title>, days) that the page states."""
    titles, days, times = list(strings(markup, "headline")), list(strings(markup, "datePublished")), []
    for tag in re.findall(r"<[a-z]+\b[^>]*\b(?:content|datetime)\s*=[^>]*>", markup, re.IGNORECASE):
        found = attributes(tag)
        names = {(found.get(key) or "").lower() for key in ("property", "name")}
        names.update((found.get("itemprop") or "").lower().split())
        content = found.get("content") or found.get("datetime") or ""
        if names & {"og:title", "twitter:title"}:
            titles.append(content)
        elif any(PUBLISHED.fullmatch(name) for name in names):
            days.append(content)
        elif tag[:5].lower() == "<time":
            times.append(content)
    titles += [re.sub("<[^>]*>", " ", text) for text in re.findall(r"(?is)<h1\b[^>]*>(.*?)</h1>", markup)]
    heads = re.findall(r"(?is)<title\b[^>]*>(.*?)</title>", markup)[:1]
    days = [found for value in days if (found := day(value))] or [found for value in times if (found := day(value))]
    return [words(title) for title in titles if words(title)], [words(head) for head in heads if words(head)], days


def day(text):
    found = DAY.search(text)
    return "".join(found.groups()) if found else ""


def words(text):
    return WORD.findall(html.unescape(html.unescape(text)).casefold())


def has_title(title, titles, heads):
    ours = words(title)
    if not ours:
        return False
    part = " ".join(ours)
    return ours in titles or any(2 * len(ours) > len(head) and part in " ".join(head) for head in heads)


def in_first_half(url):
    """Whether a page belongs to the first half of the sites."""
    return hashlib.sha256((urlsplit(url).hostname or "").encode()).digest()[0] % 2 == 0


def show(name, rows):
    for size, label in ((4, "runs of four words"), (1, "single words")):
        f1, precision, recall, mean = scores(rows, size)
        print(f"{name:<30} {label:<20} {f1:.4f}    {precision:.4f} {recall:.4f}    {mean:.4f}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--extractor", choices=EXTRACTORS, default=EXTRACTORS[0])
    parser.add_argument("--worst", type=int, default=0)
    options = parser.parse_args()
    config = Config(read=ReadConfig(extractor=options.extractor))
    truth = [json.loads(line) for line in (options.folder / "ground_truth.jsonl").read_text("utf-8").splitlines()]
    with tempfile.TemporaryDirectory() as unpacked:
        folder = options.folder
        if (folder / "pages.tar.gz").exists():
            with tarfile.open(folder / "pages.tar.gz") as archive:
                archive.extractall(unpacked, filter="data")
            folder = Path(unpacked)
        paths = [folder / row["file"] for row in truth]
        read_articles(str(paths[0]), config)  # imports and compiles, which is no part of the speed
        start = time.process_time()
        found = [(read_articles(str(path), config)[0] or [None])[0] for path in paths]
        seconds = time.process_time() - start
        markups = [path.read_bytes().decode("utf-8", "replace") for path in paths]
    print(f"{len(truth)} pages, {len(truth) / seconds:.1f} a second of processor time\n")
    own = [(row["text"], own_text(article) if article else "") for row, article in zip(truth, found, strict=True)]
    print(f"{'':<51} F1        precision recall    mean F1")
    show("without furniture (headline)", own)
    show(
        "whole body",
        [(row["text"], article.body if article else "") for row, article in zip(truth, found, strict=True)],
    )
    for half in (True, False):
        show(
            "first half" if half else "second half",
            [p for p, row in zip(own, truth, strict=True) if in_first_half(row["url"]) == half],
        )
    titled = dated = right_titles = right_dates = only_shown = 0
    for row, article, markup in zip(truth, found, markups, strict=True):
        titles, heads, days = stated(markup)
        title, date = (article.title, article.published_at) if article else ("", "")
        titled += bool(titles or heads)
        right_titles += has_title(title, titles, heads)
        dated += bool(days)
        right_dates += bool(days) and day(date) in days
        only_shown += bool(date) and not days
        if options.worst and (titles or heads) and not has_title(title, titles, heads):
            print(f"title: {row['url']} {title!r}, stated {titles[:2]}")
        if options.worst and days and day(date) not in days:
            print(f"date: {row['url']} {date!r}, stated {days[:3]}")
    print(f"\ntitle found on {right_titles} of {titled} pages that state it: {right_titles / max(1, titled):.4f}")
    print(f"date found on {right_dates} of {dated} pages that state it: {right_dates / max(1, dated):.4f}")
    print(f"date found on {only_shown} of {len(truth) - dated} pages that only show it to readers, or have none")
    ranked = sorted((scores([pair], 4)[3], row["url"]) for pair, row in zip(own, truth, strict=True))
    for f1, url in ranked[: options.worst]:
        print(f"{f1:.3f} {url}")


if __name__ == "__main__":
    main()
