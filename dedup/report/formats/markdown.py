"""A report as a short text for a ticket or a mail: the figures in words, the largest stories, the strongest pairs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from difflib import get_close_matches

from dedup.errors import ConfigError
from dedup.records import COPY_GRADES, Grade
from dedup.report.findings import one_line
from dedup.report.formats.stored import Row, Stored, Story, number
from dedup.report.summary import decided, headline, plural
from dedup.report.wording import percent, when

__all__ = ["as_markdown", "chosen_story"]

#: Stories, members of each, and pairs that are shown before the rest is counted.
_STORIES, _MEMBERS, _PAIRS = 5, 12, 10
#: Pairs and characters of a passage shown of one story.
_SHOWN, _PASSAGE = 12, 160
#: What Markdown, or the HTML in it, could take for something else than text.
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#~!$&@])")


def as_markdown(stored: Stored, cluster: str = "") -> str:
    """The text; of one cluster, with all of its members, if its id is given.

    Raises:
        ConfigError: there is no such cluster.
    """
    lines = _one(stored, chosen_story(stored, cluster)) if cluster else _all(stored)
    return "\n".join(lines).rstrip() + "\n"


def chosen_story(stored: Stored, cluster: str) -> Story:
    """The story with an id.

    Raises:
        ConfigError: there is none.
    """
    for story in stored.stories:
        if story.id == cluster:
            return story
    near = get_close_matches(cluster, [story.id for story in stored.stories], n=1)
    hint = f"; did you mean {near[0]}?" if near else f"; it holds {plural(len(stored.stories), 'cluster')}"
    raise ConfigError(f"{stored.folder} holds no cluster {cluster!r}{hint}")


def _all(stored: Stored) -> Iterator[str]:
    figures = stored.figures
    yield f"# {headline(figures)}"
    yield ""
    for grade, count in figures.pairs.items():
        yield f"- {plural(count, 'pair')}: {Grade(grade).verdict}"
    if figures.short:
        yield f"- {plural(figures.short, 'article')} too short to judge"
    if figures.skipped:
        yield f"- {plural(figures.skipped, 'input')} skipped: {_reasons(stored)}"
    yield ""
    for sentence in stored.run.get("warnings", []):
        yield f"**To be checked first:** {_text(sentence)}."
        yield ""
    for sentence in decided(stored.run.get("decisions")):
        yield f"- {_text(sentence.strip())}" if sentence.startswith(" ") else _text(sentence)
    yield ""
    if stored.stories:
        yield "## The largest stories"
        yield ""
    for story in stored.stories[:_STORIES]:
        yield from _story(stored, story, "###", _MEMBERS)
    if len(stored.stories) > _STORIES:
        yield f"... and {plural(len(stored.stories) - _STORIES, 'more story', 'more stories')}."
        yield ""
    yield from _pairs(stored)
    yield _footer(stored)


def _one(stored: Stored, story: Story) -> Iterator[str]:
    yield from _story(stored, story, "#", len(story.members))
    pairs = stored.copies_inside(story)
    if pairs:
        yield "## What they share"
        yield ""
    for row in pairs[:_SHOWN]:
        yield from _pair(row)
    if len(pairs) > _SHOWN:
        yield f"- ... and {plural(len(pairs) - _SHOWN, 'more pair')}"
    yield ""
    yield _footer(stored)


def _story(stored: Stored, story: Story, mark: str, limit: int) -> Iterator[str]:
    """A story under a heading: its source, then its members by time as a table."""
    head = story.head
    yield f"{mark} {_text(stored.title(story))}"
    yield ""
    outlets = f" at {plural(len(story.outlets), 'outlet')}" if story.outlets else ""
    yield f"{plural(len(story.members), 'article')}{outlets}. {_source(story)} (`{story.id}`)"
    yield ""
    if head.get("notes"):
        yield f"> {_text(head['notes'])}"
        yield ""
    yield "| published | outlet | title | against the source | credit |"
    yield "|---|---|---|---|---|"
    for row in story.in_order[:limit]:
        kind = "**the source**" if row.get("role") == "source" else _verdict(row.get("grade_to_source"))
        if row is head and row.get("role") != "source":
            kind = "(compared with)"
        if row.get("revision_of"):
            kind = f"revision: {kind}" if kind else "revision"
        cells = (
            when(str(row.get("published") or "")),
            row.get("outlet") or "unknown",
            row.get("title") or row["article_id"],
        )
        credit = _text(row.get("credit_audit"))
        yield f"| {' | '.join(map(_text, cells))} | {kind} | {credit} |"
    if len(story.members) > limit:
        yield ""
        yield f"... and {plural(len(story.members) - limit, 'more article')}."
    yield ""


def _source(story: Story) -> str:
    head = story.head
    source, reason = str(head.get("likely_source") or ""), _text(head.get("source_reason"))
    named = next((row for row in story.members if row["article_id"] == source), None)
    if named is None:
        return f"Likely source: {_text(source) or 'cannot tell'}{f' ({reason})' if reason else ''}."
    chance = number(head, "source_probability")
    likely = "" if head.get("source_reason") == "decided by the desk" else f" ({percent(chance)} likely)"
    return f"Likely source: **{_text(named.get('outlet') or source)}**{likely}: {reason}."


def _pairs(stored: Stored) -> Iterator[str]:
    """The strongest pairs outside the stories above."""
    told = {row["article_id"] for story in stored.stories[:_STORIES] for row in story.members}
    rows = [
        row
        for row in stored.to_be_read("pairs")
        if row["grade"] in COPY_GRADES and not (row["a"] in told and row["b"] in told)
    ]
    if not rows:
        return
    yield "## The strongest pairs beside them"
    yield ""
    for row in rows[:_PAIRS]:
        yield from _pair(row)
    if len(rows) > _PAIRS:
        yield f"- ... and {plural(len(rows) - _PAIRS, 'more pair')} in pairs.csv"
    yield ""


def _pair(row: Row) -> Iterator[str]:
    sides = [
        f"{_text(row.get(f'{side}_outlet') or 'unknown outlet')}, “{_text(row.get(f'{side}_title') or row[side])}”"
        for side in "ab"
    ]
    share = max(number(row, "containment_a"), number(row, "containment_b"))
    yield (
        f"- {sides[0]} and {sides[1]}: **{_verdict(row['grade'])}**, {percent(number(row, 'confidence'))} sure; "
        f"{int(number(row, 'shared_words')):,} shared words, {percent(share)} of one of them"
    )
    if row.get("note"):
        yield f"  - desk: {_text(row['note'])}"
    if row.get("top_passage"):
        yield f"  - “{_text(one_line(str(row['top_passage']), _PASSAGE))}”"


def _verdict(grade: object) -> str:
    return Grade(str(grade)).verdict if grade else ""


def _reasons(stored: Stored) -> str:
    reasons = Counter(str(row["reason"]) for row in stored.skipped if row.get("stage") != "note")
    return "; ".join(f"{count:,} {_text(reason)}" for reason, count in reasons.most_common(5))


def _footer(stored: Stored) -> str:
    version = stored.run.get("versions", {}).get("dedup", "")
    return f"_dedup {version}; the evidence is in report.html, all rows in pairs.csv and clusters.csv._"


def _text(value: object) -> str:
    """A text that stays one: nothing in it is markup, and it keeps to its line and cell."""
    return _SPECIAL.sub(r"\\\1", " ".join(str(value or "").split()))
