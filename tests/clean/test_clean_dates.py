"""Dates as fields and lines give them; nothing is guessed."""

import pytest

from dedup.clean.dates import date_line, parse_date


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2031-09-20", "2031-09-20"),
        ("2031-02-16T14:03:00+01:00", "2031-02-16T14:03:00+01:00"),
        ("2031-02-16T14:03:00Z", "2031-02-16T14:03:00+00:00"),
        ("2031-02-16 14:03:00", "2031-02-16T14:03:00"),
        ("2031-02-16T14:03:00.123456Z", "2031-02-16T14:03:00+00:00"),
        ("20310216T140300Z", "2031-02-16T14:03:00+00:00"),
        ("20310216", "2031-02-16"),
        ("2031/02/16 14:03", "2031-02-16T14:03:00"),
        ("Sun, 16 Feb 2031 14:03:00 +0100", "2031-02-16T14:03:00+01:00"),
        ("16 Feb 2031 14:03 GMT", "2031-02-16T14:03:00+00:00"),
        ("Saturday, March 25, 2023", "2023-03-25"),
        ("Updated 9:03 PM ET, Thu February 16, 2023", "2023-02-16T21:03:00"),
        ("Sept. 5, 2019", "2019-09-05"),
        ("1676556180", "2023-02-16T14:03:00+00:00"),
        ("1676556180000", "2023-02-16T14:03:00+00:00"),
        ("13/04/2020", "2020-04-13"),
        ("04/13/2020", "2020-04-13"),
        ("05/05/2020", "2020-05-05"),
        ("03.04.2020", "2020-04-03"),
        ("16. Februar 2023, 14:03 Uhr", "2023-02-16T14:03:00"),
        ("16 février 2023 à 14h03", "2023-02-16T14:03:00"),
        ("16 de febrero de 2023", "2023-02-16"),
        ("16 febbraio 2023", "2023-02-16"),
        ("16 de fevereiro de 2023", "2023-02-16"),
        ("16 februari 2023", "2023-02-16"),
        ("16 lutego 2023", "2023-02-16"),
        ("16 февраля 2023 года", "2023-02-16"),
        ("16 лютого 2023", "2023-02-16"),
        ("16 Şubat 2023", "2023-02-16"),
        ("16 Φεβρουαρίου 2023", "2023-02-16"),
        ("١٦ فبراير ٢٠٢٣", "2023-02-16"),
        ("2023年2月16日", "2023-02-16"),
        ("2023年2月16日 14時03分", "2023-02-16T14:03:00"),
        ("2023년 2월 16일", "2023-02-16"),
    ],
)
def test_date_is_read_and_keeps_its_zone(text: str, expected: str) -> None:
    assert parse_date(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "03/04/2020",
        "2023-02-30",
        "31 June 2020",
        "2023-13-01",
        "12:30",
        "5/6/20",
        "in May 2014 he left",
        "9" * 500,
    ],
)
def test_ambiguous_impossible_and_other_text_is_unknown(text: str) -> None:
    assert parse_date(text) == ""


def test_ambiguous_zone_name_keeps_the_time_without_an_offset() -> None:
    assert parse_date("Feb 16 2023 2:03PM IST") == "2023-02-16T14:03:00"


@pytest.mark.parametrize(
    "line", ["6 years ago", "Updated 2 hours ago", "5 min read", "vor 3 Stunden", "Published: 5 May 2023"]
)
def test_line_that_only_says_when_is_a_date_line(line: str) -> None:
    assert date_line(line)


@pytest.mark.parametrize("line", ["In 2014 it closed", "3 days", "The vote is on 5 May 2023", "Route 66"])
def test_line_that_says_more_is_no_date_line(line: str) -> None:
    assert not date_line(line)
