#!/usr/bin/env python3
"""Debian's own Locust master leads workers of ours: what it shows is what the service counted."""
import contextlib
import csv
import json
import os
import signal
import subprocess
import sys
import time
import unittest
import urllib.parse
import urllib.request

import service

CLASSES = """from locust import User, constant
class {name}(User):
    wait_time = constant(1)
    def task(self): raise RuntimeError("what the class does is not looked at")
    tasks = [task]
"""
WORKERS = 2
USERS = 20
RUNS = 4  # seconds
WAITS = 60.0


class Process:
    """A context manager: a program beside the service, its output kept; ended by SIGTERM at the latest."""

    def __init__(self, of, *command):
        self.of = of
        self.command = [str(each) for each in command]

    def __enter__(self):
        self.process = subprocess.Popen(
            self.command,
            env=self.of.env,
            cwd=self.of.folder,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
        self.end()

    def end(self, timeout=WAITS):
        """Waits for it; its exit status and what it said."""
        try:
            said, _ = self.process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        except ValueError:  # it has been asked before
            return self.process.returncode, self.said
        self.said = said
        return self.process.returncode, said


class LedByLocust(unittest.TestCase):
    def setUp(self):
        # one process, so that its counts are all of them
        self.of = self.enterContext(service.Service(rows=50, threads=1))
        self.port, self.web_port = service.free_ports(2)
        self.origin = f"http://127.0.0.1:{self.of.port}"

    def master(self, name, *options):
        file = self.of.folder / "locustfile.py"
        file.write_text(CLASSES.format(name=name))
        return self.enterContext(
            Process(
                self.of,
                "/usr/bin/python3",
                "-m",
                "locust",
                "--master",
                "--master-bind-host=127.0.0.1",
                f"--master-bind-port={self.port}",
                f"--locustfile={file}",
                *options,
            )
        )

    def worker(self, *command):
        return self.enterContext(Process(self.of, *command, "--worker", f"--master-port={self.port}"))

    def served_in_all(self, **wanted):
        """Requests with these labels, without those that this test makes itself."""
        samples = service.openmetrics.parse(self.of.metrics().body.decode(), is_open=False)
        return sum(
            count
            for (name, labels), count in samples.items()
            if name == "http_request_duration_seconds_count"
            and dict(labels)["endpoint"] != "/readyz"
            and wanted.items() <= dict(labels).items()
        )

    def web(self, path, **form):
        """What the master's web page asks for."""
        data = urllib.parse.urlencode(form).encode() if form else None
        with urllib.request.urlopen(f"http://127.0.0.1:{self.web_port}{path}", data, 30) as answer:
            return json.load(answer)

    def states(self):
        with contextlib.suppress(OSError):
            return [each["state"] for each in self.web("/stats/requests")["workers"]]
        return []

    def swarm(self, users):
        self.assertTrue(self.web("/swarm", user_count=users, spawn_rate=users, host=self.origin)["success"])

    def wait_for(self, condition, what):
        self.assertTrue(service.eventually(condition, WAITS), what)

    def judge_counts(self):
        """What the page shows is what the service counted, method by method."""
        told = self.web("/stats/requests")["stats"]
        for method in ("GET", "POST", "PUT", "DELETE"):
            count = sum(each["num_requests"] for each in told if each["method"] == method)
            print(f"  {method} {count}", flush=True)
            self.assertEqual(count, self.served_in_all(method=method), method)
        self.assertEqual(told[-1]["num_requests"], self.served_in_all())
        self.assertEqual(told[-1]["num_failures"], 0)

    def test_a_run_without_its_web_page_ends_by_itself_with_what_was_counted(self):
        master = self.master(
            "ApiUser",
            "--headless",
            f"--users={USERS}",
            f"--spawn-rate={USERS}",
            f"--run-time={RUNS}s",
            f"--expect-workers={WORKERS}",
            f"--host={self.origin}",
            "--csv=told",
        )
        command = (service.program("brio"), "load", f"{self.origin}/api/resources", "--wait=10ms..20ms")
        workers = [self.worker(*command) for _ in range(WORKERS)]
        for each in workers:
            status, said = each.end()
            self.assertEqual(status, 0, said)
            self.assertIn("the master has ended the run", said)
        status, said = master.end()
        self.assertEqual(status, 0, said)
        with open(self.of.folder / "told_stats.csv", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        total = rows[-1]
        self.assertEqual(total["Name"], "Aggregated")
        told, served = int(total["Request Count"]), self.served_in_all()
        print(f"  {told} requests of {USERS} users, {served} served", flush=True)
        # The master waits only half a second, so each user's last one may be missing.
        self.assertLessEqual(told, served)
        self.assertGreaterEqual(told, served - USERS)
        self.assertGreater(told, USERS)
        self.assertEqual(int(total["Failure Count"]), 0)
        self.assertGreater(float(total["Requests/s"]), 0)
        self.assertGreater(float(total["Max Response Time"]), 0)

    def test_the_web_page_starts_changes_stops_and_starts_again(self):
        master = self.master("ApiUser", f"--web-port={self.web_port}", f"--host={self.origin}")
        # The address of their own is nobody's, so that it is the master's that counts.
        command = (self.of.program, "load", "http://127.0.0.1:1")
        workers = [self.worker(*command) for _ in range(WORKERS)]
        self.wait_for(lambda: self.states() == ["ready"] * WORKERS, "both are ready")
        self.swarm(USERS)
        self.wait_for(lambda: self.web("/stats/requests")["user_count"] == USERS, "all users are told of")
        self.wait_for(lambda: self.served_in_all() > 2 * USERS, "they do something")
        self.swarm(2)
        self.wait_for(lambda: self.web("/stats/requests")["user_count"] == 2, "two users are told of")
        self.assertTrue(self.web("/stop")["success"])
        self.wait_for(lambda: self.states() == ["ready"] * WORKERS, "both are ready again")
        first = self.served_in_all()
        self.judge_counts()
        self.swarm(2)
        self.wait_for(lambda: self.states() == ["running"] * WORKERS, "both run again")
        self.wait_for(lambda: self.served_in_all() > first, "another run")
        workers[0].process.send_signal(signal.SIGINT)
        self.assertEqual(workers[0].end()[0], 0)
        self.wait_for(lambda: len(self.states()) == 1, "the one that left is gone")
        self.web("/stop")
        self.wait_for(lambda: self.states() == ["ready"], "the other one is ready")
        # Of the interrupted one the last request may be missing.
        missing = self.served_in_all() - first - self.web("/stats/requests")["stats"][-1]["num_requests"]
        self.assertIn(missing, (0, 1))
        master.process.send_signal(signal.SIGINT)
        self.assertEqual(workers[1].end()[0], 0)

    def test_users_stop_when_their_master_is_killed_and_run_for_the_next(self):
        options = (f"--web-port={self.web_port}", f"--host={self.origin}")
        master = self.master("Anything", *options)
        worker = self.worker(service.program("brio"), "load", f"{self.origin}/healthz")
        self.wait_for(lambda: self.states() == ["ready"], "it is ready")
        self.swarm(1)
        self.wait_for(lambda: self.served_in_all() > 0, "it runs")
        os.kill(master.process.pid, signal.SIGKILL)

        def is_quiet():
            before = self.served_in_all()
            time.sleep(0.5)
            return self.served_in_all() == before

        self.wait_for(is_quiet, "users of a master that is gone have ended")
        before = self.served_in_all()
        next_master = self.master("Anything", *options)
        self.wait_for(lambda: self.states() == ["ready"], "the next master has it")
        self.swarm(1)
        self.wait_for(lambda: self.served_in_all() > before, "it runs for the next master")
        next_master.process.send_signal(signal.SIGINT)
        status, said = worker.end()
        self.assertEqual(status, 0, said)
        self.assertIn("the master is gone", said)

    def test_a_class_that_the_worker_does_not_have_stands_among_the_masters_exceptions(self):
        self.master("Unknown", f"--web-port={self.web_port}", f"--host={self.origin}")
        self.worker(self.of.program, "load", self.origin)
        self.wait_for(lambda: self.states() == ["ready"], "it is ready")
        self.swarm(1)
        self.wait_for(lambda: self.web("/exceptions")["exceptions"], "the master lists it")
        self.assertIn("no user class Unknown", self.web("/exceptions")["exceptions"][0]["msg"])


if __name__ == "__main__":
    sys.exit(service.main(at_once=3))
