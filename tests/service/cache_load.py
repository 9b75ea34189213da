#!/usr/bin/env python3
"""Clients at a fixed rate that read pages which are kept.

`cache_load.py PORT RATE PAGES FILE` (load.py). Each result has what X-Cache said.
"""
import asyncio
import sys

import load
import wire


class Pages(load.PacedLoad):
    def __init__(self, port, rate, pages):
        super().__init__(port, rate)
        self.pages = pages

    async def request(self, number):
        target = f"/api/resources?page_size=10&page={number % self.pages + 1}"
        result, answer = await self.ask(wire.encode("GET", target))
        result["cache"] = answer and answer.fields.get("x-cache")


async def main(port, rate, pages, file):
    await load.main(Pages(port, rate, pages), file)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), sys.argv[4]))
