"""Killed at any moment and started again: each article is flagged exactly once."""

from __future__ import annotations

import os
import pkgutil
import random
import signal
import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from dedup.index import Index
from tests.watch.conftest import BEES, STORM, Desk, ended, rows, until

Invent = Callable[..., str]


def name_of(number: int) -> str:
    """A name in the folder of one of two outlets; an article and its copy are seven numbers apart."""
    return f"{'beacon' if number % 2 else 'courier'}/a{number:05}.txt"


def drop_all(folder: Path, texts: list[str]) -> None:
    """Files in a rush, some written under a temporary name first."""
    for number, text in enumerate(texts):
        path = folder / name_of(number)
        path.parent.mkdir(exist_ok=True)
        first = path.with_name(path.name + ".part") if number % 3 == 0 else path
        first.write_text(text, "utf-8")
        if first != path:
            first.rename(path)


@pytest.mark.parametrize("number", [120, pytest.param(5000, marks=pytest.mark.slow)])
def test_files_that_arrive_at_once_are_flagged_once_each_though_the_watch_is_killed_twice(
    desk: Desk, invent: Invent, number: int
) -> None:
    # Every tenth article is a copy of the one seven before it.
    texts = [invent(n - 7 if n % 10 == 9 else n, words=60) for n in range(number)]
    dice, patience = random.Random(number), 60 + number
    with ExitStack() as stack:
        process = stack.enter_context(ended(desk.process("--quiet")))
        until(lambda: (desk.out / ".dedup-watch.lock").exists())
        arrival = threading.Thread(target=drop_all, args=(desk.drop, texts))
        arrival.start()
        for share in (0.3, 0.6):
            until(lambda share=share: len(rows(desk.out)) >= share * number, patience)
            threading.Event().wait(dice.random() / 20)
            process.kill()
            assert process.wait() == -signal.SIGKILL
            process = stack.enter_context(ended(desk.process("--quiet")))
        arrival.join()
        until(lambda: len(rows(desk.out)) >= number, patience)
        process.send_signal(signal.SIGTERM)
        said, warned = process.communicate(timeout=60)
        assert (process.returncode, said, warned) == (0, "", "")
    assert desk.once() == {}

    found = rows(desk.out)
    names = [name_of(n) for n in range(number)]
    assert sorted(row["article_id"] for row in found) == sorted(names)
    assert [int(row["number"]) for row in found] == list(range(1, number + 1))
    told = {row["article_id"]: (row["relation"], row["of"]) for row in found}
    for n in range(9, number, 10):
        copy, original = names[n], names[n - 7]
        assert sorted([told[copy], told[original]]) in (
            [("copy_of", original), ("new", "")],
            [("copy_of", copy), ("new", "")],
        )
    assert sum(relation == "new" for relation, _ in told.values()) == number - number // 10
    with Index.open(desk.index, create=False) as index:
        assert index.verify() == []
        assert sorted(article.id for article in index.articles()) == sorted(names)


STEPS = (
    "dedup.watch.memory:Memory.note",
    "dedup.index:Index.check_and_add",
    "dedup.watch.tables:Tables.append",
    "dedup.watch.memory:Memory.written",
    "dedup.watch.watcher.move",
    "dedup.watch.memory:Memory.gone",
)


def killed_at(step: str, when: str, work: Callable[[], object]) -> int:
    """Do some work in a process of its own, which is killed before or after a step; returns how it ended."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        place, _, name = step.rpartition(".")
        owner = pkgutil.resolve_name(place)
        real = getattr(owner, name)

        def killed(*given: Any, **named: Any) -> None:
            if when == "after":
                real(*given, **named)
            os.kill(os.getpid(), signal.SIGKILL)

        setattr(owner, name, killed)
        work()
    finally:
        os._exit(3)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_a_watch_killed_around_each_step_is_taken_up_where_it_was(desk: Desk, step: str, when: str) -> None:
    desk.put("a.txt", STORM)
    desk.put("bees.txt", BEES)
    desk.once(move_to=desk.copies)
    desk.put("b.txt", STORM)
    assert killed_at(step, when, lambda: desk.once(move_to=desk.copies)) == -signal.SIGKILL
    desk.once(move_to=desk.copies)
    assert desk.flagged() == [("a.txt", "new", ""), ("bees.txt", "new", ""), ("b.txt", "copy_of", "a.txt")]
    assert [(row["number"], row["moved_to"]) for row in rows(desk.out, "moved")] == [("4", str(desk.copies / "b.txt"))]
    assert (desk.copies / "b.txt").read_text("utf-8") == STORM
    assert sorted(os.listdir(desk.drop)) == ["a.txt", "bees.txt"]
    with Index.open(desk.index, create=False) as index:
        assert sorted(article.id for article in index.articles()) == ["a.txt", "b.txt", "bees.txt"]
