"""Outlets that a running text leans on, told apart from people, offices and places."""

from __future__ import annotations

import pytest

from dedup.clean.citations import citations_of, outlet_key


@pytest.mark.parametrize(
    ("text", "reported"),
    [
        ("The quay is shut, the Orlo Courier reported on Monday.", {"orlo courier"}),
        ("According to the Daily Beacon, the quay is shut.", {"daily beacon"}),
        ("The quay is shut, according to the Daily Beacon.", {"daily beacon"}),
        ("The quay is shut, reports Tarn Herald Online.", {"tarn herald"}),
        ("As the BBC has previously reported, the quay is shut.", {"bbc"}),
        ("The Associated Press reports that the quay is shut.", {"ap"}),
        ("Laut Tarner Anzeiger ist der Kai gesperrt.", {"tarner anzeiger"}),
        ("Wie der Tarner Anzeiger berichtet, ist der Kai gesperrt.", {"tarner anzeiger"}),
        ("Как сообщает ТАСС, причал закрыт.", {"tass"}),
        ("Residents reported a loud boom. Officer Ines Roe reported nothing.", set()),
        ("The quay is shut, according to Ines Roe of the Harbour Office.", set()),
        ("He wrote a news report about the herald of spring.", set()),
    ],
)
def test_only_outlets_count_as_having_reported(text: str, reported: set[str]) -> None:
    assert citations_of(text).reported == reported


def test_whom_somebody_told_is_kept_apart_from_who_reported() -> None:
    found = citations_of("“It is shut,” she told Harbour Radio. He told Mara Quill that the Orlo Courier reported it.")
    assert (found.told, found.reported) == ({"harbour radio"}, {"orlo courier"})


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("(CNN) The quay is shut.", {"cnn"}),
        ("PORT ALDEN (AP) - The quay is shut.", {"ap"}),
        ("The quay is shut.\nTarn Herald’s Ines Roe and Bo Lund contributed to this report.", {"tarn herald"}),
        ("The Tarn Herald could not independently verify this.", {"tarn herald"}),
        ("The quay (of Orlo) is shut.", set()),
    ],
)
def test_a_text_may_name_its_own_outlet(text: str, own: set[str]) -> None:
    assert citations_of(text).own == own


def test_a_signature_is_read_on_whichever_line_it_stands() -> None:
    text = "Rivals contributed nothing.\nTarn Herald’s Ines Roe contributed.\nIt is shut.\nCNN's Bo Lund contributed."
    assert citations_of(text).own == {"tarn herald", "cnn"}


def test_a_citation_may_open_the_text_or_end_a_line() -> None:
    assert citations_of("According to the Daily Beacon, the quay is shut.").reported == {"daily beacon"}
    assert citations_of("So it is, reports\nthe Daily Beacon.").reported == {"daily beacon"}
    assert citations_of("So it is, misreports the Daily Beacon.").reported == set()


def test_told_us_is_first_hand_and_told_the_us_is_not() -> None:
    assert citations_of("“It is shut,” she told us.").first_hand
    assert citations_of("“It is shut,” our reporter heard.").first_hand
    assert citations_of("Our reporter: our correspondent heard it.").first_hand
    assert not citations_of("The mayor spoke to four reporters about it.").first_hand
    assert not citations_of("“It is shut,” she told the US envoy.").first_hand


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("The Orlo Courier", "orlo courier"),
        ("Orlo Courier Online", "orlo courier"),
        ("Associated Press", "ap"),
        ("BBC News", "bbc"),
        ("The News", "the news"),
        ("orlo-courier", "orlo courier"),
    ],
)
def test_spellings_of_one_outlet_have_one_key(name: str, key: str) -> None:
    assert outlet_key(name) == key
