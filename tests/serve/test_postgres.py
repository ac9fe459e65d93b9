"""The service over PostgreSQL, which fleets of crawlers share."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.conftest import FERRY
from tests.index.conftest import database_at, postgres
from tests.serve.conftest import Asked

__all__ = ["postgres"]  # a fixture of the index, used here too


@pytest.fixture
def address(postgres: str) -> str:
    return database_at(postgres)


def test_two_services_share_one_index(inside: Callable[..., Asked], address: str) -> None:
    services = [inside(address), inside(address)]

    def ask(number: int) -> str:
        body = {"id": f"outlet-{number}", "text": f"{FERRY} ({number})", "publisher": f"Outlet {number}"}
        answer = services[number % 2].post("/check-and-add", body)
        assert answer.status == 200, answer.text
        return str(answer.json["relation"])

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(ask, range(8)))
    assert sorted(told) == ["copy_of"] * 7 + ["new"]
    assert services[0].get("/stats").json["articles"] == services[1].get("/stats").json["articles"] == 8


def test_the_longest_fields_fit(inside: Callable[..., Asked], address: str, invent: Callable[..., str]) -> None:
    served = inside(address)
    signs = "".join(chr(0x4E00 + 7 * number) for number in range(2000))  # packs badly, three bytes each
    article = {
        "id": signs[:666], "text": invent(1), "publisher": signs[:500], "author": signs, "title": signs,
        "url": f"https://{signs[:1990]}.example/", "published": "2031-05-02", "language": "zh",
    }  # fmt: skip
    assert served.post("/add", article).json == {"articles": 1, "changed": 1, "notes": []}
    found = served.post("/check", {"id": "other", "text": invent(1)}).json["matches"][0]
    assert (found["id"], found["publisher"], found["url"]) == (article["id"], article["publisher"], article["url"])

    host = {"id": "host", "text": invent(2), "url": f"https://{signs}.example/"}
    assert served.post("/add", host).status == 200
    head = f'<html><head><meta property="og:site_name" content="{signs}"></head>'
    page = {"id": "page", "kind": "html", "text": f"{head}<body><article><p>{invent(3)}</p></article></body></html>"}
    assert served.post("/add", page).status == 200


def test_a_server_that_goes_away_turns_requests_away_and_serves_again_when_it_is_back(
    inside: Callable[..., Asked], address: str
) -> None:
    import psycopg

    served = inside(address, patience=1)
    served.post("/add", {"id": "ferry", "text": FERRY})
    name = re.search(r"/(crawl_\w+)\?", address)
    assert name
    with psycopg.connect(re.sub(r"/crawl_\w+\?", "/postgres?", address), autocommit=True) as admin:
        admin.execute(f"ALTER DATABASE {name[1]} ALLOW_CONNECTIONS false")
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name[1],))
        for path, body in (("/check", {"id": "a", "text": FERRY}), ("/add", {"id": "a", "text": FERRY})):
            answer = served.post(path, body)
            assert (answer.status, answer.headers["retry-after"]) == (503, "1")
        assert served.get("/healthz").status == 503
        admin.execute(f"ALTER DATABASE {name[1]} ALLOW_CONNECTIONS true")
    assert served.get("/healthz").status == 200
    assert served.post("/check", {"id": "a", "text": FERRY}).json["of"] == "ferry"
