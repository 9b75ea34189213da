"""tasks-durable, tasks-idle: tasks pushed and carried out by one process, and how soon one begins at rest."""

import json
import random
import time
from contextlib import contextmanager
from dataclasses import replace

from . import task_workers as who
from .database import Databases, sqlite_url
from .exchange import exchange
from .results import write_result
from .server import Server
from .settings import Settings
from .table import aligned, small
from .tasks import LONGEST, driver_on, environment_of, service
from .tasks_shown import conclude, say_round

IDLE_PUSHES = 500
IDLE_GAPS = (0.005, 0.035)  # seconds between two pushes
IDLE_GOAL_MS = 5
SEED = 1


def at_once(settings: Settings, engine: str, url_of, say) -> None:
    """Pushed and carried out by one process: by Brio one task a push and 32, and by the raw program."""
    count = settings.tasks * 5 // 2 // 32 * 32
    say(f"tasks-{engine}: {count:,} tasks pushed and carried out by one process, all of it durable")
    raw, program = settings.program("bench_raw_tasks"), settings.program("bench_tasks_at_once")
    given = ["--count", count, "--slots", who.SLOTS]
    commands = {
        "raw": lambda url: [raw, f"--{engine}", url.removeprefix("sqlite:///"), "--count", count],
        "brio, one by one": lambda url: [program, "--database", url, *given, "--clients", who.SLOTS],
        "brio, by 32": lambda url: [program, "--database", url, *given, "--clients", 16, "--batch", 32],
    }
    rounds = []
    with driver_on(settings.generator_core):
        for number in range(settings.rounds):
            one = {}
            for name, command in commands.items():
                with url_of(f"tasks_{number}_{len(one)}") as url:
                    told = json.loads(who.pinned(settings, command(url), {"BRIO_LOG": "off"}).stdout)
                one[name] = {
                    "tasks_per_second": told["tasks"] / told["seconds"],
                    "cpu_us": told["cpu_seconds"] / told["tasks"] * 1e6,
                }
            rounds.append(one)
            say_round(number, one, say)
    conclude(settings, f"tasks-{engine}", {"tasks": count, "slots": who.SLOTS}, rounds, "raw", say)


def durable(settings: Settings, databases: Databases, say) -> None:
    @contextmanager
    def file(name):
        path = settings.scratch / f"{name}.db"
        yield sqlite_url(path)
        for each in settings.scratch.glob(f"{name}.db*"):
            each.unlink()

    @contextmanager
    def database(name):
        yield databases.postgres.create(name)
        databases.postgres.drop(name)

    at_once(settings, "sqlite", file, say)
    at_once(settings, "postgres", database, say)


def wait_times(settings: Settings, environment: dict, pushes: int) -> list:
    """From a push to the task's begin in another process that waits, in milliseconds, sorted."""
    waits = settings.scratch / "waits"
    waits.unlink(missing_ok=True)
    gaps = random.Random(SEED)
    settings_beside = replace(settings, server_core=settings.generator_core)
    worker = who.brio(settings, {**environment, "BENCH_WAITS": str(waits)}, None)
    with Server(service(settings, environment), settings_beside) as server, who.Worker(worker, settings):
        for _ in range(pushes):
            time.sleep(gaps.uniform(*IDLE_GAPS))
            answer = exchange(server.port, "/waits", "POST", b"{}")
            if answer.status != 202:
                raise RuntimeError(f"a push is answered with {answer.status}: {answer.body[:300]!r}")
        end = time.monotonic() + LONGEST
        while not waits.exists() or len(lines := waits.read_text().splitlines()) < pushes:
            if time.monotonic() > end:
                raise RuntimeError("not all tasks were begun")
            time.sleep(0.05)
    return sorted(int(line) / 1e6 for line in lines)


def at_rest(settings: Settings, databases: Databases, say) -> None:
    pushes = IDLE_PUSHES
    say(f"tasks-idle: from a push to the task's begin in another process, {pushes} pushes at random gaps")
    places = {
        "sqlite": (sqlite_url(settings.scratch / "idle.db"), ""),
        "postgres": (databases.postgres.create("idle"), ""),
        "redis": (sqlite_url(settings.scratch / "beside.db"), databases.redis.url),
    }
    databases.redis.clear()
    rows, verdicts, kept = [("broker", "ms p50", "p99", "max")], [], {}
    with driver_on(settings.generator_core):
        for name, (url, broker) in places.items():
            times = kept[name] = wait_times(settings, environment_of(settings, url, broker), pushes)
            p50, p99 = times[len(times) // 2], times[len(times) * 99 // 100]
            rows.append((name, small(p50), small(p99), small(times[-1])))
            held = "held" if p99 < IDLE_GOAL_MS else "MISSED"
            verdicts.append(f"{held}: {name} p99 < {IDLE_GOAL_MS} ms: {small(p99)}")
    say(aligned(rows))
    say("\n".join(verdicts))
    work = {"pushes": pushes, "gaps_seconds": IDLE_GAPS, "seed": SEED}
    path = write_result(settings, "tasks-idle", {"work": work, "milliseconds": kept, "verdicts": verdicts})
    say(f"written: {path}")
