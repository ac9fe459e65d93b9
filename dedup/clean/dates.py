"""Dates as news writes them, turned into ISO 8601; what cannot be meant for sure stays unknown."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo

__all__ = ["date_line", "parse_date"]

#: Longer strings are not dates, and no pattern here shall see them.
_MAX_LENGTH = 120

# Full names (in the case that dates use) and usual abbreviations, January to December, a row for each language; case
# and accents do not matter.
_MONTHS = """
january february march april may june july august september october november december
jan feb mar apr may jun jul aug sept oct nov dec
jan feb mar apr may jun jul aug sep oct nov dec
januar februar märz april mai juni juli august september oktober november dezember
jänner feber mrz apr mai jun jul aug sep okt nov dez
janvier février mars avril mai juin juillet août septembre octobre novembre décembre
janv févr mars avr mai juin juil août sept oct nov déc
enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
ene feb mar abr may jun jul ago setiembre oct nov dic
gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre
gen feb mar apr mag giu lug ago set ott nov dic
janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro
jan fev mar abr mai jun jul ago set out nov dez
januari februari maart april mei juni juli augustus september oktober november december
jan feb mrt apr mei jun jul aug sep okt nov dec
stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia
января февраля марта апреля мая июня июля августа сентября октября ноября декабря
янв фев мар апр май июн июл авг сен окт ноя дек
січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня
ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık
januari februari mars april maj juni juli augusti september oktober november december
ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie
ledna února března dubna května června července srpna září října listopadu prosince
ιανουαρίου φεβρουαρίου μαρτίου απριλίου μαΐου ιουνίου ιουλίου αυγούστου σεπτεμβρίου οκτωβρίου νοεμβρίου δεκεμβρίου
januari februari maret april mei juni juli agustus september oktober november desember
januari februari machi aprili mei juni julai agosti septemba oktoba novemba desemba
يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر
"""

# Words that may stand around a date without changing it.
_AROUND = """
monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun
montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag mo di mi do fr sa so
lundi mardi mercredi jeudi vendredi samedi dimanche lunes martes miércoles jueves viernes sábado domingo
lunedì martedì mercoledì giovedì venerdì sabato domenica segunda terça quarta quinta sexta feira
maandag dinsdag woensdag donderdag vrijdag zaterdag zondag
poniedziałek wtorek środa czwartek piątek sobota niedziela
понедельник вторник среда четверг пятница суббота воскресенье понеділок вівторок середа четвер субота неділя
pazartesi salı çarşamba perşembe cuma cumartesi pazar måndag tisdag onsdag torsdag fredag lördag söndag
luni marți miercuri joi vineri sâmbătă duminică pondělí úterý středa čtvrtek pátek neděle
δευτέρα τρίτη τετάρτη πέμπτη παρασκευή σάββατο κυριακή senin selasa rabu kamis jumat sabtu minggu
jumatatu jumanne jumatano alhamisi ijumaa jumamosi jumapili
الاثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد
published publish updated update last posted first modified created date issued released on at of the as time
veröffentlicht aktualisiert stand vom am um uhr erstellt publié mis à jour le la maj
publicado actualizado el las a hs hrs horas pubblicato aggiornato il alle ore atualizado em às dia
gepubliceerd bijgewerkt op om uur opublikowano aktualizacja dnia godz
опубликовано обновлено дата в опубліковано оновлено yayınlanma güncelleme tarihi saat
publicerad uppdaterad kl publicat actualizat data publikováno aktualizováno δημοσιεύθηκε στις
dipublikasikan pukul local et pt ct mt ist cst amt year год года р г year
"""

# Zones that mean one thing only; IST, CST and the like keep their time but get no offset.
_ZONES = {
    "z": 0, "utc": 0, "gmt": 0, "wet": 0, "bst": 60, "west": 60, "cet": 60, "mez": 60, "cest": 120, "mesz": 120,
    "eet": 120, "eest": 180, "msk": 180, "wat": 60, "cat": 120, "eat": 180, "sast": 120, "est": -300, "edt": -240,
    "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420, "jst": 540, "kst": 540, "hkt": 480, "sgt": 480,
    "wib": 420, "wit": 540, "wita": 480, "aest": 600, "aedt": 660, "nzst": 720, "nzdt": 780,
}  # fmt: skip


def _fold(text: str) -> str:
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", bare)  # puts Korean syllables together again


_MONTH = {name: number % 12 + 1 for number, name in enumerate(_fold(_MONTHS).split())}
_ALLOWED = frozenset(_fold(_AROUND).split())

_NAME = r"([^\W\d_]{3,12})\.?"
_DAY = r"(\d{1,2})(?:st|nd|rd|th|er|\.|º|o|a)?"
_YEAR = r"(\d{4})(?!\d)"
_DAY_MONTH = re.compile(rf"(?<!\d){_DAY}[ \-]{{0,2}}(?:de |of |d')?{_NAME},?[ \-]{{0,2}}(?:de |del )?{_YEAR}")
_MONTH_DAY = re.compile(rf"{_NAME} {{1,2}}{_DAY},? {{1,2}}{_YEAR}")
_YEAR_MONTH_NAME = re.compile(rf"(?<!\d)(\d{{4}})[. ,\-]{{1,2}}{_NAME} ?-?(\d{{1,2}})(?!\d)\.?")
_CJK = re.compile(r"(?<!\d)(\d{4}) ?[年년] ?(\d{1,2}) ?[月월] ?(\d{1,2}) ?[日일号號]?")
_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)")
_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})([./\-])(\d{1,2})\2(\d{4})(?!\d)")
_TIME = re.compile(
    r"(?<![\d:])(\d{1,2})(?::|h|\.|时|時|시 ?)(\d{2})(?:[:.](\d{2})(?:\.\d{1,9})?)?(?!\d)"
    r" ?分? ?(a\.?m\b\.?|p\.?m\b\.?)?"
)
_HOUR = re.compile(r"(?<![\d:])(\d{1,2}) ?(a\.?m\b\.?|p\.?m\b\.?)")
_OFFSET = re.compile(r"(?:gmt|utc)? ?([+\-−])(\d{2}):?(\d{2})?(?!\d)")
_WORD = re.compile(r"[^\W_]+")
_CJK_AROUND = re.compile(
    r"[（(]?[月火水木金土日一二三四五六] ?[)）]|(?:星期|周|週)[一二三四五六日天]|[가-힣]요일"
    r"|上午|更新|发布|發布|配信|入力"
)
_DIGIT = re.compile(r"\d")
#: Every date that is written out has the year in full.
_FULL_YEAR = re.compile(r"\d{4}")
_ISO = re.compile(r"\d{4}-?\d\d-?\d\d(?:$|[T ]\d)")
_EPOCH = re.compile(r"\d{10}(?:\d{3})?(?:\.\d{1,6})?\Z")
_RELATIVE = re.compile(
    r"(?:about |over |vor |il y a |hace |ha )?\d{1,3} ?(?:years?|months?|weeks?|days?|hours?|hrs?|minutes?|mins?"
    r"|tagen?|stunden?|minuten|jours?|heures?|horas?|dias?|ore|giorni|dagen|uur)"
    r"(?: (?:ago|fa|atras|geleden|temu))?(?: \|.{0,20})?"
)
_AGO = (" ago", "vor ", "il y a", "hace", "ha ", " fa", "atras", "geleden", "temu")
_READING_TIME = re.compile(r"\d{1,2} ?(?:min|minutes?) read")


def parse_date(text: str) -> str:
    """The date or date-time in ISO 8601, with the zone it was given in; "" when unknown, ambiguous or impossible.

    No guessing: 03/04/2020 is two different days to two readers, so it is unknown. Dots are day-first wherever
    they are used, so 03.04.2020 is the third of April.

    Example:
        >>> parse_date("Thu, 16 Feb 2023 14:03:00 GMT"), parse_date("03/04/2020")
        ('2023-02-16T14:03:00+00:00', '')
    """
    if len(text) == 10 and text[4] == "-" == text[7] and (found := _from_iso(text)):
        return found
    text = text.strip()
    if not text or len(text) > _MAX_LENGTH:
        return ""
    if _ISO.match(text) and (found := _from_iso(text)):
        return found
    if _EPOCH.match(text):
        return _from_epoch(text)
    return _from_words(_fold(text))


def date_line(line: str) -> bool:
    """True when a line is only a date, a time or how long ago something was: `Updated 5 May 2023`, `6 years ago`."""
    if len(line) > 80 or not _DIGIT.search(line):
        return False
    return bool(parse_date(line)) or _is_relative(_fold(line).strip(" .|•·-"))


def _is_relative(text: str) -> bool:
    for word in ("published ", "updated ", "posted ", "last updated "):
        text = text.removeprefix(word)
    if _READING_TIME.fullmatch(text):
        return True
    return bool(_RELATIVE.fullmatch(text)) and any(mark in text for mark in _AGO)


def _from_iso(text: str) -> str:
    try:
        if len(text) == 10 and text[4] == "-":
            return date.fromisoformat(text).isoformat() if _plausible(int(text[:4])) else ""
        if len(text) == 8:
            return date.fromisoformat(text).isoformat() if _plausible(int(text[:4])) else ""
        moment = datetime.fromisoformat(text)
    except ValueError:
        return ""
    return moment.replace(microsecond=0).isoformat() if _plausible(moment.year) else ""


def _from_epoch(text: str) -> str:
    whole = text.partition(".")[0]
    seconds = int(whole) if len(whole) == 10 else int(whole) // 1000
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def _plausible(year: int) -> bool:
    return 1600 <= year <= 2199


def _from_words(text: str) -> str:
    if not _FULL_YEAR.search(text):
        return ""
    for pattern, read in _READERS:
        found = pattern.search(text)
        if found and (day := read(found)):
            rest = text[: found.start()] + " " + text[found.end() :]
            return _with_time(day, rest)
    return ""


def _day(year: str, month: int, day: str) -> date | None:
    try:
        return date(int(year), month, int(day)) if _plausible(int(year)) else None
    except ValueError:
        return None


def _day_month(found: re.Match[str]) -> date | None:
    return _day(found[3], _MONTH.get(found[2], 0), found[1])


def _month_day(found: re.Match[str]) -> date | None:
    return _day(found[3], _MONTH.get(found[1], 0), found[2])


def _year_month_name(found: re.Match[str]) -> date | None:
    return _day(found[1], _MONTH.get(found[2], 0), found[3])


def _cjk(found: re.Match[str]) -> date | None:
    return _day(found[1], int(found[2]), found[3])


def _year_first(found: re.Match[str]) -> date | None:
    return _day(found[1], int(found[3]), found[4])


def _numeric(found: re.Match[str]) -> date | None:
    first, second = int(found[1]), int(found[3])
    if found[2] == "." or first > 12 or first == second:
        return _day(found[4], second, found[1])
    return _day(found[4], first, found[3]) if second > 12 else None


_READERS = (
    (_DAY_MONTH, _day_month),
    (_MONTH_DAY, _month_day),
    (_CJK, _cjk),
    (_YEAR_FIRST, _year_first),
    (_NUMERIC, _numeric),
    (_YEAR_MONTH_NAME, _year_month_name),
)


def _with_time(day: date, rest: str) -> str:
    """The date with the time and zone that stand beside it; "" when other words do, for then it is no date field."""
    clock, rest = _take_time(rest)
    if clock is None:
        return day.isoformat() if _only_known_words(rest) else ""
    offset = _OFFSET.search(rest)
    zone: tzinfo | None = None
    if offset:
        minutes = int(offset[2]) * 60 + int(offset[3] or 0)
        zone = timezone(timedelta(minutes=minutes if offset[1] == "+" else -minutes)) if minutes < 1440 else None
        rest = rest[: offset.start()] + " " + rest[offset.end() :]
    names = [word for word in _WORD.findall(rest) if word in _ZONES]
    if zone is None and names:
        zone = timezone(timedelta(minutes=_ZONES[names[0]]))
    if not _only_known_words(rest):
        return ""
    hour, minute, second = clock
    return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=zone).isoformat()


def _take_time(rest: str) -> tuple[tuple[int, int, int] | None, str]:
    found = _TIME.search(rest)
    if found:
        hour, minute, second, half = int(found[1]), int(found[2]), int(found[3] or 0), found[4]
    elif found := _HOUR.search(rest):
        hour, minute, second, half = int(found[1]), 0, 0, found[2]
    else:
        return None, rest
    if half and 1 <= hour <= 12:
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    if hour > 23 or minute > 59 or second > 59:
        return None, rest
    return (hour, minute, second), rest[: found.start()] + " " + rest[found.end() :]


def _only_known_words(rest: str) -> bool:
    words = _WORD.findall(_CJK_AROUND.sub(" ", rest))
    return all(word in _ALLOWED or word in _ZONES for word in words)
