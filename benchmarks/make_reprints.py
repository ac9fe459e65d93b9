"""Make a set of reprints from real articles, with the truth beside it, to measure grades and clusters on.

usage: python benchmarks/make_reprints.py ARTICLES OUT [--seed N] [--stories N] [--text FIELD]

ARTICLES is a file of JSON lines, plain or .gz, one article each. OUT becomes a folder with

    docs.jsonl.gz   id, text, source
    truth.csv       id, story, kind: original, verbatim, edited, abridged, noisy; excerpt (a host with a pasted
                    one), roundup, bystander. Each host, round-up and bystander is a story of its own.
    excerpts.csv    id, story, words: which host holds how many words of which story

The texts stay their publishers': the set is for measuring and is not to be passed on. One seed gives one set. Articles
that share more than a tenth of their word 8-grams with one that was taken before are left out; two reports that quote
one statement are not, and the truth calls them two stories.
"""

import argparse
import csv
import gzip
import json
import random
import re
from pathlib import Path

WORDS = (300, 1500)
SHARED_GRAMS = 0.1
#: How many copies a story has, and how often.
FAMILIES = {1: 37, 2: 24, 3: 12, 5: 13, 8: 14}
#: What kind of copies, and how often.
KINDS = {"edited": 31, "abridged": 29, "noisy": 26, "verbatim": 14}
#: Bystanders, hosts and round-ups for each story.
BYSTANDERS, HOSTS, ROUNDUPS = 1.57, 0.33, 0.1

PLACES = ("Ardenmoor", "Birchport", "Castelrow", "Dunholme", "Elmsgate", "Farrowby", "Hallowfield", "Inverlune")
PAPERS = ("Bugle", "Clarion", "Examiner", "Gazette-News", "Intelligencer", "Mercury", "Packet", "Sentinel", "Tribune")
AGENCIES = ("AP", "Reuters", "AFP", "PA Media", "UPI", "dpa")
HEADS = (
    "{paper}\nMenu\nLatest | Politics | Business | Culture\n",
    "Skip to content\n{paper}\nSubscribe for unlimited access\n",
    "By {agency}\nfor {paper}\n",
    "{place} ({agency}) - ",
    "You are here: Home > News > {paper}\nFollow us\n",
    "Listen to this article\n5 min\n{paper} newsroom\n",
    "",
)
TAILS = (
    "\nRelated stories\nMore from {paper}\nSign up for our morning briefing",
    "\n(c) {agency}. All rights reserved. This article may not be reproduced.",
    "\nStory credit: {agency}\n- Advertisement -\nComments (0)",
    "\nSupport {paper}: become a member today.\nTerms of use | Privacy | Contact",
    "\nWith reporting by {agency}",
    "\nShare on social media\nPrint this page\n{paper} is published in {place}.",
    "",
)
SYNONYMS = {
    "said": "stated",
    "after": "in the wake of",
    "people": "persons",
    "because": "as",
    "while": "whereas",
    "new": "recent",
    "big": "major",
    "show": "indicate",
    "government": "cabinet",
    "killed": "slain",
    "against": "opposed to",
    "about": "around",
    "also": "as well",
    "help": "assist",
    "more than": "over",
    "last year": "a year ago",
    "children": "youngsters",
    "started": "began",
}
#: What a scanner takes a letter for.
MISREAD = {
    "e": "c",
    "a": "o",
    "t": "f",
    "i": "l",
    "n": "u",
    "s": "5",
    "o": "0",
    "l": "1",
    "h": "b",
    "m": "rn",
    "g": "q",
    "c": "e",
    "B": "8",
    "I": "l",
    "S": "5",
}


def articles(path, field, dice):
    """Texts of the right length, in random order, none much like one that came before."""
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as file:
        texts = [json.loads(line).get(field) or "" for line in file]
    texts = sorted({text.strip() for text in texts if WORDS[0] <= len(text.split()) <= WORDS[1]})
    dice.shuffle(texts)
    seen = set()
    for text in texts:
        words = re.findall(r"\w+", text.lower())
        grams = {" ".join(words[at : at + 8]) for at in range(len(words) - 7)}
        if len(grams & seen) <= SHARED_GRAMS * len(grams):
            seen |= grams
            yield text


def sentences(text):
    """The text in pieces that end with a sentence and its white space."""
    return re.findall(r".+?(?:[.!?][\"”’)]*\s+|\n+|\Z)", text, re.DOTALL)


def edited(text, dice):
    """Some words replaced, a few sentences dropped."""
    kept = [sentence for sentence in sentences(text) if dice.random() > 0.06]
    for word, other in SYNONYMS.items():
        kept = [
            re.sub(rf"\b{word}\b", lambda found, other=other: other if dice.random() < 0.5 else found[0], sentence)
            for sentence in kept
        ]
    return "".join(kept)


def abridged(text, dice):
    """The first two fifths to four fifths of the words, the line breaks kept."""
    pieces = re.findall(r"\S+\s*", text)
    return "".join(pieces[: int(len(pieces) * dice.uniform(0.38, 0.8))]).rstrip()


def noisy(text, dice):
    """The text, cut short or whole, as a scanner may have read it: letters misread, lost, words torn apart."""
    rate = dice.uniform(0.02, 0.07)
    text = abridged(text, dice) if dice.random() < 0.5 else text
    out = []
    for letter in text:
        if not letter.isalnum() or dice.random() > rate:
            out.append(letter)
            continue
        kind = dice.random()
        out.append(MISREAD.get(letter, letter) if kind < 0.6 else letter + " " if kind < 0.8 else "")
    return "".join(out)


MAKE = {"edited": edited, "abridged": abridged, "noisy": noisy, "verbatim": lambda text, dice: text}


def dressed(text, paper, dice):
    """The text inside another outlet's furniture."""
    fill = {"paper": paper, "place": paper.split()[0], "agency": dice.choice(AGENCIES)}
    return dice.choice(HEADS).format(**fill) + text + dice.choice(TAILS).format(**fill)


def with_excerpt(host, text, dice):
    """(the host with some sentences of the text pasted between two of its paragraphs, their words)."""
    pieces = re.findall(r"\S+\s*", text)
    length = min(len(pieces), round(dice.triangular(35, 300, 90)))
    start = dice.randrange(len(pieces) - length + 1)
    excerpt = "".join(pieces[start : start + length]).strip()
    paragraphs = re.split(r"\n+", host)
    if len(paragraphs) < 3:
        paragraphs = sentences(host)
    at = dice.randrange(1, max(2, len(paragraphs)))
    return "\n\n".join([*paragraphs[:at], excerpt, *paragraphs[at:]]), length


def make(pool, stories, dice):
    """(rows of docs, rows of truth, rows of excerpts), in random order."""
    papers = dice.sample([f"{place} {paper}" for place in PLACES for paper in PAPERS], 9)
    docs, originals, excerpts = [], {}, []
    for number, text in zip(range(stories), pool, strict=False):
        story = f"s{number}"
        originals[story] = text
        docs.append((text, papers[0], story, "original"))
        for _ in range(dice.choices(list(FAMILIES), FAMILIES.values())[0]):
            kind, paper = dice.choices(list(KINDS), KINDS.values())[0], dice.choice(papers[1:])
            docs.append((dressed(MAKE[kind](text, dice), paper, dice), paper, story, kind))
    stories = len(originals)
    for number, text in zip(range(round(stories * HOSTS)), pool, strict=False):
        story = dice.choice(list(originals))
        host, words = with_excerpt(text, originals[story], dice)
        excerpts.append((len(docs), story, words))
        docs.append((host, "host", f"x{number}", "excerpt"))
    for number in range(round(stories * ROUNDUPS)):
        some = dice.sample(list(originals), min(3, stories))
        news = "\n\n".join(" ".join(originals[story].split()[:60]) for story in some)
        docs.append((news, "digest", f"r{number}", "roundup"))
    for number, text in zip(range(round(stories * BYSTANDERS)), pool, strict=False):
        paper = dice.choice(papers[1:])
        docs.append((dressed(text, paper, dice), paper, f"b{number}", "bystander"))
    order = list(range(len(docs)))
    dice.shuffle(order)
    name = {place: f"d{number:06d}" for number, place in enumerate(order)}
    shuffled = [(name[place], docs[place]) for place in order]
    return (
        [{"id": key, "text": text, "source": paper} for key, (text, paper, _, _) in shuffled],
        [(key, story, kind) for key, (_, _, story, kind) in shuffled],
        [(name[place], story, words) for place, story, words in excerpts],
    )


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n\n")[1])
    parser.add_argument("articles", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--stories", type=int, default=800)
    parser.add_argument("--text", default="text", help="the field that holds the text")
    asked = parser.parse_args()
    dice = random.Random(asked.seed)
    docs, truth, excerpts = make(articles(asked.articles, asked.text, dice), asked.stories, dice)
    asked.out.mkdir(parents=True, exist_ok=True)
    with open(asked.out / "docs.jsonl.gz", "wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", mtime=0) as packed:
        for row in docs:
            packed.write((json.dumps(row, ensure_ascii=False) + "\n").encode())
    for name, head, rows in (
        ("truth.csv", ("id", "story", "kind"), truth),
        ("excerpts.csv", ("id", "story", "words"), excerpts),
    ):
        with open(asked.out / name, "w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([head, *rows])
    print(f"{len(docs):,} documents, {len(excerpts):,} pasted excerpts in {asked.out}")


if __name__ == "__main__":
    main()
