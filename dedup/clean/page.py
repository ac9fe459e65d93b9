"""A web page to an article: the body by trafilatura, the facts by what the page states about itself."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import Any

from dedup.clean.agencies import agency_name
from dedup.clean.article import article_of, host_of
from dedup.clean.bylines import byline_of
from dedup.clean.dom import drop_cards, paragraphs, whole_article
from dedup.clean.jsonld import PageFacts, page_facts
from dedup.clean.plain import mark, one_line, plain_text
from dedup.config import ReadConfig
from dedup.records import Article, RawRecord, Skipped

__all__ = ["clean_page"]

_NOTHING_FOUND = "no article text found in the page"
#: What parsers and extractors raise on broken or hostile pages (lxml's errors are SyntaxError or ValueError kin).
_TROUBLE = (
    ValueError, TypeError, LookupError, AttributeError, RecursionError, SyntaxError, AssertionError, OverflowError,
)  # fmt: skip
#: Less than this share of what a second extractor finds, and the strict extraction has missed the article.
_MIN_SHARE = 0.3
#: A text that the page states for machines is taken when it is this many times as long as what was found.
_FAR_MORE = 2.0


def clean_page(record: RawRecord, config: ReadConfig) -> Article | Skipped:
    """The article of a web page; skipped when the page has neither text nor title."""
    page = record.text.replace("\x00", " ").encode("utf-8", "replace").decode("utf-8")
    tree = _parse(page)
    if tree is None:
        return Skipped(source=record.source, stage="clean", reason=_NOTHING_FOUND)
    facts = _facts(tree, record.url)
    body = plain_text(_body(page, tree, facts.text if facts else ""))
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


def _parse(page: str) -> Any:
    """The page as an lxml tree, None when there is nothing to parse."""
    from lxml import etree, html

    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        return html.document_fromstring(page.encode(), parser=parser)
    except (etree.LxmlError, *_TROUBLE):
        return None


def _facts(tree: Any, url: str) -> PageFacts | None:
    try:
        return page_facts(tree, url)
    except _TROUBLE:
        return None


def _body(page: str, tree: Any, stated: str) -> str:
    """The article's text, paragraphs divided by blank lines.

    Measured on 181 pages: the strict mode of trafilatura makes the fewest mistakes, but on a few pages it takes a
    teaser for the article, on others one part of a divided article. A second, much quicker extractor and the markup
    tell when that has happened. What the page states as its text is only asked when all of them found far less: many
    pages state it without paragraphs, cut off, or with the text of their advertisements.
    """
    with suppress(*_TROUBLE):
        drop_cards(tree)
    text = _extract(tree, favor_precision=True)
    if not text or len(text) < _MIN_SHARE * len(_second_opinion(page)):
        text = max(text, _extract(tree, favor_precision=False), key=len)
    with suppress(*_TROUBLE):
        text = whole_article(tree, text) or text or paragraphs(tree)
    text = text.replace("\n", "\n\n")
    return stated if len(stated) > _FAR_MORE * len(text) else text


def _extract(tree: Any, *, favor_precision: bool) -> str:
    from trafilatura import bare_extraction

    for name in ("trafilatura", "htmldate", "courlan"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)  # they report broken pages as errors
    try:
        found = bare_extraction(tree, include_comments=False, with_metadata=False, favor_precision=favor_precision)
    except _TROUBLE:
        return ""
    text = getattr(found, "text", None)
    return text if isinstance(text, str) else ""


def _second_opinion(page: str) -> str:
    from resiliparse.extract.html2text import extract_plain_text

    try:
        return str(extract_plain_text(page, main_content=True, alt_texts=False, links=False, form_fields=False))
    except _TROUBLE:
        return ""
