"""The contract of the service as an OpenAPI 3.1 document: every path, every answer, every refusal."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from dedup import __version__
from dedup.serve.asked import MOST_MATCHES
from dedup.serve.options import ServeConfig
from dedup.serve.problems import PROBLEM_TYPE
from dedup.serve.schemas import Schema, schemas

__all__ = ["contract"]

_JSON = "application/json"
_PLAIN_OBJECT: dict[str, Any] = {_JSON: {"schema": {"type": "object"}}}
_REFUSALS = {
    400: "The body is no JSON.",
    401: "No token, or a wrong one.",
    408: "The body did not arrive in time.",
    413: "The body is too large.",
    415: "The body is not application/json.",
    421: "The service has no token and was called by a name other than localhost.",
    422: "A field is missing, unknown or impossible; `detail` says which and why.",
    500: "A fault of the service.",
    503: "Too many requests, or the index cannot be used just now; nothing was done. Come again after `Retry-After`.",
}
_WITH_BODY, _WITHOUT, _OPEN = (400, 408, 413, 415, 421, 422, 500, 503), (421, 500, 503), (421, 500)


def contract(options: ServeConfig) -> dict[str, Any]:
    """The document for a service with these options."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "dedup",
            "version": __version__,
            "description": "Says whether a news article is new, or a copy, part, rewrite or revision of another.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "paths": _paths(bool(options.token)),
        "components": {
            "schemas": schemas(),
            **({"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}} if options.token else {}),
        },
        **({"security": [{"token": []}]} if options.token else {}),
    }


def _paths(guarded: bool) -> dict[str, Any]:
    posts = {
        "/check": _post("check", "What an article is to those in the index; nothing is written.", "Article", "Verdict"),
        "/check-and-add": _post(
            "checkAndAdd",
            "The same, and the article is in, in one step: of several who ask about one story only one hears new.",
            *("Article", "Verdict"),
        ),
        "/add": _post("add", "Put an article in, or many; durable when answered.", ("Article", "Batch"), "Added"),
        "/remove": _post("remove", "Take articles out; nothing of them shows in later checks.", "Ids", "Removed"),
    }
    for path in ("/check", "/check-and-add"):
        posts[path]["parameters"] = _parameters()
    gets = {
        "/stats": _get("stats", "What the index holds.", _shape("Stats"), _WITHOUT),
        "/healthz": _get("healthz", "Whether the index answers. Needs no token.", _shape("Health"), _WITHOUT),
        "/metrics": _get("metrics", "Figures for Prometheus.", {"text/plain": {"schema": {"type": "string"}}}, _OPEN),
        "/openapi.json": _get(
            "openapi", "This document. Needs no token.", {_JSON: {"schema": {"type": "object"}}}, _OPEN
        ),
    }
    for path, operation in {**posts, **gets}.items():
        if guarded and path in ("/healthz", "/openapi.json"):
            operation["security"] = []
        elif guarded:
            operation["responses"]["401"] = _refusal(401)
    return {path: {"post": one} for path, one in posts.items()} | {path: {"get": one} for path, one in gets.items()}


def _post(name: str, summary: str, body: str | tuple[str, ...], answer: str) -> dict[str, Any]:
    given = [_ref(one) for one in ((body,) if isinstance(body, str) else body)]
    schema = given[0] if len(given) == 1 else {"oneOf": given}
    return {
        "operationId": name,
        "summary": summary,
        "requestBody": {"required": True, "content": {_JSON: {"schema": schema}}},
        "responses": {"200": {"description": "Done.", "content": _shape(answer)}, **_refusals(_WITH_BODY)},
    }


def _get(name: str, summary: str, content: dict[str, Any], refusals: tuple[int, ...]) -> dict[str, Any]:
    answers = {"200": {"description": "Done.", "content": content}, **_refusals(refusals)}
    return {"operationId": name, "summary": summary, "responses": answers}


def _parameters() -> list[Schema]:
    return [
        {
            "name": "related",
            "in": "query",
            "schema": {"type": "boolean", "default": False},
            "description": "Also look for independent reports of the same event, if no copy is found.",
        },
        {
            "name": "matches",
            "in": "query",
            "schema": {"type": "integer", "minimum": 0, "maximum": MOST_MATCHES, "default": 10},
            "description": "How many of the earlier articles to tell.",
        },
    ]


def _refusals(statuses: tuple[int, ...]) -> dict[str, Any]:
    return {str(status): _refusal(status) for status in statuses}


def _refusal(status: int) -> dict[str, Any]:
    told: dict[str, Any] = {
        "description": _REFUSALS[status],
        "content": {PROBLEM_TYPE: {"schema": _ref("Problem")}},
    }
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        told["headers"] = {"Retry-After": {"required": True, "schema": {"type": "integer", "minimum": 0}}}
    if status == HTTPStatus.UNAUTHORIZED:
        told["headers"] = {"WWW-Authenticate": {"required": True, "schema": {"type": "string"}}}
    return told


def _shape(name: str) -> dict[str, Any]:
    return {_JSON: {"schema": _ref(name)}}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}
