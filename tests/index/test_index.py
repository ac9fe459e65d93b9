"""What an index says of an article, and what adding, removing and expiring do to that; on SQLite and PostgreSQL."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from dedup import Article, Grade, Index, Relation
from dedup.errors import ConfigError

Report = Callable[..., Article]


def verdict(index: Index, article: Article) -> tuple[str, str]:
    found = index.check(article)
    return str(found.relation), found.of


def test_an_article_is_new_and_then_its_copies_are_known(index: Index, report: Report) -> None:
    assert verdict(index, report(1)) == ("new", "")
    index.add(report(1))
    assert verdict(index, report(1, id="elsewhere")) == ("copy_of", "report-1")
    assert verdict(index, report(1, id="elsewhere", more="The museum opens on Monday.")) == ("copy_of", "report-1")
    assert verdict(index, report(2)) == ("new", "")


def test_each_relation_has_its_word(index: Index, report: Report, invent: Callable[..., str]) -> None:
    index.add(report(1, publisher="Tarn Herald", url="https://tarn.example/a"))
    passage = report(1).body[:420].rsplit(" ", 1)[0]
    host = Article(id="host", body=f"{invent(2, 150)}\n\n{passage}.\n\n{invent(3, 150)}", publisher="Orlo Courier")
    assert verdict(index, host) == ("partial_of", "report-1")
    again = report(1, id="again", more="The vote was repeated.", publisher="Tarn Herald", url="https://tarn.example/b")
    assert verdict(index, again) == ("revision_of", "report-1")


def test_a_rewrite_is_found_by_its_quotations(index: Index) -> None:
    folder = Path("samples/drop")
    from dedup.ingest import read_articles

    articles = {article.id: article for article in read_articles(str(folder))[0]}
    index.add(articles["vecherniy-bereg/ladya.txt"])
    found = index.check(articles["zarechnye-vesti/sad-na-korable.txt"])
    assert (found.relation, found.of) == (Relation.REWRITE_OF, "vecherniy-bereg/ladya.txt")


def test_a_verdict_shows_the_passages_and_where_they_stand(index: Index, report: Report) -> None:
    text = report(1)
    index.add(report(1, id="z-first", title="Ferry sold", publisher="Tarn Herald", published_at="2031-03-01"))
    asked = Article(id="a", body=f"It was a long night. {text.body}", publisher="Orlo Courier")
    [earlier] = index.check(asked).matches
    [passage] = earlier.passages
    assert asked.body[passage.a_start : passage.a_end] == text.body.rstrip(".")
    assert text.body[passage.b_start : passage.b_end] == text.body.rstrip(".")
    assert (earlier.title, earlier.publisher, earlier.published_at) == ("Ferry sold", "Tarn Herald", "2031-03-01")
    assert earlier.grade is Grade.NEAR_DUPLICATE
    assert earlier.verdict == "lightly edited copy"
    assert earlier.measures is not None
    assert earlier.measures.containment_b == 1.0 > earlier.measures.containment_a


def test_a_check_never_writes(index: Index, report: Report) -> None:
    index.add(report(1))
    index.check(report(2))
    index.check(report(1, id="copy"))
    assert len(index) == 1
    assert index.get("copy") is None


def test_adding_again_changes_nothing(index: Index, report: Report) -> None:
    index.add(report(1))
    assert index.add_many([report(1), report(1), report(2)]) == 1
    assert len(index) == 2
    assert index.matches("report-1") == []


def test_an_article_that_is_there_is_known_and_never_new(index: Index, report: Report) -> None:
    assert index.check_and_add(report(1)).relation is Relation.NEW
    again = index.check_and_add(report(1))
    assert (again.relation, again.of, again.known) == (Relation.COPY_OF, "report-1", True)
    assert len(index) == 1


def test_a_new_text_under_an_old_id_is_a_revision_and_replaces_it(index: Index, report: Report) -> None:
    index.add(report(1, id="page", publisher="Tarn Herald", url="https://tarn.example/page"))
    newer = report(
        1, id="page", more="Update: the vote was repeated.", publisher="Tarn Herald", url="https://tarn.example/page"
    )
    found = index.check_and_add(newer)
    assert (found.relation, found.of, found.known) == (Relation.REVISION_OF, "page", False)
    stored = index.get("page")
    assert stored is not None
    assert stored.body == newer.body
    assert len(index) == 1
    assert index.verify() == []


def test_another_text_under_an_old_id_is_new(index: Index, report: Report) -> None:
    index.add(report(1, id="front-page"))
    assert index.check(report(2, id="front-page")).relation is Relation.NEW


def test_what_was_removed_leaves_no_trace(index: Index, report: Report) -> None:
    index.add_many([report(1), report(1, id="copy"), report(2)])
    assert [(m.a, m.b) for m in index.matches("copy")] == [("copy", "report-1")]
    assert index.remove("report-1")
    assert not index.remove("report-1")
    assert index.matches("copy") == []
    assert verdict(index, report(1, id="third")) == ("copy_of", "copy")
    index.remove("copy")
    assert verdict(index, report(1, id="third")) == ("new", "")
    index.add(report(1, id="copy"))
    assert verdict(index, report(1, id="third")) == ("copy_of", "copy")
    assert index.verify() == []


def test_expiry_goes_by_the_date_of_publication_then_by_the_date_of_adding(index: Index, report: Report) -> None:
    index.add_many([report(1, published_at="2031-03-01T09:00:00Z"), report(2, published_at="2031-03-20"), report(3)])
    assert index.expire(before=date(2031, 3, 10)) == 2
    assert [article.id for article in index.articles()] == ["report-2"]
    assert verdict(index, report(1, id="late")) == ("new", "")
    with pytest.raises(ConfigError, match="'soon' is no date"):
        index.expire(before="soon")


def test_a_story_falls_apart_when_what_held_it_together_goes(index: Index, report: Report) -> None:
    first, second = report(1, words=200), report(2, words=200)
    both = Article(id="both", body=f"{first.body}\n\n{second.body}")
    index.add_many([first, second, both, report(1, id="first-copy", words=200)])
    assert {m.b for m in index.matches("both")} | {m.a for m in index.matches("both")} >= {"report-1", "report-2"}
    index.remove("both")
    assert index.verify() == []
    assert [sorted(m.article for m in c.members) for c in index.clusters()] == [["first-copy", "report-1"]]


def test_clusters_since_a_moment_are_those_that_have_gained_an_article(index: Index, report: Report) -> None:
    index.add_many([report(1), report(1, id="copy-1"), report(2), report(2, id="copy-2")])
    assert len(index.clusters()) == 2
    assert len(index.clusters(since="2001-01-01")) == 2
    assert index.clusters(since="2999-01-01") == []


def test_short_texts_are_copies_by_all_their_words_and_never_by_a_common_phrase(index: Index) -> None:
    index.add(Article(id="a", body="No trains today.", title="Strike at Orlo"))
    assert verdict(index, Article(id="b", body="No trains today!", title="Strike at Orlo")) == ("copy_of", "a")
    assert verdict(index, Article(id="c", body="No trains today.", title="Snow at Velmora")) == ("new", "")
    assert verdict(index, Article(id="d", body="")) == ("new", "")


def test_articles_without_text_are_no_copies_of_each_other(index: Index) -> None:
    index.add_many([Article(id="a", body=""), Article(id="b", body="  \n")])
    assert len(index) == 2
    assert verdict(index, Article(id="c", body="")) == ("new", "")


def test_more_copies_than_a_phrase_is_filed_for_are_all_found(index: Index, report: Report) -> None:
    for number in range(80):
        index.add(report(1, id=f"copy-{number:02}", more=f"Edition {number} of the paper."))
    assert index.check(report(1)).relation is Relation.COPY_OF
    assert [len(cluster.members) for cluster in index.clusters()] == [80]
    assert index.verify() == []


def test_damaged_characters_in_ids_and_texts_do_no_harm(index: Index, report: Report) -> None:
    odd = report(1, id="page-\udc80", more="caf\ud83d", publisher="Tarn \udcff")
    assert index.check_and_add(odd).relation is Relation.NEW
    assert index.check(odd).known
    assert [article.id for article in index.articles()] == ["page-\N{REPLACEMENT CHARACTER}"]
    assert index.check(report(1, id="копия")).relation is Relation.COPY_OF
    assert index.verify() == []


def test_ids_and_outlets_that_no_database_could_look_up(index: Index, report: Report) -> None:
    for id in ("x" * 3000, "a\0b"):
        with pytest.raises(ConfigError, match="cannot be kept in an index"):
            index.add(report(1, id=id))
        assert index.check(report(1, id=id)).relation is Relation.NEW
    index.add(report(1, publisher="Tarn Herald " * 400))
    assert index.check(report(1, id="b", publisher="Orlo\0 Courier")).relation is Relation.COPY_OF


def test_an_article_is_found_under_the_id_that_it_was_given(index: Index, report: Report) -> None:
    index.add_many([report(1, id="a\ud800"), report(1, id="b", more="So it goes.")])
    for id in ("a\ud800", "a\N{REPLACEMENT CHARACTER}"):
        found = index.get(id)
        assert found is not None
        assert found.id == "a\N{REPLACEMENT CHARACTER}"
        assert id in index
        assert [(match.a, match.b) for match in index.matches(id)] == [("a\N{REPLACEMENT CHARACTER}", "b")]
    assert index.remove("a\ud800")
    assert [article.id for article in index.articles()] == ["b"]
    assert index.verify() == []


@pytest.mark.parametrize("id", ["first\0x", "first\0", "\0", "", "x" * 3000], ids=repr)
def test_an_id_that_no_article_can_have_is_not_there(index: Index, report: Report, id: str) -> None:
    index.add_many([report(1, id="first"), report(1, id="second")])
    assert index.get(id) is None
    assert id not in index
    assert index.matches(id) == []
    assert not index.check(report(1, id=id)).known
    assert not index.remove(id)
    assert index.remove_many([id, "second", id]) == 1
    assert [article.id for article in index.articles()] == ["first"]


def test_where_an_article_was_read_is_no_part_of_it(index: Index, report: Report) -> None:
    index.add(report(1, source="drop/report-1.txt"))
    assert index.check(report(1, source="the service")).known


def test_an_article_needs_an_id(index: Index, report: Report) -> None:
    nameless = Article(id="", body=report(1).body)
    with pytest.raises(ConfigError, match="without an id"):
        index.add(nameless)
    assert index.check(nameless).relation is Relation.NEW


def test_statistics_count_what_is_there(index: Index, report: Report) -> None:
    index.add_many([report(1, publisher="Tarn Herald", published_at="2031-03-01"), report(1, id="c"), report(2)])
    stats = index.stats()
    assert (stats.articles, stats.outlets, stats.in_stories, stats.stories) == (3, 1, 2, 1)
    assert stats.pairs == {"exact": 1}
    assert (stats.first_published, stats.last_published) == ("2031-03-01", "2031-03-01")
    assert stats.bytes > stats.text_bytes > 0


def test_related_reports_are_found_when_asked_for(index: Index) -> None:
    from dedup.ingest import read_articles

    articles = {a.id: a for a in read_articles("samples/drop")[0]}
    import csv

    with open("samples/gold.csv", encoding="utf-8-sig") as file:
        events = [(row["a"], row["b"]) for row in csv.DictReader(file) if row["grade"] == "same_event"]
    told = 0
    for a, b in events:
        index.add(articles[a])
        assert index.check(articles[b]).relation is not Relation.SAME_EVENT
        told += index.check(articles[b], related=True).relation is Relation.SAME_EVENT
        index.remove(a)
    assert told >= len(events) // 2


def test_the_library_loads_without_a_database_driver() -> None:
    code = "import sys, dedup; assert 'sqlalchemy' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
