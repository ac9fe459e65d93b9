"""Plant copied wording in articles and print which share of it each stage finds: the curve of docs/quality.md.

usage: python benchmarks/planted.py [DOCS.jsonl[.gz]] [--trials 200] [--articles 6000] [--seed 1] [--json FILE]

Without DOCS (JSON lines with the field `text`) a corpus is made: invented words by Zipf's law between the commonest
words of samples/, so that the figures can be taken without anybody's articles. Half of the articles are sources, the
other half are hosts and stand in no other form in the corpus; each trial puts something of one source into one host:

  12           twelve words as they are, as a sentence of their own
  20 p.15      twenty words, 15 % of them replaced
  2 x 8        two spans of eight words, at two places
  quotes 2     two quotations of ten words or more, translated anew: names stay, 70 % of the other content words and
               half of the rest are kept, some neighbours change places
  sentences 10 ten sentences told again in the same way, so that about a third of their 3-grams survive

Columns: *compared*, that is proposed before any bound is asked; *measured*, that is the bound on the overlap does not
say that no copy can come of it; *copy*, graded as one. Most spans are too short to make an article a copy: the last
column is no measure of success for them.
"""

import argparse
import gzip
import json
import random
import re
import sys
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
from newsroom import changed, content, retold

from dedup.assemble import assemble
from dedup.background import load_background
from dedup.candidates import FOUND_BY, propose
from dedup.config import Config
from dedup.judging import judge, least_overlap, long_enough
from dedup.pipeline import collect

SAMPLES = Path(__file__).parent.parent / "samples" / "drop"
SPANS = [(1, words, 0.0) for words in (6, 7, 8, 9, 10, 12, 16, 20, 40, 60)]
SPANS += [(1, 20, 0.15), (1, 20, 0.2), (1, 20, 0.3), (1, 40, 0.15), (1, 40, 0.3), (1, 60, 0.3)]
SPANS += [(2, 6, 0.0), (2, 8, 0.0), (2, 12, 0.15), (2, 20, 0.2), (2, 20, 0.3)]
RETOLD = [("quotes", 1), ("quotes", 2), ("quotes", 4), ("sentences", 2), ("sentences", 5), ("sentences", 10)]
QUOTED = re.compile('[\u201c"]([^\u201c\u201d"]{60,400})[\u201d"]')
SENTENCE = re.compile(r"(?:(?<=[.!?][\u201d\"])|(?<=[.!?]))\s+(?=[\u201c\"]?\w)")


def read(path, limit, dice):
    """Texts of 150 to 1,500 words, `limit` of them drawn evenly."""
    with (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="utf-8") as file:
        texts = [json.loads(line)["text"] for line in file]
    texts = [text for text in texts if 150 <= len(text.split()) <= 1500]
    return dice.sample(texts, min(limit, len(texts)))


def made(count, dice):
    """Articles of a word model: the commonest words of the samples, then invented ones, by Zipf's law."""
    seen = Counter(
        w for path in sorted(SAMPLES.rglob("*.txt")) for w in path.read_text("utf-8", "replace").lower().split()
    )
    common = [word for word, _ in seen.most_common(400) if re.fullmatch("[a-z]+", word)][:150]
    syllables = re.findall("..", "badrfegihujokelimanopequrasetuvewoxayize")
    words = common + ["".join(dice.choices(syllables, k=dice.randint(2, 4))) for _ in range(30_000)]
    weights = np.cumsum(1.0 / (np.arange(len(words)) + 3.0)).tolist()
    texts = []
    for _ in range(count):
        own = [word.capitalize() for word in dice.choices(words[150:], k=12)]  # the names of this story
        sentences = []
        for _ in range(dice.randint(15, 45)):
            line = dice.choices(words, cum_weights=weights, k=dice.randint(9, 28))
            for _ in range(dice.randint(0, 3)):
                line[dice.randrange(len(line))] = dice.choice(own)
            text = " ".join(line)
            text = text[0].upper() + text[1:]
            sentences.append(f"\u201c{text},\u201d {dice.choice(own)} said." if dice.random() < 0.25 else text + ".")
        texts.append(" ".join(sentences))
    return texts


def sentence(words):
    text = " ".join(words).strip(' ,;:.\u201c\u201d"')
    return text[:1].upper() + text[1:] + "."


def spans_of(source, count, words):
    """`count` runs of words that do not overlap, as start places."""

    def draw(dice):
        free = len(source) - count * words
        cuts = sorted(dice.randint(0, free) for _ in range(count))
        return [source[cut + k * words : cut + (k + 1) * words] for k, cut in enumerate(cuts)]

    return draw


def planted(kind, source, host, pool, little, dice):
    """The host with the plants of a kind, or None where the source has not enough of it."""
    sentences = SENTENCE.split(host.replace("\n", " "))
    if kind[0] == "quotes":
        quotes = [q.split() for q in QUOTED.findall(source) if len(q.split()) >= 10]
        if len(quotes) < kind[1]:
            return None
        plants = [retold(q, 0.7, 0.5, 0.15, pool, little, dice) for q in dice.sample(quotes, kind[1])]
        plants = [f"\u201c{sentence(plant)}\u201d" for plant in plants]
    elif kind[0] == "sentences":
        lines = [s.split() for s in SENTENCE.split(source.replace("\n", " ")) if 10 <= len(s.split()) <= 45]
        if len(lines) < kind[1]:
            return None
        chosen = sorted(dice.sample(range(len(lines)), kind[1]))
        plants = [sentence(retold(lines[at], 0.6, 0.75, 0.05, pool, little, dice)) for at in chosen]
    else:
        words = source.split()
        if len(words) < 2 * kind[0] * kind[1]:
            return None
        plants = [sentence(changed(s, kind[2], pool, dice)) for s in spans_of(words, kind[0], kind[1])(dice)]
    places = sorted(dice.randint(0, len(sentences)) for _ in plants)
    for place, plant in zip(reversed(places), reversed(plants), strict=True):
        sentences.insert(place, plant)
    return " ".join(sentences)


def name(kind):
    if isinstance(kind[0], str):
        return f"{kind[0]} {kind[1]}"
    share = f" p.{round(100 * kind[2]):02d}" if kind[2] else ""
    return (f"{kind[0]} x " if kind[0] > 1 else "") + str(kind[1]) + share


def corpus_with_plants(texts, trials, dice):
    """(rows of a JSON-lines file, (kind, source id, planted id) of each trial)."""
    dice.shuffle(texts)
    sources, hosts = texts[: len(texts) // 2], texts[len(texts) // 2 :]
    words = [w for text in dice.sample(sources, min(300, len(sources))) for w in re.findall(r"\w+", text)]
    pool, little = [w for w in words if content(w)], [w for w in words if not content(w) and w.islower()]
    rows = [{"id": f"s{k}", "text": text} for k, text in enumerate(sources)]
    truth = []
    for kind in [*SPANS, *RETOLD]:
        for _ in range(trials):
            for _ in range(50):
                s = dice.randrange(len(sources))
                text = planted(
                    kind, sources[s], dice.choice(hosts), words if isinstance(kind[0], int) else pool, little, dice
                )
                if text:
                    truth.append((name(kind), f"s{s}", f"t{len(truth)}"))
                    rows.append({"id": truth[-1][2], "text": text})
                    break
    return rows, truth, len(sources)


def stages(rows):
    """({(a, b): signals} proposed, pairs measured, pairs graded a copy), by ids."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "docs.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
        config, background = Config(), load_background()
        given = collect(path, config, 1, lambda *_: None)
        corpus = assemble(given.batches, given.skipped, config.sketch)
        every, bounded = (
            propose(
                *(corpus.sketches, corpus.titles, long_enough(corpus, config), config.candidates, background),
                outlets=corpus.outlets,
                least=least,
            )
            for least in (None, least_overlap(corpus.sketches.words))
        )
        graded = judge(corpus, bounded, background, config).copies.pairs
    ids = corpus.ids
    proposed = {(ids[a], ids[b]): int(bits) for a, b, bits in zip(every.a, every.b, every.found_by, strict=True)}
    measured, copies = (
        {(ids[a], ids[b]) for a, b in zip(pairs.a, pairs.b, strict=True)} for pairs in (bounded, graded)
    )
    return proposed, measured, copies


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("docs", nargs="?")
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--articles", type=int, default=6000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    dice = random.Random(options.seed)
    texts = read(options.docs, options.articles, dice) if options.docs else made(options.articles, dice)
    rows, truth, sources = corpus_with_plants(texts, options.trials, dice)
    proposed, measured, copies = stages(rows)
    curve = {}
    print(f"{'planted':>14} {'trials':>7} {'compared':>9} {'measured':>9} {'copy':>6}")
    for kind in dict.fromkeys(kind for kind, _, _ in truth):
        pairs = [tuple(sorted(pair)) for which, *pair in truth if which == kind]
        curve[kind] = [round(sum(p in found for p in pairs) / len(pairs), 3) for found in (proposed, measured, copies)]
        print(f"{kind:>14} {len(pairs):>7} {curve[kind][0]:>9.3f} {curve[kind][1]:>9.3f} {curve[kind][2]:>6.3f}")
    wanted = {tuple(sorted(pair)) for _, *pair in truth}
    plain = {pair: bits for pair, bits in proposed.items() if pair[0][0] == pair[1][0] == "s"}
    by_signal = {FOUND_BY[bit]: sum(bits & bit > 0 for bits in plain.values()) / sources for bit in FOUND_BY}
    figures = {
        "articles": len(rows),
        "unplanted pairs compared per source": round(len(plain) / sources, 3),
        "of them measured": round(len(plain.keys() & measured) / sources, 3),
        "of them copies": round(len(plain.keys() & copies) / sources, 3),
        "planted pairs compared": len(wanted & proposed.keys()),
        "by signal": {signal: round(count, 3) for signal, count in by_signal.items()},
    }
    print(json.dumps(figures, indent=1))
    if options.json:
        options.json.write_text(json.dumps({"curve": curve, **figures}, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
