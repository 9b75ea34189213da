#!/usr/bin/env python3
"""Tasks that are not due yet, and results that are forgotten. T-Q8, 13."""
import sys
import time

import service
from with_tasks import WithTasks, on_brokers

WORKERS = 4
TASKS = 10_000 if service.IS_FULL else 400
GROUPS = 200 if service.IS_FULL else 20  # with one time each
FIRST_MS = 1_000
LAST_MS = 30_000 if service.IS_FULL else 3_000
KILLS = 20 if service.IS_FULL else 3
TAKES_MS = 20  # so that a killed worker holds some
LATENESS = 1.0  # of the full count, outside of what a killed worker held
BRIEF = 2.0  # seconds that the result of a brief task is kept


@on_brokers("sqlite", "postgresql", "redis", "rabbitmq")
class Due(WithTasks):
    def push_groups(self):
        """When each number is due, by the wall clock in seconds."""
        due, size, span = {}, TASKS // GROUPS, LAST_MS - FIRST_MS
        moments = [FIRST_MS + span * each // (GROUPS - 1) for each in range(GROUPS)]
        self.random.shuffle(moments)
        for group, in_ms in enumerate(moments):
            first = group * size
            answer = self.ask_to_push("/marks", first=first, count=size, in_ms=in_ms, takes_ms=TAKES_MS)
            self.assertEqual(answer.status, 202, answer)
            due.update({first + i: answer.json()["due_us"] / 1e6 for i in range(size)})
        return due

    def test_none_is_early_and_none_is_lost_though_workers_are_killed(self):
        """T-Q8"""
        for _ in range(WORKERS):
            self.start_worker()
        due = self.push_groups()
        for _ in range(KILLS):
            time.sleep((LAST_MS - FIRST_MS) / 1000 / KILLS)
            self.kill_worker(self.random.choice(self.workers))
            self.start_worker()
        twice = self.judge(TASKS, 90)
        tries = [each for each in self.tries() if each.deaths == 0]
        late = sorted(each.at - TAKES_MS / 1000 - due[each.number] for each in tries)
        self.assertGreaterEqual(late[0], -0.001, "a task was carried out before it was due")
        p99 = late[len(late) * 99 // 100]
        print(f"  {TASKS} tasks, {KILLS} kills, 0 lost, {twice} twice, p99 late by {p99:.3f} s", flush=True)
        if service.IS_FULL:
            self.assertLess(p99, LATENESS)


@on_brokers("sqlite", "postgresql", "redis")
class Results(WithTasks):
    def answer(self, task):
        """The status of the answer about the task, and its state."""
        answer = self.of.admin(f"/api/tasks/{task}")
        return answer.status, answer.json().get("state")

    def test_what_waits_is_done_has_expired_and_is_unknown_are_told_apart(self):
        """T-Q13"""
        brief = self.push("/briefs")[0]
        late = self.push("/marks", first=1, expires_ms=1)[0]
        kept = self.push("/marks", first=2)[0]
        self.assertEqual(self.answer(brief), (200, "pending"))
        self.assertEqual(self.answer("01890000-0000-7000-8000-000000000000"), (404, None))
        time.sleep(0.1)
        began = time.monotonic()
        self.start_worker()
        self.assertTrue(service.eventually(lambda: self.done() == {0, 2}, 30), self.each_kind())
        for task, state in ((late, "expired"), (kept, "done")):
            self.assertTrue(service.eventually(lambda: self.answer(task)[1] == state), self.answer(task))
        while (told := self.answer(brief)) != (404, None):  # it may be forgotten already
            self.assertIn(told, ((200, "running"), (200, "done")))
            self.assertLess(time.monotonic() - began, 60, "a result is never forgotten")
            time.sleep(0.1)
        self.assertGreater(time.monotonic() - began, BRIEF)
        self.assertEqual(self.answer(kept), (200, "done"))
        self.assertEqual(self.answer(late), (200, "expired"))


if __name__ == "__main__":
    sys.exit(service.main(at_once=3))
