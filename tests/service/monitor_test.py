#!/usr/bin/env python3
"""What a running service uses, read every 5 s whatever happens (T-M5), and what it tells of its last day."""
import os
import shutil
import statistics
import subprocess
import sys
import time
import unittest
from pathlib import Path
from urllib.parse import quote

import service
from load import under_load
from service import postgres

PERIOD = 5.0
SLACK = 0.5
READINGS = 12 if service.IS_FULL else 3
PAGE = os.sysconf("SC_PAGE_SIZE")
TICK = os.sysconf("SC_CLK_TCK")
# a reading is compared with one that this process takes a little later, on a machine that may be busy
WITHIN = 2.0 if service.IS_FULL else 5.0


def cpu_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def memory_bytes(pid):
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE


class Busy:
    """Processes that take all processors, while the block lasts."""

    def __enter__(self):
        count = len(os.sched_getaffinity(0))
        self.processes = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
        return self

    def __exit__(self, *_):
        for each in self.processes:
            each.kill()
            each.wait()


class Readings:
    """Of a service, as its monitor takes them."""

    def __init__(self, of):
        self.of = of
        self.pid = of.server_pid()

    def taken(self):
        return self.of.metric("resource_reading_timestamp_seconds")

    def next_after(self, last):
        """When the one after `last` was taken, known at once."""
        time.sleep(max(0.0, last + PERIOD - 2 * SLACK - time.time()))
        if not service.eventually(lambda: self.taken() != last, 60):
            raise AssertionError("the monitor reads no more")
        return self.taken()

    def periods(self, count):
        times = [self.taken()]
        for _ in range(count):
            times.append(self.next_after(times[-1]))
        found = [after - before for before, after in zip(times, times[1:])]
        print("  read after", [round(each, 2) for each in found], flush=True)
        return found


class Monitor(unittest.TestCase):
    def judge(self, periods):
        if service.IS_FULL:
            self.assertTrue(all(abs(each - PERIOD) <= SLACK for each in periods), periods)
        self.assertAlmostEqual(statistics.median(periods), PERIOD, delta=SLACK)

    def test_it_reads_on_when_all_processors_are_busy(self):
        with service.Service(threads=2, env={"BRIO_LOG": "off", **service.NO_CACHE}) as of:
            readings = Readings(of)
            readings.next_after(readings.taken())  # from here on they keep time
            with Busy(), under_load("database_load.py", of.port, 200, results=[]):
                self.judge(readings.periods(READINGS))
                before, cpu_before = readings.next_after(readings.taken()), cpu_seconds(readings.pid)
                after, cpu_after = readings.next_after(before), cpu_seconds(readings.pid)
                memory = memory_bytes(readings.pid)
                used = of.metric("memory_usage_bytes")
                share = of.metric("cpu_usage_percent")
                usage = of.admin("/api/usage").json()
            percent = 100 * (cpu_after - cpu_before) / ((after - before) * usage["cpu"]["cores"])
            print(f"  cpu {share:.1f} % ({percent:.1f} %), memory {used:.0f} ({memory})", flush=True)
            self.assertGreater(percent, 1)
            self.assertAlmostEqual(share, percent, delta=WITHIN)
            self.assertAlmostEqual(used / memory, 1, delta=WITHIN / 100)

    def test_a_database_that_is_down_is_said_and_holds_nothing_up(self):
        cluster = self.enterContext(postgres.Cluster())
        url = cluster.create_database("service")
        with service.Service(database_url=url, rows=10) as of:
            readings = Readings(of)
            readings.next_after(readings.taken())
            usage = of.admin("/api/usage").json()
            self.assertEqual(usage["problems"], [])
            self.assertTrue(usage["connections"]["is_judged"])
            self.assertIsNone(usage["disk"])
            cluster.stop("immediate")
            self.assertEqual(of.get("/api/users/1").status, 503)
            self.judge(readings.periods(READINGS))
            problems = of.admin("/api/usage").json()["problems"]
            self.assertEqual([each.split(":")[0] for each in problems], ["database"])
            self.assertGreaterEqual(of.metric("resource_reading_failures_total", what="database"), 1)
            said = [line for line in of.log_end(100_000).splitlines() if "cannot be read whole" in line]
            self.assertEqual(len(said), 1, said)
            cluster.start()
            self.assertTrue(service.eventually(lambda: of.get("/api/users/1").status == 200, 30))
            self.assertTrue(service.eventually(lambda: not of.admin("/api/usage").json()["problems"]))
            self.judge_queues_while_the_database_has_another_name(of, cluster)

    def judge_queues_while_the_database_has_another_name(self, of, cluster):
        """Which is no matter of waiting for it: the program takes it for a mistake of somebody's."""
        cluster.psql(
            "ALTER DATABASE service ALLOW_CONNECTIONS false;"
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = 'service';"
            "ALTER DATABASE service RENAME TO other"
        )
        said = "the broker cannot be watched"
        self.assertTrue(service.eventually(lambda: said in of.log_end(100_000)), of.log_end(3000))
        cluster.psql("ALTER DATABASE other RENAME TO service; ALTER DATABASE service ALLOW_CONNECTIONS true")
        self.assertTrue(service.eventually(lambda: of.get("/api/users/1").status == 200))
        self.assertEqual(of.request("POST", "/api/resources/1/process").status, 202)
        self.assertTrue(service.eventually(lambda: of.metric("task_queue_length", queue="main-queue") == 1))

    def test_a_folder_that_is_gone_holds_nothing_up(self):
        of = service.Service(rows=10, env={"DATABASE_URL": "sqlite:///service.db"})
        with of:
            readings = Readings(of)
            shutil.rmtree(of.folder)
            first = readings.next_after(readings.taken())
            readings.next_after(first)
            self.assertEqual(of.admin("/api/usage").status, 200)
            self.assertEqual(of.server_pid(), readings.pid)


class Usage(service.ServiceTest):
    def test_all_that_the_process_uses_is_told(self):
        pid = self.service.server_pid()

        def memory_agrees():  # it may grow between the two readings
            told = self.service.admin("/api/usage").json()["memory"]["bytes"]
            return abs(told / memory_bytes(pid) - 1) < 0.02

        def disk_agrees():
            files = [self.service.folder / name for name in ("service.db", "service.db-wal")]
            stored = sum(each.stat().st_size for each in files if each.exists())
            return self.service.admin("/api/usage").json()["disk"]["database_bytes"] == stored

        self.assertTrue(service.eventually(memory_agrees))
        self.assertTrue(service.eventually(disk_agrees))
        usage = self.service.admin("/api/usage").json()
        self.assertEqual(usage["threads"], len(os.listdir(f"/proc/{pid}/task")))
        self.assertLessEqual(abs(usage["files"]["open"] - self.service.descriptors()), 2)
        self.assertEqual([each["name"] for each in usage["loops"]], ["api-0", "api-1", "control"])
        self.assertIn("http_in_flight", [each["name"] for each in usage["bounds"]])
        about = os.statvfs(self.service.folder)
        free = about.f_bavail * about.f_frsize
        self.assertAlmostEqual(usage["disk"]["free_bytes"] / free, 1, delta=0.05)
        self.assertEqual(usage["problems"], [])
        goals = self.service.admin("/goals").json()["goals"]
        limits = {each["name"]: each["limit_percent"] for each in goals if each["scope"] == "resource"}
        self.assertEqual(limits, {"cpu": 70, "memory": 80})


class History(service.ServiceTest):
    def history(self, **choice):
        asked = "&".join(f"{key}={quote(value)}" for key, value in choice.items())
        return self.service.admin(f"/api/history?{asked}").json()

    def last(self, **choice):
        """The latest known value of a line."""
        lines = self.history(**choice)["lines"]
        known = [value for value in lines[0]["values"] if value is not None] if lines else []
        return known[-1] if known else None

    def test_rates_times_and_figures_are_kept_at_each_resolution(self):
        for _ in range(100):
            self.service.get("/api/users/1")
        route = {"of": "requests", "name": "GET /api/users/{id}"}
        self.assertTrue(service.eventually(lambda: self.last(span="6h", figure="rate", **route)))
        for span, step, steps in (("10m", 5, 120), ("6h", 60, 360), ("24h", 300, 288), ("14d", 3600, 336)):
            history = self.history(span=span, **route)
            self.assertEqual((history["span"], history["step_seconds"]), (span, step))
            lengths = [len(history["at"])] + [len(line["values"]) for line in history["lines"]]
            self.assertEqual(lengths, [steps] * 8)
            self.assertEqual(history["at"][1] - history["at"][0], step)
        self.assertEqual(self.last(span="24h", figure="within", **route), 1)
        self.assertGreater(self.last(span="24h", figure="p95", **route), 0)
        self.assertGreater(self.last(of="resources", figure="memory"), 1 << 20)
        self.assertIsNotNone(self.last(of="resources", name="api-0", figure="loop_lag"))

    def test_a_span_that_does_not_exist_is_refused(self):
        self.assertEqual(self.service.admin("/api/history?span=1h").status, 422)


if __name__ == "__main__":
    service.main(at_once=4)
