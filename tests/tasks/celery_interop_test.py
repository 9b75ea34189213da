"""Celery as Debian has it and this broker on one Redis or one RabbitMQ, each pushing to and working for the
other.

usage: celery_interop_test.py CELERY_PEER redis|rabbitmq
"""
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
from celery import chain, chord, group

sys.path[:0] = [str(HERE), str(HERE.parent / "redis"), str(HERE.parent / "rabbitmq")]

from rabbit_server import RabbitServer  # noqa: E402
from redis_server import RedisServer  # noqa: E402

PATIENCE = 30.0


def until(holds):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = holds()
        if found:
            return found
        time.sleep(0.02)
    return holds()


class Asker:
    """The producer over there, and what it knows of tasks."""

    def __init__(self, url, folder):
        self.process = subprocess.Popen([PEER, url, "ask", "pythons"], cwd=folder, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().rstrip("\n").split("\t")

    def push(self, name, args="[]", queue="pythons", kwargs="{}", after=0, expires=0, deadline=0, priority=0):
        return self.ask(f"push {queue} {name} {args} {kwargs} {after} {expires} {deadline} {priority}")[0]

    def ended(self, task):
        def look():
            state = self.ask(f"status {task}")
            return state if state[0] in ("done", "failed", "expired", "revoked") else None
        return until(look) or self.ask(f"status {task}")

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


class CeleryInterop(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        broker = (RabbitServer if HAS_RABBIT else RedisServer)().__enter__()
        cls.addClassCleanup(broker.__exit__)
        os.environ["BROKER"] = broker.url
        os.environ["BACKEND"] = "rpc://" if HAS_RABBIT else broker.url
        cls.folder = tempfile.TemporaryDirectory(prefix="celery-")
        cls.addClassCleanup(cls.folder.cleanup)
        import celery_app
        cls.app = celery_app.app
        cls.addClassCleanup(cls.app.close)
        cls.log = tempfile.NamedTemporaryFile("w+", prefix="celery-", suffix=".log")
        cls.addClassCleanup(cls.log.close)
        cls.start([PEER, broker.url, "work", "ours", "shared"], cwd=cls.folder.name)
        cls.start([sys.executable, "-m", "celery", "-A", "celery_app", "worker", "--pool", "solo",
                   "--queues", "pythons,shared", "--loglevel", "INFO"])
        cls.asker = Asker(broker.url, cls.folder.name)
        cls.addClassCleanup(cls.asker.close)

    @classmethod
    def start(cls, words, cwd=HERE):
        process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "--", *words], cwd=cwd,
                                   stdin=subprocess.DEVNULL, stdout=cls.log, stderr=cls.log)

        def end():
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)
        cls.addClassCleanup(end)

    def setUp(self):
        words = ("chord", "group_in", "workflow", "callbacks", "a_step_that_fails")
        if HAS_RABBIT and any(each in self._testMethodName for each in words):
            self.skipTest("rpc:// knows no chords, and tells nobody of steps that never ran")

    def send(self, name, args=(), queue="ours", **options):
        return self.app.send_task(name, args=args, queue=queue, **options)

    # -- from Python --

    def test_a_task_of_python_is_carried_out_and_its_waiter_wakes(self):
        self.assertEqual(self.send("t.add", (40, 2)).get(timeout=PATIENCE), 42)
        self.assertEqual(self.send("t.add", kwargs={"x": 1, "y": 2}).get(timeout=PATIENCE), 3)

    def test_large_integers_lose_nothing(self):
        sum = self.send("t.add", (9223372036854775806, 1)).get(timeout=PATIENCE)
        self.assertEqual(sum, 9223372036854775807)

    def test_every_priority_is_served(self):
        sent = [self.send("t.add", (i, 0), priority=i) for i in range(10)]
        self.assertEqual([each.get(timeout=PATIENCE) for each in sent], list(range(10)))

    def test_an_error_is_raised_where_the_result_is_waited_for(self):
        with self.assertRaises(Exception) as raised:
            self.send("t.fail", ("it broke",)).get(timeout=PATIENCE)
        self.assertIn("it broke", str(raised.exception))
        self.assertEqual(type(raised.exception).__name__, "std::runtime_error")

    def test_a_countdown_is_kept(self):
        begun = time.monotonic()
        self.assertEqual(self.send("t.add", (1, 1), countdown=1.5).get(timeout=PATIENCE), 2)
        self.assertGreaterEqual(time.monotonic() - begun, 1.4)

    def test_what_has_expired_is_revoked(self):
        sent = self.send("t.add", (1, 1), countdown=1, expires=0.2)
        if not HAS_RABBIT:  # which drops what has expired, and nobody hears of it, as among Celery's own
            with self.assertRaises(Exception) as raised:
                sent.get(timeout=PATIENCE)
            self.assertEqual(type(raised.exception).__name__, "TaskRevokedError")
        self.assertEqual(self.asker.ended(sent.id)[0], "expired")

    def test_what_fails_at_first_is_tried_again(self):
        self.assertEqual(self.send("t.flaky", (2,)).get(timeout=PATIENCE), 2)

    def test_a_soft_time_limit_of_the_call_ends_the_task(self):
        with self.assertRaises(Exception) as raised:
            self.send("t.nap", (20_000,), soft_time_limit=1, time_limit=10).get(timeout=PATIENCE)
        self.assertEqual(type(raised.exception).__name__, "deadline")

    def test_a_pickle_is_in_the_dead_set_with_its_reason(self):
        sent = self.send("t.add", (1, 1), serializer="pickle", ignore_result=True).id
        dead = until(lambda: [each for each in [self.asker.ask("dead")] if sent in each])
        self.assertTrue(dead, "it is not in the dead set")
        self.assertIn("application/x-python-serialize", dead[0][dead[0].index(sent) + 1])

    # -- workflows of Python's, with steps on both sides --

    def step(self, name, *args, queue=None, **more):
        return self.app.signature(name, args=args, queue=queue or ("ours" if name[0] == "t" else "pythons"),
                                  **more)

    def test_a_chain_goes_through_both(self):
        steps = [self.step("t.add", 1, 2), self.step("p.add", 10), self.step("t.add", 100),
                 self.step("t.add", 1000), self.step("p.add", 10000)]
        last = chain(*steps).apply_async()
        self.assertEqual(last.get(timeout=PATIENCE), 11113)
        self.assertEqual(last.parent.get(timeout=PATIENCE), 1113)

    def test_a_step_may_leave_the_result_alone(self):
        sent = chain(self.step("t.add", 1, 2), self.step("t.add", 5, 6, immutable=True)).apply_async()
        self.assertEqual(sent.get(timeout=PATIENCE), 11)

    def test_all_of_a_group_are_done(self):
        sent = group(self.step("t.add" if i % 2 else "p.add", i, 1) for i in range(6)).apply_async()
        self.assertEqual(sent.get(timeout=PATIENCE), [1, 2, 3, 4, 5, 6])

    def test_a_chord_fires_once_wherever_its_parts_and_its_body_are(self):
        for body in "t.sum", "p.sum":
            for names in ["t.add"] * 4, ["t.add", "p.add"] * 2, ["p.add"] * 4:
                parts = [self.step(name, i, 1) for i, name in enumerate(names)]
                sent = chord(parts, self.step(body)).apply_async()
                self.assertEqual(sent.get(timeout=PATIENCE), 10, (body, names))

    def test_a_group_in_the_midst_of_a_chain(self):
        middle = group(self.step("t.add", 10), self.step("p.add", 20), self.step("t.add", 30))
        steps = [self.step("t.add", 1, 2), middle, self.step("t.sum"), self.step("p.add", 1)]
        sent = chain(*steps).apply_async()
        self.assertEqual(sent.get(timeout=PATIENCE), 70)

    def test_chains_as_parts_of_a_chord(self):
        parts = [chain(self.step("t.add", 1, 1), self.step("t.add", 1)), self.step("t.add", 5, 5)]
        self.assertEqual(chord(parts, self.step("t.sum")).apply_async().get(timeout=PATIENCE), 13)

    def test_a_part_that_fails_is_raised_where_the_chord_is_waited_for(self):
        fails = self.step("t.fail", "it_broke")
        for parts in ([fails, self.step("t.add", 1, 2)], [fails, self.step("p.add", 1, 2)],
                      [chain(fails, self.step("t.add", 1)), self.step("t.add", 1, 2)]):
            sent = chord(parts, self.step("t.sum")).apply_async()
            with self.assertRaises(Exception) as raised:
                sent.get(timeout=PATIENCE)
            self.assertIn("it_broke", str(raised.exception))

    def test_a_step_that_fails_is_raised_where_the_chain_is_waited_for(self):
        steps = [self.step("t.fail", "it_broke"), self.step("t.add", 1), self.step("t.add", 2)]
        sent = chain(*steps).apply_async()
        with self.assertRaises(Exception) as raised:
            sent.get(timeout=PATIENCE)
        self.assertIn("it_broke", str(raised.exception))

    def test_callbacks_and_errbacks_are_pushed(self):
        call = self.step("p.add", 10).set(task_id="called")
        self.step("t.add", 1, 2).apply_async(link=call)
        self.assertEqual(self.app.AsyncResult("called").get(timeout=PATIENCE), 13)
        told = self.step("p.seen_id").set(task_id="told")
        failed = self.step("t.fail", "it_broke").apply_async(link_error=told)
        self.assertEqual(self.app.AsyncResult("told").get(timeout=PATIENCE), failed.id)

    # -- to Python --

    def test_pythons_worker_carries_out_a_task_and_its_result_is_read(self):
        self.assertEqual(self.asker.ended(self.asker.push("p.add", "[40,2]"))[:2], ["done", "42"])
        self.assertEqual(self.asker.ended(self.asker.push("p.add", kwargs='{"x":1,"y":2}', priority=7))[:2],
                         ["done", "3"])

    def test_an_error_of_python_is_read(self):
        self.assertEqual(self.asker.ended(self.asker.push("p.fail", '["it_broke"]')),
                         ["failed", "", "ValueError", "it_broke"])

    def test_python_tries_again_what_was_pushed_here(self):
        self.assertEqual(self.asker.ended(self.asker.push("p.again", "[2]"))[:2], ["done", "2"])

    def test_python_sees_times_and_limits(self):
        begun = time.monotonic()
        task = self.asker.push("p.seen", after=1200, expires=60_000, deadline=5_000, priority=3)
        state, result, *_ = self.asker.ended(task)
        self.assertEqual(state, "done")
        self.assertGreaterEqual(time.monotonic() - begun, 1.1)
        self.assertIn('"timelimit": [null, 5', result)
        self.assertIn('"priority": 3', result)

    def test_python_does_not_begin_what_has_expired(self):
        self.assertEqual(self.asker.ended(self.asker.push("p.add", "[1,1]", expires=-1000))[0], "expired")

    def test_a_workflow_goes_through_both(self):
        for queues in "ours ours ours", "ours pythons ours", "pythons ours pythons", "pythons pythons ours":
            state, result, *error = self.asker.ended(self.asker.ask("flow " + queues)[0])
            self.assertEqual((state, result), ("done", "1133"), (queues, error))

    # -- both --

    def test_workers_of_both_kinds_share_a_queue(self):
        mine = [self.send("t.add", (i, 1), queue="shared") for i in range(100)]
        theirs = [self.asker.push("t.add", f"[{i},2]", queue="shared") for i in range(100)]
        self.assertEqual([each.get(timeout=PATIENCE) for each in mine], [i + 1 for i in range(100)])
        self.assertEqual([self.asker.ended(each)[:2] for each in theirs],
                         [["done", str(i + 2)] for i in range(100)])


if __name__ == "__main__":
    PEER = os.path.abspath(sys.argv.pop(1))
    HAS_RABBIT = sys.argv.pop(1) == "rabbitmq"
    unittest.main(verbosity=2)
