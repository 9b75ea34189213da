#!/usr/bin/env python3
"""The goals as rules of Prometheus: promtool reads and tests them, and a real Prometheus that scrapes the
service fires their alert."""
import json
import os
import shutil
import subprocess
import tempfile
import unittest
import urllib.request
from pathlib import Path

import service
from own_server import OwnServer, free_port, wait_until_up

DEPLOY = Path(os.environ["BRIO_SOURCE"]) / "deploy/prometheus"
# Windows of the rules and what a test waits for instead; a task of this kind is slower than its goal.
SCALED = {"5m": "6s", "1h": "8s", "6h": "10s", "3d": "12s"}
SLOW_MS = 300
GOAL_MS = 100
HAS_PROMETHEUS = shutil.which("promtool") and shutil.which("prometheus")


class Prometheus(OwnServer):
    """One that scrapes a service twice a second and asks the rules as often."""

    def __init__(self, admin_port, rules):
        self.folder = Path(tempfile.mkdtemp(prefix="brio-prometheus-"))
        self.port = free_port()
        (self.folder / "rules.yml").write_text(rules)
        (self.folder / "prometheus.yml").write_text(
            "global: {scrape_interval: 500ms, scrape_timeout: 500ms, evaluation_interval: 500ms}\n"
            "rule_files: [rules.yml]\n"
            "scrape_configs:\n"
            f"  - {{job_name: resources, static_configs: [{{targets: ['127.0.0.1:{admin_port}']}}]}}\n"
        )
        self.process = None

    def start(self):
        log = self.folder / "log"
        with open(log, "ab") as out:
            self.process = subprocess.Popen(
                [
                    shutil.which("prometheus"),
                    f"--config.file={self.folder}/prometheus.yml",
                    f"--storage.tsdb.path={self.folder}/data",
                    f"--web.listen-address=127.0.0.1:{self.port}",
                ],
                stdout=out,
                stderr=out,
            )
        wait_until_up(self.process, self.is_ready, log, 60)

    def end(self):
        if self.process is not None:
            self.process.terminate()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def is_ready(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/-/ready", timeout=10) as answer:
                return answer.status == 200
        except OSError:
            return False

    def alerts(self):
        """Labels of those that fire."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v1/alerts", timeout=10) as answer:
            found = json.load(answer)["data"]["alerts"]
        return [each["labels"] for each in found if each["state"] == "firing"]


def promtool(*arguments, cwd=None):
    return subprocess.run(
        ["promtool", *map(str, arguments)], capture_output=True, text=True, check=False, timeout=60, cwd=cwd
    )


@unittest.skipUnless(HAS_PROMETHEUS, "promtool and prometheus (package prometheus) are not installed")
class Rules(unittest.TestCase):
    def rules(self, name="resources", **env):
        """As the program writes them."""
        own = {key: value for key, value in os.environ.items() if not key.startswith(("BRIO_", "DATABASE_"))}
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(
                [service.program(name), "goals", "--prometheus-rules"],
                env=own | env,
                cwd=folder,
                capture_output=True,
                text=True,
                check=True,
            )
        return done.stdout

    def check(self, rules):
        with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
            file.write(rules)
            file.flush()
            done = promtool("check", "rules", file.name)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_promtool_reads_them_whatever_the_goals_are(self):
        self.check(self.rules())
        self.check(self.rules("service_tasks"))
        self.check(self.rules(DATABASE_URL="postgresql://postgres@127.0.0.1:1/none"))
        done = promtool("check", "config", DEPLOY / "prometheus.yml")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_those_of_the_reference_service_are_its_goals(self):
        self.assertEqual((DEPLOY / "resources.rules.yml").read_text(), self.rules())

    def test_they_alarm_when_they_should(self):
        done = promtool("test", "rules", "resources.rules_test.yml", cwd=DEPLOY)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_a_real_prometheus_fires_the_alert_of_the_goal_that_is_missed(self):
        of = service.Service(rows=0, threads=1, name="service_tasks", workers=1)
        goals = {"BRIO_GOAL_TASK_MS": str(GOAL_MS), "BRIO_GOAL_API_MS": "9000", "BRIO_GOAL_QUERY_MS": "8000"}
        of.env |= goals | {"EFFECTS": str(of.folder / "effects"), "BRIO_LOG": "off"}
        rules = self.rules("service_tasks", **goals).replace("interval: 5m", "interval: 500ms")
        rules = rules.replace(":15s]", ":500ms]")
        for window, scaled in SCALED.items():
            rules = rules.replace(f"[{window}", f"[{scaled}")
        self.check(rules)
        with of, Prometheus(of.admin_port, rules) as prometheus:
            self.assertEqual(prometheus.alerts(), [])
            body = {"count": 2000, "takes_ms": SLOW_MS}
            self.assertEqual(of.request("POST", "/marks", body).status, 202)
            of.get("/healthz")
            self.assertTrue(service.eventually(prometheus.alerts, 90), "no alert fires")
            fired = {(each["alertname"], each["scope"], each["goal"]) for each in prometheus.alerts()}
            print(f"  {sorted(fired)}", flush=True)
            self.assertLessEqual({("GoalMissedFast", "task", "app.worker.mark")}, fired)
            self.assertEqual({scope for _, scope, _ in fired} - {"task", "resource"}, set())


if __name__ == "__main__":
    service.main()
