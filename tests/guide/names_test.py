#!/usr/bin/env python3
"""Shows that names.py fails when it should."""
import tempfile
import unittest
from pathlib import Path

import names

SOUND = {
    "README.md": "Look at `a_hits_total`.\n",
    "docs/guide/one.md": "`a_wait_seconds_{sum,count}` and rate(a_wait_seconds_count[5m])\n",
    "brio/a/a.cpp": 'counter("a_hits_total"); summary("a_wait_seconds"); word("of a_sentence_total here");\n',
    "brio/a/a_test.cpp": 'counter("made_up_total");\n',
}


class Names(unittest.TestCase):
    def findings(self, changes):
        with tempfile.TemporaryDirectory() as root:
            for name, text in {**SOUND, **changes}.items():
                file = Path(root) / name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
            return names.findings(Path(root))

    def test_a_sound_guide_has_no_finding(self):
        self.assertEqual(self.findings({}), [])

    def test_a_metric_that_the_guide_does_not_name_is_found(self):
        found = self.findings({"README.md": ""})
        self.assertEqual(found, ["brio/a/a.cpp: the guide does not name a_hits_total"])

    def test_a_name_that_no_metric_has_is_found(self):
        found = self.findings({"docs/two.md": "\n`a_hit_total`\n"})
        self.assertEqual(found, ["docs/two.md:2: no metric is called a_hit_total"])

    def test_a_word_of_a_table_that_no_source_has_is_found(self):
        table = {"docs/guide/8-from-x.md": "| X | here |\n| `elsewhere()` | `counter(\"a\")`, `countess` |\n"}
        self.assertEqual(
            self.findings(table), ["docs/guide/8-from-x.md:2: nothing is called countess: countess"]
        )


if __name__ == "__main__":
    unittest.main()
