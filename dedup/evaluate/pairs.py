"""Pairs of a report against pairs that people graded."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from dedup.errors import SourceError
from dedup.evaluate.files import LISTED, rounded, rows, unknown, unknown_lines
from dedup.evaluate.reliability import Bar, Bin, best_bar, brier, calibration_error, curve, reliability
from dedup.records import COPY_GRADES, Grade

__all__ = ["CLASSES", "GRADES", "MISTAKES", "NOT_REPORTED", "Evidence", "PairScores", "WrongPair", "evaluate_pairs"]

#: The four classes of the macro F1; exact and near_duplicate are one, because only furniture tells them apart.
CLASSES = ("not_copied", "rewrite", "excerpt", "near")
NOT_REPORTED = "not reported"
GRADES = tuple(grade.value for grade in Grade)
_CLASS = {Grade.REWRITE: 1, Grade.EXCERPT: 2, Grade.NEAR_DUPLICATE: 3, Grade.EXACT: 3}
#: The sorts of mistakes, as the terminal and the page head them.
MISTAKES = {
    "false copy": "Reported as copies that people say are none, most confident first",
    "missed copy": "Copies that are not reported as such, the most obvious first",
    "other grade": "Copies of another grade, most confident first",
}
#: What pairs.csv tells of a pair, in the order in which it is shown.
_MEASURES = (
    "jaccard",
    "containment_a",
    "containment_b",
    "rare_overlap",
    "longest_run",
    "shared_words",
    "shared_quotes",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the report folder holds of a pair; the texts themselves are not in it."""

    title_a: str = ""
    title_b: str = ""
    passage: str = ""
    """The opening of the passage that tells most, as it stands in a."""
    measures: Mapping[str, str]
    """As pairs.csv writes them; empty for a pair that is not in the report."""


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
    sure: bool
    """Whether the grader was sure."""
    evidence: Evidence

    @property
    def mistake(self) -> Literal["false copy", "missed copy", "other grade"]:
        """What sort of mistake it is: about copying at all, or only about the kind of copy."""
        if self.gold not in COPY_GRADES:
            return "false copy"
        return "other grade" if self.found in COPY_GRADES else "missed copy"


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
    brier: float
    """Mean square of what confidence was off by, over the gold pairs reported as copies."""
    calibration_error: float
    """How far predicted and observed shares of copies lie apart, as a mean over the same pairs."""
    reliability: tuple[Bin, ...]
    curve: tuple[Bar, ...]
    """What a higher bar on confidence would give, lowest first."""
    bar: float
    """Confidence below which the report holds no pairs."""
    best_bar: float
    """The bar of the highest F1 among those at or above the report's; 0 when nothing was reported."""
    best_f1: float
    missing: int
    """Gold pairs that the report does not call copies ..."""
    missed: int
    """... and those of them that are copies."""
    confusion: Mapping[str, Mapping[str, int]]
    """Gold grade -> grade in the report -> pairs."""
    wrong: tuple[WrongPair, ...]
    """Most confident first; then those the report does not hold, the most obvious copies first."""
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
            *_reliability_lines(self),
            *_curve_lines(self),
            *_wrong_lines(self.wrong),
            *unknown_lines(self.unknown),
        ]

    def to_dict(self) -> dict[str, Any]:
        """The scores as plain values, rounded to four digits."""
        return {name: rounded(value) for name, value in asdict(self).items()}


def evaluate_pairs(reports: str | Path, gold: str | Path) -> PairScores:
    """How the pairs of a report folder agree with a file of graded pairs (columns a, b, grade[, sure, kind]).

    Raises:
        SourceError: a file or a column is missing, or a grade is not one of ours.
    """
    found = {
        _pair(row): row for row in rows(Path(reports) / "pairs.csv", "a", "b", "grade", "confidence", guarded=True)
    }
    labelled = rows(gold, "a", "b", "grade")
    for number, row in enumerate(labelled, start=2):
        if row["grade"] not in GRADES:
            raise SourceError(f"{gold}, row {number}: {row['grade']!r} is not a grade ({', '.join(GRADES)})")
    outcomes = [(_class(row["grade"]), _class(_found(found.get(_pair(row))))) for row in labelled]
    sure = [outcome for outcome, row in zip(outcomes, labelled, strict=True) if _is_sure(row)]
    confusion = {grade: dict.fromkeys((*GRADES, NOT_REPORTED), 0) for grade in GRADES}
    for row in labelled:
        grade = _found(found.get(_pair(row)))
        confusion[row["grade"]][grade] = confusion[row["grade"]].get(grade, 0) + 1
    judged = [
        (_number(found[_pair(row)]["confidence"]), true > 0)
        for row, (true, claimed) in zip(labelled, outcomes, strict=True)
        if claimed
    ]
    copies = sum(true > 0 for true, _ in outcomes)
    bins, bars = reliability(judged), curve(judged, copies)
    best = best_bar(bars)
    precision, recall, f1 = _copy_scores(outcomes)
    each = _class_f1(outcomes)
    return PairScores(
        pairs=len(outcomes),
        precision=precision,
        recall=recall,
        f1=f1,
        macro_f1=sum(each) / len(CLASSES),
        class_f1=dict(zip(CLASSES, each, strict=True)),
        sure_pairs=len(sure),
        sure_f1=_copy_scores(sure)[2],
        sure_macro_f1=sum(_class_f1(sure)) / len(CLASSES),
        brier=brier(judged),
        calibration_error=calibration_error(bins),
        reliability=tuple(bins),
        curve=tuple(bars),
        bar=_bar(reports, found),
        best_bar=best.confidence if best else 0.0,
        best_f1=best.f1 if best else 0.0,
        missing=len(outcomes) - len(judged),
        missed=copies - sum(copy for _, copy in judged),
        confusion=confusion,
        wrong=_wrong(reports, labelled, found),
        unknown=unknown(reports, (side for row in labelled for side in (row["a"], row["b"]))),
    )


def _wrong(
    reports: str | Path, labelled: Sequence[Mapping[str, str]], found: Mapping[tuple[str, str], Mapping[str, str]]
) -> tuple[WrongPair, ...]:
    titles = _titles(reports)
    wrong = []
    for row in labelled:
        a, b = _pair(row)
        reported = found.get((a, b), {})
        grade = _found(reported)
        if _class(row["grade"]) == _class(grade):
            continue
        wrong.append(
            WrongPair(
                a=a,
                b=b,
                gold=row["grade"],
                found=grade,
                confidence=_number(reported.get("confidence", "")),
                kind=row.get("kind") or "",
                sure=_is_sure(row),
                evidence=Evidence(
                    title_a=reported.get("a_title") or titles.get(a, ""),
                    title_b=reported.get("b_title") or titles.get(b, ""),
                    passage=reported.get("top_passage", ""),
                    measures={name: reported[name] for name in _MEASURES if reported.get(name)},
                ),
            )
        )
    return tuple(sorted(wrong, key=lambda pair: (-pair.confidence, GRADES.index(pair.gold), pair.a, pair.b)))


def _titles(reports: str | Path) -> dict[str, str]:
    """Titles by article id, where the report lists its articles."""
    path = Path(reports) / "articles.csv"
    if not path.exists():
        return {}
    return {row["article_id"]: row.get("title", "") for row in rows(path, "article_id", guarded=True)}


def _bar(reports: str | Path, found: Mapping[tuple[str, str], Mapping[str, str]]) -> float:
    """The confidence that a pair needed to be reported: as the run was told, else the lowest there is."""
    try:
        run = json.loads((Path(reports) / "run.json").read_bytes())
        return float(run["options"]["grade"]["min_confidence"])
    except (OSError, ValueError, KeyError, TypeError):
        copies = (_number(row["confidence"]) for row in found.values() if row["grade"] in COPY_GRADES)
        return min(copies, default=0.0)


def _pair(row: Mapping[str, str]) -> tuple[str, str]:
    a, b = sorted((row["a"], row["b"]))
    return a, b


def _found(row: Mapping[str, str] | None) -> str:
    return row["grade"] if row else NOT_REPORTED


def _is_sure(row: Mapping[str, str]) -> bool:
    return row.get("sure", "1") == "1"


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


def _confusion_lines(confusion: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    columns = (*GRADES, NOT_REPORTED)
    yield "gold grade       reported as: " + "  ".join(columns)
    for grade in GRADES:
        cells = "  ".join(f"{confusion[grade][column]:>{len(column)}}" for column in columns)
        yield f"{grade:<30}{cells}"


def _reliability_lines(scores: PairScores) -> Iterator[str]:
    if not scores.reliability:
        return
    yield ""
    yield (
        f"Can confidence be believed? Brier score {scores.brier:.4f}, expected calibration error "
        f"{scores.calibration_error:.4f}, over the graded pairs reported as copies"
    )
    yield "  confidence     pairs  predicted  are copies  (95 % range)"
    for one in scores.reliability:
        yield (
            f"  {one.low:.2f} to {one.high:.2f}  {one.pairs:>6,}  {one.predicted:>9.2f}  {one.observed:>10.2f}  "
            f"({one.least:.2f} to {one.most:.2f})"
        )
    yield f"  not reported  {scores.missing:>6,}             {_share(scores.missed, scores.missing):>10.2f}"


def _curve_lines(scores: PairScores) -> Iterator[str]:
    bars = _every_twentieth(scores.curve)
    if not bars:
        return
    yield ""
    yield "Were the bar on confidence higher:"
    yield "  bar   reported  precision  recall      F1"
    for at, bar in bars:
        yield f"  {at:.2f}  {bar.reported:>8,}  {bar.precision:>9.4f}  {bar.recall:.4f}  {bar.f1:.4f}"
    yield f"  the best F1, {scores.best_f1:.4f}, is at {scores.best_bar:.4f}"
    yield (
        f"Below {scores.bar:.2f} nothing was reported: what a lower bar would find cannot be told from this report. "
        f"{scores.missed:,} copies are not in it;"
    )
    yield "scan again with a lower `min_confidence` to see which of them a lower bar would bring, and what else."


def _every_twentieth(bars: Sequence[Bar]) -> list[tuple[float, Bar]]:
    """The bars at every twentieth: each time what would be reported from there on."""
    steps = (step / 20 for step in range(21))
    at = [(step, next((bar for bar in bars if bar.confidence >= step), None)) for step in steps]
    lowest = bars[0].confidence if bars else 1.0
    return [(step, bar) for step, bar in at if bar and step + 0.05 > lowest]


def _wrong_lines(wrong: Sequence[WrongPair]) -> Iterator[str]:
    for mistake, title in MISTAKES.items():
        pairs = [pair for pair in wrong if pair.mistake == mistake]
        if not pairs:
            continue
        yield ""
        yield f"{title}: {len(pairs):,}"
        for pair in pairs[:LISTED]:
            yield from _pair_lines(pair)
        if len(pairs) > LISTED:
            yield f"  and {len(pairs) - LISTED:,} more"


def _pair_lines(pair: WrongPair) -> Iterator[str]:
    remarks = "".join(f" [{text}]" for text in (pair.kind, "" if pair.sure else "grader not sure") if text)
    confidence = "" if pair.found == NOT_REPORTED else f" ({pair.confidence:.2f})"
    yield f"  {pair.a} | {pair.b}: {pair.gold}, {_as(pair.found)}{confidence}{remarks}"
    evidence = pair.evidence
    if evidence.title_a or evidence.title_b:
        yield f"      titles: {evidence.title_a or '-'} | {evidence.title_b or '-'}"
    if evidence.passage:
        yield f"      passage: {evidence.passage}"
    if evidence.measures:
        yield "      " + ", ".join(f"{name} {value}" for name, value in evidence.measures.items())


def _as(found: str) -> str:
    return found if found == NOT_REPORTED else f"reported as {found}"
