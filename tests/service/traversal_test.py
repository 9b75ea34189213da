#!/usr/bin/env python3
"""A walk by cursor meets every row that is there throughout exactly once, whatever others write (T-I3)."""
import threading
import time
import unittest

import service

ROWS = 100_000 if service.IS_FULL else 4_000
PAGE_SIZE = 100 if service.IS_FULL else 20
PAUSE = 0.01  # before each page, so that there is time for writes
RATE = 200  # inserts a second, and as many deletes
MORTAL = 7  # divides the ids of the old rows that may go
ORDERS = (("id", "asc"), ("id", "desc"), ("created_at", "asc"), ("created_at", "desc"))


class Writer(threading.Thread):
    """Adds rows and takes rows away, old ones and its own, until told to stop."""

    def __init__(self, of):
        super().__init__(daemon=True)
        self.of = of
        self.made = []
        self.gone = 0
        self.failed = []
        self.stopped = threading.Event()
        self.start()

    def run(self):
        begun = time.monotonic()
        with self.of.connect() as wire:
            while not self.stopped.is_set():
                due = begun + len(self.made) / RATE
                if (ahead := due - time.monotonic()) > 0:
                    time.sleep(ahead)
                answer = wire.request("POST", "/api/resources", {"name": f"new {len(self.made)}"})
                self.judge(answer, 201)
                self.made.append(answer.json()["id"])
                turn = len(self.made)  # takes one of the old rows that MORTAL divides, then one of its own
                victim = self.made[turn // 2] if turn % 2 == 0 else MORTAL * (turn // 2 + 1)
                if turn % 2 == 0 or victim <= ROWS:
                    self.gone += 1
                    self.judge(wire.request("DELETE", f"/api/resources/{victim}"), 204)

    def judge(self, answer, status):
        if answer.status != status:
            self.failed.append(repr(answer))


@service.on_every_engine
class Traversal(unittest.TestCase):
    engine = "sqlite"

    def walk(self, wire, sort, order):
        """The ids in the order in which the walk met them."""
        met, cursor = [], ""
        target = f"/api/resources?page_size={PAGE_SIZE}&total=none&sort_by={sort}&sort_order={order}"
        while cursor is not None:
            answer = wire.request("GET", target + (f"&cursor={cursor}" if cursor else ""))
            self.assertEqual(answer.status, 200, answer)
            page = answer.json()
            met += [item["id"] for item in page["items"]]
            time.sleep(PAUSE)
            cursor = page["next_cursor"]
        return met

    def test_a_walk_among_writes_meets_each_row_once(self):
        with service.Service(rows=ROWS, engine=self.engine) as of, of.connect(30) as wire:
            writer = Writer(of)
            for sort, order in ORDERS:
                written = len(writer.made)
                begun = time.monotonic()
                met = self.walk(wire, sort, order)
                took = time.monotonic() - begun
                there_throughout = {i for i in range(1, ROWS + 1) if i % MORTAL != 0}
                twice = len(met) - len(set(met))
                missing = there_throughout - set(met)
                print(
                    f"  by {sort} {order}: {len(met)} rows in {took:.1f} s, {len(writer.made) - written} "
                    f"inserted meanwhile, {twice} twice, {len(missing)} missing",
                    flush=True,
                )
                self.assertEqual(twice, 0)
                self.assertEqual(sorted(missing)[:5], [])
            writer.stopped.set()
            writer.join(10)
            self.assertEqual(writer.failed, [])
            self.assertGreater(writer.gone, 100)


if __name__ == "__main__":
    service.main()
