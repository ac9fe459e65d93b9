"""Crawl a news site and say of every article whether an earlier one has the same text.

usage: scrapy runspider docs/examples/news_spider.py -a start=URL[,URL...] -s DEDUP_INDEX=crawl.db -O items.jsonl

`-s DEDUP_DROP=copies` leaves copies out.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import scrapy
from scrapy.http import Response


class NewsSpider(scrapy.Spider):
    """Follows all links within the hosts it starts with; a page with an <article> becomes an item."""

    name = "news"
    custom_settings = {
        "ITEM_PIPELINES": {"dedup.integrations.scrapy.DedupPipeline": 300},
        "TELNETCONSOLE_ENABLED": False,
    }

    def __init__(self, start: str, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.start_urls = start.split(",")
        self.allowed_domains = [urlsplit(url).hostname or "" for url in self.start_urls]

    def parse(self, response: Response) -> Iterator[Any]:
        if response.css("article"):
            yield {"url": response.url, "html": response.text}
        yield from response.follow_all(css="a", callback=self.parse)
