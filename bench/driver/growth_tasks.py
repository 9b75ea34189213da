"""growth-backlog: what it costs to carry out a task as those that wait grow, tenfold from size to size."""

import sqlite3
import time
from contextlib import closing, contextmanager
from dataclasses import replace

from . import task_workers as who
from .database import Databases, sqlite_url
from .results import write_result
from .rounds import column, range_name, spread
from .server import Server
from .settings import Settings
from .table import aligned, rate, small, with_range
from .tasks import LONGEST, carry_out, driver_on, environment_of, service

ENDED = "SELECT count(*) FROM brio_tasks WHERE state > 3"
LAST_ENDED = ENDED + " AND number = (SELECT max(number) FROM brio_tasks)"
LOOK_EVERY = 0.01


def sizes(settings: Settings) -> tuple:
    return (100, 1_000, 10_000, 100_000, *((1_000_000,) if settings.large else ()))


def in_database(settings: Settings, environment: dict, count: int, ask) -> dict:
    """One measure with the tasks in a database that `ask` gives a number of."""
    beside = replace(settings, server_core=settings.generator_core)
    with Server(service(settings, environment), beside) as pushing:
        worker = who.brio(settings, environment, pushing)
        with who.Worker(worker, settings) as process:
            process.hold()
            worker.fill(count)
            before = who.cpu_seconds(process.process.pid)
            begin = time.monotonic()
            process.go_on()
            while not ask(LAST_ENDED) or ask(ENDED) < count:
                process.expect_alive()
                if time.monotonic() > begin + LONGEST:
                    raise RuntimeError(f"only {ask(ENDED)} of {count} tasks are done")
                time.sleep(LOOK_EVERY)
            seconds = time.monotonic() - begin
            used = who.cpu_seconds(process.process.pid) - before
    return {"tasks_per_second": count / seconds, "cpu_us": used / count * 1e6}


@contextmanager
def sqlite_place(settings: Settings, databases: Databases, name: str):
    path = settings.scratch / f"{name}.db"

    def ask(text):
        with closing(sqlite3.connect(path, timeout=30)) as connection:
            return connection.execute(text).fetchone()[0]

    yield sqlite_url(path), ask
    for each in settings.scratch.glob(f"{name}.db*"):
        each.unlink()


@contextmanager
def postgres_place(settings: Settings, databases: Databases, name: str):
    url = databases.postgres.create(name)
    yield url, lambda text: databases.postgres.number(text, name)
    databases.postgres.drop(name)


def on_redis(settings: Settings, databases: Databases, environment: dict, count: int) -> dict:
    beside = replace(settings, server_core=settings.generator_core)
    with Server(service(settings, environment), beside) as pushing:
        report, _ = carry_out(settings, databases.redis, who.brio(settings, environment, pushing), count)
    return report


def measure_all(settings: Settings, databases: Databases, count: int, number: int) -> dict:
    one = {}
    for name, place in (("sqlite", sqlite_place), ("postgres", postgres_place)):
        with place(settings, databases, f"backlog_{count}_{number}") as (url, ask):
            one[name] = in_database(settings, environment_of(settings, url), count, ask)
    url = sqlite_url(settings.scratch / "beside-redis.db")
    one["redis"] = on_redis(settings, databases, environment_of(settings, url, databases.redis.url), count)
    return one


def backlog(settings: Settings, databases: Databases, say) -> None:
    say("growth-backlog: tasks that do nothing, carried out until none waits, as those that wait grow")
    points = []
    with driver_on(settings.generator_core):
        for count in sizes(settings):
            rounds = []
            for number in range(settings.rounds):
                rounds.append(measure_all(settings, databases, count, number))
                rates = (f"{name} {one['tasks_per_second']:,.0f}" for name, one in rounds[-1].items())
                say(f"  {count:,} tasks, round {number + 1}: {', '.join(rates)}")
            points.append({"size": count, "rounds": rounds})
    rows = [("tasks", *(f"{name}: tasks/s ({range_name(rounds)}), CPU us" for name in rounds[0]))]
    for point in points:
        cells = []
        for name in rounds[0]:
            rates = spread(column(point["rounds"], name, lambda report: report["tasks_per_second"]))
            cpu = spread(column(point["rounds"], name, lambda report: report["cpu_us"]))[0]
            cells.append(f"{with_range(rates, rate)}, {small(cpu)}")
        rows.append((f"{point['size']:,}", *cells))
    say("")
    say(aligned(rows))
    content = {"axis": "tasks that wait", "work": {"slots": who.SLOTS}, "points": points}
    say(f"written: {write_result(settings, 'growth-backlog', content)}")
