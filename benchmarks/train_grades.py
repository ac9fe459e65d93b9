"""Train the grade model on pairs graded by reading, cross-validate it by story, and write dedup/data/grades.json.

usage: python benchmarks/train_grades.py VERSION SET ... [--dry-run]

A SET is a folder with docs.jsonl.gz and gold_pairs.csv (columns a, b, grade, sure), or a folder of files whose graded
pairs stand in benchmarks/gold/NAME.csv. Documents with a `story` field
are never split between training and testing inside one story; pairs without stories are split by their connected
components. Two kinds of pairs join the training with a small weight: pairs of different stories that share some
wording, as not copied, and excerpts pasted into other articles (a SET with excerpts.csv and truth.csv).
"""

import csv
import gzip
import json
import sys
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from dedup.assemble import assemble
from dedup.background import load_background
from dedup.candidates import propose
from dedup.cluster import components
from dedup.config import Config
from dedup.grade import design_matrix
from dedup.pipeline import _collect, _long_enough, _measured
from dedup.verify import measure

OUT = Path(__file__).parent.parent / "dedup" / "data" / "grades.json"
CLASSES = {"rewrite": 1, "excerpt": 2, "near_duplicate": 3, "exact": 3}
ROUNDS = 5
COPY_STRENGTH, KIND_STRENGTH = 3.0, 0.5


def load(folder):
    """(corpus, gold rows, story by id) of one set."""
    docs, config, stories = folder / "docs.jsonl.gz", Config(), {}
    batches, skipped = _collect(docs if docs.exists() else folder, config, 2, lambda *_: None)
    if docs.exists():
        with gzip.open(docs, "rt", encoding="utf-8") as file:
            stories = {r["id"]: r["story"] for r in map(json.loads, file) if "story" in r}
    gold = []
    for path in (folder / "gold_pairs.csv", Path(__file__).parent / "gold" / f"{folder.name}.csv"):
        if path.exists():
            with open(path, encoding="utf-8-sig", newline="") as file:
                gold += csv.DictReader(file)
    return assemble(batches, skipped, config.sketch), gold, stories


def examples(folder):
    """(design float64[P, K], class int[P], weight float[P], group str[P], gold 0/1/2[P]) of one set; 2 is sure gold."""
    corpus, gold, stories = load(folder)
    place = {name: index for index, name in enumerate(corpus.ids)}
    pairs = [tuple(sorted((place[r["a"]], place[r["b"]]))) for r in gold]
    linked = {node: min(group) for group in components(pairs) for node in group}
    label = [CLASSES.get(r["grade"], 0) for r in gold]
    standing = [1 + (r.get("sure", "1") == "1") for r in gold]
    weight = [1.0 if s == 2 else 0.6 for s in standing]
    groups = [f"{folder.name}-{stories.get(r['a'], linked[p[0]])}" for r, p in zip(gold, pairs, strict=True)]
    if stories:
        more = foreign(corpus, stories, set(pairs))
        pairs += more
        label += [0] * len(more)
        weight += [0.1] * len(more)
        groups += [f"{folder.name}-{stories[corpus.ids[a]]}" for a, _ in more]
    if (folder / "excerpts.csv").exists():
        more = pasted(folder, place)
        pairs += more
        label += [2] * len(more)
        weight += [0.25] * len(more)
        groups += [f"{folder.name}-{a}" for a, _ in more]
    standing += [0] * (len(label) - len(standing))
    a, b = (np.array(column, np.int32) for column in zip(*pairs, strict=True))
    rows = measure(corpus.sketches, a, b, load_background(), corpus.outlets, jobs=2)
    return design_matrix(rows), np.array(label), np.array(weight), groups, np.array(standing)


def pasted(folder, place):
    """Pairs of an article with a pasted excerpt and the original of the story it was taken from."""
    with open(folder / "truth.csv", encoding="utf-8-sig", newline="") as file:
        original = {r["story"]: r["id"] for r in csv.DictReader(file) if r["kind"] == "original"}
    with open(folder / "excerpts.csv", encoding="utf-8-sig", newline="") as file:
        return [tuple(sorted((place[r["id"]], place[original[r["story"]]]))) for r in csv.DictReader(file)]


def foreign(corpus, stories, known):
    """Up to 300 pairs of different stories that the screen lets through, evenly drawn."""
    config = Config()
    background = load_background()
    proposed = propose(corpus.sketches, corpus.titles, _long_enough(corpus, config), config.candidates, background)
    some, _ = _measured(corpus, proposed, load_background(), config, 2, lambda *_: None)
    apart = [
        k
        for k in range(len(some))
        if stories[corpus.ids[some.a[k]]] != stories[corpus.ids[some.b[k]]] and (some.a[k], some.b[k]) not in known
    ]
    print(f"{len(apart)} candidate pairs of different stories", file=sys.stderr)
    return [(int(some.a[k]), int(some.b[k])) for k in apart[:: max(1, len(apart) // 300)]]


def scores(truth, guess):
    """(F1 of reuse, macro F1 of the four classes)."""
    each = []
    for kind in range(4):
        hit = ((truth == kind) & (guess == kind)).sum()
        each.append(2 * hit / max(1, (truth == kind).sum() + (guess == kind).sum()))
    hit = ((truth > 0) & (guess > 0)).sum()
    return 2 * hit / ((truth > 0).sum() + (guess > 0).sum()), np.mean(each), each


def fitted(x, y, weight, strength):
    """A standardised logistic regression; `strength` is the inverse of the regularisation."""
    model = make_pipeline(StandardScaler(), LogisticRegression(C=strength, max_iter=10000))
    return model.fit(x, y, logisticregression__sample_weight=weight)


def both(x, y, weight, standing):
    """The model of copying, from all rows, and the model of the kind of copy, from graded copies only."""
    graded = (standing > 0) & (y > 0)
    return fitted(x, y > 0, weight, COPY_STRENGTH), fitted(x[graded], y[graded], weight[graded], KIND_STRENGTH)


def cross_validated(x, y, weight, groups, standing):
    """(chance of copying, chances of the kinds) by models that never saw the row's story, mean over several splits."""
    copied, kinds = np.zeros(len(y)), np.zeros((len(y), 3))
    for seed in range(ROUNDS):
        for train, test in StratifiedGroupKFold(10, shuffle=True, random_state=seed).split(x, y, groups):
            first, second = both(x[train], y[train], weight[train], standing[train])
            copied[test] += first.predict_proba(x[test])[:, 1] / ROUNDS
            kinds[test] += second.predict_proba(x[test]) / ROUNDS
    return copied, kinds


def unscaled(model):
    """The rows of coefficients for raw columns, the intercept last, rounded for the file."""
    scale, regression = model.named_steps.values()
    coefficients = regression.coef_ / scale.scale_
    intercepts = regression.intercept_ - coefficients @ scale.mean_
    return [[round(float(v), 6) for v in (*row, last)] for row, last in zip(coefficients, intercepts, strict=True)]


def main():
    names = [name for name in sys.argv[1:] if not name.startswith("--")]
    if len(names) < 2:
        sys.exit(__doc__)
    parts = [examples(Path(name)) for name in names[1:]]
    x, y, weight, standing = (np.concatenate([p[k] for p in parts]) for k in (0, 1, 2, 4))
    numbers = {name: k for k, name in enumerate(sorted({g for p in parts for g in p[3]}))}
    groups = np.array([numbers[g] for p in parts for g in p[3]])
    copied, kinds = cross_validated(x, y, weight, groups, standing)
    guess = np.where(copied >= 0.5, 1 + kinds.argmax(axis=1), 0)
    for label, rows in (("all", standing > 0), ("sure", standing == 2)):
        reuse, macro, each = scores(y[rows], guess[rows])
        print(f"{label:5} {rows.sum():4} pairs  reuse F1 {reuse:.3f}  macro F1 {macro:.3f}  ", np.round(each, 3))
    for label, rows in (
        ("different stories", (standing == 0) & (y == 0)),
        ("pasted excerpts", (standing == 0) & (y == 2)),
    ):
        print(f"{label}: {(guess[rows] > 0).sum()} of {rows.sum()} called copies")
    for low, high in ((0.0, 0.1), (0.1, 0.3), (0.3, 0.5), (0.5, 0.7), (0.7, 0.9), (0.9, 1.01)):
        rows = (standing > 0) & (copied >= low) & (copied < high)
        print(
            f"confidence {low:.1f}-{min(high, 1.0):.1f}: {rows.sum():4} graded pairs, {(y[rows] > 0).mean():.2f} copies"
        )
    if "--dry-run" in sys.argv:
        return
    first, second = both(x, y, weight, standing)
    stored = {"version": names[0], "copied": unscaled(first)[0], "kind": unscaled(second)}
    OUT.write_text(json.dumps(stored, indent=1) + "\n")
    print(f"{OUT.name} written")


if __name__ == "__main__":
    main()
