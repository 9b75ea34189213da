#!/usr/bin/env python3
"""Clients at a fixed rate while the database goes wrong: half POSTs, a quarter pages, a quarter reads by id.

`database_load.py PORT RATE FILE` asks until SIGTERM, then finishes what is under way and writes FILE: a line
of JSON for each request. Every POST has an Idempotency-Key and is repeated under it, a second later and then
ever later, while its answer is a 503 or its connection broke.
"""
import asyncio
import json
import random
import signal
import sys
import time

PATIENCE = 30.0
TRIES = 20
LONGEST_PAUSE = 8.0


class Load:
    def __init__(self, port, rate):
        self.port = port
        self.rate = rate
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
            task = asyncio.create_task(self.request(number))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
            number += 1
        await asyncio.gather(*under_way)

    async def request(self, number):
        if number % 2 == 1:
            page, one = "?page_size=5&total=none", f"/{number % 100 + 1}"
            await self.ask(number, "GET", "/api/resources" + (page if number % 4 == 1 else one), b"", "")
            return
        name = f"load-{number}"
        body = json.dumps({"name": name}).encode()
        for tried in range(TRIES):
            status = await self.ask(number, "POST", "/api/resources", body, name)
            if status not in (0, 503):
                return
            await asyncio.sleep(min(2**tried, LONGEST_PAUSE) * (0.75 + random.random() / 2))

    async def ask(self, number, method, target, body, key):
        head = f"{method} {target} HTTP/1.1\r\nHost: load\r\n"
        if body:
            head += "Content-Type: application/json\r\n"
            head += f"Content-Length: {len(body)}\r\nIdempotency-Key: {key}\r\n"
        begun = time.monotonic()
        try:
            status, fields = await asyncio.wait_for(self.exchange(head.encode() + b"\r\n" + body), PATIENCE)
        except Exception as error:  # an answer that is none counts as one that did not come
            status, fields = 0, {"error": repr(error)}
        self.results.append({
            "number": number,
            "method": method,
            "begun": begun,
            "took": time.monotonic() - begun,
            "status": status,
            "key": key,
            "retry_after": fields.get("retry-after"),
            "said": fields.get("error") or fields.get("body"),
        })
        return status

    async def exchange(self, request):
        reader = writer = None
        while self.idle and (reader is None or reader.at_eof()):  # closed by the server, having been idle
            reader, writer = self.idle.pop()
        if reader is None or reader.at_eof():
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(request)
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            lines = (line.partition(":") for line in head[1:])
            fields = {name.lower(): value.strip() for name, _, value in lines}
            body = await reader.readexactly(int(fields.get("content-length", 0)))
        except BaseException:
            writer.close()
            raise
        if fields.get("connection", "").lower() == "close":
            writer.close()
        else:
            self.idle.append((reader, writer))
        status = int(head[0].split()[1])
        if status >= 400:
            fields["body"] = body.decode()[:500]
        return status, fields


async def main(port, rate, file):
    load = Load(port, rate)
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, load.stopped.set)
    print("begun", flush=True)
    await load.run()
    with open(file, "w", encoding="utf-8") as out:
        for result in load.results:
            out.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2]), sys.argv[3]))
