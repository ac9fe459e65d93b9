"""What a page says about itself: JSON-LD, Open Graph, meta tags, the canonical link, and dates that readers see."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import urljoin

from resiliparse.parse.html import ElementNode, HTMLTree

from dedup.clean.dates import parse_date
from dedup.clean.plain import one_line

__all__ = ["PageFacts", "page_facts"]

_DATE_NAMES = (
    "article:published_time", "og:article:published_time", "datepublished", "date.published", "publish-date",
    "publishdate", "pubdate", "parsely-pub-date", "sailthru.date", "dc.date.issued", "dcterms.created", "dcterms.date",
    "dc.date", "date", "cxenseparse:recs:publishtime", "article.published", "originalpublicationdate",
    "article:published", "publish_date", "published_date", "pub_date", "published", "pdate", "dc.date.created",
    "article:post_date", "article_date_original", "post-date", "publication_date",
)  # fmt: skip
_AUTHOR_NAMES = (
    "author",
    "article:author",
    "parsely-author",
    "byl",
    "dc.creator",
    "sailthru.author",
    "dcterms.creator",
)
_MAX_NODES = 2000

#: Where a page makes its statements ...
_STATED = 'meta, link[rel="canonical" i], script[type*="ld+json" i]'
#: ... and what may show readers when an article was published, by its class or name.
_DATED = ", ".join(
    f':is(span, div, p, li, small, em, td, h3, h4, h5, h6)[{name}*="{word}" i]'
    for name in ("class", "id")
    for word in ("date", "publish", "posted", "timestamp")
)
#: Class names of what stands on the page beside the article.
_ELSEWHERE = re.compile(r"related|comment|sidebar|popular|latest|trending|recommend|footer|most-|widget", re.IGNORECASE)
#: A day in an address: /2031/02/16/ or -20310216.
_DAY_IN_URL = re.compile(r"/((?:19|20)\d\d)/(\d\d)/(\d\d)(?=/|$)|[-_/]((?:19|20)\d\d)([01]\d)([0-3]\d)(?=[-_/.]|$)")
_LONGEST_DATE = 80
_TAG = re.compile(r"<[^<>]{0,2000}>")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFacts:
    """A page's own statements; "" where it makes none."""

    title: str
    author: str
    publisher: str
    published_at: str
    canonical_url: str
    language: str
    text: str
    """The article's text as stated for machines: often cut off, and mostly without paragraphs."""


def page_facts(tree: HTMLTree, url: str) -> PageFacts:
    """The facts that the page states, the machine-readable ones first.

    Args:
        tree: the parsed page.
        url: the page's own address, which relative links are relative to.
    """
    stated = _select(tree, _STATED)
    meta = _meta(tag for tag in stated if tag.tag == "meta")
    node = _article_node(tag.text or "" for tag in stated if tag.tag == "script")
    link = next((tag.getattr("href") or "" for tag in stated if tag.tag == "link"), "")
    publisher = _name(node.get("publisher")) or meta.get("og:site_name", "") or meta.get("application-name", "")
    title = _text(node.get("headline")) or meta.get("og:title", "") or meta.get("twitter:title", "") or _heading(tree)
    author = _name(node.get("author")) or next((meta[name] for name in _AUTHOR_NAMES if meta.get(name)), "")
    canonical = _canonical(link, node, url)
    root = tree.document.document_element if tree.document is not None else None
    language = (root.getattr("lang") if root is not None else "") or meta.get("og:locale", "")
    return PageFacts(
        title=_without_outlet(one_line(title), publisher),
        author="" if author.startswith("http") else one_line(author),
        publisher=one_line(publisher),
        published_at=_published(node, meta, tree) or _day_in(url) or _day_in(canonical),
        canonical_url=canonical,
        language=language.replace("_", "-").split("-")[0].lower()[:8],
        text=_stated_text(node),
    )


def _select(tree: HTMLTree, selector: str) -> Sequence[ElementNode]:
    """The elements that a CSS selector names, in the order of the page."""
    # A slice, for a list of elements searches the page again at each step through it.
    return tree.document.query_selector_all(selector)[:] if tree.document is not None else ()


def _meta(tags: Iterable[ElementNode]) -> dict[str, str]:
    """Meta tags by their lower-cased name, property or itemprop; the first of a name counts."""
    found: dict[str, str] = {}
    for tag in tags:
        name = tag.getattr("property") or tag.getattr("name") or tag.getattr("itemprop")
        content = tag.getattr("content")
        if name and content:
            found.setdefault(name.strip().lower(), content.strip())
            for item in (tag.getattr("itemprop") or "").lower().split():
                found.setdefault(item, content.strip())
    return found


def _article_node(scripts: Iterable[str]) -> dict[str, Any]:
    """The JSON-LD object that describes the article: the first with a headline or a date, news types before others."""
    best: dict[str, Any] = {}
    for script in scripts:
        try:
            data = json.loads(script.strip().rstrip(";"), strict=False)
        except (ValueError, RecursionError):
            continue
        for node in _nodes(data):
            kind = str(node.get("@type", ""))
            if "headline" not in node and "datePublished" not in node:
                continue
            if "Article" in kind or "Posting" in kind or "Report" in kind:
                return node
            best = best or node
    return best


def _nodes(data: Any) -> Iterator[dict[str, Any]]:
    """All objects, outer ones first; a bound keeps a hostile page cheap."""
    waiting = [data]
    for _ in range(_MAX_NODES):
        if not waiting:
            return
        item = waiting.pop(0)
        if isinstance(item, dict):
            yield item
            waiting += [value for value in item.values() if isinstance(value, (dict, list))]
        elif isinstance(item, list):
            waiting += item


def _text(value: Any) -> str:
    """A string as it is meant: many pages escape it once too often (`&#8217;`)."""
    return unescape(value) if isinstance(value, str) else ""


def _stated_text(node: dict[str, Any]) -> str:
    text = _text(node.get("articleBody"))
    return _TAG.sub("\n", text) if "<" in text else text


def _name(value: Any) -> str:
    """The name in a string, an object with a name, or a list of either."""
    if isinstance(value, list):
        return ", ".join(name for item in value[:10] if (name := _name(item)))
    if isinstance(value, dict):
        return _name(value.get("name"))
    return _text(value)


def _published(node: dict[str, Any], meta: dict[str, str], tree: HTMLTree) -> str:
    values = (_text(node.get("datePublished")), *(meta.get(n, "") for n in _DATE_NAMES), _text(node.get("dateCreated")))
    for value in values:
        if value and (found := parse_date(value)):
            return found
    return _shown_date(tree)


def _shown_date(tree: HTMLTree) -> str:
    """The date that readers see: marked up as such, in a <time>, or in an element whose class says date."""
    for tag in _select(tree, '[itemprop*="datePublished"]'):
        if found := parse_date(tag.getattr("content") or tag.getattr("datetime") or _short_text(tag)):
            return found
    times = [
        (tag, found)
        for tag in _select(tree, "time")
        if (found := parse_date(tag.getattr("datetime") or _short_text(tag)))
    ]
    if times:
        return next((found for tag, found in times if not _is_elsewhere(tag)), times[0][1])
    for tag in _select(tree, _DATED):
        if (found := parse_date(_short_text(tag))) and not _is_elsewhere(tag):
            return found
    return ""


def _is_elsewhere(tag: ElementNode) -> bool:
    above = tag.parent_element
    while above is not None:
        if _ELSEWHERE.search(above.class_name or ""):
            return True
        above = above.parent_element
    return False


def _short_text(tag: ElementNode) -> str:
    """The words of an element that may be a date; "" for more than a date."""
    text = " ".join((tag.text or "").split())
    return text if len(text) <= _LONGEST_DATE else ""


def _day_in(url: str) -> str:
    """The day that an address names, as `/2031/02/16/` or `-20310216`."""
    found = _DAY_IN_URL.search(url)
    return parse_date("-".join(part for part in found.groups() if part)) if found else ""


def _canonical(link: str, node: dict[str, Any], url: str) -> str:
    """The canonical link; when the page names itself there, the work it says it is based on."""
    try:
        canonical = urljoin(url, link.strip()) if link.strip() else ""
    except ValueError:
        canonical = ""
    based_on = node.get("isBasedOn") or node.get("isBasedOnUrl")
    if isinstance(based_on, list):
        based_on = based_on[0] if based_on else ""
    if isinstance(based_on, dict):
        based_on = based_on.get("url") or based_on.get("@id")
    based_on = _text(based_on)
    return based_on if based_on.startswith("http") and canonical in ("", url) else canonical


def _heading(tree: HTMLTree) -> str:
    headings = [text for tag in _select(tree, "h1") if (text := (tag.text or "").strip())]
    return headings[0] if len(headings) == 1 else tree.title or ""


def _without_outlet(title: str, publisher: str) -> str:
    """`Harbour shut | Harbour Post` without the outlet behind the bar."""
    for mark in (" | ", " - ", " – ", " — ", " :: ", " • "):
        head, found, end = title.rpartition(mark)
        if found and publisher and end.strip().casefold() == publisher.strip().casefold():
            return head.strip()
    return title
