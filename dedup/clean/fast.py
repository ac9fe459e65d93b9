"""The fast way to an article's text: resiliparse, whose rules over the markup run in compiled code."""

from __future__ import annotations

from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import DOMContext, HTMLTree, traverse_dom

__all__ = ["fast_text"]

#: Elements that are no running text wherever they stand, as their names say; resiliparse knows most others.
_BESIDE = (
    "header",
    *(f'[class*="{word}" i]' for word in ("caption", "gallery", "consent", "cookie", "newsletter")),
    *(f'[class*="{word}" i]' for word in ("related", "popular", "footer")),
)
#: Characters. So little text may be all that is left when the names above are those of the page's own container ...
_LITTLE = 250
#: ... which shows when with these elements there is so many times as much.
_FAR_MORE = 2
#: The time that resiliparse takes grows with the depth of an element, to minutes for a page nested on purpose.
_DEEPEST = 1000
#: No page with fewer tags needs to be measured for that.
_MANY_TAGS = 10_000


def fast_text(page: str, tree: HTMLTree) -> str:
    """The article's text, one line a paragraph; "" when there is none, or the page is nested too deeply.

    Args:
        page: the markup.
        tree: the same, parsed; it is not changed.
    """
    if page.count("<") > _MANY_TAGS and _depth(tree) > _DEEPEST:
        return ""
    text = _extracted(tree, _BESIDE)
    if len(text) < _LITTLE:
        whole = _extracted(tree, ())
        text = whole if len(whole) > _FAR_MORE * len(text) else text
    return text


def _extracted(tree: HTMLTree, beside: tuple[str, ...]) -> str:
    text = extract_plain_text(
        tree,
        main_content=True,
        list_bullets=False,
        alt_texts=False,
        comments=False,
        post_meta=False,
        skip_elements=beside,
    )
    return "\n".join(stripped for line in text.split("\n") if (stripped := line.strip()))


def _depth(tree: HTMLTree) -> int:
    """How deeply elements are nested."""
    deepest = 0

    def look(place: DOMContext) -> None:
        nonlocal deepest
        deepest = max(deepest, place.depth)

    if tree.document is not None:
        traverse_dom(tree.document, look, elements_only=True)
    return deepest
