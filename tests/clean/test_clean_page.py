"""Web pages: body, facts, and pages that break things."""

import html
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from dedup.clean import clean
from dedup.config import EXTRACTORS, ReadConfig
from dedup.records import Article, RawRecord, Skipped

PARAGRAPHS = [
    "Port Alden will reopen its harbour on Friday after three weeks of repairs, the mayor Mara Quill said on Monday.",
    "The storm of last month sank two ferries and cut the island of Oran off from its only hospital for a week.",
    "Fishermen have asked the government in Velmont for help, but the ministry has not answered their letters.",
    "Inspectors will visit the quay again next week and report to the council, which has the last word on it.",
]
SAMPLES = sorted((Path(__file__).parents[2] / "samples" / "drop").rglob("*.htm*"))
BODY = "<article><h1>Harbour reopens</h1>" + "".join(f"<p>{p}</p>" for p in PARAGRAPHS) + "</article>"


by_each_extractor = pytest.mark.parametrize("extractor", EXTRACTORS)


def cleaned(page: str, extractor: str = "accurate", **fields: str) -> Article | Skipped:
    record = RawRecord(id="1", source="1.html", text=page, kind="html", **fields)
    return clean(record, ReadConfig(extractor=extractor))


def article(page: str, extractor: str = "accurate", **fields: str) -> Article:
    found = cleaned(page, extractor, **fields)
    assert isinstance(found, Article)
    return found


def page(head: str = "", body: str = BODY) -> str:
    return f'<!DOCTYPE html><html lang="en-GB"><head>{head}</head><body>{body}</body></html>'


def json_ld(**node: object) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", **node})}</script>'


@by_each_extractor
def test_paragraphs_are_divided_by_blank_lines(extractor: str) -> None:
    assert "\n\n".join(PARAGRAPHS) in article(page(), extractor).body


@by_each_extractor
def test_what_stands_beside_the_article_is_left_out(extractor: str) -> None:
    before = '<header><a href="/">Harbour Post</a></header><nav><a href="/sport">Sport</a></nav>'
    after = (
        '<aside><p>Ten ferries that you must have seen once in your life.</p></aside><section class="related"><h2>More '
        'on ferries</h2><ul><li><a href="/2">Ferry to Oran is late again</a></li></ul></section><footer><p>Copyright '
        "Harbour Post. All rights reserved.</p></footer><script>var ferry = 1;</script>"
    )
    body = article(page(body=before + BODY + after), extractor).body
    assert body.removeprefix("Harbour reopens").strip() == "\n\n".join(PARAGRAPHS)


@by_each_extractor
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_sample_pages_give_all_their_paragraphs_their_title_and_their_date(path: Path, extractor: str) -> None:
    markup = path.read_text("utf-8")
    text = markup.split('<div class="body">')[1].split('<div class="share">')[0]
    text = re.sub(r"<aside.*?</aside>", "", text, flags=re.DOTALL)
    paragraphs = [html.unescape(re.sub("<[^>]*>", "", found)) for found in re.findall("<p>(.*?)</p>", text)]
    title, date = (
        html.unescape(re.findall(rf'<meta property="{name}" content="(.*?)">', markup)[0])
        for name in ("og:title", "article:published_time")
    )
    found = article(markup, extractor)
    lines = found.body.split("\n\n")
    assert len(paragraphs) > 3
    assert [line for line in lines if line in paragraphs] == paragraphs
    assert len(lines) - len(paragraphs) <= 9
    assert (found.title, found.published_at) == (title, date)


def test_the_fast_way_does_without_the_packages_of_the_accurate_one() -> None:
    code = (
        "import sys; from dedup.clean import clean; from dedup.config import ReadConfig; "
        "from dedup.records import RawRecord; "
        "found = clean(RawRecord(id='1', source='1', text=sys.argv[1], kind='html'), ReadConfig(extractor='fast')); "
        "print(len(found.body) > 100, 'trafilatura' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code, page()], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]


def test_the_fast_way_leaves_captions_out() -> None:
    caption = '<div class="imageCaption">The quay in March, seen from the lighthouse of Oran. Photo: Tom Orris</div>'
    body = BODY.replace("<p>The storm", caption + "<p>The storm")
    assert "lighthouse" not in article(page(body=body), "fast").body


def test_the_fast_way_keeps_an_article_whose_container_is_called_like_furniture() -> None:
    found = article(page(body=f'<div class="story has-gallery">{BODY}</div>'), "fast")
    assert "\n\n".join(PARAGRAPHS) in found.body


def test_a_page_that_the_fast_way_finds_nothing_in_is_given_to_the_accurate_one() -> None:
    nested = "<div>" * 2000 + "</div>" * 2000 + "<i></i>" * 4000
    assert "\n\n".join(PARAGRAPHS) in article(page(body=BODY + nested), "fast").body


@by_each_extractor
def test_facts_come_from_json_ld(extractor: str) -> None:
    head = json_ld(
        headline="Harbour reopens",
        datePublished="2031-02-16T14:03:00+01:00",
        author=[{"name": "Mara Quill"}, {"name": "Tom Orris"}],
        publisher={"name": "Harbour Post"},
    )
    found = article(page(head), extractor)
    assert (found.title, found.published_at) == ("Harbour reopens", "2031-02-16T14:03:00+01:00")
    assert (found.author, found.publisher, found.language) == ("Mara Quill, Tom Orris", "Harbour Post", "en")


@by_each_extractor
def test_facts_come_from_meta_tags_without_json_ld(extractor: str) -> None:
    head = (
        '<meta property="og:title" content="Harbour reopens | Harbour Post">'
        '<meta property="og:site_name" content="Harbour Post">'
        '<meta property="article:published_time" content="2031-02-16"><meta name="author" content="By Mara Quill, AP">'
        '<link rel="canonical" href="/news/harbour">'
    )
    found = article(page(head), extractor, url="https://m.harbour-post.example/x")
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


@by_each_extractor
def test_headline_in_the_body_is_marked_as_title(extractor: str) -> None:
    found = article(page(), extractor)
    kinds = {found.body[span.start : span.end]: span.kind for span in found.furniture}
    assert found.title == "Harbour reopens"
    assert kinds.get("Harbour reopens", "title") == "title"


@by_each_extractor
@pytest.mark.parametrize(
    "broken",
    [
        "",
        "   ",
        "<",
        "<html><body></body></html>",
        "<html><body><nav><a>Home</a></nav></body></html>",
        "\x00\x00",
        "<div>" * 5_000 + "x",
        "<div>" * 5_000 + "hello, this is " * 50 + "</div>" * 5_000,
    ],
)
def test_page_without_text_is_skipped_or_kept_without_a_traceback(broken: str, extractor: str) -> None:
    found = cleaned(broken, extractor)
    assert isinstance(found, Article) or found.reason == "no article text found in the page"


@by_each_extractor
def test_empty_page_is_skipped_with_a_reason(extractor: str) -> None:
    assert cleaned("", extractor) == Skipped(source="1.html", stage="clean", reason="no article text found in the page")


@by_each_extractor
def test_page_with_only_a_title_is_an_article_without_body(extractor: str) -> None:
    found = article("<html><head><title>Harbour reopens</title></head><body></body></html>", extractor)
    assert (found.title, found.body) == ("Harbour reopens", "")


@by_each_extractor
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
def test_broken_facts_do_not_cost_the_article(head: str, extractor: str) -> None:
    assert "\n\n".join(PARAGRAPHS) in article(page(head), extractor).body


def test_deeply_nested_page_ends_quickly_and_quietly(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    cleaned("<html><body>" + "<b><i>" * 10_000 + "hello")
    assert (caplog.text, capsys.readouterr().err) == ("", "")


@by_each_extractor
def test_page_with_an_encoding_declaration_and_lone_surrogates_is_read(extractor: str) -> None:
    found = article('<?xml version="1.0" encoding="utf-16"?>' + page(body=BODY + "<p>\ud800</p>"), extractor)
    assert PARAGRAPHS[0] in found.body


def test_all_parts_of_an_article_divided_among_containers_are_taken() -> None:
    part = '<div class="body-part"><p>{}</p></div><div class="ad-slot"><span>Advertisement</span></div>'
    paragraphs = [f"{text} Nobody was hurt in part {number}." for number, text in enumerate(PARAGRAPHS * 3)]
    long = "".join(f"<p>{text}</p>" for text in paragraphs[:6])
    body = (
        f'<main><div class="body-part">{long}</div>' + "".join(part.format(text) for text in paragraphs[6:]) + "</main>"
    )
    found = article(page(body=body))
    assert [text for text in paragraphs if text not in found.body] == []
    assert "Advertisement" not in found.body


def test_a_card_with_picture_and_links_inside_a_sentence_is_left_out() -> None:
    card = (
        '<span class="x1">{name}<span class="x2"><img src="q.jpg"><a href="/q">Mara Jane Quill</a>'
        '<a href="/1">Quill opens a bridge in the north</a><a href="/2">Quill wants more ferries</a></span></span>'
    )
    first = PARAGRAPHS[0].replace("Mara Quill", card.replace("{name}", "Mara Quill"))
    body = f"<article><p>{first}</p>" + "".join(f"<p>{p}</p>" for p in PARAGRAPHS[1:]) + "</article>"
    assert article(page(body=body)).body.startswith(PARAGRAPHS[0])


@by_each_extractor
def test_text_stated_for_machines_is_taken_when_the_page_shows_none(extractor: str) -> None:
    head = json_ld(headline="Harbour reopens", articleBody="<p>" + "</p><p>".join(PARAGRAPHS) + "</p>")
    assert article(page(head, "<div id='app'></div>"), extractor).body.split("\n\n")[0].startswith(PARAGRAPHS[0])


def test_text_stated_for_machines_does_not_replace_a_like_one() -> None:
    head = json_ld(headline="Harbour reopens", articleBody=" ".join(PARAGRAPHS) + " Read our newsletter.")
    assert "newsletter" not in article(page(head)).body


def test_stated_titles_may_be_escaped_twice() -> None:
    assert article(page(json_ld(headline="Quill&#8217;s harbour &amp; mine"))).title == "Quill’s harbour & mine"


@pytest.mark.parametrize(
    ("head", "shown", "date"),
    [
        ('<meta property="article:published" content="2031-02-16T14:03:00Z">', "", "2031-02-16T14:03:00+00:00"),
        ('<meta name="x" itemprop="datePublished dateCreated" content="2031-02-16">', "", "2031-02-16"),
        (
            json_ld(headline="Harbour reopens", datePublished="0001-01-01T00:00:00Z"),
            '<div class="publish-date">Published 11:11 PM Feb. 16, 2031</div>',
            "2031-02-16T23:11:00",
        ),
        ("", '<span itemprop="datePublished">Posted: Feb 16, 2031</span>', "2031-02-16"),
        ("", '<div class="press__date"><div>16. Februar 2031</div></div>', "2031-02-16"),
        ("", '<div class="related"><time datetime="2029-01-01"></time></div><time>16 Feb 2031</time>', "2031-02-16"),
        ("", '<ul class="latest-news"><li class="date">1 Jan 2029</li></ul>', ""),
        ("", '<p class="date">The date of the next visit is 16 February 2031, they said.</p>', ""),
        ('<link rel="canonical" href="https://post.example/2031/02/16/harbour">', "", "2031-02-16"),
        ('<link rel="canonical" href="https://post.example/harbour-20310216/">', "", "2031-02-16"),
        ('<link rel="canonical" href="https://post.example/harbour-20319916/">', "", ""),
    ],
)
def test_date_is_found_where_the_page_states_or_shows_it(head: str, shown: str, date: str) -> None:
    assert article(page(head, shown + BODY)).published_at == date
