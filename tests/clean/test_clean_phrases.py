"""The furniture lexicon: what it catches, and what it must leave alone."""

from collections import Counter
from importlib.resources import files

import pytest

from dedup.clean import FURNITURE_KINDS
from dedup.clean.phrases import fold_words, phrase_kind, read_phrases

_PHRASES = list(read_phrases(files("dedup.clean").joinpath("furniture.txt").read_text("utf-8")))


def test_every_entry_is_well_formed_and_stands_once() -> None:
    assert all(phrase.sign in "=^~:" and phrase.words and phrase.kind in FURNITURE_KINDS for phrase in _PHRASES)
    assert max(Counter((phrase.sign, phrase.words) for phrase in _PHRASES).values()) == 1


def test_an_entry_admits_lines_at_least_as_long_as_itself() -> None:
    assert [phrase for phrase in _PHRASES if phrase.max_words < len(phrase.words)] == []


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("- Advertisement -", "advert"),
        ("RELATED ARTICLES", "related"),
        ("Most Popular", "related"),
        ("Sign up to read this article", "subscribe"),
        ("Get the Harbour Post newsletter in your inbox", "subscribe"),
        ("Already a member? Log in", "subscribe"),
        ("Share this article", "share"),
        ("Comments are closed", "share"),
        ("Copyright Harbour Post. All rights reserved.", "copyright"),
        ("Harbour Post is a registered trademark.", "copyright"),
        ("This story has been corrected to fix the spelling of a name.", "agency"),
        ("Media playback is unsupported on your device", "widget"),
        ("Lesen Sie auch", "related"),
        ("À LIRE AUSSI", "related"),
        ("Lee también", "related"),
        ("Leggi anche", "related"),
        ("Leia também", "related"),
        ("Lees ook", "related"),
        ("Czytaj też", "related"),
        ("Читайте также", "related"),
        ("Читайте також", "related"),
        ("İlgili haberler", "related"),
        ("اقرأ أيضاً", "related"),
        ("相关新闻", "related"),
        ("関連記事", "related"),
        ("Läs också", "related"),
        ("Citește și", "related"),
        ("Čtěte také", "related"),
        ("Διαβάστε επίσης", "related"),
        ("Baca juga", "related"),
        ("Soma pia", "related"),
        ("ማስታወቂያ", "advert"),
        ("Labarai masu alaƙa", "related"),
    ],
)
def test_furniture_phrase_is_known(line: str, kind: str) -> None:
    assert phrase_kind(line) == kind


@pytest.mark.parametrize(
    "line",
    [
        "Copyright holders in the town sued the port authority on Monday.",
        "Powered by strong exports, the harbour grew by five per cent.",
        "In the news conference the mayor said the harbour would open.",
        "Popular in the north, the ferry sold three million tickets.",
        "The pictures spread on Facebook and Twitter.",
        "New subscribers to the harbour's water supply pay more.",
        "There was a problem with the engine, the captain said.",
        "They entered the port without prior permission.",
        "Share prices fell on Monday.",
        "Nach der Anzeige ermittelt nun die Polizei.",
        "La reproduction des phoques inquiète le port.",
        "Registrati tre casi nel porto di Velmont.",
        "Recibe el puerto una multa por el vertido.",
        "Dalsza część procesu odbędzie się w maju.",
        "未经许可进入港口的船只被扣留。",
        "Primește portul o amendă?",
    ],
)
def test_sentence_of_news_is_no_furniture(line: str) -> None:
    assert phrase_kind(line) == ""


def test_folding_ignores_case_accents_and_punctuation() -> None:
    assert fold_words("«À LA UNE» – 100’s") == ("a", "la", "une", "100", "s")
    assert fold_words("相关，阅读") == ("相", "关", "阅", "读")
