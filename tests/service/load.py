"""Clients at a fixed rate, in a process of their own beside the test that makes things go wrong.

A program of this folder derives from PacedLoad and calls main(load, file) within its event loop: it asks
until SIGTERM, then finishes what is under way and writes FILE: a line of JSON for each result. Its test:

    with under_load("cache_load.py", of.port, RATE, results=[]) as results:
        ...         # `results` are filled when the block has ended
"""
import asyncio
import json
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import crowd

PATIENCE = 30.0  # for an answer


class PacedLoad:
    """Begins request(number) `rate` times a second, whatever becomes of those before."""

    def __init__(self, port, rate):
        self.port = port
        self.rate = rate
        self.idle = []  # connections
        self.results = []
        self.stopped = asyncio.Event()

    async def request(self, number):
        raise NotImplementedError

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

    async def ask(self, request):
        """Its result, which is kept and may be added to, and the answer: None when there was none."""
        result = {"begun": time.monotonic(), "status": 0, "error": None}
        answer = None
        try:
            answer = await asyncio.wait_for(self.exchange(request), PATIENCE)
            result["status"] = answer.status
        except Exception as error:  # an answer that is none counts as one that did not come
            result["error"] = repr(error)
        result["took"] = time.monotonic() - result["begun"]
        self.results.append(result)
        return result, answer

    async def exchange(self, request):
        reader = writer = None
        while self.idle and (reader is None or reader.at_eof()):  # closed by the server, having been idle
            reader, writer = self.idle.pop()
        if reader is None or reader.at_eof():
            reader, writer = await crowd.connect(self.port)
        try:
            answer = await crowd.answer_of(reader, writer, request)
        except BaseException:
            writer.close()
            raise
        if answer.fields.get("connection", "").lower() == "close":
            writer.close()
        else:
            self.idle.append((reader, writer))
        return answer


async def main(load, file):
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, load.stopped.set)
    print("begun", flush=True)
    await load.run()
    with open(file, "w", encoding="utf-8") as out:
        for result in load.results:
            out.write(json.dumps(result) + "\n")


@contextmanager
def under_load(program, *arguments, results):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "results"
        command = [sys.executable, Path(__file__).with_name(program), *arguments, file]
        process = subprocess.Popen([*map(str, command)], stdout=subprocess.PIPE, text=True)
        try:
            process.stdout.readline()
            time.sleep(1.0)
            yield results
            process.send_signal(signal.SIGTERM)
            if process.wait(150) != 0:
                raise AssertionError("the load failed")
            results += [json.loads(line) for line in file.read_text("utf-8").splitlines()]
        finally:
            process.kill()
            process.wait()
            process.stdout.close()
