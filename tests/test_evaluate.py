"""Scores against examples small enough to work out by hand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dedup.errors import SourceError
from dedup.evaluate import evaluate_clusters, evaluate_pairs, render_evaluation
from dedup.evaluate.reliability import reliability
from dedup.report.cells import cell

PAIRS = """a,b,grade,confidence
n1,n2,exact,0.99
n1,n3,rewrite,0.7
n2,n4,excerpt,0.9
n5,n6,same_event,0.6
n7,n8,rewrite,0.95
"""
GOLD = """a,b,grade,sure,kind
n2,n1,near_duplicate,1,wire copy
n1,n3,rewrite,1,
n2,n4,rewrite,0,round-up
n5,n6,same_event,1,
n7,n8,unrelated,1,template trap
n3,n9,excerpt,1,pasted
"""


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    folder = tmp_path / "reports"
    folder.mkdir()
    return folder


def put(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8-sig")
    return path


def test_copy_scores_count_a_missing_pair_as_not_copied(reports: Path, tmp_path: Path) -> None:
    put(reports / "pairs.csv", PAIRS)
    scores = evaluate_pairs(reports, put(tmp_path / "gold.csv", GOLD))
    # copies in gold: 4 (3 found); reported as copies: 4 (3 right, the template trap wrong)
    assert (scores.pairs, scores.precision, scores.recall, scores.f1) == (6, 0.75, 0.75, 0.75)


def test_macro_f1_takes_exact_and_near_as_one_class(reports: Path, tmp_path: Path) -> None:
    put(reports / "pairs.csv", PAIRS)
    scores = evaluate_pairs(reports, put(tmp_path / "gold.csv", GOLD))
    # not_copied: gold 2, found 2, both 1 -> 1/2; rewrite: 2, 2, 1 -> 1/2; excerpt: 1, 1, 0 -> 0; near: 1, 1, 1 -> 1
    assert scores.class_f1 == {"not_copied": 0.5, "rewrite": 0.5, "excerpt": 0.0, "near": 1.0}
    assert scores.macro_f1 == 0.5


def test_sure_scores_leave_doubted_pairs_out(reports: Path, tmp_path: Path) -> None:
    put(reports / "pairs.csv", PAIRS)
    scores = evaluate_pairs(reports, put(tmp_path / "gold.csv", GOLD))
    # without n2|n4: 3 copies in gold, 3 reported, 2 right; classes 1/2, 2/3, 0, 1
    assert (scores.sure_pairs, scores.to_dict()["sure_f1"]) == (5, 0.6667)
    assert scores.to_dict()["sure_macro_f1"] == round((1 / 2 + 2 / 3 + 0 + 1) / 4, 4)


def test_wrong_pairs_come_most_confident_first_with_their_kind(reports: Path, tmp_path: Path) -> None:
    put(reports / "pairs.csv", PAIRS)
    wrong = evaluate_pairs(reports, put(tmp_path / "gold.csv", GOLD)).wrong
    assert [(p.a, p.b, p.gold, p.found, p.confidence, p.kind) for p in wrong] == [
        ("n7", "n8", "unrelated", "rewrite", 0.95, "template trap"),
        ("n2", "n4", "rewrite", "excerpt", 0.9, "round-up"),
        ("n3", "n9", "excerpt", "not reported", 0.0, "pasted"),
    ]


def test_confusion_has_all_six_grades_and_the_missing(reports: Path, tmp_path: Path) -> None:
    put(reports / "pairs.csv", PAIRS)
    confusion = evaluate_pairs(reports, put(tmp_path / "gold.csv", GOLD)).confusion
    assert list(confusion) == ["exact", "near_duplicate", "excerpt", "rewrite", "same_event", "unrelated"]
    assert confusion["near_duplicate"]["exact"] == 1
    assert confusion["excerpt"]["not reported"] == 1


def test_unknown_ids_are_named_when_the_report_lists_its_articles(reports: Path, tmp_path: Path) -> None:
    put(reports / "pairs.csv", PAIRS)
    put(reports / "articles.csv", "article_id\n" + "\n".join(f"n{i}" for i in range(1, 9)))
    scores = evaluate_pairs(reports, put(tmp_path / "gold.csv", GOLD))
    assert scores.unknown == ("n9",)
    assert scores.lines()[-1] == "1 ids are not in the report, so nothing was found for them: n9"


def test_ids_that_look_like_formulas_are_read_back(reports: Path, tmp_path: Path) -> None:
    a, b = cell("=n1"), cell("'-n2")
    assert (a, b) == ("'=n1", "''-n2")
    put(reports / "pairs.csv", f"a,b,grade,confidence\n{a},{b},exact,1\n")
    scores = evaluate_pairs(reports, put(tmp_path / "gold.csv", "a,b,grade\n=n1,'-n2,exact\n"))
    assert scores.f1 == 1.0


def test_nothing_reported_gives_zeros_and_no_error(reports: Path, tmp_path: Path) -> None:
    put(reports / "pairs.csv", "a,b,grade,confidence\n")
    scores = evaluate_pairs(reports, put(tmp_path / "gold.csv", GOLD))
    assert (scores.precision, scores.recall, scores.f1) == (0.0, 0.0, 0.0)


CLUSTERS = "cluster_id,article_id\nc1,a1\nc1,a2\nc1,b1\nc2,b2\nc2,x9\n"
TRUTH = "article_id,story\na1,A\na2,A\nb1,B\nb2,B\nd1,D\n"


def test_cluster_scores_of_a_worked_example(reports: Path, tmp_path: Path) -> None:
    put(reports / "clusters.csv", CLUSTERS)
    scores = evaluate_clusters(reports, put(tmp_path / "truth.csv", TRUTH)).to_dict()
    # c1 = {a1, a2, b1}, c2 = {b2} (x9 is not in the truth), d1 single
    assert scores["bcubed_precision"] == round((2 / 3 + 2 / 3 + 1 / 3 + 1 + 1) / 5, 4)
    assert scores["bcubed_recall"] == round((1 + 1 + 1 / 2 + 1 / 2 + 1) / 5, 4)
    # pairs: 3 in clusters, 2 in stories, 1 in both
    assert (scores["pair_precision"], scores["pair_recall"], scores["pair_f1"]) == (0.3333, 0.5, 0.4)
    # Rand: (1 - 3*2/10) / ((3 + 2)/2 - 3*2/10) = 0.4 / 1.9
    assert scores["ari"] == 0.2105
    assert scores["mixing"] == ["c1"]
    assert (scores["articles"], scores["stories"], scores["clusters"]) == (5, 3, 3)


def test_truth_may_call_its_columns_id_and_cluster_id(reports: Path, tmp_path: Path) -> None:
    put(reports / "clusters.csv", "cluster_id,article_id\nc1,a1\nc1,a2\n")
    truth = put(tmp_path / "truth.csv", "id,cluster_id\na1,A\na2,A\nb1,B\n")
    scores = evaluate_clusters(reports, truth)
    assert (scores.ari, scores.bcubed_f1, scores.pair_f1, scores.mixing) == (1.0, 1.0, 1.0, ())


def test_all_single_articles_agree_with_all_single_stories(reports: Path, tmp_path: Path) -> None:
    put(reports / "clusters.csv", "cluster_id,article_id\n")
    scores = evaluate_clusters(reports, put(tmp_path / "truth.csv", "id,story\na1,A\nb1,B\n"))
    assert (scores.ari, scores.bcubed_f1, scores.pair_f1) == (1.0, 1.0, 1.0)


def test_one_article_does_not_divide_by_zero(reports: Path, tmp_path: Path) -> None:
    put(reports / "clusters.csv", "cluster_id,article_id\n")
    assert evaluate_clusters(reports, put(tmp_path / "truth.csv", "id,story\na1,A\n")).ari == 1.0


@pytest.mark.parametrize(
    ("pairs", "gold", "complaint"),
    [
        (None, GOLD, "pairs.csv: No such file"),
        ("a,b\n", GOLD, "pairs.csv has no column 'grade'; it has a, b"),
        (PAIRS, "", "gold.csv has no column 'a'; it has no columns"),
        (PAIRS, "a,b,grade\nn1,n2,copied\n", "gold.csv, row 2: 'copied' is not a grade"),
    ],
)
def test_broken_input_is_one_sentence_with_the_file(
    reports: Path, tmp_path: Path, pairs: str | None, gold: str, complaint: str
) -> None:
    if pairs is not None:
        put(reports / "pairs.csv", pairs)
    with pytest.raises(SourceError, match=complaint):
        evaluate_pairs(reports, put(tmp_path / "gold.csv", gold))


def test_truth_without_story_column_names_both_spellings(reports: Path, tmp_path: Path) -> None:
    put(reports / "clusters.csv", CLUSTERS)
    with pytest.raises(SourceError, match="no column 'story' or 'cluster_id'"):
        evaluate_clusters(reports, put(tmp_path / "truth.csv", "article_id,topic\na1,A\n"))


def test_lines_are_plain_text_an_editor_can_read(reports: Path, tmp_path: Path) -> None:
    put(reports / "pairs.csv", PAIRS)
    lines = evaluate_pairs(reports, put(tmp_path / "gold.csv", GOLD)).lines()
    assert lines[0] == "6 graded pairs: is it a copy? precision 0.7500, recall 0.7500, F1 0.7500"
    assert "  n7 | n8: unrelated, reported as rewrite (0.95) [template trap]" in lines


def test_mistakes_about_copying_come_apart_from_those_about_its_kind(reports: Path, tmp_path: Path) -> None:
    put(reports / "pairs.csv", PAIRS)
    wrong = evaluate_pairs(reports, put(tmp_path / "gold.csv", GOLD)).wrong
    assert {(p.a, p.b): p.mistake for p in wrong} == {
        ("n7", "n8"): "false copy",
        ("n2", "n4"): "other grade",
        ("n3", "n9"): "missed copy",
    }


def test_a_mistake_is_shown_with_what_the_report_holds_of_it(reports: Path, tmp_path: Path) -> None:
    header = "a,b,grade,confidence,jaccard,longest_run,a_title,b_title,top_passage\n"
    put(reports / "pairs.csv", header + "n1,n2,rewrite,0.95,0.12,14,Tug sunk,Tug afloat,the tug went down off Orlo\n")
    put(reports / "articles.csv", "article_id,title\nn1,Tug sunk\nn2,Tug afloat\nn3,Buoy lost\n")
    lines = evaluate_pairs(reports, put(tmp_path / "gold.csv", "a,b,grade\nn1,n2,unrelated\nn1,n3,exact\n")).lines()
    at = lines.index("  n1 | n2: unrelated, reported as rewrite (0.95)")
    assert lines[at + 1 : at + 4] == [
        "      titles: Tug sunk | Tug afloat",
        "      passage: the tug went down off Orlo",
        "      jaccard 0.12, longest_run 14",
    ]
    at = lines.index("  n1 | n3: exact, not reported")
    assert lines[at + 1] == "      titles: Tug sunk | Buoy lost"


def test_confidence_is_held_against_what_is_so(reports: Path, tmp_path: Path) -> None:
    put(reports / "pairs.csv", PAIRS)
    scores = evaluate_pairs(reports, put(tmp_path / "gold.csv", GOLD))
    # reported as copies: 0.99 copy, 0.7 copy, 0.9 copy, 0.95 none; same_event says nothing of copying
    assert scores.brier == pytest.approx((0.01**2 + 0.3**2 + 0.1**2 + 0.95**2) / 4)
    assert [(b.low, b.pairs, round(b.predicted, 2), b.observed) for b in scores.reliability] == [
        (0.7, 1, 0.7, 1.0),
        (0.9, 1, 0.9, 1.0),
        (0.95, 2, 0.97, 0.5),
    ]
    assert scores.calibration_error == pytest.approx((0.3 + 0.1 + 2 * 0.47) / 4)
    assert (scores.missing, scores.missed) == (2, 1)


def test_the_curve_says_what_a_higher_bar_would_give(reports: Path, tmp_path: Path) -> None:
    put(reports / "pairs.csv", PAIRS)
    scores = evaluate_pairs(reports, put(tmp_path / "gold.csv", GOLD))
    assert [(bar.confidence, bar.reported, bar.precision, bar.recall) for bar in scores.curve] == [
        (0.7, 4, 0.75, 0.75),
        (0.9, 3, 2 / 3, 0.5),
        (0.95, 2, 0.5, 0.25),
        (0.99, 1, 1.0, 0.25),
    ]
    assert (scores.best_bar, scores.best_f1) == (0.7, 0.75)


def test_the_bar_of_the_report_is_what_the_run_was_told_or_the_lowest_there_is(reports: Path, tmp_path: Path) -> None:
    put(reports / "pairs.csv", PAIRS)
    gold = put(tmp_path / "gold.csv", GOLD)
    assert evaluate_pairs(reports, gold).bar == 0.7
    (reports / "run.json").write_text('{"options": {"grade": {"min_confidence": 0.5}}}', "utf-8")
    scores = evaluate_pairs(reports, gold)
    assert scores.bar == 0.5
    assert any(line.startswith("Below 0.50 nothing was reported") for line in scores.lines())


def test_copies_are_told_from_their_confidence_by_the_range_that_few_pairs_allow() -> None:
    [few] = reliability([(0.97, True)] * 2)
    [many] = reliability([(0.97, True)] * 200)
    assert few.most == many.most == 1.0
    assert few.least < 0.5 < 0.97 < many.least


def test_the_page_needs_nothing_else_and_escapes_every_text(reports: Path, tmp_path: Path) -> None:
    header = "a,b,grade,confidence,a_title,top_passage\n"
    put(reports / "pairs.csv", header + "n1,n2,rewrite,0.95,<b>Tug</b>,<script>alert(1)</script> off Orlo\n")
    put(reports / "clusters.csv", CLUSTERS)
    pairs = evaluate_pairs(reports, put(tmp_path / "gold.csv", "a,b,grade\nn1,n2,unrelated\n"))
    page = render_evaluation(pairs, evaluate_clusters(reports, put(tmp_path / "truth.csv", TRUTH)), "reports")
    assert "&lt;script&gt;alert(1)&lt;/script&gt; off Orlo" in page
    assert "&lt;b&gt;Tug" in page
    assert not re.search(r"<script|<link|src=|https?:", page)
    assert page.count("<svg") == 2
    assert "c1" in page


def test_the_page_draws_the_bins_where_they_belong(reports: Path, tmp_path: Path) -> None:
    put(reports / "pairs.csv", "a,b,grade,confidence\nn1,n2,exact,1.0\n")
    page = render_evaluation(evaluate_pairs(reports, put(tmp_path / "gold.csv", "a,b,grade\nn1,n2,exact\n")), None)
    [(x, y)] = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', page)
    assert (float(x), float(y)) == (564, 12)  # the upper right corner of the frame


def test_a_page_without_reported_pairs_says_so(reports: Path, tmp_path: Path) -> None:
    put(reports / "pairs.csv", "a,b,grade,confidence\n")
    page = render_evaluation(evaluate_pairs(reports, put(tmp_path / "gold.csv", GOLD)), None)
    assert "<svg" not in page
    assert "no confidence to judge" in page
