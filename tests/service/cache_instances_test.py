#!/usr/bin/env python3
"""Two instances on one PostgreSQL and one Redis, behind nginx: what one writes ends what the other keeps."""
import time
import unittest

import service
from nginx import Nginx
from redis_server import RedisServer
from service import postgres

CHANGES = 500 if service.IS_FULL else 50
PATIENCE = 5.0  # within which an instance has to learn of a write; how soon it does is printed
LIST = "/api/resources?page_size=10"


class Browser:
    """Keeps a connection and the cookies that it is given."""

    def __init__(self, port):
        self.wire = service.Wire(port)
        self.cookies = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.wire.close()

    def request(self, method, target, body=None):
        fields = {"Origin": "http://127.0.0.1"}
        if self.cookies:
            fields["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        answer = self.wire.request(method, target, body, fields)
        for each in answer.all("Set-Cookie"):
            name, _, value = each.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer


class InstancesTest(unittest.TestCase):
    with_redis = True
    engine = "postgresql"

    def setUp(self):
        env = {}
        if self.with_redis:
            self.redis = self.enterContext(RedisServer())
            env["REDIS_URL"] = self.redis.url
        url = None
        if self.engine == "postgresql":
            cluster = postgres.shared()
            url = cluster.create_database()
            self.addCleanup(cluster.drop_database, url.rsplit("/", 1)[1])
        self.one = self.enterContext(service.Service(rows=100, database_url=url, env=env))
        url = self.one.database_url
        self.other = self.enterContext(service.Service(rows=0, database_url=url, env=env))

    def name_at(self, of, target=LIST):
        found = of.get(target).json()
        return (found["items"][0] if "items" in found else found)["name"]

    @staticmethod
    def is_kept(of):
        return of.get(LIST).field("X-Cache") == "HIT"

    def test_what_one_writes_the_other_gives_soon(self):
        took = []
        for count in range(CHANGES):
            writer, reader = (self.one, self.other) if count % 2 == 0 else (self.other, self.one)
            self.assertTrue(service.eventually(lambda of=reader: self.is_kept(of), PATIENCE))
            name = f"change {count}"
            self.assertEqual(writer.request("PATCH", "/api/resources/1", {"name": name}).status, 200)
            begun = time.monotonic()
            self.assertEqual(self.name_at(writer), name, "the writer's own instance is late")
            while self.name_at(reader) != name:
                self.assertLess(time.monotonic() - begun, PATIENCE, "the other has not learned of it")
                time.sleep(0.001)
            took.append(time.monotonic() - begun)
        took.sort()
        print(f"  {CHANGES} writes seen by the other after p50 {took[len(took) // 2] * 1000:.0f} ms, "
              f"at most {took[-1] * 1000:.0f} ms", flush=True)

    def test_it_stays_so(self):
        """What was made of old rows while the news was on its way must not come back."""
        for count in range(CHANGES // 5):
            name = f"kept {count}"
            self.one.request("PATCH", "/api/resources/1", {"name": name})
            self.assertTrue(service.eventually(lambda: self.name_at(self.other) == name, PATIENCE))
            end = time.monotonic() + 0.2
            while time.monotonic() < end:
                self.assertEqual(self.name_at(self.other), name, "an old answer came back after the new one")

    def test_a_browser_sees_what_it_wrote_on_either(self):
        with Nginx([self.one.port, self.other.port]) as nginx, Browser(nginx.port) as browser:
            served, kept = set(), 0
            for count in range(CHANGES):
                kept += sum(self.is_kept(of) for of in (self.one, self.other) for _ in range(2))
                name = f"own {count}"
                self.assertEqual(
                    browser.request("PATCH", "/api/resources/1", {"name": name}).status, 200)
                # five requests a round: nginx takes the instances in turn, so each writes and reads all
                for target in (LIST, LIST, "/api/resources/1", "/api/resources/1"):
                    answer = browser.request("GET", target)
                    found = answer.json()
                    row = found["items"][0] if "items" in found else found
                    self.assertEqual(row["name"], name, f"after {count} writes: {answer}")
                    served.add(answer.field("X-Cache"))
            print(f"  X-Cache: {', '.join(sorted(map(str, served)))}", flush=True)
            self.assertGreater(kept, CHANGES, "hardly anything old was kept, so nothing was tested")


class WithoutRedisTest(InstancesTest):
    with_redis = False


class OnOneFileTest(InstancesTest):
    """Two processes on one SQLite file learn of each other by the file of its generations."""

    with_redis = False
    engine = "sqlite"


if __name__ == "__main__":
    service.main()
