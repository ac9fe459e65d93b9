"""Credit lines and sign-offs: who a text is credited to, apart from picture credits and from mere citations.

Every function looks at one short line, or at the last words of a paragraph, and never at running text: "told Reuters"
is a citation and sets nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from dedup.clean.agencies import agency_name, first_agency, only_agencies, split_names
from dedup.clean.lines import word_set

__all__ = ["Credit", "credit_of", "may_be_credit", "trailing_credit"]


@dataclass(frozen=True, slots=True)
class Credit:
    """A credit line as it stands, and the agency it names ("" when it names none)."""

    text: str
    agency: str
    kind: str = "credit"
    """"credit", or "copyright" for a copyright line that names no agency."""


_LABEL = re.compile(
    r"\W{0,2}(?:(?:story |news )?credits?|sources?|quellen?|fuentes?|fontes?|fonti|bron|źródł[oa]|kaynak|käll(?:a|or)"
    r"|sursa|zdroj|agency|агентство|источники?|джерело|πηγή|sumber|chanzo|المصدر|来源|來源|出典|출처)\s{0,2}[:：]\s{0,2}(?=\S)",
    re.IGNORECASE,
)
_REPORTING = re.compile(
    r"\W{0,2}(?:(?:additional |further |original )?"
    r"(?:reporting|writing|editing|compiled|translated|edited|written|rewritten|graphics?) by:? "
    r"(?=(?-i:[A-ZÀ-ÞА-Я])|our )"
    r"|mit material (?:von|der)|con (?:información|datos|material) de"
    r"|(?:with )?(?:additional |further |agency |wire )?"
    r"(?:reporting|inputs?|files|material|contributions|information) (?:by|from)"
    r"|com (?:informações|material) d[aeo]s?|con (?:informazioni|materiale) d[aeil]{1,3}"
    r"|avec (?:des |les )?(?:informations|agences|dépêches)|с использованием материалов|по материалам|за матеріалами"
    r"|met (?:informatie|medewerking) van|med (?:material|uppgifter) från)(?:\s|(?<=\s))",
    re.IGNORECASE,
)
_WITH = re.compile(
    r"[\W_]{0,3}(?:with|with the|avec|mit|con|com|met|med|from|via|z|с|ve|par)\s(.{2,60}?)[\W_]{0,3}", re.IGNORECASE
)
_WIRES = re.compile(
    r"(?:(?:news|wire|other|press|and) )?(?:agencies|agences|agenturen|agencias|agências|agenzie|agentschappen|wires"
    r"|wire reports|wire services|agency inputs|inputs|ajanslar|агентств[а-я]{0,4})",
    re.IGNORECASE,
)
_FIRST_APPEARED = re.compile(
    r"(?:editor['’]s note: )?((?:this|the) (?:article|story|report|piece|post|column|content|essay|version)"
    r"|(?:the )?post .{3,160})?\s?(?:is |was |has been )?(?:also |been )?"
    r"(?:(?:originally |first |previously )(?:appeared|published|posted|ran|produced|written)|appeared first"
    r"|republished|reprinted|syndicated|adapted|reproduced) (?:on|in|at|by|from|with|for|under)\b.{2,160}",
    re.IGNORECASE,
)
_FIRST_APPEARED_ELSEWHERE = re.compile(
    r"dieser (?:artikel|beitrag|text) (?:erschien|ist) (?:zuerst|zunächst|erstmals|ursprünglich)\b"
    r"|cet article (?:a (?:d['’]abord )?été (?:initialement )?publié|est (?:d['’]abord )?paru)\b"
    r"|este (?:artículo|texto|artigo) (?:fue|foi|apareció|ha sido) .{0,20}(?:publicado|original)"
    r"|questo articolo è (?:stato |apparso )?.{0,20}(?:pubblicato|originariamente|per la prima volta)"
    r"|dit artikel (?:verscheen|is) (?:eerder|eerst|oorspronkelijk)\b|(?:эта )?статья (?:была )?впервые опубликована",
    re.IGNORECASE,
)
_MATERIAL = re.compile(
    r"\W{0,3}(?:(?:some )?(?:material|information|content|reports?) (?:from|by) .{2,80} (?:was|were|is|are) (?:also )?"
    r"(?:used|included) (?:in|for) (?:this|the) (?:report|story|article|piece)"
    r"|(?:this|the) (?:report|story|article) (?:was |is |has been )?(?:prepared|compiled|published) (?:with|from) "
    r"|compiled from .{2,60} reports?\b|(?:this|the) (?:report|story|article) by .{2,60} was first published"
    r"|distributed by (?=(?-i:[^\W\d_a-z])))",
    re.IGNORECASE,
)
#: An outlet and its agencies: "Harbour Post with AFP".
_HOUSE_WITH = re.compile(r"(?:[^\W\d_a-z][\w'’.]* ){1,4}with (.{2,50})")
_CONTRIBUTED = re.compile(
    r"\W{0,3}[^\W\d_].{1,160}? (?:also )?"
    r"(?:contributed (?:to (?:this|the) (?:report|story|article|piece|post|dispatch)"
    r"|(?:additional )?reporting|research)|assisted (?:in|with) (?:this|the) report|provided additional reporting)"
    r"\b.{0,60}"
)
_COPYRIGHT = re.compile(
    r"\W{0,3}(?:©|\([cс]\)|copyright\b|tous droits réservés|alle rechte vorbehalten|todos los derechos"
    r"|все права защищены)",
    re.IGNORECASE,
)
_SIGN_OFF = re.compile(r"[—–\-(\[/*=]{1,3}\s{0,2}(.{2,40}?)\s{0,2}[)\]/*=]{0,2}\.?")
_DESK = re.compile(r"[-–—]{1,2}\s{0,2}.{2,60}(?:newsroom|news room|bureau|desk)\b.{0,40}", re.IGNORECASE)
_PHONE_SIGN = re.compile(r"[-–—]{1,2}\s{0,2}[^\W\d_].{2,50}[+(]{0,2}\d[\d\-() ]{6,20}\)*")

#: What a sign-off begins with.
_SIGNS = "—–-([/*=©"

#: The first words of all credit lines but those that tell by a verb: a test by lookup before any expression runs.
_FIRST_WORDS = word_set(
    "story news credit credits source sources quelle quellen fuente fuentes fonte fontes fonti bron źródło źródła "
    "kaynak källa källor sursa zdroj источник источники джерело πηγή sumber chanzo المصدر "
    "agency агентство dieser cet este questo dit compiled distributed this reporting writing editing "
    "compiled translated edited written rewritten graphic graphics additional further original our mit con com avec "
    "with from met med via z с ve par по за © (c) (с) copyright tous alle todos все"
)

#: The first words of credits that tell by a verb behind them.
_FIRST_WORDS_WITH_VERB = word_set(
    "the post is was has also been originally first previously appeared republished reprinted syndicated adapted "
    "reproduced some material information content report reports wire input inputs files contributions"
)

_VERBS = (
    " appeared ", "ublished ", " впервые", " used in ", " included in ", "produced ", "eprinted ", "yndicated ",
    "dapted ",
)  # fmt: skip


def may_be_credit(line: str, word: str = "") -> bool:
    """False when `credit_of` cannot hold for a sentence: a quick test of its first word and its verbs.

    Args:
        word: the line's `plain_word` if it is known.
    """
    first = word or line[:24].lstrip("([*•-–—=/ ").partition(" ")[0].casefold().rstrip(":：.")
    if first in _FIRST_WORDS or line[0] in _SIGNS or "：" in line[:6]:
        return True
    if " contributed" in line or " assisted " in line:  # behind any first word
        return True
    bare = word or first.strip("\"'“”‘’«»,")
    if bare.isascii() and bare.isalpha() and bare not in _FIRST_WORDS_WITH_VERB and "additional reporting" not in line:
        return False
    return any(map(line.__contains__, _VERBS))


@lru_cache(1024)  # credits recur word for word
def credit_of(line: str) -> Credit | None:
    """The credit when the whole line is a sign-off or credit line; None for sentences that merely cite someone.

    Example:
        >>> credit_of("With reporting by AFP")
        Credit(text='With reporting by AFP', agency='AFP', kind='credit')
        >>> credit_of('"We are safe," the mayor told Reuters.') is None
        True
    """
    if len(line) > 240:
        return None
    if line[0] in _SIGNS and (credit := _sign_off(line)):
        return credit
    if len(line) <= 60 and (agency := only_agencies(line)):
        return Credit(line, agency)
    if len(line) <= 80 and " with " in line and (found := _HOUSE_WITH.fullmatch(line)) and _lists_wires(found[1]):
        return Credit(line, first_agency(found[1]))
    return _labelled(line) or _worded(line) if may_be_credit(line) else None


def _sign_off(line: str) -> Credit | None:
    found = _SIGN_OFF.fullmatch(line)
    if found and (agency := only_agencies(found[1])):
        return Credit(line, agency)
    return Credit(line, first_agency(line)) if _DESK.fullmatch(line) or _PHONE_SIGN.fullmatch(line) else None


def _labelled(line: str) -> Credit | None:
    if _COPYRIGHT.match(line):
        agency = first_agency(line)
        return Credit(line, agency, "credit" if agency else "copyright")
    if (found := _LABEL.match(line)) and len(line.split()) <= 14:
        return Credit(line, _labelled_agency(line[found.end() :]))
    if _REPORTING.match(line):
        return Credit(line, first_agency(line))
    return None


def _labelled_agency(text: str) -> str:
    """The agency that a label names: `Source: Reuters, council`, but not `Source: UPI payments data`."""
    return next((agency for name in split_names(text.rstrip(" .)]*")) if (agency := agency_name(name))), "")


def _worded(line: str) -> Credit | None:
    if (found := _WITH.fullmatch(line)) and _lists_wires(found[1]):
        return Credit(line, first_agency(line))
    if (found := _FIRST_APPEARED.match(line)) and (found[1] or line.count(" ") < 12):
        return Credit(line, first_agency(line))
    contributed = len(line) <= 200 and _CONTRIBUTED.fullmatch(line)
    if contributed and (
        line.lstrip("(*_—–- ")[:1].upper() == line.lstrip("(*_—–- ")[:1] or agency_name(line.split()[0])
    ):
        return Credit(line, first_agency(line))
    if _MATERIAL.match(line) or _FIRST_APPEARED_ELSEWHERE.match(line):
        return Credit(line, first_agency(line))
    return None


def _lists_wires(text: str) -> bool:
    names = split_names(text)
    return bool(names) and all(agency_name(name) or _WIRES.fullmatch(name) for name in names)


#: How a bracketed credit behind the last sentence begins.
_TRAILING_MARKS = (
    "(Reporting by", "(Additional reporting", "(Writing by", "(Compiled by",
    "(With ", "(with ", "(Editing by", "(Edited by", "(Source:", "(Sources:", "(Credit:", "(Inputs from",
)  # fmt: skip
_CONTRIBUTED_LAST = re.compile(
    r"[.!?”\"’')] ((?:—|–|-|•)? ?(?:The )?[A-Z][^.!?\n]{1,120} contributed "
    r"(?:to (?:this|the) (?:report|story|article|piece)|(?:additional )?reporting)\b[^.!?\n]{0,40}\.?)$"
)
_INPUTS_LAST = re.compile(
    r"[.!?”\"’')] ([Ww]ith (?:agency |additional |wire )?(?:inputs?|reporting|files|material) (?:from|by) "
    r"[^.!?\n]{2,80}\.?)$"
)
#: Of these that expression needs one.
_INPUTS = ("input", "reporting", "files", "material")
_AGENCY_LAST = re.compile(
    r"[.!?”\"’'] ?([—–-]{1,2} ?[\w /.-]{2,30}|\([\w /.-]{2,30}\)|\[[\w /.-]{2,30}\]|/[\w -]{2,30}/"
    r"|(?<=[.!?”\"’'] )[\w -]{2,30})\.?$"
)


def trailing_credit(paragraph: str) -> tuple[int, Credit] | None:
    """Where a credit begins that closes a paragraph behind its last sentence, and the credit itself.

    Example:
        >>> trailing_credit("The bridge stays shut. The Associated Press contributed to this report.")
        (23, Credit(text='The Associated Press contributed to this report.', agency='AP', kind='credit'))
    """
    tail = paragraph[-260:]
    offset = len(paragraph) - len(tail)
    if tail.endswith((")", ").")):
        for mark in _TRAILING_MARKS:
            if (start := tail.rfind(mark)) > 0 and (credit := credit_of(tail[start:])):
                return offset + start, credit
    if " contributed " in tail and (found := _CONTRIBUTED_LAST.search(tail)):
        return offset + found.start(1), Credit(found[1], first_agency(found[1]))
    if any(map(tail.__contains__, _INPUTS)) and (found := _INPUTS_LAST.search(tail)):
        return offset + found.start(1), Credit(found[1], first_agency(found[1]))
    if tail[-1] not in ".!?\"”’'。" or tail[-2:-1] in (")", "/"):
        found = _AGENCY_LAST.search(tail[-45:])
        if found and (agency := only_agencies(found[1].strip("—–-()[]/ "))):
            return len(paragraph) - len(tail[-45:]) + found.start(1), Credit(found[1], agency)
    return None
