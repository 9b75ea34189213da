#!/usr/bin/env python3
"""What deploy/scaling has can be read, asks for metrics that there are, and does what it says."""
import http.server
import os
import re
import stat
import subprocess
import tempfile
import threading
import unittest
from pathlib import Path

import yaml

ROOT = Path(os.environ["BRIO_ROOT"])
FOLDER = ROOT / "deploy" / "scaling"


def documents(name):
    return list(yaml.safe_load_all((FOLDER / name).read_text()))


class Manifests(unittest.TestCase):
    def test_keda_scales_by_what_the_service_says(self):
        for each, metric in zip(documents("keda.yaml"), ("brio_instances_wanted", "brio_workers_wanted"),
                                strict=True):
            self.assertEqual((each["apiVersion"], each["kind"]), ("keda.sh/v1alpha1", "ScaledObject"))
            (trigger,) = each["spec"]["triggers"]
            self.assertEqual(trigger["metadata"]["query"], f'max({metric}{{job="resources"}})')
            self.assertEqual(float(trigger["metadata"]["threshold"]), 1)

    def test_the_autoscaler_has_the_metric_that_the_adapter_makes(self):
        adapter, scaler = documents("hpa.yaml")
        (rule,) = yaml.safe_load(adapter["data"]["config.yaml"])["externalRules"]
        (metric,) = scaler["spec"]["metrics"]
        self.assertEqual(metric["external"]["metric"]["name"], rule["name"]["as"])
        self.assertEqual(scaler["apiVersion"], "autoscaling/v2")

    def test_every_metric_is_one_of_the_programs(self):
        sources = (ROOT / "brio" / "app" / "scale_advisor.cpp").read_text()
        for each in FOLDER.iterdir():
            for name in re.findall(r"\bbrio_\w+", each.read_text()):
                self.assertIn(f'"{name}"', sources, each)


class Script(unittest.TestCase):
    def scaled(self, metrics, *arguments):
        """What it asks systemd for, where the service says this."""

        class Say(http.server.BaseHTTPRequestHandler):
            def do_GET(self):  # noqa: N802
                is_known = self.headers.get("Authorization") == "Bearer a token"
                self.send_response(200 if is_known else 401)
                self.end_headers()
                self.wfile.write(metrics.encode())

            def log_message(self, *_):
                pass

        server = http.server.HTTPServer(("127.0.0.1", 0), Say)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        with tempfile.TemporaryDirectory() as folder:
            fake = Path(folder) / "systemctl"
            fake.write_text(f'#!/bin/sh\necho "$@" >> {folder}/asked\n')
            fake.chmod(fake.stat().st_mode | stat.S_IXUSR)
            env = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}",
                   "ADMIN": f"http://127.0.0.1:{server.server_port}", "TOKEN": "a token",
                   "no_proxy": "127.0.0.1"}
            done = subprocess.run([FOLDER / "scale-workers", *arguments], env=env, capture_output=True,
                                  text=True, check=False, timeout=30)
            asked = Path(folder) / "asked"
            return done, asked.read_text().splitlines() if asked.exists() else []

    def test_it_starts_as_many_as_are_needed_and_stops_the_others(self):
        done, asked = self.scaled("# TYPE brio_workers_wanted gauge\nbrio_workers_wanted 2\n", "3")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(asked, ["start resources-worker@1", "start resources-worker@2",
                                 "stop --no-block resources-worker@3"])

    def test_it_starts_no_more_than_it_may(self):
        _, asked = self.scaled("brio_workers_wanted 200\n", "2")
        self.assertEqual(asked, ["start resources-worker@1", "start resources-worker@2"])

    def test_it_touches_nothing_when_it_is_not_told(self):
        done, asked = self.scaled("http_requests_total 1\n")
        self.assertEqual((done.returncode, asked), (1, []))
        self.assertIn("has the service tasks?", done.stderr)


if __name__ == "__main__":
    unittest.main()
