"""Articles of a run, kept as compact UTF-8 and made into `Article` records only when someone looks at one."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from itertools import accumulate
from typing import overload

import numpy as np
import orjson
from numpy.typing import NDArray

from dedup.records import Article, Furniture
from dedup.store import FileSlice

__all__ = ["ArticlePage", "ArticleStore", "merge_furniture", "whole"]

_FIELDS = tuple(f.name for f in fields(Article))
_META = tuple(name for name in _FIELDS if name not in ("body", "furniture"))


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """A batch of articles: each one's fields as JSON, then its body, back to back in one piece of bytes."""

    data: bytes | FileSlice
    """The bytes, in memory or in a file."""
    offsets: NDArray[np.int64]
    """int64[2N + 1]: fields of article i at [2i]:[2i + 1], its body at [2i + 1]:[2i + 2]."""

    @classmethod
    def pack(cls, articles: Sequence[Article]) -> ArticlePage:
        """The page that holds these articles."""
        parts: list[bytes] = []
        for article in articles:
            values = [getattr(article, name) for name in _META]
            spans = [(f.start, f.end, f.kind) for f in article.furniture]
            parts.append(orjson.dumps([values, spans]))
            parts.append(article.body.encode())
        offsets = np.zeros(len(parts) + 1, np.int64)
        np.cumsum(np.fromiter(map(len, parts), np.int64, len(parts)), out=offsets[1:])
        return cls(b"".join(parts), offsets)

    def __len__(self) -> int:
        return len(self.offsets) // 2

    def unpack(self, index: int) -> Article:
        """Article `index` of the page."""
        first, middle, end = (int(x) for x in self.offsets[2 * index : 2 * index + 3])
        values, spans = orjson.loads(self.data[first:middle])
        furniture = tuple(Furniture(*span) for span in spans)
        return Article(
            **dict(zip(_META, values, strict=True)), body=str(self.data[middle:end], "utf-8"), furniture=furniture
        )

    def head(self, index: int) -> Article:
        """Article `index` without body and furniture."""
        first, middle = (int(x) for x in self.offsets[2 * index : 2 * index + 2])
        return Article(**dict(zip(_META, orjson.loads(self.data[first:middle])[0], strict=True)), body="")


class ArticleStore(Sequence[Article]):
    """A read-only sequence of articles over pages, in a given order, with ids and later furniture laid over them.

    Example:
        >>> page = ArticlePage.pack([Article(id="b", body="two"), Article(id="a", body="one")])
        >>> store = ArticleStore([page], order=[1, 0])
        >>> [article.id for article in store], store[1].body
        (['a', 'b'], 'two')
    """

    def __init__(
        self,
        pages: Sequence[ArticlePage],
        order: Sequence[int] | NDArray[np.integer],
        ids: Sequence[str] | None = None,
        furniture: dict[int, tuple[Furniture, ...]] | None = None,
    ) -> None:
        """Articles `order[0]`, `order[1]`, ... counted over all pages.

        Args:
            ids: new ids by place in the order, where the articles' own were not distinct.
            furniture: what is known of article `i` of the order beyond what its page says.
        """
        self._pages = pages
        self._order = np.asarray(order, np.int64)
        self._starts = [0, *accumulate(map(len, pages))]
        self._ids = ids
        self._furniture = furniture or {}

    def __len__(self) -> int:
        return len(self._order)

    @overload
    def __getitem__(self, index: int) -> Article: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Article]: ...
    def __getitem__(self, index: int | slice) -> Article | Sequence[Article]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        place = range(len(self))[index]
        at = int(self._order[place])
        page = bisect_right(self._starts, at) - 1
        article = self._pages[page].unpack(at - self._starts[page])
        return self._overlaid(article, place)

    def __iter__(self) -> Iterator[Article]:
        return (self[i] for i in range(len(self)))

    def heads(self) -> Iterator[Article]:
        """The articles without bodies and furniture: all that tables need, at a third of the time."""
        for place, at in enumerate(self._order.tolist()):
            page = bisect_right(self._starts, at) - 1
            head = self._pages[page].head(at - self._starts[page])
            new_id = self._ids[place] if self._ids is not None else head.id
            yield head if new_id == head.id else replace(head, id=new_id)

    def _overlaid(self, article: Article, place: int) -> Article:
        new_id = self._ids[place] if self._ids is not None else article.id
        more = self._furniture.get(place)
        if new_id == article.id and not more:
            return article
        values = {name: getattr(article, name) for name in _FIELDS}
        values["id"] = new_id
        if more:
            values["furniture"] = merge_furniture([*article.furniture, *more])
        return Article(**values)


def whole(article: Article) -> Article:
    """The article with U+FFFD in place of half surrogate pairs, which no file could hold."""
    values = {name: getattr(article, name) for name in _FIELDS if name != "furniture"}
    if all(value.isascii() for value in values.values()):
        return article
    safe = {name: value.encode("utf-16", "surrogatepass").decode("utf-16", "replace") for name, value in values.items()}
    return article if safe == values else replace(article, **safe)


def merge_furniture(spans: Iterable[Furniture]) -> tuple[Furniture, ...]:
    """The spans in order of place, none inside another."""
    kept: list[Furniture] = []
    for span in sorted(spans, key=lambda f: (f.start, -f.end, f.kind)):
        if not kept or span.end > kept[-1].end:
            kept.append(span)
    return tuple(kept)
