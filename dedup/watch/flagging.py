"""One file after another: its articles are asked about, put into the index, and written down, each of them once."""

from __future__ import annotations

import hashlib
import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from dedup.errors import IndexAccessError
from dedup.filing import each_article
from dedup.index import Index, Relation, Verdict
from dedup.index.texts import digest_of, unpack_article
from dedup.readers import Source, chunks
from dedup.readers.formats import FORMATS, suffix_of
from dedup.readers.source import file_id, nothing, printable, too_large, unreadable
from dedup.records import Article, Skipped
from dedup.verdicts import relation
from dedup.watch.arrivals import Mark, mark_of
from dedup.watch.memory import Done, Memory, Row
from dedup.watch.moving import content_digest, free_name
from dedup.watch.plan import Plan
from dedup.watch.rows import flagged_row, skipped_row

__all__ = ["Flagger"]

#: Seconds between tries while the index cannot be used; then it is an error.
_PAUSES = (1, 2, 4, 8, 16, 32)

_T = TypeVar("_T")


class Flagger:
    """Flags the articles of files; hands over each row when its article is in the index."""

    def __init__(
        self,
        plan: Plan,
        index: Index,
        memory: Memory,
        stop: threading.Event,
        *,
        hand_over: Callable[[Row], None],
        warn: Callable[[str], None],
    ) -> None:
        """All that one watch needs to flag a file."""
        self._plan = plan
        self._drop = Path(os.path.abspath(plan.drop))
        self._index = index
        self._memory = memory
        self._stop = stop
        self._hand_over = hand_over
        self._warn = warn
        self._post = bool(plan.webhook)

    def flag(self, path: str, mark: Mark) -> Done | None:
        """Flag the articles of a file.

        Returns:
            how the file is done; None when it changed meanwhile, has gone, or the end came first.
        """
        full = str(self._drop / path)
        try:
            digest = content_digest(full)
        except FileNotFoundError:
            return None
        except OSError as error:
            done = self._done(path, Done(mark, b""))  # first, so that both are on the disk together
            self._skip(path, unreadable(printable(full), error), b"")
            return done
        if mark_of(full) != mark:
            return None
        before = self._memory.held(path)
        if before is not None and before.digest == digest:  # touched, and not changed
            return self._done(path, replace(before, mark=mark))
        for former in self._memory.renamed(mark, digest):
            if former != path and not os.path.lexists(self._drop / former):
                self._memory.move(former, path)
                return Done(mark, digest)
        copies = self._flag_all(path, mark)
        if copies is None or mark_of(full) != mark:
            return None
        aside = self._plan.move_to
        target = str(free_name(Path(os.path.abspath(aside)), path)) if copies and aside else ""
        return self._done(path, Done(mark, digest, target))

    def resume(self, row: Row) -> None:
        """Go on with a row that a crash has interrupted."""
        if row.article is not None:
            article = unpack_article(row.article)
            verdict = self._patiently(lambda: self._index.check_and_add(article, related=self._plan.related))
            if not verdict.known and relation(verdict) != row.cells[2]:
                corrected = flagged_row(article, verdict, datetime.now().astimezone(), post=row.post is not None)
                row = replace(row, cells=corrected.cells, said=corrected.said, post=corrected.post)
                self._memory.correct(row)
        self._hand_over(row)

    def _done(self, path: str, done: Done) -> Done:
        suffix = suffix_of(path)
        self._memory.done(path, done, forget=not suffix or FORMATS[suffix].one_article)
        return done

    def _flag_all(self, path: str, mark: Mark) -> bool | None:
        """Whether a file holds copies and nothing else; None when the end came first."""
        seen: Counter[bytes] = Counter()
        copies: list[bool] = []
        for item in self._items(path, mark):
            if self._stop.is_set() and copies:
                return None
            key = _key(item)
            seen[key] += 1
            key += seen[key].to_bytes(4, "big")
            known = self._memory.flagged(path, key)
            if known is not None:
                copies.append(known)
            elif isinstance(item, Article):
                copies.append(self._flag_one(path, key, item))
            else:
                self._skip(path, item, key)
                if item.stage != "note":
                    copies.append(False)
        return bool(copies) and all(copies)

    def _items(self, path: str, mark: Mark) -> Iterator[Article | Skipped]:
        """What a file holds. A fault of ours in reading it must not stop the desk: it is a row as well."""
        name, suffix = printable(str(self._drop / path)), suffix_of(path)
        if not suffix:
            own = os.path.splitext(path)[1].lower()
            reason = f"no reader for {printable(own)} files" if own else "no reader for files without a suffix"
            yield Skipped(source=name, stage="read", reason=reason)
            return
        if not mark.size:
            yield nothing(name)
            return
        if FORMATS[suffix].one_article and mark.size > self._plan.reading.read.max_bytes:
            yield too_large(name, mark.size, self._plan.reading.read.max_bytes)
            return
        id = file_id(path)
        source = Source(
            path=self._drop / path,
            name=name,
            id=id,
            folder=id.rpartition("/")[0].rpartition("/")[2],
            suffix=suffix,
            size=mark.size,
        )
        try:
            yield from each_article(chunks([source], self._plan.reading.read), self._plan.reading)
        except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
            detail = f"{type(error).__name__}: {error}; please report it"
            yield Skipped(source=name, stage="read", reason="a fault of ours", detail=detail)

    def _flag_one(self, path: str, key: bytes, article: Article) -> bool:
        """Flag an article: written down, put in, handed over. Returns whether it is a copy."""
        article, verdict = self._patiently(lambda: self._asked(article))
        now = datetime.now().astimezone()
        copy = _to_move(verdict)
        row = self._memory.note(flagged_row(article, verdict, now, post=self._post), path, key, copy=copy)
        final = self._patiently(lambda: self._index.check_and_add(article, related=self._plan.related))
        if not final.known and (final.relation, final.of) != (verdict.relation, verdict.of):
            # Somebody else has put in the same story at this very moment.
            verdict, copy = final, _to_move(final)
            row = replace(flagged_row(article, verdict, now, post=self._post), number=row.number)
            self._memory.recall(path, key, copy)
            self._memory.correct(row)
        self._hand_over(row)
        return copy

    def _asked(self, article: Article) -> tuple[Article, Verdict]:
        """An article under an id that no other article has, and what it is.

        An index keeps one text under an id. Another version may take the place of the earlier one; a text that only
        has its name, as when a feed uses the names of its files again, becomes `id~2`.
        """
        given, number = article.id, 1
        while True:
            verdict = self._index.check(article, related=self._plan.related)
            own = verdict.known or any(match.id == article.id for match in verdict.matches)
            if own or article.id not in self._index:
                return article, verdict
            number += 1
            article = replace(article, id=f"{given}~{number}")

    def _skip(self, path: str, skipped: Skipped, key: bytes) -> None:
        row = skipped_row(skipped, datetime.now().astimezone(), post=self._post)
        self._hand_over(self._memory.note(row, path, key))

    def _patiently(self, work: Callable[[], _T]) -> _T:
        """What some work with the index gives, tried again while somebody else holds the index or a server starts."""
        for pause in _PAUSES:
            try:
                return work()
            except IndexAccessError as error:
                if self._stop.is_set():
                    raise
                self._warn(f"{error}; trying again in {pause} s")
                self._stop.wait(pause)
        return work()


def _to_move(verdict: Verdict) -> bool:
    """Whether an article is a copy that an editor may put aside: all of it stands in another one."""
    return relation(verdict) == Relation.COPY_OF


def _key(item: Article | Skipped) -> bytes:
    """What an article of a file, or a row for what is none, is known by."""
    digest = digest_of(item) if isinstance(item, Article) else repr(item).encode("utf-8", "backslashreplace")
    return hashlib.blake2b(digest, digest_size=12).digest()
