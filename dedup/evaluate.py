"""How well a report agrees with people: pairs against graded pairs, clusters against known stories."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from dedup.errors import SourceError
from dedup.records import COPY_GRADES, Grade

__all__ = ["ClusterScores", "PairScores", "WrongPair", "evaluate_clusters", "evaluate_pairs"]

#: The four classes of the macro F1; exact and near_duplicate are one, because only furniture tells them apart.
CLASSES = ("not_copied", "rewrite", "excerpt", "near")
NOT_REPORTED = "not reported"

_GRADES = tuple(grade.value for grade in Grade)
_CLASS = {Grade.REWRITE: 1, Grade.EXCERPT: 2, Grade.NEAR_DUPLICATE: 3, Grade.EXACT: 3}
#: Cells as the report writes them when they could be formulas: one apostrophe too many.
_GUARDED = re.compile(r"'+\s*[=+\-@＝＋－＠]")
_LISTED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongPair:
    """A pair whose class in the report is not that of the gold file."""

    a: str
    b: str
    gold: str
    found: str
    confidence: float
    """As the report has it; 0 for a pair that is not in the report."""
    kind: str
    """The gold file's `kind` column, where it has one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairScores:
    """Agreement on pairs. A gold pair that is not in the report counts as not copied."""

    pairs: int
    precision: float
    """Of the gold pairs reported as copies, the share that are copies."""
    recall: float
    f1: float
    macro_f1: float
    """Mean F1 of the four classes not copied, rewrite, excerpt, near."""
    class_f1: Mapping[str, float]
    sure_pairs: int
    """Gold pairs that the annotator was sure of (all of them, without a `sure` column)."""
    sure_f1: float
    sure_macro_f1: float
    confusion: Mapping[str, Mapping[str, int]]
    """Gold grade -> grade in the report -> pairs."""
    wrong: tuple[WrongPair, ...]
    """Most confident first."""
    unknown: tuple[str, ...]
    """Ids of the gold file that are not among the report's articles; their pairs count as not reported."""

    def lines(self) -> list[str]:
        """The scores for a terminal."""
        return [
            f"{self.pairs:,} graded pairs: is it a copy? precision {self.precision:.4f}, recall {self.recall:.4f}, "
            f"F1 {self.f1:.4f}",
            f"four classes: macro F1 {self.macro_f1:.4f} ("
            + ", ".join(f"{name} {value:.3f}" for name, value in self.class_f1.items())
            + ")",
            f"over the {self.sure_pairs:,} sure pairs: F1 {self.sure_f1:.4f}, macro F1 {self.sure_macro_f1:.4f}",
            "",
            *_confusion_lines(self.confusion),
            *_wrong_lines(self.wrong),
            *_unknown_lines(self.unknown),
        ]

    def to_dict(self) -> dict[str, Any]:
        """The scores as plain values, rounded to four digits."""
        return {name: _rounded(value) for name, value in asdict(self).items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterScores:
    """Agreement on clusters. An article that is in no cluster is a cluster of its own."""

    articles: int
    stories: int
    clusters: int
    """Clusters of the report, counting single articles."""
    bcubed_precision: float
    bcubed_recall: float
    bcubed_f1: float
    ari: float
    """Adjusted Rand index: 0 for chance, 1 for the same grouping."""
    pair_precision: float
    """Of the pairs put into one cluster, the share that are of one story."""
    pair_recall: float
    pair_f1: float
    mixing: tuple[str, ...]
    """Clusters that hold articles of more than one story."""
    unknown: tuple[str, ...]
    """Ids of the truth file that are not among the report's articles; they count as single."""

    def lines(self) -> list[str]:
        """The scores for a terminal."""
        mixing = ", ".join(self.mixing[:_LISTED]) + (", ..." if len(self.mixing) > _LISTED else "")
        return [
            f"{self.articles:,} articles of {self.stories:,} stories, in {self.clusters:,} clusters",
            f"B-cubed: precision {self.bcubed_precision:.4f}, recall {self.bcubed_recall:.4f}, F1 {self.bcubed_f1:.4f}",
            f"pairs: precision {self.pair_precision:.4f}, recall {self.pair_recall:.4f}, F1 {self.pair_f1:.4f}",
            f"adjusted Rand index {self.ari:.4f}",
            f"clusters that mix stories: {len(self.mixing):,}" + (f" ({mixing})" if mixing else ""),
            *_unknown_lines(self.unknown),
        ]

    def to_dict(self) -> dict[str, Any]:
        """The scores as plain values, rounded to four digits."""
        return {name: _rounded(value) for name, value in asdict(self).items()}


def evaluate_pairs(reports: str | Path, gold: str | Path) -> PairScores:
    """How the pairs of a report folder agree with a file of graded pairs (columns a, b, grade[, sure, kind]).

    Raises:
        SourceError: a file or a column is missing, or a grade is not one of ours.
    """
    found = {
        _pair(row): (row["grade"], _number(row["confidence"]))
        for row in _rows(Path(reports) / "pairs.csv", "a", "b", "grade", "confidence", guarded=True)
    }
    labelled = _rows(gold, "a", "b", "grade")
    for number, row in enumerate(labelled, start=2):
        if row["grade"] not in _GRADES:
            raise SourceError(f"{gold}, row {number}: {row['grade']!r} is not a grade ({', '.join(_GRADES)})")
    judged: list[tuple[int, int]] = []
    sure: list[tuple[int, int]] = []
    wrong: list[WrongPair] = []
    confusion = {grade: dict.fromkeys((*_GRADES, NOT_REPORTED), 0) for grade in _GRADES}
    for row in labelled:
        grade, confidence = found.get(_pair(row), (NOT_REPORTED, 0.0))
        outcome = (_class(row["grade"]), _class(grade))
        judged.append(outcome)
        if row.get("sure", "1") == "1":
            sure.append(outcome)
        confusion[row["grade"]][grade] = confusion[row["grade"]].get(grade, 0) + 1
        if outcome[0] != outcome[1]:
            a, b = _pair(row)
            kind = row.get("kind") or ""
            wrong.append(WrongPair(a=a, b=b, gold=row["grade"], found=grade, confidence=confidence, kind=kind))
    precision, recall, f1 = _copy_scores(judged)
    each = _class_f1(judged)
    return PairScores(
        pairs=len(judged),
        precision=precision,
        recall=recall,
        f1=f1,
        macro_f1=sum(each) / len(CLASSES),
        class_f1=dict(zip(CLASSES, each, strict=True)),
        sure_pairs=len(sure),
        sure_f1=_copy_scores(sure)[2],
        sure_macro_f1=sum(_class_f1(sure)) / len(CLASSES),
        confusion=confusion,
        wrong=tuple(sorted(wrong, key=lambda pair: (-pair.confidence, pair.a, pair.b))),
        unknown=_unknown(reports, (side for row in labelled for side in (row["a"], row["b"]))),
    )


def evaluate_clusters(reports: str | Path, truth: str | Path) -> ClusterScores:
    """How the clusters of a report folder agree with a file of known stories.

    The truth file has the columns article_id (or id) and story (or cluster_id). Only its articles count.

    Raises:
        SourceError: a file or a column is missing, or the truth file is empty.
    """
    rows = _rows(Path(reports) / "clusters.csv", "article_id", "cluster_id", guarded=True)
    cluster_of = {row["article_id"]: row["cluster_id"] for row in rows}
    known = _rows(truth, "article_id|id", "story|cluster_id")
    if not known:
        raise SourceError(f"{truth} holds no articles")
    ids = [row["article_id"] if "article_id" in row else row["id"] for row in known]
    gold = [row["story"] if "story" in row else row["cluster_id"] for row in known]
    # A tuple for single articles, so that no name of a cluster can be the same by chance.
    found = [(cluster_of[i],) if i in cluster_of else ("single", i) for i in ids]
    stories: dict[tuple[str, ...], set[str]] = {}
    for cluster, story in zip(found, gold, strict=True):
        stories.setdefault(cluster, set()).add(story)
    cells, of_gold, of_found = Counter(zip(gold, found, strict=True)), Counter(gold), Counter(found)
    precision = sum(n * n / of_found[cluster] for (_, cluster), n in cells.items()) / len(ids)
    recall = sum(n * n / of_gold[story] for (story, _), n in cells.items()) / len(ids)
    both, in_gold, in_found = (_pairs_within(sizes.values()) for sizes in (cells, of_gold, of_found))
    return ClusterScores(
        articles=len(ids),
        stories=len(of_gold),
        clusters=len(of_found),
        bcubed_precision=precision,
        bcubed_recall=recall,
        bcubed_f1=2 * precision * recall / (precision + recall),
        ari=_adjusted_rand(both, in_gold, in_found, len(ids)),
        pair_precision=both / in_found if in_found else 1.0,
        pair_recall=both / in_gold if in_gold else 1.0,
        pair_f1=2 * both / (in_gold + in_found) if in_gold + in_found else 1.0,
        mixing=tuple(sorted(cluster[0] for cluster, names in stories.items() if len(names) > 1)),
        unknown=_unknown(reports, ids),
    )


def _rows(path: str | Path, *columns: str, guarded: bool = False) -> list[dict[str, str]]:
    """The rows of a CSV file that has these columns (`x|y`: one of the two)."""
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restval="")
            header = list(reader.fieldnames or [])
            for column in columns:
                if not set(column.split("|")) & set(header):
                    names = " or ".join(repr(name) for name in column.split("|"))
                    raise SourceError(f"{path} has no column {names}; it has {', '.join(header) or 'no columns'}")
            rows = [{name: value for name, value in row.items() if name in header} for row in reader]
    except OSError as error:
        raise SourceError(f"cannot read {path}: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise SourceError(f"{path} is not a CSV file in UTF-8: {error}") from error
    if guarded:
        return [{name: value[1:] if _GUARDED.match(value) else value for name, value in row.items()} for row in rows]
    return rows


def _pair(row: Mapping[str, str]) -> tuple[str, str]:
    a, b = sorted((row["a"], row["b"]))
    return a, b


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:  # a report that was edited by hand
        return 0.0


def _class(grade: str) -> int:
    return _CLASS[Grade(grade)] if grade in COPY_GRADES else 0


def _copy_scores(outcomes: Sequence[tuple[int, int]]) -> tuple[float, float, float]:
    """Precision, recall and F1 of "is a copy" over outcomes `(gold class, class in the report)`."""
    right = sum(gold > 0 and found > 0 for gold, found in outcomes)
    claimed, true = sum(found > 0 for _, found in outcomes), sum(gold > 0 for gold, _ in outcomes)
    return _share(right, claimed), _share(right, true), _share(2 * right, claimed + true)


def _class_f1(outcomes: Sequence[tuple[int, int]]) -> list[float]:
    cells = Counter(outcomes)
    gold, found = Counter(g for g, _ in outcomes), Counter(f for _, f in outcomes)
    return [_share(2 * cells[i, i], gold[i] + found[i]) for i in range(len(CLASSES))]


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _pairs_within(sizes: Iterable[int]) -> float:
    return sum(n * (n - 1) / 2 for n in sizes)


def _adjusted_rand(both: float, in_gold: float, in_found: float, articles: int) -> float:
    chance = in_gold * in_found / _pairs_within([articles]) if articles > 1 else 0.0
    best = (in_gold + in_found) / 2
    return (both - chance) / (best - chance) if best != chance else 1.0


def _unknown(reports: str | Path, ids: Iterable[str]) -> tuple[str, ...]:
    path = Path(reports) / "articles.csv"
    if not path.exists():
        return ()
    known = {row["article_id"] for row in _rows(path, "article_id", guarded=True)}
    return tuple(sorted(set(ids) - known))


def _confusion_lines(confusion: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    columns = (*_GRADES, NOT_REPORTED)
    yield "gold grade       reported as: " + "  ".join(columns)
    for grade in _GRADES:
        cells = "  ".join(f"{confusion[grade][column]:>{len(column)}}" for column in columns)
        yield f"{grade:<30}{cells}"


def _wrong_lines(wrong: Sequence[WrongPair]) -> Iterator[str]:
    if wrong:
        yield ""
        yield f"{len(wrong):,} pairs are graded otherwise, most confident first:"
    for pair in wrong[:_LISTED]:
        kind = f" [{pair.kind}]" if pair.kind else ""
        yield f"  {pair.a} | {pair.b}: {pair.gold}, reported as {pair.found} ({pair.confidence:.2f}){kind}"
    if len(wrong) > _LISTED:
        yield f"  and {len(wrong) - _LISTED:,} more"


def _unknown_lines(unknown: Sequence[str]) -> Iterator[str]:
    if unknown:
        more = f" and {len(unknown) - _LISTED:,} more" if len(unknown) > _LISTED else ""
        yield ""
        names = ", ".join(unknown[:_LISTED])
        yield f"{len(unknown):,} ids are not in the report, so nothing was found for them: {names}{more}"


def _rounded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(item) for item in value]
    return round(value, 4) if isinstance(value, float) else value
