"""Decisions of a desk in a scan: what they do to pairs, clusters and sources, and when they no longer apply."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from dedup import Article, Decision, Match, Result, find_duplicates
from dedup.naming import text_key

from .conftest import FERRY
from .test_stories import AUCTION, ISLANDERS, PORTRAIT

Build = Callable[..., Article]
Invent = Callable[..., str]

STORM = (
    "Two ferries lost their moorings in the night and drifted on to the eastern sandbank of Port Ansel. Nobody was on "
    "board, harbour master Gustav Holm said, and divers from Tarn found no hole in either hull. The harbour stays shut "
    "until Friday, and forty fishermen have to sell their herring in Lower Sarn."
)
TEXTS = {"a": FERRY, "b": ISLANDERS, "c": AUCTION}


def scanned(texts: dict[str, str], *decisions: Decision) -> Result:
    articles = [Article(id=id, body=text, publisher=f"Outlet {id}") for id, text in texts.items()]
    return find_duplicates(articles, decisions=decisions)


def decide(kind: str, a: str, b: str = "", **more: str) -> Decision:
    return Decision(decision=kind, a=a, b=b, **more)


def groups(result: Result) -> list[list[str]]:
    return sorted(sorted(member.article for member in cluster.members) for cluster in result.clusters)


def pair(result: Result, a: str, b: str) -> Match | None:
    return next((match for match in result.matches if (match.a, match.b) == (a, b)), None)


def stale(result: Result) -> list[str]:
    return [row["reason"] for row in result.stats["decisions"]["stale"]]


def figures(result: Result) -> dict[str, Any]:
    return {name: value for name, value in result.stats["decisions"].items() if name != "stale"}


def test_without_decisions_nothing_is_said_of_them() -> None:
    result = scanned(TEXTS)
    assert "decisions" not in result.stats
    assert groups(result) == [["a", "b", "c"]]
    assert {match.decided for match in result.matches} == {""}


def test_a_pair_that_is_no_copy_leaves_and_its_story_parts_between_the_two() -> None:
    longer = {**TEXTS, "d": AUCTION + " The boat leaves on Friday.", "e": AUCTION.replace("Forty", "Fifty")}
    assert groups(scanned(longer)) == [["a", "b", "c", "d", "e"]]
    result = scanned(longer, decide("not_a_copy", "a", "c"))
    assert pair(result, "a", "c") is None
    assert not any({"a", "c"} <= set(group) for group in groups(result))
    assert ["c", "d", "e"] in [[id for id in group if id in "cde"] for group in groups(result)]
    assert result.stats["decisions"]["precision"] == {"decided": 1, "confirmed": 0, "share": 0.0}
    assert {cluster.decided for cluster in result.clusters if cluster.notes} == {"not_a_copy"}


def test_what_is_said_of_a_text_holds_for_whoever_carries_it_word_for_word() -> None:
    texts = {"a1": STORM, "a2": STORM, "b": STORM + " The mayor of Tarn spoke to nobody."}
    result = scanned(texts, decide("not_a_copy", "a1", "b"))
    assert groups(result) == [["a1", "a2"]]
    assert [(match.a, match.b) for match in result.matches] == [("a1", "a2")]


def test_two_equal_texts_can_be_called_no_copies_without_losing_the_third() -> None:
    result = scanned(dict.fromkeys("abc", STORM), decide("not_a_copy", "a", "b"))
    assert groups(result) == [["a", "c"]]
    assert [(match.a, match.b) for match in result.matches] == [("a", "c"), ("b", "c")]


def test_two_texts_of_one_story_become_a_rewrite_for_certain(invent: Invent) -> None:
    texts = {"x": invent(1), "y": invent(2), "z": invent(3)}
    assert groups(scanned(texts)) == []
    result = scanned(texts, decide("same_story", "x", "z", note="Ines says so"))
    assert groups(result) == [["x", "z"]]
    match = pair(result, "x", "z")
    assert match
    assert (str(match.grade), match.confidence, match.decided, match.note) == (
        "rewrite", 1.0, "same_story", "Ines says so",
    )  # fmt: skip
    assert (match.passages, match.found_by, match.measures.shared_words) == ((), (), 0)
    (cluster,) = result.clusters
    assert cluster.decided == "same_story"
    assert cluster.notes == ("desk: x and z are one story (Ines says so)",)
    assert cluster.weakest_link == "x|z"
    assert result.clusters_frame()["split"].tolist() == ["at no bar: held together by the desk"] * 2


def test_a_copy_that_the_desk_confirms_keeps_its_measured_grade() -> None:
    texts = {"a": STORM, "b": STORM.replace("Friday", "Sunday")}
    before, after = scanned(texts), scanned(texts, decide("same_story", "a", "b"))
    measured, confirmed = pair(before, "a", "b"), pair(after, "a", "b")
    assert measured
    assert confirmed
    assert (confirmed.grade, confirmed.confidence, confirmed.passages) == (
        measured.grade, measured.confidence, measured.passages,
    )  # fmt: skip
    assert figures(after) == {
        "given": 1,
        "applied": 1,
        "precision": {"decided": 1, "confirmed": 1, "share": 1.0},
    }


def test_one_story_joins_the_clusters_of_both_texts(invent: Invent) -> None:
    one, two = invent(4), invent(5)
    texts = {"a1": one, "a2": one + " More to come.", "b1": two, "b2": two + " Nothing else is known."}
    assert groups(scanned(texts)) == [["a1", "a2"], ["b1", "b2"]]
    assert groups(scanned(texts, decide("same_story", "a2", "b1"))) == [["a1", "a2", "b1", "b2"]]
    kept = scanned(texts, decide("same_story", "a2", "b1"), decide("not_a_copy", "a1", "b2"))
    assert any({"a2", "b1"} <= set(group) for group in groups(kept))
    assert not any({"a1", "b2"} <= set(group) for group in groups(kept))


def test_a_witness_of_a_story_still_joins_after_a_decision_elsewhere(invent: Invent) -> None:
    other = {"x": invent(6), "y": invent(7)}
    result = scanned(TEXTS | other, decide("same_story", "x", "y"))
    assert groups(result) == [["a", "b", "c"], ["x", "y"]]
    free = scanned(TEXTS)
    assert [m for m in result.matches if m.a in TEXTS] == free.matches
    assert result.clusters[0] == free.clusters[0]


def test_the_right_source_is_the_source_of_the_cluster_and_of_its_own_pairs() -> None:
    texts = {"a": STORM, "b": STORM + " No one was hurt.", "c": "PORT ANSEL - " + STORM}
    before = scanned(texts)
    assert before.clusters[0].likely_source not in ("b", "decided by the desk")
    rep = before.clusters[0].representative
    result = scanned(texts, decide("right_source", rep, source="b", note="their reporter was there"))
    (cluster,) = result.clusters
    assert (cluster.likely_source, cluster.source_reason, cluster.source_probability) == (
        "b", "decided by the desk", 1.0,
    )  # fmt: skip
    assert (cluster.representative, cluster.decided) == ("b", "right_source")
    assert [(member.article, member.role) for member in cluster.members if member.role == "source"] == [("b", "source")]
    assert cluster.notes == ("desk: the source is b (their reporter was there)",)
    named = {(m.a, m.b): (m.likely_source, m.source_probability) for m in result.matches if m.decided}
    assert named == {("a", "b"): ("b", 1.0), ("b", "c"): ("b", 1.0)}


def test_notes_are_kept_where_there_is_something_to_note_them_on(invent: Invent) -> None:
    texts = {"a": STORM, "b": STORM + " No one was hurt.", "lone": invent(8)}
    notes = [decide("note", "a", "b", note="Ask Gustav"), decide("note", "a", note="Page 3"), decide("note", "lone")]
    notes[2] = replace(notes[2], note="Lost")
    result = scanned(texts, *notes)
    match = pair(result, "a", "b")
    assert match
    assert (match.note, match.decided) == ("Ask Gustav", "")
    assert result.clusters[0].notes == ("desk: Page 3",)
    assert result.pairs_frame()["note"].tolist() == ["Ask Gustav"]
    assert stale(result) == ["it is in no cluster"]
    assert list(result.decisions) == [replace(note, **keys(texts, note)) for note in notes]


def keys(texts: dict[str, str], decision: Decision) -> dict[str, str]:
    """The text keys that a decision on these texts is carried with."""
    return {f"{side}_text": text_key(texts[id]) for side in "ab" if (id := getattr(decision, side))}


# Texts that move, change and go.


def test_texts_are_known_again_under_new_ids_and_decisions_are_carried_under_them(invent: Invent) -> None:
    texts = {"x": invent(1), "y": invent(2)}
    first = scanned(texts, decide("same_story", "x", "y", decided_at="2031-05-04T09:30:00Z"))
    (carried,) = first.decisions
    assert carried == decide("same_story", "x", "y", decided_at="2031-05-04T09:30:00Z", **keys(texts, carried))
    moved = {"new/y": texts["y"], "old/x": texts["x"]}
    second = scanned(moved, carried)
    assert groups(second) == [["new/y", "old/x"]]
    (again,) = second.decisions
    assert (again.a, again.b) == ("new/y", "old/x")
    assert (again.a_text, again.b_text) == (text_key(texts["y"]), text_key(texts["x"]))
    assert stale(second) == []


def test_the_text_counts_before_the_id(invent: Invent) -> None:
    texts = {"x": invent(1), "y": invent(2), "z": invent(3)}
    (carried,) = scanned(texts, decide("same_story", "x", "y")).decisions
    swapped = {"x": texts["z"], "y": texts["y"], "w": texts["x"]}
    result = scanned(swapped, carried)
    assert groups(result) == [["w", "y"]]


def test_a_decision_on_a_text_that_changed_or_went_does_not_apply_and_is_kept(invent: Invent) -> None:
    texts = {"x": invent(1), "y": invent(2)}
    (carried,) = scanned(texts, decide("same_story", "x", "y")).decisions
    changed = scanned({**texts, "y": texts["y"] + " The vote is on Monday."}, carried)
    assert stale(changed) == ["the text of y has changed"]
    assert groups(changed) == []
    assert list(changed.decisions) == [carried]
    assert figures(changed)["applied"] == 0
    assert figures(changed)["precision"] == {"decided": 0, "confirmed": 0, "share": None}
    assert stale(scanned({"x": texts["x"]}, carried)) == ["y is not among the articles"]


def test_a_source_that_left_the_cluster_is_no_source(invent: Invent) -> None:
    texts = {"a": STORM, "b": STORM + " No one was hurt.", "lone": invent(9)}
    result = scanned(texts, decide("right_source", "a", source="lone"))
    assert stale(result) == ["the source is in no cluster"]
    other = invent(10)
    result = scanned({**texts, "p": other, "q": other}, decide("right_source", "a", source="p"))
    assert stale(result) == ["the two are in no cluster together"]


def test_a_source_stands_even_if_whoever_stood_for_its_cluster_is_gone() -> None:
    texts = {"a": STORM, "b": STORM + " No one was hurt."}
    result = scanned(texts, decide("right_source", "gone", source="b"))
    assert result.clusters[0].likely_source == "b"


# Decisions against each other.


def test_of_two_decisions_on_a_pair_the_later_holds_in_any_order() -> None:
    texts = {"a": STORM, "b": STORM + " No one was hurt."}
    early = decide("not_a_copy", "a", "b", decided_at="2031-05-04T11:00:00+02:00")
    late = decide("same_story", "a", "b", decided_at="2031-05-04T09:30:00Z")
    for decisions in ([early, late], [late, early]):
        result = scanned(texts, *decisions)
        assert groups(result) == [["a", "b"]]
        assert stale(result) == ["decided otherwise later on 2031-05-04T09:30:00Z: same_story"]
    assert groups(scanned(texts, decide("same_story", "a", "b"), decide("not_a_copy", "a", "b"))) == []


def test_a_decision_that_is_repeated_is_carried_once() -> None:
    texts = {"a": STORM, "b": STORM + " No one was hurt."}
    twice = [decide("not_a_copy", "a", "b", decided_at=f"2031-05-0{day}") for day in (4, 5)]
    result = scanned(texts, *twice)
    assert [decision.decided_at for decision in result.decisions] == ["2031-05-05"]
    assert figures(result)["applied"] == 1
    assert stale(result) == []
    assert list(result.given) == twice


@pytest.mark.parametrize(
    ("last", "reason"),
    [
        ("not_a_copy", "contradicts later decisions, which keep the two in different stories"),
        ("same_story", "contradicts later decisions, which put the two into one story"),
    ],
)
def test_a_chain_of_decisions_that_cannot_all_hold_is_told_of(invent: Invent, last: str, reason: str) -> None:
    texts = {"x": invent(1), "y": invent(2), "z": invent(3)}
    one_story = [decide("same_story", "x", "y", decided_at="2031-05-02"), decide("same_story", "y", "z")]
    one_story[1] = replace(one_story[1], decided_at="2031-05-03")
    parts = decide("not_a_copy", "x", "z", decided_at="2031-05-04" if last == "not_a_copy" else "2031-05-01")
    result = scanned(texts, *one_story, parts)
    assert stale(result) == [reason]
    assert groups(result) == ([["y", "z"]] if last == "not_a_copy" else [["x", "y", "z"]])


def test_the_later_of_two_sources_holds() -> None:
    texts = {"a": STORM, "b": STORM + " No one was hurt.", "c": "PORT ANSEL - " + STORM}
    sources = [
        decide("right_source", "a", source="b", decided_at="2031-05-04"),
        decide("right_source", "b", source="c", decided_at="2031-05-05"),
    ]
    result = scanned(texts, *sources)
    assert result.clusters[0].likely_source == "c"
    assert stale(result) == ["decided otherwise later on 2031-05-05: right_source"]


def test_precision_counts_what_was_called_a_copy_and_judged(invent: Invent) -> None:
    texts = {"a": STORM, "b": STORM + " No one was hurt.", "p": FERRY, "q": FERRY + " More to come."}
    texts |= {"x": invent(1), "y": invent(2)}
    decisions = [
        decide("same_story", "a", "b"),
        decide("not_a_copy", "p", "q"),
        decide("same_story", "x", "y"),
        decide("not_a_copy", "a", "x"),
    ]
    assert figures(scanned(texts, *decisions)) == {
        "given": 4,
        "applied": 4,
        "precision": {"decided": 2, "confirmed": 1, "share": 0.5},
    }


def test_the_order_of_articles_and_decisions_changes_nothing(invent: Invent) -> None:
    texts = TEXTS | {"d": PORTRAIT, "x": invent(1), "y": STORM, "z": STORM}
    decisions = [decide("not_a_copy", "a", "b"), decide("same_story", "d", "x"), decide("same_story", "c", "y")]
    one = scanned(texts, *decisions)
    two = scanned(dict(reversed(texts.items())), *reversed(decisions))
    assert one.matches == two.matches
    assert one.clusters == two.clusters
    assert sorted(one.decisions, key=repr) == sorted(two.decisions, key=repr)


#: Texts of every odd sort, some of them equal, some parts of others.
ODD = ("", "Rain.", "Rain in Lower Tarn until noon.", STORM, STORM + " No one was hurt.", STORM.upper())
ODD += (FERRY, FERRY[:500], FERRY[300:], f"{STORM}\n\n{FERRY}", "漢字 " * 30)


@pytest.mark.parametrize("seed", range(20))
def test_decisions_hold_or_are_told_of_whatever_the_texts_and_carried_ones_do_the_same(seed: int) -> None:
    dice = random.Random(seed)
    texts = {f"i{k:02}": dice.choice(ODD) for k in range(dice.randint(2, 14))}
    decisions = {}
    for _ in range(dice.randint(1, 12)):
        a, b = sorted(dice.sample([*texts, "gone"], 2))
        decisions[a, b] = decide(dice.choice(["not_a_copy", "same_story"]), a, b)
    result = scanned(texts, *decisions.values())
    told = {(row["decision"], row["a"], row["b"]) for row in result.stats["decisions"]["stale"]}
    home = {member.article: cluster.id for cluster in result.clusters for member in cluster.members}
    pairs = {(match.a, match.b) for match in result.matches}
    for (a, b), decision in decisions.items():
        if (decision.decision, a, b) not in told:
            assert ((a, b) in pairs) == (decision.decision == "same_story")
            assert (a in home and home[a] == home.get(b)) == (decision.decision == "same_story")
    again = scanned(texts, *result.decisions)
    assert (again.matches, again.clusters) == (result.matches, result.clusters)
