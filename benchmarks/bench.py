"""Measure dedup: start, pages, peers, worst cases, scaling. `make bench` runs it.

usage: python benchmarks/bench.py [--only start,pages,peers,again,worst,scaling] [--render] [options]

Every figure goes to docs/performance.json with the date, the versions and the machine; a part that is not run keeps its
older figures. Then the tables between the markers `<!-- bench: NAME -->` and `<!-- /bench -->` of docs/performance.md
and the picture docs/images/scaling.svg are made anew from that file; --render does only this.

  start    `dedup --help`, a scan of five files, and the first run ever, which compiles the kernels
  pages    saved web pages, read by each extractor with one worker and with one for each processor
  peers    other libraries (peers.py) and dedup in turn on the same articles, the first round not counted
  again    a folder scanned once more, with a cache, when nothing and when one file in a hundred is new
  worst    hard inputs (cases.py), each beside a plain one of the same size, stopped after 30 times its time
  scaling  newsrooms (newsroom.py) of several sizes: time, memory, and the planted copies that were found (recall.py)

Each measurement is a process of its own. Peak memory is that of the process, by os.wait4; run.json adds its largest
worker.
"""

import argparse
import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from importlib.metadata import version
from itertools import islice
from pathlib import Path

import plot
from tables import BUSY, TABLES, Part, rendered, shown

HERE = Path(__file__).parent
ROOT = HERE.parent
#: Inputs and reports; emptied before each part and at the end.
WORK = ROOT / "build" / "bench"
FIGURES = ROOT / "docs" / "performance.json"
PAGE = ROOT / "docs" / "performance.md"
PICTURE = ROOT / "docs" / "images" / "scaling.svg"
DEDUP = Path(sys.executable).parent / "dedup"
PEERS = ROOT / "build" / "peers" / "bin" / "python"
LIBRARIES = ("gaoya", "rensa", "datasketch")
WORST = {"copies": 20_000, "footer": 50_000, "notes": 100_000, "titles": 100_000}
#: Articles of the folder that is scanned again, and the files they lie in.
AGAIN, FILES = 40_000, 100
#: A worst case is stopped after so many times the time of its plain partner.
LIMIT = 30
#: Newsrooms up to this size are scanned in several rounds.
REPEATED = 10_000


# Measuring


@dataclass(frozen=True)
class Run:
    """One finished process: wall and processor seconds, peak memory in MB, what it printed, run.json of a scan."""

    seconds: float
    cpu_seconds: float
    peak_mb: int
    output: str
    finished: bool = True
    told: Part = field(default_factory=dict)

    def figures(self) -> Part:
        return {"seconds": self.seconds, "cpu_seconds": self.cpu_seconds, "peak_mb": self.peak_mb}


def run(*command: object, env: Mapping[str, str] | None = None, limit: float | None = None) -> Run:
    """Run a command to its end, or stop it after `limit` seconds; one that fails ends the benchmark.

    This process must stay small: a child's peak starts from its parent's memory.
    """
    with tempfile.TemporaryFile() as output:
        words, around = [str(word) for word in command], {**os.environ, **(env or {})}
        start = time.perf_counter()
        process = subprocess.Popen(words, stdout=output, stderr=subprocess.STDOUT, env=around, start_new_session=True)
        stop = threading.Timer(limit or threading.TIMEOUT_MAX, os.killpg, (process.pid, signal.SIGKILL))
        stop.start()
        try:
            _, status, used = os.wait4(process.pid, 0)
        except KeyboardInterrupt:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        finally:
            stop.cancel()
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read().decode("utf-8", "replace")
    stopped = limit is not None and process.returncode == -signal.SIGKILL and seconds >= limit
    if process.returncode and not stopped:
        sys.exit(f"{' '.join(words)} ended with {process.returncode}:\n{text[-2000:]}")
    peak = used.ru_maxrss // (1 << 20 if sys.platform == "darwin" else 1 << 10)
    return Run(round(seconds, 3), round(used.ru_utime + used.ru_stime, 3), peak, text, not stopped)


def middle(runs: Sequence[Run]) -> Run:
    """The run of median time."""
    return sorted(runs, key=lambda one: one.seconds)[len(runs) // 2]


def script(name: str, *words: object) -> Run:
    """Run a script of this folder."""
    return run(sys.executable, HERE / f"{name}.py", *words)


def scan(*words: object, env: Mapping[str, str] | None = None, limit: float | None = None) -> Run:
    """Run `dedup scan` with these inputs and options."""
    one = run(DEDUP, "scan", *words, "--out", WORK / "reports", "--quiet", env=env, limit=limit)
    return replace(one, told=json.loads((WORK / "reports" / "run.json").read_text("utf-8"))) if one.finished else one


def warm() -> None:
    """Let every kernel be compiled and kept before anything is measured."""
    script("newsroom", 500, WORK)
    scan(ROOT / "samples" / "drop", WORK / "docs.jsonl")


def machine() -> Part:
    """What the figures depend on, apart from the program."""
    name = platform.processor() or platform.machine()
    if (info := Path("/proc/cpuinfo")).exists():
        name = next(
            (x.split(":")[1].strip() for x in info.read_text().splitlines() if x.startswith("model name")), name
        )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {"processor": name, "cores": os.cpu_count(), "memory_gb": round(memory / (1 << 30))}


def versions() -> Part:
    return {
        "dedup": version("dedup-news"),
        "python": platform.python_version(),
        **{name: version(name) for name in ("numpy", "numba")},
    }


# The parts


def start(options: argparse.Namespace) -> Part:
    files = sorted((ROOT / "samples" / "drop" / "harbour-courier").glob("*.txt"))[:5]
    with tempfile.TemporaryDirectory(dir=WORK) as cache:
        env = {"NUMBA_CACHE_DIR": cache}
        first, *again = [scan(*files, env=env) for _ in range(options.rounds + 1)]
    help_ = middle([run(DEDUP, "--help") for _ in range(options.rounds + 1)][1:])
    return {"help": help_.figures(), "five_files": middle(again).figures(), "first_run": first.figures()}


def pages(options: argparse.Namespace) -> Part:
    script("cases", "pages", options.pages, WORK)
    folder = WORK / "case"
    known = "--extractor" in run(DEDUP, "scan", "--help").output
    rows = []
    for extractor in ("accurate", "fast") if known else ("default",):
        for jobs in sorted({1, os.cpu_count() or 1}):
            chosen = ["--extractor", extractor] if known else []
            one = scan(folder, "--jobs", jobs, *chosen)
            read = one.told["seconds"]["read"]
            row = {"extractor": extractor, "jobs": jobs, "read_seconds": read, **one.figures()}
            rows.append({**row, "pages_per_second": round(options.pages / read, 1)})
    size = sum(path.stat().st_size for path in folder.iterdir())
    return {"pages": options.pages, "mean_kb": round(size / options.pages / 1000), "rows": rows}


def peers(options: argparse.Namespace) -> Part:
    docs = options.docs or WORK / "docs.jsonl"
    if not options.docs:
        script("newsroom", options.articles, WORK)
    present = {name: found for name in LIBRARIES if (found := library(name))}
    runs: dict[str, list[Run]] = {"dedup": [], **{name: [] for name in present}}
    for _ in range(options.rounds + 1):
        for name, made in runs.items():
            made.append(scan(docs) if name == "dedup" else run(PEERS, HERE / "peers.py", name, docs))
    articles = runs["dedup"][0].told["counts"]["articles"]
    times = {name: middle(made[1:]) for name, made in runs.items()}
    rows = [
        {
            "tool": name,
            "version": present.get(name) or version("dedup-news"),
            **one.figures(),
            "articles_per_second": round(articles / one.seconds),
            "times_dedup": round(one.seconds / times["dedup"].seconds, 3),
        }
        for name, one in sorted(times.items(), key=lambda item: item[1].seconds)
    ]
    source = "given" if options.docs else "generated"
    return {"docs": source, "articles": articles, "megabytes": round(docs.stat().st_size / 1e6), "rows": rows}


def library(name: str) -> str | None:
    """The version of a peer, or None, with a remark, where it could not be installed."""
    asked = f"import {name}; from importlib.metadata import version; print(version({name!r}))"
    if PEERS.exists():
        found = subprocess.run([PEERS, "-c", asked], capture_output=True, text=True, check=False)
        if found.returncode == 0:
            return found.stdout.strip()
    print(f"{name} is not installed in build/peers: left out", file=sys.stderr)
    return None


def again(options: argparse.Namespace) -> Part:
    script("newsroom", AGAIN, WORK)
    drop = WORK / "drop"
    drop.mkdir()
    with open(WORK / "docs.jsonl", "rb") as lines:
        for number in range(FILES):
            with open(drop / f"feed-{number:03}.jsonl", "wb") as file:
                file.writelines(islice(lines, AGAIN // FILES))
    late = drop / f"feed-{FILES - 1:03}.jsonl"
    aside = late.rename(WORK / late.name)
    rows = []
    for what in ("first", "unchanged", "one file new"):
        if what == "one file new":
            aside.rename(late)
        one = scan(drop, "--cache", WORK / "cache")
        articles = one.told["counts"]["articles"]
        rows.append({"what": what, "articles": articles, "stages": one.told["seconds"], **one.figures()})
    return {"rows": rows, "cache_mb": round(sum(f.stat().st_size for f in (WORK / "cache").iterdir()) / 1e6)}


def worst(options: argparse.Namespace) -> Part:
    rows = []
    for case, most in WORST.items():
        count = max(1, round(most * options.scale))
        words = json.loads(script("cases", case, count, WORK).output)
        plain = scan(WORK / "plain.jsonl")
        hard = scan(WORK / "case.jsonl", limit=LIMIT * plain.seconds)
        row: Part = {"case": case, "articles": count, "ratio": round(hard.seconds / plain.seconds, 3)}
        for which, file, one in (("hard", "case", hard), ("plain", "plain", plain)):
            row[which] = {"words": words[file], **one.figures(), "counts": one.told.get("counts")}
        rows.append({**row, "finished": hard.finished})
    return {"scale": options.scale, "rows": rows}


def scaling(options: argparse.Namespace) -> Part:
    rows = []
    for articles in options.sizes:
        generated = script("newsroom", articles, WORK)
        docs = WORK / "docs.jsonl"
        one = middle([scan(docs) for _ in range(options.rounds if articles <= REPEATED else 1)])
        found = json.loads(script("recall", WORK / "reports", WORK, "--json").output)
        rows.append(
            {
                "articles": articles,
                "megabytes": round(docs.stat().st_size / 1e6, 1),
                **one.figures(),
                "with_worker_mb": one.told["peak_memory_mb"],
                "stages": one.told["seconds"],
                "counts": one.told["counts"],
                "recall": found,
                "generated": generated.figures(),
            }
        )
        print(f"{articles:,} articles: {one.seconds:.1f} s, {one.peak_mb:,} MB", file=sys.stderr)
    return {"rows": rows}


PARTS: dict[str, Callable[[argparse.Namespace], Part]] = {
    "start": start,
    "pages": pages,
    "peers": peers,
    "again": again,
    "worst": worst,
    "scaling": scaling,
}


# The command


def render(figures: Mapping[str, Part]) -> None:
    """Renew the tables of docs/performance.md and the picture."""
    PAGE.write_text(rendered(PAGE.read_text("utf-8"), figures), "utf-8")
    rows = figures.get("scaling", {}).get("rows", [])
    if len(rows) > 1:
        PICTURE.write_text(plot.scaling(rows), "utf-8")


def size(text: str) -> int:
    """A number of articles: 3000, 3k, 1M."""
    found = re.fullmatch(r"(\d+)([kM]?)", text)
    if not found or not int(found[1]):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of articles such as 3000, 3k or 1M")
    return int(found[1]) * {"": 1, "k": 1000, "M": 1_000_000}[found[2]]


def sizes(text: str) -> list[int]:
    return sorted({size(word) for word in text.replace(",", " ").split()})


def parts(text: str) -> list[str]:
    chosen = text.replace(",", " ").split()
    if unknown := set(chosen) - set(PARTS):
        raise argparse.ArgumentTypeError(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    return [name for name in PARTS if name in chosen]


def records(text: str) -> Path:
    path = Path(text)
    if not path.is_file() or not path.name.endswith((".jsonl", ".jsonl.gz")):
        raise argparse.ArgumentTypeError(f"{text} is no file of JSON lines (.jsonl, .jsonl.gz), which peers can read")
    return path


def positive(text: str) -> float:
    if not (text.replace(".", "", 1).isdigit() and float(text) > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is no number above 0")
    return float(text)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", type=parts, default=list(PARTS), help="the parts to run")
    parser.add_argument("--render", action="store_true", help="measure nothing, renew tables and picture")
    parser.add_argument("--rounds", type=size, default=3, help="of which the median is taken")
    parser.add_argument("--sizes", type=sizes, default="1k,3k,10k,40k,100k", help="articles of the newsrooms")
    parser.add_argument("--docs", type=records, help="articles for peers; by default a newsroom")
    parser.add_argument("--articles", type=size, default="10k", help="articles of that newsroom")
    parser.add_argument("--scale", type=positive, default=1.0, help="of the sizes of the worst cases")
    parser.add_argument("--pages", type=size, default="1k", help="web pages")
    options = parser.parse_args()
    figures = json.loads(FIGURES.read_text("utf-8")) if FIGURES.exists() else {}
    if options.render:
        render(figures)
        return
    load = round(os.getloadavg()[0], 1)
    if load >= BUSY:
        print(f"The machine is busy (load {load}): the figures will be too high.", file=sys.stderr)
    for name in options.only:
        shutil.rmtree(WORK, ignore_errors=True)
        WORK.mkdir(parents=True)
        warm()
        now = {"date": date.today().isoformat(), "versions": versions(), "machine": machine(), "load": load}
        figures[name] = {**now, **PARTS[name](options)}
        FIGURES.write_text(json.dumps(figures, indent=1, sort_keys=True) + "\n", "utf-8")
        render(figures)
        for title, (part, _) in TABLES.items():
            if part == name:
                print(f"\n## {title}\n\n{shown(title, figures)}", flush=True)
    shutil.rmtree(WORK)


if __name__ == "__main__":
    main()
