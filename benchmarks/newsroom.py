"""A newsroom of any size for benchmarks: articles of a word model of samples/drop, with planted copies.

usage: python benchmarks/newsroom.py COUNT OUT_DIR [--seed 1] [--words 380]

Writes OUT_DIR/docs.jsonl (`id`, `title`, `text`, `source`, `published`) and OUT_DIR/planted.csv (`kind,a,b`: the copy
and its true original). The same arguments write the same bytes. Texts are those of wordmodel.py. There are 60 to 300
outlets of unequal size, each with furniture of its own. One article in five is a copy; a story has one to forty of
them, in other outlets:

  identical    the text under another outlet's furniture
  light        2 to 5 % of the words changed, a new title, in half of them the end cut off
  partial      40 to 150 words in a row, pasted into an article of its own
  quotation    one quotation with its speaker, put into an article of its own
  rewritten    names, numbers and quotations kept, half of the quotations told anew; three in four of the other content
               words and half of the small words replaced, sentences in another order, some left out
"""

import argparse
import csv
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import orjson
from numpy.random import SeedSequence, default_rng
from wordmodel import (
    LITTLE,
    S_TOPIC,
    SAME_PARAGRAPH,
    WORDS,
    Language,
    S,
    Story,
    drawn,
    language,
    printed,
    sample_lines,
    stories,
    zipf,
)

#: Outlets: one for 50 articles, within these bounds; a story needs one for each copy.
FEWEST_OUTLETS, MOST_OUTLETS = 60, 300
#: Share of copies, and how many a story can have.
COPIES, MOST_COPIES = 0.2, 40
KINDS = {"identical": 0.3, "light": 0.3, "partial": 0.12, "quotation": 0.08, "rewritten": 0.2}
START = datetime(2031, 3, 1)
#: Articles that are made, and copied, together.
CHUNK = 1000


# Copies


def content(word: str) -> bool:
    return len(word) > 4 and not word[0].isupper()


def changed(words: Sequence[str], share: float, pool: Sequence[str], dice: random.Random) -> list[str]:
    """The words with this share of them replaced, the exact number of them where it is whole."""
    out = list(words)
    for at in dice.sample(range(len(out)), round(share * len(out))):
        out[at] = dice.choice(pool)
    return out


def retold(
    words: Sequence[str],
    keep_content: float,
    keep_other: float,
    swap: float,
    pool: Sequence[str],
    little: Sequence[str],
    dice: random.Random,
) -> list[str]:
    """Names and figures stay; a share of the other words is replaced by their like; some neighbours change places."""
    out = []
    for word in words:
        if word[0].isupper() or any(c.isdigit() for c in word):
            out.append(word)
        elif content(word):
            out.append(word if dice.random() < keep_content else dice.choice(pool))
        elif dice.random() < keep_other:
            out.append(word)
        elif dice.random() < 0.7:
            out.append(dice.choice(little))
    for at in range(len(out) - 1):
        if dice.random() < swap:
            out[at], out[at + 1] = out[at + 1], out[at]
    return out


def sentence_of(words: Sequence[str]) -> str:
    text = " ".join(words).strip(" ,;:.!?–“”")
    return f"{text[:1].upper()}{text[1:]} ."


def told_anew(sentence: str, keep: float, pool: Sequence[str], dice: random.Random) -> str:
    """A sentence with this share of its content words, twice that of its small words, and all names and numbers."""
    words = [word for word in sentence.split(" ") if word[0].isalnum()]
    if words and words[0].lower() in LITTLE:
        words[0] = words[0].lower()
    return sentence_of(retold(words, keep, min(1.0, 2 * keep), 0.1, pool, LITTLE, dice))


def retitled(story: Story, pool: Sequence[str], dice: random.Random) -> str:
    return printed(told_anew(story.title, 0.4, pool, dice)[:-2])


def lightly_edited(story: Story, pool: Sequence[str], dice: random.Random) -> Story:
    """2 to 5 % of the words changed, a new title, in half of them up to a fifth of the sentences cut off the end."""
    kept = len(story.sentences)
    if dice.random() < 0.5:
        kept -= dice.randint(0, kept // 5)
    words = [sentence.split(" ") for sentence in story.sentences[:kept]]
    places = [(i, j) for i, line in enumerate(words) for j, word in enumerate(line) if word.islower()]
    for i, j in dice.sample(places, min(len(places), max(1, round(dice.uniform(0.02, 0.05) * len(places))))):
        words[i][j] = dice.choice(pool)
    sentences = [" ".join(line) for line in words]
    return Story(retitled(story, pool, dice), sentences, story.quoted[:kept], story.opens[:kept], story.dateline)


def rewritten(story: Story, pool: Sequence[str], dice: random.Random) -> Story:
    """Names, numbers and quotations kept, half of the quotations told anew; order and most other words changed."""
    order = sorted(range(len(story.sentences)), key=lambda k: k + dice.uniform(0, 4))
    told, quoted = [], []
    for k in order:
        sentence = story.sentences[k]
        if not story.quoted[k]:
            if dice.random() < 0.2:
                continue
            sentence = told_anew(sentence, 0.25, pool, dice)
        elif dice.random() < 0.5:
            _, said, credit = re.split(" ?[“”] ?", sentence)
            sentence = f"“ {told_anew(said, 0.6, pool, dice)[:-1]}, ” {credit}"
        told.append(sentence)
        quoted.append(story.quoted[k])
    opens = [k == 0 or dice.random() >= SAME_PARAGRAPH for k in range(len(told))]
    return Story(retitled(story, pool, dice), told, quoted, opens)


def with_sentence(host: Story, sentence: str, quoted: bool, dice: random.Random) -> Story:
    """The host with a sentence more, as a paragraph of its own."""
    at = dice.randint(1, len(host.sentences))
    sentences, marks, opens = list(host.sentences), list(host.quoted), list(host.opens)
    sentences.insert(at, sentence)
    marks.insert(at, quoted)
    opens[at : at + 1] = True, True
    return Story(host.title, sentences, marks, opens[: len(sentences)], host.dateline)


def with_passage(host: Story, story: Story, dice: random.Random) -> Story:
    """The host with 40 to 150 words in a row of the story."""
    words = " ".join(story.sentences).split(" ")
    size = min(dice.randint(40, 150), len(words))
    at = dice.randint(0, len(words) - size)
    return with_sentence(host, sentence_of(words[at : at + size]), False, dice)


def with_quotation(host: Story, story: Story, dice: random.Random) -> Story:
    """The host with one of the story's quotations, its speaker beside it."""
    return with_sentence(
        host, dice.choice([s for s, q in zip(story.sentences, story.quoted, strict=True) if q]), True, dice
    )


def copied(kind: str, story: Story, host: Story, pool: Sequence[str], dice: random.Random) -> tuple[str, Story]:
    """A copy of a story, and its kind: `light` where the story has too little for the kind that was asked for."""
    if kind == "identical":
        return kind, story
    if kind == "rewritten" and sum(story.quoted) >= 2:
        return kind, rewritten(story, pool, dice)
    if kind == "quotation" and any(story.quoted):
        return kind, with_quotation(host, story, dice)
    if kind == "partial" and len(story.sentences) > 4:
        return kind, with_passage(host, story, dice)
    return "light", lightly_edited(story, pool, dice)


# The newsroom


@dataclass(frozen=True)
class Outlet:
    name: str
    furniture: str
    """The lines below each of its articles."""


def outlets(model: Language, count: int, seed: int) -> list[Outlet]:
    """So many outlets, each with lines of its own made from lines that the samples' outlets repeat."""
    rng, dice = default_rng(SeedSequence([seed, 2])), random.Random(seed)
    samples = sample_lines()
    lines = [line for found in samples.values() for line, times in Counter(found).items() if times >= 4]
    pleas, others = ([x for x in lines if low <= len(x.split()) < high] for low, high in ((30, 100), (5, 30)))
    known = {part.capitalize() for folder in samples for part in folder.split("-")}
    nouns = sorted({folder.split("-")[-1].capitalize() for folder in samples if "-" in folder})
    made = []
    for town in model.words[drawn(model.place, (count,), S_TOPIC, rng)].tolist():
        name = f"{town} {dice.choice(nouns)}"
        own = model.words[model.starts[4] + zipf(rng.random(40), model.sizes[4], S)].tolist()
        texts = []
        for text in (dice.choice(pleas), *dice.sample(others, 2)):
            words = re.split(r"\b", text)
            for k, word in enumerate(words):
                if word in known:
                    words[k] = town
                elif word.islower() and len(word) > 3 and word not in LITTLE and dice.random() < 0.3:
                    words[k] = dice.choice(own)
            texts.append("".join(words))
        made.append(Outlet(name, "\n".join([*texts, f"© 2031 {name}. All rights reserved."])))
    return made


def families(originals: int, copies: int, dice: random.Random) -> Iterator[int]:
    """The original of each copy: few stories have many copies, most have one."""
    order = iter(dice.sample(range(originals), originals))
    while copies > 0:
        size = min(copies, MOST_COPIES, int(dice.random() ** (-1 / 1.3)))
        copies -= size
        yield from [next(order)] * size


def scattered(count: int) -> int:
    """A step that visits each of `count` numbers once, so that neighbours in a file are none by their ids."""
    step = max(1, round(count * 0.618))
    while np.gcd(step, count) > 1:
        step += 1
    return step


def newsroom(
    count: int, seed: int = 1, words: float = WORDS, furniture: bool = True
) -> Iterator[tuple[list[dict[str, str]], list[tuple[str, str, str]]]]:
    """Records and planted pairs (kind, copy, original), by chunks: a copy stands in the chunk of its original."""
    model = language(seed)
    papers = outlets(model, min(MOST_OUTLETS, max(FEWEST_OUTLETS, count // 50)), seed)
    shares, step = np.cumsum(1.0 / (np.arange(len(papers)) + 10.0)).tolist(), scattered(count)
    for start in range(0, count, CHUNK):
        size = min(CHUNK, count - start)
        rng = default_rng(SeedSequence([seed, 3, start]))
        dice = random.Random(int(rng.integers(1 << 62)))
        made = stories(model, size, words, rng)
        pool = model.words[model.starts[4] + zipf(rng.random(2000), model.sizes[4], S)].tolist()
        ids = [f"a{(start + k) * step % count:07d}" for k in range(size)]
        sources = dice.choices(range(len(papers)), cum_weights=shares, k=size)
        hours = [dice.uniform(0, 720) for _ in range(size)]
        taken: dict[int, set[int]] = defaultdict(set)
        planted = []
        originals = size - round(COPIES * size)
        for k, original in enumerate(families(originals, size - originals, dice), originals):
            [kind] = dice.choices(list(KINDS), KINDS.values())
            kind, made[k] = copied(kind, made[original], made[k], pool, dice)
            used = taken[original] | {sources[original]}
            while sources[k] in used:
                sources[k] = dice.randrange(len(papers))
            taken[original].add(sources[k])
            hours[k] = hours[original] + dice.expovariate(1 / 6)
            planted.append((kind, ids[k], ids[original]))
        rows = []
        for name, story, source, hour in zip(ids, made, sources, hours, strict=True):
            below = f"\n\n{papers[source].furniture}" if furniture else ""
            published = (START + timedelta(minutes=int(60 * hour))).isoformat()
            rows.append({"id": name, "title": story.title, "text": story.text() + below})
            rows[-1] |= {"source": papers[source].name, "published": published}
        yield rows, planted


def write(count: int, folder: Path, seed: int, words: float) -> None:
    """Write docs.jsonl and planted.csv."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        open(folder / "docs.jsonl", "wb") as docs,
        open(folder / "planted.csv", "w", encoding="utf-8", newline="") as file,
    ):
        table = csv.writer(file)
        table.writerow(("kind", "a", "b"))
        for rows, planted in newsroom(count, seed, words):
            docs.writelines(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows)
            table.writerows(planted)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count", type=int)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--words", type=float, default=WORDS, help="mean words of an article")
    options = parser.parse_args()
    if options.count < 1 or options.words < 1:
        parser.error("COUNT and --words must be at least 1")
    write(options.count, options.out, options.seed, options.words)


if __name__ == "__main__":
    main()
