#!/usr/bin/env python3
"""Clients at a fixed rate that read pages which are kept.

`cache_load.py PORT RATE PAGES FILE` asks until SIGTERM, then finishes what is under way and writes FILE: a
line of JSON for each request, with what X-Cache said.
"""
import asyncio
import json
import signal
import sys
import time

import crowd

PATIENCE = 30.0


class Load:
    def __init__(self, port, rate, pages):
        self.port = port
        self.rate = rate
        self.pages = pages
        self.idle = []
        self.results = []
        self.stopped = asyncio.Event()

    async def run(self):
        begun = time.monotonic()
        under_way = set()
        number = 0
        while not self.stopped.is_set():
            due = begun + number / self.rate
            if (ahead := due - time.monotonic()) > 0:
                await asyncio.sleep(ahead)
            target = f"/api/resources?page_size=10&page={number % self.pages + 1}"
            task = asyncio.create_task(self.ask(target))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
            number += 1
        await asyncio.gather(*under_way)

    async def ask(self, target):
        begun = time.monotonic()
        status, cache = 0, ""
        try:
            answer = await asyncio.wait_for(self.exchange(target), PATIENCE)
            status, cache = answer.status, answer.fields.get("x-cache", "")
        except Exception as error:  # an answer that is none counts as one that did not come
            cache = repr(error)
        took = time.monotonic() - begun
        self.results.append({"begun": begun, "took": took, "status": status, "cache": cache})

    async def exchange(self, target):
        streams = self.idle.pop() if self.idle else await crowd.connect(self.port)
        answer = await crowd.exchange(*streams, target)
        self.idle.append(streams)
        return answer


async def main(port, rate, pages, file):
    load = Load(port, rate, pages)
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, load.stopped.set)
    print("begun", flush=True)
    await load.run()
    with open(file, "w", encoding="utf-8") as out:
        for result in load.results:
            out.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), sys.argv[4]))
