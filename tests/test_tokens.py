"""Words: what counts as the same word, where it stands, and what is known of it."""

from __future__ import annotations

import sys
import unicodedata

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dedup.codepoints import CODE, build_table, token_table
from dedup.tokens import (
    CAPITAL,
    FURNITURE,
    NUMBER,
    QUOTE_START,
    QUOTED,
    SENTENCE_START,
    flag_spans,
    tokenise,
    tokenise_one,
    tokenise_utf8,
)

ANY_TEXT = st.text(st.characters(), max_size=120)
QUOTE_MARKS = st.text(st.sampled_from("ab\"'`“”„‘’«»「」『』.\n ZÉ1"), max_size=60)


def words(text: str) -> list[str]:
    batch = tokenise_one(text)
    return [text[start:end] for start, end in zip(batch.starts, batch.ends, strict=True)]


def flagged(text: str, flag: int) -> list[str]:
    batch = tokenise_one(text)
    return [word for word, flags in zip(words(text), batch.flags, strict=True) if flags & flag]


def hash_of(letters: str, kind: int) -> int:
    """FNV-1a of the folded letters, MurmurHash3's finaliser, and the class: what stored data are made of."""
    hash_, wide = 0xCBF29CE484222325, (1 << 64) - 1
    for letter in letters:
        hash_ = (hash_ ^ ord(letter)) * 0x100000001B3 & wide
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        hash_ = (hash_ ^ hash_ >> 33) * factor & wide
    return (hash_ ^ hash_ >> 33) & ~3 | kind


@pytest.mark.parametrize(
    ("word", "letters", "kind"),
    [
        *(("HarbourMaster2031OfOrlo"[:n], "harbourmaster2031oforlo"[:n], 0) for n in range(1, 24)),
        ("éa", "ea", 0),
        ("ZOË", "zoe", 0),
        ("naïvely1931and", "naively1931and", 0),
        ("co\u00adoperation", "cooperation", 0),
        ("Ёлка9b", "елка9b", 0),
        ("𝐀b", "ab", 0),
        ("한국", "한국", 0),
        ("京", "京", 1),
        ("กิ", "กิ", 2),
    ],
)
def test_the_hash_of_a_word_is_the_one_in_stored_data(word: str, letters: str, kind: int) -> None:
    assert tokenise_one(word).hashes.tolist() == [hash_of(letters, kind)]
    assert tokenise_one(f"x“{word}” y").hashes.tolist()[1:2] == [hash_of(letters, kind)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The ferry, he said, was late.", ["The", "ferry", "he", "said", "was", "late"]),
        ("a 4.5-per-cent rise", ["a", "4", "5", "per", "cent", "rise"]),
        ("Zoë’s café", ["Zoë", "s", "café"]),
        ("co\u00adopera\u00adtion", ["co\u00adopera\u00adtion"]),
        ("zero\u200bwidth\u200djoined", ["zero\u200bwidth\u200djoined"]),
        ("東京で会談", ["東", "京", "で", "会", "談"]),
        ("カタカナ word", ["カ", "タ", "カ", "ナ", "word"]),
        ("北京News报道", ["北", "京", "News", "报", "道"]),
        ("한국어 뉴스", ["한국어", "뉴스"]),
        ("हिन्दी समाचार", ["हिन्दी", "समाचार"]),
        ("السَّلامُ عليكم", ["السَّلام", "عليكم"]),
        ("Привет, МИР", ["Привет", "МИР"]),
        ("storm 😀 calm", ["storm", "calm"]),
        ("", []),
        (" \n\t—…!?“”", []),
    ],
)
def test_words_are_cut_where_a_reader_would_cut_them(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize("text", ["ประเทศไทย", "ຄົນລາວ", "ភាសាខ្មែរ", "မြန်မာ"])
def test_scripts_without_spaces_become_clusters_and_not_one_long_word(text: str) -> None:
    found = words(text)
    assert 3 <= len(found) < len(text)
    assert "".join(found) == text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Harbour BRIDGE", "harbour bridge"),
        ("It’s the mayor’s", "It's the mayor's"),
        ("“We stay”", '"We stay"'),
        ("café", unicodedata.normalize("NFD", "café")),
        ("Nguyễn Thị Hồng", unicodedata.normalize("NFD", "Nguyễn Thị Hồng")),
        ("Ёлка йод", unicodedata.normalize("NFD", "Ёлка йод")),
        ("Ελλάδα", unicodedata.normalize("NFD", "Ελλάδα")),
        ("café", "CAFE"),
        ("Przemyśl", "Przemysl"),
        ("ёлка", "елка"),
        ("السَّلامُ عليكم", "السلام عليكم"),
        ("שָׁלוֹם", "שלום"),
        ("１２３ ＡＢＣ", "123 abc"),
        ("co\u00adoperation", "cooperation"),
        ("zero\u200bwidth", "zerowidth"),
        ("right\u200eto\u200fleft", "righttoleft"),
        ("snow\ufe0f", "snow"),
    ],
)
def test_texts_that_look_alike_have_equal_tokens(one: str, other: str) -> None:
    assert tokenise_one(one).hashes.tolist() == tokenise_one(other).hashes.tolist()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("harbour", "harbours"),
        ("ab c", "a bc"),
        ("12", "21"),
        ("北京", "京北"),
        ("мир", "мор"),
        ("हिन्दी", "हन्द"),
        ("กา", "กิ"),
    ],
)
def test_different_words_have_different_tokens(one: str, other: str) -> None:
    assert tokenise_one(one).hashes.tolist() != tokenise_one(other).hashes.tolist()


def test_the_class_of_a_token_is_in_its_two_lowest_bits() -> None:
    assert (tokenise_one("harbour 京 ก").hashes & np.uint64(3)).tolist() == [0, 1, 2]


@given(ANY_TEXT)
@example("😀 a𐐀b 👩‍🚀 𠀀x")
@example("lone \ud800 surrogate \udc00x")
@example("e\u0301\u0301 \u0301x")
def test_every_token_is_a_piece_of_its_text_that_tokenises_to_itself(text: str) -> None:
    batch = tokenise_one(text)
    last = 0
    for hash_, start, end in zip(batch.hashes, batch.starts, batch.ends, strict=True):
        assert last <= start < end <= len(text)
        assert tokenise_one(text[start:end]).hashes.tolist() == [hash_]
        last = end


@given(st.lists(ANY_TEXT | QUOTE_MARKS, max_size=6))
def test_a_batch_is_the_same_as_one_by_one(texts: list[str]) -> None:
    batch = tokenise(texts)
    assert len(batch.offsets) == len(texts) + 1
    for index, text in enumerate(texts):
        alone, span = tokenise_one(text), batch.span(index)
        for name in ("hashes", "flags", "starts", "ends"):
            assert getattr(batch, name)[span].tolist() == getattr(alone, name).tolist()
        first, last = batch.lines.offsets[index : index + 2]
        assert batch.lines.char_start[first:last].tolist() == alone.lines.char_start.tolist()
        assert batch.lines.char_end[first:last].tolist() == alone.lines.char_end.tolist()
        assert (batch.lines.token_start[first:last] - batch.offsets[index]).tolist() == alone.lines.token_start.tolist()


@given(st.lists(st.tuples(ANY_TEXT | QUOTE_MARKS, ANY_TEXT), max_size=5))
def test_texts_are_read_where_they_lie_between_other_bytes(texts: list[tuple[str, str]]) -> None:
    data, begins, ends = b"", [], []
    for text, other in texts:
        begins.append(len(data))
        data += text.encode("utf-8", "surrogatepass")
        ends.append(len(data))
        data += other.encode("utf-8", "surrogatepass")
    batch = tokenise_utf8(np.frombuffer(data, np.uint8), np.array(begins, np.int64), np.array(ends, np.int64))
    expected = tokenise([text for text, _ in texts])
    for name in ("hashes", "flags", "starts", "ends", "offsets"):
        assert getattr(batch, name).tolist() == getattr(expected, name).tolist()
    for name in ("token_start", "token_end", "char_start", "char_end", "offsets"):
        assert getattr(batch.lines, name).tolist() == getattr(expected.lines, name).tolist()


@pytest.mark.parametrize("texts", [["ab", "cd"], ["é", "e"], ["a", "\u0301b"], ["a1", "é"]])
def test_words_do_not_run_on_from_one_text_into_the_next(texts: list[str]) -> None:
    assert tokenise(texts).offsets.tolist() == [0, 1, 2]


def test_no_text_at_all_is_an_empty_batch() -> None:
    batch = tokenise([])
    assert (len(batch.hashes), batch.offsets.tolist(), batch.lines.offsets.tolist()) == (0, [0], [0])


def test_lines_without_words_are_left_out() -> None:
    lines = tokenise_one("First line\n\n - \nlast one").lines
    assert list(zip(lines.char_start, lines.char_end, lines.token_start, lines.token_end, strict=True)) == [
        (0, 10, 0, 2),
        (16, 24, 2, 4),
    ]


def test_capitals() -> None:
    assert flagged("The mayor of Orlo, Ёлка and ÉLAN met", CAPITAL) == ["The", "Orlo", "Ёлка", "ÉLAN"]


def test_numbers() -> None:
    assert flagged("On 12 May 4.5 tonnes, the 2nd ٣ time", NUMBER) == ["12", "4", "5", "2nd", "٣"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Rain fell. It stopped! Why? Nobody knows", ["Rain", "It", "Why", "Nobody"]),
        ("A rise of 4.5 per cent", ["A"]),
        ("First line\nsecond line", ["First", "second"]),
        ("会談した。明日", ["会", "明"]),
        ("“We stay.” He left", ["We", "He"]),
        ("هل غادر؟ نعم", ["هل", "نعم"]),
    ],
)
def test_sentence_starts(text: str, expected: list[str]) -> None:
    assert flagged(text, SENTENCE_START) == expected


@pytest.mark.parametrize(
    "quoted",
    [
        '"we will stay"',
        "“we will stay”",
        "„we will stay“",
        "„we will stay”",
        '„we will stay"',
        "«we will stay»",
        "« we will stay »",
        "»we will stay«",
        "”we will stay”",
        "‘we will stay’",
        "'we will stay'",
        "``we will stay''",
        '“we will stay"',
    ],
)
def test_quotations_are_known_in_every_style(quoted: str) -> None:
    text = f"She said {quoted} and left."
    assert flagged(text, QUOTED) == ["we", "will", "stay"]
    assert flagged(text, QUOTE_START) == ["we"]


@pytest.mark.parametrize("quoted", ["「我们留下」", "『我们留下』", "“我们留下”"])
def test_quotations_are_known_in_chinese_and_japanese(quoted: str) -> None:
    assert flagged(f"他说{quoted}然后走了", QUOTED) == list("我们留下")


def test_two_quotations_side_by_side_have_two_starts() -> None:
    assert flagged('"We stay," he said, "until May."', QUOTE_START) == ["We", "until"]


def test_a_quotation_of_two_paragraphs_opens_again_and_closes_once() -> None:
    text = "“We stay until May.\n“Then we leave,” she said."
    assert flagged(text, QUOTED) == ["We", "stay", "until", "May", "Then", "we", "leave"]
    assert flagged(text, QUOTE_START) == ["We", "Then"]


def test_straight_quotes_of_two_paragraphs_do_not_turn_speech_inside_out() -> None:
    text = '"We stay until May.\n"Then we leave," she said. He nodded.'
    assert flagged(text, QUOTED) == ["We", "stay", "until", "May", "Then", "we", "leave"]


def test_a_closing_mark_before_a_space_opens_nothing() -> None:
    assert flagged('until May." He nodded and "left now" again', QUOTED) == ["left", "now"]


def test_inner_quotes_do_not_end_the_outer_ones() -> None:
    assert flagged("“He said ‘no way’ to me” twice", QUOTED) == ["He", "said", "no", "way", "to", "me"]


@pytest.mark.parametrize(
    "text",
    [
        "It's the miners' strike and the dogs' dinner",
        "It’s the miners’ strike and the dogs’ dinner",
        "the dogs' dinner isn't the cats' dinner",
        "the class of '99",
        "rock'n'roll and o'clock",
        "l'été d'Orlo n'est pas l'hiver",
        "‘Tis the season to be jolly",
    ],
)
def test_apostrophes_are_not_quotation_marks(text: str) -> None:
    assert flagged(text, QUOTED) == []


def test_a_mark_that_never_closes_within_three_hundred_words_was_no_quotation() -> None:
    text = "“Opening " + "and on, " * 310 + "the end."
    assert flagged(text, QUOTED) == []


@given(QUOTE_MARKS)
def test_a_quotation_starts_only_inside_quotations(text: str) -> None:
    flags = tokenise_one(text).flags
    assert not np.any((flags & QUOTE_START != 0) & (flags & QUOTED == 0))
    inside = flags & QUOTED != 0
    before = np.concatenate([[False], inside[:-1]])
    assert np.all((flags & QUOTE_START != 0)[inside & ~before])


@given(ANY_TEXT)
def test_tokenising_never_calls_anything_furniture(text: str) -> None:
    assert not np.any(tokenise_one(text).flags & FURNITURE)


def test_furniture_is_the_words_that_begin_inside_a_span() -> None:
    batch = tokenise(["Rain fell all day", "Read more here", "The sun came out"])
    flag_spans(batch, np.array([[0, 5, 9], [1, 0, 14], [2, 1, 9], [2, 16, 30]]))
    assert (batch.flags & FURNITURE != 0).tolist() == [False, True, False, False, *[True] * 3, False, True, True, False]


@settings(deadline=None)
@given(st.text(st.characters(categories=["Lu", "Ll", "Lo", "Nd", "Zs"]), max_size=80))
def test_case_does_not_show_in_the_number_of_tokens(text: str) -> None:
    assert len(tokenise_one(text.lower()).hashes) >= len(tokenise_one(text).hashes) - text.count("İ")


def test_the_table_folds_ascii_as_the_kernels_do() -> None:
    letters = [code for code in range(128) if chr(code).isalnum()]
    assert np.flatnonzero(token_table()[:128]).tolist() == letters
    assert (token_table()[letters] & CODE).tolist() == [code | 0x20 for code in letters]


def test_the_shipped_table_is_what_this_python_would_build() -> None:
    shipped, built = token_table(), build_table()
    assert len(shipped) == sys.maxunicode + 1
    unassigned = np.fromiter((unicodedata.category(chr(c)) == "Cn" for c in range(sys.maxunicode + 1)), bool)
    differing = np.flatnonzero((shipped != built) & ~unassigned)
    assert [hex(code) for code in differing[:10]] == []
