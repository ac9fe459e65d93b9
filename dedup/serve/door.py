"""The door of the service: who may come in, what a body may be, and how long every request took."""

from __future__ import annotations

import asyncio
import hmac
import time
from contextlib import suppress
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dedup.serve.metrics import Metrics
from dedup.serve.options import ServeConfig, is_loopback
from dedup.serve.problems import RefusedError, answer_problem

__all__ = ["JSON_TYPE", "Door", "read_body"]

JSON_TYPE = "application/json"
#: Bytes, and seconds, of a body that are still taken in when the request is refused already.
_SWALLOWED, _SWALLOWING = 50_000_000, 5.0
#: What asks after the service itself, not the index, needs no token.
_OPEN = ("/healthz", "/openapi.json")


class Door:
    """Stands before the service; times what passes and turns away who has no business here."""

    def __init__(self, inside: ASGIApp, options: ServeConfig, metrics: Metrics, paths: frozenset[str]) -> None:
        self._inside = inside
        self._token = options.token.encode()
        self._metrics = metrics
        self._paths = paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI application."""
        if scope["type"] != "http":
            await self._inside(scope, receive, send)
            return
        began, visit = time.perf_counter(), _Visit(scope, receive, send)
        try:
            refusal = self._refusal(scope["path"], Headers(scope=scope))
            inside = answer_problem(refusal) if refusal else self._inside
            await inside(scope, visit.receive, visit.send)
        finally:
            path = scope["path"] if scope["path"] in self._paths else "other"
            self._metrics.answered(path, visit.status, time.perf_counter() - began)

    def _refusal(self, path: str, headers: Headers) -> RefusedError | None:
        """Why the request may not come in; None if it may.

        Without a token, a page in somebody's browser could reach the service under a name of its own that it lets lead
        to this machine; but then that name stands in `Host`.
        """
        if not self._token:
            host = headers.get("host", "localhost")
            name = host if host.endswith("]") else host.rpartition(":")[0] or host
            if is_loopback(name):
                return None
            return RefusedError(421, f"this service answers to localhost, not to {host[:100]!r}; with a token it would")
        if path in _OPEN:
            return None
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), self._token):
            return None
        detail = "the token is wrong" if given else "a token is needed, as `Authorization: Bearer TOKEN`"
        return RefusedError(401, detail, headers={"WWW-Authenticate": "Bearer"})


class _Visit:
    """A request on its way in and its answer on the way out."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._receive, self._send = receive, send
        self._waits = "expect" in Headers(scope=scope)
        self._whole = False
        self.status = 500

    async def receive(self) -> Message:
        message = await self._receive()
        self._waits = False
        self._whole = message["type"] != "http.request" or not message.get("more_body", False)
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            if self.status >= HTTPStatus.BAD_REQUEST and self.status != HTTPStatus.REQUEST_TIMEOUT:
                await self._swallow()
        await self._send(message)

    async def _swallow(self) -> None:
        """Take in what is left of the body of a request that is refused.

        A caller who is still sending when the connection closes would see it break and never hear why. Who sends very
        much, or slowly, or waits to be told to go on, is not waited for.
        """
        left = _SWALLOWED
        with suppress(TimeoutError):
            async with asyncio.timeout(_SWALLOWING):
                while left > 0 and not self._whole and not self._waits:
                    left -= len((await self.receive()).get("body", b""))


async def read_body(request: Request, options: ServeConfig) -> bytes:
    """The body of a request, if it is JSON and not too large.

    Raises:
        RefusedError: it is not, or did not arrive in time.
    """
    _check_type(request.headers)
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > options.max_bytes:
        raise _too_large(options)
    pieces: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(options.body_seconds):
            async for piece in request.stream():
                size += len(piece)
                if size > options.max_bytes:
                    raise _too_large(options)
                pieces.append(piece)
    except TimeoutError:
        said = f"the body did not arrive within {options.body_seconds:g} seconds"
        raise RefusedError(408, said, headers={"Connection": "close"}) from None
    except ClientDisconnect:
        raise RefusedError(HTTPStatus.BAD_REQUEST, "the body broke off") from None
    return b"".join(pieces)


def _check_type(headers: Headers) -> None:
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != JSON_TYPE:
        said = repr(kind[:60]) if kind else "a body without a type"
        raise RefusedError(415, f"the body must be {JSON_TYPE}, not {said}")
    packed = headers.get("content-encoding", "identity").strip().lower()
    if packed not in ("", "identity"):
        raise RefusedError(415, f"the body must not be packed, and Content-Encoding says {packed[:60]!r}")


def _too_large(options: ServeConfig) -> RefusedError:
    return RefusedError(413, f"the body is larger than {options.max_bytes:,} bytes", headers={"Connection": "close"})
