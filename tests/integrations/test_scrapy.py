"""The pipeline in real crawls of a site on this machine, each in a process of its own that stops by itself."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from dedup import Article, Index
from dedup.errors import ConfigError
from dedup.index import Relation
from dedup.integrations.scrapy import PipelineConfig
from tests.conftest import FERRY

SPIDER = Path(__file__).parents[2] / "docs" / "examples" / "news_spider.py"
BEES = (
    "Bee keepers in the Orlo hills lost a third of their colonies last winter, a survey by the farm school shows. The "
    "mild December woke the swarms too early, and the frost of February killed them. Young queens are now bred on an "
    "island far from the mites of the mainland, and a jar of heather honey costs nine crowns."
)
PAGES = {
    "gazette/ferry.html": ("Tarnhaven Gazette", "Town sells its last ferry", FERRY),
    "post/maid.html": (
        "Velmora Post",
        "Maid of Orlo for sale",
        f"{FERRY}\n\nThe province must still agree, and wants to hear the islanders first.",
    ),
    "echo/bees.html": ("Orlo Echo", "A bad winter for bees", BEES),
}


def page(outlet: str, title: str, text: str) -> str:
    paragraphs = "".join(f"<p>{part}</p>" for part in text.split("\n\n"))
    return (
        f'<!DOCTYPE html><html lang="en"><head><title>{title}</title><meta property="og:site_name" content="{outlet}">'
        f"</head><body><nav>Home Sport Weather</nav><article><h1>{title}</h1>{paragraphs}</article></body></html>"
    )


class Site(ThreadingHTTPServer):
    """Three articles under two names of this machine, one of them with a front page; and the paths asked for."""

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        self.asked: list[str] = []
        super().__init__(("127.0.0.1", 0), partial(Pages, directory=str(folder)))

    @property
    def urls(self) -> dict[str, str]:
        """Addresses of the articles. Another host is another outlet."""
        hosts = {name: "localhost" if name.startswith("post/") else "127.0.0.1" for name in PAGES}
        return {name: f"http://{host}:{self.server_address[1]}/{name}" for name, host in hosts.items()}

    @property
    def start(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/,{self.urls['post/maid.html']}"


class Pages(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        self.server.asked.append(self.path)  # type: ignore[attr-defined]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    folder = tmp_path / "site"
    for name, (outlet, title, text) in PAGES.items():
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_text(page(outlet, title, text), "utf-8")
    links = "".join(f'<a href="{name}">{name}</a> ' for name in PAGES if not name.startswith("post/"))
    (folder / "index.html").write_text(f"<!DOCTYPE html><html><body>{links}</body></html>", "utf-8")
    with Site(folder) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


class Crawl:
    """A crawl that has ended: its items by the ends of their addresses, its counts and its log."""

    def __init__(self, items: Path, log: str) -> None:
        rows = [json.loads(line) for line in items.read_text("utf-8").splitlines()] if items.exists() else []
        self.items = {row["url"].rpartition("/")[2]: row for row in rows}
        self.counts = {name: int(count) for name, count in re.findall(r"'dedup/(\w+)': (\d+)", log)}
        self.log = log


Run = Callable[..., Crawl]


def command(spider: Path, start: str, items: Path, settings: dict[str, str]) -> list[str]:
    given = [word for name, value in settings.items() for word in ("-s", f"{name}={value}")]
    return [
        *(sys.executable, "-m", "scrapy", "runspider", str(spider), "-a", f"start={start}", "-O", str(items)),
        *("-s", "LOG_LEVEL=INFO", *given),
    ]


@pytest.fixture
def crawl(site: Site, tmp_path: Path) -> Run:
    """`crawl(DEDUP_DROP="copies")`: what a crawl of the site into crawl.db leaves."""

    def run(spider: Path = SPIDER, **settings: str) -> Crawl:
        items = tmp_path / "items.jsonl"
        call = command(spider, site.start, items, {"DEDUP_INDEX": str(tmp_path / "crawl.db"), **settings})
        done = subprocess.run(
            call, capture_output=True, text=True, encoding="utf-8", cwd=tmp_path, timeout=180, check=False
        )
        return Crawl(items, done.stdout + done.stderr)

    return run


@pytest.mark.parametrize("reactor", ["asyncioreactor.AsyncioSelectorReactor", "selectreactor.SelectReactor"])
def test_every_item_says_what_it_is_to_the_earlier_ones(crawl: Run, site: Site, tmp_path: Path, reactor: str) -> None:
    found = crawl(TWISTED_REACTOR=f"twisted.internet.{reactor}")
    assert sorted(found.items) == ["bees.html", "ferry.html", "maid.html"]
    bees = found.items["bees.html"]
    assert (bees["dedup_relation"], bees["dedup_of"], bees["dedup_confidence"]) == ("new", None, None)

    ferries = {found.items[name]["dedup_relation"]: found.items[name] for name in ("ferry.html", "maid.html")}
    assert sorted(ferries) == ["copy_of", "new"]
    assert ferries["copy_of"]["dedup_of"] == ferries["new"]["url"]
    assert ferries["copy_of"]["dedup_confidence"] > 0.9
    assert found.counts == {"new": 2, "copy_of": 1}

    with Index.open(tmp_path / "crawl.db", create=False) as index:
        assert {article.id for article in index.articles()} == set(site.urls.values())
        stored = index.get(site.urls["gazette/ferry.html"])
        assert stored
        assert (stored.publisher, stored.title) == ("Tarnhaven Gazette", "Town sells its last ferry")


def test_copies_are_left_out_with_a_sentence_and_a_second_crawl_finds_nothing_new(crawl: Run, site: Site) -> None:
    first = crawl(DEDUP_DROP="copies")
    assert len(first.items) == 2
    assert first.counts == {"new": 2, "copy_of": 1, "dropped": 1}
    assert re.search(r"Dropped: \S+ is left out: lightly edited copy, of \S+ \(\d+% sure\)", first.log)

    second = crawl(DEDUP_DROP="copies")
    assert second.items == {}
    assert second.counts == {"known": 3, "dropped": 3}
    assert f"{site.urls['echo/bees.html']} is in the index already, word for word" in second.log


def test_without_adding_the_index_stays_as_it_was(crawl: Run, tmp_path: Path) -> None:
    with Index.open(tmp_path / "crawl.db") as index:
        index.add(Article(id="earlier", body=BEES, publisher="Farm School"))
    found = crawl(DEDUP_ADD="False")
    assert found.items["bees.html"]["dedup_of"] == "earlier"
    assert found.counts == {"new": 2, "copy_of": 1}
    with Index.open(tmp_path / "crawl.db") as index:
        assert len(index) == 1


@pytest.fixture
def kinds(tmp_path: Path) -> Path:
    """A spider whose items are of several kinds."""
    spider = tmp_path / "kinds.py"
    spider.write_text(
        f"""
import dataclasses
import scrapy

class Full(scrapy.Item):
    url = scrapy.Field()
    article_body = scrapy.Field()
    dedup_relation = scrapy.Field()
    dedup_of = scrapy.Field()
    dedup_confidence = scrapy.Field()

class Narrow(scrapy.Item):
    url = scrapy.Field()
    article_body = scrapy.Field()

@dataclasses.dataclass
class Plain:
    url: str
    article_body: str
    dedup_relation: str = ""

class Kinds(scrapy.Spider):
    name = "kinds"
    custom_settings = {{
        "ITEM_PIPELINES": {{"dedup.integrations.scrapy.DedupPipeline": 300}},
        "DEDUP_FIELDS": {{"text": "article_body"}},
        "TELNETCONSOLE_ENABLED": False,
    }}

    def __init__(self, start):
        super().__init__()
        self.start_urls = start.split(",")[:1]

    def parse(self, response):
        yield Full(url="full", article_body={BEES!r})
        yield Narrow(url="narrow", article_body="The herons of the Velm marshes have come back after nine years.")
        yield Plain(url="plain", article_body={BEES!r} + " The survey will be repeated.")
        yield {{"url": "empty", "price": 3}}
        yield {{"url": "", "article_body": {BEES!r}}}
""",
        "utf-8",
    )
    return spider


def test_items_of_any_kind_pass_and_tell_as_much_as_they_have_fields_for(crawl: Run, kinds: Path) -> None:
    found = crawl(kinds)
    assert found.items["full"]["dedup_relation"] == "new"
    assert "dedup_relation" not in found.items["narrow"]
    assert found.items["plain"]["dedup_relation"] == "copy_of"
    assert found.items["empty"] == {"url": "empty", "price": 3}
    assert len(found.items) == 5
    assert found.counts == {"new": 2, "copy_of": 1, "no_article": 2}
    assert "Narrow has no field dedup_relation, so it is not told there" in found.log
    assert "items without an article pass unchecked: no text field; fields seen: url, price" in found.log
    assert "items without an article pass unchecked: no id; an item needs a url or an id" in found.log


def test_while_the_index_is_busy_the_crawl_goes_on_and_no_item_is_lost(site: Site, tmp_path: Path) -> None:
    Index.open(tmp_path / "crawl.db").close()
    items = tmp_path / "items.jsonl"
    call = command(SPIDER, site.start, items, {"DEDUP_INDEX": str(tmp_path / "crawl.db")})
    with closing(sqlite3.connect(tmp_path / "crawl.db", isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        process = subprocess.Popen(call, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd=tmp_path)
        for _ in range(600):
            if {f"/{name}" for name in PAGES} <= set(site.asked):
                break
            time.sleep(0.05)
        assert {f"/{name}" for name in PAGES} <= set(site.asked)  # all was fetched, though no item is through
        assert process.poll() is None
        writer.execute("ROLLBACK")
    _, log = process.communicate(timeout=120)
    assert Crawl(items, log).counts == {"new": 2, "copy_of": 1}


def test_an_index_that_stays_locked_lets_items_pass_unchecked(crawl: Run, tmp_path: Path) -> None:
    Index.open(tmp_path / "crawl.db").close()
    with closing(sqlite3.connect(tmp_path / "crawl.db", isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        found = crawl(DEDUP_PATIENCE="0.1", DEDUP_DROP="all")
    assert len(found.items) == 3
    assert found.counts == {"unchecked": 3}
    assert "an item passes unchecked: the index" in found.log


def test_a_wrong_setting_is_told_before_anything_is_fetched(crawl: Run, site: Site) -> None:
    found = crawl(DEDUP_DROP="duplicates")
    assert (
        "DEDUP_DROP takes none, copies, all, revision_of, copy_of, partial_of, rewrite_of, same_event, not 'duplicates'"
    ) in found.log
    assert site.asked == []


def test_an_index_that_cannot_be_opened_is_told_before_anything_is_fetched(crawl: Run, site: Site) -> None:
    found = crawl(DEDUP_INDEX="nowhere/crawl.db")
    assert "cannot be opened: is the folder there, and may you write in it?" in found.log
    assert site.asked == []


def test_the_index_must_be_named() -> None:
    from scrapy.settings import Settings

    with pytest.raises(ConfigError, match="DEDUP_INDEX is not set"):
        PipelineConfig.from_settings(Settings())


@pytest.mark.parametrize(
    ("value", "dropped"),
    [
        ("none", set()),
        ("copies", {Relation.COPY_OF}),
        ("copies, revision_of", {Relation.COPY_OF, Relation.REVISION_OF}),
        (["partial_of"], {Relation.PARTIAL_OF}),
        ("all", {Relation.COPY_OF, Relation.REVISION_OF, Relation.PARTIAL_OF, Relation.REWRITE_OF}),
    ],
)
def test_what_is_left_out_can_be_named_in_several_ways(value: Any, dropped: set[Relation]) -> None:
    from scrapy.settings import Settings

    found = PipelineConfig.from_settings(Settings({"DEDUP_INDEX": "crawl.db", "DEDUP_DROP": value}))
    assert found.drop == dropped


@pytest.mark.parametrize("value", ["new", "copy", ["all", "some"]])
def test_what_is_new_is_never_left_out(value: Any) -> None:
    from scrapy.settings import Settings

    with pytest.raises(ConfigError, match="DEDUP_DROP takes none, copies, all"):
        PipelineConfig.from_settings(Settings({"DEDUP_INDEX": "crawl.db", "DEDUP_DROP": value}))
