"""dedup compare: one pair explained in the terminal."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dedup.cli.output import end_with_the_pipe, field_names
from dedup.config import Config, ReadConfig
from dedup.errors import SourceError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from dedup.records import Article, Furniture, Match
    from dedup.report.passages import Shown

__all__ = ["compare"]

#: Passages shown; the rest is counted.
_SHOWN = 12


def compare(
    a: Annotated[str, typer.Argument(help="A file with one article, or FILE#ID for one record of a file.")],
    b: Annotated[str, typer.Argument(help="The other one.")],
    field: Annotated[
        list[str] | None, typer.Option(help="Name of a field in your files, as OURS=THEIRS: text=article_body.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """Explain what two articles are to each other, and why."""
    from dedup.pipeline import compare as compare_articles

    config = Config(read=ReadConfig(fields=field_names(field or [])))
    first, second = _article(a, config), _article(b, config)
    if first.id == second.id:
        first, second = replace(first, id=a), replace(second, id=b if b != a else b + " (again)")
    match = compare_articles(first, second)
    first, second = _furnished(first), _furnished(second)
    end_with_the_pipe()
    if as_json:
        typer.echo(json.dumps(_as_dict(match, first, second), ensure_ascii=False, indent=2))
    else:
        _print(match, first, second)


def _article(name: str, config: Config) -> Article:
    """The one article that a name stands for."""
    from dedup.ingest import read_articles

    path, mark, wanted = (name, "", "") if Path(name).exists() else name.rpartition("#")[:3]
    articles, skipped = read_articles(path if mark else name, config)
    if mark:
        articles = [article for article in articles if article.id in (wanted, f"{Path(path).name}#{wanted}")]
    if len(articles) == 1:
        return articles[0]
    if not articles and skipped and not mark:
        raise SourceError(f"{name} cannot be compared: {skipped[0].reason} {skipped[0].detail}".rstrip())
    if not articles:
        raise SourceError(f"{path} holds no article {wanted!r}")
    raise SourceError(f"{name} holds {len(articles):,} articles; name one as {name}#ID, for example #{articles[0].id}")


def _furnished(article: Article) -> Article:
    """The article with all of its furniture marked, as the comparison saw it."""
    from dedup.ingest import batch_articles

    return batch_articles([article]).page.unpack(0)


def _as_dict(match: Match, a: Article, b: Article) -> dict[str, Any]:
    out = asdict(match)
    out["verdict"] = match.verdict
    for passage in out["passages"]:
        passage["a_text"] = a.body[passage["a_start"] : passage["a_end"]]
        passage["b_text"] = b.body[passage["b_start"] : passage["b_end"]]
    out["furniture"] = {
        side: [_discounted(article, piece) for piece in article.furniture] for side, article in (("a", a), ("b", b))
    }
    return out


def _discounted(article: Article, piece: Furniture) -> dict[str, Any]:
    """A piece of furniture as JSON has it: kind, place, number of words, and its text, shortened."""
    from dedup.report.findings import one_line
    from dedup.tokens import tokenise_one

    text = article.body[piece.start : piece.end]
    words = len(tokenise_one(text).hashes)
    return {"kind": piece.kind, "start": piece.start, "end": piece.end, "words": words, "text": one_line(text, 160)}


def _print(match: Match, a: Article, b: Article) -> None:
    from rich.console import Console
    from rich.text import Text

    from dedup.report.wording import label, measures, origin, percent, sure, verdict, when

    console = Console(highlight=False, soft_wrap=False)
    for side, article in (("A", a), ("B", b)):
        facts = " · ".join(x for x in (article.publisher, when(article.published_at), article.id) if x)
        console.print(Text.assemble((f"{side}  ", "bold"), (label(article), "bold"), f"\n   {facts}"))
    chance = {
        "unrelated": f"chance that text was copied: {percent(match.confidence)}",
        "same_event": f"{percent(match.confidence)} sure that both report one event; "
        "the wording in common is too little for a copy",
    }.get(match.grade, f"{sure(match.confidence)}, {percent(match.confidence)} sure that text is shared")
    console.print(Text(f"\nVerdict: {verdict(match)} ({chance})", "bold"))
    for sentence in measures(match):
        console.print(Text(f"  {sentence}"))
    if match.likely_source:
        console.print(
            Text(f"\nLikely source: {origin(match.likely_source, match.source_reason, match.source_probability)}")
        )
    _print_passages(console, match, a, b)
    _print_furniture(console, a, b)


def _print_passages(console: Console, match: Match, a: Article, b: Article) -> None:
    from rich.table import Table

    from dedup.report.passages import best_passages, show
    from dedup.report.summary import plural

    if not match.passages:
        return
    table = Table(title="Shared passages (differing words in colour)", show_lines=True, expand=True)
    table.add_column("A", ratio=1, overflow="fold")
    table.add_column("B", ratio=1, overflow="fold")
    for passage in best_passages(match, _SHOWN):
        note = plural(passage.words, "shared word") + (", a quotation" if passage.quote else "")
        left, right = show(passage, a, b)
        table.add_row(_side(left, f"[{note}]"), _side(right, ""))
    console.print(table)
    if len(match.passages) > _SHOWN:
        console.print(f"... and {plural(len(match.passages) - _SHOWN, 'more passage')}.")


def _side(shown: Shown, note: str) -> Text:
    from rich.text import Text

    text = Text(f"{note} " if note else "", "dim")
    text.append(shown.before, "dim")
    for piece in shown.pieces:
        words = f" [{piece.text}] " if piece.kind == "folded" else piece.text
        text.append(words, {"same": "none", "changed": "bold yellow", "folded": "dim"}[piece.kind])
    text.append(shown.after, "dim")
    return text


def _print_furniture(console: Console, a: Article, b: Article) -> None:
    from rich.text import Text

    from dedup.report.findings import one_line
    from dedup.report.summary import plural

    for side, article in (("A", a), ("B", b)):
        pieces = [_discounted(article, piece) for piece in article.furniture]
        if not pieces:
            continue
        console.print(Text(f"\nDiscounted in {side} as furniture, {plural(sum(p['words'] for p in pieces), 'word')}:"))
        for piece in pieces:
            console.print(Text(f"  {piece['kind']}: {one_line(piece['text'], 90)} ({piece['words']:,})", "dim"))
