"""A Scrapy item pipeline that says of every article whether it is new, and leaves out copies where that is wanted."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

from dedup.config import Config
from dedup.errors import ConfigError, DedupError
from dedup.index import Index, Relation, Verdict
from dedup.intake import take_in
from dedup.readers.fields import Names, names_of, raw_record
from dedup.readers.source import Source
from dedup.records import Article, Skipped

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

__all__ = ["DedupPipeline", "PipelineConfig"]

T = TypeVar("T")
_log = logging.getLogger(__name__)
#: What DEDUP_DROP may say beside the names of relations.
_DROPS: Mapping[str, frozenset[Relation]] = {
    "none": frozenset(),
    "copies": frozenset({Relation.COPY_OF}),
    "all": frozenset({Relation.COPY_OF, Relation.REVISION_OF, Relation.PARTIAL_OF, Relation.REWRITE_OF}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineConfig:
    """What the settings of a crawl ask of the pipeline."""

    index: str
    """DEDUP_INDEX: a path, `sqlite:///path` or `postgresql://...`; made if there is none."""
    drop: frozenset[Relation] = frozenset()
    """DEDUP_DROP: none, copies, all, or names of relations."""
    add: bool = True
    """DEDUP_ADD: whether articles are put into the index; otherwise they are only checked."""
    related: bool = False
    """DEDUP_RELATED: also look for independent reports of the same event, if no copy is found."""
    patience: float = 60.0
    """DEDUP_PATIENCE: seconds to wait for another writer of the index."""
    options: Config = field(default_factory=Config)
    """DEDUP_CONFIG: a TOML file of options; DEDUP_FIELDS: what items call our fields."""
    chosen: bool = False
    """Whether DEDUP_CONFIG was given; otherwise an index keeps the options it was made with."""

    @classmethod
    def from_settings(cls, settings: Any) -> PipelineConfig:
        """The options of a crawl.

        Raises:
            ConfigError: one is missing or has a value that cannot be meant.
        """
        index = settings.get("DEDUP_INDEX")
        if not index:
            raise ConfigError("DEDUP_INDEX is not set: the pipeline needs the path or the address of an index")
        path = settings.get("DEDUP_CONFIG")
        options = Config.from_toml(path) if path else Config()
        fields = {**options.read.fields, **settings.getdict("DEDUP_FIELDS")}
        return cls(
            index=str(index),
            drop=_dropped(settings.get("DEDUP_DROP", "none")),
            add=settings.getbool("DEDUP_ADD", True),
            related=settings.getbool("DEDUP_RELATED", False),
            patience=settings.getfloat("DEDUP_PATIENCE", 60.0),
            options=options.replace(read=replace(options.read, fields=fields)),
            chosen=bool(path),
        )


def _dropped(value: Any) -> frozenset[Relation]:
    names = value.replace(",", " ").split() if isinstance(value, str) else list(value or ["none"])
    try:
        return frozenset().union(*(_DROPS.get(str(name)) or _relation(str(name)) for name in names))
    except ValueError:
        known = ", ".join((*_DROPS, *(str(relation) for relation in Relation if relation is not Relation.NEW)))
        raise ConfigError(f"DEDUP_DROP takes {known}, not {value!r}") from None


def _relation(name: str) -> frozenset[Relation]:
    if name == Relation.NEW:
        raise ValueError(name)
    return frozenset() if name == "none" else frozenset({Relation(name)})


class DedupPipeline:
    """Writes `dedup_relation`, `dedup_of` and `dedup_confidence` into every item that holds an article.

    The index is asked in a thread of its own, so that the crawl goes on meanwhile. An item without a text passes as it
    is, and so does one that cannot be checked because the index cannot be reached: nothing is lost for that.
    """

    def __init__(self, config: PipelineConfig, count: Callable[[str], None] = lambda name: None) -> None:
        """Scrapy calls `from_crawler`.

        Args:
            count: called with the name of what happened to an item, say `dedup/new`.
        """
        self._config = config
        self._count = count
        self._names: Names = names_of(config.options.read)
        self._index: Index | None = None
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="dedup")
        self._told: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> DedupPipeline:
        """The pipeline of a crawl, from its settings."""
        stats = crawler.stats
        assert stats is not None
        return cls(PipelineConfig.from_settings(crawler.settings), lambda name: stats.inc_value(name))

    def open_spider(self) -> None:
        """Open the index, or fail before anything is fetched."""
        config = self._config
        self._index = Index.open(
            config.index, config=config.options if config.chosen else None, patience=config.patience
        )

    def close_spider(self) -> None:
        """Close it."""
        self._pool.shutdown()
        if self._index is not None:
            self._index.close()

    async def process_item(self, item: Any) -> Any:
        """The item with what was found.

        Raises:
            DropItem: it is to an earlier article what DEDUP_DROP names.
        """
        from itemadapter import ItemAdapter
        from scrapy.exceptions import DropItem

        adapter = ItemAdapter(item)
        fields = adapter.asdict()
        try:
            verdict = await self._aside(lambda: self._judged(fields))
        except DedupError as error:
            self._count("dedup/unchecked")
            _log.error("an item passes unchecked: %s", error)
            return item
        if isinstance(verdict, Skipped):
            self._count("dedup/no_article")
            self._once(f"items without an article pass unchecked: {verdict.reason}; {verdict.detail}".rstrip("; "))
            return item
        self._count("dedup/known" if verdict.known else f"dedup/{verdict.relation}")
        if verdict.relation in self._config.drop:
            self._count("dedup/dropped")
            raise DropItem(_sentence(verdict), log_level="INFO")
        self._write(adapter, verdict)
        return item

    def _judged(self, fields: Mapping[str, Any]) -> Verdict | Skipped:
        """What the article of an item is to those in the index, which it joins."""
        assert self._index is not None
        article = self._article(fields)
        if isinstance(article, Skipped):
            return article
        judge = self._index.check_and_add if self._config.add else self._index.check
        return judge(article, related=self._config.related)

    def _article(self, fields: Mapping[str, Any]) -> Article | Skipped:
        """The article that an item holds, under its own id or its address."""
        here = Source(path=None, name="item", id="", suffix="")
        record = raw_record(fields, self._names, here, 0, self._config.options.read)
        if isinstance(record, Skipped):
            return record
        id = record.id if record.id != "#0" else record.url
        if not id:
            return Skipped(source="item", stage="read", reason="no id", detail="an item needs a url or an id")
        return take_in(replace(record, id=id, source=record.url or id), self._config.options)

    def _write(self, adapter: Any, verdict: Verdict) -> None:
        first = verdict.matches[0] if verdict.matches else None
        values = {
            "dedup_relation": str(verdict.relation),
            "dedup_of": first.id if first else None,
            "dedup_confidence": round(first.confidence, 4) if first else None,
        }
        for name, value in values.items():
            try:
                adapter[name] = value
            except KeyError:
                self._once(f"{type(adapter.item).__name__} has no field {name}, so it is not told there")

    async def _aside(self, work: Callable[[], T]) -> T:
        """What the work returns, done in the pipeline's thread; without asyncio, in one of Scrapy's."""
        from scrapy.utils.asyncio import is_asyncio_available, run_in_thread

        if is_asyncio_available():
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        return await run_in_thread(work)

    def _once(self, remark: str) -> None:
        if remark not in self._told:
            self._told.add(remark)
            _log.warning(remark)


def _sentence(verdict: Verdict) -> str:
    if verdict.known:
        return f"{verdict.article} is in the index already, word for word"
    first = verdict.matches[0]
    what = "revision" if verdict.relation is Relation.REVISION_OF else first.verdict
    return f"{verdict.article} is left out: {what}, of {first.id} ({first.confidence:.0%} sure)"
