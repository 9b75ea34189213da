#!/usr/bin/env python3
"""Restarts into another release under a load that does not wait lose no request (T-O7); a soak leaks nothing
(T-O10)."""
import random
import socket
import struct
import threading
import time
import unittest

import service
from drain_test import Client, stop
from offered_load import Load
from releases import Releases
from wire import encode

RESTARTS = 20 if service.IS_FULL else 3
RATE = 2000 if service.IS_FULL else 400
SOAK_SECONDS = 600 if service.IS_FULL else 12
MIB = 1024 * 1024
FEW_DESCRIPTORS = 8  # that threads open when they first read or write the database


class Restarts(unittest.TestCase):
    def test_upgrades_lose_no_request(self):
        # A client that gets no processor for half a second sends on connections that were idle for too long.
        with Releases(env={"BRIO_LOG": "off", "BRIO_DRAIN_IDLE_MS": "1500"}) as of:
            seconds = 3 * RESTARTS
            loads = [
                Load(of, "/api/resources?page_size=5", RATE * 0.7, seconds, 0.5, 128),
                Load(of, "/api/resources/{n}", RATE * 0.3, seconds, 0.5, 128, ("--last", "200")),
            ]
            clients = [Client(of, number, reconnects=True) for number in range(4)]
            time.sleep(1)
            begun = time.monotonic()
            for number in range(RESTARTS):
                of.upgrade()
                time.sleep(max(0, begun + (number + 1) * 2 - time.monotonic()))
            for load in loads:
                result = load.result()
                print(f"  {RESTARTS} upgrades: {result}", flush=True)
                self.assertEqual(
                    [result[each] for each in ("errors", "unanswered", "refused", "other")], [0, 0, 0, 0]
                )
            stop(clients)
            self.assertEqual([each for client in clients for each in client.lost + client.wrong], [])


class Aborts(threading.Thread):
    """Clients that go away in the middle: of the head, of the body, before and within the answer."""

    def __init__(self, of):
        super().__init__(daemon=True)
        self.of = of
        self.random = random.Random(service.SEED)
        self.count = 0
        self.stopped = threading.Event()
        self.start()

    def run(self):
        request = encode("POST", "/api/resources", {"name": "a client that goes"})
        page = encode("GET", "/api/resources?page_size=100&page=2")
        while not self.stopped.wait(0.01):
            with socket.create_connection(("127.0.0.1", self.of.port), 10) as client:
                whole = self.random.choice((request, page))
                client.sendall(whole[: self.random.randrange(1, len(whole) + 1)])
                if self.random.random() < 0.5:
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.count += 1


class Soak(unittest.TestCase):
    def test_memory_and_descriptors_stay_where_they_are(self):
        with service.Service(env={"BRIO_LOG": "off"}) as of:
            peak = Load(of, "/api/resources/{n}", 20_000, 2, 0.5, 64, ("--last", "200")).result()
            idle = of.descriptors()
            aborts = Aborts(of)
            rate = max(50, peak["good_per_second"] * 0.5)
            load = Load(of, "/api/resources/{n}", rate, SOAK_SECONDS, 1, 64, ("--last", "200"))
            time.sleep(SOAK_SECONDS / 3)
            since, before = time.monotonic(), of.rss()
            result = load.result()
            minutes = (time.monotonic() - since) / 60
            grown = of.rss() - before
            aborts.stopped.set()
            aborts.join(30)
            print(
                f"  {rate:.0f}/s, {aborts.count} clients that went: RSS {grown / 1024:+.0f} KiB in "
                f"{minutes * 60:.0f} s, {result}",
                flush=True,
            )
            self.assertGreater(aborts.count, SOAK_SECONDS / 2)
            self.assertEqual((result["errors"], result["other"]), (0, 0))
            if not service.IS_SANITIZED:
                self.assertLess(grown, max(minutes, 2) * MIB if service.IS_FULL else 8 * MIB)
            self.assertTrue(
                service.eventually(lambda: of.descriptors() <= idle + FEW_DESCRIPTORS, 10),
                f"{of.descriptors()} descriptors, {idle} before",
            )


if __name__ == "__main__":
    service.main()
