"""The page as a file: inert whatever the articles hold, readable without its script, the same for the same input."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from dedup.records import Article, Skipped
from dedup.report import Findings, count, headline, render_page, why_nothing_matched
from dedup.report.page import page_script

#: What the page's script shows, besides stories and pairs.
VIEWS = {"#overview", "#stories", "#pairs", "#outlets", "#events", "#decisions", "#run", "#main"}


#: Elements that stand apart from what is beside them.
BLOCKS = {"p", "div", "li", "td", "th", "tr", "dt", "dd", "h1", "h2", "h3", "section", "ul", "table", "title"}


class Tags(HTMLParser):
    """Collects the tags, their attributes and the text of a page, and what stands in its scripts and its style."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.code: dict[str, list[str]] = {"script": [], "style": []}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in self.code:
            self.code[tag].append("")
        if tag in BLOCKS:
            self.words.append(" ")

    def handle_data(self, data: str) -> None:
        if self.cdata_elem in self.code:
            self.code[self.cdata_elem][-1] += data
        else:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())

    @property
    def policy(self) -> dict[str, str]:
        """What the page's Content-Security-Policy allows, by its directives."""
        policy = next(attrs["content"] for tag, attrs in self.tags if attrs.get("http-equiv"))
        return {part.split()[0]: " ".join(part.split()[1:]) for part in (policy or "").split(";")}


def page_of(findings: Findings) -> str:
    return "".join(render_page(findings))


def nothing(*articles: Article, **more: object) -> Findings:
    return Findings(**{"articles": articles, "matches": [], "clusters": [], "skipped": [], "stats": {}, **more})  # type: ignore[arg-type]


def digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_articles_are_data_and_never_markup(newsroom: Findings) -> None:
    page = page_of(newsroom)
    tags = Tags(page)
    assert not [tag for tag, _ in tags.tags if tag in ("img", "iframe", "object", "form", "link", "base")]
    assert not [name for _, attrs in tags.tags for name in attrs if name.startswith("on") or name == "style"]
    assert "alert(" not in page
    assert "drop/&lt;b&gt;empty&lt;/b&gt;.txt" in page


def test_titles_of_stories_are_escaped_on_the_front(newsroom: Findings) -> None:
    story = replace(newsroom.clusters[0], title="<script>alert('title')</script>")
    assert "&lt;script&gt;alert(&#39;title&#39;)&lt;/script&gt;" in page_of(replace(newsroom, clusters=[story]))


def test_the_browser_may_run_the_script_and_the_style_of_the_page_and_nothing_else(newsroom: Findings) -> None:
    tags = Tags(page_of(newsroom))
    scripts = [attrs for tag, attrs in tags.tags if tag == "script"]
    assert scripts[-1] == {}
    assert {attrs.get("type") for attrs in scripts[:-1]} == {"text/plain"}
    assert tags.policy["default-src"] == "'none'"
    assert tags.policy["script-src"] == digest(tags.code["script"][-1])
    assert tags.policy["style-src"] == digest(tags.code["style"][0])
    assert (tags.policy["require-trusted-types-for"], tags.policy["trusted-types"]) == ("'script'", "'none'")
    assert tags.policy["connect-src"] == "'self'"


def test_nothing_is_loaded_from_anywhere(newsroom: Findings) -> None:
    tags = Tags(page_of(newsroom))
    assert not [attrs for _, attrs in tags.tags if "src" in attrs]
    assert "url(" not in tags.code["style"][0]
    assert "@import" not in tags.code["style"][0]
    assert set(re.findall(r"https?://[^'\"/]*", page_script())) <= {"http://www.w3.org"}


def test_the_script_never_makes_markup_of_text() -> None:
    for name in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "DOMParser", "setHTML"):
        assert name not in page_script()


def test_links_of_the_front_lead_to_views_stories_and_lists(newsroom: Findings) -> None:
    links = {str(attrs["href"]) for tag, attrs in Tags(page_of(newsroom)).tags if tag == "a"}
    assert "#cluster-c0001" in links
    lists = {link for link in links if re.fullmatch(r"#(stories|pairs)\?(outlet|grade)=[\w%]+", link)}
    assert links - lists - VIEWS == {"#cluster-c0001"}


def test_tags_are_closed_in_order(newsroom: Findings) -> None:
    page = re.sub(r"<(script|style)\b[^>]*>.*?</\1>", "", page_of(newsroom), flags=re.DOTALL)
    stack: list[str] = []
    for closing, tag, attrs in re.findall(r"<(/?)([a-z][a-z0-9]*)([^>]*)>", page):
        if tag in ("meta", "br", "rect") or attrs.endswith("/"):
            continue
        if closing:
            assert stack.pop() == tag
        else:
            stack.append(tag)
    assert stack == []


def test_the_front_carries_the_figures_in_words(newsroom: Findings) -> None:
    text = Tags(page_of(newsroom)).text
    assert "Of 6 articles, 3 share their text in 1 story; 1 more shares a passage." in text
    assert "The largest story has 3 articles. 2 articles only share an event with another, and no text." in text
    assert "6 articles read 4 share text with another 1 story told more than once" in text
    assert "lightly edited copy 1 partial copy 1 rewritten, or a shared source 2" in text


def test_the_headline_counts_stories_and_loose_passages(newsroom: Findings) -> None:
    assert headline(count(newsroom)) == "Of 6 articles, 3 share their text in 1 story; 1 more shares a passage."


def test_the_front_names_the_largest_stories_with_their_sources(newsroom: Findings) -> None:
    text = Tags(page_of(newsroom)).text
    assert (
        "3 articles Port Ellery bridge closed until end of May 8 Apr 2031, 16:05 UTC · Ellery Courier, "
        "Northern Wire Agency, Tarn Herald" in text
    )
    assert "Likely source Northern Wire Agency" in text


def test_the_front_says_who_copies_and_who_is_copied(newsroom: Findings) -> None:
    text = Tags(page_of(newsroom)).text
    assert "Ellery Courier 1 of 1 Tarn Herald 1 of 2" in text
    assert "Northern Wire Agency 2 from 1" in text
    assert "4 articles share text with another outlet’s; of 2 copies it can be told where the text came from" in text


def test_warnings_stand_before_the_stories(newsroom: Findings) -> None:
    assert "To be checked first" not in Tags(page_of(newsroom)).text
    warned = replace(newsroom, stats={**newsroom.stats, "warnings": ["cluster c0001 holds <all> articles"]})
    text = Tags(page_of(warned)).text
    assert text.index("To be checked first") < text.index("Cluster c0001 holds <all> articles.")
    assert text.index("holds <all> articles.") < text.index("Stories told more than once")


def test_decisions_that_a_run_applied_are_told(newsroom: Findings) -> None:
    account = {
        "given": 3,
        "applied": 2,
        "stale": [{"decision": "not_a_copy", "a": "x.txt", "b": "y.txt", "reason": "the text of x.txt has changed"}],
        "precision": {"decided": 4, "confirmed": 3, "share": 0.75},
    }
    text = Tags(page_of(replace(newsroom, stats={**newsroom.stats, "decisions": account}))).text
    assert (
        "Of 3 decisions, 2 were applied. The desk judged 4 pairs that dedup called copies, and confirmed 3 (75%)."
        in text
    )
    assert "Not applied: not_a_copy of x.txt and y.txt: the text of x.txt has changed" in text
    assert "Your desk’s decisions" not in Tags(page_of(newsroom)).text


def test_skipped_inputs_options_and_versions_are_on_the_page(newsroom: Findings) -> None:
    note = Skipped(source="drop/twin.txt", stage="note", reason="duplicate id", detail="a is kept as a~2")
    text = Tags(page_of(replace(newsroom, skipped=[*newsroom.skipped, note]))).text
    assert "1 input could not be read and was compared with nothing; 1 remark concerns articles that were kept." in text
    assert "drop/<b>empty</b>.txt the file is empty" in text
    assert "drop/twin.txt duplicate id kept a is kept as a~2" in text
    assert "Made by dedup 0.1. All options, versions and times" in text
    assert "grade.near jaccard 0.6" in text


def test_a_reader_without_scripts_is_told_where_the_rest_is(newsroom: Findings) -> None:
    text = Tags(page_of(newsroom)).text
    assert "This browser runs no scripts here: you see the summary." in text


def test_the_same_findings_give_the_same_page(newsroom: Findings) -> None:
    assert page_of(newsroom) == page_of(replace(newsroom, articles=tuple(newsroom.articles)))


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
