"""The tables of docs/performance.md, made from docs/performance.json."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

#: What one part of the benchmark measured, as JSON has it.
Part = dict[str, Any]

#: Processes that want a processor before the benchmark starts, from which on figures cannot be believed.
BUSY = 0.5
#: The order in which a scan goes through its stages.
STAGES = ("read", "sketch", "candidates", "verify", "cluster", "explain", "events")


def short(seconds: float) -> str:
    """Three figures at most: .21, 1.6, 19.7, 118."""
    text = f"{seconds:.2f}" if seconds < 1 else f"{seconds:.1f}" if seconds < 100 else f"{seconds:,.0f}"
    return text.removeprefix("0")


def share(part: float, whole: float) -> str:
    return f"{part / whole:.3f}".removeprefix("0") if whole else ""


def table(*rows: Sequence[object]) -> str:
    """A table of Markdown; the first row is its head."""
    lines = ["| " + " | ".join(map(str, row)) + " |" for row in rows]
    return "\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:]])


def start_table(part: Part) -> str:
    names = {
        "help": "`dedup --help`",
        "five_files": "a scan of five files",
        "first_run": "the first scan ever, which compiles the kernels",
    }
    return table(("", "seconds"), *((name, short(part[key]["seconds"])) for key, name in names.items()))


def pages_table(part: Part) -> str:
    head = ("extractor", "workers", "pages a second", "seconds of the whole scan")
    rows = part["rows"]
    return table(
        head, *((r["extractor"], r["jobs"], f"{r['pages_per_second']:,.0f}", short(r["seconds"])) for r in rows)
    )


def peers_table(part: Part) -> str:
    rows = []
    for row in part["rows"]:
        name = "**dedup scan**" if row["tool"] == "dedup" else f"{row['tool']} {row['version']}"
        figures = (f"{row['articles_per_second']:,}", f"{row['peak_mb']:,} MB", short(row["times_dedup"]))
        rows.append((name, short(row["seconds"]), *figures))
    return table(("", "seconds", "articles a second", "peak memory", "times dedup's time"), *rows)


def again_table(part: Part) -> str:
    names = {
        "first": "the first scan",
        "unchanged": "the same folder again",
        "one file new": "one file in a hundred is new",
    }
    rows = [
        (names[row["what"]], f"{row['articles']:,}", short(row["stages"]["read"]), short(row["seconds"]))
        for row in part["rows"]
    ]
    made = table(("with `--cache`", "articles", "reading, seconds", "the whole scan, seconds"), *rows)
    return f"{made}\n\nThe cache has {part['cache_mb']:,} MB."


def worst_table(part: Part) -> str:
    names = {
        "copies": "one story in lightly edited copies",
        "footer": "one footer of 300 words under all articles",
        "notes": "one form filled in with other numbers and places",
        "titles": "a title and no text",
    }
    head = ("input", "articles", "words", "seconds", "plain input", "ratio", "peak memory", "plain input")
    rows = []
    for row in part["rows"]:
        hard, plain = row["hard"], row["plain"]
        over = "" if row["finished"] else "over "  # it was stopped
        times = (over + short(hard["seconds"]), short(plain["seconds"]), over + short(row["ratio"]))
        memory = (f"{over}{hard['peak_mb']:,} MB", f"{plain['peak_mb']:,} MB")
        rows.append((names[row["case"]], f"{row['articles']:,}", f"{hard['words']:,}", *times, *memory))
    return table(head, *rows)


def scaling_table(part: Part) -> str:
    rows = []
    for row in part["rows"]:
        rate = f"{row['articles'] / row['seconds']:,.0f}"
        memory = (f"{row['peak_mb']:,} MB", f"{row['with_worker_mb']:,} MB")
        rows.append((f"{row['articles']:,}", short(row["seconds"]), rate, *memory))
    return table(("articles", "seconds", "articles a second", "peak memory", "with the largest worker"), *rows)


def stages_table(part: Part) -> str:
    """Seconds of each stage; what is left of the whole goes into starting and into writing the reports."""
    names = sorted(part["rows"][-1]["stages"], key=STAGES.index)
    rows = []
    for row in part["rows"]:
        stages = [row["stages"][name] for name in names]
        rows.append((f"{row['articles']:,}", *map(short, stages), short(row["seconds"] - sum(stages))))
    return table(("articles", *names, "start and write"), *rows)


def recall_table(part: Part) -> str:
    """Of the largest newsroom."""
    columns = ("pair", "cluster", "found", "right")
    kinds = part["rows"][-1]["recall"]["kinds"].items()
    rows = [(kind, f"{c['planted']:,}", *(share(c[name], c["planted"]) for name in columns)) for kind, c in kinds]
    made = table(("kind", "planted", "listed as a pair", "in one cluster", "found", "right grade"), *rows)
    mistakes = part["rows"][-1]["recall"]["mistakes"]
    return f"{made}\n\nCopies reported between articles that have nothing in common: {mistakes:,}."


#: The tables by their names in markers: the part that they show, and how.
TABLES: dict[str, tuple[str, Callable[[Part], str]]] = {
    "start": ("start", start_table),
    "pages": ("pages", pages_table),
    "peers": ("peers", peers_table),
    "again": ("again", again_table),
    "worst": ("worst", worst_table),
    "scaling": ("scaling", scaling_table),
    "stages": ("scaling", stages_table),
    "recall": ("scaling", recall_table),
}


def conditions(part: Part) -> str:
    """When and on what a part was measured, and on which articles where that is not always the same."""
    with_, at = part["versions"], part["machine"]
    where = f"{at['processor']}, {at['cores']} cores, {at['memory_gb']} GB"
    size = f"{part['articles']:,} {part['docs']} articles, {part['megabytes']:,} MB. " if "docs" in part else ""
    size += f"{part['pages']:,} pages of {part['mean_kb']} kB on average. " if "mean_kb" in part else ""
    busy = f" The machine was busy with other work (load {part['load']})." if part["load"] >= BUSY else ""
    return f"{size}{part['date']}, dedup {with_['dedup']}, Python {with_['python']}; {where}.{busy}"


def shown(name: str, figures: Mapping[str, Part]) -> str:
    """One table with its conditions."""
    part, draw = TABLES[name]
    return f"{draw(figures[part])}\n\n{conditions(figures[part])}"


def rendered(page: str, figures: Mapping[str, Part]) -> str:
    """A page with the tables between its markers made anew; those without figures stay."""

    def fill(found: re.Match[str]) -> str:
        name = found[1]
        if TABLES[name][0] not in figures:
            return found[0]
        return f"<!-- bench: {name} -->\n{shown(name, figures)}\n<!-- /bench -->"

    return re.sub(r"<!-- bench: (\w+) -->\n.*?<!-- /bench -->", fill, page, flags=re.DOTALL)
