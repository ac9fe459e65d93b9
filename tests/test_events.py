"""One event told independently: who, where and how many decide, not the topic."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from dedup.background import Background
from dedup.config import CandidateConfig, Config
from dedup.events import EVENT_FEATURES, WEIGHED, event_chance, event_texts, load_events, measure_events, refused
from dedup.facts import FACTS, figures, weekdays
from dedup.neighbours import nearest_pairs
from dedup.pipeline import compare, find_duplicates
from dedup.records import COPY_GRADES, Article, Grade
from dedup.result import Result
from dedup.sketch import sketch
from dedup.tokens import tokenise
from dedup.words import number_words, word_idf

Build = Callable[..., Article]

QUAKE = (
    "A magnitude 6.4 earthquake shook the island of Tamrosa before dawn on Tuesday and killed at least 17 people, the "
    "regional governor, Ilse Vantongeren, said. The worst damage was reported from Port Quessel, where the roof of a "
    "covered market came down on traders who were setting up their stalls. The tremor lasted for 40 seconds and was "
    "felt as far away as Merrowick. Rescuers from the mainland were expected by the afternoon ferry."
)
QUAKE_AGAIN = (
    "Seventeen fishmongers and porters lost their lives when a market hall collapsed in Port Quessel early on Tuesday. "
    "Survivors told of a long rumble, then of dust. Seismologists in Merrowick measured 6.4 on their scale and expect "
    "weaker shocks all week. Tamrosa has not seen anything like it since the eruption of 1911, said Vantongeren, who "
    "governs the island, as she walked through the ruins of the market with a list of 17 names."
)
OTHER_QUAKE = (
    "A magnitude 5.8 earthquake shook the province of Ostrava Alta late on Friday and killed at least 9 people, the "
    "provincial governor, Ramon Belaustegi, said. The worst damage was reported from San Isidoro del Valle, where the "
    "roof of a school came down on pupils who were rehearsing a play. The tremor lasted for 25 seconds and was felt "
    "as far away as the capital. Rescuers from the coast were expected by the morning train."
)
FERRY = (
    "The night ferry from Port Quessel to Lower Anders has a new captain. Odo Hallgarth, 41, learned his trade on the "
    "fishing boats of Sant Elm and takes over from Birger Nolde, who has gone into politics. The company Halvorsen "
    "Lines wants to add a second sailing on Fridays if the harbour dues are not raised again. Passengers get hot soup."
)


def chance(background: Background, one: str, two: str, gap: float = np.nan, same_outlet: bool = False) -> float:
    rows = measured(background, [one, two])
    return float(event_chance(rows, np.array([gap]), np.array([same_outlet]), load_events())[0])


def measured(background: Background, bodies: Sequence[str], titles: Sequence[str] = ("", "")) -> np.ndarray:
    """The features of the first two of these texts."""
    batch = tokenise(bodies)
    sketches = sketch(*number_words(batch.hashes), batch.flags, batch.offsets, Config().sketch)
    texts = event_texts(sketches, tokenise(titles), background)
    return measure_events(texts, np.array([0], np.int32), np.array([1], np.int32))


def neighbours(
    bodies: Sequence[str], among: Sequence[bool], background: Background, jobs: int = 1
) -> list[tuple[int, int]]:
    batch = tokenise(bodies)
    words, vocabulary = number_words(batch.hashes)
    idf = word_idf(vocabulary, background)
    a, b = nearest_pairs(words, batch.flags, batch.offsets, idf, np.array(among, bool), jobs)
    return list(zip(a.tolist(), b.tolist(), strict=True))


def value(rows: np.ndarray, name: str) -> float:
    return float(rows[0, EVENT_FEATURES.index(name)])


def grades(result: Result) -> dict[tuple[str, str], str]:
    return {(m.a, m.b): str(m.grade) for m in result.matches}


@pytest.fixture
def news(article: Build) -> list[Article]:
    """Two reports of one earthquake, one of another, and other news from the first one's island."""
    bodies = {"ferry": FERRY, "first": QUAKE, "other": OTHER_QUAKE, "second": QUAKE_AGAIN}
    return [article(body, id=name, publisher=f"The {name.title()}") for name, body in bodies.items()]


def test_two_reports_of_one_earthquake_are_one_event(background: Background) -> None:
    assert chance(background, QUAKE, QUAKE_AGAIN) > 0.8


def test_another_earthquake_is_another_event_though_it_is_told_in_the_same_words(background: Background) -> None:
    rows = measured(background, [QUAKE, OTHER_QUAKE])
    assert value(rows, "words_cosine") > 0.4
    assert chance(background, QUAKE, OTHER_QUAKE) == 0.0


def test_other_news_of_one_place_is_another_event(background: Background) -> None:
    assert chance(background, QUAKE, FERRY) < load_events().bar


def test_the_chance_is_the_same_whichever_comes_first(background: Background) -> None:
    for one, two in ((QUAKE, QUAKE_AGAIN), (QUAKE, FERRY)):
        assert chance(background, one, two) == pytest.approx(chance(background, two, one), abs=1e-6)


def test_days_between_two_reports_lower_the_chance(background: Background) -> None:
    found = [chance(background, QUAKE, QUAKE_AGAIN, gap) for gap in (0.0, 1.0, 3.0, 30.0, 300.0)]
    assert found == sorted(found, reverse=True)
    assert found[1] == pytest.approx(chance(background, QUAKE, QUAKE_AGAIN))  # one day says nothing
    assert found[2] > load_events().bar > found[4]


def test_other_figures_throughout_are_another_event(background: Background) -> None:
    report = "Norvane Systems of Port Quessel sold {} meters, {} gauges, {} valves and {} pumps, Ilse Vantongeren said."
    rows = measured(background, [report.format(812, 455, 931, 77), report.format(640, 318, 205, 56)])
    assert value(rows, "figures_conflict") == pytest.approx(np.log(5))
    assert refused(rows, np.array([False])).tolist() == [True]


def test_one_common_name_is_not_enough(background: Background) -> None:
    bakery = "The bakery on the quay of Merrowick will close in spring because its oven cannot be mended any more."
    choir = "Merrowick has a new choir. It sings on the stairs of the library, where the sound is best, every evening."
    rows = measured(background, [bakery, choir])
    assert value(rows, "common_names") <= 1
    assert refused(rows, np.array([False])).tolist() == [True]


def test_texts_without_capitals_are_never_called_one_event(background: Background) -> None:
    assert chance(background, QUAKE.lower(), QUAKE_AGAIN.lower()) == 0.0


def test_what_stands_in_both_word_for_word_is_no_independent_report(background: Background) -> None:
    assert chance(background, QUAKE, QUAKE + " More follows.") == 0.0


def test_one_outlet_repeating_its_own_sentence_writes_nothing_new(background: Background) -> None:
    background_note = " Tamrosa lies on the Quessel fault, which has moved four times since the harbour wall was built."
    pair = (QUAKE + background_note, QUAKE_AGAIN + background_note)
    assert chance(background, *pair) > 0.5
    assert chance(background, *pair, same_outlet=True) == 0.0


def test_titles_count_and_their_capitals_do_not(background: Background) -> None:
    body = "No one there had expected anything of the kind, and the shops were full again in the evening of that day."
    rows = measured(background, [body, QUAKE], ["Market Collapses In Port Quessel", ""])
    assert value(rows, "names_cosine") > 0
    assert (
        value(measured(background, [body, FERRY.lower()], ["Market Collapses In Port Quessel", ""]), "names_cosine")
        == 0
    )


def test_figures_are_runs_of_numbers() -> None:
    def keys(text: str) -> list[int]:
        batch = tokenise([text])
        words, vocabulary = number_words(batch.hashes)
        found: list[int] = figures(words, batch.flags, vocabulary, words, np.ones(len(vocabulary), np.float32))[
            0
        ].tolist()
        return found

    assert len(keys("7,000 people, 2.44 million crowns and 7,000 boats")) == 2
    assert keys("in 2.44 years") == keys("2.44")
    assert keys("2.44") != keys("44.2")


def test_weekdays_of_one_day_are_one_bit_in_every_language() -> None:
    hashes, bits = weekdays()
    known = dict(zip(hashes.tolist(), bits.tolist(), strict=True))
    words = tokenise(["Tuesday Dienstag mardi вторник wtorek"]).hashes.tolist()
    assert {known[word] for word in words} == {2}
    assert sorted(set(bits.tolist())) == [1, 2, 4, 8, 16, 32, 64]


def test_neighbours_are_the_texts_with_the_same_rare_words(background: Background, invent: Callable[..., str]) -> None:
    texts = [QUAKE, invent(1), QUAKE_AGAIN, invent(2)]
    assert neighbours(texts, [True] * 4, background) == [(0, 2)]
    assert neighbours(texts, [True, True, False, True], background) == []


def test_neighbours_of_no_texts_are_no_error(background: Background) -> None:
    assert neighbours([], [], background) == []


def test_threads_do_not_change_the_neighbours(background: Background, invent: Callable[..., str]) -> None:
    texts = [f"{invent(seed % 900)} {invent(seed)}" for seed in range(2500)]
    found = neighbours(texts, [True] * len(texts), background)
    assert (0, 900) in found
    assert neighbours(texts, [True] * len(texts), background, jobs=2) == found


def test_the_shipped_model_weighs_the_first_columns() -> None:
    model = load_events()
    assert (len(model.weights), EVENT_FEATURES) == (WEIGHED + 1, FACTS)
    assert 0 < model.bar < 1
    signs = dict(zip(EVENT_FEATURES, np.sign(model.weights), strict=False))
    assert (signs["names_cosine"], signs["absent_name"], signs["figures_share"], signs["weekday_conflict"]) == (
        1,
        -1,
        1,
        -1,
    )


def test_a_scan_reports_events_only_when_asked(news: list[Article]) -> None:
    plain = find_duplicates(news)
    assert (plain.matches, plain.events, "events" in plain.stats["counts"]) == ([], [], False)
    result = find_duplicates(news, config=Config(related=True))
    assert grades(result) == {("first", "second"): "same_event"}
    [match] = result.matches
    assert (match.verdict, match.found_by, match.likely_source) == (
        "same event, written independently",
        ("neighbour",),
        "",
    )
    assert [event.members for event in result.events] == [("first", "second")]
    assert (result.clusters, result.stats["counts"]["copies"], result.stats["counts"]["same_event"]) == ([], 0, 1)


def test_copies_stay_copies_and_join_the_event(news: list[Article], article: Build) -> None:
    copy = article(QUAKE + " No tsunami followed.", id="copy", publisher="The Copy")
    result = find_duplicates([*news, copy], config=Config(related=True))
    found = grades(result)
    assert found["copy", "first"] in COPY_GRADES
    assert (found["copy", "second"], found["first", "second"]) == ("same_event", "same_event")
    assert [sorted(member.article for member in cluster.members) for cluster in result.clusters] == [["copy", "first"]]
    assert [event.members for event in result.events] == [("copy", "first", "second")]


def test_a_cluster_of_copies_is_an_event_by_itself(article: Build) -> None:
    twins = [article(FERRY, id=name) for name in ("a", "b")]
    result = find_duplicates(twins, config=Config(related=True))
    assert [event.members for event in result.events] == [("a", "b")]


def test_clusters_csv_lists_reports_of_one_event_as_clusters_of_their_own(news: list[Article], article: Build) -> None:
    copies = [article(OTHER_QUAKE, id="other-copy", publisher="The Copy")]
    frame = find_duplicates([*news, *copies], config=Config(related=True)).clusters_frame()
    rows = {row["article_id"]: row for row in frame.to_dict("records")}
    assert sorted(rows) == ["first", "other", "other-copy", "second"]
    assert rows["first"]["event_id"] == rows["second"]["event_id"] != rows["other"]["event_id"]
    assert rows["other"]["event_id"] == rows["other-copy"]["event_id"]
    assert (rows["first"]["cluster_id"], rows["second"]["cluster_id"]) == ("alone:first", "alone:second")
    assert (rows["first"]["role"], rows["first"]["copy_group"]) == ("alone", "first")
    assert rows["other"]["cluster_id"] == rows["other-copy"]["cluster_id"]


def test_an_event_is_named_after_its_earliest_report(news: list[Article], article: Build) -> None:
    dated = [replace(a, published_at=f"2031-05-0{day}") for a, day in zip(news, (6, 6, 6, 7), strict=True)]
    later = article(QUAKE_AGAIN + " Help is under way.", id="a-third", published_at="2031-05-08", publisher="The Third")
    one, two = (find_duplicates(given, config=Config(related=True)) for given in (dated, [*dated, later]))
    assert [len(event.members) for event in (*one.events, *two.events)] == [2, 3]
    assert one.events[0].id == two.events[0].id


def test_the_time_window_holds_for_events_too(news: list[Article]) -> None:
    dated = [replace(a, published_at=f"2031-05-{day}") for a, day in zip(news, ("01", "01", "01", "04"), strict=True)]
    wide, narrow = (Config(related=True, candidates=CandidateConfig(window_days=days)) for days in (7.0, 2.0))
    assert grades(find_duplicates(dated, config=wide)) == {("first", "second"): "same_event"}
    assert grades(find_duplicates(dated, config=narrow)) == {}


def test_events_do_not_depend_on_order_or_workers(news: list[Article], article: Build) -> None:
    news = [*news, article(QUAKE + " No tsunami followed.", id="copy", publisher="The Copy")]
    one = find_duplicates(news, config=Config(related=True))
    two = find_duplicates(news[::-1], config=Config(related=True, jobs=2))
    assert (one.matches, one.events) == (two.matches, two.events)


def test_a_pair_has_the_same_grade_alone_and_in_a_crowd(
    news: list[Article], article: Build, invent: Callable[..., str]
) -> None:
    alone = compare(news[1], news[3])
    crowd = [article(invent(seed), id=f"zz{seed}") for seed in range(20)]
    [match] = find_duplicates([*news, *crowd], config=Config(related=True)).matches
    assert (alone.grade, alone.confidence) == (match.grade, match.confidence) == (Grade.SAME_EVENT, alone.confidence)


def test_comparing_two_articles_looks_for_an_event_without_being_asked(news: list[Article]) -> None:
    ferry, first, other, second = news
    assert [str(compare(first, x).grade) for x in (second, other, ferry)] == ["same_event", "unrelated", "unrelated"]
    assert compare(first, second).likely_source == ""


def test_reports_too_short_to_have_names_are_not_judged(article: Build) -> None:
    one, two = (article(f"Port Quessel market falls in quake, {n} dead.", id=n) for n in ("17", "18"))
    assert str(compare(one, two).grade) == "unrelated"


def test_no_articles_have_no_events() -> None:
    result = find_duplicates([], config=Config(related=True))
    assert (result.matches, result.events) == ([], [])
