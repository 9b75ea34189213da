#!/usr/bin/env python3
"""Tasks survive workers that are killed, stopped, asked to end, brought down by a task. T-Q1, 2, 3, 7, 9."""
import os
import signal
import sys
import time

import service
from with_tasks import SLOTS, WithTasks, on_brokers

WORKERS = 4
TASKS = 100_000 if service.IS_FULL else 2_000
KILLS = 100 if service.IS_FULL else 6
STOPS = 50 if service.IS_FULL else 6
KILLED_AT_ONCE = 5 if service.IS_FULL else KILLS  # within a lease, so that nothing comes back meanwhile
OWN_LEASE = 10  # seconds, of a service's workers
RESTARTED = 15.0 if service.IS_FULL else 60.0  # how soon a task is begun again; others may slow it down
SLEEPS = 30 if service.IS_FULL else 2
# tasks of one that sleeps: as many as its slots, or RabbitMQ would hand it again what it lost
SLEPT_ON = SLOTS if service.IS_FULL else 3
GOOD = 10_000 if service.IS_FULL else 400  # tasks beside one that kills its worker
GOOD_TAKES_MS = 100
MARK = "app.worker.mark"


@on_brokers("sqlite", "postgresql", "redis", "rabbitmq")
class Tasks(WithTasks):
    def serve_with_a_worker(self):
        self.of.stop()
        self.of.workers = 1
        self.of.start()

    def push_slow(self, takes_ms=2500):
        """Three tasks that run, each for some time."""
        self.push("/marks", 3, takes_ms=takes_ms)
        self.assertTrue(service.eventually(lambda: self.each_kind()["running"] == 3), self.each_kind())

    def judge_slow(self):
        """Each was carried out once, by the worker that had begun it."""
        tries = sorted((each.number, each.deaths) for each in self.tries())
        self.assertEqual(tries, [(0, 0), (1, 0), (2, 0)])

    def kill_one_at_work(self):
        """Of the service's workers; gives the process and when it died."""

        def those_at_work():
            alive = set(self.of.server_pids()) - {self.of.server_pid()}
            return list(alive & {each.pid for each in self.begun()})

        self.assertTrue(service.eventually(those_at_work, 30), self.each_kind())
        worker = self.random.choice(those_at_work())
        os.kill(worker, signal.SIGKILL)
        return worker, time.time()

    def halt_one_at_work(self, count):
        """A worker, stopped, that has begun tasks and not ended them; None when all of `count` are done."""

        def those_at_work():
            begun = self.begun()
            ended = {(each.number, each.deaths) for each in self.tries()}
            pids = {each.pid for each in begun if (each.number, each.deaths) not in ended}
            return [each for each in self.workers if each.pid in pids]

        halted = []

        def is_over():
            if at_work := those_at_work():
                worker = self.random.choice(at_work)
                worker.send_signal(signal.SIGSTOP)
                os.waitid(os.P_PID, worker.pid, os.WSTOPPED)
                if worker in those_at_work():
                    halted.append(worker)
                else:
                    worker.send_signal(signal.SIGCONT)
            return halted or self.are_done(count)

        self.assertTrue(service.eventually(is_over, 60 + TASKS / 200), self.each_kind())
        return halted[0] if halted else None

    def redelivered(self):
        """How often a task has come back, by what the tasks themselves were told."""
        most = {}
        for each in self.begun():
            most[each.number] = max(most.get(each.number, 0), each.deaths)
        return sum(most.values())

    def counted(self):
        return self.of.metric("task_redelivered_total")

    def restarts(self, killed):
        """Of each task that a worker died with: how long after that it was begun again."""
        begun = {(each.number, each.deaths): each for each in self.begun()}
        ended = {(each.number, each.deaths) for each in self.tries()}
        orphans = [key for key, each in begun.items() if each.pid in killed and key not in ended]
        return [
            begun[number, deaths + 1].at - killed[begun[number, deaths].pid] for number, deaths in orphans
        ]

    def test_killed_workers_lose_nothing(self):
        """T-Q1"""
        self.of.stop()
        self.of.workers = WORKERS
        self.of.env["BRIO_WORKER_CONCURRENCY"] = str(SLOTS)
        self.of.start()
        takes_ms, count = 20 if service.IS_FULL else 100, 0
        killed = {}
        while len(killed) < KILLS:
            since = time.monotonic()
            for _ in range(KILLED_AT_ONCE):
                count += len(self.push("/marks", TASKS // KILLS, takes_ms=takes_ms, first=count))
                time.sleep(0.15)
                worker, at = self.kill_one_at_work()
                killed[worker] = at
            # One that dies while it takes back what others held has no time to count it.
            is_exact = time.monotonic() - since < OWN_LEASE
            twice = self.judge(count, 60 + TASKS / 200)
            if is_exact:  # workers tell the server process of it twice a second
                self.assertTrue(
                    service.eventually(lambda: self.counted() == self.redelivered(), 10),
                    f"{self.counted()} counted, {self.redelivered()} given out again",
                )
            counted = self.counted()
            self.assertLessEqual(counted, self.redelivered())
        restarts = self.restarts(killed)
        print(
            f"  {count} tasks, {KILLS} workers killed, 0 lost, {self.redelivered()} given out again"
            f" ({counted:.0f} counted), {twice} carried out twice, begun again after"
            f" {max(restarts, default=0):.1f} s at most",
            flush=True,
        )
        self.assertLessEqual(twice, KILLS * SLOTS)
        self.assertGreater(len(restarts), 0, "no worker died in the middle of a task, so nothing was tested")
        self.assertLessEqual(max(restarts), RESTARTED)

    def test_workers_that_are_asked_to_end_lose_and_repeat_nothing(self):
        """T-Q2"""
        for _ in range(WORKERS):
            self.start_worker(lease=OWN_LEASE)
        count = 0
        for _ in range(STOPS):
            leaver = None
            while leaver is None:
                count += len(self.push("/marks", TASKS // STOPS, takes_ms=100, first=count))
                leaver = self.halt_one_at_work(count)
            self.end_worker(leaver)
            self.start_worker(lease=OWN_LEASE)
        self.assertEqual(self.judge(count, 60 + TASKS / 200), 0, "tasks were carried out twice")

    def test_a_service_that_is_asked_to_end_ends_what_its_worker_has_begun(self):
        """T-Q2 of `serve`: the server process has drained long before its worker."""
        self.serve_with_a_worker()
        self.push_slow()
        self.assertEqual(self.of.stop(), 0)
        self.judge_slow()

    def test_a_worker_of_a_service_that_is_told_again_and_again_ends_what_it_has_begun(self):
        self.serve_with_a_worker()
        self.push_slow(takes_ms=6000)
        for _ in range(2):
            server = self.of.server_pid()
            self.of.process.send_signal(signal.SIGHUP)
            self.assertEqual(self.tries(), [], "they had ended before all was told")
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
                    lambda: self.of.metric("task_success_total", task_type=MARK) == 5 * round_number
                    and (self.of.metric("task_retries_total", task_type="tests.fail") or 0) >= round_number,
                    20,
                )
            )
            # What a killed worker has counted stays, and the next one's is added.
            (worker,) = set(self.of.server_pids()) - {self.of.server_pid()}
            os.kill(worker, signal.SIGKILL)
        self.assertEqual(self.of.metric("task_pushed_total", task_type=MARK), 10)
        self.assertEqual(self.of.metric("task_duration_seconds_count", task_type=MARK), 10)
        self.assertEqual(self.of.metric("worker_counts_refused_total"), 0)

    def test_a_worker_that_slept_through_its_lease_changes_nothing(self):
        """T-Q3"""
        for round_number in range(SLEEPS):
            sleeper = self.start_worker(slots=SLEPT_ON)
            ids = self.push("/marks", SLEPT_ON, takes_ms=700)
            self.assertTrue(service.eventually(lambda: self.each_kind()["running"] == SLEPT_ON))
            sleeper.send_signal(signal.SIGSTOP)
            other = self.start_worker(slots=SLEPT_ON)
            self.assertTrue(
                service.eventually(lambda: {self.state(each) for each in ids} == {"done"}, 60),
                self.each_kind(),
            )
            told = [self.told(each) for each in ids]
            self.assertTrue(any(each["deaths"] for each in told), "the sleeper had ended all before it slept")
            sleeper.send_signal(signal.SIGCONT)
            self.end_worker(sleeper)
            now = [self.told(each) for each in ids]
            self.assertEqual(now, told, f"the sleeper changed something in round {round_number}")
            self.end_worker(other)

    def test_a_task_that_kills_its_worker_three_times_is_dead(self):
        """T-Q7"""
        bystanders = self.push("/marks", SLOTS - 1, takes_ms=300, first=1)
        crash = self.push("/crashes")[0]
        self.start_worker()
        self.comes_true(lambda: self.each_kind()["dead"] > 0, 60)
        self.assertEqual([each.deaths for each in self.tries() if each.number == 0], [0, 1, 2])
        self.assertEqual(self.state(crash), "failed")
        self.assertTrue(
            service.eventually(lambda: "\nservice_tasks+0x" in self.told(crash)["error"]),
            "the stack of its death is not told",
        )
        self.assertIn("died by SIGABRT", self.told(crash)["error"])
        # They were there at the first death, if they were taken by then, and alone after it.
        self.assertTrue(service.eventually(lambda: self.are_done(SLOTS), 30), self.each_kind())
        self.assertLessEqual({self.told(each)["deaths"] for each in bystanders}, {0, 1})

    def comes_true(self, condition, timeout):
        """Whether it does while workers that end are replaced."""

        def look():
            for each in [each for each in self.workers if each.poll() is not None]:
                self.workers.remove(each)
                self.start_worker()
            return condition()

        return service.eventually(look, timeout)

    def carry_out_good(self, first):
        """When each of them was done, in seconds from now."""
        begin, good = time.time(), set(range(first, first + GOOD))
        self.push("/marks", GOOD, first=first, takes_ms=GOOD_TAKES_MS)
        are_done = self.comes_true(lambda: good <= self.done(), 60 + GOOD / 20)
        self.assertTrue(are_done, self.each_kind())
        return [each.at - begin for each in self.tries() if each.number in good]

    def test_a_task_that_kills_its_worker_is_no_hindrance_to_the_others(self):
        """T-Q7"""
        for _ in range(WORKERS):
            self.start_worker()
        usual = max(self.carry_out_good(first=1))
        crash = self.push("/crashes")[0]
        in_time = sum(each <= usual for each in self.carry_out_good(first=1 + GOOD))
        print(f"  {in_time} of {GOOD} good tasks were done in the usual {usual:.1f} s", flush=True)
        if service.IS_FULL:
            self.assertGreater(in_time, 0.8 * GOOD)
        self.assertTrue(self.comes_true(lambda: self.state(crash) == "failed", 60), self.each_kind())

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


if __name__ == "__main__":
    # RabbitMQ takes seconds to start, and each process would have its own
    sys.exit(service.main(at_once=1 if "OnRabbitmq" in sys.argv else 3))
