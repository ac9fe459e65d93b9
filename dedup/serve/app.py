"""The service itself: paths, and what an index has to say to each."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from dedup import __version__
from dedup.errors import DedupError
from dedup.index import Index
from dedup.records import Article
from dedup.serve.answers import stats_answer, verdict_answer
from dedup.serve.asked import Asked, asked_articles, asked_ids, asked_options
from dedup.serve.contract import contract
from dedup.serve.door import JSON_TYPE, Door, read_body
from dedup.serve.lanes import Lane
from dedup.serve.metrics import METRICS_TYPE, Metrics
from dedup.serve.options import ServeConfig
from dedup.serve.problems import RefusedError, answer_problem

__all__ = ["Service", "application"]

_log = logging.getLogger(__name__)
#: Nothing has this id; looking for it shows whether the index answers.
_NOBODY = "\x01nobody"


def application(reader: Index, writer: Index, options: ServeConfig) -> ASGIApp:
    """The service as an ASGI application.

    Args:
        reader: the index for checks.
        writer: the same index once more, for what writes: nobody who reads then waits for it.
    """
    service = Service(reader, writer, options)
    routes = [
        Route("/check", service.check, methods=["POST"]),
        Route("/check-and-add", service.check_and_add, methods=["POST"]),
        Route("/add", service.add, methods=["POST"]),
        Route("/remove", service.remove, methods=["POST"]),
        Route("/stats", service.stats, methods=["GET"]),
        Route("/healthz", service.healthz, methods=["GET"]),
        Route("/metrics", service.metrics_page, methods=["GET"]),
        Route("/openapi.json", service.openapi, methods=["GET"]),
    ]
    inside = Starlette(
        routes=routes,
        lifespan=service.lifespan,
        exception_handlers={RefusedError: _refuse, DedupError: _unable, HTTPException: _misled, Exception: _failed},
    )
    inside.router.redirect_slashes = False
    return Door(inside, options, service.metrics, frozenset(route.path for route in routes))


class Service:
    """An index, the threads that work on it, and what was counted."""

    def __init__(self, reader: Index, writer: Index, options: ServeConfig) -> None:
        self._reader, self._writer, self._options = reader, writer, options
        self._checks = Lane("checks", options.threads, options.waiting)
        self._writes = Lane("writes", 1, options.waiting)
        self._health = Lane("health", 1, options.waiting)
        self.metrics = Metrics(__version__)
        self._contract = orjson.dumps(contract(options))

    @asynccontextmanager
    async def lifespan(self, _: Starlette) -> AsyncIterator[None]:
        """Until the service stops; then what was accepted is finished and the index is closed."""
        yield
        for lane in (self._checks, self._writes, self._health):
            lane.close()
        self._reader.close()
        self._writer.close()

    async def check(self, request: Request) -> Response:
        """POST /check: what an article is to those in the index."""
        return await self._judged(request, self._checks, self._reader.check)

    async def check_and_add(self, request: Request) -> Response:
        """POST /check-and-add: the same, and the article is in."""
        return await self._judged(request, self._writes, self._writer.check_and_add)

    async def add(self, request: Request) -> Response:
        """POST /add: one article or many."""

        def work(body: bytes) -> dict[str, Any]:
            asked = asked_articles(body, self._writer.config, batch=True)
            changed = self._writer.add_many(asked.articles)
            return {"articles": len(asked.articles), "changed": changed, "notes": list(asked.notes)}

        answer = await self._posted(request, self._writes, work)
        self.metrics.added += answer["changed"]
        return _json(answer)

    async def remove(self, request: Request) -> Response:
        """POST /remove: articles by their ids."""

        def work(body: bytes) -> dict[str, Any]:
            ids = asked_ids(body)
            return {"ids": len(set(ids)), "removed": self._writer.remove_many(dict.fromkeys(ids))}

        answer = await self._posted(request, self._writes, work)
        self.metrics.removed += answer["removed"]
        return _json(answer)

    async def stats(self, _: Request) -> Response:
        """GET /stats: what the index holds."""
        with self._checks.place():
            return _json(await self._checks.run(lambda: stats_answer(self._reader.stats())))

    async def healthz(self, _: Request) -> Response:
        """GET /healthz: whether the index answers."""
        with self._health.place():
            await self._health.run(lambda: self._reader.get(_NOBODY))
        return _json({"status": "ok", "version": __version__})

    async def metrics_page(self, _: Request) -> Response:
        """GET /metrics: figures for Prometheus."""
        page = self.metrics.page((self._checks, self._writes, self._health))
        return Response(page, media_type=None, headers={"content-type": METRICS_TYPE})

    async def openapi(self, _: Request) -> Response:
        """GET /openapi.json: the contract."""
        return Response(self._contract, media_type=JSON_TYPE)

    async def _judged(self, request: Request, lane: Lane, judge: Callable[..., Any]) -> Response:
        related, most = asked_options(request.query_params.multi_items())

        def work(body: bytes) -> dict[str, Any]:
            asked: Asked = asked_articles(body, self._reader.config, batch=False)
            article: Article = asked.articles[0]
            return verdict_answer(judge(article, related=related), article, asked.notes, most)

        answer = await self._posted(request, lane, work)
        self.metrics.gave(answer["relation"])
        if lane is self._writes and not answer["known"]:
            self.metrics.added += 1
        return _json(answer)

    async def _posted(self, request: Request, lane: Lane, work: Callable[[bytes], dict[str, Any]]) -> dict[str, Any]:
        """What the work makes of the body, done in a lane; the place is held while the body arrives."""
        with lane.place():
            body = await read_body(request, self._options)
            return await lane.run(lambda: work(body))


def _json(answer: dict[str, Any]) -> Response:
    return Response(orjson.dumps(answer), media_type=JSON_TYPE)


async def _refuse(_: Request, error: Exception) -> Response:
    assert isinstance(error, RefusedError)
    return answer_problem(error)


async def _unable(request: Request, error: Exception) -> Response:
    """The index cannot be used just now: locked, on a full disk, out of reach."""
    _log.warning("%s %s: %s", request.method, request.url.path, error)
    return answer_problem(RefusedError(503, str(error)))


async def _misled(request: Request, error: Exception) -> Response:
    """No such path, or not with this method."""
    assert isinstance(error, HTTPException)
    said = {
        404: f"there is nothing at {request.url.path[:200]}; see /openapi.json",
        405: f"{request.url.path} does not take {request.method[:20]}",
    }
    return answer_problem(
        RefusedError(error.status_code, said.get(error.status_code, error.detail), headers=error.headers)
    )


async def _failed(_: Request, error: Exception) -> Response:
    """A fault of ours; the log shows where."""
    return answer_problem(RefusedError(500, f"unexpected {type(error).__name__}; the service's log shows where"))
