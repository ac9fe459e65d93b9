"""The news agencies and their spellings: the one table that datelines, bylines and credits are read with."""

from __future__ import annotations

import re
from functools import cache

from dedup.clean.lines import word_set
from dedup.literals import Literals, matches

__all__ = ["AGENCIES", "agencies_in", "agency_name", "first_agency", "only_agencies", "split_names"]

#: Usual short name -> the other spellings found in datelines, bylines and credits.
AGENCIES: dict[str, tuple[str, ...]] = {
    "AP": (
        "Associated Press",
        "The Associated Press",
        "AP News",
        "A.P.",
        "АП",
        "أسوشيتد برس",
        "美联社",
        "AP通信",
        "AP Wire",
    ),
    "Reuters": (
        "Thomson Reuters",
        "REUTERS",
        "Reuters News",
        "Рейтер",
        "Reuters.com",
        "رويترز",
        "路透社",
        "路透",
        "ロイター",
    ),
    "AFP": (
        "Agence France-Presse",
        "Agence France Presse",
        "АФП",
        "أ ف ب",
        "فرانس برس",
        "法新社",
        "AFP通信",
        "AFP News",
    ),
    "PA": ("Press Association", "PA Media", "The Press Association", "PA News Agency", "PA Wire"),
    "dpa": ("DPA", "Deutsche Presse-Agentur", "dpa-AFX", "Deutsche Presse Agentur", "dpa-infocom"),
    "EFE": ("Agencia EFE", "Agência EFE", "EFE News", "EFE Agencia", "Efe"),
    "ANSA": ("Agenzia ANSA", "Ansa", "ANSA.it"),
    "Xinhua": ("XINHUA", "Xinhua News Agency", "新华社", "新華社", "Agence de presse Xinhua", "Синьхуа", "新华网"),
    "TASS": ("ITAR-TASS", "Itar-Tass", "Tass", "ТАСС", "ИТАР-ТАСС", "塔斯社"),
    "Interfax": (
        "INTERFAX",
        "INTERFAX.RU",
        "Interfax.ru",
        "Интерфакс",
        "ИНТЕРФАКС",
        "Interfax-Ukraine",
        "Інтерфакс-Україна",
        "Интерфакс-Украина",
    ),
    "RIA Novosti": ("РИА Новости", "RIA", "RIA NOVOSTI", "РИА НОВОСТИ", "РИА", "Sputnik"),
    "BelTA": ("BELTA", "Belta", "БЕЛТА", "БелТА"),
    "UPI": ("United Press International",),
    "Bloomberg": ("Bloomberg News", "BLOOMBERG", "Блумберг", "彭博社"),
    "Kyodo": ("Kyodo News", "KYODO", "共同", "共同通信", "Kyodo News Service", "共同社"),
    "Jiji": ("Jiji Press", "JIJI", "時事", "時事通信"),
    "Yonhap": ("Yonhap News Agency", "YONHAP", "연합뉴스", "Yonhap News", "韩联社"),
    "PTI": ("Press Trust of India", "Press Trust Of India"),
    "ANI": ("Asian News International", "ANI News"),
    "IANS": ("Indo-Asian News Service", "Indo Asian News Service"),
    "AAP": ("Australian Associated Press", "AAP Newswire"),
    "CP": ("Canadian Press", "The Canadian Press", "La Presse Canadienne"),
    "Anadolu": ("AA", "Anadolu Agency", "Anadolu Ajansı", "Anadolu Ajansi", "ANADOLU"),
    "DHA": ("Demirören Haber Ajansı",),
    "Ukrinform": ("Укрінформ", "Укринформ", "UKRINFORM"),
    "UNIAN": ("УНІАН", "УНИАН"),
    "APA": ("Austria Presse Agentur", "Austria Press Agency"),
    "Keystone-SDA": ("SDA", "sda", "Keystone-ATS", "ATS", "SDA-ATS"),
    "ANP": ("Algemeen Nederlands Persbureau",),
    "Belga": ("BELGA", "Belga News Agency"),
    "TT": ("Tidningarnas Telegrambyrå",),
    "NTB": ("Norsk Telegrambyrå",),
    "Ritzau": ("RITZAU",),
    "STT": ("Suomen Tietotoimisto", "STT-Lehtikuva"),
    "PAP": ("Polska Agencja Prasowa",),
    "ČTK": ("CTK", "Czech News Agency"),
    "TASR": ("SITA",),
    "MTI": ("Magyar Távirati Iroda",),
    "Agerpres": ("AGERPRES", "Mediafax", "MEDIAFAX"),
    "BTA": ("БТА", "Bulgarian News Agency"),
    "Tanjug": ("TANJUG", "Танјуг", "Tanjug News Agency"),
    "Hina": ("HINA",),
    "ANA-MPA": ("AMNA", "ΑΠΕ-ΜΠΕ", "ΑΠΕ", "Athens News Agency"),
    "Lusa": ("LUSA", "Agência Lusa", "Agencia Lusa"),
    "Agência Brasil": ("Agencia Brasil", "Estadão Conteúdo", "Folhapress"),
    "Europa Press": ("EUROPA PRESS",),
    "Notimex": ("NOTIMEX",),
    "Télam": ("Telam", "TELAM", "TÉLAM"),
    "Antara": ("ANTARA", "Antara News"),
    "Bernama": ("BERNAMA",),
    "VNA": ("Vietnam News Agency",),
    "Fars": ("FNA", "Fars News Agency"),
    "IRNA": ("Islamic Republic News Agency", "ایرنا"),
    "MENA": ("Middle East News Agency", "أ ش أ"),
    "WAM": ("Emirates News Agency", "وام"),
    "SPA": ("Saudi Press Agency", "واس"),
    "KUNA": ("Kuwait News Agency", "كونا"),
    "SANA": ("سانا",),
    "APS": ("Algérie Presse Service",),
    "MAP": ("Maghreb Arabe Presse",),
    "NAN": ("News Agency of Nigeria",),
    "GNA": ("Ghana News Agency",),
    "SAPA": ("Sapa",),
    "Inter Press Service": ("IPS",),
    "KCNA": ("Korean Central News Agency",),
    "CNA": ("Central News Agency", "中央社"),
    "TNS": ("Tribune News Service", "Tribune Content Agency"),
    "StatePoint": (),
}


def _key(name: str) -> str:
    """Acronyms keep their case (PA is not "pa"); longer names do not."""
    name = name.strip(" .,;:*_—–-")
    return name if len(name) <= 5 else name.casefold().removeprefix("the ")


_BY_SPELLING = {_key(name): short for short, names in AGENCIES.items() for name in (short, *names)}
_LONGEST_FIRST = sorted({n for short, names in AGENCIES.items() for n in (short, *names)}, key=lambda n: (-len(n), n))
_INITIALS = re.escape("".join(sorted({name[0] for name in _LONGEST_FIRST})))
_ANY_AGENCY = re.compile(rf"(?<!\w)(?=[{_INITIALS}])(?:{'|'.join(map(re.escape, _LONGEST_FIRST))})(?!\w)")
#: What joins two agencies in a credit.
_JOINTS = re.compile(
    r"\s{0,3}(?:[/|,;&+·•]|\s[-–—]\s|\b(?:and|und|et|y|e|en|och|og|i|a|и|та|via|with|mit|avec|con|com|ve|dan|na)\b|\s与|和)\s{0,3}"
)


def agency_name(name: str) -> str:
    """The usual short name of an agency, "" when the whole of `name` is not one.

    Example:
        >>> agency_name("The Associated Press"), agency_name("pa"), agency_name("Harbour Post")
        ('AP', '', '')
    """
    return _BY_SPELLING.get(_key(name), "")


def _opening(text: str) -> str:
    """The first word of a list of names, for a quick look before the list is cut up."""
    return text.partition(" ")[0].partition("/")[0].strip(" .,;:()[]*_—–-").casefold()


_OPENINGS = frozenset(_opening(name) for name in _LONGEST_FIRST)


def only_agencies(text: str) -> str:
    """The first agency when the text lists agencies and nothing else: `AFP/dpa`, `Reuters and AP`."""
    if len(text) > 80 or _opening(text) not in _OPENINGS:
        return ""
    if whole := agency_name(text):
        return whole
    names = [agency_name(part) for part in split_names(text)]
    return names[0] if names and all(names) else ""


def split_names(text: str) -> list[str]:
    """The names in a list joined by commas, slashes or "and", in the languages of the table."""
    return [name for part in _JOINTS.split(text) if (name := part.strip(" .()[]"))]


#: Capitalised words that may follow an agency's name; any other makes it another name, as in "CP Rail".
_OF_AGENCY = word_set(
    "and news wire newswire agency staff writer writers reporter reporters correspondent sports business bureau photo "
    "service services newsroom desk editor via with in on at for und et con mit all "
    "l llc lp inc ltd limited gmbh media images television tv jan feb mar apr may jun jul aug sep sept oct nov dec"
)
_NEXT_WORD = re.compile(r" ([^\W\d_]+)")
_WRITER = re.compile(
    r"(?: [^\W\d_a-z]\w+){1,3} (?:[Ww]riters?|[Rr]eporters?|[Cc]orrespondents?|[Ee]ditors?|[Ss]taff)\b"
)
_WORD_BEFORE = re.compile(r"([^\W\d_][\w'’-]+) $")
#: Words of credits, which do not make a name of what follows them, as "Mike" does of "Bloomberg".
_NO_NAMES = word_set(
    "by from via with the and of for in at on to source sources credit story text copyright agency agencia agenzia "
    "agence agência agentur writer reporter correspondent von par por di de da du des mit con com avec et y e und "
    "staff news former some material information compiled according reports original content additional reporting"
)
_TOWN_BEFORE = re.compile(r"\b(?:in|near|of) [^\W\d_a-z][\w'’ -]{1,30}, $")


def first_agency(text: str) -> str:
    """The first agency named in a line, "" when none is; only for lines already known to be credits or bylines.

    A name that merely contains an agency's is none: `CP Rail`, `Mike Bloomberg`; nor is the state in `Harrisburg, PA`.

    Example:
        >>> first_agency("By Mara Quill in Harrisburg, PA"), first_agency("Mara Quill of The Associated Press")
        ('', 'AP')
    """
    text = text[:300]
    for found in _ANY_AGENCY.finditer(text):
        if not _is_part_of_name(found[0], text[: found.start()], text[found.end() :]):
            return agency_name(found[0])
    return ""


def agencies_in(text: str) -> frozenset[str]:
    """All agencies that a text names anywhere, in whatever sense.

    Example:
        >>> sorted(agencies_in("The bridge is shut, The Associated Press has learned. (Photo: Reuters)"))
        ['AP', 'Reuters']
    """
    places = _spellings().places(text)
    return frozenset(agency_name(found[0]) for found in matches(_ANY_AGENCY, text, places))


@cache
def _spellings() -> Literals:
    return Literals(_LONGEST_FIRST)


def _is_part_of_name(name: str, before: str, behind: str) -> bool:
    following = _NEXT_WORD.match(behind)
    if following and following[1][0].isupper() and following[1].casefold() not in _OF_AGENCY:
        return not _WRITER.match(behind)  # "AP Economics Writer"
    if name == "PA" and _TOWN_BEFORE.search(before):
        return True
    word = _WORD_BEFORE.search(before) if " " not in name else None
    if word is None or not word[1][0].isupper() or word[1].casefold() in _NO_NAMES:
        return False
    return not name.isupper()  # "Mike Bloomberg" and "Ana Ansa", but "Harbour Post AFP"
