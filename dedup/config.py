"""Options are values: one frozen dataclass per stage, checked when made, saved with the results."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from dedup.errors import ConfigError

__all__ = ["CandidateConfig", "ClusterConfig", "Config", "GradeConfig", "ReadConfig", "SketchConfig"]


#: Any of the dataclasses below.
_Options = TypeVar("_Options")


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise ConfigError(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadConfig:
    """What is read, and how fields of JSON lines and CSV files are called."""

    fields: Mapping[str, str] = field(default_factory=dict)
    """Our name -> the file's name, for example {"text": "article_body"}."""
    max_bytes: int = 50_000_000
    """Larger articles are skipped (bytes of one text file, page or record)."""
    extractor: str = "accurate"
    """What finds the article in a web page: accurate (trafilatura) or fast (resiliparse)."""

    def __post_init__(self) -> None:
        _require(self.max_bytes > 0, f"max_bytes must be positive, not {self.max_bytes}")
        _require(
            self.extractor in EXTRACTORS, f"extractor must be one of {', '.join(EXTRACTORS)}, not {self.extractor!r}"
        )
        for name, theirs in self.fields.items():
            _require(name in FIELD_NAMES, _unknown("field", name, FIELD_NAMES))
            _require(isinstance(theirs, str), f"fields.{name} must be a text, not {theirs!r}")


#: What finds the article in a web page, the default first.
EXTRACTORS = ("accurate", "fast")

#: The fields of a record, by our names.
FIELD_NAMES = ("id", "text", "title", "url", "publisher", "published", "author", "language")


@dataclass(frozen=True, slots=True, kw_only=True)
class SketchConfig:
    """How an article becomes something that can be compared. Sketches made with other options never mix."""

    shingle_size: int = 5
    """Words in a shingle of the MinHash signature and of the Jaccard measure."""
    num_perm: int = 128
    """Length of the MinHash signature."""
    seed: int = 1
    """Seed of the MinHash permutations, as in datasketch."""
    min_words: int = 25
    """Articles with fewer words are compared by exact text and title only."""

    def __post_init__(self) -> None:
        _require(0 <= self.seed < 1 << 32, f"seed must be 0 to 4294967295, not {self.seed}")
        _require(1 <= self.shingle_size <= 16, f"shingle_size must be 1 to 16, not {self.shingle_size}")
        _require(16 <= self.num_perm <= 1024, f"num_perm must be 16 to 1024, not {self.num_perm}")
        _require(self.min_words >= 1, f"min_words must be at least 1, not {self.min_words}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateConfig:
    """Which pairs are worth verifying."""

    bands: int = 32
    rows: int = 4
    """Bands x rows of the signature: 32 x 4 proposes half of the pairs at a Jaccard of .38, 99 % at .6."""
    run_words: int = 8
    """A common run of this many words makes a candidate, however many articles hold it."""
    max_frequency: int = 12
    """A phrase of three words in more distinct stories than this says nothing on its own."""
    min_hits: int = 3
    """Such phrases in common that make a candidate."""
    window_days: float | None = None
    """Compare only articles published within this many days of each other; undated ones are always compared."""

    def __post_init__(self) -> None:
        _require(self.bands >= 1 and self.rows >= 1, f"bands and rows must be positive, not {self.bands} x {self.rows}")
        _require(4 <= self.run_words <= 64, f"run_words must be 4 to 64, not {self.run_words}")
        _require(self.max_frequency >= 2, f"max_frequency must be at least 2, not {self.max_frequency}")
        _require(self.min_hits >= 1, f"min_hits must be at least 1, not {self.min_hits}")
        _require(self.window_days is None or self.window_days > 0, f"window must be positive, not {self.window_days}")


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeConfig:
    """Where the grades begin. The model is shipped; these are the bars a desk may want to move."""

    near_jaccard: float = 0.6
    """Word 5-gram Jaccard from which a copy counts as lightly edited."""
    min_confidence: float = 0.38
    """Pairs below this chance of shared text are not reported as copies."""

    def __post_init__(self) -> None:
        for name in ("near_jaccard", "min_confidence"):
            value = getattr(self, name)
            _require(0 < value <= 1, f"{name} must be above 0 and at most 1, not {value}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterConfig:
    """How verified pairs become clusters."""

    min_similarity: float = 0.4
    """Average-linkage cut: two groups join while their mean link strength is at least this."""

    def __post_init__(self) -> None:
        _require(
            0 < self.min_similarity <= 1, f"min_similarity must be above 0 and at most 1, not {self.min_similarity}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All options of a run.

    Example:
        >>> Config(grade=GradeConfig(near_jaccard=0.7)).grade.near_jaccard
        0.7
    """

    read: ReadConfig = ReadConfig()
    sketch: SketchConfig = SketchConfig()
    candidates: CandidateConfig = CandidateConfig()
    grade: GradeConfig = GradeConfig()
    cluster: ClusterConfig = ClusterConfig()
    cache: str = ""
    """Folder in which cleaned articles are kept for the next run; empty for none."""
    max_memory: int = 0
    """Bytes to stay below where work can be done in parts or on disk, 0 for half of the machine's memory."""
    decisions: str = ""
    """A file of decisions by a desk to be applied; empty for none."""
    related: bool = False
    """Also report articles about the same event that were written independently."""
    jobs: int = 1
    """Worker processes, 0 for one a processor; never changes a result. A script that asks for more than one must guard
    its entry with `if __name__ == "__main__":`, as everywhere with multiprocessing; the command needs nothing."""

    @property
    def workers(self) -> int:
        """How many processes or threads may work at a time: `jobs`, one a processor for 0."""
        return self.jobs or os.cpu_count() or 1

    def __post_init__(self) -> None:
        _require(self.max_memory >= 0, f"max_memory must be 0 or more, not {self.max_memory}")
        _require(self.jobs >= 0, f"jobs must be 0 or more, not {self.jobs}")
        slots = self.candidates.bands * self.candidates.rows
        _require(slots <= self.sketch.num_perm, f"bands x rows must fit num_perm: {slots} > {self.sketch.num_perm}")

    @classmethod
    def from_toml(cls, path: str | Path) -> Config:
        """Options from a file: one table per stage, `related` and `jobs` at the top.

        Raises:
            ConfigError: the file is missing or broken, or holds an unknown or impossible option.
        """
        try:
            with open(path, "rb") as file:
                return cls.from_dict(tomllib.load(file))
        except OSError as error:
            raise ConfigError(f"cannot read the configuration {path}: {error.strerror}") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigError(f"{path} is not valid TOML: {error}") from error

    @classmethod
    def from_dict(cls, options: Mapping[str, Any]) -> Config:
        """Options from nested mappings, as `to_dict` gives them."""
        return _build(cls, options, "")

    def to_dict(self) -> dict[str, Any]:
        """Nested plain values, for run.json."""
        return asdict(self)

    def replace(self, **changes: Any) -> Config:
        """A copy with some options changed."""
        return replace(self, **changes)


def _unknown(what: str, name: str, known: tuple[str, ...]) -> str:
    close = get_close_matches(name, known, n=1)
    return f"unknown {what} {name!r}" + (
        f", did you mean {close[0]!r}?" if close else f"; known are {', '.join(known)}"
    )


def _build(cls: type[_Options], options: Mapping[str, Any], prefix: str) -> _Options:
    defaults = {f.name: f for f in fields(cls)}  # type: ignore[arg-type]
    values: dict[str, Any] = {}
    for name, value in options.items():
        where = prefix + name
        if name not in defaults:
            raise ConfigError(_unknown("option", where, tuple(prefix + n for n in defaults)))
        default = getattr(cls(), name)
        if type(default).__module__ == __name__:
            _require(isinstance(value, Mapping), f"{where} must be a table of options, not {value!r}")
            values[name] = _build(type(default), value, where + ".")
        else:
            values[name] = _checked(where, value, default)
    built: _Options = cls(**values)
    return built


def _checked(where: str, value: Any, default: Any) -> Any:
    """The value if its type fits the default's; a whole number may stand for a fraction."""
    kind = float if default is None else type(default)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if default is None and value is None:
        return None
    fits = isinstance(value, Mapping) if kind is dict else type(value) is kind
    _require(fits, f"{where} must be {_KINDS.get(kind, kind.__name__)}, not {value!r}")
    return value


_KINDS = {int: "a whole number", float: "a number", bool: "true or false", str: "a text", dict: "a table"}
