"""What two texts say of one happening: names, figures, weekdays and sentences of the one looked for in the other.

Wording plays no part here. A text is described once (`profile`), and each of its pairs takes some microseconds
(`compare_facts`).
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numba import njit
from numpy.typing import NDArray

from dedup.similarity import describe, forget, match_sentences, sentence_bounds, translate
from dedup.tokens import NUMBER, tokenise_one

__all__ = ["FACTS", "compare_facts", "figures", "profile", "weekdays"]

#: What `compare_facts` fills in, in order.
FACTS = (
    "names_cosine",
    "lead_names_low",
    "lead_names_high",
    "absent_name",
    "lead_numbers",
    "figures_share",
    "figures_count",
    "figures_missing",
    "figures_conflict",
    "weekday_hit",
    "weekday_conflict",
    "sentence",
    "rare_words",
    "length",
    "words_cosine",
    "verbatim",
    "common_names",
)
#: Words after the title that count as the lead.
_LEAD = 60
#: Idf below which a word says nothing here, above which it says no more, and from which a name is worth missing.
_TELLING, _CAP, _NAMED = 1.5, 9.0, 3.0
#: Cosine from which a sentence stands in both word for word: a form, a slogan or a quotation, not two people's writing.
_VERBATIM = 0.9

#: Weekdays, one line a language, from Monday on; only words that mean nothing else.
_WEEKDAYS = """
monday tuesday wednesday thursday friday saturday sunday
montag dienstag mittwoch donnerstag freitag samstag sonntag
lundi mardi mercredi jeudi vendredi samedi dimanche
lunes martes miércoles jueves viernes sábado domingo
lunedì martedì mercoledì giovedì venerdì sabato domenica
maandag dinsdag woensdag donderdag vrijdag zaterdag zondag
måndag tisdag onsdag torsdag fredag lördag söndag
понедельник вторник среду четверг пятницу субботу воскресенье
понеділок вівторок середу четвер пʼятницю суботу неділю
poniedziałek wtorek środę czwartek piątek sobotę niedzielę
"""


@cache
def weekdays() -> tuple[NDArray[np.uint64], NDArray[np.uint8]]:
    """(hashes of the weekdays' names, sorted; the bit of each day)."""
    days = {
        int(tokenise_one(word).hashes[0]): 1 << day
        for line in _WEEKDAYS.split("\n")
        for day, word in enumerate(line.split())
    }
    keys = np.array(sorted(days), np.uint64)
    return keys, np.array([days[int(key)] for key in keys], np.uint8)


@njit(cache=True, nogil=True)
def figures(words, flags, vocabulary, term, idf):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """The figures of a text, runs of numbers such as 7,000 or 2.44: (distinct hashes, sorted; idf of each run)."""
    keys = np.empty(len(words), np.uint64)
    mass = np.empty(len(words), np.float32)
    n = 0
    at = 0
    while at < len(words):
        if not flags[at] & NUMBER:
            at += 1
            continue
        h = np.uint64(0x243F6A8885A308D3)
        total = 0.0
        while at < len(words) and flags[at] & NUMBER:
            h = (h ^ vocabulary[words[at]]) * np.uint64(0x9E3779B97F4A7C15)
            h ^= h >> np.uint64(32)
            total += idf[term[at]]
            at += 1
        keys[n] = h
        mass[n] = min(12.0, total)
        n += 1
    order = np.argsort(keys[:n], kind="mergesort")
    kept = 0
    out = np.empty(n, np.uint64)
    weights = np.empty(n, np.float32)
    for k in order:
        if kept == 0 or out[kept - 1] != keys[k]:
            out[kept] = keys[k]
            weights[kept] = mass[k]
            kept += 1
    return out[:kept].copy(), weights[:kept].copy()


@njit(cache=True, nogil=True)
def profile(words, flags, head, vocabulary, idf_of, place, day_keys, day_bits):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """What `compare_facts` needs of one text, computed once for all its pairs; `place` is left empty, as it came.

    Beside what `describe` gives: salience float32[K], how much a text turns on each term; weekdays of the opening as
    bits; the figures; the bounds of sentences.
    """
    term, first, idf, _, name = describe(words, flags, idf_of, place)
    forget(words, first, place)
    count = np.zeros(len(idf), np.float32)
    for at in range(len(term)):
        count[term[at]] += 1
    salience = np.zeros(len(idf), np.float32)
    days = np.uint8(0)
    for k in range(len(idf)):
        if idf[k] >= _TELLING:
            salience[k] = (1.0 + np.log(count[k])) * min(_CAP, idf[k])
        if first[k] < _LEAD + head:
            token = vocabulary[words[first[k]]]
            slot = np.searchsorted(day_keys, token)
            if slot < len(day_keys) and day_keys[slot] == token:
                days |= day_bits[slot]
    keys, mass = figures(words, flags, vocabulary, term, idf)
    return term, first, idf, name, count, salience, days, keys, mass, sentence_bounds(flags)


@njit(cache=True, nogil=True)
def _covered(name, kind, idf, first, lead, here):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Share of the lead's names (kind 1) or numbers (kind 2) that the other text has anywhere, -1 without any."""
    total = 0.0
    found = 0.0
    for k in range(len(idf)):
        if name[k] == kind and first[k] < lead and idf[k] >= _TELLING:
            total += idf[k]
            if here[k]:
                found += idf[k]
    return found / total if total > 0 else -1.0


@njit(cache=True, nogil=True)
def _both(x, y):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """(the lower, the higher) of two shares; one that is unknown (-1) is taken as the other, two as one half."""
    if x < 0 and y < 0:
        return 0.5, 0.5
    if x < 0 or y < 0:
        return max(x, y), max(x, y)
    return min(x, y), max(x, y)


@njit(cache=True, nogil=True)
def _absent(name, idf, count, here):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """How much a text turns on the one name that it repeats most and the other never has."""
    worst = 0.0
    for k in range(len(idf)):
        if name[k] == 1 and not here[k] and idf[k] >= _NAMED:
            worst = max(worst, count[k] * min(_CAP, idf[k]))
    return worst / np.sqrt(max(1.0, count.sum()))


@njit(cache=True, nogil=True)
def _common_figures(keys_a, mass_a, keys_b, mass_b):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """What the figures say, the poorer side's being what can be in common at all.

    Returns:
        (share of its idf that is in common; log of 1 + how many are; 1 where a side has none; log of 1 + how many the
        poorer side has where none is in common: a single figure may be left out, five are another story's)
    """
    poorer = min(mass_a.sum(), mass_b.sum())
    if poorer <= 0:
        return 0.0, 0.0, 1.0, 0.0
    shared = 0.0
    number = 0
    y = 0
    for x in range(len(keys_a)):
        while y < len(keys_b) and keys_b[y] < keys_a[x]:
            y += 1
        if y < len(keys_b) and keys_b[y] == keys_a[x]:
            shared += mass_a[x]
            number += 1
    conflict = 0.0 if number else np.log1p(min(len(keys_a), len(keys_b)))
    return min(1.0, shared / poorer), np.log1p(number), 0.0, conflict


@njit(cache=True, nogil=True)
def _retold(best, mass):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """(how well the sentence that is told best is told, share of all sentences that stand in both word for word)."""
    told = 0.0
    same = 0.0
    for s in range(len(best)):
        if best[s] >= _VERBATIM:
            same += mass[s]
        else:
            told = max(told, best[s])
    return told, same / max(1.0, mass.sum())


@njit(cache=True, nogil=True)
def _cosines(a, b, in_a, here_a):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """(cosine over names, cosine over other words, common rare words, common names).

    What is a name in one is a name in both.

    Fills in which terms of a are in b.
    """
    idf_a, name_a, salience_a = a
    idf_b, name_b, salience_b = b
    kind = name_a.copy()
    for k in range(len(in_a)):
        if in_a[k] >= 0:
            here_a[in_a[k]] = True
            if name_b[k] == 1:
                kind[in_a[k]] = 1
    dot = np.zeros(3)
    norm_a = np.zeros(3)
    norm_b = np.zeros(3)
    rare = 0.0
    common = 0
    for k in range(len(idf_a)):
        norm_a[kind[k]] += salience_a[k] ** 2
    for k in range(len(idf_b)):
        other = in_a[k]
        sort = kind[other] if other >= 0 else name_b[k]
        norm_b[sort] += salience_b[k] ** 2
        if other >= 0:
            dot[sort] += salience_a[other] * salience_b[k]
            common += sort == 1 and idf_b[k] >= _NAMED
            if sort == 0:
                rare += max(0.0, min(_CAP, idf_b[k]) - 4.0)
    names = dot[1] / np.sqrt(norm_a[1] * norm_b[1]) if norm_a[1] > 0 and norm_b[1] > 0 else 0.0
    words = dot[0] / np.sqrt(norm_a[0] * norm_b[0]) if norm_a[0] > 0 and norm_b[0] > 0 else 0.0
    return names, words, np.log1p(rare), common


@njit(cache=True, nogil=True)
def compare_facts(row, words_a, profile_a, head_a, words_b, profile_b, head_b, place):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Fill in the features of one pair; `place` is int32[V], all -1, and left so."""
    term_a, first_a, idf_a, name_a, count_a, salience_a, days_a, keys_a, mass_a, bounds_a = profile_a
    term_b, first_b, idf_b, name_b, count_b, salience_b, days_b, keys_b, mass_b, bounds_b = profile_b
    for k in range(len(first_a)):
        place[words_a[first_a[k]]] = k
    in_a = translate(place, words_b, first_b)
    forget(words_a, first_a, place)
    here_a = np.zeros(len(idf_a), np.bool_)
    here_b = in_a >= 0
    row[0], row[14], row[12], row[16] = _cosines((idf_a, name_a, salience_a), (idf_b, name_b, salience_b), in_a, here_a)
    row[1], row[2] = _both(
        _covered(name_a, 1, idf_a, first_a, _LEAD + head_a, here_a),
        _covered(name_b, 1, idf_b, first_b, _LEAD + head_b, here_b),
    )
    row[3] = max(_absent(name_a, idf_a, count_a, here_a), _absent(name_b, idf_b, count_b, here_b))
    _, row[4] = _both(
        _covered(name_a, 2, idf_a, first_a, _LEAD + head_a, here_a),
        _covered(name_b, 2, idf_b, first_b, _LEAD + head_b, here_b),
    )
    row[5], row[6], row[7], row[8] = _common_figures(keys_a, mass_a, keys_b, mass_b)
    row[9] = (days_a & days_b) != 0
    row[10] = days_a != 0 and days_b != 0 and (days_a & days_b) == 0
    best_a, weight_a, best_b, weight_b = match_sentences(term_a, idf_a, bounds_a, term_b, idf_b, bounds_b, in_a)
    told_a, same_a = _retold(best_a, weight_a)
    told_b, same_b = _retold(best_b, weight_b)
    row[11] = max(told_a, told_b)
    row[13] = np.log1p(max(len(words_a), len(words_b)))
    row[15] = max(same_a, same_b)
