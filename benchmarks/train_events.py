"""Train the model of same-event pairs, cross-validate it by topic, and write dedup/data/events.json.

usage: python benchmarks/train_events.py VERSION EVENTS STORIES DATED [--dry-run] [--ablations]

EVENTS   folder with docs.jsonl.gz whose articles name their `event` and `topic`: two look-alike events a topic
STORIES  folder with docs.jsonl.gz whose articles name their `story`, and gold_pairs.csv (columns a, b, grade)
DATED    folder with docs.jsonl.gz whose articles have dates, and gold_pairs.csv: neighbours published a month and a
         half apart serve as different events about the same people, half of them to train, half to check

A topic is never split between training and testing: all of its pairs, and all pairs with one of its articles, are
scored by a model that never saw an article of it. Dates take no part in training; how they count is a fixed rule of
`dedup.events.event_chance`.
"""

import csv
import gzip
import json
import sys
from collections import defaultdict
from itertools import combinations
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from dedup.assemble import assemble
from dedup.background import load_background
from dedup.config import Config
from dedup.events import COPIED, EVENT_FEATURES, WEIGHED, EventModel, event_chance, event_texts, measure_events
from dedup.neighbours import nearest_pairs
from dedup.pipeline import collect
from dedup.related import days
from dedup.tokens import tokenise

OUT = Path(__file__).parent.parent / "dedup" / "data" / "events.json"
STRENGTH = 0.01
STORY_WEIGHT, DATED_WEIGHT = 0.2, 0.2
#: Pairs taken of one story, and of the dated neighbours.
PER_STORY, DATED_PAIRS = 40, 8000
#: Chance from which a pair is called one event. F1 is within .005 of its best from .28 to .40; inside that stretch the
#: bar is high, because a desk minds a wrong pair more than a missed one, and where the samples are told apart.
BAR = 0.38
#: Days between publications from which two neighbours are different events.
APART = 45
GROUPS = {
    "names": ("names_cosine", "lead_names_low", "lead_names_high", "absent_name"),
    "figures": ("lead_numbers", "figures_share", "figures_count", "figures_missing", "figures_conflict"),
    "weekdays": ("weekday_hit", "weekday_conflict"),
    "retold sentence": ("sentence",),
    "rare words": ("rare_words",),
    "length": ("length",),
}


class Set:
    """One corpus: its texts, the fields of its documents in the same order, and its neighbours."""

    def __init__(self, folder):
        found = collect(folder / "docs.jsonl.gz", Config(), 2, lambda *_: None)
        corpus = assemble(found.batches, found.skipped, Config().sketch)
        self.ids, self.days, self.outlets = corpus.ids, days(corpus.dates), corpus.outlets
        with gzip.open(folder / "docs.jsonl.gz", "rt", encoding="utf-8") as file:
            records = {r["id"]: r for r in map(json.loads, file)}
        self.records = [records[i] for i in self.ids]
        titles = tokenise([head.title for head in corpus.articles.heads()])
        self.texts = event_texts(corpus.sketches, titles, load_background())
        t = self.texts
        self.near = set(
            zip(
                *(x.tolist() for x in nearest_pairs(t.tokens, t.flags, t.offsets, t.idf, t.judged)),
                strict=True,
            )
        )
        self.gold = []
        if (folder / "gold_pairs.csv").exists():
            place = {name: k for k, name in enumerate(self.ids)}
            with open(folder / "gold_pairs.csv", encoding="utf-8-sig", newline="") as file:
                self.gold = [(*sorted((place[r["a"]], place[r["b"]])), r["grade"]) for r in csv.DictReader(file)]

    def field(self, name):
        return np.array([record[name] for record in self.records])

    def rows(self, pairs):
        """(feature rows, days between the publications, whether of one outlet) of sorted pairs."""
        a, b = (np.array(side, np.int32) for side in zip(*pairs, strict=True))
        one = (self.outlets[a] == self.outlets[b]) & (self.outlets[a] >= 0)
        return measure_events(self.texts, a, b, jobs=2), np.abs(self.days[a] - self.days[b]), one


def story_pairs(stories):
    """(pairs, whether they tell one story): some of each story, and neighbours that tell two."""
    story = stories.field("story")
    members = defaultdict(list)
    for place, name in enumerate(story.tolist()):
        members[name].append(place)
    rng = np.random.default_rng(0)
    same = []
    for name in sorted(members):
        every = list(combinations(members[name], 2))
        same += [every[k] for k in sorted(rng.permutation(len(every))[:PER_STORY])]
    other = [(a, b) for a, b in stories.near if story[a] != story[b]]
    pairs = sorted({*same, *other})
    return pairs, np.array([story[a] == story[b] for a, b in pairs])


def fitted(x, y, weight):
    model = make_pipeline(StandardScaler(), LogisticRegression(C=STRENGTH, max_iter=3000))
    return model.fit(x, y, logisticregression__sample_weight=weight)


def shipped_form(version, model, columns, bar=0.5):
    """The model with raw columns, those left out at zero."""
    scale, regression = model.named_steps.values()
    weights = np.zeros(WEIGHED + 1)
    weights[columns] = regression.coef_[0] / scale.scale_
    weights[-1] = regression.intercept_[0] - (regression.coef_[0] / scale.scale_) @ scale.mean_
    return EventModel(version, np.round(weights, 6), bar)


def cross_validated(rows, y, topics, more, columns):
    """The chance of each pair by models that saw neither article's topic; `more` = rows, labels, weights for all.

    Pairs that stand in each other word for word are copies, which `dedup scan` reports before it looks for events.
    """
    unknown, apart = np.full(len(rows), np.nan), np.zeros(len(rows), bool)
    total, seen = np.zeros(len(rows)), np.zeros(len(rows))
    for topic in np.unique(topics):
        test = (topics == topic).any(axis=1)
        x = np.concatenate([rows[~test], more[0]])[:, columns]
        weight = np.concatenate([np.ones((~test).sum()), more[2]])
        model = shipped_form("", fitted(x, np.concatenate([y[~test], more[1]]), weight), columns)
        total[test] += event_chance(rows[test], unknown[test], apart[test], model)
        seen[test] += 1
    copied = rows[:, EVENT_FEATURES.index("verbatim")] >= COPIED
    return np.where(copied, 1.0, total / seen)


def f1(y, guess, positives):
    return 2 * (y & guess).sum() / (guess.sum() + positives)


def main():
    names = [name for name in sys.argv[1:] if not name.startswith("--")]
    if len(names) != 4:
        sys.exit(__doc__)
    events, stories, dated = (Set(Path(name)) for name in names[1:])
    event, topic = events.field("event"), events.field("topic")
    pairs = sorted({*events.near, *(p for p in combinations(range(len(topic)), 2) if topic[p[0]] == topic[p[1]])})
    rows, _, _ = events.rows(pairs)
    y = np.array([event[a] == event[b] for a, b in pairs])
    topics = np.array([(topic[a], topic[b]) for a, b in pairs])
    met = np.array([p in events.near for p in pairs])

    told, same_story = story_pairs(stories)
    story_rows, _, _ = stories.rows(told)
    far = sorted(p for p in dated.near if abs(dated.days[p[0]] - dated.days[p[1]]) >= APART)
    far = [far[k] for k in sorted(np.random.default_rng(0).permutation(len(far))[:DATED_PAIRS])]
    far_rows, _, one = dated.rows(far)
    train, check = far_rows[::2], far_rows[1::2]
    more = (
        np.concatenate([story_rows, train]),
        np.concatenate([same_story, np.zeros(len(train), bool)]),
        np.concatenate([np.full(len(told), STORY_WEIGHT), np.full(len(train), DATED_WEIGHT)]),
    )
    every = list(range(WEIGHED))
    chance = cross_validated(rows, y, topics, more, every)
    bars = np.arange(0.1, 0.9, 0.01)
    best = max(f1(y, met & (chance >= b), y.sum()) for b in bars)
    print(f"{len(pairs)} pairs of look-alikes and neighbours: {y.sum()} of one event, {(y & met).sum()} of them met")
    print(f"by topic: average precision {average_precision_score(y, chance):.3f}, best F1 {best:.3f}")
    for b in (BAR - 0.1, BAR, BAR + 0.1):
        guess = met & (chance >= b)
        right = (y & guess).sum()
        precision, recall = right / guess.sum(), right / y.sum()
        print(f"  bar {b:.2f}: precision {precision:.3f} recall {recall:.3f} F1 {f1(y, guess, y.sum()):.3f}")
    if "--ablations" in sys.argv:
        ablations(rows, y, topics, met, more, bars)
    final = shipped_form(
        names[0],
        fitted(
            np.concatenate([rows, more[0]])[:, every],
            np.concatenate([y, more[1]]),
            np.concatenate([np.ones(len(y)), more[2]]),
        ),
        every,
        BAR,
    )
    unknown = np.full(len(check), np.nan)
    hidden = event_chance(check, unknown, one[1::2], final) >= BAR
    print(f"neighbours {APART} days apart, dates hidden: {hidden.mean():.3f} called one event")
    for name, known in (("stories", stories), ("dated", dated)):
        gold_rows, gaps, own = known.rows([g[:2] for g in known.gold])
        called = event_chance(gold_rows, gaps, own, final) >= BAR
        for grade in ("same_event", "unrelated"):
            of = np.array([g[2] == grade for g in known.gold])
            print(f"{name}: {called[of].sum()} of {of.sum()} gold pairs labelled {grade} called one event")
    if "--dry-run" not in sys.argv:
        weights = dict(zip(EVENT_FEATURES, final.weights[:-1].tolist(), strict=False))
        stored = {"version": names[0], "bar": BAR, "intercept": float(final.weights[-1]), "weights": weights}
        OUT.write_text(json.dumps(stored, indent=1) + "\n")
        print(f"{OUT.name} written")


def ablations(rows, y, topics, met, more, bars):
    """Print what each group of features adds: left out, and alone."""
    for name, group in GROUPS.items():
        own = [k for k in range(WEIGHED) if EVENT_FEATURES[k] in group]
        for label, columns in (("without", [k for k in range(WEIGHED) if k not in own]), ("only", own)):
            chance = cross_validated(rows, y, topics, more, columns)
            best = max(f1(y, met & (chance >= b), y.sum()) for b in bars)
            print(f"{label:8} {name:16} average precision {average_precision_score(y, chance):.3f}  best F1 {best:.3f}")


if __name__ == "__main__":
    main()
