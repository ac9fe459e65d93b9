"""What the markup of a page tells about its running text that an extractor does not look at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree, html

__all__ = ["TROUBLE", "drop_cards", "paragraphs", "parse", "whole_article"]

#: What parsers and extractors raise on broken or hostile pages (lxml's errors are SyntaxError or ValueError kin).
TROUBLE = (
    ValueError, TypeError, LookupError, AttributeError, RecursionError, SyntaxError, AssertionError, OverflowError,
)  # fmt: skip
#: Elements that trafilatura throws away later on, after it has copied and searched the page with them three times ...
_NEVER_TEXT = ("script", "style", "link", "meta", "svg", "iframe", "nav", "footer", "aside", "button", "select")
#: ... and the paragraphs that stand in no other element of the kind.
_OWN_PARAGRAPHS = etree.XPath(
    "//p[not(ancestor::noscript or ancestor::template or ancestor::header or ancestor::form)]"
)
_TEXT_TAGS = ("p", "h2", "h3", "h4", "li", "blockquote", "pre")
#: Words of a paragraph that shows which containers hold the article ...
_TELLING = 10
#: ... and how much the containers of the same class must add before the article counts as divided among them.
_MIN_MORE = 0.5
#: Share of the extracted text that must stand in such containers.
_MIN_KNOWN = 0.6


def parse(page: str) -> Any:
    """The page as an lxml tree, without what is never running text; None when there is nothing to parse."""
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    # One class for all elements, which no Python function must be called for to choose.
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=html.HtmlElement))
    try:
        tree = html.document_fromstring(page.encode(), parser=parser)
    except (etree.LxmlError, *TROUBLE):
        return None
    etree.strip_elements(tree, *_NEVER_TEXT, with_tail=False)
    return tree


def drop_cards(tree: Any) -> None:
    """Take cards out of the running text: a picture with several links inside a paragraph, opened over a name.

    Their words are glued to those of the sentence, and the headlines in them are of other stories.
    """
    for picture in list(tree.iter("img")):
        card = picture.getparent()
        while card is not None and card.tag in ("span", "div", "a") and sum(1 for _ in card.iter("a")) < 2:
            card = card.getparent()
        if card is not None and card.tag in ("span", "div") and _inside_paragraph(card):
            card.drop_tree()


def _inside_paragraph(element: Any) -> bool:
    return any(above.tag == "p" for above in element.iterancestors())


def _text(element: Any) -> str:
    return " ".join(element.text_content().split())


def _own_paragraphs(tree: Any) -> Iterator[tuple[Any, str]]:
    """The paragraphs that stand in no header, form or the like, with their text."""
    for tag in _OWN_PARAGRAPHS(tree):
        if text := _text(tag):
            yield tag, text


def paragraphs(tree: Any) -> str:
    """The text of the page's paragraphs, for pages on which the extractor gives up; "" when it is next to nothing."""
    text = "\n".join(text for _, text in _own_paragraphs(tree))
    return text if len(text) >= 80 else ""


def whole_article(tree: Any, found: str) -> str:
    """The text of all containers that an article is divided among, "" when `found` is not just one part of it.

    Some sites cut the article into several containers, with advertisements between them, and extractors settle for the
    one with most text. The others give themselves away: they have the same class.
    """
    lines = {" ".join(line.split()) for line in found.split("\n")}
    known = more = 0
    parents: dict[tuple[str, str], list[Any]] = {}
    counts: dict[tuple[str, str], tuple[int, int]] = {}
    for tag, text in _own_paragraphs(tree):
        parent, words = tag.getparent(), text.count(" ") + 1
        key = (parent.tag, parent.get("class") or "")
        if words < _TELLING or not key[1]:
            continue
        place = parents.setdefault(key, [])
        if not place or place[-1] is not parent:
            place.append(parent)
        inside, outside = counts.get(key, (0, 0))
        counts[key] = (inside + words, outside) if text in lines else (inside, outside + words)
    for key, (inside, outside) in counts.items():
        if inside and len(parents[key]) > 1:
            known, more = known + inside, more + outside
    words = found.count(" ") + 1
    if known < _MIN_KNOWN * words or more < _MIN_MORE * words:
        return ""
    split = [parent for key, places in parents.items() if counts[key][0] and len(places) > 1 for parent in places]
    return _joined(tree, frozenset(split))


def _joined(tree: Any, containers: frozenset[Any]) -> str:
    """The text blocks right below these containers, in the order of the page."""
    pieces = []
    for container in tree.iter("div", "section", "article", "main", "td"):
        if container in containers:
            blocks = (child for child in container if child.tag in (*_TEXT_TAGS, "ul", "ol"))
            pieces += [text for block in blocks if (text := _text(block))]
    return "\n".join(pieces)
