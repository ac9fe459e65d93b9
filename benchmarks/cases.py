"""Inputs that are hard, or of another form, each beside a plain one of the same size.

usage: python benchmarks/cases.py CASE COUNT OUT_DIR [--seed 1]

  copies   one story in COUNT lightly edited copies
  footer   COUNT articles, each of an outlet of its own, above one footer of 300 words
  notes    COUNT notes of one form that differ only in numbers and places
  titles   COUNT articles with a title and no text
  pages    COUNT saved web pages, in three kinds of markup

Writes OUT_DIR/case.jsonl and OUT_DIR/plain.jsonl, which holds as many articles of newsroom.py with about as many words,
without furniture; of pages only OUT_DIR/case/*.html. Prints the words of each as JSON. An article of newsroom.py has at
least one sentence, so the plain partner of `titles` has more words.
"""

import argparse
import html
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson
from newsroom import CHUNK, lightly_edited, newsroom
from numpy.random import Generator, SeedSequence, default_rng
from wordmodel import S_TOPIC, WORDS, Language, drawn, language, stories

Rows = Iterator[dict[str, str]]

NOTE = (
    "The land registry of {} has recorded the sale of house {} in {} Street for {} crowns. The house was built in {} "
    "and has {} rooms on {} square metres. The buyer, from {}, will move in on day {} of the year. The registry "
    "publishes every sale above {} crowns, with the names of the towns and the price paid, as the law asks."
)


def copies(count: int, model: Language, rng: Generator, dice: random.Random) -> Rows:
    story = min(stories(model, 50, WORDS, rng), key=lambda story: abs(len(story.text().split()) - WORDS))
    pool = model.words[model.starts[4] : model.starts[4] + 2000].tolist()
    for number in range(count):
        edited = lightly_edited(story, pool, dice)
        yield {"title": edited.title, "text": edited.text(), "source": f"Outlet {number % 300}"}


def footer(count: int, model: Language, rng: Generator, dice: random.Random) -> Rows:
    small_print = " ".join(" ".join(story.text().split()) for story in stories(model, 10, WORDS, rng)).split()[:300]
    for start in range(0, count, CHUNK):
        for number, story in enumerate(stories(model, min(CHUNK, count - start), WORDS, rng), start):
            text = f"{story.text()}\n\n{' '.join(small_print)}"
            yield {"title": story.title, "text": text, "source": f"Outlet {number}"}


def notes(count: int, model: Language, rng: Generator, dice: random.Random) -> Rows:
    for start in range(0, count, CHUNK):
        size = min(CHUNK, count - start)
        places = model.words[drawn(model.place, (size, 3), S_TOPIC, rng)].tolist()
        for town, street, home in places:
            numbers = dice.randint(1, 200), dice.randint(50_000, 900_000), dice.randint(1850, 2030), dice.randint(2, 12)
            figures = [f"{n:,}" if n > 9999 else str(n) for n in numbers]
            garden, day, bar = dice.randint(40, 400), dice.randint(1, 365), f"{dice.randint(50, 500)},000"
            text = NOTE.format(town, figures[0], street, *figures[1:], garden, home, day, bar)
            yield {"title": f"House sold in {town}", "text": text, "source": "Registry"}


def titles(count: int, model: Language, rng: Generator, dice: random.Random) -> Rows:
    for start in range(0, count, CHUNK):
        for story in stories(model, min(CHUNK, count - start), 1, rng):
            yield {"title": story.title, "text": "", "source": f"Outlet {dice.randrange(300)}"}


CASES: dict[str, Callable[[int, Language, Generator, random.Random], Rows]] = {
    "copies": copies,
    "footer": footer,
    "notes": notes,
    "titles": titles,
}


def page(row: dict[str, str], kind: int, teasers: list[str], script: str) -> str:
    """An article as a saved page of a news site: marked up well, by nested boxes, or by a table."""
    title, source = html.escape(row["title"]), html.escape(row["source"])
    body, _, furniture = row["text"].rpartition("\n\n")
    paragraphs = "\n".join(f"<p>{html.escape(text)}</p>" for text in body.split("\n\n"))
    below = "\n".join(f"<p>{html.escape(line)}</p>" for line in furniture.split("\n"))
    links = "".join(f'<li class="item"><a href="/s/{k}">{html.escape(text)}</a></li>' for k, text in enumerate(teasers))
    facts = json.dumps({"@type": "NewsArticle", "headline": row["title"], "datePublished": row["published"]})
    head = f'<title>{title} | {source}</title><meta property="og:title" content="{title}"><script>{script}</script>'
    content = (
        f"<header><nav><ul>{links}</ul></nav></header><main><article><h1>{title}</h1>"
        f'<time datetime="{row["published"]}">{row["published"][:10]}</time>{paragraphs}</article>'
        f"<aside><h2>Most read</h2><ol>{links}</ol></aside></main>"
        f"<footer>{below}</footer>",
        f'<div class="top"><ul class="menu">{links}</ul></div><div class="wrap"><div class="col"><h1>{title}</h1>'
        f'<div class="story-body"><div>{paragraphs}</div></div><div class="related"><ul>{links}</ul></div></div></div>'
        f'<div class="foot">{below}</div>',
        f'<table><tr><td colspan="2"><ul>{links}</ul></td></tr><tr><td><h1>{title}</h1>{paragraphs}</td>'
        f"<td><ul>{links}</ul></td></tr><tr><td>{below}</td></tr></table>",
    )[kind]
    linked = f'<script type="application/ld+json">{facts}</script>' if kind == 0 else ""
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">{head}{linked}</head><body>{content}</body></html>'
    )


def pages(count: int, folder: Path, seed: int) -> int:
    """Write the pages, about 100 kB each as those of news sites are, and return the words of their articles."""
    folder.mkdir(parents=True, exist_ok=True)
    dice, words = random.Random(seed), 0
    for rows, _ in newsroom(count, seed):
        script = "".join(f'window.q.push({{"slot":{dice.randrange(10**6)},"on":true}});' for _ in range(2000))
        headlines = [row["title"] for row in rows]
        for row in rows:
            kind = sum(row["source"].encode()) % 3
            markup = page(row, kind, dice.choices(headlines, k=100), script)
            (folder / f"{row['id']}.html").write_text(markup, "utf-8")
            words += len(row["text"].split())
    return words


def write(rows: Rows, path: Path) -> int:
    """Write records with ids, and return the words of titles and texts."""
    words = 0
    with open(path, "wb") as file:
        for number, row in enumerate(rows):
            words += len(row["title"].split()) + len(row["text"].split())
            file.write(orjson.dumps({"id": f"c{number:07d}"} | row, option=orjson.OPT_APPEND_NEWLINE))
    return words


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case", choices=[*CASES, "pages"])
    parser.add_argument("count", type=int)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    count, seed = options.count, options.seed
    if options.case == "pages":
        print(json.dumps({"case": pages(count, options.out / "case", seed)}))
        return
    rng, dice = default_rng(SeedSequence([seed, 4])), random.Random(seed)
    words = write(CASES[options.case](count, language(seed), rng, dice), options.out / "case.jsonl")
    mean = max(1.0, words / count - 8)  # a title has about eight words
    plain = (row for rows, _ in newsroom(count, seed, mean, furniture=False) for row in rows)
    print(json.dumps({"case": words, "plain": write(plain, options.out / "plain.jsonl")}))


if __name__ == "__main__":
    main()
