#!/usr/bin/env python3
"""Clients at a fixed rate while the database goes wrong: half POSTs, a quarter pages, a quarter reads by id.

`database_load.py PORT RATE FILE` (load.py). Every POST has an Idempotency-Key and is repeated under it, a
second later and then ever later, while its answer is a 503 or its connection broke.
"""
import asyncio
import random
import sys

import load
import wire

TRIES = 20
LONGEST_PAUSE = 8.0


class Mixed(load.PacedLoad):
    async def request(self, number):
        if number % 2 == 1:
            page, one = "?page_size=5&total=none", f"/{number % 100 + 1}"
            await self.note(number, "GET", "/api/resources" + (page if number % 4 == 1 else one))
            return
        name = f"load-{number}"
        for tried in range(TRIES):
            status = await self.note(number, "POST", "/api/resources", {"name": name}, name)
            if status not in (0, 503):
                return
            await asyncio.sleep(min(2**tried, LONGEST_PAUSE) * (0.75 + random.random() / 2))

    async def note(self, number, method, target, body=None, key=""):
        fields = {"Idempotency-Key": key} if key else {}
        result, answer = await self.ask(wire.encode(method, target, body, fields))
        result |= {"number": number, "method": method, "key": key}
        if answer:
            result["retry_after"] = answer.fields.get("retry-after")
            result["said"] = answer.body.decode()[:500] if answer.status >= 400 else None
        return result["status"]


async def main(port, rate, file):
    await load.main(Mixed(port, rate), file)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2]), sys.argv[3]))
