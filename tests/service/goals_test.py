#!/usr/bin/env python3
"""The goals of a running service: verdicts, what is to blame, alarms, and what a restart keeps of them."""
import http.server
import json
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

    def test_nobody_runs(self):
        self.of.stop()
        said = self.command()
        self.assertEqual(said.returncode, 0)
        self.assertIn("the program does not run there", said.stdout)


if __name__ == "__main__":
    service.main()
