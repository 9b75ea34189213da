#!/usr/bin/env python3
"""Tasks survive a broker that is killed or out of reach; one that may lose them is told of. T-Q4, 5, 6."""
import sys
import threading
import time

import service
from fault_proxy import FaultProxy
from with_tasks import WithTasks, on_brokers

KILLS = 20 if service.IS_FULL else 2
ROUNDS = 50 if service.IS_FULL else 3
BLACKHOLE = 30.0 if service.IS_FULL else 2.0
# how soon after the broker is in reach again a task is carried out; other tests may slow it down
RESUMED = 2.0 if service.IS_FULL else 15.0
PUSHED_AT_ONCE = 5


class Pusher(threading.Thread):
    """Pushes tasks without end; a context. `acknowledged`: numbers of those that the service answered for."""

    def __init__(self, test):
        super().__init__(daemon=True)
        self.test = test
        self.acknowledged = set()
        self.refused = 0
        self.ending = threading.Event()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        self.join()

    def run(self):
        number = 0
        while not self.ending.wait(0.01):
            try:
                answer = self.test.ask_to_push("/marks", first=number, count=PUSHED_AT_ONCE, takes_ms=20)
            except OSError:
                answer = None
            if answer and answer.status == 202:
                self.acknowledged.update(range(number, number + PUSHED_AT_ONCE))
            else:
                self.refused += 1
            number += PUSHED_AT_ONCE

    def wait_for_more(self, count=20):
        wanted = len(self.acknowledged) + count
        self.test.assertTrue(
            service.eventually(lambda: len(self.acknowledged) >= wanted, 60), "no task can be pushed"
        )


@on_brokers("postgresql", "redis", "rabbitmq")
class KilledBroker(WithTasks):
    has_own_cluster = True
    redis_flushes = "always"  # with everysec a busy disk puts off the write that an answer speaks of

    def test_what_was_acknowledged_is_carried_out(self):
        """T-Q4"""
        broker = self.server
        workers = [self.start_worker() for _ in range(3)]
        pids = {each.pid for each in workers}
        with Pusher(self) as pusher:
            # None is to find the broker away at its start: it would end.
            self.assertTrue(service.eventually(lambda: pids <= {each.pid for each in self.tries()}, 60))
            for _ in range(KILLS):
                pusher.wait_for_more()
                time.sleep(self.random.uniform(0, 0.2))
                broker.kill()
                time.sleep(self.random.uniform(0, 0.5))
                broker.start()
            pusher.wait_for_more()
        if not service.eventually(lambda: not pusher.acknowledged - self.done(), 60):
            self.fail(f"lost: {sorted(pusher.acknowledged - self.done())[:20]}, {self.each_kind()}")
        twice = len(self.tries()) - len(self.done())
        print(
            f"  {len(pusher.acknowledged)} tasks acknowledged, {pusher.refused} pushes refused, "
            f"{KILLS} kills, 0 lost, {twice} carried out twice",
            flush=True,
        )
        self.assertEqual([each.poll() for each in workers], [None] * len(workers), self.worker_log()[-2000:])


@on_brokers("postgresql", "redis", "rabbitmq")
class BrokerOutOfReach(WithTasks):
    """The worker's connections go through a proxy, the service's do not."""

    has_own_cluster = True

    def setUp(self):
        super().setUp()
        self.proxy = self.enterContext(FaultProxy(self.server.port))
        if self.redis or self.rabbit:
            env = {"BROKER_URL": self.server.url_at(self.proxy.port)}
        else:
            env = {"DATABASE_URL": self.cluster.url("tasks", self.proxy.port)}
        self.admin_port = service.free_ports(1)[0]
        self.worker = self.start_worker("--admin-port", str(self.admin_port), env=env, lease=60)
        self.pushed = 0
        self.carry_out_one(60)

    def carry_out_one(self, timeout=RESUMED):
        """Seconds that it took."""
        number, begin = self.pushed, time.monotonic()
        self.pushed += 1
        self.push("/marks", first=number)
        done = service.eventually(lambda: number in self.done(), timeout)
        self.assertTrue(done, f"task {number} waits: {self.each_kind()}\n{self.worker_log()[-2000:]}")
        return time.monotonic() - begin

    def fetch_age(self):
        return self.metric("task_worker_fetch_age_seconds", self.admin_port)

    def test_a_worker_goes_on_after_its_connections_were_reset(self):
        """T-Q6"""
        slowest = 0
        for _ in range(ROUNDS):
            for _ in range(self.random.randint(1, 5)):
                self.proxy.reset_all()
                time.sleep(self.random.uniform(0, 0.5))
            slowest = max(slowest, self.carry_out_one())
        print(f"  {ROUNDS} rounds of resets, a task after them within {slowest:.2f} s", flush=True)
        self.assertEqual(len(self.tries()), self.pushed, "a task was carried out twice")

    def test_a_worker_goes_on_after_silence_and_tells_how_long_it_has_lasted(self):
        """T-Q6"""
        self.proxy.blackhole()
        begin = time.monotonic()
        time.sleep(BLACKHOLE)
        silent = time.monotonic() - begin
        self.assertGreater(self.fetch_age(), silent - 1.5, "an idle worker fetches once a second")
        self.proxy.heal()
        print(f"  a task within {self.carry_out_one():.2f} s after {silent:.0f} s of silence", flush=True)
        self.assertTrue(service.eventually(lambda: self.fetch_age() < silent, 30))


@on_brokers("redis")
class Durability(WithTasks):
    """T-Q5"""

    def durable_and_log(self, *options):
        """What a worker says that is started now: its gauge (None: it ended at once), and its log."""
        before = len(self.worker_log()) if self.workers else 0
        port = service.free_ports(1)[0]
        worker = self.start_worker("--admin-port", str(port), *options, env={"BRIO_LOG": "text"})
        told = []

        def has_told():
            try:
                told.append(self.metric("broker_durable", port))
            except OSError:
                return worker.poll() is not None
            return True

        self.assertTrue(service.eventually(has_told, 30))
        return (told or [None])[0], worker.poll(), self.worker_log()[before:]

    def test_a_durable_redis_is_all_right(self):
        gauge, status, log = self.durable_and_log("--require-durable")
        self.assertEqual((gauge, status), (1, None), log)
        self.assertNotIn("may lose tasks", log)

    def judge(self, setting, value):
        self.redis.configure(setting, value)
        gauge, status, log = self.durable_and_log()
        self.assertEqual((gauge, status), (0, None), log)
        self.assertIn("may lose tasks", log)
        self.assertIn(setting, log)
        gauge, status, log = self.durable_and_log("--require-durable")
        self.assertIsNone(gauge, log)
        self.assertNotEqual(status, 0)
        self.assertIn(setting, log)

    def test_one_that_keeps_nothing_on_disk_is_told_of_and_refused(self):
        self.judge("appendonly", "no")

    def test_one_that_evicts_is_told_of_and_refused(self):
        self.redis.configure("maxmemory", "100mb")
        self.judge("maxmemory-policy", "allkeys-lru")


if __name__ == "__main__":
    sys.exit(service.main())
