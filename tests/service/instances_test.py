#!/usr/bin/env python3
"""Several processes of one service: each admin server knows all of them, and what they make together."""
import os
import signal
import subprocess
import unittest

import service
from redis_server import RedisServer
from service import postgres

HEARD = 40.0  # within which all have heard of each other, of one that ended, or of one that is silent


class WithInstances(unittest.TestCase):
    def start(self, **arguments):
        return self.enterContext(service.Service(**arguments))

    def worker(self, of):
        """A worker process by itself, on the database of `of`."""
        with open(of.folder / "worker.log", "ab") as log:
            worker = subprocess.Popen([of.program, "worker"], env=of.env, cwd=of.folder,
                                      stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.addCleanup(worker.wait)
        self.addCleanup(worker.kill)
        return worker

    @staticmethod
    def kill(of):
        """All of it at once: nobody hears that the supervisor is gone, and nobody is started again."""
        os.kill(of.process.pid, signal.SIGSTOP)
        for pid in (*of.server_pids(), of.process.pid):
            os.kill(pid, signal.SIGKILL)

    @staticmethod
    def seen(of):
        return of.admin("/api/instances").json()

    def states(self, of):
        """How many there are of each role and state."""
        counts = {}
        for each in self.seen(of)["instances"]:
            key = f"{each['role']} {each['state']}"
            counts[key] = counts.get(key, 0) + 1
        return counts

    def assert_comes(self, of, states):
        self.assertTrue(service.eventually(lambda: self.states(of) == states, HEARD),
                        f"{self.states(of)} instead of {states}\n{of.log_end()}")


class DatabaseTest(WithInstances):
    @classmethod
    def setUpClass(cls):
        cls.cluster = cls.enterClassContext(postgres.Cluster())

    def setUp(self):
        url = self.cluster.create_database()
        self.one = self.start(rows=50, database_url=url, workers=1)
        self.other = self.start(rows=0, database_url=url, workers=1)
        self.alone = self.worker(self.one)
        for each in (self.one, self.other):
            self.assert_comes(each, {"server up": 2, "worker up": 3})

    def test_both_show_each_and_the_sum(self):
        for _ in range(30):
            self.assertEqual(self.one.get("/api/resources").status, 200)
        for _ in range(20):
            self.assertEqual(self.other.get("/api/resources").status, 200)
        task = self.one.request("POST", "/api/resources/1/process").json()["task_id"]
        self.assertTrue(service.eventually(
            lambda: self.other.get(f"/api/tasks/{task}").json()["state"] == "done"))

        def counted(of):
            found = self.seen(of)["sum"]
            return found["requests"]["count"] >= 50 and found["tasks"]["count"] >= 1

        for of, own_port, least in ((self.one, self.one.port, 30), (self.other, self.other.port, 20)):
            self.assertTrue(service.eventually(lambda of=of: counted(of), HEARD), self.seen(of))
            found = self.seen(of)
            self.assertTrue(found["through"].startswith("PostgreSQL 127.0.0.1:"), found["through"])
            self.assertEqual(found["problem"], "")
            first, second = found["instances"][:2]
            self.assertTrue(first["is_self"])
            self.assertEqual(first["api"], f"http://127.0.0.1:{own_port}")
            self.assertGreaterEqual(first["work"]["count"], least)
            self.assertGreater(first["memory_bytes"], 1 << 20)
            self.assertEqual(second["of"], first["id"])  # its worker
            self.assertEqual(found["sum"]["servers"], 2)
            self.assertEqual(found["sum"]["workers"], 3)
            self.assertGreater(found["sum"]["requests"]["p99_ms"], 0)
            self.assertEqual(of.metric("service_processes", state="up"), 5)
        admins = {each["admin"] for each in self.seen(self.one)["instances"] if each["role"] == "server"}
        self.assertEqual(admins, {f"http://127.0.0.1:{each.admin_port}" for each in (self.one, self.other)})
        self.assertIn("5 processes of this service are up", self.one.run("doctor"))

        # nothing of it at the port of all the world
        self.assertEqual(self.one.get("/api/instances").status, 404)
        for target in ("/", "/api/resources", "/healthz", "/nothing"):
            answer = self.one.get(target)
            self.assertNotIn(str(self.one.admin_port), str(answer.fields) + answer.body.decode())

    def test_one_that_ends_leaves_and_one_that_is_killed_is_gone_and_forgotten(self):
        self.alone.send_signal(signal.SIGTERM)
        self.assertEqual(self.alone.wait(30), 0)
        self.assert_comes(self.one, {"server up": 2, "worker up": 2})

        before = {each["id"]: each["pid"] for each in self.seen(self.one)["instances"]}
        self.one.process.send_signal(signal.SIGHUP)  # others in their places, under their names

        def are_others():
            now = {each["id"]: each["pid"] for each in self.seen(self.one)["instances"]}
            changed = [name for name, pid in before.items() if now.get(name, pid) != pid]
            return now.keys() == before.keys() and len(changed) == 2

        self.assertTrue(service.eventually(are_others, HEARD), (before, self.seen(self.one)))

        self.kill(self.other)
        self.assert_comes(self.one, {"server up": 1, "worker up": 1, "server gone": 1, "worker gone": 1})
        self.assertEqual(self.seen(self.one)["sum"]["servers"], 1)
        self.assertTrue(service.eventually(lambda: self.one.metric("service_processes", state="gone") == 2))
        self.assertIn("more have not been heard of", self.one.run("doctor"))

        database = self.one.database_url.rsplit("/", 1)[1]
        self.cluster.psql("UPDATE brio_instances SET said = said - 600000 WHERE id NOT IN "
                          f"(SELECT id FROM brio_instances WHERE pid = {self.one.server_pid()})", database)
        self.assert_comes(self.one, {"server up": 1, "worker up": 1})

    def test_a_database_that_is_away_is_said_and_those_that_were_heard_of_stay(self):
        self.cluster.stop("immediate")
        self.assertTrue(service.eventually(lambda: self.seen(self.one)["problem"] != "", HEARD))
        self.assertEqual(self.states(self.one), {"server up": 2, "worker up": 3})
        self.cluster.start()
        self.assertTrue(service.eventually(lambda: self.seen(self.one)["problem"] == "", HEARD))
        self.assert_comes(self.one, {"server up": 2, "worker up": 3})


class RedisTest(WithInstances):
    def test_without_a_database_it_is_redis(self):
        redis = self.enterContext(RedisServer())
        program = {"name": "service_compression", "has_database": False, "rows": 0}
        env = {"REDIS_URL": redis.url}
        one = self.start(**program, env=env)
        other = self.start(**program, env=env)
        self.assert_comes(one, {"server up": 2})
        self.assertTrue(self.seen(one)["through"].startswith("Redis 127.0.0.1:"))
        self.assertEqual(other.stop(), 0)
        self.assert_comes(one, {"server up": 1})

    def test_with_nothing_in_common_each_knows_itself(self):
        one = self.start(name="service_compression", has_database=False, rows=0)
        found = self.seen(one)
        self.assertEqual(found["through"], "")
        self.assertEqual([each["is_self"] for each in found["instances"]], [True])


if __name__ == "__main__":
    service.main(at_once=4)
