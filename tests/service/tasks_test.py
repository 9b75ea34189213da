#!/usr/bin/env python3
"""Tasks survive workers that are killed, stopped, asked to end, brought down by a task. T-Q1, 2, 3, 7, 9."""
import os
import random
import signal
import subprocess
import sys
import time
import unittest
from collections import Counter

import service
from redis_server import RedisServer
from wire import Wire

PROGRAM = "service_tasks"
WORKERS = 4
SLOTS = 8
LEASE = 2  # seconds
TASKS = 100_000 if service.IS_FULL else 2_000
KILLS = 100 if service.IS_FULL else 6
STOPS = 50 if service.IS_FULL else 6
SLEEPS = 30 if service.IS_FULL else 2


class Try:
    """A line of the file EFFECTS."""

    def __init__(self, line):
        time_us, self.number, self.failures, self.deaths, self.pid = map(int, line.split())
        self.at = time_us / 1e6


class Tasks(unittest.TestCase):
    database = "sqlite"
    broker = None

    def setUp(self):
        env = {"BRIO_LOG": "off"}
        if self.broker == "redis":
            redis = self.enterContext(
                RedisServer(
                    {"appendonly": "yes", "appendfsync": "everysec", "maxmemory-policy": "noeviction"}
                )
            )
            env["BROKER_URL"] = RedisServer.url_at(redis.port)
        self.of = service.Service(rows=0, threads=1, name=PROGRAM, engine=self.database, env=env)
        self.effects = self.of.folder / "effects"
        self.of.env["EFFECTS"] = str(self.effects)
        self.enterContext(self.of)
        self.workers = []
        self.addCleanup(self.kill_all)
        self.random = random.Random(service.SEED)

    def kill_all(self):
        for each in self.workers:
            each.kill()
            each.wait()

    def start_worker(self):
        command = [self.of.program, "worker", "--concurrency", str(SLOTS), "--lease", f"{LEASE}s"]
        with open(self.of.folder / "workers.log", "ab") as log:
            started = subprocess.Popen(
                command,
                env=self.of.env,
                cwd=self.of.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.workers.append(started)
        return started

    def serve_with_a_worker(self):
        self.of.stop()
        self.of.workers = 1
        self.of.start()

    def push_slow(self):
        """Three tasks that run, each for some time."""
        self.push("/marks", 3, takes_ms=2500)
        self.assertTrue(service.eventually(lambda: self.each_kind()["running"] == 3), self.each_kind())

    def judge_slow(self):
        """Each was carried out once, by the worker that had begun it."""
        tries = sorted((each.number, each.deaths) for each in self.tries())
        self.assertEqual(tries, [(0, 0), (1, 0), (2, 0)])

    def push(self, target, count=1, takes_ms=0, first=0):
        body = {"first": first, "count": count, "takes_ms": takes_ms}
        answer = self.of.request("POST", target, body)
        self.assertEqual(answer.status, 202, answer)
        return answer.json()["ids"]

    def admin(self, target):
        with Wire(self.of.admin_port) as wire:
            return wire.request("GET", target).json()

    def metric(self, name):
        lines = self.of.metrics().body.decode().splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(f"{name} "))

    def state(self, task):
        return self.admin(f"/api/tasks/{task}")["state"]

    def tries(self):
        return [Try(line) for line in self.effects.read_text().splitlines()] if self.effects.exists() else []

    def are_done(self, count):
        return len({each.number for each in self.tries()}) == count

    def wait_for_one_at_work(self):
        """A worker that has begun a task."""

        def those_at_work():
            pids = {each.pid for each in self.tries()}
            return [each for each in self.workers if each.pid in pids]

        self.assertTrue(service.eventually(those_at_work, 30), self.each_kind())
        return self.random.choice(those_at_work())

    def each_kind(self):
        """How many tasks wait, run, and are dead."""
        queues = self.admin("/api/tasks")["queues"]
        kinds = ("ready", "scheduled", "running", "dead")
        return {kind: sum(each[kind] for each in queues) for kind in kinds}

    def judge(self, count, timeout):
        self.assertTrue(
            service.eventually(lambda: self.are_done(count), timeout),
            f"{len({each.number for each in self.tries()})} of {count} tasks were done: {self.each_kind()}",
        )
        nothing = {"ready": 0, "scheduled": 0, "running": 0, "dead": 0}
        self.assertTrue(service.eventually(lambda: self.each_kind() == nothing, 20), self.each_kind())
        times = Counter(each.number for each in self.tries())
        return sum(times.values()) - count

    def test_killed_workers_lose_nothing(self):
        """T-Q1"""
        for _ in range(WORKERS):
            self.start_worker()
        self.push("/marks", TASKS, takes_ms=20)
        for _ in range(KILLS):
            time.sleep(0.15)
            victim = self.random.choice(self.workers)
            victim.kill()
            victim.wait()
            self.workers.remove(victim)
            self.start_worker()
        twice = self.judge(TASKS, 60 + TASKS / 200)
        print(f"  {TASKS} tasks, {KILLS} workers killed, 0 lost, {twice} carried out twice", flush=True)
        self.assertLessEqual(twice, KILLS * SLOTS)
        back = [each for each in self.tries() if each.deaths > 0]
        self.assertGreater(len(back), 0, "no worker died in the middle of a task, so nothing was tested")

    def test_workers_that_are_asked_to_end_lose_and_repeat_nothing(self):
        """T-Q2"""
        for _ in range(WORKERS):
            self.start_worker()
        count = asked_in_the_middle = 0
        for _ in range(STOPS):
            count += len(self.push("/marks", TASKS // STOPS, takes_ms=50, first=count))
            leaver = self.wait_for_one_at_work()
            asked_in_the_middle += not self.are_done(count)
            leaver.send_signal(signal.SIGTERM)
            self.assertEqual(leaver.wait(20), 0)
            self.workers.remove(leaver)
            self.start_worker()
        self.assertGreater(asked_in_the_middle, STOPS // 2, "all was done before the last was asked")
        self.assertEqual(self.judge(count, 60 + TASKS / 200), 0, "tasks were carried out twice")

    def test_a_service_that_is_asked_to_end_ends_what_its_worker_has_begun(self):
        """T-Q2 of `serve`: the server process has drained long before its worker."""
        self.serve_with_a_worker()
        self.push_slow()
        self.assertEqual(self.of.stop(), 0)
        self.judge_slow()

    def test_a_worker_of_a_service_that_is_told_again_and_again_ends_what_it_has_begun(self):
        self.serve_with_a_worker()
        self.push_slow()
        for _ in range(2):
            server = self.of.server_pid()
            self.of.process.send_signal(signal.SIGHUP)
            self.assertTrue(service.eventually(lambda: server not in self.of.server_pids()))
        self.assertEqual(self.of.stop(), 0)
        self.judge_slow()

    def test_the_metrics_of_a_service_are_its_workers_too(self):
        self.serve_with_a_worker()
        for round_number in (1, 2):
            self.push("/marks", 5)
            self.push("/failures")
            self.assertTrue(
                service.eventually(
                    lambda: self.metric('task_success_total{task_type="tests.mark"}') == 5 * round_number
                    and self.metric('task_retries_total{task_type="tests.fail"}') >= round_number,
                    20,
                )
            )
            # What a killed worker has counted stays, and the next one's is added.
            (worker,) = set(self.of.server_pids()) - {self.of.server_pid()}
            os.kill(worker, signal.SIGKILL)
        self.assertEqual(self.metric('task_pushed_total{task_type="tests.mark"}'), 10)
        self.assertEqual(self.metric('task_duration_seconds_count{task_type="tests.mark"}'), 10)
        self.assertEqual(self.metric("worker_counts_refused_total"), 0)

    def test_a_worker_that_slept_through_its_lease_changes_nothing(self):
        """T-Q3"""
        for round_number in range(SLEEPS):
            sleeper = self.start_worker()
            ids = self.push("/marks", SLOTS, takes_ms=700)
            self.assertTrue(service.eventually(lambda: self.each_kind()["running"] == SLOTS))
            sleeper.send_signal(signal.SIGSTOP)
            other = self.start_worker()
            self.assertTrue(
                service.eventually(lambda: {self.state(each) for each in ids} == {"done"}, 30),
                self.each_kind(),
            )
            told = [self.admin(f"/api/tasks/{each}") for each in ids]
            sleeper.send_signal(signal.SIGCONT)
            time.sleep(1.0)
            now = [self.admin(f"/api/tasks/{each}") for each in ids]
            self.assertEqual(now, told, f"the sleeper changed something in round {round_number}")
            for each in (sleeper, other):
                each.send_signal(signal.SIGTERM)
                self.assertEqual(each.wait(20), 0)
                self.workers.remove(each)

    def test_a_task_that_kills_its_worker_three_times_is_dead(self):
        """T-Q7"""
        bystanders = self.push("/marks", SLOTS - 1, takes_ms=300, first=1)
        crash = self.push("/crashes")[0]
        worker = self.start_worker()
        end = time.monotonic() + 60
        while self.each_kind()["dead"] == 0 and time.monotonic() < end:
            time.sleep(0.1)
            if worker.poll() is not None:
                self.workers.remove(worker)
                worker = self.start_worker()
        self.assertEqual([each.deaths for each in self.tries() if each.number == 0], [0, 1, 2])
        self.assertEqual(self.state(crash), "failed")
        # They were there at the first death, and alone after it.
        self.assertTrue(service.eventually(lambda: self.are_done(SLOTS), 30), self.each_kind())
        self.assertEqual({self.admin(f"/api/tasks/{each}")["deaths"] for each in bystanders}, {1})
        if worker.poll() is not None:
            self.workers.remove(worker)
            worker = self.start_worker()
        before = len(self.tries())
        done = self.push("/marks", 300, first=SLOTS)
        self.assertTrue(service.eventually(lambda: len(self.tries()) == before + len(done), 30))
        self.assertIsNone(worker.poll())

    def test_a_failure_is_tried_after_one_two_and_four_seconds(self):
        """T-Q9"""
        self.start_worker()
        self.push("/failures")
        self.assertTrue(service.eventually(lambda: self.each_kind()["dead"] == 1, 30), self.each_kind())
        tries = self.tries()
        self.assertEqual([each.failures for each in tries], [0, 1, 2, 3])
        for delay, (before, after) in zip((1, 2, 4), zip(tries, tries[1:])):
            took = after.at - before.at
            self.assertGreaterEqual(took, delay * 0.8 - 0.01)
            self.assertLess(took, delay * 1.2 + 1.0)


class TasksOnPostgres(Tasks):
    database = "postgresql"


class TasksOnRedis(Tasks):
    broker = "redis"


if __name__ == "__main__":
    sys.exit(service.main())
