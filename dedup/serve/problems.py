"""Refusals: a status, a sentence that says why, and the field that is to blame (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

import orjson
from starlette.responses import Response

__all__ = ["PROBLEM_TYPE", "RefusedError", "answer_problem"]

PROBLEM_TYPE = "application/problem+json"
#: Seconds after which a request that was turned away may come again.
_AGAIN = "1"


class RefusedError(Exception):
    """A request that is not served, for a reason that the asker is told."""

    def __init__(self, status: int, detail: str, field: str = "", headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.field = field
        self.headers = dict(headers or {})
        if status == HTTPStatus.SERVICE_UNAVAILABLE:
            self.headers.setdefault("Retry-After", _AGAIN)


def answer_problem(problem: RefusedError) -> Response:
    """The answer that tells it."""
    title = _TITLES.get(problem.status) or HTTPStatus(problem.status).phrase
    told: dict[str, object] = {"title": title, "status": problem.status, "detail": problem.detail}
    if problem.field:
        told["field"] = problem.field
    return Response(orjson.dumps(told), problem.status, problem.headers, PROBLEM_TYPE)


#: As RFC 9110 has them; Python changed some between its versions.
_TITLES = {413: "Content Too Large", 421: "Misdirected Request", 422: "Unprocessable Content"}
