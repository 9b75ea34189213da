#!/usr/bin/env python3
"""What README.md and the guide tell people to type is typed here, in scratch folders, against the reference
service and the guide's notes; what is printed must be like what the documents show (blocks.py says how like).

Every block is run, unless NOT_RUN says why not. So a new block is run from the beginning, and one that
cannot be run has a reason here. BRIO_SOURCE is the tree.
"""
import os
import re
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent / "service"))
import blocks  # noqa: E402  the folders have to be on the path first
import quotes  # noqa: E402
import service  # noqa: E402

ROOT = Path(os.environ["BRIO_SOURCE"])
DOCUMENTS = [path for place in ("README.md", "docs/*.md", "docs/guide/*.md")
             for path in sorted(ROOT.glob(place))]

# Blocks by `file: first command`, and who runs their commands instead.
NOT_RUN = {
    "README.md: ./dev run": "it builds, and serves until it is stopped",
    "docs/guide/00-install.md: ./dev package": "it builds and installs; tests/packages does both",
    "docs/guide/00-install.md: ./dev build": "it builds; tests/install does the same",
    "docs/guide/00-install.md: clang++-19": "it builds; tests/packages has such a program",
    "docs/guide/00-install.md: man": "nothing is installed where tests run; tests/packages reads the pages",
    "docs/guide/00-install.md: resources task send": "a key is pressed; tests/packages presses it",
    "docs/guide/01-first-service.md: ./dev build": "it builds; tests/install does the same",
    "docs/guide/01-first-service.md: cmake -S": "it builds; tests/install has such a program",
    "docs/guide/06-running.md: kill -9": "brio_app_test kills the server process",
    "docs/guide/06c-postgresql.md: export DATABASE_URL": "it needs a server; service.contract has one",
    "docs/guide/13d-workers.md: notes task result": "service.tasks crashes workers",
    "docs/guide/14b-prometheus.md: OTEL_EXPORTER_OTLP_ENDPOINT": "service.spans has a collector",
    "docs/guide/15a-profiling.md: resources profile --format": "it needs Go; service.profile reads the file",
    "docs/guide/16b-several-processes.md: resources serve": "service.instances starts several",
    "docs/guide/17a-load-verdicts.md: brio load 'http": "service.load_limit searches, which takes a minute",
    "docs/guide/17a-load-verdicts.md: brio load http://127.0.0.1:8080/api/resources --users":
        "service.load_verdict compares runs that are long enough",
    "docs/guide/18-benchmarks.md: resources bench --against": "service.bench compares programs",
    "docs/guide/19-several-instances.md: export DATABASE_URL": "service.scale_out has all of it",
    "docs/operations.md: systemctl": "systemd does not run in a test; service.sqlite restores a backup",
}
# Blocks whose output is of other routes, rows or load than are to be had here.
NOT_COMPARED = {
    "docs/guide/05b-migrations.md: resources migrate check",
    "docs/guide/06-running.md: resources doctor",
    "docs/guide/14-goals.md: resources goals",
    "docs/guide/15a-profiling.md: resources profile --seconds",
    "docs/guide/15a-profiling.md: curl",
    "docs/guide/17-load-tests.md: brio load",
    "docs/guide/17a-load-verdicts.md: brio load",
}
# Blocks whose JSON is of other rows.
ANY_VALUES = {
    "README.md: curl",
}
# Blocks that ask another program than the reference service.
SERVED_BY = {
    "docs/guide/01-first-service.md: curl": "guide_hello",
}
# What has happened before a block.
PREPARED = {
    "docs/runbooks.md: resources queue stats": """
        resources queue pause main-queue
        resources task send app.worker.process_data '[1]'""",
    "docs/runbooks.md: resources task retry": """
        resources queue resume main-queue
        resources task send app.worker.process_data '[999999]'
        until resources task list --state failed | grep process_data; do sleep 0.1; done""",
}
# What would take long, and what a test has in another place.
REPLACED = [
    (r"--for (30s|60s|1m)\b", "--for 300ms --warm-up 100ms"),
    (r"--rate 3000\b", "--rate 300"),
    (r"--seconds 10\b", "--seconds 1"),
    (r"^(resources bench .*)", r"\1 --rounds 3 --round-ms 5 --cold 1"),
    (r"resources config", "env -u BRIO_MODE -u BRIO_LOG -u DATABASE_URL resources config"),
    (r"(task send .*?)(#.*)?$", r"\1 | tee id"),
    (r"\bID\b", "$(cat id)"),
    (r"""-H 'If-None-Match: "[^']*'""", '-H "If-None-Match: $(curl -I http://127.0.0.1:8080/api/resources/1 |'
     ' sed -n "s/^ETag: //p" | tr -d "\\r")"'),
    (r"^curl -sN (.*)", r"curl -sN --max-time 0.2 \1 || test $? = 28"),
    (r"/backups/", "$PWD/"),
    (r"\./shop\b", "resources"),
]
# What programs are called in the documents.
PROGRAMS = {"brio": "brio", **dict.fromkeys(("hello", "notes", "resources", "shop"), "resources")}
# Of the tests, an example of a mistake, and what is not read.
NO_SETTINGS = {"BRIO_BIN", "BRIO_PROT", "CELERY_RESULT_BACKEND"}
# Spans that begin with a program's name and are names of statements.
STATEMENTS = {"notes by id"}
# Commands for packages and shells, which --help does not list.
UNLISTED = {"completion", "manual"}
MARK = "\x1e"
PROLOGUE = f"""exec 2>&1
mark() {{ status=$?; printf '{MARK}%s{MARK}' $status; return $status; }}
trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT
"""
WAIT = "until curl -sf http://127.0.0.1:$BRIO_PORT/readyz >/dev/null; do sleep 0.02; done"


def listed(block, names):
    return any(block.key.startswith(name) for name in names)


def all_blocks():
    for path in DOCUMENTS:
        yield from blocks.blocks(str(path.relative_to(ROOT)), path.read_text(encoding="utf-8"))


def typed(command, ports):
    """The command as it is run here."""
    text = command.text
    for what, by in REPLACED:
        text = re.sub(what, by, text)
    for usual, port in zip((8080, 8000), ports):
        text = text.replace(f"127.0.0.1:{usual}", f"127.0.0.1:{port}")
    return text


def spans():
    """(file:line, text) of what stands between backquotes, blocks apart; in what is for users."""
    for path in DOCUMENTS:
        if path.name == "architecture.md":
            continue
        for number, line in quotes.prose(path.read_text(encoding="utf-8")):
            for span in re.findall(r"`([^`]+)`", line):
                yield f"{path.relative_to(ROOT)}:{number}", span


class Commands(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.helps = {}
        cls.shared = cls.enterClassContext(
            service.Service(rows=300, workers=1, env={"BRIO_MODE": "development"})
        )
        cls.bin = cls.shared.folder / "bin"
        cls.bin.mkdir()
        (cls.shared.folder / ".curlrc").write_text("silent\nshow-error\n")
        for name, program in {"resources": "resources", "brio": "brio", "notes": "guide_notes"}.items():
            (cls.bin / name).symlink_to(service.program(program))

    def run_block(self, block):
        """(exit status, output) of each of its commands."""
        others = [name for key, name in SERVED_BY.items() if listed(block, [key])]
        asked = self.other(others[0]) if others else self.shared
        serves = any(each.text.endswith("serve &") for each in block.commands)
        ports = service.free_ports(2) if serves else (asked.port, asked.admin_port)
        folder = self.shared.folder / f"{Path(block.file).stem}-{block.line}"
        if serves:
            folder.mkdir()
        script = PROLOGUE
        for before in (text for key, text in PREPARED.items() if listed(block, [key])):
            script += f"({before}\n) >before\n"
        for command in block.commands:
            script += f"{typed(command, ports)}\n"
            script += f"{WAIT}\n" if command.text.endswith("serve &") else ""
            script += "mark\n"
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=folder if serves else self.shared.folder,
            env={
                **self.shared.env,
                "PATH": f"{self.bin}:{os.environ['PATH']}",
                "BRIO_PORT": str(ports[0]),
                "BRIO_ADMIN_PORT": str(ports[1]),
                "BRIO_LOG": "off",
                "HOME": str(self.shared.folder),
            },
            text=True,
            stdout=subprocess.PIPE,
            timeout=60,
            check=False,
        )
        parts = done.stdout.split(MARK)
        return list(zip(map(int, parts[1::2]), parts[0::2]))

    def other(self, name):
        return self.enterContext(service.Service(name=name, rows=0, has_database=False))

    def check_block(self, block):
        results = self.run_block(block)
        self.assertEqual(len(results), len(block.commands), f"not all was run: {results}")
        for command, (status, printed) in zip(block.commands, results):
            if listed(block, NOT_COMPARED):
                self.assertNotEqual(printed, "", command.text)
                continue
            line = blocks.first_difference(command.output, printed, listed(block, ANY_VALUES))
            self.assertIsNone(line, f"{command.text}\nprinted\n{printed}")
            if block.commands[-1].text != "echo $?":
                self.assertEqual(status, 0, f"{command.text}\nprinted\n{printed}")

    def test_every_block_can_be_typed_and_prints_what_is_shown(self):
        for block in all_blocks():
            if not listed(block, NOT_RUN):
                with self.subTest(f"{block.file}:{block.line}"):
                    self.check_block(block)

    def test_commands_and_options_that_are_named_are_there(self):
        for place, span in spans():
            words = span.split()
            if span in STATEMENTS:
                continue
            if words[0] in PROGRAMS:
                program, words = PROGRAMS[words[0]], words[1:]
            elif len(words) > 1 and words[0] in self.commands("resources"):
                program = "resources"
            else:
                continue
            with self.subTest(place, span=span):
                self.check_words(program, words)

    def check_words(self, program, words):
        path = ()
        for word in words:
            if word in self.commands(program, path):
                path += (word,)
            elif option := re.match(r"--[a-z-]+", word):
                self.assertIn(option[0], self.help(program, path).split(), f"of {program} {' '.join(path)}")
            elif not path and word in UNLISTED:
                return
            elif not path and word.isalpha():
                self.fail(f"{program} has no command {word}")

    def help(self, program, path=()):
        """Options stand in it as words of their own."""
        if (program, path) not in self.helps:
            done = subprocess.run(
                [service.program(program), *path, "--help"], text=True, capture_output=True, check=True
            )
            self.helps[program, path] = done.stdout.replace(",", " ")
        return self.helps[program, path]

    def commands(self, program, path=()):
        """The first words of the lines that are indented by two spaces and begin with a word."""
        return re.findall(r"^  ([a-z]+)\b", self.help(program, path), re.M)

    def test_settings_that_are_named_are_there_and_the_others_are_named(self):
        known = set(re.findall(r"^([A-Z_]+) ", self.shared.run("config"), re.M))
        text = "\n".join(path.read_text(encoding="utf-8") for path in DOCUMENTS)
        named = set(re.findall(r"\b(?:BRIO|CELERY|DATABASE|OTEL|REDIS)_[A-Z_]*[A-Z]\b", text))
        self.assertEqual(named - known - NO_SETTINGS, set())
        # the table of limits leaves the prefix out
        rest = [each.removeprefix("BRIO_") for each in known - named]
        self.assertEqual([each for each in rest if not re.search(rf"\b{each}\b", text)], [])

    def test_no_list_names_a_block_that_is_not_there(self):
        known = list(all_blocks())
        for name in [*NOT_RUN, *NOT_COMPARED, *ANY_VALUES, *SERVED_BY, *PREPARED]:
            self.assertTrue(any(block.key.startswith(name) for block in known), name)


if __name__ == "__main__":
    service.main()
