#!/usr/bin/env python3
"""Workflows survive workers that are killed: what waits for a group begins once, with all results."""
import sys
import time

import service
from with_tasks import SLOTS, WithTasks, on_brokers

FLOWS = 2_000 if service.IS_FULL else 60
PARTS = 5
KILLS = 40 if service.IS_FULL else 4
SIZE = PARTS + 2


@on_brokers("sqlite", "postgresql", "redis")
class Flows(WithTasks):
    def push_flow(self, first, takes_ms):
        return self.push("/flows", PARTS, first=first, takes_ms=takes_ms)

    def ended(self, task):
        self.assertTrue(service.eventually(lambda: self.state(task) in ("done", "failed", "revoked"), 60),
                        self.told(task))
        return self.told(task)

    def test_killed_workers_neither_lose_nor_repeat_a_step(self):
        for _ in range(2):
            self.start_worker()
        totals = {}
        for kill in range(KILLS):
            for _ in range(FLOWS // KILLS):
                first = len(totals) * SIZE
                totals[first] = self.push_flow(first, takes_ms=30)[-1]
            time.sleep(0.1)
            self.kill_worker(self.wait_for_one_at_work())
            self.start_worker()
        for first, task in totals.items():
            told = self.ended(task)
            expected = sum(range(first + 1, first + PARTS + 1))
            self.assertEqual((told["state"], told["result"]), ("done", str(expected)), told)
        fired = {}
        for each in self.tries():
            if each.number % SIZE == SIZE - 1:
                fired.setdefault(each.number, []).append(each)
        self.assertEqual(len(fired), len(totals))
        for tries in fired.values():
            # A second time only when its own worker died.
            self.assertEqual([each.deaths for each in tries], list(range(len(tries))))
        back = [each for each in self.tries() if each.deaths > 0]
        self.assertGreater(len(back), 0, "no worker died in the middle of a task, so nothing was tested")
        self.assertLessEqual(len(self.tries()) - len(totals) * SIZE, KILLS * SLOTS)

    def test_a_part_that_is_revoked_ends_the_flow_and_says_which(self):
        ids = self.push_flow(0, takes_ms=1)
        self.assertEqual(self.of.admin(f"/api/tasks/{ids[0]}", "DELETE").status, 200)
        self.start_worker()
        told = self.ended(ids[-1])
        self.assertEqual((told["state"], told["error_type"]), ("failed", "upstream"))
        self.assertIn(ids[0], told["error"])
        # What follows is pushed before the part itself is settled.
        self.assertTrue(service.eventually(lambda: self.state(ids[0]) == "revoked"), self.told(ids[0]))


if __name__ == "__main__":
    sys.exit(service.main())
