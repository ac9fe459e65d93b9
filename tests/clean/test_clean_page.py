"""Web pages: body, facts, and pages that break things."""

import json

import pytest

from dedup.clean import clean
from dedup.config import ReadConfig
from dedup.records import Article, RawRecord, Skipped

PARAGRAPHS = [
    "Port Alden will reopen its harbour on Friday after three weeks of repairs, the mayor Mara Quill said on Monday.",
    "The storm of last month sank two ferries and cut the island of Oran off from its only hospital for a week.",
    "Fishermen have asked the government in Velmont for help, but the ministry has not answered their letters.",
    "Inspectors will visit the quay again next week and report to the council, which has the last word on it.",
]
BODY = "<article><h1>Harbour reopens</h1>" + "".join(f"<p>{p}</p>" for p in PARAGRAPHS) + "</article>"


def cleaned(page: str, **fields: str) -> Article | Skipped:
    return clean(RawRecord(id="1", source="1.html", text=page, kind="html", **fields), ReadConfig())


def article(page: str, **fields: str) -> Article:
    found = cleaned(page, **fields)
    assert isinstance(found, Article)
    return found


def page(head: str = "", body: str = BODY) -> str:
    return f'<!DOCTYPE html><html lang="en-GB"><head>{head}</head><body>{body}</body></html>'


def json_ld(**node: object) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", **node})}</script>'


def test_paragraphs_are_divided_by_blank_lines() -> None:
    assert "\n\n".join(PARAGRAPHS) in article(page()).body


def test_facts_come_from_json_ld() -> None:
    head = json_ld(
        headline="Harbour reopens",
        datePublished="2031-02-16T14:03:00+01:00",
        author=[{"name": "Mara Quill"}, {"name": "Tom Orris"}],
        publisher={"name": "Harbour Post"},
    )
    found = article(page(head))
    assert (found.title, found.published_at) == ("Harbour reopens", "2031-02-16T14:03:00+01:00")
    assert (found.author, found.publisher, found.language) == ("Mara Quill, Tom Orris", "Harbour Post", "en")


def test_facts_come_from_meta_tags_without_json_ld() -> None:
    head = (
        '<meta property="og:title" content="Harbour reopens | Harbour Post">'
        '<meta property="og:site_name" content="Harbour Post">'
        '<meta property="article:published_time" content="2031-02-16"><meta name="author" content="By Mara Quill, AP">'
        '<link rel="canonical" href="/news/harbour">'
    )
    found = article(page(head), url="https://m.harbour-post.example/x")
    assert (found.title, found.publisher, found.published_at) == ("Harbour reopens", "Harbour Post", "2031-02-16")
    assert (found.author, found.agency) == ("Mara Quill", "AP")
    assert (found.url, found.canonical_url) == (
        "https://m.harbour-post.example/x",
        "https://m.harbour-post.example/news/harbour",
    )


def test_url_and_publisher_fall_back_to_the_canonical_link_and_its_host() -> None:
    found = article(page('<link rel="canonical" href="https://www.harbour-post.example/a">'), folder="feed")
    assert (found.url, found.publisher) == ("https://www.harbour-post.example/a", "harbour-post.example")


def test_work_that_a_page_is_based_on_stands_in_for_a_canonical_link_to_itself() -> None:
    head = json_ld(headline="Harbour reopens", isBasedOn="https://velmont-times.example/1")
    assert article(page(head)).canonical_url == "https://velmont-times.example/1"


def test_headline_in_the_body_is_marked_as_title() -> None:
    found = article(page())
    kinds = {found.body[span.start : span.end]: span.kind for span in found.furniture}
    assert found.title == "Harbour reopens"
    assert kinds.get("Harbour reopens", "title") == "title"


@pytest.mark.parametrize(
    "broken",
    [
        "",
        "   ",
        "<",
        "<html><body></body></html>",
        "<html><body><nav><a>Home</a></nav></body></html>",
        "\x00\x00",
        "<div>" * 20_000 + "x",
    ],
)
def test_page_without_text_is_skipped_or_kept_without_a_traceback(broken: str) -> None:
    found = cleaned(broken)
    assert isinstance(found, Article) or found.reason == "no article text found in the page"


def test_empty_page_is_skipped_with_a_reason() -> None:
    assert cleaned("") == Skipped(source="1.html", stage="clean", reason="no article text found in the page")


def test_page_with_only_a_title_is_an_article_without_body() -> None:
    found = article("<html><head><title>Harbour reopens</title></head><body></body></html>")
    assert (found.title, found.body) == ("Harbour reopens", "")


@pytest.mark.parametrize(
    "head",
    [
        '<script type="application/ld+json">{broken</script>',
        '<script type="application/ld+json">' + "[" * 50_000 + "</script>",
        '<script type="application/ld+json">{"headline": 5, "author": [[[]]], "publisher": {"name": {}}}</script>',
        '<link rel="canonical" href="http://[broken">',
        '<meta property="article:published_time" content="tomorrow">',
    ],
)
def test_broken_facts_do_not_cost_the_article(head: str) -> None:
    assert "\n\n".join(PARAGRAPHS) in article(page(head)).body


def test_deeply_nested_page_ends_quickly_and_quietly(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    cleaned("<html><body>" + "<b><i>" * 10_000 + "hello")
    assert (caplog.text, capsys.readouterr().err) == ("", "")


def test_page_with_an_encoding_declaration_and_lone_surrogates_is_read() -> None:
    found = article('<?xml version="1.0" encoding="utf-16"?>' + page(body=BODY + "<p>\ud800</p>"))
    assert PARAGRAPHS[0] in found.body
