"""Tests of a program with tasks and of its worker processes; each try of a task leaves a line in a file."""
import random
import signal
import subprocess
import sys
import unittest
from collections import Counter

import openmetrics
import service
from rabbit_server import RabbitServer
from redis_server import RedisServer
from service import postgres
from wire import Wire

PROGRAM = "service_tasks"
SLOTS = 8
LEASE = 2  # seconds
PUSHED_AT_ONCE = 1000
DURABLE = {"appendonly": "yes", "maxmemory-policy": "noeviction"}
QUEUES = ["main-queue", "high-priority-queue", "celery"]
NOTHING = {"ready": 0, "scheduled": 0, "running": 0, "dead": 0}


class Try:
    """A line of the file EFFECTS, or BEGUN."""

    def __init__(self, line):
        time_us, steady_us, self.number, self.failures, self.deaths, self.pid = map(int, line.split())
        self.at = time_us / 1e6
        self.steady = steady_us / 1e6  # that no clock's jump changes


def on_brokers(*brokers):
    """Makes of a class of tests, in its module, one for each of the brokers."""

    def add(tests):
        for broker in brokers:
            name = f"{tests.__name__}On{broker.capitalize()}"
            made = type(name, (tests, unittest.TestCase), {"broker": broker, "__module__": tests.__module__})
            setattr(sys.modules[tests.__module__], name, made)
        return tests

    return add


class WithTasks:
    """Who keeps the tasks: `broker` is sqlite, postgresql, redis or rabbitmq, which takes seconds to start
    and is one for all tests of a class. PostgreSQL is shared with other tests unless `has_own_cluster`."""

    broker = "sqlite"
    has_own_cluster = False
    redis_flushes = "everysec"
    rabbit = None

    @classmethod
    def setUpClass(cls):
        if cls.broker == "rabbitmq":
            cls.rabbit = cls.enterClassContext(RabbitServer())

    @property
    def server(self):
        """Who keeps the tasks, where that is a server."""
        return self.rabbit or self.redis or self.cluster

    def setUp(self):
        env = {"BRIO_LOG": "off", **self.environment()}
        self.redis = self.cluster = database_url = None
        if self.rabbit:
            self.rabbit.delete_queues(QUEUES)
            env["BROKER_URL"] = self.rabbit.url
        if self.broker == "redis":
            self.redis = self.enterContext(RedisServer({**DURABLE, "appendfsync": self.redis_flushes}))
            env["BROKER_URL"] = self.redis.url
        elif self.broker == "postgresql" and self.has_own_cluster:
            self.cluster = self.enterContext(postgres.Cluster(is_durable=True))
            database_url = self.cluster.create_database("tasks")
        engine = "postgresql" if self.broker == "postgresql" else "sqlite"
        self.of = service.Service(
            rows=0, threads=1, name=PROGRAM, engine=engine, database_url=database_url, env=env
        )
        self.effects = self.of.folder / "effects"
        self.begins = self.of.folder / "begun"
        self.of.env |= {"EFFECTS": str(self.effects), "BEGUN": str(self.begins)}
        self.enterContext(self.of)
        self.workers = []
        self.addCleanup(self.kill_all)
        self.random = random.Random(service.SEED)

    def environment(self):
        """What the program needs beside."""
        return {}

    # -- workers --

    def start_worker(self, *options, env=None, lease=LEASE, slots=SLOTS):
        command = [self.of.program, "worker", "--concurrency", str(slots), "--lease", f"{lease}s"]
        with open(self.of.folder / "workers.log", "ab") as log:
            started = subprocess.Popen(
                [*command, *options],
                env={**self.of.env, **(env or {})},
                cwd=self.of.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.workers.append(started)
        return started

    def worker_log(self):
        return (self.of.folder / "workers.log").read_text(errors="replace")

    def kill_worker(self, worker):
        worker.kill()
        worker.wait()
        self.workers.remove(worker)

    def end_worker(self, worker):
        worker.send_signal(signal.SIGTERM)
        worker.send_signal(signal.SIGCONT)  # it may have been halted
        self.assertEqual(worker.wait(20), 0)
        self.workers.remove(worker)

    def kill_all(self):
        for each in self.workers:
            each.kill()
            each.wait()

    def wait_for_one_at_work(self):
        """A worker that has begun a task."""

        def those_at_work():
            pids = {each.pid for each in self.tries()}
            return [each for each in self.workers if each.pid in pids]

        self.assertTrue(service.eventually(those_at_work, 30), self.each_kind())
        return self.random.choice(those_at_work())

    # -- tasks --

    def ask_to_push(self, target, **wanted):
        return self.of.request("POST", target, {"first": 0, "count": 1, "takes_ms": 0, **wanted})

    def push(self, target, count=1, first=0, **wanted):
        """Their ids; each has a number of its own, from `first` on."""
        ids = []
        while len(ids) < count:
            some = min(PUSHED_AT_ONCE, count - len(ids))
            answer = self.ask_to_push(target, first=first + len(ids), count=some, **wanted)
            self.assertEqual(answer.status, 202, answer)
            ids += answer.json()["ids"]
        return ids

    def told(self, task):
        return self.of.admin(f"/api/tasks/{task}").json()

    def state(self, task):
        return self.told(task).get("state")

    @staticmethod
    def lines_of(file):
        if not file.exists():
            return []
        whole, _, _ = file.read_text().rpartition("\n")  # the last line may be on its way
        return [Try(line) for line in whole.splitlines()]

    def tries(self):
        return self.lines_of(self.effects)

    def begun(self):
        """Each try of a mark when it began."""
        return self.lines_of(self.begins)

    def done(self):
        """The numbers of those that were carried out."""
        return {each.number for each in self.tries()}

    def are_done(self, count):
        return len(self.done()) == count

    def metric(self, name, port):
        """Without labels, of the worker with this admin port; None when it has none."""
        with Wire(port) as wire:
            answer = wire.request("GET", "/metrics", None, {"Accept": "text/plain"})
        return openmetrics.parse(answer.body.decode(), is_open=False).get((name, ()))

    def each_kind(self):
        """How many tasks wait, run, and are dead."""
        answers = []  # 503 while the broker that was killed is not known to be back

        def has_answered():
            answers.append(self.of.admin("/api/tasks"))
            return answers[-1].status == 200

        self.assertTrue(service.eventually(has_answered), answers[-1])
        queues = answers[-1].json()["queues"]
        return {kind: sum(each[kind] for each in queues) for kind in NOTHING}

    def judge(self, count, timeout):
        """All were carried out and nothing is left; gives how many tries there were beside the first ones."""
        self.assertTrue(
            service.eventually(lambda: self.are_done(count), timeout),
            f"{len(self.done())} of {count} tasks were done: {self.each_kind()}",
        )
        self.assertTrue(service.eventually(lambda: self.each_kind() == NOTHING, 20), self.each_kind())
        times = Counter(each.number for each in self.tries())
        return sum(times.values()) - count
