#!/usr/bin/env python3
"""What `brio load` makes of a run: its exit status by the goals, the files, the comparison with before."""
import csv
import json
import subprocess
import tempfile
from pathlib import Path

import service


class Verdict(service.ServiceTest):
    def load(self, *options, path="/healthz"):
        url = f"http://127.0.0.1:{self.service.port}{path}"
        command = [service.program("brio"), "load", url, "--users", "2", "--warm-up", "100ms", *options]
        return subprocess.run(command, capture_output=True, text=True, timeout=120)

    def test_the_exit_status_is_the_verdict(self):
        held = self.load("--for", "2s", "--goal", "p50<10s", "--goal", "rps>1")
        self.assertEqual(held.returncode, 0, held.stderr)
        self.assertTrue(held.stdout.endswith("every goal is held\n"), held.stdout)
        missed = self.load("--for", "2s", "--goal", "max<1us", "--quiet")
        self.assertEqual(missed.returncode, 1, missed.stderr)
        self.assertIn("MISSED  max is ", missed.stdout)
        self.assertEqual(missed.stderr, "")

    def test_bad_use_says_the_right_one(self):
        for options, words in (
            (["--goal", "p99<50"], "a latency has a unit, us, ms or s, as in p99<50ms"),
            (["--goal", "q<5ms"], "there is no figure 'q'"),
            (["--find-limit"], "--rate is where it begins"),
            (["--compare", "/no/such/file"], "/no/such/file"),
        ):
            done = self.load(*options)
            self.assertEqual(done.returncode, 2, done.stdout)
            self.assertIn(words, done.stderr)

    def test_a_run_ends_when_a_goal_is_lost(self):
        done = self.load("--for", "60s", "--abort", "--goal", "error_rate<5%", path="/no/such/route")
        self.assertEqual(done.returncode, 1)
        self.assertIn("ended early: error_rate is 100 %", done.stderr)

    def test_files_are_written_and_compared(self):
        with tempfile.TemporaryDirectory() as folder:
            first, prefix = Path(folder) / "first.json", Path(folder) / "run"
            done = self.load("--for", "12s", "--json", str(first), "--csv", str(prefix))
            self.assertEqual(done.returncode, 0, done.stderr)
            report = json.loads(first.read_text())
            self.assertEqual(report["errors"], 0)
            self.assertTrue(report["verdict"]["held"])
            self.assertGreater(report["requests_per_second"], 0)
            for quantile in ("p50", "p99", "p99_99", "max"):
                self.assertGreater(report["latency_ms"][quantile], 0)
            with open(f"{prefix}_stats.csv", newline="") as file:
                rows = list(csv.DictReader(file))
            self.assertEqual([each["Name"] for each in rows], ["/healthz", "Aggregated"])
            self.assertEqual(int(rows[0]["Request Count"]), report["requests"])
            with open(f"{prefix}_stats_history.csv", newline="") as file:
                self.assertGreaterEqual(len(list(csv.DictReader(file))), 8)
            again = self.load("--for", "12s", "--compare", str(first))
            self.assertEqual(again.returncode, 0, again.stderr)
            self.assertIn("p99 GET /healthz", again.stdout)
            self.assertIn("cannot tell below", again.stdout)


if __name__ == "__main__":
    service.main()
