#!/usr/bin/env python3
"""What the tests of faults stand on goes wrong as it is told to: Redis, the proxies, nginx."""
import http.client
import http.server
import sys
import threading
import time
import unittest
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
sys.path += [str(TESTS / each) for each in ("redis", "nginx")]

import resp  # noqa: E402  the folders above have to be on the path first
from nginx import Nginx  # noqa: E402
from redis_proxy import REFUSALS, RedisProxy  # noqa: E402
from redis_server import RedisServer  # noqa: E402


class RedisTest(unittest.TestCase):
    def setUp(self):
        self.redis = self.enterContext(RedisServer())

    def test_killed_and_started_again_it_is_empty_and_on_the_same_port(self):
        port = self.redis.port
        self.redis.command("SET", "key", "value")
        self.redis.kill()
        with self.assertRaises(OSError):
            self.redis.command("PING")
        self.redis.start()
        self.assertEqual(self.redis.port, port)
        self.assertIsNone(self.redis.command("GET", "key"))

    def test_paused_it_takes_connections_and_answers_once_it_goes_on(self):
        self.redis.pause()
        with self.redis.connect(timeout=0.2) as connection:
            connection.send("PING")
            with self.assertRaises(TimeoutError):
                connection.read()
            self.redis.resume()
            connection.socket.settimeout(10)
            self.assertEqual(connection.read(), "PONG")

    def test_settings_can_be_changed_while_it_runs(self):
        self.redis.configure("maxmemory", "1mb")
        with self.assertRaisesRegex(resp.ErrorReply, "OOM"):
            self.redis.command("SET", "key", b"x" * (2 << 20))

    def test_values_of_every_kind_come_back_as_they_are(self):
        self.redis.command("RPUSH", "list", b"\x00\r\n", "two")
        self.assertEqual(self.redis.command("LRANGE", "list", 0, -1), [b"\x00\r\n", b"two"])
        self.assertEqual(self.redis.command("LLEN", "list"), 2)
        self.assertIsNone(self.redis.command("GET", "none"))


class RedisProxyTest(unittest.TestCase):
    def setUp(self):
        self.redis = self.enterContext(RedisServer())
        self.proxy = self.enterContext(RedisProxy(self.redis.port))
        self.connection = self.enterContext(resp.Connection(self.proxy.port))

    def test_commands_are_answered_in_place_of_redis(self):
        self.connection.command("SET", "key", "value")
        self.proxy.reply = REFUSALS["LOADING"]
        for _ in range(3):
            self.connection.send("SET", "key", "other")
        for _ in range(3):
            with self.assertRaisesRegex(resp.ErrorReply, "LOADING"):
                self.connection.read()
        self.assertEqual(self.proxy.replied, 3)
        self.proxy.heal()
        self.assertEqual(self.connection.command("GET", "key"), b"value")

    def test_what_redis_has_under_way_is_answered_by_it_first(self):
        self.redis.pause()
        self.connection.send("ECHO", "by Redis")
        time.sleep(0.1)
        self.proxy.reply = REFUSALS["OOM"]
        self.connection.send("ECHO", "by the proxy")
        self.redis.resume()
        self.assertEqual(self.connection.read(), b"by Redis")
        with self.assertRaisesRegex(resp.ErrorReply, "OOM"):
            self.connection.read()

    def test_a_blackhole_keeps_bytes_until_it_is_healed(self):
        self.proxy.blackhole()
        self.connection.socket.settimeout(0.2)
        self.connection.send("PING")
        with self.assertRaises(TimeoutError):
            self.connection.read()
        self.proxy.heal()
        self.connection.socket.settimeout(10)
        self.assertEqual(self.connection.read(), "PONG")

    def test_a_connection_is_reset_within_a_reply(self):
        self.redis.command("SET", "key", b"x" * 100_000)
        self.proxy.reset_after = 50_000
        with self.assertRaises(ConnectionError):
            self.connection.command("GET", "key")

    def test_messages_to_a_subscriber_come_through(self):
        self.connection.send("SUBSCRIBE", "channel")
        self.assertEqual(self.connection.read(), [b"subscribe", b"channel", 1])
        for word in (b"one", b"two"):
            self.redis.command("PUBLISH", "channel", word)
            self.assertEqual(self.connection.read(), [b"message", b"channel", word])


class Counting(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.count += 1
        body = str(self.server.server_port).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "private" if self.path == "/mine" else "max-age=60")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class NginxTest(unittest.TestCase):
    def behind(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Counting)
        server.count = 0
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        self.addCleanup(lambda: (server.shutdown(), server.server_close()))
        return server

    def get(self, nginx, path):
        connection = http.client.HTTPConnection("127.0.0.1", nginx.port, timeout=10)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer, answer.read()
        finally:
            connection.close()

    def test_requests_go_to_the_servers_in_turn(self):
        servers = [self.behind(), self.behind()]
        with Nginx([each.server_port for each in servers]) as nginx:
            for _ in range(10):
                self.get(nginx, "/any")
        self.assertEqual([each.count for each in servers], [5, 5])

    def test_it_keeps_what_it_may_and_nothing_private(self):
        server = self.behind()
        with Nginx([server.server_port], cache="1m") as nginx:
            for path in ("/any", "/any", "/mine", "/mine"):
                last, _ = self.get(nginx, path)
                if path == "/any":
                    kept = last.getheader("X-Proxy-Cache")
            self.assertEqual(kept, "HIT")
            self.assertEqual(last.getheader("X-Proxy-Cache"), "MISS")
        self.assertEqual(server.count, 3)


if __name__ == "__main__":
    unittest.main(verbosity=2)
