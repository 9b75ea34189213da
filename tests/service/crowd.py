"""Many clients at once, on keep-alive connections of one event loop.

    answers = run(port, requests, 50)      # requests: (target, fields) each; answers in the same order
"""
import asyncio

import wire


class Answer:
    def __init__(self, status, fields, body, took):
        self.status = status
        self.fields = fields  # by their names in lower case
        self.body = body
        self.took = took  # seconds

    def __repr__(self):
        return f"<{self.status} {self.fields} {self.body[:200]!r}>"


async def answer_of(reader, writer, request):
    """Of a request in bytes. ConnectionError or IncompleteReadError when the server closed instead."""
    begun = asyncio.get_running_loop().time()
    writer.write(request)
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    status = int(lines[0].split()[1])
    named = (line.partition(":") for line in lines[1:] if line)
    found = {name.lower(): value.strip() for name, _, value in named}
    size = 0 if status in (204, 304) else int(found.get("content-length", 0))
    body = await reader.readexactly(size)
    return Answer(status, found, body, asyncio.get_running_loop().time() - begun)


async def connect(port):
    return await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)


async def ask_all(port, requests, connections):
    """Each connection takes the next request when it is free."""
    answers = [None] * len(requests)
    numbers = iter(range(len(requests)))

    async def client():
        reader, writer = await connect(port)
        try:
            for number in numbers:
                target, fields = requests[number]
                answers[number] = await answer_of(reader, writer, wire.encode("GET", target, None, fields))
        finally:
            writer.close()

    await asyncio.gather(*(client() for _ in range(min(connections, len(requests)))))
    return answers


def run(port, requests, connections):
    return asyncio.run(ask_all(port, requests, connections))
