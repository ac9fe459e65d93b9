"""Which articles become one story, from their texts: what joins, what bridges nothing, which ids stay."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import pytest

from dedup import Article, Result, find_duplicates

from .conftest import FERRY

Build = Callable[..., Article]
Invent = Callable[..., str]

#: With FERRY, three reports of one press conference, each with words of its own around the same statements.
ISLANDERS = (
    "Nobody on the pier wanted to believe it. By seven votes to five, councillors in Tarnhaven have decided to "
    "part with the Maid of Orlo, the ferry that links the island with the mainland.\n\n“A town on an island that "
    "sells its only ferry has stopped believing in visitors,” said Pieter Hagedorn, one of the five, who walked "
    "out of the hall.\n\nGudrun Felsing, the harbour master, sees no other way. “She has carried our grandparents "
    "to market and our children to school, and she is tired,” she told the councillors, and spoke of rust along "
    "the hull.\n\nA company in Velmora plans hotel rooms on the Maid of Orlo. Islanders will cross on a rented "
    "catamaran from June, at twice the fare."
)
AUCTION = (
    "A hotel that once was a ferry: investors from Velmora have bought the Maid of Orlo from Tarnhaven for two "
    "million crowns, if the ministry of shipping agrees.\n\nThe ferry of 1931 needs a new hull. “She has carried "
    "our grandparents to market and our children to school, and she is tired,” harbour master Gudrun Felsing told "
    "the council of Tarnhaven on Tuesday.\n\nFor the investors the rust is no obstacle, since the boat is to lie "
    "in a dry dock. Forty cabins are planned.\n\nThe sale divides the island. “A town on an island that sells its "
    "only ferry has stopped believing in visitors,” said councillor Pieter Hagedorn, whose party lost the vote by "
    "seven to five."
)
#: A portrait that quotes the same two people and is about something else.
PORTRAIT = (
    "Pieter Hagedorn keeps bees behind the old lighthouse and has never owned a car. At seventy-one he is the "
    "longest serving councillor that the northern islands have known, and the only one who still answers letters "
    "by hand.\n\nHe grew up above his father's bakery, learned to mend clocks in Osk, and came home when the "
    "bakery burned. His sentences travel far. “A town on an island that sells its only ferry has stopped believing "
    "in visitors,” he said this week, and a brewery printed it on its beer mats.\n\nOn Sundays he plays the organ "
    "in the chapel of Upper Tarn, badly, as he says himself, and afterwards walks eleven kilometres back along the "
    "cliffs. He is writing a history of the island's weather, of which nine volumes are done, and a cookery book "
    "without any fish."
)


def groups(result: Result) -> list[list[str]]:
    return sorted(sorted(member.article for member in cluster.members) for cluster in result.clusters)


def scanned(article: Build, **texts: str) -> Result:
    return find_duplicates([article(text, id=id) for id, text in texts.items()])


def test_three_reports_of_one_press_conference_are_one_story(article: Build) -> None:
    result = scanned(article, ferry=FERRY, islanders=ISLANDERS, auction=AUCTION)
    assert {str(match.grade) for match in result.matches} <= {"rewrite", "excerpt"}
    assert groups(result) == [["auction", "ferry", "islanders"]]


def test_they_stay_one_story_when_one_of_them_is_reprinted(article: Build) -> None:
    reprints = {f"reprint{n}": f"{FERRY}\n\nLine {n}." for n in range(3)}
    result = scanned(article, ferry=FERRY, islanders=ISLANDERS, auction=AUCTION, **reprints)
    assert groups(result) == [["auction", "ferry", "islanders", "reprint0", "reprint1", "reprint2"]]


def test_a_portrait_that_quotes_a_statement_does_not_join_its_copies(article: Build) -> None:
    result = scanned(article, ferry=FERRY, reprint=f"{FERRY}\n\nIt rained.", portrait=PORTRAIT)
    assert groups(result) == [["ferry", "reprint"]]


def test_a_host_with_a_pasted_excerpt_bridges_nothing(article: Build, invent: Invent) -> None:
    one, other = invent(1, 300), invent(2, 300)
    pasted = " ".join([*other.split()[:150], *one.split()[100:160], *other.split()[150:]])
    result = scanned(article, one=one, one2=f"{one} Yes.", host=pasted, host2=f"{pasted} No.")
    assert ("host", "one") in {(match.a, match.b) for match in result.matches}
    assert groups(result) == [["host", "host2"], ["one", "one2"]]


def test_a_round_up_bridges_nothing(article: Build, invent: Invent) -> None:
    stories = {f"{kind}{n}": invent(n, 250) + tail for n in range(4) for kind, tail in (("a", ""), ("b", " Yes."))}
    news = "\n\n".join(" ".join(stories[f"a{n}"].split()[:60]) for n in range(4))
    result = scanned(article, **stories, roundup=news)
    assert sum("roundup" in (match.a, match.b) for match in result.matches) == 8
    assert groups(result) == [[f"a{n}", f"b{n}"] for n in range(4)]


def test_a_live_blog_that_takes_in_four_stories_bridges_none_of_them(article: Build, invent: Invent) -> None:
    stories = {f"{kind}{n}": invent(n, 120) + tail for n in range(4) for kind, tail in (("a", ""), ("b", " Yes."))}
    news = [invent(9, 60), *(stories[f"a{n}"] for n in range(4))]
    states = {f"live{n}": "\n\n".join(news[:n]) for n in (4, 5)}
    result = scanned(article, **stories, **states)
    assert groups(result) == [*([f"a{n}", f"b{n}"] for n in range(4)), ["live4", "live5"]]


def test_forms_filled_in_are_no_story(article: Build) -> None:
    form = (
        "The registry of {0} has recorded the sale of a house in {1} Street for {2} crowns. The buyer, {3}, will "
        "move in before the end of {4}. The house has {5} rooms and a garden of {6} square metres, and was last "
        "sold in {7}. The registry publishes every sale above one hundred thousand crowns, with the names of both "
        "sides, as the law asks."
    )
    rows = [
        ("Lower Sarn", "Mill", "310,400", "Oda Brandvik", "March", "five", "420", "1987"),
        ("Tarnhaven", "Chapel", "128,900", "Ivo Marsh", "June", "three", "95", "2011"),
        ("Upper Orlo", "Ropewalk", "742,000", "Ada Quist", "August", "nine", "1,300", "1964"),
        ("Osk Nadderby", "Harbour", "205,750", "Lars Tofte", "October", "four", "210", "2003"),
    ]
    assert scanned(article, **{f"sale{n}": form.format(*row) for n, row in enumerate(rows)}).clusters == []


def added_one_by_one(articles: Sequence[Article], first: int) -> list[set[str]]:
    """The ids of the clusters after each article that joins."""
    return [{cluster.id for cluster in find_duplicates(articles[:n]).clusters} for n in range(first, len(articles) + 1)]


@pytest.mark.parametrize("seed", range(4))
def test_ids_stay_while_copies_parts_and_others_join_in_any_order(article: Build, invent: Invent, seed: int) -> None:
    story = invent(1, 300).split()
    joining = [
        article(" ".join(story), id="copy", published_at="2031-05-01"),
        article(" ".join(story[:200]), id="abridged", published_at="2031-04-01"),
        article(" ".join([*story[:40], *story[60:]]), id="0-cut"),
        article(" ".join(story), id="zz-copy", publisher="Echo"),
        article(invent(7, 200), id="bystander"),
        article(f"{invent(8, 200)} {' '.join(story[100:150])}", id="host"),
    ]
    random.Random(seed).shuffle(joining)
    founders = [article(" ".join(story), id="m1"), article(" ".join(story), id="m2")]
    [first], *later = added_one_by_one([*founders, *joining], first=2)
    assert later == [{first}] * len(joining)
