"""Every agency in every place where it can sign a text, and the places where its name means something else."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dedup.clean import clean
from dedup.config import ReadConfig
from dedup.records import Article, RawRecord

NAMES = {
    "AP": ("AP", "The Associated Press", "Associated Press"),
    "Reuters": ("Reuters", "REUTERS", "Thomson Reuters"),
    "AFP": ("AFP", "Agence France-Presse"),
    "PA": ("PA", "PA Media", "Press Association"),
    "dpa": ("dpa", "DPA", "Deutsche Presse-Agentur"),
    "EFE": ("EFE", "Agencia EFE"),
    "ANSA": ("ANSA", "Agenzia ANSA"),
    "Xinhua": ("Xinhua", "Xinhua News Agency"),
    "TASS": ("TASS", "ITAR-TASS", "ТАСС"),
    "Interfax": ("Interfax", "Интерфакс"),
    "BelTA": ("BelTA", "Belta", "БЕЛТА"),
    "UPI": ("UPI", "United Press International"),
    "Bloomberg": ("Bloomberg", "Bloomberg News"),
    "Kyodo": ("Kyodo", "Kyodo News"),
    "Yonhap": ("Yonhap", "Yonhap News Agency"),
    "PTI": ("PTI", "Press Trust of India"),
    "ANI": ("ANI", "Asian News International"),
    "AAP": ("AAP", "Australian Associated Press"),
    "CP": ("CP", "The Canadian Press"),
}
HEADLINE = "Harbour of Port Alden to reopen after storm"
BODY = (
    "The council of Port Alden will vote on the new ferry next week, and the mayor expects it to pass.",
    "Fishermen have asked the government in Velmont for help, but the ministry has not answered their letters yet.",
    "Inspectors will visit the quay again on Thursday and report to the council, which has the last word on it.",
    "The harbour was shut for three weeks after the storm, and two ferries were lost in it with all they carried.",
)

BEFORE_THE_TEXT = (
    "PORT ALDEN, Feb 16 ({}) - ",
    "PORT ALDEN ({}) — ",
    "Port Alden ({}) - ",
    "({}) - ",
    "PORT ALDEN, February 16. /{}/. ",
    "PORT ALDEN, Tarvia ({}) – ",
    "[{}] ",
    "Port Alden, 16. Februar ({}) – ",
    "PORT ALDEN, Feb. 16, 2031 ({}) -- ",
    "Port Alden/Velmont ({}) - ",
    "({}) PORT ALDEN - ",
    "Port Alden, Feb 16 ({}): ",
    "{} - Port Alden - ",
    "Port Alden, Feb. 16, {} — ",
)
BELOW_THE_HEADLINE = (
    "By {}",
    "By Mara Quill, {}",
    "Mara Quill | {}",
    "BY MARA QUILL, {}",
    "By Mara Quill and Tom Orris, {}",
    "{} staff",
    "Von Jana Birk, {}",
    "Par Jana Birk ({})",
    "By Mara Quill / {}",
    "By Mara Quill for {}",
    "Mara Quill – {}",
    "By Mara Quill ({})",
    "By Mara Quill of {}",
    "By Mara Quill, {} writer",
    "{} | Feb 16, 2031",
    "By: {}",
    "By {} and Harbour Post staff",
    "Por {}",
    "Source: {}",
)
BELOW_THE_TEXT = (
    "—{}",
    "({})",
    "- {}",
    "[{}]",
    "/{}/",
    "– {} –",
    "Source: {}",
    "Story credit: {}",
    "Credit: {}",
    "Quelle: {}",
    "Fuente: {}",
    "Fonte: {}",
    "Источник: {}",
    "With {}",
    "With reporting by {}",
    "Additional reporting by {}",
    "With inputs from {}",
    "(With inputs from {})",
    "{} contributed to this report.",
    "This story first appeared on {}.",
    "This article was originally published by {}.",
    "© 2031 {}. All rights reserved.",
    "(c) {}",
    "Copyright 2031 {}",
    "Mit Material von {}",
    "avec {}",
    "con información de {}",
    "Con informazioni di {}",
    "Com informações da {}",
    "Material from {} was used in this report.",
    "From {}",
    "via {}",
    "{} and Harbour Post staff",
    "Compiled from {} reports",
    "Reporting by {}",
    "Harbour Post with {}",
    "— with files from {}",
    "This report was prepared with material from {}.",
    "Information from {} was used in this story.",
    "Text: {}",
    "Агентство: {}",
    "(with {})",
    "По материалам {}",
    "Quelle: Harbour Post/{}",
    "Dieser Artikel erschien zuerst bei {}.",
    "This story was published from a {} feed.",
    "kaynak: {}",
    "(Source: {})",
    "Editing by Tom Orris, {}",
)
BEHIND_THE_LAST_SENTENCE = (
    "({})",
    "—{}",
    "- {}",
    "/{}/",
    "[{}]",
    "{}",
    "{} contributed to this report.",
    "(Source: {})",
    "With inputs from {}",
)

NOT_BEFORE_THE_TEXT = ("{} reports that the harbour will open. ",)
NOT_BELOW_THE_HEADLINE = (
    "Photo: {}",
    "Mara Quill/{}",
    "Photo by Mara Quill/{}",
    "Foto: {}",
    "Photograph: Mara Quill/{}",
    "File photo: {}",
    "Image copyright {}",
)
NOT_BELOW_THE_TEXT = (
    "({} Photo/Mara Quill)",
    "Image: {}",
    "{}/Getty Images",
    "The quay on Monday. (Mara Quill/{})",
    "Photo credit: {}",
    "Picture: Mara Quill, {}",
    "Bild: {}",
)
NOT_BEHIND_THE_LAST_SENTENCE = (
    '"We will open on time," the mayor told {}.',
    "{} reported it first.",
    "According to {}, the ferry sank within an hour.",
    "She said so in an interview with {}.",
)


def article(text: str) -> Article:
    found = clean(RawRecord(id="1", source="1.txt", text=text), ReadConfig())
    assert isinstance(found, Article)
    return found


def before(line: str) -> Article:
    return article("\n\n".join([line + BODY[0], *BODY[1:]]))


def above(line: str) -> Article:
    return article("\n\n".join([HEADLINE, line, *BODY]))


def below(line: str) -> Article:
    return article("\n\n".join([*BODY, line]))


def behind(line: str) -> Article:
    return article("\n\n".join([*BODY[:-1], f"{BODY[-1]} {line}"]))


PLACES = {before: BEFORE_THE_TEXT, above: BELOW_THE_HEADLINE, below: BELOW_THE_TEXT, behind: BEHIND_THE_LAST_SENTENCE}
NO_PLACES = {
    before: NOT_BEFORE_THE_TEXT,
    above: NOT_BELOW_THE_HEADLINE,
    below: NOT_BELOW_THE_TEXT,
    behind: NOT_BEHIND_THE_LAST_SENTENCE,
}


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
def test_every_agency_is_found_in_every_place(place: Callable[[str], Article]) -> None:
    wrong = [
        (line.format(name), found.agency)
        for line in PLACES[place]
        for agency, names in NAMES.items()
        for name in names
        if (found := place(line.format(name))).agency != agency
    ]
    assert wrong == []


@pytest.mark.parametrize("place", NO_PLACES, ids=lambda place: place.__name__)
def test_citations_and_picture_credits_sign_no_text(place: Callable[[str], Article]) -> None:
    wrong = [
        (line.format(name), found.agency, found.credit)
        for line in NO_PLACES[place]
        for names in NAMES.values()
        for name in names
        if (found := place(line.format(name))).agency or found.credit
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("place", "line", "agency"),
    [
        (behind, "The PTI chairman spoke last. (PTI)", "PTI"),
        (before, "Reuters – The ", "Reuters"),
        (before, "(SPA) ", "SPA"),
        (below, "Reuters and AP", "Reuters"),
        (below, "AFP/dpa", "AFP"),
        (below, "(AP, Reuters)", "AP"),
        (above, "By AP and Reuters", "AP"),
        (before, "MINSK, 16 February (BelTA) – ", "BelTA"),
        (before, "МИНСК, 16 фев — РИА Новости. ", "RIA Novosti"),
        (before, "МОСКВА, 16 фев - РИА Новости, Иван Петров. ", "RIA Novosti"),
        (before, "МОСКВА, 16 фев (Рейтер) - ", "Reuters"),
        (before, "16 февраля, Минск /Корр. БЕЛТА/. ", "BelTA"),
        (before, "Москва. 16 февраля. INTERFAX.RU - ", "Interfax"),
        (before, "【ヴェルモント共同】", "Kyodo"),
        (before, "（ヴェルモント共同）", "Kyodo"),
        (before, "(서울=연합뉴스) 김철수 기자 = ", "Yonhap"),
        (before, "【新华社维尔蒙2月16日电】", "Xinhua"),
        (before, "[ヴェルモント 16日 ロイター] - ", "Reuters"),
        (before, "（中央社維爾蒙16日電）", "CNA"),
        (before, "Madrid, 16 feb (EFE).- ", "EFE"),
        (before, "(ANSA) - ROMA, 16 FEB - ", "ANSA"),
        (before, "Paris (AFP) - ", "AFP"),
        (before, "PARIS, 16 février 2031 (AFP) - ", "AFP"),
        (before, "São Paulo, 16 fev (Lusa) - ", "Lusa"),
        (before, "Berlin (dpa/bb) - ", "dpa"),
        (before, "Hamburg (dpa/lno) - ", "dpa"),
        (before, "Wien (APA) - ", "APA"),
        (before, "NEW DELHI, Feb 16 (PTI): ", "PTI"),
        (before, "New Delhi [India], February 16 (ANI): ", "ANI"),
        (before, "TOKYO, Feb. 16 (Kyodo) -- ", "Kyodo"),
        (before, "SEOUL, Feb. 16 (Yonhap) -- ", "Yonhap"),
        (before, "(Bloomberg) -- ", "Bloomberg"),
        (before, "BEIJING, Feb. 16 (Xinhua) -- ", "Xinhua"),
        (before, "MOSCOW, February 16. /TASS/. ", "TASS"),
        (before, "LONDON, Feb 16 (Reuters Breakingviews) - ", "Reuters"),
        (before, "SYDNEY, Feb 16 AAP - ", "AAP"),
        (below, "(ANSA).", "ANSA"),
        (below, "EFE", "EFE"),
        (behind, "EFE", "EFE"),
        (below, "dpa", "dpa"),
        (below, "(dpa)", "dpa"),
        (behind, "dpa", "dpa"),
        (behind, "(AFP/ANI)", "AFP"),
        (behind, "(APA/dpa)", "APA"),
        (below, "AAP", "AAP"),
        (behind, "— Bloomberg", "Bloomberg"),
        (below, "with Reuters", "Reuters"),
        (below, "— With files from The Canadian Press", "CP"),
        (below, "This report by The Canadian Press was first published Feb. 16, 2031.", "CP"),
        (below, "Press Association", "PA"),
        (below, "(With agency inputs from PTI)", "PTI"),
        (above, "Agence France-Presse", "AFP"),
        (above, "By Harbour Post Staff and AP", "AP"),
        (below, "© dpa-infocom, dpa:310216-99-123456/2", "dpa"),
        (below, "(Mit Material von dpa und AFP)", "dpa"),
        (below, "mit dpa", "dpa"),
        (below, "avec AFP", "AFP"),
        (below, "(avec Reuters)", "Reuters"),
        (below, "Avec les agences AP et Reuters", "AP"),
        (below, "Con información de AP y Reuters", "AP"),
        (below, "(Con AFP)", "AFP"),
        (below, "*Com informações da Agência Brasil", "Agência Brasil"),
        (below, "Com Reuters", "Reuters"),
        (below, "Fonte: ANSA", "ANSA"),
        (below, "Met medewerking van ANP", "ANP"),
        (below, "Källa: TT", "TT"),
        (below, "По материалам РИА Новости", "RIA Novosti"),
        (below, "За матеріалами Укрінформ", "Ukrinform"),
        (below, "Kaynak: AA", "Anadolu"),
        (below, "المصدر: رويترز", "Reuters"),
        (below, "来源：新华社", "Xinhua"),
        (below, "出典：共同通信", "Kyodo"),
    ],
)
def test_agencies_sign_in_many_languages(place: Callable[[str], Article], line: str, agency: str) -> None:
    assert place(line).agency == agency


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (before, "CP Rail — the largest carrier — said. "),
        (before, "HARRISBURG, PA (Harbour Post) — "),
        (before, "HARRISBURG, PA — "),
        (above, "By Michael Bloomberg"),
        (above, "By Ani DiFranco"),
        (above, "By Ansa Virtanen"),
        (above, "By Belta Orris, Harbour Post"),
        (above, "AP classes fill up in Port Alden"),
        (above, "The AP style guide, explained"),
        (below, "Follow the AP style guide."),
        (below, "Buy tickets at Reuters Plaza"),
        (behind, "He works for the AP"),
        (before, "Bloomberg – the former mayor – said it. "),
        (before, "PTI — the party of the cricketer — said it. "),
        (below, "Source: PA Department of Health"),
        (below, "Source: Bloomberg Philanthropies"),
        (below, "Source: AP Capital"),
        (below, "Credit: CP Rail"),
        (below, "Sources: Harbour Post; council"),
        (below, "Source: UPI payments data"),
        (above, "By Mara Quill in Harrisburg, PA"),
        (below, "With PA at her side"),
        (below, "© 2031 PA Consulting"),
        (below, "© 2031 CP Ships"),
        (below, "Copyright 2031 Kyodo Trading"),
        (below, "This article first appeared on the AP Stylebook blog."),
        (below, "Contact: press@ap.org"),
        (below, "Mara Quill is a former Reuters reporter."),
        (below, "The writer worked for Bloomberg and AP."),
        (below, "Additional reporting by Mara Quill in Harrisburg, PA"),
        (behind, "She moved to Lancaster, PA"),
        (above, "Mara Quill, PA"),
        (below, "Ansa Virtanen contributed to this report."),
        (below, "Mike Bloomberg contributed to this report."),
        (below, "Interfax, Harbour Post and others were asked."),
        (before, "The SPA Hotel — an old one — "),
        (before, "Roma, 16 feb. (askanews) - "),
        (before, "OTTAWA — "),
        (below, "(This story has been published from a wire agency feed without modifications to the text.)"),
        (below, "Agencies"),
        (below, "Harbour Post/Agencies"),
        (below, "With agency inputs"),
        (above, "Reuters"),
        (above, "Harbour Post/AFP"),
        (above, "By Mara Quill, CNN"),
        (below, "Diese Meldung ist Teil einer automatisierten Übernahme von dpa."),
        (below, "(mit Agenturen)"),
        (below, "Con información de agencias"),
        (below, "出处：路透社"),
    ],
)
def test_a_name_that_contains_an_agencys_is_none(place: Callable[[str], Article], line: str) -> None:
    assert place(line).agency == ""
