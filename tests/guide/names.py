#!/usr/bin/env python3
"""usage: names.py TREE

Checks that documents name what there is.

Metrics: each text in the sources of TREE/brio that ends as their names do (`_total`, `_seconds`, …) stands in
README.md, docs/*.md or docs/guide/*.md, and each such name there is one of the sources.

Words of the tables in docs/guide that say what is called what elsewhere: what stands between backquotes in
other columns than the first is made of words that the sources have.
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

TABLES = ("docs/guide/00-map.md", "docs/guide/*from-*.md", "docs/guide/13c-celery.md")
SOURCES = ("apps", "brio", "docs/guide/samples", "tools")
CELL = re.compile(r"(?<!\\)\|")
WORD = re.compile(r"[A-Za-z_]\w\w+")
# Of examples, of the shell and of others; settings of limits are composed from parts.
KNOWN = {"show_item", "UserPatch", "nmae", "HUP", "solar"}
COMPOSED = "BRIO_LIMIT_"


def files(root, patterns):
    return [path for pattern in patterns for path in sorted(root.glob(pattern))]


def read(path):
    return path.read_text(encoding="utf-8")


def in_sources(root):
    """{name: file}"""
    found = {}
    for path in sorted((root / "brio").rglob("*.[ch]pp")):
        place = str(path.relative_to(root))
        if not place.startswith(SKIPPED) and not path.stem.endswith(("_test", "_bench", "_harness")):
            for name in IN_SOURCE.findall(read(path)):
                found.setdefault(name, place)
    return {name: place for name, place in found.items() if name not in OTHERS}


def in_guide(root):
    """{name: file:line}"""
    found = {}
    for path in files(root, DOCUMENTS):
        for number, line in enumerate(read(path).splitlines(), 1):
            for name in IN_GUIDE.findall(line.replace("_{sum,count}", "")):
                found.setdefault(name, f"{path.relative_to(root)}:{number}")
    return found


def wrong_metrics(root):
    sources = in_sources(root)
    guide = in_guide(root)
    for name, place in sources.items():
        if name not in guide:
            yield f"{place}: the guide does not name {name}"
    # a histogram's name with a suffix, as in a query of Prometheus
    parts = {f"{name}_{part}" for name in sources for part in ("sum", "count", "bucket")}
    for name, place in guide.items():
        if name not in sources and name not in parts:
            yield f"{place}: no metric is called {name}"


def wrong_words(root):
    known = set(KNOWN)
    for folder in SOURCES:
        for path in (root / folder).rglob("*.[ch]pp"):
            known.update(WORD.findall(read(path)))
    for path in files(root, TABLES):
        for number, line in enumerate(read(path).splitlines(), 1):
            if line.startswith("|"):
                for span in re.findall(r"`([^`]+)`", "|".join(CELL.split(line)[2:])):
                    for word in WORD.findall(span):
                        if word not in known and not word.startswith(COMPOSED):
                            yield f"{path.relative_to(root)}:{number}: nothing is called {word}: {span}"


def findings(root):
    return [*wrong_metrics(root), *wrong_words(root)]


def main(root):
    found = findings(Path(root))
    print("\n".join(found) if found else "what the documents name is there")
    return 1 if found else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
