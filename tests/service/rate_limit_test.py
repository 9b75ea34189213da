#!/usr/bin/env python3
"""How often one client may ask: in one process, and in several that share a Redis."""
import unittest

import service
from redis_server import RedisServer


def told(of, counted):
    return of.metric("rate_limit_tokens_total", counted=counted)


class RateLimit(unittest.TestCase):
    def test_a_client_that_asks_too_often_gets_429_and_others_go_on(self):
        env = {"OF_REQUESTS_A_MINUTE": "5", "BRIO_TRUSTED_PROXIES": "127.0.0.0/8"}
        with service.Service(rows=0, name="service_overload", has_database=False, env=env) as of:
            far = {"X-Forwarded-For": "203.0.113.9, 198.51.100.7"}
            for left in (4, 3, 2, 1, 0):
                answer = of.get("/other", far)
                self.assertEqual(answer.status, 200)
                self.assertEqual(answer.field("RateLimit-Policy"), '"default";q=5;w=60')
                self.assertTrue(answer.field("RateLimit").startswith(f'"default";r={left};t='))
            over = of.get("/other", far)
            self.assertEqual((over.status, over.code), (429, "rate_limited"))
            self.assertTrue(1 <= int(over.field("Retry-After")) <= 12, over.field("Retry-After"))
            made_up = {"X-Forwarded-For": "192.0.2.1, 198.51.100.7"}
            self.assertEqual(of.get("/other", made_up).status, 429, "what a client says itself counts not")
            with of.connect() as wire:
                several = b"".join(b"X-Forwarded-For: 198.51.100.%d\r\n" % end for end in (1, 2, 7))
                wire.send(b"GET /other HTTP/1.1\r\nHost: a\r\n" + several + b"\r\n")
                self.assertEqual(wire.read().status, 429, "several fields are one list")
            self.assertEqual(of.get("/other", {"X-Forwarded-For": "198.51.100.8"}).status, 200)
            self.assertEqual(of.get("/other").status, 200)
            self.assertEqual(of.get("/healthz", far).status, 200)
            self.assertEqual(of.metric("http_requests_shed_total", reason="rate_limit"), 3)
            self.assertEqual(of.metric("limit_in_use", limit="rate_limit_default"), 3)
            said = {"X-Forwarded-For": "192.0.2.1, 198.51.100.9"}
            self.assertEqual(of.get("/other?who", said).status, 200)
            self.assertTrue(service.eventually(lambda: " client 198.51.100.9" in of.log_end(), 5))
            self.assertNotIn("192.0.2.1", of.log_end())

    def test_nobody_says_who_he_is_unless_his_proxy_is_trusted(self):
        env = {"OF_REQUESTS_A_MINUTE": "5", "BRIO_LOG": "json"}
        with service.Service(rows=0, name="service_overload", has_database=False, env=env) as of:
            made_up = [{"X-Forwarded-For": f"198.51.100.{number}"} for number in range(6)]
            self.assertEqual([of.get("/other", each).status for each in made_up], [200] * 5 + [429])
            self.assertTrue(service.eventually(lambda: '"status":429' in of.log_end(), 5))
            self.assertIn('"client":"127.0.0.1"', of.log_end())
            self.assertNotIn("198.51.100", of.log_end())

    def test_processes_that_share_a_redis_count_together(self):
        redis = self.enterContext(RedisServer())
        env = {"OF_REQUESTS_A_MINUTE": "5", "REDIS_URL": redis.url, "BRIO_LOG": "off",
               "BRIO_TRUSTED_PROXIES": "127.0.0.0/8"}
        one, other = (
            self.enterContext(
                service.Service(rows=0, threads=1, name="service_overload", has_database=False, env=env)
            )
            for _ in range(2)
        )

        def asks(of, client="198.51.100.7"):
            return of.get("/other", {"X-Forwarded-For": client}).status

        self.assertEqual([asks(one) for _ in range(4)], [200] * 4)
        self.assertTrue(service.eventually(lambda: told(one, "together") == 4))
        self.assertEqual(asks(other), 200)
        self.assertTrue(service.eventually(lambda: told(other, "together") == 1))
        self.assertEqual(asks(other), 429, "four were taken elsewhere")
        self.assertEqual(asks(other, "198.51.100.8"), 200, "another client")
        self.assertEqual(len(redis.command("KEYS", "brio:overload:rate_limit_default:*")), 2)

        redis.kill()
        self.assertTrue(service.eventually(lambda: asks(one, "") == 200 and told(one, "alone") > 0))
        alone = [asks(one, "198.51.100.9") for _ in range(6)]
        self.assertEqual(alone, [200] * 5 + [429], "this process' own limit holds")
        self.assertEqual(asks(other, "198.51.100.9"), 200)
        redis.start()
        before = told(one, "together")
        names = (f"203.0.113.{number % 250}" for number in range(10_000))
        self.assertTrue(
            service.eventually(lambda: asks(one, next(names)) == 200 and told(one, "together") > before)
        )


if __name__ == "__main__":
    service.main()
