#!/usr/bin/env python3
"""Shows that quotes.py fails when it should: each test breaks one rule in a made-up tree."""
import tempfile
import unittest
from pathlib import Path

import quotes

SOUND = {
    "README.md": "See [the guide](docs/guide/one.md#first).\n",
    "docs/guide/one.md":
        "# First\n```cpp\nint one() {\n    return 1;\n}\n```\nand\n```cpp\nint two();\n```\n",
    "docs/guide/samples/one.cpp": '#include "two.hpp"\nnamespace x {\n    // [one]\n    int one() {\n'
                                  "        return 1;\n    }\n    // [/one]\n}\n",
    "docs/guide/samples/two.hpp": "// [two]\nint two();\n// [/two]\n",
    "docs/guide/samples/CMakeLists.txt": "add_executable(guide one.cpp)\n",
}


class Quotes(unittest.TestCase):
    def findings(self, changes):
        with tempfile.TemporaryDirectory() as root:
            for name, text in {**SOUND, **changes}.items():
                file = Path(root) / name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
            return quotes.findings(root)

    def assert_finds(self, changes, words):
        found = self.findings(changes)
        self.assertTrue(any(words in each for each in found), found)

    def changed(self, name, before, after):
        self.assertIn(before, SOUND[name])
        return {name: SOUND[name].replace(before, after)}

    def test_a_sound_guide_has_no_finding(self):
        self.assertEqual(self.findings({}), [])

    def test_a_block_that_differs_in_one_character_is_found(self):
        self.assert_finds(self.changed("docs/guide/one.md", "return 1;", "return 2;"),
                          "one.md:2: no compiled region is this block: int one() {")

    def test_a_block_that_differs_in_its_inner_indentation_is_found(self):
        self.assert_finds(self.changed("docs/guide/one.md", "    return 1;", "  return 1;"), "one.md:2:")

    def test_a_part_of_a_region_is_not_enough(self):
        self.assert_finds(self.changed("docs/guide/one.md", "    return 1;\n}\n", ""), "one.md:2:")

    def test_a_region_of_a_file_that_is_not_compiled_does_not_count(self):
        self.assert_finds({"docs/guide/samples/CMakeLists.txt": "add_executable(guide another_one.cpp)\n"},
                          "one.md:2:")

    def test_a_header_that_no_compiled_file_includes_does_not_count(self):
        self.assert_finds(self.changed("docs/guide/samples/one.cpp", '#include "two.hpp"\n', ""), "one.md:8:")

    def test_a_block_of_the_readme_is_looked_at(self):
        self.assert_finds({"README.md": "```cpp\nint three();\n```\n"}, "README.md:1:")

    def test_a_block_without_end_is_found(self):
        self.assert_finds({"README.md": "```cpp\nint two();\n"}, "README.md:1:")

    def test_a_block_of_another_language_is_left_alone(self):
        self.assertEqual(self.findings({"README.md": "```sh\n./dev run\n```\n"}), [])

    def test_a_region_without_end_is_found(self):
        self.assert_finds(self.changed("docs/guide/samples/two.hpp", "// [/two]\n", ""), "two] has no end")

    def test_a_region_that_nobody_quotes_is_found(self):
        more = SOUND["docs/guide/samples/two.hpp"] + "// [three]\nint three();\n// [/three]\n"
        self.assert_finds({"docs/guide/samples/two.hpp": more}, "[three] is quoted nowhere")

    def test_two_regions_of_one_name_are_found(self):
        twice = SOUND["docs/guide/samples/two.hpp"] * 2
        self.assert_finds({"docs/guide/samples/two.hpp": twice}, "a second region [two]")

    def test_a_link_that_leads_nowhere_is_found(self):
        self.assert_finds({"README.md": "[x](docs/guide/two.md)\n"}, "leads nowhere: docs/guide/two.md")

    def test_a_link_to_a_heading_that_is_not_there_is_found(self):
        self.assert_finds({"docs/two.md": "[x](guide/one.md#last)\n"}, "two.md:1: no heading of that name")

    def test_a_link_within_the_document_is_looked_at(self):
        self.assert_finds({"docs/two.md": "# Two\n[x](#one)\n"}, "two.md:2: no heading of that name: #one")

    def test_headings_are_named_as_github_names_them(self):
        linked = "# `serve`: a *first* one, 2\n# Same\n# Same\n[a](#serve-a-first-one-2) [b](#same-1)\n"
        self.assertEqual(self.findings({"docs/two.md": linked}), [])

    def test_a_chapter_that_the_list_does_not_name_is_found(self):
        self.assert_finds({"docs/guide/README.md": "[One](one.md)\n", "docs/guide/two.md": "# Two\n"},
                          "two.md:1: docs/guide/README.md does not list this chapter")

    def test_what_is_code_is_no_link(self):
        self.assertEqual(self.findings({"docs/two.md": "`db.transaction([&](Db inside) -> Async<T>)`\n"}), [])

    def test_a_long_chapter_is_found(self):
        self.assert_finds({"docs/guide/two.md": "line\n" * 151}, "two.md:151:")


    def quote(self, code, language="ini"):
        return {"deploy/x/a.service": "# why\n[Unit]\n# why\nA=1\nB=2\n",
                "docs/guide/two.md": f"# Two\n```{language}\n{code}```\n"}

    def test_a_quote_of_a_file_of_deploy_may_leave_lines_out(self):
        self.assertEqual(self.findings(self.quote("# deploy/x/a.service\n[Unit]\n\nB=2\n")), [])

    def test_a_line_that_the_quoted_file_does_not_have_is_found(self):
        self.assert_finds(self.quote("# deploy/x/a.service\nA=2\n"),
                          "two.md:2: deploy/x/a.service does not have")
        self.assert_finds(self.quote("# deploy/x/a.service\nB=2\nA=1\n", "text"), "not in this order: A=1")

    def test_an_ini_block_that_quotes_nothing_is_found(self):
        self.assert_finds(self.quote("A=1\n"), "does not begin with")
        self.assert_finds(self.quote("# deploy/x/b.service\nA=1\n"), "there is no file deploy/x/b.service")
        self.assertEqual(self.findings(self.quote("A=1\n", "text")), [])


if __name__ == "__main__":
    unittest.main()
