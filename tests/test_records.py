"""Records: frozen, named, and in the words of the contract."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields, is_dataclass

import pytest

from dedup import records
from dedup.clean import FURNITURE_KINDS
from dedup.clean.furniture import KINDS
from dedup.records import COPY_GRADES, Article, Grade, RawRecord

CLASSES = [getattr(records, name) for name in records.__all__ if is_dataclass(getattr(records, name))]


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_records_are_frozen_and_hold_nothing_but_their_fields(kind: type) -> None:
    assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert not hasattr(kind, "__dict__") or "__slots__" in vars(kind)


def test_a_record_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        Article(id="a", body="Rain.").body = "Sun."  # type: ignore[misc]


def test_an_article_needs_an_id_and_a_body_and_nothing_else() -> None:
    empty = {f.name: getattr(Article(id="a", body="Rain."), f.name) for f in fields(Article)}
    assert {name for name, value in empty.items() if value} == {"id", "body"}


@pytest.mark.parametrize("kind", [Article, RawRecord])
def test_articles_are_made_by_name(kind: type) -> None:
    with pytest.raises(TypeError):
        kind("a", "Rain.")


def test_grades_are_the_contract_s_strongest_first() -> None:
    assert [str(grade) for grade in Grade] == [
        "exact", "near_duplicate", "excerpt", "rewrite", "same_event", "unrelated",
    ]  # fmt: skip
    assert tuple(Grade)[:4] == COPY_GRADES


def test_every_grade_has_a_verdict_of_its_own() -> None:
    assert len({grade.verdict for grade in Grade}) == len(Grade)


def test_every_kind_of_furniture_is_in_the_public_list() -> None:
    assert set(KINDS) - {""} <= set(FURNITURE_KINDS)
    assert len(set(FURNITURE_KINDS)) == len(FURNITURE_KINDS)
