#!/usr/bin/env python3
"""usage: metrics.py TREE

Checks that the guide names the metrics that there are, and no others: each text in the sources of TREE/brio
that ends as names of metrics do (`_total`, `_seconds`, …) stands in README.md, docs/*.md or docs/guide/*.md,
and each such name there is one of the sources.
"""
import re
import sys
from pathlib import Path

ENDINGS = "total|seconds|bytes|ratio|percent|fds"
IN_SOURCE = re.compile(rf'"([a-z]+(?:_[a-z0-9]+)+_(?:{ENDINGS}))"')
IN_GUIDE = re.compile(rf"\b([a-z]+(?:_[a-z0-9]+)+_(?:{ENDINGS}))\b")
DOCUMENTS = ("README.md", "docs/*.md", "docs/guide/*.md")
# Not of the running service: load tests, benchmarks and tests have figures of their own.
SKIPPED = ("brio/load/", "brio/bench/", "brio/testing/")
# Texts that are no metric.
OTHERS = {"connections_percent", "memory_percent"}


def in_sources(root):
    """{name: file}"""
    found = {}
    for path in sorted((root / "brio").rglob("*.[ch]pp")):
        place = str(path.relative_to(root))
        if not place.startswith(SKIPPED) and not path.stem.endswith(("_test", "_bench", "_harness")):
            for name in IN_SOURCE.findall(path.read_text(encoding="utf-8")):
                found.setdefault(name, place)
    return {name: place for name, place in found.items() if name not in OTHERS}


def in_guide(root):
    """{name: file:line}"""
    found = {}
    for path in (path for place in DOCUMENTS for path in sorted(root.glob(place))):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            for name in IN_GUIDE.findall(line.replace("_{sum,count}", "")):
                found.setdefault(name, f"{path.relative_to(root)}:{number}")
    return found


def findings(root):
    sources = in_sources(root)
    guide = in_guide(root)
    found = [f"{place}: the guide does not name {name}"
             for name, place in sources.items() if name not in guide]
    # a histogram's name with a suffix, as in a query of Prometheus
    parts = {f"{name}_{part}" for name in sources for part in ("sum", "count", "bucket")}
    known = sources.keys() | parts
    return found + [f"{place}: no metric is called {name}"
                    for name, place in guide.items() if name not in known]


def main(root):
    found = findings(Path(root))
    print("\n".join(found) if found else "the guide names every metric")
    return 1 if found else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
