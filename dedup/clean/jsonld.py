"""What a page says about itself to machines: JSON-LD, Open Graph, meta tags and the canonical link."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from dedup.clean.dates import parse_date
from dedup.clean.plain import one_line

__all__ = ["PageFacts", "page_facts"]

_DATE_NAMES = (
    "article:published_time", "og:article:published_time", "datepublished", "date.published", "publish-date",
    "publishdate", "pubdate", "parsely-pub-date", "sailthru.date", "dc.date.issued", "dcterms.created", "dcterms.date",
    "dc.date", "date", "cxenseparse:recs:publishtime", "article.published", "originalpublicationdate",
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


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFacts:
    """A page's own statements; "" where it makes none."""

    title: str
    author: str
    publisher: str
    published_at: str
    canonical_url: str
    language: str


def page_facts(tree: Any, url: str) -> PageFacts:
    """The facts that the page states, the machine-readable ones first.

    Args:
        tree: the parsed page, an lxml element.
        url: the page's own address, which relative links are relative to.
    """
    meta = _meta(tree)
    node = _article_node(tree)
    publisher = _name(node.get("publisher")) or meta.get("og:site_name", "") or meta.get("application-name", "")
    title = _text(node.get("headline")) or meta.get("og:title", "") or meta.get("twitter:title", "") or _heading(tree)
    author = _name(node.get("author")) or next((meta[name] for name in _AUTHOR_NAMES if meta.get(name)), "")
    return PageFacts(
        title=_without_outlet(one_line(title), publisher),
        author="" if author.startswith("http") else one_line(author),
        publisher=one_line(publisher),
        published_at=_published(node, meta, tree),
        canonical_url=_canonical(tree, node, url),
        language=(tree.get("lang") or meta.get("og:locale", "")).replace("_", "-").split("-")[0].lower()[:8],
    )


def _meta(tree: Any) -> dict[str, str]:
    """Meta tags by their lower-cased name, property or itemprop; the first of a name counts."""
    found: dict[str, str] = {}
    for tag in tree.iter("meta"):
        name = tag.get("property") or tag.get("name") or tag.get("itemprop")
        content = tag.get("content")
        if name and content:
            found.setdefault(name.strip().lower(), content.strip())
    return found


def _article_node(tree: Any) -> dict[str, Any]:
    """The JSON-LD object that describes the article: the first with a headline or a date, news types before others."""
    best: dict[str, Any] = {}
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower() or not script.text:
            continue
        try:
            data = json.loads(script.text.strip().rstrip(";"), strict=False)
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
    return value if isinstance(value, str) else ""


def _name(value: Any) -> str:
    """The name in a string, an object with a name, or a list of either."""
    if isinstance(value, list):
        return ", ".join(name for item in value[:10] if (name := _name(item)))
    if isinstance(value, dict):
        return _name(value.get("name"))
    return _text(value)


def _published(node: dict[str, Any], meta: dict[str, str], tree: Any) -> str:
    values = (_text(node.get("datePublished")), *(meta.get(n, "") for n in _DATE_NAMES), _text(node.get("dateCreated")))
    for value in values:
        if value and (found := parse_date(value)):
            return found
    for tag in tree.iter("time"):
        if found := parse_date(tag.get("datetime") or tag.text or ""):
            return found
    return ""


def _canonical(tree: Any, node: dict[str, Any], url: str) -> str:
    """The canonical link; when the page names itself there, the work it says it is based on."""
    links = (tag.get("href") or "" for tag in tree.iter("link") if (tag.get("rel") or "").lower() == "canonical")
    try:
        canonical = urljoin(url, link) if (link := next(links, "").strip()) else ""
    except ValueError:
        canonical = ""
    based_on = node.get("isBasedOn") or node.get("isBasedOnUrl")
    if isinstance(based_on, list):
        based_on = based_on[0] if based_on else ""
    if isinstance(based_on, dict):
        based_on = based_on.get("url") or based_on.get("@id")
    based_on = _text(based_on)
    return based_on if based_on.startswith("http") and canonical in ("", url) else canonical


def _heading(tree: Any) -> str:
    headings = [text for tag in tree.iter("h1") if (text := tag.text_content().strip())]
    if len(headings) == 1:
        return str(headings[0])
    return str(next((tag.text_content() for tag in tree.iter("title")), ""))


def _without_outlet(title: str, publisher: str) -> str:
    """`Harbour shut | Harbour Post` without the outlet behind the bar."""
    for mark in (" | ", " - ", " – ", " — ", " :: ", " • "):
        head, found, end = title.rpartition(mark)
        if found and publisher and end.strip().casefold() == publisher.strip().casefold():
            return head.strip()
    return title
