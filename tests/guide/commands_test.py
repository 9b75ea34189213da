#!/usr/bin/env python3
"""What README.md and the guide tell people to type is typed here, in scratch folders, against the reference
service and the guide's notes; what is printed must be like what the documents show (blocks.py says how like).

Every block is run, unless command_lists.NOT_RUN says why not. So a new block is run from the beginning, and
one that cannot be run has a reason. BRIO_SOURCE is the tree.
"""
import itertools
import os
import re
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent / "service"))
import blocks  # noqa: E402  the folders have to be on the path first
import command_lists as lists  # noqa: E402
import quotes  # noqa: E402
import service  # noqa: E402

ROOT = Path(os.environ["BRIO_SOURCE"])
DOCUMENTS = [path for place in ("README.md", "docs/*.md", "docs/guide/*.md")
             for path in sorted(ROOT.glob(place))]

MARK = "\x1e"
PROLOGUE = f"""exec 2>&1
mark() {{ status=$?; printf '{MARK}%s{MARK}' $status; return $status; }}
trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT
"""
WAIT = "until curl -sf http://127.0.0.1:$BRIO_PORT/readyz >/dev/null; do sleep 0.02; done"


def listed(block, names):
    return any(block.key.startswith(name) for name in names)


def is_for_administrators(block):
    return block.commands[0].text.startswith(("sudo ", "systemctl "))


def all_blocks():
    for path in DOCUMENTS:
        yield from blocks.blocks(str(path.relative_to(ROOT)), path.read_text(encoding="utf-8"))


def typed(command, ports):
    """The command as it is run here."""
    text = command.text
    for what, by in lists.REPLACED:
        text = re.sub(what, by, text)
    for usual, port in zip((8080, 8000), ports):
        text = text.replace(f"127.0.0.1:{usual}", f"127.0.0.1:{port}")
    return text


def spans():
    """(file:line, text) of what stands between backquotes or is indented, and of the commands of blocks that
    are not run; in what is for users."""
    for path in DOCUMENTS:
        if path.name == "architecture.md":
            continue
        for number, line in quotes.prose(path.read_text(encoding="utf-8")):
            for span in [line.strip()] if line.startswith("    ") else re.findall(r"`([^`]+)`", line):
                yield f"{path.relative_to(ROOT)}:{number}", span
    for block in all_blocks():
        if listed(block, lists.NOT_RUN):
            yield from ((f"{block.file}:{block.line}", each.text) for each in block.commands)


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
        others = [name for key, name in lists.SERVED_BY.items() if listed(block, [key])]
        asked = self.other(others[0]) if others else self.shared
        serves = any(each.text.endswith("serve &") for each in block.commands)
        ports = service.free_ports(2) if serves else (asked.port, asked.admin_port)
        folder = self.shared.folder / f"{Path(block.file).stem}-{block.line}"
        if serves:
            folder.mkdir()
        script = PROLOGUE
        for before in (text for key, text in lists.PREPARED.items() if listed(block, [key])):
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
            if listed(block, lists.NOT_COMPARED):
                self.assertNotEqual(printed, "", command.text)
                continue
            line = blocks.first_difference(command.output, printed, listed(block, lists.ANY_VALUES))
            self.assertIsNone(line, f"{command.text}\nprinted\n{printed}")
            if block.commands[-1].text != "echo $?" and not listed(block, lists.JUDGING):
                self.assertEqual(status, 0, f"{command.text}\nprinted\n{printed}")

    def test_every_block_can_be_typed_and_prints_what_is_shown(self):
        for block in all_blocks():
            if not is_for_administrators(block) and not listed(block, lists.NOT_RUN):
                with self.subTest(f"{block.file}:{block.line}"):
                    self.check_block(block)

    def test_commands_and_options_that_are_named_are_there(self):
        for place, span in spans():
            words = span.split("#")[0].split()
            if not words or span in lists.STATEMENTS:
                continue
            if words[0] in lists.PROGRAMS:
                program, words = lists.PROGRAMS[words[0]], words[1:]
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
                helps = [self.help(program, path[:count]) for count in range(len(path) + 1)]
                self.assertIn(option[0], " ".join(helps).split(), f"of {program} {' '.join(path)}")
            elif not path and word in lists.UNLISTED:
                return
            elif not path and word.isalpha():
                self.fail(f"{program} has no command {word}")

    def help(self, program, path=()):
        """Options stand in it as words of their own."""
        if (program, path) not in self.helps:
            whole = "--help-all" if path == ("load",) else "--help"
            done = subprocess.run(
                [service.program(program), *path, whole], text=True, capture_output=True, check=True
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
        self.assertEqual(named - known - lists.NO_SETTINGS, set())
        # the table of limits leaves the prefix out
        rest = [each.removeprefix("BRIO_") for each in known - named]
        self.assertEqual([each for each in rest if not re.search(rf"\b{each}\b", text)], [])

    def test_no_list_names_a_block_that_is_not_there(self):
        known = list(all_blocks())
        files = {block.file for block in known}
        named = [lists.NOT_RUN, lists.NOT_COMPARED, lists.JUDGING, lists.ANY_VALUES, lists.SERVED_BY,
                 lists.PREPARED]
        for name in itertools.chain(*named):
            is_there = any(block.key.startswith(name) for block in known)
            self.assertTrue(is_there or name.split(":")[0] not in files, name)


if __name__ == "__main__":
    service.main()
