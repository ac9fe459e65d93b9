"""Figures and remarks in the words of an editor."""

from __future__ import annotations

from dataclasses import replace

from dedup.records import Cluster, Member
from dedup.report import Findings
from dedup.report.wording import credits, label


def test_an_untitled_article_is_called_by_its_own_first_words(newsroom: Findings) -> None:
    herald = replace(newsroom.articles[1], title="")
    assert label(herald).startswith("Commuters face two more months on the water.")


def test_a_missing_credit_is_told_in_one_line() -> None:
    remark = "no credit: 2 other outlets credit the text to AFP"
    members = [
        Member(article=id, copy_group="a", role="member", grade_to_source="", credit_audit=audit)
        for id, audit in (("a", "credited to AFP"), ("b", "credited to AFP"), ("c", remark), ("d", remark))
    ]
    outlets = {"c": "Sarn Post", "d": "Orlo Courier"}
    told = credits(story_of(members), outlets)
    assert told == "No credit in Orlo Courier, Sarn Post: 2 other outlets credit the text to AFP."
    assert credits(story_of(members[:2]), outlets) == "2 articles credited to AFP."
    assert credits(story_of([]), outlets) == ""


def story_of(members: list[Member]) -> Cluster:
    return Cluster(id="c1", members=tuple(members), representative="a", weakest_link="a|b", weakest_similarity=0.9)
