"""The figures: what is counted and drawn, that they are whole SVG, and that no article can put anything into them."""

from __future__ import annotations

import struct
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from dedup.errors import ConfigError, DedupError
from dedup.report import Findings, write
from dedup.report.formats import read_report, write_figures
from dedup.report.formats.clustermap import draw_cluster
from dedup.report.formats.flow import draw_flow, flows
from dedup.report.formats.stored import Row, Stored
from dedup.report.formats.svg import fitted, lines, text

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def stored(newsroom: Findings, tmp_path: Path) -> Stored:
    write(newsroom, tmp_path / "report")
    return read_report(tmp_path / "report")


def texts(drawn: str) -> list[str]:
    return [node.text or "" for node in ElementTree.fromstring(drawn).iter(f"{SVG}text")]


def made(clusters: list[Row], pairs: list[Row], outlets: dict[str, str]) -> Stored:
    """A report with these rows; an article's outlet by its id."""
    articles: list[Row] = [{"article_id": id, "outlet": outlet, "status": "copy"} for id, outlet in outlets.items()]
    return Stored(Path("report"), pairs, clusters, articles, [], {}, {})


def member(id: str, outlet: str, source: str, published: str = "", **more: str | float) -> Row:
    row: Row = {"cluster_id": "c1", "article_id": id, "outlet": outlet, "likely_source": source, "title": f"Title {id}"}
    return row | {"published": published, "role": "source" if id == source else "member", **more}


def copied(a: str, b: str, source: str = "", **more: str | float) -> Row:
    return {"a": a, "b": b, "grade": "near_duplicate", "confidence": 0.9, "likely_source": source, **more}


def test_an_article_is_taken_once_from_the_source_of_its_story() -> None:
    outlets = {"w": "Wire", "a": "Times", "b": "Post", "own": "Wire", "x": "Herald"}
    cluster = [member(id, outlets[id], "w") for id in ("w", "a", "b", "own")]
    pairs = [copied("a", "w", "w"), copied("a", "b", "b"), copied("a", "x", "a")]
    pairs.append(copied("own", "x", "own", confidence=0.95))  # the stronger one
    assert flows(made(cluster, pairs, outlets)) == Counter(
        {("Wire", "Times"): 1, ("Wire", "Post"): 1, ("Wire", "Herald"): 1}
    )


def test_where_nobody_is_known_to_have_taken_anything_there_is_no_flow() -> None:
    unknown = made(
        [member("a", "Times", "cannot tell"), member("b", "", "cannot tell")],
        [copied("a", "b", "common source unseen")],
        {"a": "Times", "b": ""},
    )
    assert draw_flow(unknown) == ""


def test_the_flow_names_both_sides_with_their_articles(stored: Stored) -> None:
    said = texts(draw_flow(stored))
    assert said[:2] == [
        "Who took text from whom",
        "2 articles carry text whose likely source is another outlet’s.",
    ]
    assert said[4:] == ["Northern Wire Agency", "2", "Ellery Courier", "1", "Tarn Herald", "1"]


def test_many_small_outlets_become_one(invented: Stored) -> None:
    said = texts(draw_flow(invented))
    assert "27 other outlets" in said
    bars = [
        node for node in ElementTree.fromstring(draw_flow(invented)).iter(f"{SVG}rect") if node.get("width") == "12"
    ]
    assert len(bars) == 1 + 14


@pytest.fixture
def invented() -> Stored:
    """A wire story in forty outlets, later and later, the last two without a date."""
    outlets = {"w": "Wire"} | {f"a{n:02}": f"Outlet {n}" for n in range(40)}
    dates = {f"a{n:02}": f"2031-03-{1 + n // 20:02}T{n % 20 + 1:02}:30:00+01:00" for n in range(38)}
    rows = [member(id, outlet, "w", dates.get(id, "")) for id, outlet in outlets.items()]
    rows[0] |= {"published": "2031-03-01T00:10:00+01:00"}
    return made(rows, [copied(id, "w", "w", containment_a=0.5, containment_b=0.876) for id in dates], outlets)


def test_a_map_shows_who_came_when_and_what_two_articles_are(stored: Stored) -> None:
    said = texts(draw_cluster(stored, stored.stories[0]))
    assert said[:2] == [
        "Port Ellery bridge closed until end of May",
        "3 articles at 3 outlets · likely source: Northern Wire Agency (0% likely)",
    ]
    assert "lightly edited copy" in said
    assert "identical copy" not in said
    assert said[said.index("Northern Wire Agency") + 2] == "8 Apr 2031, 16:05 UTC"
    assert said[said.index("Ellery Courier") + 2] == "+1 h 35 min"
    assert said[said.index("Tarn Herald") + 2] == "9 Apr 2031"


def test_a_large_map_shows_the_first_forty_and_counts_the_rest(invented: Stored) -> None:
    drawn = draw_cluster(invented, invented.stories[0])
    said = texts(drawn)
    assert "... and 1 later article" in said
    assert "no date" in said
    assert said.count("88") == 38
    assert {"+1 h 20 min", "+19 h 20 min", "+25 h 20 min"} <= set(said)


@pytest.mark.parametrize(
    ("later", "told"),
    [
        ("2031-03-01T00:40:00+00:00", "+40 min"),
        ("2031-03-01T03:00:00+01:00", "+2 h"),
        ("2031-03-02T01:30:00+00:00", "+25 h 30 min"),
        ("2031-03-04T05:00:00+00:00", "+3 days 5 h"),
        ("2031-03-15T05:00:00+00:00", "+14 days"),
        ("2031-03-15", "15 Mar 2031"),
        ("in spring", "no date"),
    ],
)
def test_delays_are_told_in_hours_and_days(later: str, told: str) -> None:
    rows = [member("w", "Wire", "w", "2031-03-01T00:00:00+00:00"), member("a", "Times", "w", later)]
    drawn = made(rows, [copied("a", "w", "w")], {"w": "Wire", "a": "Times"})
    said = texts(draw_cluster(drawn, drawn.stories[0]))
    assert said[said.index("Times") + 2] == told


def test_a_pair_that_only_the_desk_named_says_so() -> None:
    rows = [member("w", "Wire", "w"), member("a", "Times", "w")]
    pair = copied("a", "w", decided="same_story", containment_a=0.0, containment_b=0.0)
    drawn = made(rows, [pair], {"w": "Wire", "a": "Times"})
    assert "desk" in texts(draw_cluster(drawn, drawn.stories[0]))


def test_files_are_written_as_svg_and_png(stored: Stored, tmp_path: Path) -> None:
    files = write_figures(stored, tmp_path / "deep" / "figures")
    assert [path.name for path in files] == ["flow.svg", "flow.png", "cluster-c0001.svg", "cluster-c0001.png"]
    for svg, png in (files[:2], files[2:]):
        root = ElementTree.parse(svg).getroot()
        data = png.read_bytes()
        assert data[:8] == b"\x89PNG\r\n\x1a\n"
        assert struct.unpack(">II", data[16:24]) == (2 * int(root.get("width", "")), 2 * int(root.get("height", "")))
    assert [path.name for path in write_figures(stored, tmp_path / "one", "c0001")] == [
        "cluster-c0001.svg", "cluster-c0001.png",
    ]  # fmt: skip
    assert (tmp_path / "one" / "cluster-c0001.svg").read_bytes() == files[2].read_bytes()
    with pytest.raises(ConfigError, match="holds no cluster 'c9'; it holds 1 cluster"):
        write_figures(stored, tmp_path, "c9")


def test_without_the_package_for_png_there_is_svg(
    stored: Stored, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    assert [path.name for path in write_figures(stored, tmp_path)] == ["flow.svg", "cluster-c0001.svg"]


def test_a_folder_that_cannot_be_made_is_one_sentence(stored: Stored, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine", "utf-8")
    with pytest.raises(DedupError, match=r"cannot write the figures to .*file: "):
        write_figures(stored, tmp_path / "file")


def test_nothing_that_an_article_says_becomes_part_of_the_drawing(newsroom: Findings, tmp_path: Path) -> None:
    hostile = "</text><script>alert(1)</script>&\x07"
    wire = replace(newsroom.articles[5], title=hostile, publisher=f"{hostile}<image href='http://x/'/>")
    clusters = [replace(newsroom.clusters[0], title=hostile)]
    write(replace(newsroom, articles=[*newsroom.articles[:5], wire], clusters=clusters), tmp_path / "report")
    stored = read_report(tmp_path / "report")
    for drawn in (draw_flow(stored), draw_cluster(stored, stored.stories[0])):
        tags = {node.tag.removeprefix(SVG) for node in ElementTree.fromstring(drawn).iter()}
        assert tags <= {"svg", "title", "rect", "text", "path", "circle"}
        assert "http://x" not in "".join(
            a for node in ElementTree.fromstring(drawn).iter() for a in node.attrib.values()
        )


def test_text_is_cut_to_its_room_and_broken_at_words() -> None:
    assert fitted("Harbour bridge of Port Ellery", 10, 80) == "Harbour bridge…"
    assert lines("Harbour bridge of Port Ellery reopens", 10, 90, 2) == ["Harbour bridge of", "Port Ellery reope…"]
    assert lines("", 10, 90, 2) == []
    assert text(1, 2, "a < b", font_weight=600) == (
        '<text x="1.0" y="2.0" font-size="13" fill="#1c1a17" font-weight="600">a &lt; b</text>'
    )
