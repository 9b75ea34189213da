#!/usr/bin/env python3
"""`bench`: what requests of a program take and cost, judged by goals, by budgets, by another program."""
import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
import unittest
from contextlib import closing
from pathlib import Path

import service

PAGE = "GET /api/resources?page_size=20"
ONE = "GET /api/resources/7"
POST = 'POST /api/resources {"name":"measured"}'
QUICK = ("--rows", "300", "--rounds", "6", "--round-ms", "5", "--cold", "1")
COUNTS = ("--counts", "--rows", "300")


class Bench(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="brio-bench-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        own = ("BRIO_", "DATABASE_", "REDIS_")
        self.env = {name: value for name, value in os.environ.items() if not name.startswith(own)}
        self.env["TMPDIR"] = str(self.folder)

    def bench(self, *arguments, status=0, env=()):
        done = subprocess.run(
            [service.program(), "bench", *arguments],
            env={**self.env, **dict(env)},
            cwd=self.folder,
            text=True,
            capture_output=True,
            timeout=120,
            check=False,
        )
        self.assertEqual(done.returncode, status, f"{done.stdout}\n{done.stderr}")
        return done

    def cases(self, *arguments, status=0, env=()):
        """The cases of its JSON, by request."""
        done = self.bench(*arguments, "--json", "out.json", status=status, env=env)
        print(done.stdout, flush=True)
        report = json.loads((self.folder / "out.json").read_text())
        self.assertEqual(report["passes"], status == 0)
        return {each["request"]: each for each in report["cases"]}

    def budgets(self, *cases):
        (self.folder / "bench.budgets").write_text(json.dumps({"cases": cases}))

    def test_times_are_judged_by_goals_and_explained_by_phases(self):
        for transport in ((), ("--socket",)):
            with self.subTest(transport=transport):
                cases = self.cases(PAGE, POST, *QUICK, *transport)
                page = cases[PAGE]
                self.assertEqual((page["goal_ms"], page["share"], page["faults"]), (200, 0.99, []))
                self.assertGreater(page["warm"]["requests"], 6)
                self.assertLessEqual(page["warm"]["p50_ms"], page["warm"]["p99_ms"])
                self.assertEqual(page["cold"]["requests"], 1)
                self.assertGreater(page["cold"]["p50_ms"], page["warm"]["p50_ms"])
                self.assertGreater(sum(page["phases_ns"].values()), 0)
                self.assertIn("db", cases[POST]["phases_ns"])
                self.assertEqual(cases[POST]["counts"]["statements"], 1)

    def test_counts_are_the_same_each_time(self):
        first = self.cases(PAGE, ONE, *COUNTS, env={"BRIO_LIMIT_CACHE_BYTES": "0"})
        again = self.cases(PAGE, ONE, *COUNTS, env={"BRIO_LIMIT_CACHE_BYTES": "0"})
        for request, case in first.items():
            self.assertEqual(case["counts"], again[request]["counts"])
        self.assertEqual(first[ONE]["counts"]["statements"], 1)
        self.assertIsNone(first[ONE]["warm"])

    def test_budgets_hold_a_program_to_its_counts(self):
        self.bench(PAGE, ONE, *COUNTS, "--write-budgets")
        written = json.loads((self.folder / "bench.budgets").read_text())
        self.assertEqual([each["request"] for each in written["cases"]], [PAGE, ONE])
        self.bench(*COUNTS)
        most = written["cases"][1]["most"]
        written["cases"][1]["most"] = {**most, "bytes": most["bytes"] - 1}
        self.budgets(*written["cases"])
        said = self.bench(*COUNTS, status=1).stdout
        self.assertIn(f"FAILS {ONE}\n", said)
        self.assertIn(f"bytes: {most['bytes']}, the budget is {most['bytes'] - 1}", said)
        self.assertIn("1 of 2 do not pass", said)

    def test_another_setting_is_compared_in_turns(self):
        """A page that is kept against one that is made each time: many times faster, and no statement."""
        compare = ("--against-env", "BRIO_LIMIT_CACHE_BYTES=0")
        case = self.cases(PAGE, *QUICK, *compare)[PAGE]["against"]
        self.assertEqual(case["verdict"], "faster")
        self.assertLess(case["high"], 1)
        self.assertGreater(case["noise_floor"], 0)
        self.assertGreater(case["counts_before"]["statements"], 0)
        slower = self.cases(PAGE, *QUICK, "--against-env", "BRIO_LIMIT_CACHE_BYTES=100000000",
                            status=1, env={"BRIO_LIMIT_CACHE_BYTES": "0"})[PAGE]
        self.assertEqual(slower["against"]["verdict"], "slower")
        self.assertIn("it is slower than before", slower["faults"])

    def test_a_program_is_compared_with_itself(self):
        against = ("--against", service.program(), "--cold", "0")
        done = self.bench(PAGE, *COUNTS, *against)
        self.assertNotIn("->", done.stdout, "its counts are the same")

    def test_what_is_wrong_is_said(self):
        for arguments, words in (
            (("FETCH /",), "a request begins with a method"),
            (("GET /nowhere",), "is answered with 404"),
            (("--budgets", "absent"), "cannot read absent"),
            ((PAGE, "--against", "/nowhere"), "there is no such program"),
            ((PAGE, "--against-env", "WORD"), "write it as NAME=VALUE"),
            ((PAGE, "--against-env", "REDIS_URL=redis://a"), "with --database only"),
        ):
            with self.subTest(arguments=arguments):
                self.assertIn(words, self.bench(*arguments, *COUNTS, status=2).stderr)
        self.budgets({"request": PAGE, "most": {"statments": 1}})
        self.assertIn("bench.budgets: cases[0].most.statments", self.bench(*COUNTS, status=2).stderr)

    def test_a_first_request_that_is_answered_badly_is_said(self):
        """The database refuses the first row of a connection, but the very first."""
        url = f"sqlite:///{self.folder}/own.db"
        env = {**self.env, "DATABASE_URL": url, "BRIO_LOG": "off"}
        for command in (["migrate", "upgrade"], ["seed", "--count", "1"]):
            subprocess.run([service.program(), *command], env=env, check=True, capture_output=True)
        with closing(sqlite3.connect(self.folder / "own.db")) as database:
            database.execute(
                "CREATE TRIGGER refuse BEFORE INSERT ON resources WHEN total_changes() = 0 "
                "AND 1 < (SELECT count(*) FROM resources) BEGIN SELECT RAISE(ABORT, 'cold'); END"
            )
        said = self.bench(POST, *QUICK[2:], "--database", url, status=2).stderr
        self.assertIn(f"{POST.split(' {')[0]} is answered with 422", said)

    def test_nothing_of_it_is_left(self):
        self.bench(POST, *COUNTS, "--quiet")
        self.assertEqual(list(self.folder.iterdir()), [])


if __name__ == "__main__":
    service.main()
