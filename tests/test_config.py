"""Options: checked when they are made, read from TOML, written back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dedup.config import CandidateConfig, ClusterConfig, Config, GradeConfig, ReadConfig, SketchConfig
from dedup.errors import ConfigError, DedupError


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sketch": {"shingel_size": 4}}, "did you mean 'sketch.shingle_size'"),
        ({"clusters": {}}, "did you mean 'cluster'"),
        ({"jbos": 2}, "did you mean 'jobs'"),
        ({"grade": {"zzz": 1}}, "known are grade.near_jaccard, grade.min_confidence"),
        ({"read": {"fields": {"txet": "body"}}}, "did you mean 'text'"),
    ],
)
def test_an_unknown_option_is_named_with_what_was_meant(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Config.from_dict(options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"jobs": "two"}, "jobs must be a whole number, not 'two'"),
        ({"jobs": True}, "jobs must be a whole number, not True"),
        ({"jobs": 2.0}, "jobs must be a whole number, not 2.0"),
        ({"related": 1}, "related must be true or false, not 1"),
        ({"sketch": 5}, "sketch must be a table of options, not 5"),
        ({"sketch": {"seed": "x"}}, "sketch.seed must be a whole number"),
        ({"grade": {"near_jaccard": "0.6"}}, "grade.near_jaccard must be a number"),
        ({"candidates": {"window_days": "7d"}}, "candidates.window_days must be a number"),
        ({"candidates": {"window_days": True}}, "candidates.window_days must be a number"),
        ({"read": {"extractor": 1}}, "read.extractor must be a text"),
        ({"read": {"fields": "text"}}, "read.fields must be a table"),
        ({"read": {"fields": {"text": 5}}}, "text"),
    ],
)
def test_a_value_of_the_wrong_type_is_named(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Config.from_dict(options)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (ReadConfig, {"max_bytes": 0}),
        (ReadConfig, {"extractor": "guesswork"}),
        (ReadConfig, {"extractor": "trafilatura"}),
        (ReadConfig, {"fields": {"headline": "h"}}),
        (SketchConfig, {"shingle_size": 0}),
        (SketchConfig, {"shingle_size": 17}),
        (SketchConfig, {"num_perm": 8}),
        (SketchConfig, {"num_perm": 2000}),
        (SketchConfig, {"seed": -1}),
        (SketchConfig, {"seed": 2**32}),
        (CandidateConfig, {"run_words": 3}),
        (SketchConfig, {"min_words": 0}),
        (CandidateConfig, {"bands": 0}),
        (CandidateConfig, {"rows": -1}),
        (CandidateConfig, {"max_frequency": 1}),
        (CandidateConfig, {"min_hits": 0}),
        (CandidateConfig, {"window_days": 0.0}),
        (CandidateConfig, {"window_days": float("nan")}),
        (GradeConfig, {"near_jaccard": 0.0}),
        (GradeConfig, {"near_jaccard": 1.01}),
        (GradeConfig, {"min_confidence": float("nan")}),
        (ClusterConfig, {"min_similarity": 0.0}),
        (ClusterConfig, {"min_similarity": 2.0}),
        (Config, {"jobs": -1}),
    ],
)
def test_a_value_that_cannot_be_meant_is_an_error(kind: Any, options: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=next(iter(options)).split("_days")[0].rstrip("s")):
        kind(**options)


def test_bands_and_rows_must_fit_the_signature() -> None:
    with pytest.raises(ConfigError, match="num_perm"):
        Config(candidates=CandidateConfig(bands=64, rows=4))
    with pytest.raises(ConfigError, match="num_perm"):
        Config.from_dict({"sketch": {"num_perm": 64}})
    assert Config(candidates=CandidateConfig(bands=64, rows=2)).candidates.bands == 64


@pytest.mark.parametrize("value", [1.0, 1])
def test_a_threshold_of_one_is_allowed(value: float) -> None:
    assert Config.from_dict({"grade": {"near_jaccard": value}}).grade.near_jaccard == 1.0


def test_a_whole_number_may_stand_for_a_fraction() -> None:
    days = Config.from_dict({"candidates": {"window_days": 7}}).candidates.window_days
    assert (days, type(days)) == (7.0, float)


@pytest.mark.parametrize(
    "config",
    [
        Config(),
        Config(
            read=ReadConfig(fields={"text": "article_body"}, max_bytes=10),
            sketch=SketchConfig(shingle_size=4, num_perm=256),
            candidates=CandidateConfig(window_days=7.5, min_hits=3),
            grade=GradeConfig(near_jaccard=0.7),
            cluster=ClusterConfig(min_similarity=0.5),
            jobs=3,
        ),
    ],
)
def test_options_survive_being_written_and_read(config: Config) -> None:
    assert Config.from_dict(config.to_dict()) == config


def test_options_come_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "dedup.toml"
    path.write_text('jobs = 2\n[read]\nfields = {text = "article_body"}\n[grade]\nnear_jaccard = 0.7\n', "utf-8")
    expected = Config(jobs=2, read=ReadConfig(fields={"text": "article_body"}), grade=GradeConfig(near_jaccard=0.7))
    assert Config.from_toml(path) == Config.from_toml(str(path)) == expected


def test_an_empty_file_gives_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "empty.toml").write_text("", "utf-8")
    assert Config.from_toml(tmp_path / "empty.toml") == Config()


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"jobs = = 2", "not valid TOML"), (b"\xff\xfe", "not valid TOML"), (b"[sketch]\nsize = 4", "sketch.size")],
)
def test_a_broken_file_is_an_error_that_names_it(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "dedup.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=message):
        Config.from_toml(path)


def test_a_missing_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.toml"):
        Config.from_toml(tmp_path / "nowhere.toml")
    with pytest.raises(ConfigError, match="cannot read"):
        Config.from_toml(tmp_path)


def test_every_error_of_ours_is_a_dedup_error() -> None:
    from dedup import errors

    made = [getattr(errors, name) for name in errors.__all__]
    assert all(issubclass(error, DedupError) for error in made)
    assert str(errors.MissingExtraError("pyspark", "spark")).endswith("pip install 'dedup-news[spark]'")


def test_options_cannot_be_changed_or_given_by_place() -> None:
    with pytest.raises(AttributeError):
        Config().jobs = 2  # type: ignore[misc]
    with pytest.raises(TypeError):
        SketchConfig(4)  # type: ignore[misc]
    assert Config().replace(jobs=2) == Config(jobs=2)
