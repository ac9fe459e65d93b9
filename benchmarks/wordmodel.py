"""A word model of samples/drop: articles of any number that read like news from afar and have nothing in common.

Sentences are walks in the samples' sentences, where every word that is not a function word has become the class of its
ending, a name or a number: all runs of three function words are real ones. Classes are filled by Zipf's law, first from
the samples' own words, then from invented ones that a model of their letters makes; nearly half of them go with the
word before, as in set phrases. Some of the content words of an article are its topic; names are those of its own
people and places. So two articles share common phrases and next to no rare one. Lengths are lognormal.
"""

import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby, pairwise
from pathlib import Path

import numpy as np
from numpy.random import Generator, SeedSequence, default_rng
from numpy.typing import NDArray

SAMPLES = Path(__file__).parent.parent / "samples" / "drop"
#: Words that stay as they are in the shape of a sentence.
LITTLE = """
a about after again against all also always am an and another any are around as at away back be because been before
behind being below between both but by can could did do does down during each either else enough even ever every few
first for from further had has have he her here him himself his how i if in into is it its itself just last least less
may me might more most much must my near neither never next no nobody none nor not nothing now of off often on once one
only or other our out over own per rather said same several shall she should since so some still such than that the
their them then there these they this those though through to together too toward two under until up us very was we were
what when where whether which while who whose why will with within without would yet you your three four five six
million cent year years day days week Monday Tuesday Wednesday Thursday Friday Saturday Sunday March April
""".split()  # noqa: SIM905
#: Slots of a shape, below zero so as not to be taken for words; a content word of class k is CONTENT - k.
FIRST, LAST, PLACE, NUMBER, CONTENT = -1, -2, -3, -4, -5
ENDINGS = ("ing", "ed", "ly", "s", "")
#: What may follow a quotation.
CREDITS = ("said {F} {L} .", "{L} said .", "said {F} {L} , the {C} of {P} .", "{L} told the {C} .")
#: Zipf-Mandelbrot: the chance of rank r is (r + Q) ** -S; a topic's words are drawn more evenly.
Q, S, S_TOPIC = 40.0, 1.3, 1.05
TOPIC_SHARE, TOPIC_WORDS, PEOPLE, PLACES = 0.3, 10, 7, 4
#: In this share of cases a content word goes with the word before it, and is one of so many of the commonest words.
USUAL_SHARE, USUAL, COMMON = 0.45, 150, 2500
#: Runs of so many words that every article may have.
STOCK = 6
QUOTED_SHARE, SAME_PARAGRAPH = 0.22, 0.45
#: Mean words of an article; with this spread the median is 79 % of the mean: 300 of 380.
WORDS, SPREAD, LONGEST = 380, 0.6876, 4000
#: Draws of the model of letters; about half of them are new words.
DRAWS = 600_000

_WORD = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*|\d+(?:[.,:]\d+)*|[,;:.!?–]")
_GLUED = [(f" {mark}", mark) for mark in (",", ".", ";", ":", "?", "!", "”", "’s")] + [("“ ", "“")]


@dataclass(frozen=True)
class Story:
    """One article without its outlet. A sentence is its words and marks, with a space between any two."""

    title: str
    sentences: list[str]
    quoted: list[bool]
    """Whether a sentence is a quotation with its speaker."""
    opens: list[bool]
    """Whether a sentence opens a paragraph."""
    dateline: str = ""

    def text(self) -> str:
        """The body, as it is printed."""
        parts = [("\n\n" if new else " ") + line for new, line in zip(self.opens, self.sentences, strict=True)]
        return self.dateline + printed("".join(parts)).strip()


@dataclass(frozen=True)
class Language:
    """The word model. A shape is a run of codes: from 0 on a word of `words`, below 0 a slot."""

    words: NDArray[np.object_]
    starts: NDArray[np.int64]
    """Where the content words of each class begin in `words`."""
    sizes: NDArray[np.int64]
    first: range
    last: range
    place: range
    number: range
    codes: NDArray[np.int32]
    offsets: NDArray[np.int64]
    """Shape k is codes[offsets[k]:offsets[k + 1]]."""
    statements: range
    quotations: range
    titles: range
    mean_words: float
    """Mean words of a sentence."""


def printed(sentence: str) -> str:
    """Words and marks with the spaces of print."""
    for apart, glued in _GLUED:
        sentence = sentence.replace(apart, glued)
    return sentence


def capitalised(sentence: str) -> str:
    at = 2 if sentence.startswith("“ ") else 0
    return sentence[:at] + sentence[at : at + 1].upper() + sentence[at + 1 :]


@cache
def sample_lines() -> dict[str, list[str]]:
    """The English lines of the samples by outlet, in files in UTF-8."""
    lines: dict[str, list[str]] = defaultdict(list)
    for path in sorted(SAMPLES.glob("*/*.txt")):
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        lines[path.parent.name] += {line.strip(): None for line in text.splitlines()}
    for path in sorted(SAMPLES.glob("*/*.htm*")):
        text = path.read_bytes().decode("utf-8", "replace")
        lines[path.parent.name] += [re.sub(r"<[^>]+>", "", p) for p in re.findall(r"<p\b[^>]*>([^<]{60,})</p>", text)]
    for path in sorted(SAMPLES.glob("feeds/*.jsonl")):
        for row in path.read_text("utf-8").splitlines():
            lines["feeds"] += json.loads(row)["text"].splitlines()
    return lines


def sample_sentences() -> list[list[str]]:
    """The words and marks of the samples' sentences, each once, without quotation marks."""
    found: dict[str, None] = {}
    for lines in sample_lines().values():
        often = Counter(lines)
        for line in lines:
            if often[line] < 3 and len(line.split()) >= 12 and " the " in line:
                found |= dict.fromkeys(re.split(r"(?:(?<=[.!?])|(?<=[.!?][”\"]))\s+", line))
    sentences = []
    for sentence in found:
        words = _WORD.findall(re.sub('[“”"]', "", sentence).replace("'", "’").replace("’s ", " ’s "))
        if len(words) >= 6 and words[-1] in ".!?":
            sentences.append(words)
    return sentences


def invented(seen: Sequence[str], draws: int, rng: Generator) -> list[str]:
    """Words of 3 to 12 letters by a model of three letters in a row, the likeliest first, without those seen."""
    counts = np.full((27, 27, 27), 1e-9)
    for word in seen:
        letters = [0, 0, *(ord(c) - 96 for c in word), 0]
        for a, b, c in zip(letters, letters[1:], letters[2:], strict=False):
            counts[a, b, c] += 1
    cumulated = np.cumsum(counts.reshape(729, 27), axis=1)
    cumulated /= cumulated[:, -1:]
    letters = np.zeros((draws, 12), np.uint8)
    before, last = np.zeros(draws, np.int64), np.zeros(draws, np.int64)
    for place in range(13):
        drawn = (cumulated[27 * before + last] < rng.random(draws)[:, None]).sum(axis=1)
        if place:
            drawn[last == 0] = 0
        if place < 12:
            letters[:, place] = np.where(drawn > 0, drawn + 96, 0)
        before, last = last, drawn
    whole = letters[last == 0]
    words, times = np.unique(np.ascontiguousarray(whole).view("S12"), return_counts=True)
    known = set(seen) | set(LITTLE)
    ranked = words[np.argsort(-times, kind="stable")].tolist()
    return [word.decode() for word in ranked if len(word) > 2 and word.decode() not in known]


def ending(word: str) -> int:
    """The class of a content word."""
    return next(k for k, end in enumerate(ENDINGS) if word.endswith(end))


def stock(walk: Sequence[int]) -> int:
    """The longest run without a slot."""
    return max(len(list(run)) if word else 0 for word, run in groupby(walk, lambda code: code >= 0))


def walks(sentences: Sequence[Sequence[int]], count: int, dice: random.Random) -> list[list[int]]:
    """Walks in sentences of codes: each code follows on the two before it as in one of the sentences."""
    follow: dict[tuple[int | None, int | None], list[int | None]] = defaultdict(list)
    for sentence in sentences:
        steps = [None, None, *sentence, None]
        for a, b, c in zip(steps, steps[1:], steps[2:], strict=False):
            follow[a, b].append(c)
    found: list[list[int]] = []
    while len(found) < count:
        a, b, walk = None, None, []
        while (c := dice.choice(follow[a, b])) is not None and len(walk) < 50:
            a, b = b, c
            walk.append(c)
        if c is None and 7 <= len(walk) <= 45 and stock(walk) < STOCK:
            found.append(walk)
    return found


@cache
def language(seed: int) -> Language:
    """Learn the word model from the samples."""
    rng, dice = default_rng(SeedSequence([seed, 1])), random.Random(seed)
    sentences = sample_sentences()
    lower = Counter(word for words in sentences for word in words if word.islower())
    content = [w for w, _ in lower.most_common() if w not in LITTLE and re.fullmatch("[a-z]{3,12}", w)]
    new = invented(content, DRAWS, rng)
    names, common = (
        [word.capitalize() for word in new[::6] if ending(word) == 4],
        [w for k, w in enumerate(new) if k % 6],
    )
    firsts, lasts, places = names[:1500], names[1500::2], names[1501::2]
    numbers = [str(n) for n in range(2, 100)] + [f"{n:,}" for n in range(100, 20_000, 7)]
    numbers += [f"{n / 10}" for n in range(11, 200)] + [str(n) for n in range(1950, 2032)]
    words: list[str] = [*LITTLE, *",;:.!?–", "“", "”", "’s"]
    code = {word: k for k, word in enumerate(words)}
    ranges = []
    for group in (
        *([w for w in (*content, *common) if ending(w) == k] for k in range(5)),
        firsts,
        lasts,
        places,
        numbers,
    ):
        ranges.append(range(len(words), len(words) + len(group)))
        words += group

    def coded(sentence: Sequence[str]) -> list[int]:
        out: list[int] = []
        for place, word in enumerate(sentence):
            plain = word.lower() if place == 0 and (word.lower() in code or word.lower() in lower) else word
            if plain in code:
                out.append(code[plain])
            elif plain[0].isdigit():
                out.append(NUMBER)
            elif plain[0].islower():
                out.append(CONTENT - ending(plain))
            elif out and out[-1] == PLACE:
                out[-1:] = FIRST, LAST
            elif out and out[-1] == LAST and FIRST in out[-2:]:
                continue  # one name is enough
            else:
                out.append(PLACE)
        return [LAST if slot == PLACE and dice.random() < 0.5 else slot for slot in out]

    shapes = [coded(sentence) for sentence in sentences]
    statements = walks(shapes, 24_000, dice)
    slots = {"{F}": FIRST, "{L}": LAST, "{P}": PLACE, "{C}": CONTENT - 4}
    credits = [[slots[w] if w in slots else code.get(w, CONTENT - 1) for w in form.split()] for form in CREDITS]
    said = [walk[:-1] for walk in walks(shapes, 6000, dice) if len(walk) > 9]
    quotations = [[code["“"], *walk, code[","], code["”"], *dice.choice(credits)] for walk in said]
    titles = [walk[: dice.randint(6, 10)] for walk in walks(shapes, 4000, dice)]
    pools = [statements, quotations, titles]
    flat = [shape for pool in pools for shape in pool]
    offsets = np.cumsum([0, *map(len, flat)])
    edges = np.cumsum([0, *map(len, pools)]).tolist()
    marks = {code[mark] for mark in (",", ";", ":", ".", "!", "?", "–", "“", "”", "’s")}
    means = [np.mean([sum(c not in marks for c in shape) for shape in pool]) for pool in (statements, quotations)]
    return Language(
        np.array(words, object),
        np.array([r.start for r in ranges[:5]]),
        np.array([len(r) for r in ranges[:5]]),
        *ranges[5:],
        np.array([c for shape in flat for c in shape], np.int32),
        offsets,
        *(range(a, b) for a, b in pairwise(edges)),
        float(means[0] + QUOTED_SHARE * (means[1] - means[0])),
    )


def zipf(u: NDArray[np.float64], size: int | NDArray[np.int64], exponent: float) -> NDArray[np.int64]:
    """Ranks from 0 to size - 1 by Zipf-Mandelbrot, from numbers drawn evenly between 0 and 1."""
    power = 1.0 - exponent
    low, high = Q**power, (size + Q) ** power
    return np.minimum((low + u * (high - low)) ** (1.0 / power) - Q, size - 1).astype(np.int64)


def drawn(names: range, shape: tuple[int, ...], exponent: float, rng: Generator) -> NDArray[np.int64]:
    return names.start + zipf(rng.random(shape), len(names), exponent)


def stories(model: Language, count: int, words: float, rng: Generator) -> list[Story]:
    """Articles that have nothing to do with each other, `words` long on average."""
    lengths = np.minimum(rng.lognormal(np.log(words) - SPREAD**2 / 2, SPREAD, count), LONGEST)
    lines = np.maximum(np.rint(lengths / model.mean_words), 1).astype(np.int64) + 1  # and the title
    edges = np.concatenate([[0], np.cumsum(lines)])
    quoted = rng.random(edges[-1]) < QUOTED_SHARE
    quoted[edges[:-1]] = False
    opens = rng.random(edges[-1]) >= SAME_PARAGRAPH
    opens[edges[:-1] + 1] = True
    u = rng.random(edges[-1])
    kind = quoted.astype(np.int64)
    kind[edges[:-1]] = 2
    pools = (model.statements, model.quotations, model.titles)
    first, size = np.array([pool.start for pool in pools])[kind], np.array([len(pool) for pool in pools])[kind]
    shapes = first + (u * size).astype(np.int64)
    tokens = filled(model, shapes, np.repeat(np.arange(count), lines), count, rng)
    places = model.words[drawn(model.place, (count,), S, rng)].tolist()
    dated = (rng.random(count) < 0.4).tolist()
    out, quotes, breaks = [], quoted.tolist(), opens.tolist()
    for k, (a, b) in enumerate(pairwise(edges.tolist())):
        title = printed(tokens[a].rstrip(" ,;:.!?–“"))
        dateline = f"{places[k].upper()} – " if dated[k] else ""
        out.append(Story(title, tokens[a + 1 : b], quotes[a + 1 : b], breaks[a + 1 : b], dateline))
    return out


def filled(
    model: Language, shapes: NDArray[np.int64], article: NDArray[np.int64], count: int, rng: Generator
) -> list[str]:
    """The sentences of shapes, with the words of each one's article in the slots."""
    sizes = model.offsets[shapes + 1] - model.offsets[shapes]
    ends = np.cumsum(sizes)
    ids = model.codes[np.arange(ends[-1]) + np.repeat(model.offsets[shapes] - (ends - sizes), sizes)].astype(np.int64)
    article = np.repeat(article, sizes)

    at = np.flatnonzero(ids <= CONTENT)
    kind = CONTENT - ids[at]
    ids[at] = model.starts[kind] + zipf(rng.random(len(at)), model.sizes[kind], S)
    usual = rng.random(len(at)) < USUAL_SHARE
    at_usual, choice = at[usual], (rng.random(usual.sum()) ** 3 * USUAL).astype(np.int64)
    among = np.minimum(model.sizes[kind[usual]], COMMON)
    ids[at_usual] = model.starts[kind[usual]] + (ids[at_usual - 1] * 7919 + choice * 104_729) % among
    own = ~usual & (rng.random(len(at)) < TOPIC_SHARE)
    at, kind = at[own], kind[own]
    topics = model.starts[:, None] + zipf(rng.random((count, 5, TOPIC_WORDS)), model.sizes[:, None], S_TOPIC)
    ids[at] = topics[article[at], kind, (rng.random(len(at)) ** 2 * TOPIC_WORDS).astype(np.int64)]

    at = np.flatnonzero((ids < 0) & (ids >= PLACE))
    slot = ids[at]
    which = (rng.random(len(at)) ** 2 * PEOPLE).astype(np.int64)
    whole = np.flatnonzero(slot[:-1] == FIRST)
    which[whole + 1] = which[whole]  # a family name behind a first name
    people = drawn(model.last, (count, PEOPLE), S, rng)  # whoever has a family name has a first name
    firsts = model.first.start + people * 7919 % len(model.first)
    cast = (FIRST, firsts), (LAST, people), (PLACE, drawn(model.place, (count, PEOPLE), S, rng))
    for name, table in cast:
        here = slot == name
        ids[at[here]] = table[article[at[here]], which[here] if name != PLACE else which[here] % PLACES]
    at = np.flatnonzero(ids == NUMBER)
    ids[at] = drawn(model.number, (len(at),), S, rng)

    words, edges = model.words[ids].tolist(), [0, *ends.tolist()]
    return [capitalised(" ".join(words[a:b])) for a, b in pairwise(edges)]
