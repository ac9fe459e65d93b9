"""Where the processor time of a scan goes: the parts of each stage, with one job.

usage: python benchmarks/stages.py DOCS [DOCS ...]

Each function below is wrapped to count the processor time of the thread that calls it, what it calls included. Reading
in one process is a little slower than in workers, which share it. The first run of all also compiles kernels.
"""

import argparse
import importlib
import threading
import time
from collections import defaultdict
from functools import wraps

from dedup import Config, pipeline
from dedup.report import writer

#: Functions by the module that calls them by these names.
PARTS = {
    "dedup.ingest": "_read tokenise mark_lexicon number_words",
    "dedup.assemble": "_ordered _lines _gather learn learn_runs _learned sketch",
    "dedup.sketch": "signatures",
    "dedup.candidates.signals": "_signature_pairs run_pairs shared_phrases phrase_pairs retold_pairs expand merge",
    "dedup.candidates.grams": "_deal",
    "dedup.candidates.phrases": "_shared _hits _by_article _overlaps",
    "dedup.judging": "grade_pairs can_be_copy missing_pairs",
    "dedup.verify": "_measure_block _complete_block _align_block",
    "dedup.pipeline": "_stories describe_clusters trace",
    "dedup.explain": "witness_of _places attribute relation measures _fingerprints",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("docs", nargs="+")
    options = parser.parse_args()
    seconds: dict[str, float] = defaultdict(float)
    calls: dict[str, int] = defaultdict(int)
    lock = threading.Lock()

    def counted(function, name):
        @wraps(function)
        def call(*arguments, **keywords):
            start = time.thread_time()
            try:
                return function(*arguments, **keywords)
            finally:
                spent = time.thread_time() - start
                with lock:
                    seconds[name] += spent
                    calls[name] += 1

        return call

    for module, names in PARTS.items():
        place = importlib.import_module(module)
        for name in names.split():
            setattr(place, name, counted(getattr(place, name), f"{module.removeprefix('dedup.')}.{name}"))
    for name, put in writer._WRITERS.items():
        writer._WRITERS[name] = counted(put, f"write {name}")
    result = pipeline.find_duplicates(options.docs, config=Config(jobs=1))
    result.write("build/stages")
    print("stages, seconds of the clock:", result.stats["seconds"])
    print(f"{'seconds':>8} {'calls':>9}")
    for name, spent in sorted(seconds.items(), key=lambda item: -item[1]):
        if spent >= 0.05:
            print(f"{spent:8.2f} {calls[name]:9,} {name}")


if __name__ == "__main__":
    main()
