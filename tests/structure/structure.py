#!/usr/bin/env python3
"""Checks the shape of the tree: who may include whom, where outside libraries stand, how large things are.

usage: structure.py TREE    prints one line a finding; exits 1 when there is one, 2 on bad use.

The graph of modules is read from TREE/docs/architecture.md (the block fenced as ```modules: a line number and
a name each). A module includes only modules of lower lines that its CMakeLists.txt names in USES, directly or
through another.
"""
import re
import sys
from pathlib import Path

LONGEST_FILE = 500
LONGEST_LINE = 110

CODE = {".cpp", ".hpp", ".c", ".h"}
MEASURED = CODE | {".cmake", ".py", ".sh", ".js", ".mjs", ".ts", ".tsx", ".css"}
MEASURED_NAMES = {"dev", "run", "CMakeLists.txt"}
SKIPPED_FOLDERS = {"build", "node_modules", ".git", "dist", "__pycache__", "corpus", "results"}

# An outside header (by how its name begins) and the files of brio/, apps/ and tools/ that may include it.
PRIVATE_TO = {
    "postgresql/": r"brio/db/(detail/)?postgres\w*\.cpp",
    "sqlite3.h": r"brio/db/(sqlite\w*\.cpp|detail/sqlite\w*\.[ch]pp)",
    "simdjson": r"brio/json/(read\.cpp|detail/\w+\.[ch]pp)",
    "hiredis/": r"brio/redis/reply_reader\.cpp",
    "amqp": r"brio/tasks/(amqp_(connection|table)(_test)?|test_rabbit)\.[ch]pp",
    "zmq.h": r"brio/load/locust_link(_test)?\.cpp",
    "msgpack": r"brio/load/locust_message\.cpp",
    "absl/": r"brio/tasks/time_zone\.cpp",
    "libdeflate.h": r"brio/http/(detail/)?(compress|static|asset)\w*\.cpp",
    "isa-l": r"brio/http/(compressor|gunzip)\.cpp",
    "zlib.h": r"brio/http/(detail/)?compress\w*\.cpp",
    "brotli/": r"brio/http/(detail/)?compress\w*\.cpp",
    "zstd.h": r"brio/http/(detail/)?compress\w*\.cpp",
    "openssl/": r"brio/(base|http|app|redis)/(detail/)?(\w+\.cpp|\w+_harness\.hpp)",
    "toml++/": r"brio/(app/(detail/)?\w+\.cpp|load/detail/scenario_reader\.hpp)",
    "CLI/": r"(brio/(app|load|bench)|apps|tools)/.*\.cpp|brio/base/usage_reader\.cpp",
    "asio": r"brio/(runtime|http)/.*\.[ch]pp",
}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")


class Tree:
    def __init__(self, root):
        self.root = Path(root)
        self.files = sorted(self.walk(self.root))
        self.text = {
            file: file.read_text(encoding="utf-8", errors="replace")
            for file in self.files
            if self.is_measured(file)
        }
        self.findings = []

    def walk(self, folder):
        for entry in folder.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                if entry.name not in SKIPPED_FOLDERS and not (entry / "CMakeCache.txt").exists():
                    yield from self.walk(entry)
            elif entry.is_file():
                yield entry

    @staticmethod
    def is_measured(file):
        return file.suffix in MEASURED or file.name in MEASURED_NAMES

    def name(self, file):
        return file.relative_to(self.root).as_posix()

    def find(self, file, line, message):
        self.findings.append(f"{self.name(file)}:{line}: {message}")

    def includes(self, file):
        for number, line in enumerate(self.text[file].splitlines(), 1):
            if match := INCLUDE.match(line):
                yield number, match[1], match[2]


def is_behind_the_scenes(file):
    return file.stem.endswith(("_test", "_bench", "_fuzz", "_harness"))


def read_graph(root):
    """{module: line} of docs/architecture.md."""
    text = (Path(root) / "docs/architecture.md").read_text(encoding="utf-8")
    block = re.search(r"^```modules\n(.*?)^```", text, re.M | re.S)
    if not block:
        raise SystemExit("docs/architecture.md has no block fenced as ```modules")
    return {m[2]: int(m[1]) for m in re.finditer(r"^\s*(\d+)\s+(\w+)", block[1], re.M)}


def read_uses(tree, graph):
    """{module: the modules reachable by USES}; a USES that goes up or sideways is a finding."""
    direct = {}
    for file in tree.files:
        name = tree.name(file)
        match = re.fullmatch(r"brio/(\w+)/CMakeLists\.txt", name)
        call = match and re.search(r"brio_module\(\s*(\w+)(.*?)\)", tree.text[file], re.S)
        if not call:
            continue
        uses = re.search(r"\bUSES\b((?:\s+[a-z_0-9]+)+)", call[2])
        direct[match[1]] = uses[1].split() if uses else []
        for other in direct[match[1]]:
            if graph.get(other, 99) >= graph.get(match[1], -1):
                tree.find(file, 1, f"USES {other} does not go down the module graph")

    def reach(module, seen):
        for other in direct.get(module, []):
            if other not in seen:
                seen.add(other)
                reach(other, seen)
        return seen

    return {module: reach(module, set()) for module in direct}


def check_modules(tree, graph):
    uses = read_uses(tree, graph)
    for file in tree.files:
        match = re.match(r"brio/(\w+)/", tree.name(file))
        if not match or file.suffix not in CODE:
            continue
        module = match[1]
        if module not in graph:
            tree.find(file, 1, f"module {module} is not in the graph of docs/architecture.md")
            continue
        for number, _, header in tree.includes(file):
            target = re.match(r"brio/(\w+)/", header)
            if not target or target[1] == module:
                continue
            other = target[1]
            if other not in graph:
                tree.find(file, number, f"includes <{header}>, whose module is not in the graph")
            elif graph[other] >= graph[module]:
                tree.find(file, number, f"includes <{header}>: {other} is not below {module}")
            elif not is_behind_the_scenes(file) and other not in uses.get(module, set()):
                tree.find(file, number, f"includes <{header}>, but {module} does not use {other} in CMake")


def check_outside(tree):
    """Outside libraries are private to their files; tests, benchmarks and fuzzers may look behind them."""
    for file in tree.files:
        name = tree.name(file)
        if file.suffix not in CODE or not name.startswith(("brio/", "apps/", "tools/")):
            continue
        if is_behind_the_scenes(file) or "/tests/" in name:
            continue
        for number, _, header in tree.includes(file):
            for prefix, where in PRIVATE_TO.items():
                if header.startswith(prefix) and not re.fullmatch(where, name):
                    tree.find(file, number, f"includes <{header}>, which only {where} may")


def check_sizes(tree):
    for file, text in tree.text.items():
        lines = text.splitlines()
        if len(lines) > LONGEST_FILE:
            tree.find(file, len(lines), f"has {len(lines)} lines; {LONGEST_FILE} are the most")
        for number, line in enumerate(lines, 1):
            if len(line) > LONGEST_LINE:
                tree.find(file, number, f"has {len(line)} columns; {LONGEST_LINE} are the most")


def check_listed(tree):
    """Each source is named in the CMakeLists.txt of its folder or one above; each header is included."""
    included = set()
    for file in tree.files:
        if file.suffix in CODE:
            included |= {header.rsplit("/", 1)[-1] for _, _, header in tree.includes(file)}
    for file in tree.files:
        if file.suffix in {".cpp", ".c"}:
            listed = False
            folder = file.parent
            while not listed and folder != tree.root.parent:
                text = tree.text.get(folder / "CMakeLists.txt", "")
                written = re.escape(file.relative_to(folder).as_posix())
                listed = re.search(rf"(?<![\w./-]){written}(?![\w.-])", text) is not None
                folder = folder.parent
            if not listed:
                tree.find(file, 1, "is in no CMakeLists.txt")
        elif file.suffix in {".hpp", ".h"} and file.name not in included:
            tree.find(file, 1, "is included by nothing, not even a test")


def check_headers(tree):
    for file, text in tree.text.items():
        name = tree.name(file)
        if not name.startswith("brio/") or file.suffix not in CODE:
            continue
        if file.suffix == ".hpp" and "#pragma once" not in text:
            tree.find(file, 1, "lacks #pragma once")
        for number, kind, header in tree.includes(file):
            if kind == '"':
                tree.find(file, number, f'includes "{header}"; write <brio/module/…>')
        for number, line in enumerate(text.splitlines(), 1):
            if re.match(r"\s*#\s*define\b", line):
                tree.find(file, number, "defines a macro")


def check_finished(tree):
    for file, text in tree.text.items():
        if "structure" in file.stem:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if match := UNFINISHED.search(line):
                tree.find(file, number, f"says {match[0]}: finish it, or write an issue")


def check_packages(tree):
    """What CMake asks for by name, ./dev installs."""
    listed = (tree.root / "debian-packages").read_text(encoding="utf-8").splitlines()
    packages = {line.split()[0] for line in listed if line and line[0] not in "#["}
    for file, text in tree.text.items():
        for number, line in enumerate(text.splitlines(), 1):
            call = re.match(r"\s*brio_require\(\S+ \S+ \S+ (\S+)\)", line)
            if call and call[1] not in packages:
                tree.find(file, number, f"needs {call[1]}, which debian-packages does not list")


def findings(root):
    tree = Tree(root)
    check_modules(tree, read_graph(root))
    check_outside(tree)
    check_sizes(tree)
    check_listed(tree)
    check_headers(tree)
    check_finished(tree)
    check_packages(tree)
    return tree.findings


def main(arguments):
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        print("usage: structure.py TREE", file=sys.stderr)
        return 2
    found = findings(arguments[0])
    for finding in found:
        print(finding)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
