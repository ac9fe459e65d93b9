"""A web page to an article: the body by an extractor, the facts by what the page states about itself."""

from __future__ import annotations

from contextlib import suppress

from resiliparse.parse.html import HTMLTree

from dedup.clean.accurate import accurate_text
from dedup.clean.agencies import agency_name
from dedup.clean.article import article_of, host_of
from dedup.clean.bylines import byline_of
from dedup.clean.dom import TROUBLE
from dedup.clean.fast import fast_text
from dedup.clean.jsonld import PageFacts, page_facts
from dedup.clean.plain import mark, one_line, plain_text
from dedup.config import ReadConfig
from dedup.records import Article, RawRecord, Skipped

__all__ = ["clean_page"]

_NOTHING_FOUND = "no article text found in the page"
#: A text that the page states for machines is taken when it is this many times as long as what was found.
_FAR_MORE = 2.0


def clean_page(record: RawRecord, config: ReadConfig) -> Article | Skipped:
    """The article of a web page; skipped when the page has neither text nor title."""
    page = record.text.replace("\x00", " ").encode("utf-8", "replace").decode("utf-8")
    try:
        tree = HTMLTree.parse(page)
    except TROUBLE:
        return Skipped(source=record.source, stage="clean", reason=_NOTHING_FOUND)
    facts = _facts(tree, record.url)
    body = plain_text(_body(page, tree, facts.text if facts else "", config))
    title = one_line(record.title) or (facts.title if facts else "")
    if not body and not title:
        return Skipped(source=record.source, stage="clean", reason=_NOTHING_FOUND)
    canonical = facts.canonical_url if facts else ""
    url = record.url or canonical
    publisher = one_line(record.publisher) or (facts.publisher if facts else "") or host_of(url) or record.folder
    marks = mark(body, title=title, publisher=publisher)
    if facts:
        byline = byline_of(facts.author)
        marks.author = (byline.author if byline else facts.author) or marks.author
        marks.agency = marks.agency or (byline.agency if byline else agency_name(facts.author))
        marks.published_at = facts.published_at or marks.published_at
    language = facts.language if facts else ""
    return article_of(record, body, marks, publisher=publisher, url=url, canonical_url=canonical, language=language)


def _facts(tree: HTMLTree, url: str) -> PageFacts | None:
    try:
        return page_facts(tree, url)
    except TROUBLE:
        return None


def _body(page: str, tree: HTMLTree, stated: str, config: ReadConfig) -> str:
    """The article's text, paragraphs divided by blank lines.

    What the page states as its text is only asked when the extractor found far less: many pages state it without
    paragraphs, cut off, or with the text of their advertisements.
    """
    text = ""
    with suppress(*TROUBLE):
        text = fast_text(page, tree)
    if config.extractor == "accurate" or not text:
        text = accurate_text(page, text)
    text = text.replace("\n", "\n\n")
    return stated if len(stated) > _FAR_MORE * len(text) else text
