"""Furniture by phrase."""

from __future__ import annotations

import numpy as np
import pytest

from dedup.clean.furniture import KINDS, load_lexicon, mark_lexicon, parse_lexicon
from dedup.errors import ConfigError
from dedup.tokens import FURNITURE, tokenise


def kinds(text: str, lexicon: str | None = None) -> list[str]:
    """The kind of each line that has words."""
    found = mark_lexicon(tokenise([text]), parse_lexicon(lexicon) if lexicon else load_lexicon())
    return [KINDS[kind] for kind in found]


RULES = """
# a comment
[share]
= share this
^ follow us on
~ click here
[subscribe]
~ every morning |20
~ every reader
~ newsletter
"""


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("Share this", "share"),
        ("SHARE — THIS!", "share"),
        ("Share this story", ""),
        ("Follow us on Faceplace and Chirper", "share"),
        ("You can follow us on Chirper", ""),
        ("Now click here please", "share"),
        ("One two three four five six seven eight nine ten eleven click here", ""),
        ("All the news of Orlo and Tarn and Ellery in your mail box every morning at six", "subscribe"),
        ("click", ""),
        ("Every reader of the Tarn Herald knows it", "subscribe"),
        ("Here is what every reader of the Tarn Herald and of the Orlo Courier knows", ""),
        ("Our newsletter", "subscribe"),
        ("Newsletter and share this", "subscribe"),
    ],
)
def test_rules_say_whole_line_start_or_within(line: str, kind: str) -> None:
    assert kinds(line, RULES) == [kind]


@pytest.mark.parametrize("broken", ["= before any section", "[nonsense]\n= x", "[share]\nno sign"])
def test_a_broken_lexicon_is_an_error_with_its_line(broken: str) -> None:
    with pytest.raises(ConfigError, match="line"):
        parse_lexicon(broken)


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("Advertisement", "advert"),
        ("Skip to main content", "navigation"),
        ("Read more", "navigation"),
        ("Sign up for our newsletter", "subscribe"),
        ("Share on Facebook", "share"),
        ("Related stories", "related"),
        ("All rights reserved", "copyright"),
    ],
)
def test_the_shipped_lexicon_knows_everyday_furniture(line: str, kind: str) -> None:
    assert kinds(line) == [kind]


@pytest.mark.parametrize(
    "line",
    ["Werbung", "Publicité", "Publicidad", "Реклама", "広告", "广告", "إعلان", "Reklam", "Pubblicità", "Publicidade"],
)
def test_the_shipped_lexicon_knows_advertisements_in_ten_languages(line: str) -> None:
    assert kinds(line) == ["advert"]


@pytest.mark.parametrize(
    "sentence",
    [
        "The council will share this burden with the mills of Upper Tarn, mayor Ines Tamber said on Monday.",
        "Police asked drivers to follow us on to the gravel road and wait there until the bridge was clear again.",
        "He read more books in prison than in all his years at school, his sister told the court in Orlo.",
        "The video shows the ferry turning twice before it hits the pier of Port Ansel at half past four.",
    ],
)
def test_the_shipped_lexicon_swallows_no_sentence_of_news(sentence: str) -> None:
    assert kinds(sentence) == [""]


def test_only_the_words_of_furniture_lines_are_flagged() -> None:
    batch = tokenise(["Rain fell.\nAdvertisement\nThe sun came out."])
    mark_lexicon(batch, load_lexicon())
    assert (batch.flags & FURNITURE != 0).tolist() == [False, False, True, False, False, False, False]


NEWS = "\n".join(
    f"The shipyard of Port Ansel will build {n} ferries for the Orlo line, its director Ines Tamber said on day {n}."
    for n in range(3, 8)
)


def about(text: str) -> list[str]:
    """The lines that the shipped lexicon takes for the end of a press release."""
    batch = tokenise([text])
    found = mark_lexicon(batch, load_lexicon())
    starts, ends = batch.lines.char_start, batch.lines.char_end
    return [text[starts[n] : ends[n]].strip() for n in np.flatnonzero(found == KINDS.index("about"))]


FOOTER_LINES = [
    "About Ansel Shipyard",
    "Ansel Shipyard is a maker of ferries with 900 people in three ports.",
    "It was founded in 1911.",
]


@pytest.mark.parametrize(
    "footer",
    [
        FOOTER_LINES,
        ["Notes to editors", "1. The figures are those of the year before.", "2. Pictures can be had on request."],
        ["Media contact:", "Mara Quill, Ansel Shipyard, press office"],
        ["Über Ansel Werft", "Die Ansel Werft baut Fähren und hat 900 Leute in drei Häfen."],
        ["Pressekontakt", "Mara Quill, Ansel Werft"],
        ["À propos de Velmont", "Velmont est une compagnie de navigation avec 900 salariés dans trois ports."],
        ["Sobre Velmont", "La naviera Velmont tiene 900 empleados en tres puertos y construye barcos."],
        ["О компании", "Верфь строит паромы в трёх портах."],
    ],
)
def test_the_end_of_a_press_release_goes_with_its_heading(footer: list[str]) -> None:
    assert about("\n".join([NEWS, *footer])) == footer


@pytest.mark.parametrize(
    "text",
    [
        NEWS + "\nAbout the ferries\nThe ferries will be the largest that ever sailed to the islands of Orlo.",
        NEWS + "\nAbout Ansel\nNobody in the town wanted to talk about what the yard will do with its people.",
        NEWS + "\nAbout Ansel Shipyard",
        NEWS + "\nContacts between the two yards were broken off in May, and no talks are planned for this year.",
    ],
    ids=["no name", "another subject", "nothing behind it", "a sentence"],
)
def test_other_headings_take_nothing_along(text: str) -> None:
    assert about(text) == []


def test_a_heading_at_the_top_takes_nothing_along() -> None:
    assert about("\n".join([*FOOTER_LINES[:2], NEWS])) == FOOTER_LINES[:1]


def test_a_heading_announces_nothing_of_the_next_article() -> None:
    found = mark_lexicon(tokenise([f"{NEWS}\nAbout Ansel Shipyard", FOOTER_LINES[1]]), load_lexicon())
    assert not found.any()


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("Related: Ferry yard of Port Ansel asks for help", "related"),
        ("READ MORE: Ferry yard asks for help", "related"),
        ("More | Ferry yard asks for help", "related"),
        ("По теме: Верфь просит о помощи", "related"),
        ("Related industries in Port Ansel lost a tenth of their people, the council said.", ""),
        ("More: that is what the yard of Port Ansel wants, its director said.", ""),
        ("Watch the ferry of Port Ansel leave", ""),
    ],
)
def test_a_label_points_to_another_story(line: str, kind: str) -> None:
    assert kinds(line) == [kind]
