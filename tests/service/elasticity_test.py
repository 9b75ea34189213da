#!/usr/bin/env python3
"""What comes and goes with the load: worker processes, connections; and how many processes it needs."""
import json
import subprocess
import threading
import unittest
from contextlib import contextmanager

import service
from service import postgres

PROGRAM = "service_tasks"
PATIENCE = 60.0  # for what waits until there is processor left
HAS = 24  # connections that PostgreSQL has, of which 3 are for superusers and 5 are left to others
TOGETHER = HAS - 3 - 5
CLIENTS = 16  # of each instance, more than there will be connections


class Workers(unittest.TestCase):
    def setUp(self):
        env = {"BRIO_GOAL_TASK_MS": "300", "BRIO_WORKER_CONCURRENCY": "2"}
        self.of = service.Service(rows=0, threads=1, name=PROGRAM, workers="1..3", env=env)
        self.effects = self.of.folder / "effects"
        self.of.env["EFFECTS"] = str(self.effects)
        self.enterContext(self.of)

    def wanted(self):
        return self.of.metric("worker_processes", **{"is": "wanted"})

    def processes(self):
        return len(self.of.server_pids()) - 1

    def done(self):
        return len(self.effects.read_text().splitlines()) if self.effects.exists() else 0

    def push(self, count, takes_ms):
        answer = self.of.request("POST", "/marks", {"count": count, "takes_ms": takes_ms})
        self.assertEqual(answer.status, 202, answer)

    def test_they_come_when_tasks_wait_and_end_what_they_have_begun(self):
        self.assertEqual(self.wanted(), 1)
        self.push(60, takes_ms=1000)
        self.assertTrue(service.eventually(lambda: self.processes() == 3, PATIENCE), self.of.log_end())
        self.assertEqual(self.wanted(), 3)
        self.assertTrue(service.eventually(lambda: self.done() == 60, PATIENCE), self.done())
        self.assertIn("more worker processes: tasks wait for long", self.of.log_end(1000))
        self.assertGreaterEqual(self.of.metric("worker_processes_changes_total", to="more"), 1)
        if service.IS_FULL:
            self.judge_shrinking()
        self.assertEqual(self.of.stop(), 0)

    def judge_shrinking(self):
        """After a minute of nothing one goes, and then the next."""
        self.assertTrue(service.eventually(lambda: self.wanted() == 1, 240), self.of.log_end())
        self.assertTrue(service.eventually(lambda: self.processes() == 1, 60), self.of.log_end())
        self.assertEqual(self.of.metric("worker_processes_changes_total", to="fewer"), 2)


class Pool(unittest.TestCase):
    """Two instances on a PostgreSQL that has fewer connections than each of them may have."""

    @classmethod
    def setUpClass(cls):
        cls.cluster = cls.enterClassContext(postgres.Cluster(settings={"max_connections": str(HAS)}))

    def setUp(self):
        self.url = self.cluster.create_database()
        self.statuses = {}

    def start(self, rows):
        env = {"DATABASE_POOL": "20", "BRIO_ADMISSION": "fixed", "BRIO_DEADLINE_API_MS": "30000",
               "BRIO_DEADLINE_QUERY_MS": "20000", **service.NO_CACHE}
        return self.enterContext(service.Service(rows=rows, threads=1, database_url=self.url, env=env))

    @contextmanager
    def load(self, of):
        """Clients that post without a pause within the block."""
        over = threading.Event()

        def client(number):
            with of.connect(60) as wire:
                while not over.is_set():
                    status = wire.request("POST", "/api/resources", {"name": f"elastic {number}"}).status
                    self.statuses[status] = self.statuses.get(status, 0) + 1

        clients = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
        for each in clients:
            each.start()
        try:
            yield
        finally:
            over.set()
            for each in clients:
                each.join()

    @contextmanager
    def taken_by_others(self, count):
        held = [subprocess.Popen([postgres.program("psql"), "-qXAt", self.url, "-c", "SELECT pg_sleep(600)"],
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                for _ in range(count)]
        try:
            yield
        finally:
            for each in held:
                each.kill()
                each.wait()

    @staticmethod
    def bound(of):
        return of.metric("db_connections_bound")

    def assert_bounds(self, expected, *instances):
        def are_there():
            return all(low <= self.bound(of) <= high
                       for of, (low, high) in zip(instances, expected, strict=True))

        self.assertTrue(service.eventually(are_there, PATIENCE), [self.bound(of) for of in instances])

    def test_instances_share_what_there_is_and_the_one_that_stays_gets_the_rest(self):
        one = self.start(rows=10)
        with self.load(one):
            self.assert_bounds([(TOGETHER - 1, TOGETHER)], one)
            other = self.start(rows=0)
            with self.load(other):
                half = (TOGETHER // 2 - 1, TOGETHER // 2 + 1)
                self.assert_bounds([half, half], one, other)
                self.assertEqual(one.metric("db_connections_bound", by="setting"), 0)
                usage = one.admin("/api/usage").json()["connections"]
                self.assertEqual(usage["configured"], 20)
                self.assertLess(usage["bound"], 20)
            needs = {each["what"]: each for each in one.admin("/api/instances").json()["needs"]}
            self.assertRegex(needs["servers"]["words"], r"^needs \d+: ")
            self.assertGreaterEqual(one.metric("brio_instances_wanted"), 1)
            self.assertEqual(other.stop(), 0)
            self.assert_bounds([(TOGETHER - 1, TOGETHER)], one)
            # Others take all that is left, and more than that.
            with self.taken_by_others(HAS):
                self.assertTrue(service.eventually(lambda: self.bound(one) <= TOGETHER - 3, PATIENCE))
        print(f"  {json.dumps(self.statuses)}", flush=True)
        self.assertEqual(set(self.statuses), {201})
        self.assertEqual(one.stop(), 0)


if __name__ == "__main__":
    service.main()
