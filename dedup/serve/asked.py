"""What a request asks for: its fields, checked one by one; whoever errs is told which and why."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from dedup.clean.dates import parse_date
from dedup.config import Config
from dedup.intake import take_in
from dedup.records import Article, RawRecord
from dedup.serve.options import MOST_IN_A_BATCH
from dedup.serve.problems import RefusedError

__all__ = ["ID_BYTES", "KINDS", "LENGTHS", "MOST_MATCHES", "PLAIN", "SEEN", "Asked", "asked_articles", "asked_ids"]
__all__ += ["asked_options"]

#: Longest values, in characters; only the size of a body limits the text.
LENGTHS = {
    "id": 2000,
    "url": 4000,
    "title": 5000,
    "publisher": 500,
    "published": 200,
    "author": 2000,
    "language": 100,
}
#: A database cannot look up longer ids.
ID_BYTES = 2000
KINDS = ("text", "html")
#: Names and addresses hold no control characters.
PLAIN = r"[^\u0000-\u001F\u007F]*"
#: A text holds at least one character that can be seen.
SEEN = r"[^\u0000-\u0020\u007F-\u00A0\u1680\u2000-\u200F\u2028-\u202F\u205F-\u206F\u3000\uFEFF]"
#: Matches that one answer may tell, and those it tells unless asked for more or fewer.
MOST_MATCHES, _MATCHES = 1000, 10

_TEXTS = ("text", "body")
_KNOWN = ("id", *_TEXTS, "kind", *(name for name in LENGTHS if name != "id"))
_PLAIN, _SEEN = re.compile(PLAIN), re.compile(SEEN)
_NUMBER = re.compile(r"0|[1-9][0-9]{0,3}")
#: Remarks that one answer may hold.
_MOST_NOTES = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """Articles made ready, and remarks on them."""

    articles: tuple[Article, ...]
    notes: tuple[str, ...]


def asked_options(given: Iterable[tuple[str, str]]) -> tuple[bool, int]:
    """What the address of a check says: (whether to look for reports of the same event, how many matches to tell)."""
    related, matches = False, _MATCHES
    for name, value in given:
        if name == "related":
            if value not in ("true", "false"):
                raise RefusedError(422, f"related must be true or false, not {_shown(value)}", name)
            related = value == "true"
        elif name == "matches":
            if not _NUMBER.fullmatch(value) or int(value) > MOST_MATCHES:
                raise RefusedError(422, f"matches must be a number from 0 to {MOST_MATCHES}, not {_shown(value)}", name)
            matches = int(value)
        else:
            raise RefusedError(422, f"there is no parameter {_shown(name)}; there are related and matches", name[:100])
    return related, matches


def asked_articles(body: bytes, config: Config, *, batch: bool) -> Asked:
    """The articles that a body holds: one, or with `batch` also `{"articles": [...]}`."""
    fields = _object(_parsed(body), "")
    if not (batch and "articles" in fields):
        return _together([_article(fields, "", config)])
    if unknown := sorted(fields.keys() - {"articles"}):
        raise RefusedError(422, f"a batch holds articles and nothing beside them, not {_shown(unknown[0])}", unknown[0])
    given = _list(fields["articles"], "articles")
    return _together(
        [_article(_object(one, f"articles[{i}]"), f"articles[{i}].", config) for i, one in enumerate(given)]
    )


def asked_ids(body: bytes) -> list[str]:
    """The ids that a body `{"ids": [...]}` holds."""
    fields = _object(_parsed(body), "")
    if unknown := sorted(fields.keys() - {"ids"}):
        raise RefusedError(422, f"there is no field {_shown(unknown[0])}; there is ids", unknown[0])
    if "ids" not in fields:
        raise RefusedError(422, "ids is missing", "ids")
    return [_id(one, f"ids[{i}]") for i, one in enumerate(_list(fields["ids"], "ids"))]


def _parsed(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        what = f"{error.msg[:1].lower()}{error.msg[1:]}".split(":")[0]
        where = f" at line {error.lineno}, column {error.colno}" if body.strip() else ""
        raise RefusedError(400, f"the body is no JSON: {what}{where}") from None


def _article(fields: Mapping[str, Any], path: str, config: Config) -> tuple[Article, list[str]]:
    """The article and remarks on it."""
    for name in fields:
        if name not in _KNOWN:
            known = ", ".join(_KNOWN)
            raise RefusedError(422, f"there is no field {_shown(name)}; an article has {known}", path + name)
    kind = fields.get("kind", "text")
    if kind not in KINDS:
        raise RefusedError(422, f"{path}kind must be text or html, not {_shown(kind)}", f"{path}kind")
    if "id" not in fields:
        raise RefusedError(422, f"{path}id is missing", f"{path}id")
    id = _id(fields["id"], f"{path}id")
    values = {name: _line(fields.get(name), name, path) for name in LENGTHS if name != "id"}
    name, text = _text(fields, path)
    record: dict[str, Any] = {"id": id, "source": values["url"] or id, "text": text, "kind": kind, **values}
    article = take_in(RawRecord(**record), config)
    if not isinstance(article, Article):
        raise RefusedError(422, f"{path}{name} holds no article: {article.reason}", f"{path}{name}")
    notes = []
    if values["published"].strip() and not parse_date(values["published"]):
        notes.append(f"{path}published is no date that can be read: {_shown(values['published'])}; counts as unknown")
    return article, notes


def _text(fields: Mapping[str, Any], path: str) -> tuple[str, str]:
    """The field that holds the text, and the text."""
    given = [name for name in _TEXTS if name in fields]
    if len(given) != 1:
        said = "has both text and body; give one" if given else "has no text"
        raise RefusedError(422, f"{path.rstrip('.') or 'the article'} {said}", f"{path}text")
    name, value = given[0], fields[given[0]]
    if not isinstance(value, str):
        raise RefusedError(422, f"{path}{name} must be a text, not {_kind(value)}", path + name)
    if not _SEEN.search(value):
        raise RefusedError(422, f"{path}{name} holds nothing that can be read", path + name)
    return name, value.replace("\0", " ")


def _line(value: Any, name: str, path: str) -> str:
    """A field that may be missing or null."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise RefusedError(422, f"{path}{name} must be a text, not {_kind(value)}", path + name)
    if len(value) > LENGTHS[name]:
        raise RefusedError(422, f"{path}{name} has {len(value):,} characters, {LENGTHS[name]:,} at most", path + name)
    if name in ("url", "language") and not _PLAIN.fullmatch(value):
        raise RefusedError(422, f"{path}{name} holds control characters", path + name)
    return value.replace("\0", " ")


def _id(value: Any, path: str) -> str:
    if not isinstance(value, str):
        raise RefusedError(422, f"{path} must be a text, not {_kind(value)}", path)
    if not value:
        raise RefusedError(422, f"{path} is empty", path)
    if len(value) > LENGTHS["id"] or len(value.encode()) > ID_BYTES:
        raise RefusedError(422, f"{path} has more than {ID_BYTES:,} bytes", path)
    if not _PLAIN.fullmatch(value):
        raise RefusedError(422, f"{path} holds control characters", path)
    return value


def _object(value: Any, path: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise RefusedError(422, f"{path or 'the body'} must be an object, not {_kind(value)}", path)
    return value


def _list(value: Any, path: str) -> list[Any]:
    if not isinstance(value, list):
        raise RefusedError(422, f"{path} must be a list, not {_kind(value)}", path)
    if not 1 <= len(value) <= MOST_IN_A_BATCH:
        raise RefusedError(422, f"{path} must hold 1 to {MOST_IN_A_BATCH:,} items, not {len(value):,}", path)
    return value


def _together(taken: list[tuple[Article, list[str]]]) -> Asked:
    notes = [note for _, some in taken for note in some]
    return Asked(tuple(article for article, _ in taken), tuple(notes[:_MOST_NOTES]))


def _kind(value: Any) -> str:
    kinds = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return kinds.get(type(value), "a number")


def _shown(value: Any) -> str:
    """A value in a sentence, shortened."""
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return repr(text if len(text) <= 60 else text[:60] + "…")
