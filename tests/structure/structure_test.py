#!/usr/bin/env python3
"""Shows that structure.py fails when it should: each test breaks one rule in a made-up tree."""
import tempfile
import unittest
from pathlib import Path

import structure

SOUND = {
    "docs/architecture.md": """# Architecture
```modules
 2  json     writes
 1  reflect  fields
 1  metrics  counts
 0  base     the rest
```
""",
    "debian-packages": "[build]\nlibsimdjson-dev\n# libzip-dev\n",
    "cmake/packages.cmake": "brio_require(simdjson simdjson.h simdjson libsimdjson-dev)\n",
    "brio/base/CMakeLists.txt": "brio_module(base SOURCES text.cpp)\n",
    "brio/base/text.hpp": "#pragma once\n",
    "brio/base/text.cpp": "#include <brio/base/text.hpp>\n",
    "brio/reflect/CMakeLists.txt": "brio_module(reflect SOURCES fields.cpp USES base)\n",
    "brio/reflect/fields.cpp": "#include <brio/base/text.hpp>\n",
    "brio/metrics/CMakeLists.txt": "brio_module(metrics SOURCES counter.cpp USES base)\n",
    "brio/metrics/counter.hpp": "#pragma once\n",
    "brio/metrics/counter.cpp": "#include <brio/metrics/counter.hpp>\n",
    "brio/json/CMakeLists.txt": "brio_module(json SOURCES read.cpp USES reflect TESTS read_test.cpp)\n",
    "brio/json/read.hpp": "#pragma once\n",
    "brio/json/read.cpp": "#include <simdjson.h>\n#include <brio/base/text.hpp>\n",
    "brio/json/read_test.cpp": "#include <brio/json/read.hpp>\n#include <brio/metrics/counter.hpp>\n",
}


class Structure(unittest.TestCase):
    def findings(self, changes):
        with tempfile.TemporaryDirectory() as root:
            for name, text in {**SOUND, **changes}.items():
                if text is None:
                    continue
                file = Path(root) / name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
            return structure.findings(root)

    def assert_one(self, changes, place, message):
        found = self.findings(changes)
        self.assertEqual(len(found), 1, found)
        self.assertTrue(found[0].startswith(place), found[0])
        self.assertIn(message, found[0])

    def test_a_sound_tree_has_no_finding(self):
        self.assertEqual(self.findings({}), [])

    def test_an_include_that_goes_up_is_found(self):
        self.assert_one(
            {"brio/base/text.cpp": "#include <brio/base/text.hpp>\n#include <brio/json/read.hpp>\n"},
            "brio/base/text.cpp:2:", "json is not below base")

    def test_modules_of_one_line_do_not_include_each_other(self):
        self.assert_one({"brio/reflect/fields.cpp": "#include <brio/metrics/counter.hpp>\n"},
                        "brio/reflect/fields.cpp:1:", "metrics is not below reflect")

    def test_a_test_may_not_reach_up_either(self):
        self.assert_one(
            {"brio/reflect/CMakeLists.txt": "brio_module(reflect SOURCES fields.cpp a_test.cpp USES base)",
             "brio/reflect/a_test.cpp": "#include <brio/json/read.hpp>\n"},
            "brio/reflect/a_test.cpp:1:", "json is not below reflect")

    def test_a_lower_module_that_cmake_does_not_name_is_found(self):
        self.assert_one({"brio/json/read.cpp": "#include <brio/metrics/counter.hpp>\n"},
                        "brio/json/read.cpp:1:", "does not use metrics in CMake")

    def test_uses_that_goes_up_is_found(self):
        self.assert_one({"brio/base/CMakeLists.txt": "brio_module(base SOURCES text.cpp USES json)\n"},
                        "brio/base/CMakeLists.txt:1:", "USES json")

    def test_a_module_outside_the_graph_is_found(self):
        self.assert_one(
            {"brio/misc/CMakeLists.txt": "brio_module(misc SOURCES a.cpp)\n", "brio/misc/a.cpp": "\n"},
            "brio/misc/a.cpp:1:", "not in the graph")

    def test_an_outside_library_in_another_file_is_found(self):
        self.assert_one({"brio/base/text.cpp": "#include <brio/base/text.hpp>\n#include <sqlite3.h>\n"},
                        "brio/base/text.cpp:2:", "sqlite3.h")

    def test_a_file_of_501_lines_is_found_and_one_of_500_is_not(self):
        header = "#pragma once\n"
        self.assert_one({"brio/base/text.hpp": header + "\n" * 500}, "brio/base/text.hpp:501:", "501 lines")
        self.assertEqual(self.findings({"brio/base/text.hpp": header + "\n" * 499}), [])

    def test_a_line_of_111_columns_is_found_and_one_of_110_is_not(self):
        header = "#pragma once\n//"
        self.assert_one({"brio/base/text.hpp": header + "ä" * 109}, "brio/base/text.hpp:2:", "111 columns")
        self.assertEqual(self.findings({"brio/base/text.hpp": header + "ä" * 108}), [])

    def test_a_source_that_nothing_builds_is_found(self):
        self.assert_one({"brio/base/other.cpp": "\n"}, "brio/base/other.cpp:1:", "no CMakeLists.txt")

    def test_a_name_within_another_name_does_not_count_as_listed(self):
        self.assert_one({"brio/base/ext.cpp": "\n"}, "brio/base/ext.cpp:1:", "no CMakeLists.txt")

    def test_a_header_that_nothing_includes_is_found(self):
        self.assert_one({"brio/base/lost.hpp": "#pragma once\n"}, "brio/base/lost.hpp:1:", "by nothing")

    def test_a_header_without_its_guard_is_found(self):
        self.assert_one({"brio/base/text.hpp": "\n"}, "brio/base/text.hpp:1:", "#pragma once")

    def test_a_macro_is_found(self):
        self.assert_one({"brio/base/text.hpp": "#pragma once\n#define A 1\n"},
                        "brio/base/text.hpp:2:", "defines a macro")

    def test_a_quoted_include_is_found(self):
        self.assert_one({"brio/base/text.cpp": '#include <brio/base/text.hpp>\n#include "text.hpp"\n'},
                        "brio/base/text.cpp:2:", "<brio/module/…>")

    def test_unfinished_work_is_found(self):
        self.assert_one({"brio/base/text.hpp": "#pragma once\n// TODO(now): more\n"},
                        "brio/base/text.hpp:2:", "says TODO")

    def test_a_library_whose_package_dev_does_not_install_is_found(self):
        self.assert_one({"cmake/packages.cmake": "brio_require(zip zip.h zip libzip-dev)\n"},
                        "cmake/packages.cmake:1:", "libzip-dev")


if __name__ == "__main__":
    unittest.main(verbosity=0)
