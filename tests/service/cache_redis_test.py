#!/usr/bin/env python3
"""A Redis that dies, stands still, refuses and lies costs hits and never an answer: T-C5.

The cache within the process is off, so that every answer asks Redis.
"""
import time

import service
from load import under_load
from redis_proxy import REFUSALS, RedisProxy
from with_redis import WithRedis

RATE = 1000 if service.IS_FULL else 200
PAGES = 20
STILL = 10.0 if service.IS_FULL else 2.0  # how long a fault lasts
PATIENCE = 15.0  # within which hits have to come back; how soon they do is printed


class Results(list):
    """What became of each request, in the order of their ends."""

    def hits(self, begin, end=float("inf")):
        return [each for each in self if each["cache"] == "HIT" and begin <= each["begun"] < end]

    def p99(self, begin, end):
        took = sorted(each["took"] for each in self if begin <= each["begun"] < end)
        return took[len(took) * 99 // 100] if took else float("nan")


def load(of, rate=RATE):
    return under_load("cache_load.py", of.port, rate, PAGES, results=Results())


class Outages(WithRedis):
    def failures(self, of):
        """Commands that Redis did not carry out, and look-ups that it did not answer well."""
        badly = ("unavailable", "timed_out", "overloaded", "error", "undecodable")
        commands = of.metric("redis_commands_total") - of.metric("redis_commands_total", outcome="ok")
        return commands + sum(of.metric("cache_redis_lookups_total", result=each) or 0 for each in badly)

    def outage(self, of, begin, end, rate=RATE):
        """The fault for a while, under load: nobody sees it, it is counted, and hits come back after."""
        self.warm(of)
        before = self.failures(of)
        with load(of, rate) as results:
            begun = time.monotonic()
            begin()
            time.sleep(STILL)
            end()
            ended = time.monotonic()
            self.assertTrue(service.eventually(lambda: self.is_hit(of), PATIENCE), "no hits since it is back")
            time.sleep(1.0)
        bad = [each for each in results if each["status"] != 200]
        self.assertEqual(bad[:3], [], f"{len(bad)} of {len(results)} answers are not good")
        self.assertTrue(results.hits(0, begun), "Redis gave no hits before the fault")
        after = results.hits(ended)
        self.assertTrue(after, "Redis gives no hits after the fault")
        failed = self.failures(of) - before
        print(f"  {len(results)} requests, {failed:.0f} failures; p99 before "
              f"{results.p99(0, begun) * 1000:.1f} ms, in the first second "
              f"{results.p99(begun, begun + 1) * 1000:.1f} ms, then "
              f"{results.p99(begun + 1, ended) * 1000:.1f} ms; hits "
              f"{min(e['begun'] + e['took'] for e in after) - ended:.3f} s after it is back", flush=True)
        self.assertGreater(failed, 0, "errors are not counted")


class FaultsTest(Outages):
    def test_killed_and_started_again(self):
        of = self.serve()
        self.outage(of, self.redis.kill, self.redis.start)

    def test_restarted_again_and_again(self):
        of = self.serve()
        self.warm(of)
        with load(of) as results:
            for _ in range(10 if service.IS_FULL else 3):
                self.redis.restart()
                back = time.monotonic()
                self.assertTrue(service.eventually(lambda: self.is_hit(of), PATIENCE))
                print(f"  hits {time.monotonic() - back:.3f} s after a restart", flush=True)
        self.assertEqual([each for each in results if each["status"] != 200][:3], [])

    def test_standing_still(self):
        of = self.serve()
        self.outage(of, self.redis.pause, self.redis.resume)

    def test_full_of_connections(self):
        of = self.serve()
        with self.redis.connect() as admin:
            def fill():
                admin.command("CONFIG", "SET", "maxclients", 1)
                for kind in ("normal", "pubsub"):
                    admin.command("CLIENT", "KILL", "TYPE", kind, "SKIPME", "yes")

            self.outage(of, fill, lambda: admin.command("CONFIG", "SET", "maxclients", 1000))

    def test_it_is_not_there_at_the_start_and_comes_later(self):
        self.redis.kill()
        of = self.serve()
        for _ in range(20):
            self.assertEqual(of.get("/api/resources").status, 200)
        self.assertEqual(of.get("/readyz").status, 200)
        self.redis.start()
        self.assertTrue(service.eventually(lambda: self.is_hit(of), PATIENCE))

    def test_out_of_memory(self):
        of = self.serve()

        def fill():
            self.redis.configure("maxmemory-policy", "noeviction")
            self.redis.configure("maxmemory", "1mb")
            self.redis.command("FLUSHALL")

        def leave():
            self.redis.configure("maxmemory", "0")

        self.outage(of, fill, leave)


class ProxiedFaultsTest(Outages):
    """What goes wrong lies between the service and Redis."""

    def setUp(self):
        super().setUp()
        self.proxy = self.enterContext(RedisProxy(self.redis.port))

    def through(self, begin, rate=RATE):
        return self.outage(self.serve(self.proxy.port), begin, self.proxy.heal, rate)

    def set(self, name, value):
        return lambda: setattr(self.proxy, name, value)

    def test_a_blackhole(self):
        self.through(self.proxy.blackhole)

    def test_half_a_second_of_delay(self):
        self.through(self.set("delay", 0.5))

    def test_connections_that_are_reset_within_a_value(self):
        self.through(self.set("reset_after", 20_000))

    def test_connections_that_are_refused(self):
        def begin():
            self.proxy.is_refusing = True
            self.proxy.reset_all()

        self.through(begin)


def add_refusals():
    """A test for each of what a Redis may answer in place of what was asked."""
    for name, reply in REFUSALS.items():
        def test(self, reply=reply):
            self.through(self.set("reply", reply))

        setattr(ProxiedFaultsTest, f"test_{name.lower().replace(' ', '_')}_as_each_answer", test)


add_refusals()

if __name__ == "__main__":
    service.main(at_once=2)
