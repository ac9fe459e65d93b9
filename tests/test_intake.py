"""Articles that a program hands over become what a scan makes of a file."""

from __future__ import annotations

from dedup import Article, Config
from dedup.intake import take_in
from dedup.records import RawRecord, Skipped
from tests.conftest import FERRY

PAGE = (
    '<!DOCTYPE html><html lang="en"><head><title>Last ferry sold</title><meta property="og:site_name" content="{}">'
    "</head><body><nav>Home Sport Weather</nav><article><h1>Last ferry sold</h1><p>{}</p></article></body></html>"
)


def test_a_text_keeps_its_characters_and_its_furniture_is_marked_in_them() -> None:
    text = "\r\nBy Mara Quill\r\n\r\n" + FERRY.replace("\n", "\r\n")
    article = take_in(RawRecord(id="a", source="a", text=text, published="2 March 2031"), Config())
    assert isinstance(article, Article)
    assert article.body == text
    assert (article.author, article.published_at) == ("Mara Quill", "2031-03-02")
    assert [text[piece.start : piece.end] for piece in article.furniture if piece.kind == "byline"] == ["By Mara Quill"]


def test_of_a_page_the_article_is_found() -> None:
    article = take_in(RawRecord(id="a", source="a", text=PAGE.format("Tarn Herald", FERRY), kind="html"), Config())
    assert isinstance(article, Article)
    assert (article.title, article.publisher) == ("Last ferry sold", "Tarn Herald")
    assert "The council of Tarnhaven will sell its last ferry" in article.body
    assert "Weather" not in article.body


def test_nothing_becomes_no_article() -> None:
    assert isinstance(take_in(RawRecord(id="a", source="a", text=" \n"), Config()), Skipped)
    assert isinstance(take_in(RawRecord(id="a", source="a", text="<html></html>", kind="html"), Config()), Skipped)


def test_the_name_of_an_outlet_is_cut_where_no_name_goes_on() -> None:
    text = RawRecord(id="a", source="a", text=FERRY, url=f"https://{'x' * 900}.example/")
    page = RawRecord(id="a", source="a", text=PAGE.format("Tarn Herald " * 90, FERRY), kind="html")
    for record in (text, page):
        article = take_in(record, Config())
        assert isinstance(article, Article)
        assert len(article.publisher) == 500
