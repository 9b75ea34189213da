#!/usr/bin/env python3
"""Urgent tasks before a backlog, and tasks that are part of a transaction. T-Q10, 11."""
import os
import signal
import sqlite3
import sys
import threading
import time

import service
from with_tasks import SLOTS, WithTasks, on_brokers

BACKLOG = 100_000 if service.IS_FULL else 10_000
URGENT = 200 if service.IS_FULL else 20
URGENT_EVERY = 0.1 if service.IS_FULL else 0.05
URGENT_WAIT = 0.1  # p99 of the full count
KILLS = 200 if service.IS_FULL else 5
CLIENTS = 4


@on_brokers("sqlite", "postgresql", "redis", "rabbitmq")
class Urgent(WithTasks):
    def test_those_of_high_priority_do_not_wait_for_a_backlog(self):
        """T-Q10"""
        backlog = self.push("/marks", BACKLOG, takes_ms=10)
        self.start_worker()
        self.wait_for_one_at_work()
        acknowledged = {}
        for _ in range(URGENT):
            number = int(time.time() * 1e6)
            task = self.push("/urgent", first=number)[0]
            acknowledged[number] = time.time()
            time.sleep(URGENT_EVERY)
        self.assertEqual(self.told(task)["queue"], "high-priority-queue")
        self.assertEqual(self.told(backlog[0])["queue"], "main-queue")
        self.assertTrue(service.eventually(lambda: acknowledged.keys() <= self.done(), 60))
        tries = self.tries()
        self.assertLess(len(tries), BACKLOG + URGENT, "nothing was left of the backlog")

        ends = {each.number: each.at for each in tries if each.number in acknowledged}
        others = sorted(each.at for each in tries if each.number not in acknowledged)
        for number, at in ends.items():
            passed = sum(acknowledged[number] < each < at for each in others)
            self.assertLessEqual(passed, 10 * SLOTS, "an urgent task waited for others")
        waits = sorted(at - number / 1e6 for number, at in ends.items())
        p99 = waits[len(waits) * 99 // 100]
        print(f"  p99 of {URGENT} waits before a backlog of {BACKLOG}: {p99 * 1000:.0f} ms", flush=True)
        if service.IS_FULL:
            self.assertLess(p99, URGENT_WAIT)


    def test_slots_are_kept_for_them_while_all_others_are_busy(self):
        self.push("/marks", 2 * SLOTS, takes_ms=8000)
        self.start_worker("--kept", "2", "--queues", "high-priority-queue,main-queue")
        busy = SLOTS - 2
        self.assertTrue(service.eventually(lambda: self.each_kind()["running"] == busy, 20), self.each_kind())
        urgent = set(range(1000, 1005))
        self.push("/urgent", len(urgent), first=min(urgent))
        self.assertTrue(service.eventually(lambda: urgent <= self.done(), 20))
        self.assertEqual({each.number for each in self.tries()[: len(urgent)]}, urgent)


class Client(threading.Thread):
    """Orders without end. `acknowledged`: numbers of those that were answered for."""

    def __init__(self, test, first):
        super().__init__(daemon=True)
        self.test = test
        self.number = first
        self.acknowledged = set()
        self.cut_off = 0

    def run(self):
        while not self.test.ending.is_set():
            try:
                if self.test.ask_to_push("/orders", first=self.number).status == 202:
                    self.acknowledged.add(self.number)
            except OSError:
                self.cut_off += 1
                time.sleep(0.01)
            self.number += 1


@on_brokers("sqlite", "postgresql", "rabbitmq")
class Transactional(WithTasks):
    def ordered(self):
        """The numbers of the rows that were committed."""
        if self.broker != "postgresql":
            database = sqlite3.connect(self.of.folder / "service.db", timeout=30)
            rows = database.execute("SELECT number FROM orders").fetchall()
            database.close()
        else:
            name = self.of.database_url.rsplit("/", 1)[1]
            rows = self.of.cluster.psql("SELECT number FROM orders", name)
        return {int(number) for number, in rows}

    def kill_service(self):
        """The supervisor first, so that nobody takes the server's place."""
        servers = self.of.server_pids()
        self.of.process.kill()
        self.of.process.wait()
        for each in servers:
            os.kill(each, signal.SIGKILL)

    def test_rows_that_were_committed_and_tasks_that_were_carried_out_are_the_same(self):
        """T-Q11"""
        self.start_worker()
        self.ending = threading.Event()
        clients = [Client(self, first * 1_000_000) for first in range(CLIENTS)]
        for each in clients:
            each.start()
        try:
            for _ in range(KILLS):
                time.sleep(self.random.uniform(0.02, 0.2))
                self.kill_service()
                self.of.start()
            time.sleep(0.1)
        finally:
            self.ending.set()
            for each in clients:
                each.join()
        ordered = self.ordered()
        self.assertTrue(
            service.eventually(lambda: self.done() == ordered, 60),
            f"rows without a task: {sorted(ordered - self.done())[:20]}, "
            f"tasks without a row: {sorted(self.done() - ordered)[:20]}",
        )
        acknowledged = set().union(*(each.acknowledged for each in clients))
        self.assertLessEqual(acknowledged, ordered)
        cut_off = sum(each.cut_off for each in clients)
        self.assertGreater(cut_off, 0, "no request was under way at a kill, so nothing was tested")
        print(
            f"  {KILLS} kills, {len(ordered)} rows committed, {len(acknowledged)} of them acknowledged, "
            f"{cut_off} requests cut off; each row has its task",
            flush=True,
        )


if __name__ == "__main__":
    sys.exit(service.main())
