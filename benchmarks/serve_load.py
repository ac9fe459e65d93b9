"""`dedup serve` under load: how many requests a second, how long they take, and that none fails.

usage: python benchmarks/serve_load.py [--articles 20000] [--seconds 10] [--connections 1,4,16,64] [--json]

A generated newsroom (newsroom.py): four in five of its articles lie in the index, the fifth are asked about, each once;
one in five of all is a copy. What is added comes from another newsroom. The service runs as anybody would start it, on
this machine, and so does what asks: wrk if it is installed, else threads of Python, which take more of the processor.

Checks are counted in requests, `add` in articles. `crowd` has more connections than the service has
places: some are turned away with 503, which is what it shows. Anywhere else that is a failure, and the exit code is 1.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import numpy as np
import orjson
from newsroom import newsroom

from dedup import Article, Index

#: What wrk does: the bodies in turn, and at the end the figures as JSON. It has one thread, so that none is sent twice.
LUA = """
local bodies, next_one = {}, 0
for line in io.lines("%(bodies)s") do bodies[#bodies + 1] = line end
request = function()
  local body = bodies[next_one %% #bodies + 1]
  next_one = next_one + 1
  return wrk.format("POST", "%(path)s", {["Content-Type"] = "application/json"}, body)
end
done = function(summary, latency)
  io.write(string.format('\\n@{"requests":%%d,"seconds":%%f,"p50":%%f,"p99":%%f,"broken":%%d,"refused":%%d}\\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
    summary.errors.status))
end
"""
#: Articles in one request of `add`.
BATCH = 200
CROWD = 200


@dataclass
class Row:
    """One measurement; milliseconds, and how often each status came."""

    what: str
    connections: int
    requests: int
    a_second: float
    p50: float
    p99: float
    refused: int
    broken: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--connections", default="1,4,16,64")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        rows = list(measured(Path(name), options.articles, options.seconds, options.connections))
    load = os.getloadavg()[0]
    by = "wrk" if shutil.which("wrk") else "threads of Python"
    if options.json:
        print(json.dumps({"by": by, "load": load, "articles": options.articles, "rows": [asdict(r) for r in rows]}))
    else:
        print("| what | connections | a second | p50, ms | p99, ms | refused |\n|---|---|---|---|---|---|")
        for row in rows:
            print(f"| {row.what} | {row.connections} | {row.a_second:,.0f} | {row.p50:.1f} | {row.p99:.1f} | ", end="")
            print(f"{row.refused} of {row.requests} |")
        print(f"\n{options.articles:,} articles; asked by {by}; load of the machine {load:.1f}")
    if any(row.broken or (row.refused and row.what != "crowd") for row in rows):
        sys.exit("requests failed")


def measured(folder: Path, count: int, seconds: int, connections: str) -> Iterator[Row]:
    """All rows, one after the other."""
    docs = [published(row) for rows, _ in newsroom(count) for row in rows]
    asked, stored = docs[::5], [doc for number, doc in enumerate(docs) if number % 5]
    with Index.open(folder / "crawl.db") as index:
        index.add_many(
            Article(id=d["id"], body=d["text"], title=d["title"], publisher=d["publisher"], published_at=d["published"])
            for d in stored
        )
        index.compact()
    singles = [orjson.dumps(doc) for doc in asked]
    others = [row for rows, _ in newsroom(max(3000, count // 4), seed=2) for row in rows]
    fresh = [orjson.dumps(published(doc) | {"id": f"other-{doc['id']}"}) for doc in others]
    with served(folder / "crawl.db") as address:
        for number in map(int, connections.split(",")):
            yield asking(folder, address, "/check", singles, number, seconds, "check")
        yield asking(folder, address, "/check?matches=0", singles, CROWD, seconds, "crowd")
        third = len(fresh) // 3
        for start, number in ((0, 1), (third, 16)):
            some = fresh[start : start + third]
            yield asking(folder, address, "/check-and-add", some, number, seconds, "check-and-add")
        yield adding(address, fresh[2 * third :])


def published(doc: dict[str, str]) -> dict[str, str]:
    """A record of the newsroom as the service names its fields."""
    return {name if name != "source" else "publisher": value for name, value in doc.items()}


def adding(address: str, bodies: Sequence[bytes]) -> Row:
    """A row for `/add`, one request after the other."""
    batches = [b'{"articles":[' + b",".join(bodies[at : at + BATCH]) + b"]}" for at in range(0, len(bodies), BATCH)]
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    took, refused = [], 0
    for body in batches:
        began = time.perf_counter()
        connection.request("POST", "/add", body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        response.read()
        took.append(time.perf_counter() - began)
        refused += response.status != 200
    p50, p99 = (1000 * np.percentile(took, [50, 99])).tolist()
    return Row(f"add, {BATCH} a request", 1, len(batches), len(bodies) / sum(took), p50, p99, refused, 0)


@contextmanager
def served(index: Path) -> Iterator[str]:
    """The address of a service in a process of its own."""
    command = [
        sys.executable,
        "-c",
        "from dedup.cli import main; main()",
        "serve",
        "--index",
        str(index),
        "--port",
        "0",
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait()


def asking(
    folder: Path, address: str, path: str, bodies: Sequence[bytes], connections: int, seconds: int, what: str
) -> Row:
    """One row, once those who asked before have their answers."""
    while any(line.startswith("dedup_lane_requests") and line[-2:] != " 0" for line in metrics(address)):
        time.sleep(0.1)
    figures = (by_wrk if shutil.which("wrk") else by_threads)(folder, address, path, bodies, connections, seconds)
    requests = int(figures["requests"])
    return Row(
        what=what,
        connections=connections,
        requests=requests,
        a_second=requests / figures["seconds"],
        p50=figures["p50"],
        p99=figures["p99"],
        refused=int(figures["refused"]),
        broken=int(figures["broken"]),
    )


def metrics(address: str) -> list[str]:
    """The lines of /metrics."""
    with urlopen(f"{address}/metrics") as page:
        return str(page.read(), "utf-8").splitlines()


def by_wrk(
    folder: Path, address: str, path: str, bodies: Sequence[bytes], connections: int, seconds: int
) -> dict[str, float]:
    """The figures that wrk takes."""
    (folder / "bodies").write_bytes(b"\n".join(bodies))
    (folder / "wrk.lua").write_text(LUA % {"bodies": folder / "bodies", "path": path}, "utf-8")
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "60s", "-s", str(folder / "wrk.lua")]
    done = subprocess.run([*command, address], capture_output=True, text=True, check=True)
    return dict(json.loads(next(line[1:] for line in done.stdout.splitlines() if line.startswith("@"))))


def by_threads(
    folder: Path, address: str, path: str, bodies: Sequence[bytes], connections: int, seconds: int
) -> dict[str, float]:
    """The figures that threads of this process take."""
    statuses: Counter[int] = Counter()
    took: list[float] = []
    turn, lock = iter(range(1 << 62)), threading.Lock()
    end = time.perf_counter() + seconds
    parts = urlsplit(address)

    def ask() -> None:
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        while time.perf_counter() < end:
            with lock:
                body = bodies[next(turn) % len(bodies)]
            began = time.perf_counter()
            connection.request("POST", path, body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            response.read()
            with lock:
                took.append(1000 * (time.perf_counter() - began))
                statuses[response.status] += 1

    began = time.perf_counter()
    threads = [threading.Thread(target=ask) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    p50, p99 = np.percentile(took, [50, 99]).tolist()
    refused = sum(count for status, count in statuses.items() if status != 200)
    whole = time.perf_counter() - began
    return {"requests": len(took), "seconds": whole, "p50": p50, "p99": p99, "refused": refused, "broken": 0}


if __name__ == "__main__":
    main()
