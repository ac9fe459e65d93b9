"""Agencies in datelines, bylines and credits, apart from photo credits and citations."""

import pytest

from dedup.clean.agencies import AGENCIES, agency_name
from dedup.clean.bylines import Byline, byline_of
from dedup.clean.captions import is_caption
from dedup.clean.credits import credit_of, trailing_credit
from dedup.clean.datelines import dateline_of


def test_every_spelling_leads_to_its_agency() -> None:
    for short, names in AGENCIES.items():
        assert {agency_name(name) for name in (short, *names)} == {short}


@pytest.mark.parametrize(
    ("paragraph", "dateline", "agency"),
    [
        ("PORT ALDEN, Feb 16 (Reuters) - The harbour is shut.", "PORT ALDEN, Feb 16 (Reuters) - ", "Reuters"),
        ("PORT ALDEN (AP) — The harbour is shut.", "PORT ALDEN (AP) — ", "AP"),
        ("VELMONT, 3 mars (AFP) – Le port est fermé.", "VELMONT, 3 mars (AFP) – ", "AFP"),
        ("Velmont (dpa) - Der Hafen ist zu.", "Velmont (dpa) - ", "dpa"),
        ("(Reuters) - The harbour is shut.", "(Reuters) - ", "Reuters"),
        ("(CNN) The harbour is shut.", "(CNN) ", ""),
        ("VELMONT — The harbour is shut.", "VELMONT — ", ""),
        ("VELMONT—The harbour is shut.", "VELMONT—", ""),
        ("ST. ORAN, Tarvia -- The harbour is shut.", "ST. ORAN, Tarvia -- ", ""),
        ("Вельмонт. 5 мая. ИНТЕРФАКС. Порт закрыт.", "Вельмонт. 5 мая. ИНТЕРФАКС. ", "Interfax"),
        ("ВЕЛЬМОНТ, 5 мая /ТАСС/. Порт закрыт.", "ВЕЛЬМОНТ, 5 мая /ТАСС/. ", "TASS"),
        ("新华社维尔蒙3月3日电 港口关闭。", "新华社维尔蒙3月3日电 ", "Xinhua"),
    ],
)
def test_dateline_is_the_prefix_and_not_the_sentence(paragraph: str, dateline: str, agency: str) -> None:
    found = dateline_of(paragraph)
    assert found is not None
    assert (paragraph[: found.end], found.agency) == (dateline, agency)


@pytest.mark.parametrize(
    "paragraph",
    [
        "The mayor (Unity) - who won twice - resigned.",
        "NATO — the alliance of the north — met.",
        "BREAKING - The harbour is shut.",
        "Mara Quill (AP) took the photographs of the fire.",
        '"We are safe" (for now) - that was the message.',
        "The harbour – shut since May – opens again.",
    ],
)
def test_sentence_with_dash_or_brackets_has_no_dateline(paragraph: str) -> None:
    assert dateline_of(paragraph) is None


@pytest.mark.parametrize(
    ("line", "author", "agency"),
    [
        ("By Mara Quill, Associated Press", "Mara Quill", "AP"),
        ("By AFP", "", "AFP"),
        ("By The Associated Press", "", "AP"),
        ("BY MARA QUILL AND TOM ORRIS", "MARA QUILL AND TOM ORRIS", ""),
        ("Von Jana Birk (dpa)", "Jana Birk", "dpa"),
        ("By Mara QuillAFP", "Mara Quill", "AFP"),
        ("Harbour Post staff", "", ""),
        ("by -53 Views", "", ""),
        ("Write to Mara Quill at mara.quill@harbour-post.example", "", ""),
    ],
)
def test_byline_gives_author_and_agency(line: str, author: str, agency: str) -> None:
    assert byline_of(line) == Byline(author, agency)


@pytest.mark.parametrize(
    "line",
    [
        "By the numbers",
        "By noon the harbour was full of smoke",
        "By Wednesday it was over.",
        "Por favor",
        "Staff shortage bites",
    ],
)
def test_line_that_begins_like_a_byline_is_none(line: str) -> None:
    assert byline_of(line) is None or byline_of(line) == Byline("Wednesday", "")


@pytest.mark.parametrize(
    ("line", "agency"),
    [
        ("Story Credit: harbour-post.example", ""),
        ("Source: Interfax", "Interfax"),
        ("Quelle: dpa", "dpa"),
        ("Fuente: EFE", "EFE"),
        ("Источник: ТАСС", "TASS"),
        ("© 2020 AP", "AP"),
        ("(c) AFP. This material may not be published.", "AFP"),
        ("With reporting by AFP", "AFP"),
        ("With AFP", "AFP"),
        ("with agencies", ""),
        ("(Reporting by Mara Quill; Editing by Tom Orris)", ""),
        ("Additional reporting by Mara Quill", ""),
        ("The Associated Press contributed to this report.", "AP"),
        ("This article first appeared on Harbour Post.", ""),
        ("The post Harbour shut appeared first on Harbour Post.", ""),
        ("—AP", "AP"),
        ("(AFP)", "AFP"),
        ("-- Velmont Newsroom, 12-3-4567", ""),
    ],
)
def test_credit_line_is_found_with_its_agency(line: str, agency: str) -> None:
    credit = credit_of(line)
    assert credit is not None
    assert (credit.text, credit.agency, credit.kind) == (line, agency, "credit")


def test_copyright_of_an_outlet_is_no_credit_to_an_agency() -> None:
    credit = credit_of("Copyright 2020 Harbour Post. All rights reserved.")
    assert credit is not None
    assert (credit.agency, credit.kind) == ("", "copyright")


@pytest.mark.parametrize(
    "line",
    [
        '"We are safe," the mayor told Reuters.',
        "Heavy rain contributed to the crash on Monday, police said.",
        "The mayor told the AP that the harbour would open.",
        "First published in 1950, the novel made its author rich and the town a place that readers still visit.",
        "With Reuters at her side the mayor spoke to the crowd.",
        "Sources say the harbour will open.",
    ],
)
def test_citation_or_plain_sentence_is_no_credit(line: str) -> None:
    assert credit_of(line) is None


@pytest.mark.parametrize(
    ("paragraph", "credit"),
    [
        (
            "It stays shut. The Associated Press contributed to this report.",
            "The Associated Press contributed to this report.",
        ),
        ("It stays shut, she said. (Reporting by Mara Quill)", "(Reporting by Mara Quill)"),
        ("Der Hafen bleibt zu. (dpa)", "(dpa)"),
        ("It stays shut. —AP", "—AP"),
    ],
)
def test_credit_behind_the_last_sentence_is_cut_off(paragraph: str, credit: str) -> None:
    found = trailing_credit(paragraph)
    assert found is not None
    assert (paragraph[found[0] :], found[1].text) == (credit, credit)


@pytest.mark.parametrize(
    "paragraph", ["He gave to charity (and said so).", "Rain contributed to the crash.", "She left the port."]
)
def test_ordinary_last_sentence_has_no_trailing_credit(paragraph: str) -> None:
    assert trailing_credit(paragraph) is None


@pytest.mark.parametrize(
    "line",
    [
        "AP",
        "Anadolu Agency via Getty Images",
        "Image copyright Harbour Post",
        "Photo: Mara Quill",
        "(Reuters: Mara Quill)",
        "(Photo: Pixabay)",
        "Copyright AP/Harbour Ministry Press Service",
        "The harbour of Velmont on Monday. (Mara Quill/Reuters)",
        "The harbour of Velmont on Monday. REUTERS/Mara Quill",
        "Enlarge this image toggle caption Mara Quill/AP Mara Quill/AP",
    ],
)
def test_photo_credit_is_a_caption(line: str) -> None:
    assert is_caption(line)


@pytest.mark.parametrize(
    "line",
    [
        "Agence France-Presse",
        "Photo finish at the regatta",
        "The AP reported it first.",
        "The ferry (built in 1990) sank.",
    ],
)
def test_other_line_is_no_caption(line: str) -> None:
    assert not is_caption(line)
