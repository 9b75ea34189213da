#!/usr/bin/env python3
"""Profiles, scopes and the black box of a running service name the function, the wait, the statement."""
import json
import subprocess
import sys
import threading
import time
import unittest

import pprof
import service

GOAL_MS = 15
BURN_MS = 30  # of processor time, in one request


class Profiles(unittest.TestCase):
    def setUp(self):
        self.of = service.Service(rows=0, threads=1, name="service_profiled", workers=1)
        self.of.env |= {
            "BRIO_LOG": "text",
            "BRIO_GOAL_API_MS": str(GOAL_MS),
            "BRIO_GOAL_QUERY_MS": "1",
            "BRIO_GOAL_TASK_MS": "200",  # twelve times that ends a worker whose task goes on
            "BRIO_DEADLINE_API_MS": "20000",
            "BRIO_DEADLINE_QUERY_MS": "10000",
            **self.more_settings(),
        }
        self.enterContext(self.of)
        self.ends = threading.Event()
        self.threads = []
        self.addCleanup(self.stop_load)

    def more_settings(self):
        return {}

    def stop_load(self):
        self.ends.set()
        for each in self.threads:
            each.join()

    def load(self, *request):
        def ask():
            with self.of.connect() as wire:
                while not self.ends.is_set():
                    wire.request(*request)

        self.threads.append(threading.Thread(target=ask))
        self.threads[-1].start()

    def admin(self, method, target):
        with service.Wire(self.of.admin_port) as wire:
            return wire.request(method, target)

    def take(self, seconds, hz=""):
        """A profile's id, once it is done."""
        begun = self.admin("POST", f"/api/profile?seconds={seconds}{hz}")
        self.assertEqual(begun.status, 202, begun.body)
        self.assertEqual(self.admin("POST", "/api/profile?seconds=1").status, 409)
        number = begun.json()["id"]

        def is_done():
            states = self.admin("GET", "/api/profile").json()["profiles"]
            return [each["state"] for each in states if each["id"] == number] == ["done"]

        self.assertTrue(service.eventually(is_done, 60))
        return number

    def slow(self, parameters):
        """The newest; it is kept after its last byte was written."""
        found = []

        def is_there():
            found[:] = self.admin("GET", "/api/slow?" + parameters).json()["slow"]
            return bool(found)

        self.assertTrue(service.eventually(is_there), parameters)
        return found[0]


class SampledProfiles(Profiles):
    def test_a_profile_names_functions_and_waits_by_route_and_task(self):
        self.load("GET", f"/burn?cpu_ms={BURN_MS}")
        for _ in range(4):
            self.load("POST", "/notes", {"text": "x"})
        for _ in range(100):
            self.of.request("POST", "/grind", {"cpu_ms": BURN_MS})
        number = self.take(4)
        lines = self.admin("GET", f"/api/profile/{number}?format=collapsed").body.decode().splitlines()

        burning = [each for each in lines if each.startswith("/burn;") and "count_slowly(" in each]
        self.assertTrue(burning, lines)
        frames = burning[0].split(";")
        callers = [i for i, each in enumerate(frames) if each.startswith("profiled::burn(")]
        self.assertTrue(callers, frames)  # who awaits stands outside of what is awaited
        self.assertLess(callers[0], [i for i, each in enumerate(frames) if "count_after_a_wait" in each][0])
        self.assertTrue([each for each in lines if each.startswith("/notes;[wait] ")], lines)
        self.assertFalse([each for each in lines if each.startswith("/notes;") and "count_slowly" in each])
        grinding = [each for each in lines if each.startswith("tests.grind;")]
        self.assertTrue([each for each in grinding if "count_slowly(" in each], grinding)

        report = self.admin("GET", f"/api/profile/{number}?name=/burn").json()
        self.assertEqual(report["tree"]["children"][0]["name"], "/burn")
        functions = [each["function"] for each in report["functions"]]
        self.assertTrue([each for each in functions if each.startswith("profiled::count_slowly(")], functions)
        self.assertGreater(report["overhead"]["spent_ms"], 0)
        other = self.admin("GET", f"/api/profile/{number}?format=speedscope").json()
        self.assertEqual([each["type"] for each in other["profiles"]], ["sampled", "sampled"])
        self.look_at_pprof(number)
        self.assertEqual(self.admin("GET", f"/api/profile/{number}?format=pdf").status, 422)
        self.assertEqual(self.admin("GET", "/api/profile/99").status, 404)
        at_once = self.admin("GET", "/profile?seconds=1&name=/burn").body.decode()
        self.assertIn("count_slowly(", at_once)
        self.assertNotIn("/notes", at_once)
        self.assertIn("profile: function", self.of.log_end(200))

        page = self.admin("GET", "/profile?seconds=1&route=/burn&format=html")
        self.assertEqual((page.status, page.field("Location")), (303, "/#/profile"))

        scopes = {each["scope"]: each for each in self.admin("GET", "/api/scopes").json()["scopes"]}
        self.assertGreater(scopes["count_slowly"]["self_ms"], 0)
        self.assertEqual(scopes["count_slowly"]["rest_ms"], 0)
        self.assertGreater(scopes["add_note"]["rest_ms"], 0)

    def look_at_pprof(self, number):
        packed = self.admin("GET", f"/api/profile/{number}?format=pprof").body
        samples = pprof.read(packed)
        burning = [each for each in samples if each.labels == {"route": "/burn"}]
        slow = [each for each in burning if any("count_slowly(" in frame for frame in each.frames)]
        self.assertGreater(sum(each.values["cpu"] for each in slow), 0)
        self.assertEqual({each.frames[-1] for each in burning}, {"/burn"})
        waits = [each for each in samples if each.values["wait"] > 0]
        self.assertIn({"route": "/notes"}, [each.labels for each in waits])
        self.assertEqual({each.values["cpu"] for each in waits}, {0})
        self.assertIn({"task": "tests.grind"}, [each.labels for each in samples])

        file = self.of.folder / "profile.pb.gz"
        file.write_bytes(packed)
        top = pprof.by_go(file, "-top", "-tagfocus=route=/burn")
        if top is not None:
            self.assertIn("Type: cpu", top)
            self.assertIn("::count_slowly", top)
            self.assertNotIn("/notes", top)

    def test_the_black_box_tells_of_a_slow_request_and_a_slow_task(self):
        self.of.request("GET", "/burn?cpu_ms=300")
        self.assertEqual(self.of.request("POST", "/grind", {"cpu_ms": 250}).status, 204)
        task = self.slow("kind=task")
        self.assertEqual((task["name"], task["why"]), ("tests.grind", "slow"))
        request = self.slow("name=/burn")
        self.assertEqual((request["method"], request["target"], request["status"]), ("GET", "/burn", 200))
        self.assertGreaterEqual(request["total_ms"], 300)
        phases = {each["phase"]: each["ms"] for each in request["phases"]}
        self.assertEqual(max(phases, key=phases.get), "handler")
        for each in (task, request):
            frames = [frame for stack in each["cpu"] for frame in stack["frames"]]
            self.assertTrue([frame for frame in frames if "count_slowly(" in frame], each)
        self.assertGreaterEqual(self.of.metric("black_box_kept_total", kind="request", why="slow"), 1)

    def test_a_slow_request_is_kept_with_its_statements(self):
        with subprocess.Popen(
            [sys.executable, "-c", LOCK, str(self.of.folder / "service.db")], stdout=subprocess.PIPE
        ) as locks:
            locks.stdout.readline()
            self.assertEqual(self.of.request("POST", "/notes", {"text": "private"}).status, 200)
            locks.wait()
        kept = self.slow("name=/notes")
        self.assertEqual([each["statement"] for each in kept["statements"]], ["notes insert"], kept)
        phases = {each["phase"]: each["ms"] for each in kept["phases"]}
        self.assertIn(max(phases, key=phases.get), ("pool", "db"))
        self.assertNotIn("private", json.dumps(kept))

    def test_the_command_prints_a_table(self):
        self.load("GET", f"/burn?cpu_ms={BURN_MS}")
        time.sleep(0.1)
        said = subprocess.run(
            [self.of.program, "profile", "--seconds", "2", "--admin-port", str(self.of.admin_port)],
            env=self.of.env,
            cwd=self.of.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual(said.returncode, 0, said)
        self.assertIn("/burn", said.stdout)
        self.assertIn("profiled::count_slowly(", said.stdout)
        self.assertIn("% of the processor time seen", said.stdout)


# Holds the database's write lock for a moment.
LOCK = """
import sqlite3, sys, time
with sqlite3.connect(sys.argv[1], isolation_level=None) as file:
    file.execute("BEGIN IMMEDIATE")
    print("locked", flush=True)
    time.sleep(0.3)
    file.execute("COMMIT")
"""


class WithoutSamples(Profiles):
    def more_settings(self):
        return {"BRIO_PROFILE_HZ": "0"}

    def test_nothing_is_sampled_and_whoever_asks_is_told(self):
        refused = self.admin("POST", "/api/profile?seconds=1")
        self.assertEqual((refused.status, refused.json()["code"]), (409, "profiler_off"))
        self.assertFalse(self.admin("GET", "/api/profile").json()["is_on"])
        self.assertEqual(self.of.request("GET", "/burn?cpu_ms=100").status, 200)
        kept = self.slow("name=/burn")
        self.assertEqual(kept["cpu"], [])


del Profiles

if __name__ == "__main__":
    service.main()
