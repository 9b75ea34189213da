#!/usr/bin/env python3
"""Checks that a mistake does not compile, and that the compiler says what is wrong.

usage: compile_fail.py CASE.cpp COMPILER FLAG...

A case compiles as it stands and fails with -DMISTAKE, and then the compiler's output matches each line of
the form
    // expect: REGEX
A case whose first half fails tests nothing, so that is an error too.
"""
import re
import subprocess
import sys
from pathlib import Path


def compile_case(case, command):
    done = subprocess.run([*command, "-fsyntax-only", case], capture_output=True, text=True, check=False)
    return done.returncode == 0, done.stdout + done.stderr


def start_of(said, most=25):
    lines = said.splitlines()
    return "\n".join(lines[:most] + (["…"] if len(lines) > most else []))


def judge(case, command):
    """What is wrong with the case; None when it fails as it should."""
    text = Path(case).read_text(encoding="utf-8")
    expected = re.findall(r"^// expect: (.+)$", text, re.M)
    if not expected:
        return "names no message: write // expect: REGEX"
    if "#ifdef MISTAKE" not in text:
        return "has no #ifdef MISTAKE around its mistake"
    sound, said = compile_case(case, command)
    if not sound:
        return f"does not compile without its mistake either:\n{start_of(said)}"
    compiles, said = compile_case(case, [*command, "-DMISTAKE"])
    if compiles:
        return "compiles with its mistake"
    for regex in expected:
        if not re.search(regex, said):
            return f"fails, but not with a message that matches {regex!r}:\n{start_of(said)}"
    return None


def main(arguments):
    if len(arguments) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    wrong = judge(arguments[0], arguments[1:])
    if wrong:
        print(f"{arguments[0]}: {wrong}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
