#!/usr/bin/env python3
"""What stands in Redis is not believed (T-C6), and is everybody's.

The cache within the process is off, so that every answer asks Redis.
"""
import json
import pickle
import random

import service
from with_redis import WithRedis

VALUES = 10_000 if service.IS_FULL else 400


class GarbageTest(WithRedis):
    """Under each live key stands something else: it is a miss, it is counted, and the next answer is good."""

    def targets(self):
        return [f"/api/resources?total=none&page_size={1 + number % 100}&page={1 + number // 100}"
                for number in range(VALUES)]

    def test_values_that_nobody_wrote_are_misses_and_are_replaced(self):
        of = self.serve(env={"BRIO_DEADLINE_REDIS_MS": "5000"})  # each is found on a busy machine too
        targets = self.targets()
        # what was begun before a process first saw a value of these tables is not taken
        self.warm(of, targets[0])
        with of.connect() as wire:
            wanted = {target: wire.request("GET", target).body for target in targets}
        self.assertTrue(service.eventually(lambda: len(self.entries()) == VALUES), "not all are in Redis")
        self.spoil(self.entries())
        with of.connect() as wire:
            for target in targets:
                answer = wire.request("GET", target)
                self.assertEqual((answer.status, answer.field("X-Cache")), (200, "MISS"), target)
                self.assertEqual(answer.body, wanted[target])
        self.assertEqual(of.metric("cache_undecodable_total"), VALUES)
        with of.connect() as wire:
            for target in targets:
                is_there = service.eventually(lambda: self.is_hit(of, target))
                self.assertTrue(is_there, f"{target} is not replaced")
                answer = wire.request("GET", target)
                self.assertEqual((answer.status, answer.field("X-Cache")), (200, "HIT"), target)
                self.assertEqual(answer.body, wanted[target])
        self.assertEqual(of.metric("cache_undecodable_total"), VALUES)

    def entries(self):
        """Keys of values; the clock and what else stands there is small."""
        with self.redis.connect() as connection:
            return [key for key in connection.command("KEYS", "brio:*")
                    if connection.command("TYPE", key) == "string" and connection.command("STRLEN", key) > 60]

    def spoil(self, keys):
        chance = random.Random(service.SEED)
        with self.redis.connect() as connection:
            others = [connection.command("GET", key) for key in chance.sample(keys, 20)]
            for number, key in enumerate(keys):
                value = connection.command("GET", key)
                connection.command("SET", key, self.spoilt(value, number, chance, others), "KEEPTTL")

    @staticmethod
    def spoilt(value, number, chance, others):
        changed = bytearray(value)
        match number % 8:
            case 0:
                return pickle.dumps({"items": [], "total": number})
            case 1:
                return chance.randbytes(chance.randint(1, 4000))
            case 2:
                return value[: chance.randrange(len(value))] or b"\x00"
            case 3:  # an older version, however it is written
                changed[4] ^= 1
            case 4:
                changed[chance.randrange(len(value))] ^= 1 << chance.randrange(8)
            case 5:
                return json.dumps({"items": [], "total": number}).encode()
            case 6:  # of another question
                other = chance.choice(others)
                return other if other != value else b"none"
            case 7:
                return value + b"\x00"
        return bytes(changed)


class TierTest(WithRedis):
    def test_another_process_gets_what_one_has_made(self):
        first = self.serve()
        self.warm(first)
        url = first.database_url
        env = {"REDIS_URL": self.redis.url, **service.NO_CACHE}
        second = self.enterContext(service.Service(rows=0, database_url=url, env=env))
        self.assertTrue(service.eventually(lambda: self.is_hit(second)))

    def test_a_write_ends_what_redis_has(self):
        of = self.serve()
        for count in range(50):
            of.request("PATCH", "/api/resources/1", {"name": f"name {count}"})
            for target in ("/api/resources?page_size=5", "/api/resources/1", "/api/resources?page_size=5"):
                found = of.get(target).json()
                self.assertEqual((found["items"][0] if "items" in found else found)["name"], f"name {count}")

    def test_a_flush_costs_hits_and_nothing_else(self):
        of = self.serve()
        self.warm(of)
        self.redis.command("FLUSHALL")
        self.assertEqual(of.get("/api/resources?page_size=9").status, 200)
        self.warm(of)

    def test_the_guides_names_for_its_place_do_as_well(self):
        env = {"REDIS_HOST": "127.0.0.1", "REDIS_PORT": str(self.redis.port), "REDIS_DB": "3",
               **service.NO_CACHE}
        of = self.enterContext(service.Service(env=env))
        self.warm(of)
        with self.redis.connect() as connection:
            connection.command("SELECT", 3)
            self.assertGreater(connection.command("DBSIZE"), 0)


if __name__ == "__main__":
    service.main()
