"""The data of the page: what it holds, in which order, and that nothing is lost or said twice."""

from __future__ import annotations

import json
import re
import zlib
from base64 import b64decode
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from dedup.naming import text_key
from dedup.records import Article, Cluster, Event, Match
from dedup.report import Findings, render_page
from dedup.report.blocks import TEXTS, Facts, packed, text_blocks
from dedup.report.chosen import choose
from dedup.report.outlets import Flow, traffic
from dedup.report.page import Limits
from tests.report.conftest import COURIER, HERALD, make_article, make_cluster


def blocks_of(findings: Findings, **limits: int) -> dict[str, Any]:
    """The blocks of a page, opened, by their names."""
    page = "".join(render_page(findings, Limits(**limits)))
    found = re.findall(r'<script type="text/plain" id="data-([\w-]+)">([\w+/=]*)</script>', page)
    return {name: json.loads(zlib.decompress(b64decode(block))) for name, block in found}


def test_articles_of_a_story_come_first_and_those_that_share_nothing_are_left_out(
    newsroom: Findings, article: Callable[..., Article]
) -> None:
    alone = article("alone.txt", "The tide mill turns again after a hundred years, and nobody else wrote of it.")
    findings = replace(newsroom, articles=sorted([*newsroom.articles, alone], key=lambda a: a.id))
    index = blocks_of(findings)["index"]
    assert index["articles"]["id"] == [
        "wire.txt", "courier/bridge.txt", "herald/bridge.txt", "roundup.txt", "hostile.html", "short.txt",
    ]  # fmt: skip
    assert index["total"] == 7


def test_of_stories_as_large_that_of_more_outlets_comes_first(
    article: Callable[..., Article], cluster: Callable[..., Cluster]
) -> None:
    articles = [
        article(f"n{place}", f"The mill of Tarn burned, says number {place}.", publisher=outlet)
        for place, outlet in enumerate(("Tarn Herald", "Tarn Herald", "Ellery Courier", "Morning Post"))
    ]
    one_outlet, two = (
        cluster(name, a, (b, "exact"), weakest_link="") for name, a, b in (("c1", *articles[:2]), ("c2", *articles[2:]))
    )
    findings = Findings(articles=articles, matches=[], clusters=[one_outlet, two], skipped=[], stats={})
    assert [story.id for story in choose(findings, 100).clusters] == ["c2", "c1"]


def test_pairs_of_stories_come_first_then_passages_then_events(newsroom: Findings) -> None:
    chosen = choose(newsroom, 100)
    assert [(match.a, match.b, match.grade.value) for match in chosen.matches] == [
        ("courier/bridge.txt", "wire.txt", "near_duplicate"),
        ("herald/bridge.txt", "wire.txt", "rewrite"),
        ("courier/bridge.txt", "herald/bridge.txt", "rewrite"),
        ("courier/bridge.txt", "roundup.txt", "excerpt"),
        ("hostile.html", "short.txt", "same_event"),
    ]
    assert chosen.homes == [0, 0, 0, -1, -1]


def test_texts_come_with_furniture_and_quotations(newsroom: Findings) -> None:
    blocks = blocks_of(newsroom)
    body, furniture, quotations = blocks["texts-0"][blocks["index"]["articles"]["id"].index("herald/bridge.txt")]
    end = HERALD.index("Share this")
    assert body == HERALD
    assert furniture == [0, 49, "subscribe", end, len(HERALD), "share"]
    assert HERALD[slice(*quotations)] == "We will not send one bus across before the last weld has been tested"


def test_passages_come_in_the_order_of_the_text_with_the_measures_in_sentences(newsroom: Findings) -> None:
    reason, measures, passages = blocks_of(newsroom)["pairs-0"][1]
    assert reason == "published first; the Courier credits NWA"
    assert "1 quotation of five words or more stands in both, word for word or retold." in measures
    told = "“We will not send one bus across before the last weld has been tested.”"
    assert HERALD[passages[0] : passages[1]] == told
    assert passages[5] == 1


def test_texts_have_the_keys_by_which_decisions_find_them(newsroom: Findings) -> None:
    articles = blocks_of(newsroom)["index"]["articles"]
    assert articles["key"][articles["id"].index("courier/bridge.txt")] == text_key(COURIER)


def test_only_web_addresses_and_plain_languages_come_along(newsroom: Findings, article: Callable[..., Article]) -> None:
    courier = replace(newsroom.articles[0], language='en" onclick="x')
    articles = blocks_of(replace(newsroom, articles=[courier, *newsroom.articles[1:]]))["index"]["articles"]
    assert set(articles["url"]) == {"", "https://herald.example/bridge?a=1&b=2", "https://nwa.example/1"}
    assert set(articles["lang"]) == {"", "en"}


def test_a_story_says_what_holds_it_together(newsroom: Findings) -> None:
    index = blocks_of(newsroom)["index"]
    [story] = index["stories"]
    names = index["articles"]["id"]
    assert [names[at] for at in story["weakest"]] == ["courier/bridge.txt", "herald/bridge.txt"]
    assert [[names[at] for at in part] for part in story["parts"]] == [
        ["courier/bridge.txt", "wire.txt"], ["herald/bridge.txt"],
    ]  # fmt: skip
    assert (story["splits_at"], names[story["source"]]) == (0.56, "wire.txt")
    assert [names[member[0]] for member in story["members"]] == ["wire.txt", "courier/bridge.txt", "herald/bridge.txt"]


def test_a_weakest_link_is_found_between_ids_that_hold_a_bar(
    article: Callable[..., Article], match: Callable[..., Match], cluster: Callable[..., Cluster]
) -> None:
    a, b = article("mill|1", "The mill of Tarn burned."), article("mill|2", "The mill of Tarn burned.")
    findings = Findings(
        articles=[a, b],
        matches=[match(a, b, "exact", a.body)],
        clusters=[cluster("c1", a, (b, "exact"), weakest_link="mill|1|mill|2")],
        skipped=[],
        stats={},
    )
    assert blocks_of(findings)["index"]["stories"][0]["weakest"] == [0, 1]


def test_events_of_one_story_are_no_events(newsroom: Findings) -> None:
    story = ("courier/bridge.txt", "herald/bridge.txt", "wire.txt")
    events = (Event(id="e1", members=story), Event(id="e2", members=(*story, "roundup.txt")))
    assert [event.id for event in choose(replace(newsroom, events=events), 100).events] == ["e2"]


def test_copied_most_is_who_has_most_copies_and_not_who_was_taken_from_most_often() -> None:
    text = "The mill of Tarn burned down on Friday night, and forty people stood in the rain and watched."
    wire = make_article("wire", text, publisher="Wire")
    takers = [make_article(f"taker{n}", text, publisher=f"Paper {n}") for n in range(3)]
    own = [make_article(f"own{n}", text, publisher="Courier") for n in range(2)]
    others = [make_article(f"other{n}", text, publisher="Herald") for n in range(2)]
    clusters = [
        make_cluster("c0", wire, *((taker, "exact") for taker in takers), likely_source="wire", weakest_link=""),
        *(
            make_cluster(f"c{n + 1}", own[n], (others[n], "exact"), likely_source=f"own{n}", weakest_link="")
            for n in range(2)
        ),
    ]
    articles = sorted([wire, *takers, *own, *others], key=lambda one: one.id)
    findings = Findings(articles=articles, matches=[], clusters=clusters, skipped=[], stats={})
    routes = traffic(findings, choose(findings, 100))
    assert [(one.name, one.copied, one.given) for one in routes.sources] == [("Wire", 3, 1), ("Courier", 2, 2)]


def test_flows_go_from_the_likely_source_to_other_outlets(newsroom: Findings) -> None:
    routes = traffic(newsroom, choose(newsroom, 100))
    names = [outlet.name for outlet in routes.outlets]
    wire, courier, herald = (names.index(name) for name in ("Northern Wire Agency", "Ellery Courier", "Tarn Herald"))
    assert [(flow.source, flow.taker, flow.articles) for flow in routes.flows] == [
        (wire, courier, 1),
        (wire, herald, 1),
    ]
    assert isinstance(routes.flows[0], Flow)
    assert [(outlet.name, outlet.took) for outlet in routes.takers] == [("Ellery Courier", 1), ("Tarn Herald", 1)]
    assert routes.outlets[herald].articles == 2


def test_a_pasted_passage_goes_from_its_likely_source(newsroom: Findings) -> None:
    matches = [
        replace(match, likely_source="courier/bridge.txt") if match.b == "roundup.txt" else match
        for match in newsroom.matches
    ]
    routes = traffic(replace(newsroom, matches=matches), choose(replace(newsroom, matches=matches), 100))
    assert ("Morning Post", 1) in [(outlet.name, outlet.took) for outlet in routes.takers]


def test_what_a_page_cannot_carry_is_counted(newsroom: Findings) -> None:
    index = blocks_of(newsroom, pairs=3)["index"]
    assert (len(index["pairs"]["a"]), index["left"]) == (3, 2)
    blocks = blocks_of(newsroom, texts=0)
    assert "texts-0" not in blocks
    assert blocks["index"]["texts"] == {"shown": 0, "per_block": TEXTS}


def test_texts_end_where_there_is_no_more_room(article: Callable[..., Article]) -> None:
    articles = [article(f"n{i:03}", f"The mill of Tarn number {i} burned.") for i in range(3 * TEXTS)]
    findings = Findings(articles=articles, matches=[], clusters=[], skipped=[], stats={})
    facts = Facts()
    blocks = list(text_blocks(findings, [a.id for a in articles], 100, facts))
    assert (len(blocks), facts.shown, len(facts.keys)) == (1, TEXTS, 3 * TEXTS)


def test_half_a_character_from_a_damaged_name_is_written_as_in_the_tables() -> None:
    assert json.loads(zlib.decompress(b64decode(packed(["caf\udce9.txt", {"a": ("\udce9",)}])))) == [
        "caf\\udce9.txt", {"a": ["\\udce9"]},
    ]  # fmt: skip
