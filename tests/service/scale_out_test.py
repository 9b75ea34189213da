#!/usr/bin/env python3
"""Two instances and two workers behind nginx as deploy/ has it, on one PostgreSQL and one Redis: they share
what comes, and one that dies, restarts, comes or goes is noticed by nobody."""
import json
import os
import signal
import subprocess
import time
import unittest
from contextlib import contextmanager

import service
from deployed import DeployedHaproxy, DeployedNginx
from load import under_load
from offered_load import Load
from redis_server import RedisServer
from service import postgres
from tokens import SECRET, bearer
from wire import Wire

ROUNDS = 10 if service.IS_FULL else 1  # of restarts of all instances
RATE, SECONDS = (400, 10) if service.IS_FULL else (150, 1)
CHANGES = 200 if service.IS_FULL else 10
PATIENCE = 20.0
# How long nginx keeps an idle connection, and a draining instance: the short form cannot wait so long for the
# first; the second costs no time, and a machine that is busy may need all of it.
KEPT, DRAIN_IDLE = (None, 5000) if service.IS_FULL else ("300ms", 3000)
LIST = "/api/resources?page_size=5"


class Instance(service.Service):
    """One that stays at its ports."""

    def __init__(self, **more):
        super().__init__(threads=1, workers=0, **more)
        self.ports = service.free_ports(2)

    def start(self):
        super().start(self.ports)

    def requests(self):
        return self.metric("http_request_duration_seconds_count", endpoint="/api/resources") or 0

    def kill(self):
        """All of it at once."""
        os.kill(self.process.pid, signal.SIGSTOP)
        for pid in (*self.server_pids(), self.process.pid):
            os.kill(pid, signal.SIGKILL)
        self.process.wait()


class Several(unittest.TestCase):
    program = "resources"
    rows = 100

    @classmethod
    def setUpClass(cls):
        cluster = postgres.shared()
        url = cluster.create_database()
        cls.addClassCleanup(cluster.drop_database, url.rsplit("/", 1)[1])
        redis = cls.enterClassContext(RedisServer())
        env = {"REDIS_URL": redis.url, "BRIO_DRAIN_IDLE_MS": str(DRAIN_IDLE),
               "BRIO_TRUSTED_PROXIES": "127.0.0.1", "BRIO_LOG": "json", "DATABASE_POOL": "8",
               "TOKEN_SECRET": SECRET,
               # a busy machine is not what is tested: nobody is refused because of it
               "BRIO_ADMISSION": "fixed", "BRIO_DEADLINE_API_MS": "4000"}
        if service.IS_FULL:
            env["BRIO_DRAIN_WAIT_MS"] = "1500"  # as HAProxy is to have it
        made = {"database_url": url, "env": env, "name": cls.program}
        cls.one = Instance(rows=cls.rows, **made)
        cls.effects = cls.one.folder / "effects"
        env["EFFECTS"] = cls.one.env["EFFECTS"] = str(cls.effects)
        cls.enterClassContext(cls.one)
        cls.other = cls.enterClassContext(Instance(rows=0, **made))
        cls.workers = [cls.worker() for _ in range(2)]

    @classmethod
    def worker(cls):
        """The port of a worker's metrics."""
        port = service.free_ports(1)[0]
        with open(cls.one.folder / "workers.log", "ab") as log:
            worker = subprocess.Popen([cls.one.program, "worker", "--admin-port", str(port)], env=cls.one.env,
                                      cwd=cls.one.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        cls.addClassCleanup(worker.wait)
        cls.addClassCleanup(worker.kill)
        return port

    def assert_seen_soon(self, target, write, words, kept):
        """What one writes the other gives soon, though it had the answer in its cache: `write(of, name)`."""
        took = []
        for count in range(CHANGES):
            writer, reader = (self.one, self.other) if count % 2 == 0 else (self.other, self.one)
            self.assertTrue(service.eventually(lambda of=reader: kept(of), PATIENCE))
            name = f"change {count}"
            self.assertEqual(write(writer, name), 200)
            begun = time.monotonic()
            while words(reader.get(target).json()) != name:
                self.assertLess(time.monotonic() - begun, PATIENCE, "the other has not learned of it")
                time.sleep(0.001)
            took.append(time.monotonic() - begun)
        took.sort()
        print(f"  {CHANGES} writes seen by the other after p50 {took[len(took) // 2] * 1000:.0f} ms, "
              f"at most {took[-1] * 1000:.0f} ms", flush=True)


class ReferenceService(Several):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.third = Instance(rows=0, database_url=cls.one.database_url, env=cls.one.env)
        cls.addClassCleanup(cls.third.__exit__)
        ports = [each.ports[0] for each in (cls.one, cls.other, cls.third)]
        cls.nginx = cls.enterClassContext(DeployedNginx(ports, KEPT))

    @contextmanager
    def load(self, port=None, may_lose=0):
        """Half reads, half writes; all have to be answered well but `may_lose` writes."""
        with under_load("database_load.py", port or self.nginx.port, RATE, results=[]) as results:
            yield
        bad = [each for each in results if not 200 <= each["status"] < 300]
        lost = sum(each["method"] == "POST" for each in bad)
        slowest = max(each["took"] for each in results) * 1000
        print(f"  {len(results)} requests, lost: {len(bad) - lost} reads, {lost} writes; "
              f"the slowest took {slowest:.0f} ms", flush=True)
        self.assertLessEqual((len(bad) - lost, lost), (0, may_lose), f"{bad[:5]}\n{self.bad_lines()}")

    def bad_lines(self):
        lines = [line for line in self.nginx.log() if json.loads(line)["status"] >= 400]
        return "\n".join(lines[-10:]) + (self.nginx.folder / "error.log").read_text()[-2000:]

    def test_both_get_the_same_share_of_requests(self):
        of = (self.one, self.other)
        before = [each.requests() for each in of]
        result = Load(None, LIST, RATE, SECONDS, 0, 32, port=self.nginx.port).result()
        self.assertEqual(result["good_us"]["count"], result["sent"], result)

        def shares():
            return [each.requests() - was for each, was in zip(of, before)]

        # an answer is counted after it was sent
        self.assertTrue(service.eventually(lambda: sum(shares()) >= result["sent"], PATIENCE), shares())
        counts = shares()
        self.assertLess(max(counts) - min(counts), 0.1 * sum(counts) / 2, counts)

    def restart(self, of):
        self.assertEqual(of.stop(), 0, of.log_end())
        of.start()

    @contextmanager
    def load_user(self):
        """The reference service's own, who must not see an error."""
        command = [service.program("resources"), "load", f"http://127.0.0.1:{self.nginx.port}/"]
        command += ["--users", "30", "--for", "1h", "--goal", "error_rate<=0%"]
        user = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        try:
            yield
            user.send_signal(signal.SIGINT)
            said, _ = user.communicate(timeout=60)
            self.assertEqual(user.returncode, 0, f"{said}\n{self.bad_lines()}")
        finally:
            user.kill()
            user.wait()

    def test_restarts_and_who_comes_and_goes_cost_no_request(self):
        with self.load_user(), self.load():
            self.third.start()  # one comes …
            self.assertTrue(service.eventually(lambda: self.third.requests() > 20, PATIENCE))
            self.assertEqual(self.third.stop(), 0)  # … and goes
            for _ in range(ROUNDS):
                self.restart(self.one)
                self.restart(self.other)

    @unittest.skipUnless(service.IS_FULL, "only among the full counts")
    def test_behind_haproxy_restarts_cost_no_request_either(self):
        with DeployedHaproxy([self.one.ports[0], self.other.ports[0]]) as haproxy, self.load(haproxy.port):
            for _ in range(ROUNDS):
                self.restart(self.one)
                self.restart(self.other)

    def test_one_that_is_killed_costs_no_more_than_what_it_was_doing(self):
        with self.load(may_lose=16):  # so many are never under way
            self.one.kill()
            time.sleep(0.5)
            self.one.start()

    def test_what_one_writes_the_other_gives_soon(self):
        def write(of, name):
            return of.request("PATCH", "/api/resources/1", {"name": name}).status

        self.assert_seen_soon(LIST, write, lambda found: found["items"][0]["name"],
                              lambda of: of.get(LIST).field("X-Cache") == "HIT")

    def test_either_worker_does_what_is_pushed_through_either(self):
        def done_by(port):
            with Wire(port) as wire:
                text = wire.request("GET", "/metrics", None, {"Accept": "text/plain"}).body.decode()
            return sum(float(line.split()[-1]) for line in text.splitlines()
                       if line.startswith("task_success_total{"))

        def both_have():
            with Wire(self.nginx.port) as wire:
                for number in range(1, 41):
                    answer = wire.request("POST", f"/api/resources/{number}/process")
                    self.assertEqual(answer.status, 202, answer)
                    tasks.append(answer.json()["task_id"])
            return all(done_by(port) > 0 for port in self.workers)

        tasks = []
        self.assertTrue(service.eventually(both_have, PATIENCE))
        for of in (self.one, self.other):
            self.assertTrue(service.eventually(
                lambda of=of: of.get(f"/api/tasks/{tasks[-1]}").json()["state"] == "done", PATIENCE))
            self.assertTrue(service.eventually(lambda of=of: self.sums(of) == (2, 2), PATIENCE))

    @staticmethod
    def sums(of):
        found = of.admin("/api/instances").json()["sum"]
        return found["servers"], found["workers"]

    def test_the_client_is_known_and_its_id_goes_along(self):
        target = f"http://127.0.0.1:{self.nginx.port}/api/resources?page_size=1"
        fields = ("-H", "X-Request-ID: of-a-test", "-H", "X-Forwarded-For: 192.0.2.1")
        command = ["curl", "-sS", "--fail", "-o", "/dev/null", *fields, "--interface", "127.0.0.5", target]
        subprocess.run(command, check=True, timeout=20)

        def lines():
            text = f"{self.one.log_end(20_000)}\n{self.other.log_end(20_000)}"
            return [line for line in text.splitlines() if '"request_id":"of-a-test"' in line]

        self.assertTrue(service.eventually(lines, PATIENCE))
        self.assertEqual([json.loads(line)["client"] for line in lines()], ["127.0.0.5"])


class OwnProgram(Several):
    program = "service_several"
    rows = 0

    def test_what_one_writes_the_query_cache_of_the_other_gives_soon(self):
        note = self.one.request("POST", "/notes", {"words": "first"}).json()["id"]
        target = f"/notes/{note}"

        def write(of, words):
            return of.request("PUT", target, {"words": words}).status

        def is_kept(of):
            before = of.metric("cache_hits_total", cache_type="query") or 0
            of.get(target)
            return (of.metric("cache_hits_total", cache_type="query") or 0) > before

        self.assert_seen_soon(target, write, lambda found: found["words"], is_kept)

    def test_a_token_is_good_at_every_instance(self):
        with DeployedNginx([self.one.port, self.other.port]) as nginx, Wire(nginx.port) as wire:
            for number in range(10):
                answer = wire.request("GET", "/me", None, {"Authorization": bearer(f"person-{number}")})
                self.assertEqual((answer.status, answer.json()), (200, {"sub": f"person-{number}"}))
        for of in (self.one, self.other):
            self.assertEqual(of.metric("http_request_duration_seconds_count", endpoint="/me"), 5)

    def test_the_schedule_fires_once_for_all(self):
        def ticks():
            return len(self.effects.read_text().split()) if self.effects.exists() else 0

        self.assertTrue(service.eventually(lambda: ticks() > 0, PATIENCE))
        begun, before = time.monotonic(), ticks()
        self.assertTrue(service.eventually(lambda: ticks() >= before + 2, PATIENCE))
        self.assertLessEqual(ticks() - before, time.monotonic() - begun + 2)


if __name__ == "__main__":
    service.main()
