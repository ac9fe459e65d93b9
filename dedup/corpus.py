"""Articles of a run, kept as compact UTF-8 and made into `Article` records only when someone looks at one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import groupby, starmap
from operator import attrgetter, itemgetter
from typing import overload

import numpy as np
import orjson
from numpy.typing import NDArray

from dedup.records import Article, Furniture
from dedup.store import FileSlice

__all__ = ["ArticlePage", "ArticleStore", "Repeated", "merge_furniture", "whole"]

_FIELDS = tuple(f.name for f in fields(Article))
_META = tuple(name for name in _FIELDS if name not in ("body", "furniture"))
_ID = _META.index("id")
_meta = attrgetter(*_META)
#: Parts of an article's record.
_HEAD, _BODY = 0, 1
#: Articles that are read together: with bodies, and without.
_AT_ONCE, _HEADS_AT_ONCE = 512, 8192


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """A batch of articles in one piece of bytes: the fields of each as JSON, one after the other, then all bodies.

    Fields of many articles are asked for without their bodies, which are far longer: so they are one read.
    """

    data: bytes | FileSlice
    """The bytes, in memory or in a file."""
    offsets: NDArray[np.int64]
    """int64[2N + 1]: fields of article i at [i]:[i + 1], its body at [N + i]:[N + i + 1]."""

    @classmethod
    def pack(
        cls,
        articles: Sequence[Article],
        bodies: Sequence[bytes] | None = None,
        furniture: Sequence[tuple[Furniture, ...]] | None = None,
    ) -> ArticlePage:
        """The page that holds these articles.

        Args:
            bodies: their bodies in UTF-8, if someone has them already.
            furniture: what takes the place of their own.
        """
        parts: list[bytes] = []
        for article, pieces in zip(articles, furniture or [article.furniture for article in articles], strict=True):
            parts.append(orjson.dumps([_meta(article), [(f.start, f.end, f.kind) for f in pieces]]))
        parts += bodies or [article.body.encode() for article in articles]
        offsets = np.zeros(len(parts) + 1, np.int64)
        np.cumsum(np.fromiter(map(len, parts), np.int64, len(parts)), out=offsets[1:])
        return cls(b"".join(parts), offsets)

    def __len__(self) -> int:
        return len(self.offsets) // 2

    def record(self, index: int) -> tuple[list[str], list[tuple[int, int, str]], bytes]:
        """Article `index` as its fields in the order of Article's own, its furniture, and its body in UTF-8."""
        head, body = self.parts([self.bounds(index, _HEAD), self.bounds(index, _BODY)])
        values, spans = orjson.loads(head)
        return values, spans, body

    def bounds(self, index: int, part: int) -> tuple[int, int]:
        """Where a part of article `index` lies in the bytes: _HEAD, its fields, or _BODY."""
        first, end = self.offsets[part * len(self) + index :][:2].tolist()
        return first, end

    def unpack(self, index: int) -> Article:
        """Article `index` of the page."""
        values, spans, body = self.record(index)
        return _article(values, body, starmap(Furniture, spans))

    def parts(self, bounds: Iterable[tuple[int, int]]) -> list[bytes]:
        """Stretches of the bytes, best in their order."""
        if isinstance(self.data, FileSlice):
            return self.data.parts(bounds)
        return [self.data[first:last] for first, last in bounds]


def _article(values: Iterable[str], body: bytes = b"", furniture: Iterable[Furniture] = ()) -> Article:
    return Article(**dict(zip(_META, values, strict=True)), body=str(body, "utf-8"), furniture=tuple(furniture))


@dataclass(frozen=True, slots=True)
class Repeated:
    """Furniture by repetition: article i has spans[offsets[i]:offsets[i + 1]]."""

    offsets: NDArray[np.int64]
    """int64[N + 1]."""
    spans: NDArray[np.uint32]
    """uint32[M, 2]: first character and end."""

    def get(self, place: int) -> tuple[Furniture, ...]:
        """The furniture of one article."""
        rows = self.spans[self.offsets[place] : self.offsets[place + 1]].tolist()
        return tuple(Furniture(start, end, "repeated") for start, end in rows)


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
        furniture: Mapping[int, tuple[Furniture, ...]] | Repeated | None = None,
    ) -> None:
        """Articles `order[0]`, `order[1]`, ... counted over all pages.

        Args:
            ids: new ids by place in the order, where the articles' own were not distinct.
            furniture: what is known of article `i` of the order beyond what its page says.
        """
        self._pages = pages
        self._order = np.asarray(order, np.int64)
        self._starts = np.cumsum([0, *map(len, pages)])
        self._offsets = np.concatenate([np.empty(0, np.int64), *(page.offsets for page in pages)])
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
            return self.take(range(*index.indices(len(self))))
        place = range(len(self))[index]
        at = int(self._order[place])
        page = int(np.searchsorted(self._starts, at, "right")) - 1
        values, spans, body = self._pages[page].record(at - int(self._starts[page]))
        return self._overlaid(place, values, spans, body)

    def __iter__(self) -> Iterator[Article]:
        for places in _chunks(range(len(self)), _AT_ONCE):
            yield from self.take(places)

    def take(self, places: Sequence[int]) -> list[Article]:
        """The articles at these places: one look at every file they lie in, not one for each."""
        heads = self._fields(places)
        bodies = self.bodies(places)
        return [
            self._overlaid(place, values, spans, body)
            for place, (values, spans), body in zip(places, heads, bodies, strict=True)
        ]

    def bodies(self, places: Sequence[int]) -> list[bytes]:
        """The bodies of the articles at these places, as UTF-8."""
        return self._read(places, _BODY)

    def heads(self, places: Sequence[int] | None = None) -> Iterator[Article]:
        """The articles at these places, or all, without bodies and furniture."""
        for some in _chunks(range(len(self)) if places is None else places, _HEADS_AT_ONCE):
            yield from (_article(values) for values, _ in self._fields(some))

    def columns(self, *names: str, places: Sequence[int] | None = None) -> Iterator[tuple[str, ...]]:
        """The fields with these names, two or more, of the articles at these places, or of all; no record is made."""
        chosen = itemgetter(*map(_META.index, names))
        for some in _chunks(range(len(self)) if places is None else places, _HEADS_AT_ONCE):
            yield from (chosen(values) for values, _ in self._fields(some))

    def _fields(self, places: Sequence[int]) -> Iterator[tuple[list[str], list[tuple[int, int, str]]]]:
        """The fields of the articles at these places, in the order of Article's but without body; and furniture."""
        for place, record in zip(places, self._read(places, _HEAD), strict=True):
            values, spans = orjson.loads(record)
            if self._ids is not None:
                values[_ID] = self._ids[place]
            yield values, spans

    def _overlaid(self, place: int, values: list[str], spans: Iterable[tuple[int, int, str]], body: bytes) -> Article:
        if self._ids is not None:
            values[_ID] = self._ids[place]
        known, more = starmap(Furniture, spans), self._furniture.get(place)
        return _article(values, body, merge_furniture([*known, *more]) if more else known)

    def _read(self, places: Sequence[int], part: int) -> list[bytes]:
        """One part, _HEAD or _BODY, of the records of the articles at these places."""
        at = self._order[np.asarray(places, np.int64)]
        order = np.argsort(at)
        pages = np.searchsorted(self._starts, at[order], "right") - 1
        bound = at[order] + self._starts[pages] + pages  # a page of N articles has 2 N + 1 offsets
        bound += part * (self._starts[pages + 1] - self._starts[pages])
        bounds = zip(self._offsets[bound].tolist(), self._offsets[bound + 1].tolist(), strict=True)
        found = [b""] * len(places)
        members = iter(order.tolist())
        for page, some in groupby(zip(pages.tolist(), bounds, strict=True), itemgetter(0)):
            for piece in self._pages[page].parts(bound for _, bound in some):
                found[next(members)] = piece
        return found


def _chunks(places: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    return (places[start : start + size] for start in range(0, len(places), size))


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
