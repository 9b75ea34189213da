"""A Redis for benchmarks: it keeps nothing on disk, and runs on the generator's core."""

import os
import sys

from .server import favour
from .settings import ROOT, Settings

sys.path.append(str(ROOT / "tests" / "redis"))
import redis_server  # noqa: E402  tests/redis has to be on the path first


class Redis:
    """Not part of what is measured, so it stays off the server's core, as PostgreSQL does."""

    def __init__(self, settings: Settings):
        self._server = redis_server.RedisServer()
        self._server.start()
        self.pid = self._server.process.pid
        for thread in os.listdir(f"/proc/{self.pid}/task"):
            os.sched_setaffinity(int(thread), {settings.generator_core})
        if settings.favoured:
            favour(self.pid)
        self.url = self._server.url

    def describe(self) -> str:
        return f"Redis {self._server.info('redis_version')}"

    def connect(self):
        """A connection of Redis' protocol; use as a context."""
        return self._server.connect()

    def set(self, key: str, value: bytes) -> None:
        self._server.command("SET", key, value)

    def calls(self, command: str) -> int:
        """How often the command was carried out since clear()."""
        lines = self._server.command("INFO", "commandstats").decode().splitlines()
        line = next((one for one in lines if one.startswith(f"cmdstat_{command}:")), "calls=0,")
        return int(line.partition("calls=")[2].partition(",")[0])

    def clear(self) -> None:
        self._server.command("FLUSHALL")
        self._server.command("CONFIG", "RESETSTAT")

    def end(self) -> None:
        self._server.__exit__()
