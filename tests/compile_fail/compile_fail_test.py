#!/usr/bin/env python3
"""Shows that compile_fail.py itself can fail. usage: compile_fail_test.py COMPILER"""
import sys
import tempfile
import unittest
from pathlib import Path

import compile_fail

COMPILER = [sys.argv.pop()]
CASE = "// expect: {expect}\n{sound}\n#ifdef MISTAKE\n{mistake}\n#endif\n"


class CompileFail(unittest.TestCase):
    def judge(self, text):
        with tempfile.TemporaryDirectory() as folder:
            case = Path(folder) / "case.cpp"
            case.write_text(text, encoding="utf-8")
            return compile_fail.judge(str(case), COMPILER)

    def test_a_mistake_with_its_message_is_well(self):
        self.assertIsNone(self.judge(CASE.format(
            expect="one is not two", sound="int a;", mistake='static_assert(1 == 2, "one is not two");')))

    def test_a_mistake_that_compiles_is_found(self):
        wrong = self.judge(CASE.format(expect="one", sound="int a;", mistake="int b;"))
        self.assertIn("compiles with its mistake", wrong)

    def test_another_message_is_found(self):
        wrong = self.judge(CASE.format(expect="not writeable", sound="int a;", mistake="int a;"))
        self.assertIn("not with a message", wrong)

    def test_a_case_that_never_compiles_is_found(self):
        wrong = self.judge(CASE.format(expect="unknown", sound="nonsense", mistake="nonsense"))
        self.assertIn("without its mistake either", wrong)

    def test_a_case_without_a_message_is_found(self):
        self.assertIn("names no message", self.judge("#ifdef MISTAKE\nnonsense\n#endif\n"))


if __name__ == "__main__":
    unittest.main(verbosity=0)
