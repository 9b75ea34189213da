#!/usr/bin/env python3
"""Manual pages and completions, which the programs make themselves, as man and the shells take them."""
import os
import pty
import re
import select
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

BIN = Path(os.environ["BRIO_BIN"])
PROGRAMS = ("brio", "resources")
SHELLS = ("bash", "zsh", "fish")


def run(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, **options)
    assert done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def options_of(text):
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text))


def commands_of(help_text):
    """Names in the list of commands: two spaces, a word, what it takes, two spaces and more."""
    return re.findall(r"^  ([a-z]+)(?: [A-Z\[]\S*)*  +\S", help_text, re.M)


class Manual(unittest.TestCase):
    @staticmethod
    def pages():
        """{name: page}"""
        pages = {name: run(BIN / name, "manual") for name in PROGRAMS}
        for command in run(BIN / "brio", "completion", "words", "manual", "").split():
            pages[f"brio-{command}"] = run(BIN / "brio", "manual", command)
        return pages

    @staticmethod
    def shown(page):
        text = run("mandoc", "-T", "utf8", "-O", "width=200", input=page)
        return re.sub(".\b", "", text)

    def test_mandoc_finds_nothing_wrong(self):
        with tempfile.TemporaryDirectory() as folder:
            for name, page in self.pages().items():
                file = Path(folder) / f"{name}.1"
                file.write_text(page, encoding="utf-8")
                lint = ["mandoc", "-T", "lint", "-W", "warning", str(file)]
                found = subprocess.run(lint, capture_output=True, text=True, check=False)
                self.assertEqual(found.stdout + found.stderr, "", name)

    def test_every_option_of_a_program_s_help_is_in_its_page(self):
        program = BIN / "resources"
        page = self.shown(run(program, "manual"))
        for command in commands_of(run(program, "--help")):
            texts = [run(program, command, "--help")]
            if command != "load":  # which has no commands of its own, but a list that looks like it
                texts += [run(program, command, each, "--help") for each in commands_of(texts[0])]
            for option in set().union(*map(options_of, texts)):
                self.assertIn(option, page, command)

    def test_every_option_of_brio_s_help_is_in_its_page(self):
        pages = self.pages()
        page_of_all = self.shown(pages["brio"])
        for command in commands_of(run(BIN / "brio", "--help")):
            self.assertIn(f"brio {command}", page_of_all)
            help_text = run(BIN / "brio", command, "--help")
            if command in ("completion", "manual"):
                self.assertIn(f"usage: brio {command}", help_text)
                continue
            self.assertIn(f"brio-{command}", pages, "there is no page of its own")
            page = self.shown(pages[f"brio-{command}"])
            for option in options_of(help_text):
                self.assertIn(option, page, command)

    def test_brio_says_which_it_is(self):
        self.assertRegex(run(BIN / "brio", "--version"), r"^brio \d+\.\d+\.\d+\n$")


class Completion(unittest.TestCase):
    def setUp(self):
        self.home = tempfile.TemporaryDirectory()
        self.addCleanup(self.home.cleanup)
        self.environment = {
            "PATH": f"{BIN}:/usr/bin:/bin", "HOME": self.home.name, "TERM": "dumb", "LC_ALL": "C.UTF-8"
        }

    def complete_in_bash(self, *words):
        asked = " ".join(f"'{word}'" for word in words)
        script = (
            f'eval "$({words[0]} completion bash)"\nCOMP_WORDS=({asked})\nCOMP_CWORD={len(words) - 1}\n'
            f'function=$(complete -p {words[0]} | sed "s/.*-F \\([^ ]*\\).*/\\1/")\n'
            '"$function"\nprintf "%s\\n" "${COMPREPLY[@]}"'
        )
        return run("bash", "--norc", "-c", script, env=self.environment).split()

    def complete_in_fish(self, *words):
        script = f"{words[0]} completion fish | source\ncomplete -C '{' '.join(words)}'"
        said = run("fish", "--no-config", "-c", script, env=self.environment)
        return [line.split("\t")[0] for line in said.splitlines()]

    def complete_in_zsh(self, line, expected):
        """In a real line editor on a pseudo-terminal: the line with a tab goes on as `expected`."""
        child, screen = pty.fork()
        if child == 0:
            os.chdir(self.home.name)
            os.execvpe("zsh", ["zsh", "-f"], self.environment)
        said = ""

        def until(pattern):
            nonlocal said
            end = time.monotonic() + 30
            while not re.search(pattern, said) and time.monotonic() < end:
                if select.select([screen], [], [], 0.1)[0]:
                    said += os.read(screen, 65536).decode(errors="replace")
            self.assertRegex(said, pattern)

        try:
            program = line.split()[0]
            os.write(screen, b"autoload -Uz compinit && compinit -u -D && PS1='re''ady> '\n")
            until("ready> ")
            os.write(screen, f"eval \"$({program} completion zsh)\"; PS1='set''up> '\n".encode())
            until("setup> ")
            os.write(screen, f"{line}\t".encode())
            until(re.escape(expected))
        finally:
            os.close(screen)
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)

    def test_bash_offers_commands_options_and_values(self):
        self.assertEqual(self.complete_in_bash("brio", "lo"), ["load"])
        self.assertEqual(self.complete_in_bash("resources", "serve", "--po"), ["--port"])
        revisions = self.complete_in_bash("resources", "migrate", "upgrade", "")
        self.assertIn("0001_users_and_resources", revisions)
        self.assertEqual(self.complete_in_bash("resources", "review", "--format", "=", "m"), ["md"])
        self.assertIn("app.worker.process_data", self.complete_in_bash("resources", "task", "send", ""))
        self.assertIn("--rate", self.complete_in_bash("resources", "load", "--r"))

    def test_fish_offers_the_same(self):
        self.assertEqual(self.complete_in_fish("brio", "lo"), ["load"])
        self.assertEqual(self.complete_in_fish("resources", "serve", "--po"), ["--port"])
        self.assertEqual(self.complete_in_fish("resources", "review", "--format=m"), ["--format=md"])

    def test_zsh_offers_the_same(self):
        self.complete_in_zsh("resources serve --po", "resources serve --port")
        self.complete_in_zsh("resources review --format=m", "--format=md")

    def test_scripts_stand_alone(self):
        for name in PROGRAMS:
            for shell in SHELLS:
                script = run(BIN / name, "completion", shell)
                subprocess.run([shell, "-n"], input=script, text=True, check=True)
        tcsh = [BIN / "brio", "completion", "tcsh"]
        bad = subprocess.run(tcsh, capture_output=True, text=True, check=False)
        self.assertEqual(bad.returncode, 2)
        self.assertIn("bash, zsh or fish", bad.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
