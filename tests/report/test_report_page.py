"""The page: inert whatever the articles hold, complete, and plain in its words."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from dedup.records import Article, Cluster, Match, Member, Passage
from dedup.report import Findings, count, headline, render_page, why_nothing_matched
from dedup.report.passages import show
from dedup.report.wording import credits, label


class Tags(HTMLParser):
    """Collects the tags, their attributes and the text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


def page_of(findings: Findings, **limits: int) -> str:
    return "".join(render_page(findings, Limits(**limits)))


def nothing(*articles: Article, **more: object) -> Findings:
    return Findings(**{"articles": articles, "matches": [], "clusters": [], "skipped": [], "stats": {}, **more})  # type: ignore[arg-type]


def test_articles_are_data_and_never_markup(newsroom: Findings) -> None:
    page = page_of(newsroom)
    tags = Tags(page)
    assert not [tag for tag, _ in tags.tags if tag in ("script", "img", "iframe", "object", "form")]
    assert not [name for _, attrs in tags.tags for name in attrs if name.startswith("on")]
    assert "&lt;script&gt;alert(&#39;title&#39;)&lt;/script&gt;" in page
    assert "drop/&lt;b&gt;empty&lt;/b&gt;.txt" in page


def test_only_web_addresses_are_links(newsroom: Findings) -> None:
    links = {attrs["href"] for tag, attrs in Tags(page_of(newsroom)).tags if tag == "a"}
    outside = {address for address in links if address and not address.startswith("#")}
    assert outside == {"https://herald.example/bridge?a=1&b=2", "https://nwa.example/1"}


def test_nothing_is_loaded_from_anywhere(newsroom: Findings) -> None:
    page = page_of(newsroom)
    tags = Tags(page)
    policy = next(attrs["content"] for tag, attrs in tags.tags if tag == "meta" and "http-equiv" in attrs)
    assert policy is not None
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:")
    assert "script-src" not in policy
    assert not [attrs for _, attrs in tags.tags if "src" in attrs]
    assert not [tag for tag, _ in tags.tags if tag == "link"]
    assert "url(" not in page
    assert "@import" not in page


def test_every_link_within_the_page_leads_somewhere(newsroom: Findings) -> None:
    tags = Tags(page_of(newsroom)).tags
    ids = [attrs["id"] for _, attrs in tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert {a["href"][1:] for tag, a in tags if tag == "a" and (a["href"] or "").startswith("#")} <= set(ids)  # type: ignore[index]


def test_tags_are_closed_in_order(newsroom: Findings) -> None:
    stack: list[str] = []
    for closing, tag, attrs in re.findall(r"<(/?)([a-z][a-z0-9]*)([^>]*)>", page_of(newsroom)):
        if tag in ("meta", "br", "rect", "path") or attrs.endswith("/"):
            continue
        if closing:
            assert stack.pop() == tag
        else:
            stack.append(tag)
    assert stack == []


def test_the_headline_counts_stories_and_loose_passages(newsroom: Findings) -> None:
    assert headline(count(newsroom)) == "Of 6 articles, 3 share their text in 1 story; 1 more shares a passage."


def test_a_pasted_excerpt_has_its_own_section(newsroom: Findings) -> None:
    text = Tags(page_of(newsroom)).text
    assert "Shared passages outside the stories above" in text
    assert text.index("Shared passages outside the stories above") < text.index("20% of A and 34% of B")


def test_measures_are_sentences_and_confidence_has_words(newsroom: Findings) -> None:
    text = Tags(page_of(newsroom)).text
    assert "Lightly edited copy: almost certain (over 99%). Likely source: Northern Wire Agency" in text
    assert "1 quotation of five words or more stands in both, word for word or retold." in text
    assert "Weakest link: Ellery Courier and Tarn Herald, rewritten, or a shared source" in text


def test_a_story_says_what_would_split_it(newsroom: Findings) -> None:
    text = Tags(page_of(newsroom)).text
    assert (
        "What would split it: at a bar of 0.56 into 2: {courier/bridge.txt, wire.txt} and {herald/bridge.txt}" in text
    )


def test_warnings_stand_before_the_stories(newsroom: Findings) -> None:
    assert "To be checked first" not in page_of(newsroom)
    warned = replace(newsroom, stats={**newsroom.stats, "warnings": ["cluster c0001 holds <all> articles"]})
    text = Tags(page_of(warned)).text
    assert text.index("To be checked first") < text.index("cluster c0001 holds <all> articles.")
    assert text.index("holds <all> articles.") < text.index("Stories told more than once")


def test_furniture_is_named_as_discounted(newsroom: Findings) -> None:
    text = Tags(page_of(newsroom)).text
    assert "Discounted as page furniture, never counted as overlap (2)" in text
    assert "A share: Share this article on Facebook" in text


def test_differing_words_are_marked_on_both_sides(newsroom: Findings) -> None:
    marked = re.findall(r"<mark>(.*?)</mark>", page_of(newsroom))
    assert marked[:3] == ["late", "About", "commuters"]
    assert {"has been", "one"} <= set(marked)


def test_case_and_quotation_marks_do_not_count_as_differences(article: Callable[..., Article]) -> None:
    a = article("a", "“The fair opens,” she said. Early.")
    b = article("b", '"the fair OPENS", she said. Late.')
    left, right = show(Passage(0, len(a.body), 0, len(b.body), 5, 1.0), a, b)
    assert [piece.text for piece in left.pieces if piece.kind == "changed"] == ["Early."]
    assert [piece.text for piece in right.pieces if piece.kind == "changed"] == ["Late."]


def test_pieces_give_the_passage_back(newsroom: Findings) -> None:
    articles = {article.id: article for article in newsroom.articles}
    for match in newsroom.matches:
        for passage in match.passages:
            left, _ = show(passage, articles[match.a], articles[match.b])
            whole = articles[match.a].body[passage.a_start : passage.a_end]
            if all(piece.kind != "folded" for piece in left.pieces):
                assert "".join(piece.text for piece in left.pieces) == whole


def test_chinese_is_compared_by_character(article: Callable[..., Article]) -> None:
    a, b = article("a", "大桥关闭至五月底"), article("b", "大桥关闭至六月底")
    left, _ = show(Passage(0, 8, 0, 8, 7, 1.0), a, b)
    assert [(piece.kind, piece.text) for piece in left.pieces] == [
        ("same", "大桥关闭至"),
        ("changed", "五"),
        ("same", "月底"),
    ]


def test_long_equal_stretches_are_folded(article: Callable[..., Article]) -> None:
    body = " ".join(f"word{i}" for i in range(200))
    a, b = article("a", body), article("b", body)
    left, _ = show(Passage(0, len(body), 0, len(body), 200, 1.0), a, b)
    assert [piece.kind for piece in left.pieces] == ["same", "folded", "same"]
    assert left.pieces[1].text == "152 words the same"


def test_context_stands_outside_the_passage_in_whole_words(article: Callable[..., Article]) -> None:
    before, after = (
        "Rain fell on the upper town all day and far into the night, they say. ",
        " And then it was dry for weeks, wrote the parish clerk in the old book.",
    )
    a = article("a", before + "The bell rang." + after)
    left, _ = show(Passage(len(before), len(before) + 14, 0, 14, 3, 1.0), a, article("b", "The bell rang."))
    assert left.before == "… on the upper town all day and far into the night, they say. "
    assert left.after == " And then it was dry for weeks, wrote the parish clerk in …"


def test_a_large_result_names_the_files_that_hold_the_rest(
    article: Callable[..., Article], match: Callable[..., Match], cluster: Callable[..., Cluster]
) -> None:
    articles = [article(f"n{i}", f"The mill of Tarn number {i} burned.") for i in range(6)]
    matches = [match(a, b, "rewrite", "The mill of Tarn") for a in articles for b in articles if a.id < b.id]
    clusters = [
        cluster("c1", *[articles[0], (articles[1], "rewrite"), (articles[2], "rewrite")], weakest_link="n1|n2"),
        cluster("c2", articles[3], (articles[4], "rewrite"), weakest_link="n3|n4"),
    ]
    findings = Findings(articles=articles, matches=matches, clusters=clusters, skipped=[], stats={})
    text = Tags(page_of(findings, clusters=1, pairs=2, loose=3, members=2)).text
    assert "This page shows the 1 largest story of 2; clusters.csv and pairs.csv hold all of them." in text
    assert "1 more article in clusters.csv." in text
    assert "1 more pair of this story in pairs.csv." in text
    assert "This page shows the strongest 3 of 11 pairs; pairs.csv holds all of them." in text


@pytest.mark.parametrize(
    ("bodies", "short", "reason"),
    [
        ([], [], "There was nothing to compare: no article was left."),
        (["One."], ["n0"], "One article alone cannot be a copy of another."),
        (["One.", "Two."], ["n0", "n1"], "2 of 2 articles are too short to judge"),
        (["One.", "Two."], [], "No two articles share a run of words"),
    ],
)
def test_an_empty_result_explains_itself(
    article: Callable[..., Article], bodies: list[str], short: list[str], reason: str
) -> None:
    findings = nothing(*(article(f"n{i}", body) for i, body in enumerate(bodies)), short=frozenset(short))
    assert why_nothing_matched(findings)[0].startswith(reason)
    assert reason in Tags(page_of(findings)).text


def test_texts_carry_their_own_direction(newsroom: Findings) -> None:
    sides = [attrs for _, attrs in Tags(page_of(newsroom)).tags if attrs.get("class") == "side"]
    assert {attrs["dir"] for attrs in sides} == {"auto"}
    assert "en" in {attrs.get("lang") for attrs in sides}


def test_a_hostile_language_cannot_break_out(article: Callable[..., Article], match: Callable[..., Match]) -> None:
    a = article("a", "The mill burned.", language='en" onclick="x')
    b = article("b", "The mill burned.", url='https://x.example/" onclick="y')
    findings = replace(nothing(a, b), matches=[match(a, b, "exact", "The mill burned.")])
    assert not [name for _, attrs in Tags(page_of(findings)).tags for name in attrs if name.startswith("on")]


def test_an_untitled_article_is_called_by_its_own_first_words(newsroom: Findings) -> None:
    herald = replace(newsroom.articles[1], title="")
    assert label(herald).startswith("Commuters face two more months on the water.")


def test_evidence_is_shared_out_when_there_are_many_stories(
    article: Callable[..., Article], match: Callable[..., Match], cluster: Callable[..., Cluster]
) -> None:
    articles = [article(f"n{i:02}", f"The mill of Tarn number {i} burned.") for i in range(12)]
    matches, clusters = [], []
    for n in (0, 4, 8):
        group = articles[n : n + 4]
        matches += [match(a, b, "rewrite", "The mill of Tarn") for a in group for b in group if a.id < b.id]
        clusters.append(cluster(f"c{n}", group[0], *[(a, "rewrite") for a in group[1:]], weakest_link=""))
    findings = Findings(articles=articles, matches=matches, clusters=clusters, skipped=[], stats={})
    assert Tags(page_of(findings, evidence=9)).text.count("3 more pairs of this story in pairs.csv.") == 3


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
