#!/usr/bin/env python3
"""The wall clock of the service and its workers is set by an hour, forward and back, while they work (T-O9):
nothing lasts less than no time, nothing expires at once, and leases and retries go on."""
import email.utils
import shutil
import tempfile
import time
import unittest

import openmetrics
import service
from jumping_clock import JumpingClock
from redis_server import RedisServer
from service import postgres
from wire import Wire
from with_tasks import LEASE, SLOTS, WithTasks, on_brokers

JUMPS = (1, 0, -1, 0)  # hours off, one after the other
BROKERS = ("sqlite", "postgresql", "redis", "rabbitmq") if service.IS_FULL else ("sqlite", "redis")
BACKOFFS = (1, 2, 4)  # seconds, with some chance
# what a slow machine needs beside; an hour is more
PATIENCE = 60


class Jumps:
    """`of` is the service."""

    def make_clock(self):
        if service.IS_SANITIZED:
            self.skipTest("the sanitizer has to be the first library")
        folder = tempfile.mkdtemp(prefix="brio-clock-")
        self.addCleanup(shutil.rmtree, folder)
        self.clock = JumpingClock(folder)

    def jump(self, hours):
        """Until the service shows it."""
        self.clock.set(hours)

        def is_there():
            date = self.of.get("/healthz").field("Date")
            off = email.utils.parsedate_to_datetime(date).timestamp() - time.time()
            return abs(off - hours * 3600) < PATIENCE

        self.assertTrue(service.eventually(is_there, PATIENCE), "the service's Date does not follow")

    def judge_durations(self, port, begun):
        """No metric tells of less than nothing, and no sum of times of more than all can have taken."""
        with Wire(port) as wire:
            answer = wire.request("GET", "/metrics", None, {"Accept": "text/plain"})
        samples = openmetrics.parse(answer.body.decode(), is_open=False)
        self.assertEqual({name: value for name, value in samples.items() if value < 0}, {})
        most = (time.monotonic() - begun) * 50  # at once
        sums = {name: value for name, value in samples.items() if name[0].endswith("_seconds_sum")}
        self.assertGreater(len(sums), 0)
        self.assertEqual({name: value for name, value in sums.items() if value > most}, {})


class Http(Jumps, unittest.TestCase):
    def setUp(self):
        self.make_clock()
        self.begun = time.monotonic()

    def serve(self, env, **options):
        self.of = self.enterContext(service.Service(env={**self.clock.env, **env}, **options))

    def judge_kept(self):
        target = "/api/resources?page_size=9"

        def is_hit():
            return self.of.get(target).field("X-Cache") == "HIT"

        self.assertTrue(service.eventually(is_hit), "there are no hits to begin with")
        for hours in JUMPS:
            self.jump(hours)
            answer = self.of.get(target)
            self.assertEqual(answer.field("X-Cache"), "HIT", f"{hours} hours off")
            self.assertTrue(0 <= int(answer.field("Age") or 0) < PATIENCE, answer.field("Age"))
        self.judge_durations(self.of.admin_port, self.begun)
        goals = self.of.admin("/goals")
        self.assertEqual(goals.status, 200)

    def test_answers_in_memory_stay(self):
        self.serve({})
        self.judge_kept()

    def test_answers_in_redis_stay(self):
        redis = self.enterContext(RedisServer())
        self.serve({"REDIS_URL": redis.url, **service.NO_CACHE})
        self.judge_kept()

    def test_a_client_that_asked_too_often_gains_nothing(self):
        env = {"OF_REQUESTS_A_MINUTE": "5", "BRIO_TRUSTED_PROXIES": "127.0.0.0/8"}
        self.serve(env, rows=0, name="service_overload", has_database=False)
        far = {"X-Forwarded-For": "203.0.113.9, 198.51.100.7"}
        for _ in range(5):
            self.assertEqual(self.of.get("/other", far).status, 200)
        for hours in JUMPS:
            self.jump(hours)
            answer = self.of.get("/other", far)
            if time.monotonic() - self.begun < 12:  # then it has one more
                self.assertEqual(answer.status, 429)
                self.assertTrue(1 <= int(answer.field("Retry-After")) <= 12, answer.field("Retry-After"))


@on_brokers(*BROKERS)
class Tasks(WithTasks, Jumps):
    def setUp(self):
        self.make_clock()
        super().setUp()
        self.begun_at = time.monotonic()

    def environment(self):
        return self.clock.env

    def count(self, number):
        return sum(each.number == number for each in self.tries())

    def test_what_runs_waits_or_is_kept_goes_on(self):
        (kept,) = self.push("/marks")
        port = service.free_ports(1)[0]
        self.start_worker("--admin-port", str(port))
        self.assertTrue(service.eventually(lambda: self.state(kept) == "done", PATIENCE))
        # longer than a lease, in every slot; and what waits behind it, for ten minutes at most
        self.push("/marks", SLOTS, first=1, takes_ms=3 * LEASE * 1000)
        self.assertTrue(service.eventually(lambda: len(self.begun()) == 1 + SLOTS, PATIENCE))
        behind = self.push("/marks", 5, first=1 + SLOTS, expires_ms=600_000)
        for hours in JUMPS:
            self.jump(hours)
            time.sleep(0.5)
            self.assertEqual(self.state(kept), "done", f"{hours} hours off")
        again = self.judge(1 + SLOTS + len(behind), PATIENCE)
        self.assertEqual(again, 0, "a lease was lost")
        self.assertEqual([each.deaths for each in self.tries() if each.deaths], [])
        self.assertEqual({self.state(each) for each in behind}, {"done"})
        self.judge_durations(port, self.begun_at)
        self.judge_durations(self.of.admin_port, self.begun_at)

    def test_retries_wait_as_long_as_ever(self):
        self.start_worker()
        (failing,) = self.push("/failures")
        for tries, hours in enumerate(JUMPS, 1):
            is_tried = service.eventually(lambda n=tries: self.count(0) >= n, PATIENCE)
            self.assertTrue(is_tried, self.told(failing))
            self.jump(hours)
        self.assertTrue(service.eventually(lambda: self.state(failing) in ("failed", "dead"), PATIENCE))
        steady = [each.steady for each in self.tries()]
        waits = [after - before for before, after in zip(steady, steady[1:], strict=False)]
        print(f"  retried after {waits} s of {BACKOFFS}", flush=True)
        for waited, wanted in zip(waits, BACKOFFS, strict=True):
            self.assertGreater(waited, wanted * 0.3)
            self.assertLess(waited, PATIENCE)

    def test_the_schedule_neither_stops_nor_hurries(self):
        self.of.stop()
        self.of.env |= {"OF_TICKS": "1"}
        self.of.start()
        self.start_worker()
        for hours in JUMPS:
            before = self.count(0)
            begun = time.monotonic()
            self.jump(hours)
            self.assertTrue(service.eventually(lambda n=before: self.count(0) >= n + 2, PATIENCE), hours)
            most = 2 + 2 * (time.monotonic() - begun)
            self.assertLessEqual(self.count(0) - before, most)


if __name__ == "__main__":
    service.main(at_once=4)
