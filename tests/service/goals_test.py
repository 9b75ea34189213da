#!/usr/bin/env python3
"""The goals of a running service: verdicts, what is to blame, alarms, and what a restart keeps of them."""
import http.server
import json
import signal
import subprocess
import threading
import unittest

import service

SLOW_MS = 300
GOAL_MS = 100  # a task ends at ten times that


class Sink(http.server.BaseHTTPRequestHandler):
    """Takes alarms."""

    def do_POST(self):
        length = int(self.headers["Content-Length"])
        self.server.alerts.append(json.loads(self.rfile.read(length)))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


class Goals(unittest.TestCase):
    def setUp(self):
        self.sink = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Sink)
        self.sink.alerts = []
        threading.Thread(target=self.sink.serve_forever, daemon=True).start()
        self.addCleanup(self.sink.server_close)
        self.addCleanup(self.sink.shutdown)
        self.of = service.Service(rows=0, threads=1, name="service_tasks", workers=1)
        self.of.env |= {
            "EFFECTS": str(self.of.folder / "effects"),
            "BRIO_LOG": "off",
            "BRIO_GOAL_API_MS": "9000",
            "BRIO_GOAL_QUERY_MS": "8000",
            "BRIO_GOAL_TASK_MS": str(GOAL_MS),
            "BRIO_ALERT_URL": f"http://127.0.0.1:{self.sink.server_port}/alarms",
        }
        self.enterContext(self.of)

    def goal(self, name):
        return next((each for each in self.of.admin("/goals").json()["goals"] if each["name"] == name), None)

    def push(self, count, takes_ms):
        body = {"count": count, "takes_ms": takes_ms}
        self.assertEqual(self.of.request("POST", "/marks", body).status, 202)

    def total(self, name):
        goal = self.goal(name)
        return goal["windows"][1]["total"] if goal else 0

    def command(self):
        return subprocess.run(
            [self.of.program, "goals"],
            env=self.of.env | {"BRIO_ADMIN_PORT": str(self.of.admin_port)},
            cwd=self.of.folder,
            capture_output=True,
            text=True,
            check=False,
        )

    def test_what_is_missed_is_said_blamed_alarmed_and_remembered(self):
        for _ in range(120):
            self.of.get("/healthz")
        self.push(150, SLOW_MS)
        self.assertTrue(service.eventually(lambda: self.total("app.worker.mark") >= 150, 60))
        missed = self.goal("app.worker.mark")
        self.assertEqual((missed["standing"], missed["alarm"]), ("missed", "fast"))
        self.assertEqual(missed["limit_ms"], GOAL_MS)
        self.assertEqual(missed["windows"][0]["good"], 0)
        self.assertEqual(missed["blame"][0]["phase"], "run")
        kept = self.goal("GET /healthz")
        self.assertEqual((kept["standing"], kept["limit_ms"]), ("kept", 9000))

        said = self.command()
        self.assertEqual(said.returncode, 1, said)
        words = f"MISSED  task app.worker.mark holds {GOAL_MS}ms for 0 % of "
        self.assertIn(words, said.stdout)
        self.assertIn("kept    GET /healthz holds 9.00s for 100 % of ", said.stdout)

        self.assertTrue(service.eventually(lambda: self.sink.alerts))
        alert = self.sink.alerts[0]
        self.assertEqual((alert["program"], alert["goal"]["name"]), ("service_tasks", "app.worker.mark"))
        self.assertEqual(self.of.metric("alerts_dropped_total"), 0)
        self.assertEqual(self.of.metric("goal_limit", scope="task", goal="app.worker.mark"), GOAL_MS / 1000)

        self.assertEqual(self.of.stop(), 0)
        self.of.start()
        self.assertTrue(service.eventually(lambda: self.total("app.worker.mark") >= 150))

    def test_a_rolling_restart_loses_no_count(self):
        for _ in range(120):
            self.of.get("/healthz")
        before = set(self.of.server_pids())
        self.of.process.send_signal(signal.SIGHUP)
        self.assertTrue(service.eventually(lambda: not before.intersection(self.of.server_pids())))
        self.assertTrue(
            service.eventually(lambda: self.total("GET /healthz") >= 120, 12), self.goal("GET /healthz")
        )

    def test_change_one_number_and_all_follow(self):
        """Tasks of 200 ms, and one of 1.5 s, under goals of 100 ms and of 400 ms."""
        for goal_ms, is_kept in ((400, True), (100, False)):
            with self.subTest(goal_ms=goal_ms):
                self.of.stop()
                self.sink.alerts.clear()
                self.of.env |= {"BRIO_GOAL_TASK_MS": str(goal_ms), "BRIO_GOALS_FILE": ""}
                self.of.start()
                self.push(160, 200)
                self.push(1, 1500)
                self.assertTrue(service.eventually(lambda: self.total("app.worker.mark") >= 161, 60))
                goal = self.goal("app.worker.mark")
                self.assertEqual(goal["standing"], "kept" if is_kept else "missed")
                self.assertEqual(goal["limit_ms"], goal_ms)
                named = {"task_type": "app.worker.mark"}
                edge = f"0.{goal_ms // 100}"
                self.assertIsNotNone(self.of.metric("task_duration_seconds_bucket", le=edge, **named))
                over = self.of.metric("task_overrun_seconds_count", phase="run", **named) or 0
                self.assertEqual(over > 100, not is_kept, f"{over} overruns")
                # ended at ten times the goal, and tried again
                retried = self.of.metric("task_attempts_total", outcome="retried", **named) or 0
                self.assertEqual(retried > 0, not is_kept)
                limit = self.of.metric("goal_limit", scope="task", goal="app.worker.mark")
                self.assertEqual(limit, goal_ms / 1000)
                self.assertEqual(self.command().returncode, 0 if is_kept else 1)
                if not is_kept:
                    self.assertTrue(service.eventually(lambda: self.sink.alerts))
                self.assertEqual({each["goal"]["limit_ms"] for each in self.sink.alerts} - {goal_ms}, set())
                self.assertIn(f'le="{edge}"}}[1h]', self.of.run("goals", "--prometheus-rules"))

    def test_a_kind_of_tasks_has_its_own_goal(self):
        """Of tests.brief, which the program gave 700 ms for 90 %."""
        body = {"count": 20}
        self.assertEqual(self.of.request("POST", "/briefs", body).status, 202)
        self.assertTrue(service.eventually(lambda: self.total("tests.brief") >= 20, 60))
        goal = self.goal("tests.brief")
        self.assertEqual((goal["limit_ms"], goal["share"], goal["standing"]), (700, 0.9, "kept"))
        self.assertEqual(self.goal("POST /briefs")["share"], 0.95)
        self.assertEqual(self.goal("POST /briefs")["limit_ms"], 9000)
        edge = self.of.metric("task_duration_seconds_bucket", le="0.7", task_type="tests.brief")
        self.assertIsNotNone(edge)
        self.assertEqual(self.of.request("POST", "/orders", {"first": 1}).status, 202)
        self.assertTrue(service.eventually(lambda: self.total("orders insert") >= 1, 30))
        self.assertEqual(self.goal("orders insert")["limit_ms"], 80)
        listed = self.command().stdout
        for words in ("task tests.brief", "700ms", "90 % within", "query orders insert", "95 % within"):
            self.assertIn(words, listed)

    def test_a_program_that_does_not_tell_is_none_that_keeps_its_goals(self):
        self.of.stop()
        self.of.env["BRIO_ADMIN_TOKEN"] = "a-token-of-the-service"
        self.of.start()
        self.assertEqual(self.command().returncode, 0)
        self.of.env["BRIO_ADMIN_TOKEN"] = "another"
        said = self.command()
        self.assertEqual(said.returncode, 1, said)
        self.assertIn("asks for a token: set BRIO_ADMIN_TOKEN", said.stderr)

    def test_nobody_runs(self):
        self.of.stop()
        said = self.command()
        self.assertEqual(said.returncode, 0)
        self.assertIn("the program does not run there", said.stdout)


if __name__ == "__main__":
    service.main(at_once=3)
