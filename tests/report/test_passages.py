"""Passages as the terminal shows them: both sides with their context, differences marked, long stretches folded."""

from __future__ import annotations

from collections.abc import Callable

from dedup.records import Article, Passage
from dedup.report import Findings
from dedup.report.passages import show


def test_case_and_quotation_marks_do_not_count_as_differences(article: Callable[..., Article]) -> None:
    a = article("a", "“The fair opens,” she said. Early.")
    b = article("b", '"the fair OPENS", she said. Late.')
    left, right = show(Passage(0, len(a.body), 0, len(b.body), 5, 1.0), a, b)
    assert [piece.text for piece in left.pieces if piece.kind == "changed"] == ["Early."]
    assert [piece.text for piece in right.pieces if piece.kind == "changed"] == ["Late."]


def test_pieces_give_the_passage_back(newsroom: Findings) -> None:
    articles = {article.id: article for article in newsroom.articles}
    for match in newsroom.matches:
        for passage in match.passages:
            left, _ = show(passage, articles[match.a], articles[match.b])
            whole = articles[match.a].body[passage.a_start : passage.a_end]
            if all(piece.kind != "folded" for piece in left.pieces):
                assert "".join(piece.text for piece in left.pieces) == whole


def test_chinese_is_compared_by_character(article: Callable[..., Article]) -> None:
    a, b = article("a", "大桥关闭至五月底"), article("b", "大桥关闭至六月底")
    left, _ = show(Passage(0, 8, 0, 8, 7, 1.0), a, b)
    assert [(piece.kind, piece.text) for piece in left.pieces] == [
        ("same", "大桥关闭至"),
        ("changed", "五"),
        ("same", "月底"),
    ]


def test_long_equal_stretches_are_folded(article: Callable[..., Article]) -> None:
    body = " ".join(f"word{i}" for i in range(200))
    a, b = article("a", body), article("b", body)
    left, _ = show(Passage(0, len(body), 0, len(body), 200, 1.0), a, b)
    assert [piece.kind for piece in left.pieces] == ["same", "folded", "same"]
    assert left.pieces[1].text == "152 words the same"


def test_context_stands_outside_the_passage_in_whole_words(article: Callable[..., Article]) -> None:
    before, after = (
        "Rain fell on the upper town all day and far into the night, they say. ",
        " And then it was dry for weeks, wrote the parish clerk in the old book.",
    )
    a = article("a", before + "The bell rang." + after)
    left, _ = show(Passage(len(before), len(before) + 14, 0, 14, 3, 1.0), a, article("b", "The bell rang."))
    assert left.before == "… on the upper town all day and far into the night, they say. "
    assert left.after == " And then it was dry for weeks, wrote the parish clerk in …"
