"""The shapes of what is asked and answered, as JSON schemas."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from dedup.index import Relation
from dedup.records import COPY_GRADES, Grade, Kinship, Measures
from dedup.serve.asked import KINDS, LENGTHS, PLAIN, SEEN
from dedup.serve.options import MOST_IN_A_BATCH

__all__ = ["Schema", "schemas"]

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_SHARE: Schema = {"type": "number", "minimum": 0, "maximum": 1}
_MAYBE_TEXT: Schema = {"type": ["string", "null"]}
_NOTES: Schema = {
    "type": "array",
    "items": _TEXT,
    "description": "Remarks on fields that were taken otherwise than they may have been meant.",
}
_MEANINGS = {
    "url": "Its address; without a publisher, its host stands for the outlet.",
    "title": "Headline.",
    "publisher": "The outlet. Articles of one outlet may be revisions of each other, and share furniture.",
    "published": "Date or date-time, best as ISO 8601; one that cannot be read counts as unknown.",
    "author": "Who wrote it.",
    "language": "Language code.",
}


def schemas() -> dict[str, Schema]:
    """All shapes, by name."""
    return {
        "Article": _article(),
        "Batch": _closed(
            {
                "articles": {
                    "type": "array",
                    "items": _ref("Article"),
                    "minItems": 1,
                    "maxItems": MOST_IN_A_BATCH,
                    "description": "Of several with one id the last one is kept.",
                }
            }
        ),
        "Ids": _closed({"ids": {"type": "array", "items": _id(), "minItems": 1, "maxItems": MOST_IN_A_BATCH}}),
        "Verdict": _verdict(),
        "Earlier": _earlier(),
        "Passage": _passage(),
        "Measures": _closed({f.name: {"type": "number", "minimum": 0} for f in fields(Measures)}),
        "Added": _closed(
            {
                "articles": _COUNT | {"description": "Articles in the request."},
                "changed": _COUNT | {"description": "How many were new or had changed."},
                "notes": _NOTES,
            }
        ),
        "Removed": _closed(
            {
                "ids": _COUNT | {"description": "Distinct ids in the request."},
                "removed": _COUNT | {"description": "How many were in the index."},
            }
        ),
        "Stats": _stats(),
        "Health": _closed({"status": {"const": "ok"}, "version": _TEXT}),
        "Problem": _problem(),
    }


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _closed(properties: dict[str, Schema], optional: tuple[str, ...] = ()) -> Schema:
    """An object with these fields and no others."""
    needed = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": needed, "additionalProperties": False}


def _id() -> Schema:
    return {
        "type": "string",
        "minLength": 1,
        "maxLength": LENGTHS["id"],
        "pattern": f"^{PLAIN}$",
        "description": "The article's id, 2,000 bytes at most. An id holds one text: another one replaces it.",
    }


def _article() -> Schema:
    text: Schema = {"type": "string", "pattern": SEEN, "description": "The text, or the page if `kind` is html."}
    properties: dict[str, Schema] = {
        "id": _id(),
        "text": text,
        "body": text | {"description": "The same as `text`; give one of the two."},
        "kind": {
            "enum": list(KINDS),
            "default": KINDS[0],
            "description": "What the text is. In a page (html), the article, its title, outlet and date are found.",
        },
    }
    for name, meaning in _MEANINGS.items():
        properties[name] = _MAYBE_TEXT | {"maxLength": LENGTHS[name], "description": meaning}
        if name in ("url", "language"):
            properties[name]["pattern"] = f"^{PLAIN}$"
    return {
        "type": "object",
        "properties": properties,
        "required": ["id"],
        "oneOf": [{"required": ["text"]}, {"required": ["body"]}],
        "additionalProperties": False,
    }


def _verdict() -> Schema:
    return _closed(
        {
            "article": _TEXT | {"description": "The id that was asked about."},
            "relation": {"enum": [str(one) for one in Relation]},
            "of": _MAYBE_TEXT | {"description": "The earlier article that the relation speaks of."},
            "known": {"type": "boolean", "description": "Whether the index held this very article under this id."},
            "confidence": _SHARE | {"type": ["number", "null"]},
            "found": _COUNT | {"description": "How many earlier articles are behind the relation."},
            "matches": {"type": "array", "items": _ref("Earlier"), "description": "The first of them, best first."},
            "notes": _NOTES,
        }
    )


def _earlier() -> Schema:
    grades = [str(grade) for grade in (*COPY_GRADES, Grade.SAME_EVENT)]
    return _closed(
        {
            "id": _TEXT,
            "grade": {"enum": grades},
            "verdict": _TEXT | {"description": "The grade in words."},
            "confidence": _SHARE,
            "kinship": {"enum": [*(str(one) for one in Kinship), None]},
            "title": _TEXT,
            "publisher": _TEXT,
            "published": _TEXT,
            "url": _TEXT,
            "passages": {"type": "array", "items": _ref("Passage")},
            "measures": {"anyOf": [_ref("Measures"), {"type": "null"}], "description": "Null for the article itself."},
        }
    )


def _passage() -> Schema:
    place = _COUNT | {"description": "In characters (Unicode code points) of the text."}
    return _closed(
        {
            "start": place,
            "end": place,
            "earlier_start": place,
            "earlier_end": place,
            "words": _COUNT,
            "rarity": {"type": "number", "minimum": 0},
            "quote": {"type": "boolean"},
            "text": _TEXT | {"description": "Its wording in the article that was asked about."},
        }
    )


def _stats() -> Schema:
    counts = dict.fromkeys(("articles", "outlets", "in_stories", "stories"), _COUNT)
    return _closed(
        {
            **counts,
            "pairs": {"type": "object", "additionalProperties": _COUNT, "description": "Copies by grade."},
            "unsettled": _COUNT,
            "first_published": _TEXT,
            "last_published": _TEXT,
            "bytes": _COUNT,
            "text_bytes": _COUNT,
            "made_by": {"type": "object", "additionalProperties": _TEXT},
        }
    )


def _problem() -> Schema:
    return _closed(
        {
            "title": _TEXT,
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": _TEXT | {"description": "A sentence that says what is wrong."},
            "field": _TEXT | {"description": "The field that is to blame, if one is."},
        },
        optional=("field",),
    )
