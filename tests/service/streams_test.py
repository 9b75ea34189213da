#!/usr/bin/env python3
"""Answers without a known end, over real sockets: events and an export of the guide's program."""
import signal
import socket
import subprocess
import threading
import time
import unittest

import service
from service import eventually

PROGRAM = "guide_streams"
ROWS = 2000


def curl(of, target, *options, seconds=10):
    """(exit status, output) of curl, which is stopped after `seconds`."""
    command = ["curl", "-sN", "--max-time", str(seconds), *options, f"http://127.0.0.1:{of.port}{target}"]
    done = subprocess.run(command, capture_output=True, timeout=seconds + 20, check=False)
    return done.returncode, done.stdout.decode()


def ids(text):
    return [int(line[4:]) for line in text.splitlines() if line.startswith("id: ")]


class Reader(threading.Thread):
    """Reads one event stream to its end, as bytes."""

    def __init__(self, of, fields=""):
        super().__init__(daemon=True)
        self.socket = socket.create_connection(("127.0.0.1", of.port), 30)
        self.socket.sendall(f"GET /api/notes/live HTTP/1.1\r\nHost: a\r\n{fields}\r\n".encode())
        self.got = b""
        self.start()

    def run(self):
        with self.socket:
            while more := self.socket.recv(64 * 1024):
                self.got += more


class StreamsTest(unittest.TestCase):
    def setUp(self):
        self.of = self.enterContext(service.Service(rows=ROWS, name=PROGRAM))

    def add(self, words):
        self.assertEqual(self.of.request("POST", "/api/notes", {"words": words}).status, 201)

    def open_streams(self):
        return self.of.metric("limit_in_use", limit="http_streams")

    def test_curl_gets_what_is_newer_than_it_has_and_then_what_comes(self):
        asked = threading.Thread(target=lambda: (time.sleep(0.5), self.add("while it reads")))
        asked.start()
        status, text = curl(self.of, "/api/notes/live", "-H", f"Last-Event-ID: {ROWS - 2}", seconds=3)
        asked.join()
        self.assertEqual(status, 28, "an event stream has no end")
        self.assertEqual(ids(text), [ROWS - 1, ROWS, ROWS + 1])
        self.assertIn('"words":"while it reads"', text)
        def ended():
            return self.of.metric("http_streams_ended_total", reason="disconnected")

        self.assertTrue(eventually(lambda: ended() == 1), "its producer goes on for a client that went")
        self.assertEqual(self.open_streams(), 0)

    def test_an_export_is_whole_on_either_version(self):
        for version in ("--http1.1", "--http1.0"):
            status, text = curl(self.of, "/api/notes/export", version)
            self.assertEqual(status, 0)
            self.assertEqual(text.count("\n"), ROWS)

    def test_a_drain_ends_event_streams_in_time_and_whole(self):
        readers = [Reader(self.of, f"Last-Event-ID: {ROWS - 1}\r\n") for _ in range(100)]
        self.assertTrue(eventually(lambda: all(b"id: " in each.got for each in readers)))
        self.of.process.send_signal(signal.SIGTERM)
        for each in readers:
            each.join(10)
            self.assertTrue(each.got.endswith(b"\r\n0\r\n\r\n"), each.got[-100:])
        self.assertEqual(self.of.process.wait(8), 0)

    def test_a_thousand_streams_are_open_at_once(self):
        before = self.of.rss()
        readers = [Reader(self.of, f"Last-Event-ID: {ROWS}\r\n") for _ in range(1000)]
        self.assertTrue(eventually(lambda: self.open_streams() == 1000, 30))
        self.add("for all of them")
        self.assertTrue(eventually(lambda: all(b"for all of them" in each.got for each in readers), 60))
        grown = self.of.rss() - before
        print(f"  RSS of 1,000 streams: {grown // 1024:+} KiB", flush=True)
        if not service.IS_SANITIZED:
            self.assertLess(grown, 40 << 20)
        self.assertEqual(self.of.get("/healthz").status, 200)

    def test_a_client_that_does_not_read_bounds_what_is_made_for_it(self):
        before = self.of.rss()
        with socket.create_connection(("127.0.0.1", self.of.port), 30) as slow:
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            slow.sendall(b"GET /api/notes/live HTTP/1.1\r\nHost: a\r\n\r\n" * 50)
            time.sleep(0.5)
            self.assertLess(self.of.rss() - before, 40 << 20)
        self.assertTrue(eventually(lambda: self.open_streams() == 0))


if __name__ == "__main__":
    service.main()
