"""tasks-redis: background tasks that do nothing, kept by Redis, beside Celery, BullMQ and a bare program."""

import json
import os
import subprocess
import time
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from . import task_workers as who
from .contestants import missing_program
from .database import Databases, sqlite_url
from .load import Work, measure
from .redis import Redis
from .server import Contestant, Server
from .settings import Settings
from .tasks_shown import conclude, say_round
from .timed import present

LONGEST = 600.0  # seconds for the tasks of one measure
LOOK_EVERY = 0.002
LOOKED_AT_ONCE = 1000
PUSH = Work(path="/tasks", method="POST", body='{"number":{n}}', last=100_000)


@contextmanager
def driver_on(core: int):
    """This process, and what it starts meanwhile without a core of its own, stays off the measured one."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def service(settings: Settings, environment: dict) -> Contestant:
    """Brio's program that pushes."""
    program = settings.program("bench_tasks")
    options = ["--admin-port", 0, "--threads", 1, "--workers", 0]
    return Contestant(
        name="pushing service",
        command=lambda port, _: [program, "serve", "--port", port, *options],
        environment=environment,
        missing=missing_program(settings, "bench_tasks"),
    )


def environment_of(settings: Settings, database: str, broker: str = "") -> dict:
    """Of Brio's program, whose database is migrated."""
    environment = {"DATABASE_URL": database, "BRIO_LOG": "off", "BRIO_MODE": "production"}
    if broker:
        environment["BROKER_URL"] = broker
    subprocess.run(
        [settings.program("bench_tasks"), "migrate", "upgrade"],
        env={**os.environ, **environment},
        check=True,
        capture_output=True,
    )
    return environment


def wait_for_results(redis: Redis, filled: who.Filled, count: int, worker: who.Worker) -> float:
    """Returns once all are there; gives when that was, by the monotonic clock. The newest come last, so the
    others are looked for when those are there, and looking at them counts only if it finds one missing."""
    end = time.monotonic() + LONGEST

    def rest(found: int) -> None:
        worker.expect_alive()
        if time.monotonic() > end:
            raise RuntimeError(f"{worker.name} has not done all tasks, {found} results are looked at")
        time.sleep(LOOK_EVERY)

    with redis.connect() as connection:
        while filled.done and (found := connection.command(*filled.done)) < count:
            rest(found)
        at = time.monotonic()
        newest = len(filled.results)
        for begin in reversed(range(0, newest, LOOKED_AT_ONCE)):
            keys = filled.results[begin : begin + LOOKED_AT_ONCE]
            was_missing = False
            for part in (keys[-1:], keys):  # the last one is asked for alone as long as it is not there
                while connection.command("EXISTS", *part) < len(part):
                    was_missing = True
                    rest(newest - begin)
            if was_missing:
                at = time.monotonic()
    return at


def carry_out(settings: Settings, redis: Redis, contestant: who.Contestant, count: int) -> tuple:
    """One measure: a report for the table, and the rates of pushing."""
    redis.clear()
    with who.Worker(contestant, settings) as worker:
        worker.hold()
        filled = contestant.fill(count)
        before, redis_before = who.cpu_seconds(worker.process.pid), who.cpu_seconds(redis.pid)
        begin = time.monotonic()
        worker.go_on()
        seconds = wait_for_results(redis, filled, count, worker) - begin
        used = who.cpu_seconds(worker.process.pid) - before
        report = {
            "tasks_per_second": count / seconds,
            "cpu_us": used / count * 1e6,
            "redis_cpu_us": (who.cpu_seconds(redis.pid) - redis_before) / count * 1e6,
        }
    return report, filled.rates


def push_by_brio(settings: Settings, redis: Redis, pushing: Contestant) -> dict:
    """Rates of a program that pushes one task after the other, and of a service whose every request pushes
    one."""
    redis.clear()
    program = settings.program("bench_tasks_push")
    options = ["--redis", redis.url, "--count", settings.tasks, "--clients", 1]
    told = who.pinned(settings, [program, *options], {})
    rates = {"brio": settings.tasks / json.loads(told.stdout)["seconds"]}
    with Server(replace(pushing, name="brio"), settings) as server:
        for name, connections in (("brio, 1 request", 1), ("brio, 64 requests", 64)):
            redis.clear()
            report = measure(replace(settings, connections=connections), server, PUSH, settings.warm_up / 4)
            rates[name] = report["requests_per_second"]
    return rates


def on_redis(settings: Settings, databases: Databases, say) -> None:
    count = settings.tasks
    say(f"tasks-redis: {count:,} waiting tasks, acknowledged late, results kept; and pushing them")
    redis = databases.redis
    environment = environment_of(settings, sqlite_url(settings.scratch / "tasks.db"), redis.url)
    pushing = service(settings, environment)
    with ExitStack() as stack:
        stack.enter_context(driver_on(settings.generator_core))
        beside = stack.enter_context(Server(pushing, replace(settings, server_core=settings.generator_core)))
        candidates = present(
            [
                who.raw(settings, redis, beside),
                who.brio(settings, environment, beside),
                who.bullmq(settings, redis),
                who.celery(settings, redis),
            ],
            say,
        )
        carried_out, pushed = [], []
        for number in range(settings.rounds):
            one, rates = {}, {}
            for contestant in candidates:
                one[contestant.name], more = carry_out(settings, redis, contestant, count)
                rates.update(more)
            rates.update(push_by_brio(settings, redis, pushing))
            carried_out.append(one)
            pushed.append({name: {"tasks_per_second": each} for name, each in rates.items()})
            say_round(number, carried_out[-1], say)
            say_round(number, pushed[-1], say)
    work = {"tasks": count, "slots": who.SLOTS}
    conclude(settings, "tasks-redis", work, carried_out, "raw", say)
    conclude(settings, "tasks-push", {"push": PUSH.noted()}, pushed, "celery", say)
