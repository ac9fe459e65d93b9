"""A report folder read back, and as Markdown, JSON and Parquet."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet
import pytest

from dedup.errors import ConfigError, MissingExtraError, SourceError
from dedup.records import Event
from dedup.report import Findings, count, write
from dedup.report.formats import as_markdown, document_text, read_report, write_parquet
from dedup.report.formats.stored import Stored, cluster_anchor, pair_anchor
from dedup.report.wording import moment
from tests.report.conftest import make_article


@pytest.fixture
def stored(newsroom: Findings, tmp_path: Path) -> Stored:
    write(newsroom, tmp_path / "report")
    return read_report(tmp_path / "report")


def unescaped(text: str) -> str:
    return re.sub(r"\\([^\w\s])", r"\1", text)


def test_a_report_is_read_back_with_its_types_and_texts(stored: Stored) -> None:
    row = next(row for row in stored.pairs if row["a"] == "courier/bridge.txt" and row["b"] == "wire.txt")
    assert (row["grade"], row["confidence"], row["passages"]) == ("near_duplicate", 0.9996, 1)
    hostile = next(row for row in stored.articles if row["article_id"] == "hostile.html")
    assert (hostile["outlet"], hostile["title"]) == ("=cmd|' /C calc'!A0", "<script>alert('title')</script>")
    (story,) = stored.stories
    assert (story.id, story.head["article_id"], stored.title(story)) == (
        "c0001", "wire.txt", "Port Ellery bridge closed until end of May",
    )  # fmt: skip
    assert [row["article_id"] for row in story.in_order] == ["wire.txt", "courier/bridge.txt", "herald/bridge.txt"]


def test_a_story_without_a_title_goes_by_what_its_articles_share(newsroom: Findings, tmp_path: Path) -> None:
    untitled = [replace(article, title="") for article in newsroom.articles]
    write(replace(newsroom, articles=untitled), tmp_path / "report")
    stored = read_report(tmp_path / "report")
    assert stored.title(stored.stories[0]) == (
        "PORT ELLERY (NWA) - The harbour bridge of Port Ellery will stay closed until the end of M…"
    )


def test_the_figures_are_those_of_the_report(newsroom: Findings, tmp_path: Path) -> None:
    findings = replace(newsroom, short=frozenset({"short.txt", "wire.txt"}))
    write(findings, tmp_path / "report")
    assert read_report(tmp_path / "report").figures == count(findings)


def test_every_article_is_counted_once(newsroom: Findings) -> None:
    alone = make_article("tide.txt", "High tide at nine.")
    figures = count(replace(newsroom, articles=[*newsroom.articles, alone], short=frozenset({"short.txt", "tide.txt"})))
    assert (figures.articles, figures.copies, figures.related, figures.unique, figures.short) == (7, 4, 2, 0, 1)


def test_people_see_the_strongest_pairs_first(stored: Stored) -> None:
    assert [(row["grade"], row["confidence"]) for row in stored.to_be_read("pairs")] == [
        ("near_duplicate", 0.9996), ("excerpt", 0.93), ("rewrite", 0.9), ("rewrite", 0.81), ("same_event", 0.5),
    ]  # fmt: skip


def test_what_is_no_report_is_refused(tmp_path: Path, stored: Stored) -> None:
    with pytest.raises(SourceError, match=r"nothing is no report: it must be a folder that `dedup scan` wrote"):
        read_report(tmp_path / "nothing")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "run.json").write_text('{"made_by": "me"}', "utf-8")
    with pytest.raises(SourceError, match="mine is no report"):
        read_report(tmp_path / "mine")
    (stored.folder / "pairs.csv").write_text("one,two\n1,2\n", "utf-8")
    with pytest.raises(SourceError, match=r"pairs\.csv has no column 'a'; it has one, two"):
        read_report(stored.folder)
    (stored.folder / "pairs.csv").write_text("a,b,grade,words\nx,y,exact,many\n", "utf-8")
    with pytest.raises(SourceError, match=r"pairs\.csv is not a table of a report: invalid literal"):
        read_report(stored.folder)
    (stored.folder / "pairs.csv").unlink()
    with pytest.raises(SourceError, match=r"cannot read .*pairs\.csv: No such file"):
        read_report(stored.folder)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2031-04-08T19:40:00+02:00", "2031-04-08 17:40:00+00:00"),
        ("2031-04-08T19:40:00", "2031-04-08 19:40:00+00:00"),
        ("2031-04-08", "2031-04-08 00:00:00+00:00"),
        ("0001-01-01T00:00:00+02:00", "None"),
        ("spring", "None"),
        ("", "None"),
    ],
)
def test_moments_are_in_utc(text: str, found: str) -> None:
    assert str(moment(text)) == found


def test_anchors_are_what_the_page_makes_of_ids() -> None:
    """As encodeURIComponent does it: these characters stay, all others are UTF-8 in per cent."""
    assert cluster_anchor("c00ff") == "#cluster-c00ff"
    assert pair_anchor("-_.!~*'()", "é /?#&") == "#pair--_.!~*'()%7C%C3%A9%20%2F%3F%23%26"


# Markdown.


def test_a_ticket_says_how_much_who_and_from_whom(stored: Stored) -> None:
    text = as_markdown(stored)
    assert text.startswith("# Of 6 articles, 3 share their text in 1 story; 1 more shares a passage.\n")
    assert "\n- 2 pairs: rewritten, or a shared source\n" in text
    assert "\n### Port Ellery bridge closed until end of May\n" in text
    assert "3 articles at 3 outlets. Likely source: **Northern Wire Agency** (0% likely): published first; " in text
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert rows[1:] == [
        "| 8 Apr 2031, 16:05 UTC | Northern Wire Agency | Port Ellery bridge closed until end of May "
        "| **the source** |  |",
        "| 8 Apr 2031, 19:40 +02:00 | Ellery Courier | Bridge stays shut until end of May | lightly edited copy |  |",
        "| 9 Apr 2031 | Tarn Herald | Two more months on the ferry | rewritten, or a shared source |  |",
    ]
    assert "## The strongest pairs beside them" in text
    assert unescaped(text).count('Morning Post, “=HYPERLINK("http://x")”: **partial copy**, 93% sure') == 1


def test_a_ticket_of_one_cluster_shows_what_its_articles_share(stored: Stored) -> None:
    text = as_markdown(stored, "c0001")
    assert text.startswith("# Port Ellery bridge closed until end of May\n")
    shared = text[text.index("## What they share") :]
    assert [line.split("**")[1] for line in shared.splitlines() if line.startswith("- ")] == [
        "lightly edited copy", "rewritten, or a shared source", "rewritten, or a shared source",
    ]  # fmt: skip
    assert "“We will not send one bus across before the last weld has been tested.”" in shared
    with pytest.raises(ConfigError, match=r"holds no cluster 'c0002'; did you mean c0001\?"):
        as_markdown(stored, "c0002")


def test_nothing_that_an_article_says_is_markup_in_a_ticket(newsroom: Findings, tmp_path: Path) -> None:
    title = "<img src=x> [click](javascript:alert(1)) | `code` **bold** @editor #1\n\n# Heading"
    wire = replace(newsroom.articles[5], title=title, publisher="| new | cell |")
    articles = [*newsroom.articles[:5], wire]
    clusters = [replace(newsroom.clusters[0], title="")]
    write(replace(newsroom, articles=articles, clusters=clusters), tmp_path / "report")
    text = as_markdown(read_report(tmp_path / "report"))
    assert "\n# Heading" not in text
    assert not re.search(r"(?<!\\)[<`@]", text.replace("`c0001`", ""))
    assert "[click]" not in text
    row = next(line for line in text.splitlines() if "\\| new \\| cell \\|" in line and line.startswith("| "))
    assert len(re.findall(r"(?<!\\)\|", row)) == 6


def test_an_article_without_a_title_goes_by_its_id_in_a_ticket(newsroom: Findings, tmp_path: Path) -> None:
    untitled = [replace(one, title="") if one.id == "wire.txt" else one for one in newsroom.articles]
    write(replace(newsroom, articles=untitled), tmp_path / "report")
    assert "| wire.txt | **the source** |" in as_markdown(read_report(tmp_path / "report"))


def test_a_report_without_copies_makes_a_short_ticket(newsroom: Findings, tmp_path: Path) -> None:
    write(replace(newsroom, matches=[], clusters=[]), tmp_path / "report")
    text = as_markdown(read_report(tmp_path / "report"))
    assert text.startswith("# No copies among 6 articles.\n")
    assert "##" not in text


# JSON.


def parsed(text: str) -> dict[str, object]:
    document = json.loads(text)
    assert isinstance(document, dict)
    return document


def test_one_document_holds_everything(newsroom: Findings, tmp_path: Path) -> None:
    event = Event(id="e1", members=("herald/bridge.txt", "roundup.txt"))
    write(replace(newsroom, events=[event]), tmp_path / "report")
    stored = read_report(tmp_path / "report")
    document = parsed(document_text(stored))
    assert list(document) == [
        "made_by", "document_format", "headline", "run", "clusters", "pairs", "articles", "events", "skipped",
        "decisions",
    ]  # fmt: skip
    (cluster,) = document["clusters"]  # type: ignore[misc]
    assert (cluster["id"], cluster["likely_source"], cluster["decided"]) == ("c0001", "wire.txt", [])
    assert [member["article_id"] for member in cluster["members"]] == [
        "wire.txt", "courier/bridge.txt", "herald/bridge.txt",
    ]  # fmt: skip
    assert "likely_source" not in cluster["members"][0]
    pairs = document["pairs"]
    assert isinstance(pairs, list)
    assert (pairs[2]["confidence"], pairs[2]["found_by"], pairs[2]["note"]) == (0.9996, ["signature"], None)
    assert document["events"] == [{"id": "e1", "articles": ["herald/bridge.txt", "roundup.txt"]}]
    assert document["run"] == newsroom.stats
    assert len(document["articles"]) == 6  # type: ignore[arg-type]


# Parquet.


def test_parquet_tables_hold_the_rows_with_their_types(stored: Stored, tmp_path: Path) -> None:
    files = write_parquet(stored, tmp_path / "new" / "parquet")
    assert [path.name for path in files] == ["pairs.parquet", "clusters.parquet", "articles.parquet", "skipped.parquet"]
    assert sorted(path.name for path in files[0].parent.iterdir()) == sorted(path.name for path in files)
    table = pyarrow.parquet.read_table(files[0])
    assert table.column_names == list(stored.columns["pairs"])
    types = {name: str(table.schema.field(name).type) for name in ("a", "confidence", "passages", "a_date")}
    assert types == {"a": "string", "confidence": "double", "passages": "int64", "a_date": "string"}
    rows = table.to_pylist()
    assert (rows[2]["confidence"], rows[2]["likely_source"], rows[0]["note"]) == (0.9996, "wire.txt", None)
    assert json.loads(table.schema.metadata[b"dedup"])["made_by"] == "dedup"
    again = write_parquet(stored, tmp_path / "again")
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in files]


def test_a_missing_package_is_named_with_the_line_that_installs_it(
    stored: Stored, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=re.escape("pyarrow is not installed; run: pip install 'dedup-news[")):
        write_parquet(stored, tmp_path / "parquet")
    assert not (tmp_path / "parquet").exists()
