"""The main job, from articles or files to matches and clusters: every kind of copy, every trap."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import random
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest

from dedup import Article, Config, Match, Result, compare, find_duplicates
from dedup.config import CandidateConfig, GradeConfig, SketchConfig
from dedup.errors import SourceError, UnsupportedFormatError
from dedup.tokens import tokenise_one

Build = Callable[..., Article]
Invent = Callable[..., str]

BRIDGE = (
    "PORT ELLERY - The harbour bridge of Port Ellery will stay closed until the end of May, the roads office said on "
    "Tuesday.\n\nInspectors found cracks in two of its nine pillars when divers went down on Monday night. “We will "
    "not send a single bus across before the last weld is tested,” chief engineer Oda Brandvik told reporters in the "
    "old customs house.\n\nSome 14,000 people cross the bridge on a working day. Ferries will run every ten minutes "
    "instead, and tickets bought for the tram stay valid. Lorries have to take the long way round through Lower "
    "Tarn, which adds forty kilometres to every load of timber.\n\nThe bridge was built in 1934 and was last "
    "repaired after the flood of 1987. Mayor Ines Tamber said the town would ask the ministry for eleven million "
    "crowns. “This bridge has carried four generations to work, and it will carry a fifth,” she said."
)
RETOLD = (
    "Commuters face two more months on the water. Officials confirmed yesterday that nobody will drive over the old "
    "span before June, because two pillars are damaged.\n\nOda Brandvik, who leads the repairs, put it plainly: “We "
    "will not send one single bus across before the last weld has been tested.”\n\nHer boss sounded more hopeful. "
    "“This bridge carried four generations to work and will carry a fifth,” said Ines Tamber, the mayor, who wants "
    "eleven million crowns from the capital.\n\nUntil then, boats leave every ten minutes. The detour for timber "
    "lorries, drivers complained, costs them an hour and a full tank each week."
)
BAND = (
    "The brass band of Upper Tarn won the autumn contest of the valley on Sunday, beating eleven rivals with a slow "
    "waltz by a forgotten local composer. The jury praised the warm sound of the horns and the courage of a soloist "
    "who is only fifteen. The prize, a silver cornet from 1902, goes back into its glass case in the fire station, "
    "where it stood until 1999. Next year the contest moves to Orlo, whose own band came last and laughed about it "
    "all night."
)
BEES = (
    "Bee keepers in the Orlo hills lost a third of their colonies last winter, a survey by the farm school shows. "
    "The mild December woke the swarms too early, and the frost of February killed them. Young queens are now bred "
    "on the island of Sarn, far from the mites of the mainland. A jar of heather honey costs nine crowns at the "
    "market, two more than a year ago, and the last ones are sold before noon."
)
WEATHER = "Rain in Lower Tarn until noon."


def grades(result: Result) -> dict[tuple[str, str], str]:
    return {(match.a, match.b): str(match.grade) for match in result.matches}


def found(*articles: Article, config: Config | None = None) -> dict[tuple[str, str], str]:
    return grades(find_duplicates(articles, config=config))


def groups(result: Result) -> list[list[str]]:
    return sorted(sorted(member.article for member in cluster.members) for cluster in result.clusters)


def words_of(text: str) -> list[int]:
    words: list[int] = tokenise_one(text).hashes.tolist()
    return words


def check_passages(match: Match, a: str, b: str) -> None:
    """Every passage begins and ends with the same word on both sides, and its words are really there."""
    for passage in match.passages:
        left, right = words_of(a[passage.a_start : passage.a_end]), words_of(b[passage.b_start : passage.b_end])
        assert (left[0], left[-1]) == (right[0], right[-1])
        assert passage.words <= min(len(left), len(right))
        assert passage.rarity > 0


# The kinds of copies.


def test_wire_copy_with_new_headline_is_exact(article: Build) -> None:
    one = article(BRIDGE, id="a", title="Bridge stays shut", publisher="Ellery Courier")
    other = article(BRIDGE, id="b", title="Two more months on the ferry", publisher="Tarn Herald")
    assert found(one, other) == {("a", "b"): "exact"}


@pytest.mark.parametrize(
    ("kind", "other"),
    [
        ("upper case", BRIDGE.upper()),
        ("straight quotes", BRIDGE.replace("“", '"').replace("”", '"')),
        ("line ends of Windows", BRIDGE.replace("\n", "\r\n")),
        ("one paragraph", BRIDGE.replace("\n\n", " ")),
        ("byte order mark", "\ufeff" + BRIDGE),
        ("soft hyphens", BRIDGE.replace("engineer", "engi\u00adneer")),
        ("no-break spaces", BRIDGE.replace(" ", "\xa0")),
        ("decomposed", unicodedata.normalize("NFD", BRIDGE.replace("Oda", "Odá"))),
    ],
    ids=lambda value: value if len(value) < 40 else "",
)
def test_the_same_words_in_another_dress_are_exact(article: Build, kind: str, other: str) -> None:
    first = BRIDGE.replace("Oda", "Odá") if kind == "decomposed" else BRIDGE
    assert found(article(first, id="a"), article(other, id="b")) == {("a", "b"): "exact"}


def test_a_lightly_edited_copy_is_near(article: Build) -> None:
    edited = BRIDGE.replace("on Tuesday", "late on Tuesday").replace("Some 14,000 people", "About 14,000 commuters")
    assert found(article(BRIDGE, id="a"), article(edited, id="b"), article(BAND, id="c")) == {
        ("a", "b"): "near_duplicate"
    }


@pytest.mark.parametrize("dress", [str.upper, str.lower, str.title])
def test_an_edited_copy_in_other_case_is_near(article: Build, dress: Callable[[str], str]) -> None:
    """Capitals tell names; a copy without them, or with nothing else, is a copy all the same."""
    edited = dress(BRIDGE.replace("on Tuesday", "late on Tuesday").replace("14,000 people", "14,000 commuters"))
    assert found(article(BRIDGE, id="a"), article(edited, id="b")) == {("a", "b"): "near_duplicate"}


def test_an_edited_copy_of_a_text_without_names_is_near(article: Build) -> None:
    plain = (
        "to boil an egg, fill a small pan with cold water and bring it slowly to the simmer. lower the egg in with a "
        "spoon, turn the glass over, and wait until the sand has run through. lift it out, rinse it under the tap and "
        "crack the wide end first. serve with salted butter and a slice of toasted rye bread cut into narrow fingers."
    )
    assert found(article(plain, id="a"), article(plain.replace("rye", "spelt"), id="b")) == {
        ("a", "b"): "near_duplicate"
    }


@pytest.mark.parametrize(("length", "grade"), [(150, "excerpt"), (60, "excerpt"), (45, "excerpt")])
def test_a_run_of_pasted_words_is_an_excerpt(article: Build, length: int, grade: str) -> None:
    run = " ".join(BRIDGE.split()[20 : 20 + length])
    assert found(article(f"{BAND} {run}.", id="a"), article(f"{run}. {BEES}", id="b")) == {("a", "b"): grade}


def test_changed_byline_and_dateline_leave_it_near_or_exact(article: Build) -> None:
    other = "By Gustav Holm\n\n" + BRIDGE.replace("PORT ELLERY - ", "LOWER TARN (AFP) - ")
    [grade] = found(article(BRIDGE, id="a"), article(other, id="b")).values()
    assert grade in ("exact", "near_duplicate")


def test_a_short_version_of_a_long_story_is_a_copy_and_one_cluster(article: Build) -> None:
    result = find_duplicates(
        [article(BRIDGE, id="long"), article("\n\n".join(BRIDGE.split("\n\n")[:2]), id="short"), article(BEES, id="x")]
    )
    assert list(grades(result)) == [("long", "short")]
    assert result.matches[0].measures.containment_b == 1.0
    assert groups(result) == [["long", "short"]]


def test_a_pasted_paragraph_is_an_excerpt_that_joins_no_stories(article: Build) -> None:
    pasted = f"{BAND}\n\n{BRIDGE.split(chr(10) * 2)[2]}\n\n{BEES}"
    result = find_duplicates(
        [article(BRIDGE, id="a"), article(pasted, id="b"), article(BRIDGE + " It rained.", id="c")]
    )
    assert grades(result)["a", "b"] == "excerpt"
    assert groups(result) == [["a", "c"]]


def test_a_press_conference_told_again_is_a_rewrite(article: Build) -> None:
    result = find_duplicates(
        [article(BRIDGE, id="a"), article(RETOLD, id="b"), article(BAND, id="c"), article(BEES, id="d")]
    )
    assert grades(result) == {("a", "b"): "rewrite"}
    assert result.matches[0].measures.shared_quotes == 2
    assert all(passage.quote for passage in result.matches[0].passages[:1])


def test_a_live_blog_that_grows_stays_one_cluster(article: Build) -> None:
    parts = [BRIDGE, BAND, BEES, RETOLD]
    states = [article("\n\n".join(parts[:k]), id=f"{k}", url="https://courier.example/live") for k in range(1, 5)]
    result = find_duplicates(states)
    assert {("1", "2"), ("2", "3"), ("3", "4")} <= grades(result).keys()
    assert [group for group in groups(result) if len(group) >= 3]


def test_the_same_address_with_new_text_is_no_copy(article: Build) -> None:
    url = "https://courier.example/today"
    assert found(article(BAND, id="a", url=url), article(BEES, id="b", url=url)) == {}


def test_a_chain_of_overlapping_parts_is_no_cluster_of_strangers(article: Build, invent: Invent) -> None:
    pieces = [invent(seed, 130) for seed in range(4)]
    result = find_duplicates([article(f"{pieces[k]} {pieces[k + 1]}", id=str(k)) for k in range(3)])
    assert grades(result).keys() == {("0", "1"), ("1", "2")}
    assert ["0", "1", "2"] not in groups(result)


# What is no copy.


def test_stories_of_one_outlet_that_share_only_furniture_are_no_copies(article: Build) -> None:
    dress = (
        "Subscribe now for full access\nHome\nSport\n\n{}\n\nShare on Facebook\nRelated stories\nAll rights reserved"
    )
    stories = [
        article(dress.format(text), id=str(n), publisher="Herald") for n, text in enumerate((BRIDGE, BAND, BEES))
    ]
    assert found(*stories) == {}


def test_a_footer_of_the_outlet_s_own_is_learned_and_makes_no_copies(article: Build, invent: Invent) -> None:
    footer = (
        "The Quillfeather Gazette prints Brumblewick tide tables and zither lessons thanks to patrons of Osk Nadderby "
        "and the widow Plimsoll."
    )
    stories = [article(f"{invent(n, 90)}\n\n{footer}", id=str(n), publisher="Gazette") for n in range(6)]
    result = find_duplicates(stories)
    assert grades(result) == {}
    assert all("repeated" in {f.kind for f in a.furniture} for a in result.articles)


def test_a_template_with_other_names_and_figures_is_no_lightly_edited_copy(article: Build) -> None:
    note = (
        "{0} reported a quarterly profit of {1} million crowns on {2}. Sales of the {3} maker rose to {4} million "
        "crowns. Chief executive {5} expects more orders from {6} next year."
    )
    rows = [
        ("Norvane Systems", 12, "Tuesday", "chip", 310, "Lars Tofte", "Velmora"),
        ("Kelder Mills", 47, "Friday", "flour", 925, "Ada Quist", "Osk Nadderby"),
        ("Brumble Yards", 8, "Monday", "ferry", 140, "Ivo Marsh", "Sarn"),
    ]
    notes = [article(note.format(*row), id=str(n)) for n, row in enumerate(rows)]
    assert set(found(*notes).values()) <= {"rewrite", "excerpt"}


@pytest.mark.parametrize("texts", [[], [BRIDGE], ["", "", ""], ["..."] * 3, [BRIDGE, BAND, BEES]])
def test_nothing_alone_empty_and_all_different_give_no_matches(article: Build, texts: list[str]) -> None:
    result = find_duplicates([article(text, id=str(n)) for n, text in enumerate(texts)])
    assert (result.matches, result.clusters) == ([], [])
    assert len(result.articles) == len(texts)


def test_forty_texts_of_their_own_give_no_matches(article: Build, invent: Invent) -> None:
    assert found(*(article(invent(seed, 200), id=str(seed)) for seed in range(40))) == {}


# Short texts.


def test_short_texts_are_copies_only_if_they_are_equal(article: Build) -> None:
    shorts = [article(text, id=str(n)) for n, text in enumerate([WEATHER, WEATHER + " Then sun.", WEATHER.upper()])]
    result = find_duplicates(shorts)
    assert grades(result) == {("0", "2"): "exact"}
    assert result.short == {"0", "1", "2"}


@pytest.mark.parametrize("text", ["Rain.", "Rain again", "Rain in Lower Tarn", "中文"])
def test_texts_shorter_than_a_shingle_can_be_equal(article: Build, text: str) -> None:
    assert found(article(text, id="a"), article(text, id="b"), article("Sun.", id="c")) == {("a", "b"): "exact"}


def test_equal_titles_over_different_short_texts_are_no_copies(article: Build) -> None:
    one = article("MICRON shares fell 3 per cent.", id="a", title="Chip maker falls")
    other = article("SK HYNIX shares fell 4 per cent.", id="b", title="Chip maker falls")
    assert found(one, other) == {}


def test_equal_short_texts_under_different_titles_are_no_copies(article: Build) -> None:
    one, other = (article("No details are known yet.", id=t, title=t) for t in ("Fire in Orlo", "Flood in Tarn"))
    assert found(one, other) == {}


def test_min_words_moves_the_bar_for_short_texts(article: Build) -> None:
    one, other = article(BEES, id="a"), article(BEES.replace("heather", "clover"), id="b")
    assert found(one, other) == {("a", "b"): "near_duplicate"}
    assert found(one, other, config=Config(sketch=SketchConfig(min_words=200))) == {}


# Other scripts.

CHINESE = (
    "奥尔洛市政府周二宣布，港口大桥将关闭到五月底。检查人员在九根桥墩中的两根上发现了裂缝。总工程师布兰德维克对记者说："
    "“在最后一道焊缝检验合格之前，我们不会让任何一辆公共汽车通过。”每个工作日约有一万四千人经过这座桥。渡轮将改为每十分钟一班，电车票继续有效。"
    "运木材的卡车必须绕道下塔恩，每车多走四十公里。大桥建于一九三四年，上一次大修是在一九八七年洪水之后。"
)
RUSSIAN = (
    "Мост через гавань Озёрска останется закрытым до конца мая, сообщило во вторник дорожное управление. Водолазы "
    "нашли трещины в двух из девяти опор. «Мы не пустим ни одного автобуса, пока не проверим последний шов», — "
    "сказала главный инженер Ода Брандвик. Каждый рабочий день по мосту проходят четырнадцать тысяч человек. Паромы "
    "будут ходить каждые десять минут, а билеты на трамвай останутся действительными."
)
JAPANESE = (
    "エレリー港の橋は五月末まで閉鎖される、と道路局が火曜日に発表した。検査官は九本の橋脚のうち二本にひび割れを見つけた。"
    "主任技師のブランドビク氏は「最後の溶接を検査するまで、一台のバスも通さない」と記者団に語った。平日には一万四千人がこの橋を渡る。"
    "代わりに渡し船が十分おきに出て、電車の切符もそのまま使える。"
)
THAI = (
    "สะพานท่าเรือเอลเลอรีจะปิดจนถึงสิ้นเดือนพฤษภาคม สำนักงานทางหลวงแถลงเมื่อวันอังคาร ผู้ตรวจสอบพบรอยร้าวในเสาสองต้นจากเก้าต้น "
    "หัวหน้าวิศวกรกล่าวว่าจะไม่ให้รถโดยสารข้ามแม้แต่คันเดียวก่อนที่รอยเชื่อมสุดท้ายจะได้รับการทดสอบ เรือข้ามฟากจะออกทุกสิบนาทีแทน"
)
ARABIC = (
    "سيبقى جسر ميناء إيليري مغلقا حتى نهاية شهر مايو، حسبما أعلن مكتب الطرق يوم الثلاثاء. وعثر المفتشون على شقوق في "
    "اثنتين من دعاماته التسع. وقالت كبيرة المهندسين أودا براندفيك للصحفيين: «لن نسمح بمرور حافلة واحدة قبل اختبار "
    "آخر لحام». ويعبر الجسر أربعة عشر ألف شخص في كل يوم عمل، وستعمل العبارات كل عشر دقائق بدلا منه."
)
SCRIPTS = {"Chinese": CHINESE, "Russian": RUSSIAN, "Japanese": JAPANESE, "Thai": THAI, "Arabic": ARABIC}


@pytest.mark.parametrize("script", SCRIPTS)
def test_copies_are_found_in_every_script(article: Build, script: str) -> None:
    text = SCRIPTS[script]
    half = text[: len(text) * 2 // 3]
    others = [article(other, id=name) for name, other in SCRIPTS.items() if name != script]
    result = grades(find_duplicates([article(text, id="a"), article(text, id="b"), article(half, id="c"), *others]))
    assert result.pop(("a", "b")) == "exact"
    assert set(result) == {("a", "c"), ("b", "c")}


@pytest.mark.parametrize("script", SCRIPTS)
def test_composed_and_decomposed_letters_are_equal_in_every_script(article: Build, script: str) -> None:
    text = SCRIPTS[script]
    assert found(article(text, id="a"), article(unicodedata.normalize("NFD", text), id="b")) == {("a", "b"): "exact"}


# Many copies, odd input.


def test_one_text_three_hundred_times_is_one_cluster_of_three_hundred(article: Build, invent: Invent) -> None:
    copies = [article(BRIDGE, id=f"copy{n:03}", publisher=f"Outlet {n % 7}") for n in range(300)]
    result = find_duplicates([*copies, *(article(invent(n), id=f"own{n}") for n in range(5))])
    assert groups(result) == [[a.id for a in copies]]
    assert {id for m in result.matches for id in (m.a, m.b)} == {a.id for a in copies}
    assert {str(m.grade) for m in result.matches} == {"exact"}
    assert len(result.matches) <= 300 * 299 // 2


def test_six_hundred_copies_are_still_one_cluster_without_all_their_pairs(article: Build) -> None:
    result = find_duplicates([article(BEES, id=f"copy{n:03}") for n in range(600)])
    assert [len(group) for group in groups(result)] == [600]
    assert len(result.matches) < 600 * 599 // 8


def test_the_same_article_given_twice_is_two_articles_and_a_note(article: Build) -> None:
    one = article(BRIDGE, id="x")
    result = find_duplicates([one, one])
    assert grades(result) == {("x", "x~2"): "exact"}
    assert [(s.stage, s.reason) for s in result.skipped] == [("note", "duplicate id")]


def test_the_same_id_with_other_text_is_kept_too(article: Build) -> None:
    result = find_duplicates([article(BRIDGE, id="x"), article(BAND, id="x"), article(BRIDGE, id="y")])
    assert [a.id for a in result.articles] == ["x", "x~2", "y"]
    assert len(result.matches) == 1


def test_a_threshold_of_one_reports_only_what_is_certain(article: Build) -> None:
    config = Config(grade=GradeConfig(min_confidence=1.0, near_jaccard=1.0))
    articles = [article(BRIDGE, id="a"), article(BRIDGE, id="b"), article(BRIDGE.replace("timber", "wool"), id="c")]
    assert found(*articles, config=config) == {("a", "b"): "exact"}


def test_the_time_window_keeps_old_stories_apart(article: Build) -> None:
    articles = [
        article(BRIDGE, id=id, published_at=when)
        for id, when in [("a", "2031-05-01"), ("b", "2031-05-04T10:00:00+00:00"), ("c", "2032-05-01"), ("d", "")]
    ]
    config = Config(candidates=CandidateConfig(window_days=7.0))
    assert found(*articles, config=config).keys() >= {("a", "b"), ("a", "d"), ("b", "d"), ("c", "d")}
    assert found(*articles[:3], config=config).keys() == {("a", "b")}


@pytest.mark.parametrize("field", ["body", "id", "title", "url", "publisher", "author", "canonical_url", "credit"])
def test_half_a_surrogate_pair_anywhere_is_no_error(article: Build, field: str) -> None:
    odd = replace(article(BEES, id="odd"), **{field: f"{BEES} \ud800 end"})
    result = find_duplicates([odd, article(BEES + " End.", id="other")])
    assert len(result.articles) == 2
    assert len(result.matches) == 1


def test_half_a_surrogate_pair_in_an_article_with_furniture_is_no_error(article: Build) -> None:
    from dedup.records import Furniture

    odd = article(f"Share this\n{BEES} \ud800", id="odd", furniture=(Furniture(0, 10, "share"),))
    assert len(find_duplicates([odd, article(BEES, id="other")]).matches) == 1


@pytest.mark.parametrize(
    "body", ["a" * 200_000, "Osk Nadderby sang. " * 8_000, "ab " * 20_000, "\n" * 100_000, "“" * 50_000, "😀" * 1000]
)
def test_monstrous_texts_do_not_stall(article: Build, body: str) -> None:
    result = find_duplicates([article(body, id="a"), article(body, id="b"), article(BEES, id="c")])
    assert len(result.articles) == 3
    assert set(grades(result)) <= {("a", "b")}


def test_two_texts_that_repeat_one_telling_sentence_without_end_do_not_stall(article: Build) -> None:
    sentence = "Divers from Brumblewick welded nine cracked pillars beneath the Plimsoll footbridge on {}. "
    one = "".join(sentence.format(k) for k in range(3000))
    other = "".join(sentence.format(k) for k in range(500, 3500))
    assert list(found(article(one, id="a"), article(other, id="b"))) == [("a", "b")]


# Passages and explanations.


def mixed(article: Build) -> list[Article]:
    edited = BRIDGE.replace("on Tuesday", "late on Tuesday").replace("Some 14,000 people", "About 14,000 commuters")
    dress = f"Share on Facebook\n\n{edited}\n\nRelated stories\nTop news"
    return [
        article(BRIDGE, id="wire", publisher="NWA", published_at="2031-05-01"),
        article(
            dress, id="courier", publisher="Ellery Courier", published_at="2031-05-02", credit="With reporting by NWA"
        ),
        article(RETOLD, id="herald", publisher="Tarn Herald", published_at="2031-05-03"),
        article(f"{BAND}\r\n\r\n{BRIDGE.split(chr(10) * 2)[2]}\r\n\r\n{BEES}", id="roundup", published_at="2031-05-04"),
        article(unicodedata.normalize("NFD", BEES.replace("Sarn", "Särn")), id="bees"),
        article(BRIDGE.split("\n\n")[1], id="brief", publisher="Morning Post"),
    ]


@pytest.fixture(scope="module")
def news(article: Build) -> list[Article]:
    return mixed(article)


@pytest.fixture(scope="module")
def result(news: list[Article]) -> Result:
    return find_duplicates(news)


def test_every_passage_quotes_words_that_stand_in_both_articles(result: Result) -> None:
    bodies = {a.id: a.body for a in result.articles}
    assert len(result.matches) >= 6
    for match in result.matches:
        assert match.passages
        check_passages(match, bodies[match.a], bodies[match.b])


def test_every_match_is_in_order_and_within_bounds(result: Result) -> None:
    assert [(m.a, m.b) for m in result.matches] == sorted({(m.a, m.b) for m in result.matches})
    for match in result.matches:
        assert match.a < match.b
        assert match.found_by
        assert GradeConfig().min_confidence <= match.confidence <= 1.0
        assert 0.0 <= match.similarity <= 1.0
        m = match.measures
        for share in (m.jaccard, m.containment_a, m.containment_b, m.cosine, m.shared_names):
            assert 0.0 <= share <= 1.0
        assert m.shared_words <= sum(p.words for p in match.passages)


def test_the_credit_names_the_source(result: Result) -> None:
    [match] = [m for m in result.matches if (m.a, m.b) == ("courier", "wire")]
    assert match.likely_source == "wire"
    assert "credits NWA" in match.source_reason


def test_every_cluster_names_its_weakest_link_among_its_members(result: Result) -> None:
    assert result.clusters
    for cluster in result.clusters:
        members = {m.article for m in cluster.members}
        assert len(members) == len(cluster.members) >= 2
        assert set(cluster.weakest_link.split("|")) <= members
        assert cluster.representative in members
        assert 0 < cluster.weakest_similarity <= 1
        assert {m.copy_group for m in cluster.members} <= members


def pairs_of(result: Result) -> Iterable[tuple[Match, Article, Article]]:
    by_id = {a.id: a for a in result.articles}
    return ((m, by_id[m.a], by_id[m.b]) for m in result.matches)


def test_comparing_two_articles_gives_the_match_of_the_scan(result: Result, news: list[Article]) -> None:
    given = {a.id: a for a in news}
    for match in result.matches:
        alone = compare(given[match.a], given[match.b])
        assert replace(alone, found_by=()) == replace(match, found_by=())


def test_comparing_the_other_way_round_mirrors_the_match(news: list[Article]) -> None:
    for one, other in combinations(news, 2):
        there, back = compare(one, other), compare(other, one)
        assert (there.a, there.b, back.a, back.b) == (one.id, other.id, other.id, one.id)
        assert there.grade == back.grade
        assert there.confidence == pytest.approx(back.confidence, abs=2e-4)
        assert there.similarity == pytest.approx(back.similarity, abs=2e-4)
        assert there.likely_source == back.likely_source
        m, n = there.measures, back.measures
        assert (m.containment_a, m.containment_b) == pytest.approx((n.containment_b, n.containment_a), abs=2e-4)
        assert (m.longest_run, m.shared_words, m.shared_quotes) == (n.longest_run, n.shared_words, n.shared_quotes)
        mirrored = sorted((p.b_start, p.b_end, p.a_start, p.a_end, p.words) for p in back.passages)
        assert sorted((p.a_start, p.a_end, p.b_start, p.b_end, p.words) for p in there.passages) == mirrored


def test_passages_of_a_comparison_quote_the_bodies_that_were_given(article: Build) -> None:
    one, other = article(BRIDGE.replace("\n", "\r\n"), id="a"), article("\ufeff" + BRIDGE, id="b")
    check_passages(compare(one, other), one.body, other.body)


def test_unrelated_articles_compare_as_unrelated(article: Build) -> None:
    match = compare(article(BAND, id="a"), article(BEES, id="b"))
    assert (str(match.grade), match.passages, match.likely_source) == ("unrelated", (), "")


def test_comparing_empty_articles_is_no_error(article: Build) -> None:
    assert str(compare(article("", id="a"), article("", id="b")).grade) == "unrelated"
    assert str(compare(article("", id="a"), article(BEES, id="b")).grade) == "unrelated"


def test_a_pair_has_the_same_grade_whatever_else_is_there(article: Build, news: list[Article], invent: Invent) -> None:
    crowd = [article(invent(seed), id=f"zz{seed}") for seed in range(30)]

    def bare(matches: Sequence[Match]) -> set[Match]:
        return {replace(m, found_by=()) for m in matches}

    assert bare(find_duplicates(news).matches) == bare(find_duplicates([*news, *crowd]).matches)


def test_ids_do_not_change_grades(news: list[Article]) -> None:
    names = {a.id: f"{9 - n}-{a.id}" for n, a in enumerate(news)}
    renamed = find_duplicates([replace(a, id=names[a.id]) for a in news])
    expected = {tuple(sorted((names[a], names[b]))): grade for (a, b), grade in grades(find_duplicates(news)).items()}
    assert grades(renamed) == expected


# The result.


def test_a_result_writes_its_reports_and_frames(result: Result, tmp_path: Path) -> None:
    files = result.write(tmp_path / "out")
    names = {"pairs.csv", "clusters.csv", "articles.csv", "skipped.csv", "run.json", "report.html"}
    assert {path.name for path in files} == names == {path.name for path in (tmp_path / "out").iterdir()}
    frame = result.pairs_frame()
    assert list(zip(frame["a"], frame["b"], frame["grade"], strict=True)) == [
        (a, b, g) for (a, b), g in grades(result).items()
    ]
    assert set(result.clusters_frame()["article_id"]) == {m.article for c in result.clusters for m in c.members}
    run = json.loads((tmp_path / "out" / "run.json").read_text("utf-8"))
    assert run["counts"]["articles"] == 6
    assert run["options"] == Config().to_dict()
    assert run["versions"]["dedup"]


def test_track_hears_of_every_article_and_pair(news: list[Article]) -> None:
    done: dict[str, int] = {}
    expected: dict[str, int | None] = {}

    def track(stage: str, count: int, total: int | None) -> None:
        done[stage] = done.get(stage, 0) + count
        expected[stage] = total

    result = find_duplicates(news, track=track)
    assert done["read"] == len(news)
    assert done["explain"] == len(result.matches)
    assert done["verify"] > result.stats["counts"]["candidate_pairs"]  # and those that complete the components
    assert done == expected


# Files, order, processes.


def test_a_missing_path_is_an_error_before_any_work(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="nowhere"):
        find_duplicates(tmp_path / "nowhere")


def test_a_file_of_an_unknown_kind_is_an_error_when_named_and_a_row_when_found(tmp_path: Path) -> None:
    (tmp_path / "a.xyz").write_text("x", "utf-8")
    with pytest.raises(UnsupportedFormatError, match="xyz"):
        find_duplicates([tmp_path / "a.xyz"])
    assert [s.stage for s in find_duplicates(tmp_path).skipped] == ["read"]


def test_files_and_articles_can_be_given_together(article: Build, tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text(BRIDGE, "utf-8")
    assert found_in([tmp_path / "one.txt", article(BRIDGE, id="given")]) == {("given", "one.txt"): "exact"}


def found_in(inputs: Sequence[Path | Article]) -> dict[tuple[str, str], str]:
    return grades(find_duplicates(inputs))


def digest(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.glob("*.csv"))}


@pytest.fixture(scope="module")
def feed(invent: Invent) -> list[dict[str, str]]:
    """420 records, 4.5 MB: copies, excerpts, footers, a repeated id, an undated one."""
    records: list[dict[str, str]] = []
    for n in range(420):
        dice, story = random.Random(n), n % 300
        text = "\n\n".join(invent(1000 * story + k, 130) for k in range(11))
        if n >= 300:
            text = text.replace(" the ", " this ", 40) if n % 2 else invent(n, 100) + "\n\n" + text[:3000]
        outlet = f"Outlet {dice.randrange(5)}"
        footer = f"\n\n{outlet} is read by everybody in the valley of Orlo and beyond"
        date = f"2031-05-{1 + n % 28:02}" if n % 9 else ""
        records.append(
            {"id": f"n{n}", "text": text + footer, "source": outlet, "published": date, "title": f"Story {n}"}
        )
    records[7]["id"] = "n8"
    return records


def write_feed(path: Path, records: Sequence[dict[str, str]]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    return path


def report(path: Path, out: Path, jobs: int = 1) -> dict[str, str]:
    find_duplicates(path, config=Config(jobs=jobs)).write(out)
    return digest(out)


@pytest.fixture(scope="module")
def in_order(feed: list[dict[str, str]], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    folder = tmp_path_factory.mktemp("feed")
    path = write_feed(folder / "feed.jsonl", feed)
    return path, report(path, folder / "out")


def test_the_feed_of_these_tests_holds_copies_and_needs_workers(in_order: tuple[Path, dict[str, str]]) -> None:
    path, files = in_order
    assert path.stat().st_size > 4_000_000
    assert set(files) == {"pairs.csv", "clusters.csv", "articles.csv", "skipped.csv"}
    assert len((path.parent / "out" / "pairs.csv").read_text("utf-8-sig").splitlines()) > 100


def test_two_workers_write_the_same_bytes_as_one(in_order: tuple[Path, dict[str, str]], tmp_path: Path) -> None:
    path, expected = in_order
    assert report(path, tmp_path / "out", jobs=2) == expected


@pytest.fixture(scope="module")
def shuffled(
    in_order: tuple[Path, dict[str, str]], feed: list[dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The report on the same lines in another order, in a file of the same name."""
    path, _ = in_order
    original = path.read_bytes()
    out = tmp_path_factory.mktemp("shuffled") / "out"
    write_feed(path, random.Random(5).sample(feed, len(feed)))
    report(path, out, jobs=2)
    path.write_bytes(original)
    return out


def test_shuffled_lines_write_the_same_pairs_and_clusters(
    in_order: tuple[Path, dict[str, str]], shuffled: Path
) -> None:
    path, expected = in_order
    assert {digest(shuffled)[name] == expected[name] for name in ("pairs.csv", "clusters.csv")} == {True}
    there, here = (
        list(csv.DictReader((f / "articles.csv").open(encoding="utf-8-sig"))) for f in (path.parent / "out", shuffled)
    )
    assert [{**row, "source": ""} for row in there] == [{**row, "source": ""} for row in here]


def test_shuffled_lines_write_the_same_bytes_in_all_files(
    in_order: tuple[Path, dict[str, str]], shuffled: Path
) -> None:
    assert digest(shuffled) == in_order[1]


def test_shuffled_articles_write_the_same_bytes(news: list[Article], tmp_path: Path) -> None:
    everything = [*news, replace(news[0], title="Again"), replace(news[4], title="Again")]
    find_duplicates(everything).write(tmp_path / "first")
    for seed in range(3):
        find_duplicates(random.Random(seed).sample(everything, len(everything))).write(tmp_path / "again")
        assert digest(tmp_path / "again") == digest(tmp_path / "first")


def test_another_hash_seed_writes_the_same_bytes(tmp_path: Path, news: list[Article]) -> None:
    for n, article in enumerate(news):
        (tmp_path / f"{n}.txt").write_text(article.body, "utf-8")
    runs = []
    for seed in ("0", "12345"):
        out = tmp_path / f"out{seed}"
        code = f"from dedup import find_duplicates; find_duplicates({str(tmp_path / '*.txt')!r}).write({str(out)!r})"
        runs.append((out, subprocess.Popen([sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed})))
    assert [process.wait() for _, process in runs] == [0, 0]
    digests = [digest(out) for out, _ in runs]
    assert digests[0] == digests[1]


LINE_UP = (
    "Tarn: Holm, Brandvik, Quist, Aldis, Nyberg, Sand (Moe, 71), Lund, Harstad, Vint, Tamber, Okafor. Subs not used: "
    "Berg, Dahl, Rask, Torp. Ellery: Marchetti, Lowe, Pryce, Adeyemi, Castell, Rojas, Fenn (Gray, 80), Tully, Mbeki, "
    "Strand, Ivers. Subs not used: Cole, Duarte, Penn. Referee: A Kestrel."
)


def test_a_line_up_that_two_reports_print_is_no_copied_text(article: Build, invent: Invent) -> None:
    preview = "Tarn must do without their captain when the league leaders visit on Saturday, and the coach is worried. "
    report = "A late header sent the visitors home with a point nobody had expected after an hour of one-way traffic. "
    found = compare(
        article(preview + invent(31, 120) + "\n\n" + LINE_UP, id="a"),
        article(report + invent(32, 120) + "\n\n" + LINE_UP, id="b"),
    )
    assert found.measures.shared_words > 40
    assert found.grade in ("same_event", "unrelated")


def test_a_copied_report_keeps_its_grade_when_it_ends_with_a_line_up(article: Build) -> None:
    found = compare(article(BRIDGE, id="a"), article(BRIDGE + "\n\n" + LINE_UP, id="b"))
    assert found.grade in ("near_duplicate", "excerpt")


SENTENCES = [part + "." for part in BRIDGE.replace("\n\n", " ").split(". ")]


def test_the_more_sentences_are_copied_the_higher_the_grade(article: Build, invent: Invent) -> None:
    order = ["unrelated", "rewrite", "excerpt", "near_duplicate", "exact"]
    own = [invent(50 + number, 18).capitalize() + "." for number in range(len(SENTENCES))]
    grades = []
    for copied in range(len(SENTENCES) + 1):
        other = " ".join(SENTENCES[:copied] + own[copied:])
        grades.append(order.index(str(compare(article(" ".join(SENTENCES), id="a"), article(other, id="b")).grade)))
    assert grades == sorted(grades)
    assert (grades[0], grades[-1]) == (0, 4)


def test_one_outlet_s_stock_passage_in_two_long_pieces_makes_no_copy(article: Build, invent: Invent) -> None:
    stock = invent(70, 110)
    pieces = [f"{invent(71 + n, 450)} {stock} {invent(81 + n, 450)}" for n in range(2)]
    house = find_duplicates([article(text, id=str(n), publisher="Gazette") for n, text in enumerate(pieces)])
    others = find_duplicates([article(text, id=str(n), publisher=f"Paper {n}") for n, text in enumerate(pieces)])
    assert (len(house.matches), len(others.matches)) == (0, 1)


def test_a_grade_does_not_depend_on_how_many_others_carry_the_same_quotations(article: Build, invent: Invent) -> None:
    one, other = article(BRIDGE, id="a"), article(RETOLD, id="b")
    [alone] = find_duplicates([one, other]).matches
    said = "“We will not send a single bus across before the last weld is tested,” chief engineer Oda Brandvik said."
    crowd = [article(f"{invent(100 + n, 90)}\n\n{said}\n\n{invent(200 + n, 90)}", id=f"x{n}") for n in range(20)]
    among = {(m.a, m.b): m for m in find_duplicates([one, other, *crowd]).matches}
    assert (among["a", "b"].grade, among["a", "b"].confidence) == (alone.grade, alone.confidence)
