"""Who carries out background tasks of Redis, and who fills its queue: one process each, pinned."""

import json
import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

from .contestants import imports_all, missing_program
from .exchange import exchange
from .redis import Redis
from .server import Server, end, prepare_child, tree
from .settings import BENCH, Settings

PEERS = BENCH / "peers"
SLOTS = 256  # tasks at a time, of Brio and BullMQ
READY_TIME = 30.0
PUSHED_AT_ONCE = 1000


@dataclass(frozen=True)
class Filled:
    """A queue of Redis with tasks that wait. `results`: keys of what is there once they are done; or `done`,
    a command that counts those. `rates`: tasks/s of pushing them, by how."""

    results: list = field(default_factory=list)
    done: tuple = ()
    rates: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Contestant:
    name: str
    command: list
    fill: Callable[[int], Filled]
    environment: dict = field(default_factory=dict)
    ready: str = "ready"  # in its output
    missing: str = ""  # why it cannot take part


def cpu_seconds(process: int) -> float:
    """Of the process and those below it that are there."""
    files = (file for each in tree(process) for file in Path(f"/proc/{each}/task").glob("*/schedstat"))
    return sum(int(file.read_text().split()[0]) for file in files) / 1e9


def pinned(settings: Settings, command: list, environment: dict) -> subprocess.CompletedProcess:
    """Runs it on the core of what is measured; it must succeed."""
    done = subprocess.run(
        ["taskset", "-c", str(settings.server_core), *map(str, command)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=prepare_child(settings.favoured),
    )
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} gave {done.returncode}: {done.stderr.strip()[-2000:]}")
    return done


class Worker:
    """Use as a context: up and idle on its core, then stopped by the kernel until go_on()."""

    def __init__(self, contestant: Contestant, settings: Settings):
        self.name = contestant.name
        self._contestant = contestant
        self._settings = settings
        self._log = settings.scratch / f"{contestant.name.replace(' ', '-')}.log"

    def __enter__(self) -> "Worker":
        contestant, settings = self._contestant, self._settings
        with open(self._log, "wb") as log:
            self.process = subprocess.Popen(
                ["taskset", "-c", str(settings.server_core), *map(str, contestant.command)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **contestant.environment, "PYTHONDONTWRITEBYTECODE": "1"},
                start_new_session=True,
                preexec_fn=prepare_child(settings.favoured),
                cwd=settings.scratch,
            )
        end = time.monotonic() + READY_TIME
        while contestant.ready not in self._log.read_text(errors="replace"):
            if self.process.poll() is not None or time.monotonic() > end:
                self.__exit__()
                raise RuntimeError(f"{self.name} does not become ready: {self.output()}")
            time.sleep(0.02)
        time.sleep(0.5)  # it waits for tasks now
        return self

    def __exit__(self, *_) -> None:
        self.go_on()
        end(self.process)

    def hold(self) -> None:
        os.killpg(self.process.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGCONT)

    def output(self) -> str:
        return self._log.read_text(errors="replace")[-2000:]

    def expect_alive(self) -> None:
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.name} ended with {self.process.returncode}: {self.output()}")


def result_keys(ids: list) -> list:
    return [f"celery-task-meta-{each}" for each in ids]


def fill_by(service: Server) -> Callable[[int], Filled]:
    """Pushed through Brio's service, many at a time."""

    def fill(count: int) -> Filled:
        ids = []
        while len(ids) < count:
            wanted = min(PUSHED_AT_ONCE, count - len(ids))
            answer = exchange(service.port, "/tasks/many", "POST", b'{"count":%d}' % wanted, timeout=30)
            if answer.status != 202:
                raise RuntimeError(f"pushing is answered with {answer.status}: {answer.body[:300]!r}")
            ids += answer.json()["ids"]
        return Filled(result_keys(ids))

    return fill


def raw(settings: Settings, redis: Redis, service: Server) -> Contestant:
    program = "bench_raw_tasks"
    return Contestant(
        name="raw",
        command=[settings.program(program), "--redis", redis.url],
        fill=fill_by(service),
        missing=missing_program(settings, program),
    )


def brio(settings: Settings, environment: dict, service: Server) -> Contestant:
    program = "bench_tasks"
    return Contestant(
        name="brio",
        command=[settings.program(program), "worker", "--concurrency", SLOTS],
        fill=fill_by(service),
        environment={**environment, "BRIO_LOG": "text"},
        ready="working",
        missing=missing_program(settings, program),
    )


def celery(settings: Settings, redis: Redis) -> Contestant:
    """As the guide configures it; `-c 1`: one process that carries out tasks."""
    candidates = ("/usr/bin/python3", shutil.which("python3"))
    python = next((p for p in candidates if p and imports_all(p, ["celery"])), "")
    environment = {"BENCH_REDIS": redis.url, "PYTHONPATH": str(PEERS)}

    def fill(count: int) -> Filled:
        done = pinned(settings, [python, "-W", "ignore", PEERS / "celery_tasks.py", count], environment)
        told = json.loads(done.stdout)
        return Filled(result_keys(told["ids"]), rates={"celery": count / told["seconds"]})

    options = ["-P", "prefork", "-c", 1, "-Q", "main-queue", "--loglevel", "WARNING"]
    return Contestant(
        name="celery",
        command=[python, "-W", "ignore", "-m", "celery", "-A", "celery_tasks", "worker", *options],
        fill=fill,
        environment=environment,
        missing="" if python else "python3-celery is not installed",
    )


def bullmq(settings: Settings, redis: Redis) -> Contestant:
    folder = PEERS / "bullmq"
    node = shutil.which("node")
    missing = "" if node else "node is not installed"
    if node and not (folder / "node_modules" / "bullmq").exists():
        missing = "npm ci --prefix bench/peers/bullmq has not been run"
    port = redis.url.rpartition(":")[2].partition("/")[0]
    program = [node, folder / "tasks.mjs"]
    environment = {"NODE_ENV": "production"}

    def fill(count: int) -> Filled:
        half = count // 2
        rates = {}
        for name, clients, share in (("bullmq", 1, half), ("bullmq, 64 clients", 64, count - half)):
            told = pinned(settings, [*program, "push", share, clients, port], environment)
            rates[name] = share / json.loads(told.stdout)["seconds"]
        return Filled(done=("ZCARD", "bull:bench:completed"), rates=rates)

    return Contestant(
        name="bullmq",
        command=[*program, "work", SLOTS, port],
        fill=fill,
        environment=environment,
        missing=missing,
    )
