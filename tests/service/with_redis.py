"""Tests of a service whose cache is in a Redis of the test's own, and nowhere else unless asked for."""
import unittest

import service
from redis_server import RedisServer

WARM = "/api/resources?page_size=9"


class WithRedis(unittest.TestCase):
    settings = {}

    def setUp(self):
        self.redis = self.enterContext(RedisServer(self.settings))

    def serve(self, port=None, env=None):
        """The reference service that keeps answers in Redis alone; `port`: of a proxy before it."""
        all_of_it = {
            "REDIS_URL": RedisServer.url_at(port or self.redis.port),
            "BRIO_LOG": "off",
            **service.NO_CACHE,
            **(env or {}),
        }
        return self.enterContext(service.Service(rows=400, env=all_of_it))

    def is_hit(self, of, target=WARM):
        return of.get(target).field("X-Cache") == "HIT"

    def warm(self, of, target=WARM):
        self.assertTrue(
            service.eventually(lambda: self.is_hit(of, target)), "Redis gives no hits to begin with"
        )
