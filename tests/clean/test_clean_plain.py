"""Plain text to an article: uniform text, title, and the marks at its two ends."""

import time
import unicodedata
from dataclasses import replace
from itertools import pairwise

import pytest

from dedup.clean import FURNITURE_KINDS, clean, host_of
from dedup.clean.plain import mark, plain_text
from dedup.config import ReadConfig
from dedup.records import Article, RawRecord, Skipped

LEAD = (
    "Port Alden will reopen its harbour on Friday after three weeks of repairs, the mayor Mara Quill said on Monday, "
    "although the eastern quay stays shut until inspectors have seen the cranes."
)
MORE = (
    "The storm of last month sank two ferries and cut the island of Oran off from its only hospital. Fishermen have "
    "asked the government in Velmont for help, but the ministry has not answered their letters so far."
)
LAST = "Inspectors will visit the quay again next week, the mayor said, and report to the council."


def article(text: str, **fields: str) -> Article:
    record = replace(RawRecord(id="1", source="1.txt", text=text), **fields)  # type: ignore[arg-type]
    cleaned = clean(record, ReadConfig())
    assert isinstance(cleaned, Article)
    return cleaned


def marked(found: Article) -> dict[str, str]:
    return {found.body[span.start : span.end]: span.kind for span in found.furniture}


def text_of(*lines: str) -> str:
    return "\n\n".join(lines)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("e\u0301te\u0301", "été"),
        ("a\x00b\x07c\td\n", "a b c\td"),
        ("lone \ud800 surrogate", "lone \ufffd surrogate"),
        ("\ufeffbody", "body"),
        ("R&amp;D stays", "R&amp;D stays"),
    ],
)
def test_text_is_made_uniform(raw: str, expected: str) -> None:
    assert plain_text(raw) == expected


def test_body_keeps_every_character_of_the_text() -> None:
    text = text_of("Harbour Post", "Harbour of Port Alden reopens on Friday", LEAD, MORE, "Share this article")
    assert article(text).body == unicodedata.normalize("NFC", text)


def test_empty_record_is_skipped() -> None:
    skipped = clean(RawRecord(id="1", source="1.txt", text=" \n\x00 "), ReadConfig())
    assert skipped == Skipped(source="1.txt", stage="clean", reason="empty")


def test_title_without_body_is_kept() -> None:
    assert article("", title="Harbour reopens").body == ""


def test_headline_is_found_among_navigation_and_byline() -> None:
    text = text_of("Harbour Post", "National", "Tom Orris", "Harbour of Port Alden reopens on Friday", "AP", LEAD, MORE)
    found = article(text)
    assert found.title == "Harbour of Port Alden reopens on Friday"
    assert found.agency == ""
    assert marked(found) == {
        "Harbour Post": "navigation",
        "National": "navigation",
        "Tom Orris": "navigation",
        "Harbour of Port Alden reopens on Friday": "title",
        "AP": "caption",
    }


def test_headline_that_ends_in_a_closing_quote_is_found() -> None:
    assert article(text_of("Port Alden: mayor calls harbour repairs ‘a relief’", LEAD, MORE)).title.endswith(
        "‘a relief’"
    )


def test_date_line_and_breadcrumb_do_not_win_over_the_headline() -> None:
    crumb = "HomeNewsHarbour of Port Alden reopens on..."
    found = article(text_of("Saturday, March 25, 2023", crumb, "Harbour of Port Alden reopens on Friday", LEAD, MORE))
    assert (found.title, found.published_at) == ("Harbour of Port Alden reopens on Friday", "2023-03-25")
    assert marked(found)[crumb] == "navigation"


@pytest.mark.parametrize(
    "text", [text_of(LEAD, MORE, LAST), LEAD, text_of("Is the harbour of Port Alden about to open again?", LEAD, MORE)]
)
def test_text_that_starts_with_prose_has_no_title(text: str) -> None:
    found = article(text)
    assert (found.title, found.furniture) == ("", ())


def test_title_field_that_stands_in_the_body_is_marked() -> None:
    found = article(text_of("Harbour reopens", LEAD, MORE), title="Harbour reopens")
    assert marked(found) == {"Harbour reopens": "title"}


def test_fields_of_the_record_outrank_what_is_found() -> None:
    text = text_of("By Tom Orris", "5 May 2023", LEAD, MORE)
    found = article(
        text, title="Harbour", author="Mara Quill", published="2031-01-02", publisher="Harbour Post", language="en"
    )
    assert (found.author, found.published_at, found.publisher, found.language) == (
        "Mara Quill",
        "2031-01-02",
        "Harbour Post",
        "en",
    )


@pytest.mark.parametrize(
    ("fields", "publisher"),
    [
        ({"publisher": "Harbour Post", "url": "https://x.example/a", "folder": "feed"}, "Harbour Post"),
        ({"url": "https://www.x.example:8080/a", "folder": "feed"}, "x.example"),
        ({"folder": "feed"}, "feed"),
        ({}, ""),
    ],
)
def test_publisher_comes_from_field_then_host_then_folder(fields: dict[str, str], publisher: str) -> None:
    assert article(LEAD, **fields).publisher == publisher


@pytest.mark.parametrize(
    ("url", "host"), [("", ""), ("x.example/a", ""), ("http://[::1", "["), ("ftp://x/", ""), ("//WWW.X.org?q", "x.org")]
)
def test_host_of_odd_addresses(url: str, host: str) -> None:
    assert host_of(url) == host


def test_only_the_dateline_is_marked_and_not_its_sentence() -> None:
    found = article(text_of("PORT ALDEN, Feb 16 (Reuters) - " + LEAD, MORE), title="Harbour")
    assert (found.dateline, found.agency) == ("PORT ALDEN, Feb 16 (Reuters) -", "Reuters")
    assert marked(found) == {"PORT ALDEN, Feb 16 (Reuters) - ": "dateline"}


def test_a_date_behind_the_name_in_a_byline_is_the_date() -> None:
    found = article(text_of("Harbour reopens on Friday", "By Mara Quill, 5 March 2031", LEAD, MORE))
    assert (found.author, found.published_at) == ("Mara Quill", "2031-03-05")
    found = article(text_of("Harbour reopens on Friday", "By Mara Quill, Associated Press", LEAD, MORE))
    assert (found.agency, found.published_at) == ("AP", "")


def test_byline_names_author_and_agency() -> None:
    found = article(text_of("By Tom Orris, Associated Press", LEAD, MORE), title="Harbour")
    assert (found.author, found.agency) == ("Tom Orris", "AP")


def test_citation_of_an_agency_credits_nobody() -> None:
    found = article(text_of(LEAD, '"We are ready," the mayor told Reuters on the quay of the town.'), title="Harbour")
    assert (found.agency, found.credit, found.furniture) == ("", "", ())


def test_credit_and_links_behind_the_text_are_marked() -> None:
    text = text_of(
        LEAD, MORE, LAST, "Story Credit: velmont-times.example", "RELATED ARTICLES\n- Advertisment -", "Most Popular"
    )
    found = article(text)
    assert (found.credit, found.agency) == ("Story Credit: velmont-times.example", "")
    assert marked(found) == {
        "Story Credit: velmont-times.example": "credit",
        "RELATED ARTICLES": "related",
        "- Advertisment -": "advert",
        "Most Popular": "related",
    }


def test_headlines_under_a_related_heading_are_marked_to_the_end() -> None:
    links = (
        "Ferry sinks off Oran as storm hits the southern coast",
        "'Do not sail', minister tells the fishermen of Velmont",
    )
    found = article(text_of(LEAD, MORE, LAST, "You might also like", *links))
    assert marked(found) == {"You might also like": "related", links[0]: "related", links[1]: "related"}


def test_last_line_that_was_cut_off_stays_text() -> None:
    assert article(text_of(LEAD, MORE, "The council will meet next week and")).furniture == ()


def test_quotation_as_last_line_stays_text() -> None:
    assert article(text_of(LEAD, MORE, "“We will sail again”")).furniture == ()


def test_list_of_results_loses_nothing() -> None:
    rows = "\n".join(f"Port Alden {n} Velmont {n + 1}" for n in range(12))
    assert article(rows).furniture == ()


def test_short_text_loses_nothing_by_position() -> None:
    assert article("Harbour shut\nThe harbour of Port Alden is shut until Friday.\nMore soon").furniture == ()


def test_caption_before_the_text_is_marked_with_the_line_it_repeats() -> None:
    caption = "The harbour of Port Alden on Monday."
    found = article(
        text_of(
            "Harbour of Port Alden reopens on Friday",
            f"{caption}\n{caption} Copyright\xa0AP/Ministry Press Service",
            LEAD,
            MORE,
        )
    )
    assert [span.kind for span in found.furniture] == ["title", "caption", "caption"]


def test_spans_are_sorted_and_never_overlap() -> None:
    text = text_of(
        "Harbour Post",
        "By Tom Orris",
        "Harbour of Port Alden reopens on Friday",
        "PORT ALDEN (AFP) - " + LEAD,
        MORE,
        "—AFP",
        "Comments",
    )
    spans = article(text, publisher="Harbour Post").furniture
    assert all(a.end <= b.start for a, b in pairwise(spans))
    assert {span.kind for span in spans} <= set(FURNITURE_KINDS)


@pytest.mark.parametrize(
    "line",
    [
        "harbour " * 65_000,
        "A" * 500_000,
        "(" * 500_000,
        "BY " * 160_000,
        "— " * 250_000,
        "1" * 500_000,
        "港" * 500_000,
        ". " * 250_000,
    ],
)
def test_half_a_million_characters_in_one_line_are_quick(line: str) -> None:
    start = time.perf_counter()
    article(line)
    assert time.perf_counter() - start < 0.5


@pytest.mark.parametrize(
    "line",
    [
        "(" * 239,
        "By " * 60,
        "A-" * 110,
        "- " * 110,
        "AP/" * 75,
        "Photo: " + "a/" * 90,
        "a." * 110,
        "/" * 230,
        "A (" * 70,
        "© " * 100,
    ],
)
def test_short_hostile_lines_are_quick(line: str) -> None:
    start = time.perf_counter()
    article("\n".join([line] * 60))
    assert time.perf_counter() - start < 0.5


def test_a_list_of_dates_at_the_end_is_the_articles_own() -> None:
    dates = [
        f"{day} June: Hall of {town}, Velmont" for day, town in ((3, "Oran"), (5, "Alden"), (9, "Tarn"), (12, "Orlo"))
    ]
    body = "\n".join(
        ["The choir of Port Alden will sing in four towns this summer, its leader Mara Quill said." * 5, *dates]
    )
    assert mark(body).furniture == []


def test_headlines_under_a_heading_stay_furniture_whatever_figures_they_hold() -> None:
    links = ["Related stories", "Ferry sinks in 2 hours", "Mayor wins 51 votes", "Harbour shut for 3 weeks"]
    body = "\n".join(
        ["The choir of Port Alden will sing in four towns this summer, its leader Mara Quill said." * 5, *links]
    )
    assert [piece.kind for piece in mark(body).furniture] == ["related"] * 4
