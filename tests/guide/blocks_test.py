#!/usr/bin/env python3
"""Shows that blocks.py reads what documents show, and tells outputs apart by more than their numbers."""
import unittest

import blocks

DOCUMENT = """# One
```console
$ shop migrate upgrade
applied 0001_notes
$ shop serve &
$ curl -s http://127.0.0.1:8080/ \\
    -H 'A: b'
{"a":1}
```
```cpp
$ no command
```
```sh
shop goals    # said

shop routes
```
```
$ shop load
well
```
"""


class Blocks(unittest.TestCase):
    def setUp(self):
        self.found = list(blocks.blocks("one.md", DOCUMENT))

    def test_commands_come_with_their_output(self):
        console = self.found[0]
        self.assertEqual([each.output for each in console.commands], ["applied 0001_notes", "", '{"a":1}'])
        self.assertEqual(console.commands[2].text, "curl -s http://127.0.0.1:8080/ \\\n    -H 'A: b'")
        self.assertEqual((console.key, console.line), ("one.md: shop migrate upgrade", 2))

    def test_scripts_and_blocks_that_begin_with_a_prompt_are_read_too(self):
        self.assertEqual([each.is_script for each in self.found], [False, True, False])
        script = [each.text for each in self.found[1].commands]
        self.assertEqual(script, ["shop goals    # said", "shop routes"])


class Outputs(unittest.TestCase):
    def assert_like(self, output, printed, **how):
        self.assertIsNone(blocks.first_difference(output, printed, **how))

    def assert_differs(self, line, output, printed, **how):
        self.assertEqual(blocks.first_difference(output, printed, **how), line)

    def test_numbers_times_dates_and_ids_may_be_others(self):
        self.assert_like("1,000 rows in 24.2ms", "900 rows in 1.25s\n")
        self.assert_like("Date: Mon, 23 Nov 2026 06:47:24 GMT", "Date: Thu, 26 Nov 2026 13:00:00 GMT")
        self.assert_like("X-Request-ID: fa42ede432a4b2cf", "X-Request-ID: 0c42ede432a4b2cf00000000000000ff")
        self.assert_like("checked: /backups/a.db", "checked: /tmp/x-1/a.db")
        self.assert_like('{"bytes":126074880,"lag":3.1}', '{"bytes":7,"lag":0}')

    def test_a_word_may_not(self):
        self.assert_differs("ok  disk", "ok  settings\nok  disk", "ok  settings\nok  log")
        self.assert_differs('{"byte":1}', '{"byte":1}', '{"bytes":1}')

    def test_what_is_broken_into_lines_is_read_as_one(self):
        self.assert_like('{"a":1,\n"b":"two\nwords"}', '{"a":1,"b":"two words"}')

    def test_an_ellipsis_stands_for_whatever_there_is(self):
        self.assert_like("first\n…\nlast 1", "first\nsecond\nthird\nlast 2\n")
        self.assert_differs("last", "first\n…\nlast", "first\nsecond\n")

    def test_values_of_json_are_any_where_that_is_said_but_names_are_not(self):
        self.assert_like('{"name":"0ad"}', '{"name":"resource 1"}', any_values=True)
        self.assert_differs('{"nam":"0ad"}', '{"nam":"0ad"}', '{"name":"0ad"}', any_values=True)


if __name__ == "__main__":
    unittest.main()
