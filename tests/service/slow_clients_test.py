#!/usr/bin/env python3
"""A crowd of slow clients takes nothing from the others, and is gone when it goes (T-H6).

BRIO_FULL=1: 4,000 idle, 3,000 with slow heads, 2,000 with slow bodies, 1,000 slow readers for 60 s beside
1,000 good requests a second. Otherwise a tenth for 10 s, the header deadline shortened so that it is reached.
"""
import json
import resource
import socket
import statistics
import subprocess
import sys
import time
import unittest
from pathlib import Path

import service

FULL = service.IS_FULL
COUNTS = (
    {"idle": 4000, "head": 3000, "body": 2000, "read": 1000}
    if FULL
    else {"idle": 400, "head": 300, "body": 200, "read": 100}
)
SECONDS = 60 if FULL else 10
RATE = 1000 if FULL else 50 if service.IS_SANITIZED else 200
HEADER_DEADLINE = 10.0 if FULL else 2.0
TOLERANCE = 2.0
IDLE = 60.0
MOST_GROWTH = 120 << 20
BEGIN = {
    "idle": b"",
    "head": b"GET /api/resources HTTP/1.1\r\nHost: slow\r\n",
    "body": b"POST /api/resources HTTP/1.1\r\nHost: slow\r\nContent-Length: 90000\r\n\r\n",
    "read": b"GET /api/resources?page_size=100 HTTP/1.1\r\nHost: slow\r\n\r\n" * 4,
}
MORE = {"idle": b"", "head": b"X-More: 1\r\n", "body": b" ", "read": b""}


class SlowClient:
    """Does a little each time that step() is called; connects again when it is cut off."""

    def __init__(self, kind, port):
        self.kind = kind
        self.port = port
        self.cuts = []  # (seconds that it lasted, what came)
        self.connect()

    def connect(self):
        self.socket = socket.socket()
        if self.kind == "read":
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        self.socket.settimeout(10)
        self.socket.connect(("127.0.0.1", self.port))
        self.socket.setblocking(False)
        self.begun = time.monotonic()
        self.came = b""
        self.socket.send(BEGIN[self.kind])

    def step(self):
        try:
            data = self.socket.recv(100)
            if self.kind == "read" and data:
                return
            self.came += data
            is_cut = not data
        except BlockingIOError:
            is_cut = False
        except OSError:
            is_cut = True
        if not is_cut and not self.came:
            try:
                self.socket.send(MORE[self.kind])
            except OSError:
                is_cut = True
        if is_cut or self.came:
            self.cuts.append((time.monotonic() - self.begun, self.came))
            self.socket.close()
            self.connect()


class Crowd:
    """All slow clients; each does its step once a second."""

    SLICES = 20

    def __init__(self, port):
        self.clients = [SlowClient(kind, port) for kind, count in COUNTS.items() for _ in range(count)]

    def keep_slow(self, until, watch):
        """Until `until()`; calls watch() about once a second."""
        at = 0
        while not until():
            begun = time.monotonic()
            for client in self.clients[at % self.SLICES :: self.SLICES]:
                client.step()
            at += 1
            if at % self.SLICES == 0:
                watch()
            time.sleep(max(0.0, 1.0 / self.SLICES - (time.monotonic() - begun)))

    def cuts(self, kind):
        return [cut for client in self.clients if client.kind == kind for cut in client.cuts]

    def close(self):
        for client in self.clients:
            client.socket.close()


def good_traffic(port, seconds):
    return subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("open_loop.py")), str(port), str(RATE), str(seconds)],
        stdout=subprocess.PIPE,
        text=True,
    )


class SlowClients(service.ServiceTest):
    env = {"BRIO_LOG": "off", **({} if FULL else {"BRIO_LIMIT_HEADER_MS": "2000"})}

    @classmethod
    def setUpClass(cls):
        # before the service starts, which inherits it
        least = sum(COUNTS.values()) + 500
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if hard < least:
            raise unittest.SkipTest(f"{least} descriptors are needed, {hard} are allowed")
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, least), hard))
        super().setUpClass()

    def test_good_requests_are_answered_beside_a_crowd_of_slow_clients(self):
        listeners = self.threads + 1
        alone = json.loads(good_traffic(self.service.port, 5).communicate(timeout=60)[0])
        self.assertEqual(alone["failed"], 0, alone)
        before = self.service.rss()
        crowd = Crowd(self.service.port)
        sizes, held = [], []

        def watch():
            sizes.append(self.service.rss())
            held.append(self.service.descriptors())

        settled = time.monotonic() + 3  # the pages that the readers asked for at once are made
        crowd.keep_slow(lambda: time.monotonic() > settled, watch)
        good = good_traffic(self.service.port, SECONDS)
        crowd.keep_slow(lambda: good.poll() is not None, watch)
        outcome = json.loads(good.communicate()[0])
        connected = statistics.median(held)
        crowd.close()
        gone = time.monotonic()
        self.assertTrue(
            service.eventually(lambda: self.service.sockets() == listeners, 5),
            f"{self.service.sockets() - listeners} connections are left",
        )
        gone = time.monotonic() - gone
        heads, bodies = crowd.cuts("head"), crowd.cuts("body")
        print(
            f"  {connected} descriptors; RSS {(max(sizes) - before) / 2**20:+.1f} MiB"
            f"\n  good alone {alone}\n  beside slow clients {outcome}"
            f"\n  {len(heads)} slow heads cut after {min(heads)[0]:.1f} to {max(heads)[0]:.1f} s,"
            f" {len(bodies)} slow bodies"
            f" after {min(bodies)[0]:.1f} to {max(bodies)[0]:.1f} s; sockets back after {gone:.1f} s",
            flush=True,
        )

        self.assertEqual((outcome["planned"], outcome["failed"]), (RATE * SECONDS, 0))
        self.assertGreater(connected, sum(COUNTS.values()) * 0.9)
        self.assertGreaterEqual(len(heads), COUNTS["head"])
        lasted = sorted(each for each, _ in heads)
        self.assertGreater(lasted[0], HEADER_DEADLINE - 0.2, "a slow head was cut before its time")
        # when the machine is busy, some clients see their end late
        self.assertLess(lasted[-1 if FULL else len(lasted) // 2], HEADER_DEADLINE + TOLERANCE)
        for _, came in heads:
            self.assertTrue(came.startswith(b"HTTP/1.1 408 ") or not came, came)
        self.assertTrue(any(came.startswith(b"HTTP/1.1 408 ") for _, came in heads))
        self.assertGreater(len(bodies), 0, "no slow body was cut")
        for lasted, _ in crowd.cuts("idle"):
            self.assertGreater(lasted, IDLE - 0.1, "an idle connection was cut before its time")
        if not service.IS_SANITIZED:
            self.assertLess(max(sizes) - before, MOST_GROWTH)


if __name__ == "__main__":
    service.main()
