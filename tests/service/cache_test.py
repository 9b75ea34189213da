#!/usr/bin/env python3
"""What is kept is never older than what its reader wrote (T-C4), and says what it is."""
import asyncio
import json
import random

import crowd
import service
from wire import encode

WRITERS = 4
READERS = 20
UPDATES = 10_000 if service.IS_FULL else 600
LIST = "/api/resources?page_size=10"


async def change(streams, number, name):
    """The version after a PATCH of the resource's name."""
    answer = await crowd.answer_of(*streams, encode("PATCH", f"/api/resources/{number}", {"name": name}))
    if answer.status != 200:
        raise AssertionError(answer)
    return json.loads(answer.body)["version"]


class Reading:
    """What is read of the resources 1 to WRITERS, on one connection, and what was too old."""

    def __init__(self, streams):
        self.streams = streams
        self.least = {}  # version that the next answer must have, by id
        self.old = []
        self.answers = 0
        self.hits = 0

    async def read(self, target):
        answer = await crowd.answer_of(*self.streams, encode("GET", target))
        if answer.status != 200:
            raise AssertionError(f"{target} gave {answer}")
        self.answers += 1
        self.hits += answer.fields.get("x-cache") == "HIT"
        found = json.loads(answer.body)
        for row in found.get("items", [found]):
            if row["version"] < self.least.get(row["id"], 0):
                self.old.append((target, row["id"], row["version"], self.least[row["id"]], answer.fields))
            self.least[row["id"]] = row["version"]


class OwnWrites:
    """Each writer changes its own resource, then reads it alone and in the list; readers keep both warm."""

    def __init__(self, port, updates, seed):
        self.port = port
        self.updates = updates
        self.seed = seed
        self.is_over = False

    async def run(self):
        readers = [asyncio.create_task(self.reader(number)) for number in range(READERS)]
        try:
            written = await asyncio.gather(*(self.writer(number + 1) for number in range(WRITERS)))
        finally:
            self.is_over = True
            read = await asyncio.gather(*readers)
        return written, read

    async def reader(self, number):
        chance = random.Random(self.seed + number)
        reading = Reading(await crowd.connect(self.port))
        while not self.is_over:
            await reading.read(chance.choice((LIST, f"/api/resources/{chance.randint(1, WRITERS)}")))
        reading.streams[1].close()
        return reading

    async def writer(self, number):
        streams = await crowd.connect(self.port)
        reading = Reading(streams)
        for count in range(self.updates // WRITERS):
            reading.least[number] = await change(streams, number, f"writer {number} at {count}")
            for target in (LIST, f"/api/resources/{number}", LIST):
                await reading.read(target)
        streams[1].close()
        return reading


@service.on_every_engine
class OwnWritesTest(service.ServiceTest):
    rows = 40

    def test_nobody_reads_what_is_older_than_what_they_wrote_or_read(self):
        written, read = asyncio.run(OwnWrites(self.service.port, UPDATES, service.SEED).run())
        for who, readings in (("writers", written), ("readers", read)):
            answers, hits = sum(each.answers for each in readings), sum(each.hits for each in readings)
            print(f"  {who}: {answers} answers, {hits} from the cache", flush=True)
            old = [found for each in readings for found in each.old]
            self.assertEqual(old[:3], [], f"{len(old)} of the {who}' answers are too old")
        self.assertGreater(sum(each.hits for each in read), 0, "nothing was kept, so nothing was tested")

    def test_each_way_to_write_shows_at_once_on_the_list(self):
        def page():
            for _ in range(3):
                answer = self.service.get("/api/resources?page_size=100")
            return answer

        before = page()
        self.assertEqual(before.field("X-Cache"), "HIT")
        created = self.service.request("POST", "/api/resources", {"name": "new on the list"}).json()
        answer = page()
        self.assertEqual(answer.json()["total"], before.json()["total"] + 1)
        self.assertEqual(answer.json()["items"][-1]["name"], "new on the list")
        target = f"/api/resources/{created['id']}"
        self.service.request("PUT", target, {"status": "archived"})
        self.assertEqual(page().json()["items"][-1]["status"], "archived")
        self.service.request("DELETE", target)
        self.assertEqual(page().json()["total"], before.json()["total"])

    def test_a_new_user_shows_on_the_list_of_users(self):
        for _ in range(2):
            total = self.service.get("/api/users").json()["total"]
        self.service.request("POST", "/api/users", {"email": f"{service.SEED}@example.com", "name": "New"})
        self.assertEqual(self.service.get("/api/users").json()["total"], total + 1)


class FieldsTest(service.ServiceTest):
    """What an answer says of its being kept, as RFC 9110 and 9111 have it."""

    def twice(self, target, fields=()):
        return self.service.get(target, fields), self.service.get(target, fields)

    def test_a_hit_is_the_miss_again_and_has_an_age(self):
        made, kept = self.twice("/api/resources?page_size=11")
        self.assertEqual((made.field("X-Cache"), kept.field("X-Cache")), ("MISS", "HIT"))
        self.assertEqual(made.body, kept.body)
        self.assertIsNone(made.field("Age"))
        self.assertRegex(kept.field("Age"), "^[0-9]+$")
        for name in ("ETag", "Content-Type", "Cache-Control", "Vary"):
            self.assertEqual(made.all(name), kept.all(name), name)
        self.assertIn("private", kept.field("Cache-Control"))
        self.assertIn("Accept-Encoding", kept.field("Vary"))
        self.assertNotEqual(made.field("X-Request-ID"), kept.field("X-Request-ID"))

    def test_who_has_it_gets_304_from_the_cache(self):
        target = "/api/resources?page_size=12"
        _, kept = self.twice(target)
        tag = kept.field("ETag")
        for given in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            answer = self.service.get(target, {"If-None-Match": given})
            self.assertEqual((answer.status, answer.body), (304, b""), given)
            self.assertEqual(answer.field("ETag"), tag)
            self.assertEqual(answer.field("X-Cache"), "HIT")
        self.assertEqual(self.service.get(target, {"If-None-Match": '"other"'}).status, 200)

    def test_the_tag_moves_with_what_is_written(self):
        target = "/api/resources/1"
        _, kept = self.twice(target)
        self.service.request("PATCH", target, {"name": f"moved {service.SEED}"})
        answer = self.service.get(target, {"If-None-Match": kept.field("ETag")})
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.json()["name"], f"moved {service.SEED}")

    def test_head_is_as_get_without_the_body(self):
        target = "/api/resources?page_size=13"
        _, kept = self.twice(target)
        head = self.service.request("HEAD", target)
        self.assertEqual((head.status, head.body), (200, b""))
        for name in ("ETag", "Content-Length", "Content-Type"):
            self.assertEqual(head.field(name), kept.field(name), name)

    def test_equal_questions_share_an_answer_and_others_do_not(self):
        self.service.get("/api/resources?page_size=14&page=1&status=active")
        for target, word in (
            ("/api/resources?status=active&page_size=14", "HIT"),
            ("/api/resources?page=1&status=active&page_size=14", "HIT"),
            ("/api/resources?status=draft&page_size=14", "MISS"),
            ("/api/resources?status=active&page_size=15", "MISS"),
            ("/api/resources?status=active&page_size=14&page=2", "MISS"),
        ):
            self.assertEqual(self.service.get(target).field("X-Cache"), word, target)

    def test_what_is_absent_is_kept_until_it_is_there(self):
        made = self.service.request("POST", "/api/resources", {"name": "soon gone"}).json()
        target = f"/api/resources/{made['id'] + 1}"
        missing, kept = self.twice(target)
        self.assertEqual((missing.status, kept.status), (404, 404))
        self.assertEqual(kept.field("X-Cache"), "HIT")
        self.assertEqual(self.service.request("POST", "/api/resources", {"name": "there"}).status, 201)
        self.assertEqual(self.service.get(target).status, 200)

    def test_hits_and_misses_are_counted_by_type(self):
        def counted(name):
            return self.service.metric(name, cache_type="response") or 0

        before = counted("cache_hits_total"), counted("cache_misses_total")
        self.twice("/api/resources?page_size=16")
        after = counted("cache_hits_total"), counted("cache_misses_total")
        self.assertEqual((after[0] - before[0], after[1] - before[1]), (1, 1))


class SwitchedOffTest(service.ServiceTest):
    env = service.NO_CACHE

    def test_without_a_cache_each_answer_is_made(self):
        for _ in range(3):
            answer = self.service.get("/api/resources")
            self.assertEqual(answer.status, 200)
            self.assertNotEqual(answer.field("X-Cache"), "HIT")
            self.assertIsNone(answer.field("Age"))


if __name__ == "__main__":
    service.main()
