"""The documentation is right: its code runs, and what it lists is what there is."""

from __future__ import annotations

import dataclasses
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

import dedup
from dedup.candidates import FOUND_BY
from dedup.cli import app
from dedup.config import Config
from dedup.readers.fields import ALIASES
from dedup.readers.formats import FORMATS
from dedup.records import Grade
from dedup.report.tables import ARTICLE_COLUMNS, CLUSTER_COLUMNS, PAIR_COLUMNS, SKIPPED_COLUMNS
from dedup.report.writer import REPORT_FILES
from dedup.watch.rows import COLUMNS as WATCH_COLUMNS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])


def commands(group: Any, above: str = "") -> Iterator[tuple[str, Any]]:
    """Every command that does something, by its name: `scan`, `index add`."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{above}{name} ")
        else:
            yield above + name, command


COMMANDS: dict[str, Any] = dict(commands(typer.main.get_command(app)))
GROUPS = {name.split()[0] for name in COMMANDS if " " in name}
OWN_OPTIONS = {"--version", "--help", "-h"}

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def text_of(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def section(text: str, title: str) -> str:
    """What stands below a heading, up to the next one of its level or above."""
    found = re.search(rf"^(#+) {re.escape(title)}$", text, re.MULTILINE)
    assert found, f"no heading {title!r}"
    rest = text[found.end() :]
    end = re.search(rf"^#{{1,{len(found[1])}}} ", rest, re.MULTILINE)
    return rest[: end.start()] if end else rest


def first_cells(text: str) -> set[str]:
    """The names in backticks in the first cells of all tables."""
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    return {name for row in rows for name in re.findall(r"`([^`]+)`", row.split(" | ")[0])}


def options_of(command: Any) -> set[str]:
    return {name for param in command.params if param.param_type_name == "option" for name in param.opts}


def console_lines() -> Iterator[tuple[str, list[str]]]:
    """The words of each command of a console example, and where it stands."""
    for page in PAGES:
        for block in blocks(page.read_text("utf-8"), "console"):
            for line in block.splitlines():
                words = shlex.split(line, comments=True)
                if words:
                    yield f"{page.relative_to(ROOT)}: {line}", words


@pytest.mark.parametrize("page", ["README.md", "docs/library.md", "docs/crawlers.md", "docs/serve.md"])
def test_python_examples_run_one_after_the_other(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "samples").symlink_to(ROOT / "samples")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "__main__"}
    examples = blocks(text_of(page), "python")
    assert examples
    for number, example in enumerate(examples, 1):
        exec(compile(example, f"{page}, example {number}", "exec"), names)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_is_documented_with_exactly_its_options(name: str) -> None:
    described = section(text_of("docs/cli.md"), f"dedup {name}")
    documented = {word for cell in first_cells(described) for word in cell.split() if word.startswith("-")}
    assert documented == options_of(COMMANDS[name]) - {"--help"}


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_shows_its_help(name: str) -> None:
    assert COMMANDS[name].help


def test_options_named_in_running_text_exist() -> None:
    known = OWN_OPTIONS.union(*map(options_of, COMMANDS.values()))
    named = {
        option
        for page in [ROOT / "README.md", *DOCS.glob("*.md")]
        for option in re.findall(r"`(--[a-z-]+)", page.read_text("utf-8"))
    }
    assert named - known == set()


def test_console_examples_use_commands_and_options_that_exist() -> None:
    wrong = []
    for where, words in console_lines():
        if "dedup" not in words:
            continue
        call = words[words.index("dedup") + 1 :]
        plain = [word for word in call if not word.startswith(("-", "["))]
        command = " ".join(plain[: 2 if plain[:1] and plain[0] in GROUPS else 1])
        known = options_of(COMMANDS[command]) if command in COMMANDS else set()
        given = {word.strip("[]").split("=")[0] for word in call if word.startswith(("-", "[-")) and word != "-"}
        if (command.split()[-1:] != ["COMMAND"] and command not in COMMANDS) or given - known - OWN_OPTIONS:
            wrong.append(where)
    assert not wrong


def test_make_targets_of_console_examples_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", text_of("Makefile"), re.MULTILINE))
    made = [words[1] for _, words in console_lines() if words[0] == "make" and len(words) > 1]
    used = {word for word in made if re.fullmatch("[a-z-]+", word)}
    assert used
    assert used - targets == set()


def test_scripts_of_console_examples_exist() -> None:
    scripts = [word for _, words in console_lines() for word in words if word.endswith(".py")]
    assert scripts
    assert [script for script in scripts if not (ROOT / script).is_file()] == []


def test_every_target_that_make_lists_is_phony_and_described() -> None:
    makefile = text_of("Makefile")
    phony = set(re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[0].split())
    assert phony == set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE))


@pytest.mark.parametrize("name", dedup.__all__)
def test_every_public_name_is_in_the_library_page(name: str) -> None:
    assert re.search(rf"`{name}`|^## {name}$|import .*\b{name}\b", text_of("docs/library.md"), re.MULTILINE)


@pytest.mark.parametrize(
    "name", [name for name in dedup.__all__ if dataclasses.is_dataclass(getattr(dedup, name)) and name != "Config"]
)
def test_every_field_of_a_record_is_in_the_library_page(name: str) -> None:
    page = text_of("docs/library.md")
    row = re.search(rf"^\| `{name}` \|.*$", page, re.MULTILINE)
    described = row[0] if row else section(page, name)
    fields = {field.name for field in dataclasses.fields(getattr(dedup, name))}
    assert fields - set(re.findall(r"\w+", described)) == set()


def test_toml_example_holds_every_option_with_its_default(tmp_path: Path) -> None:
    example = blocks(text_of("docs/library.md"), "toml")[0]
    (tmp_path / "dedup.toml").write_text(example, "utf-8")
    assert Config.from_toml(tmp_path / "dedup.toml") == Config()

    shown = tomllib.loads(example)
    for name, default in Config().to_dict().items():
        if not isinstance(default, dict):
            assert name in shown
            continue
        unset = {option for option, value in default.items() if value is None}
        assert set(default) - set(shown[name]) == unset
        assert all(re.search(rf"^# {option} = ", example, re.MULTILINE) for option in unset)


@pytest.mark.parametrize(
    ("file", "columns"),
    [
        ("pairs.csv", PAIR_COLUMNS),
        ("clusters.csv", CLUSTER_COLUMNS),
        ("articles.csv", ARTICLE_COLUMNS),
        ("skipped.csv", SKIPPED_COLUMNS),
    ],
)
def test_every_column_of_a_table_is_documented_and_no_other(file: str, columns: tuple[str, ...]) -> None:
    assert first_cells(section(text_of("docs/formats.md"), file)) == set(columns)


@pytest.mark.parametrize("table", sorted(WATCH_COLUMNS))
def test_every_column_of_a_table_of_a_watch_is_documented_and_no_other(table: str) -> None:
    assert first_cells(section(text_of("docs/watch.md"), f"{table}-DATE.csv")) == set(WATCH_COLUMNS[table])


@pytest.mark.parametrize("file", REPORT_FILES)
def test_every_report_file_has_a_section(file: str) -> None:
    assert section(text_of("docs/formats.md"), file)


def test_every_format_and_field_is_documented() -> None:
    page = text_of("docs/formats.md")
    suffixes = first_cells(section(page, "What is read"))
    assert {suffix.removesuffix(".gz") for suffix in FORMATS} == {name for name in suffixes if name != ".gz"}
    fields = section(page, "Fields")
    assert first_cells(fields) == set(ALIASES)
    assert {name for names in ALIASES.values() for name in names} - set(re.findall(r"`([^`]+)`", fields)) == set()


def test_every_grade_and_its_verdict_is_explained() -> None:
    grades = section(text_of("docs/concepts.md"), "Grades")
    assert first_cells(grades) == {grade.value for grade in Grade}
    assert [grade for grade in Grade if f"| `{grade}` | {grade.verdict} |" not in grades] == []


@pytest.mark.parametrize("page", ["docs/concepts.md", "docs/formats.md"])
def test_every_signal_is_named(page: str) -> None:
    assert [signal for signal in FOUND_BY.values() if f"`{signal}`" not in text_of(page)] == []


@every_page
def test_relative_links_lead_somewhere(page: Path) -> None:
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        if link.startswith(("http:", "https:", "mailto:")):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert not broken


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    titles = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@every_page
def test_every_fenced_block_names_its_language(page: Path) -> None:
    fences = re.findall(r"^```(\w*)$", page.read_text("utf-8"), re.MULTILINE)
    assert all(fences[::2])
    assert not any(fences[1::2])


def test_every_page_can_be_reached_from_the_readme() -> None:
    linked = set(re.findall(r"\((docs/[^)#]+\.md)", text_of("README.md")))
    assert {str(page.relative_to(ROOT)) for page in DOCS.rglob("*.md")} == linked
