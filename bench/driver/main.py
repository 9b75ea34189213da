"""The command line of bench/run."""

import argparse
import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from . import at_rates, cached, generators, growth, growth_tasks, growth_users, hit_ratio
from . import instances, mixed, overhead, published, scrapes, standing, tasks, tasks_kept, timed
from . import timed_postgres
from .contestants import missing_program
from .database import Databases
from .settings import ROOT, Settings

BENCHES = {
    "http": timed.http,
    "pipeline": timed.pipeline,
    "page-sqlite": timed.page,
    "page-postgres": timed_postgres.page,
    "cursor": timed_postgres.cursor,
    "mapper": mixed.mapper,
    "point": timed_postgres.point,
    "post-sqlite": timed.post,
    "post-postgres": timed_postgres.post,
    "mixed-sqlite": mixed.mixed,
    "cached": cached.in_process,
    "gzip-kept": cached.gzip_kept,
    "gzip-on-the-fly": cached.gzip_on_the_fly,
    "redis": cached.in_redis,
    "hitratio": hit_ratio.hit_ratio,
    "tasks-redis": tasks.on_redis,
    "tasks-durable": tasks_kept.durable,
    "tasks-idle": tasks_kept.at_rest,
    "load": generators.load,
    "overhead": overhead.overhead,
    "scrapes": scrapes.scrapes,
    "instances": instances.instances,
    "growth-rows-sqlite": growth.rows_on_sqlite,
    "growth-rows-postgres": growth.rows_on_postgres,
    "growth-connections": growth.connections,
    "growth-users": growth_users.users,
    "growth-routes": growth.routes,
    "growth-backlog": growth_tasks.backlog,
    "rates-http": at_rates.http,
    "rates-page-sqlite": at_rates.page_sqlite,
    "rates-page-postgres": at_rates.page_postgres,
    "rates-cached": at_rates.kept_page,
    "start": standing.start,
    "idle": standing.idle,
}
GROUPS = {
    "page": ("page-sqlite", "page-postgres", "cursor", "mapper"),
    "post": ("post-sqlite", "post-postgres"),
    "gzip": ("gzip-kept", "gzip-on-the-fly"),
    "mixed": ("mixed-sqlite", "post-postgres"),
    "tasks": ("tasks-redis", "tasks-durable", "tasks-idle"),
    "rates-page": ("rates-page-sqlite", "rates-page-postgres"),
    "rates": ("rates-http", "rates-page-sqlite", "rates-page-postgres", "rates-cached"),
    "growth-rows": ("growth-rows-sqlite", "growth-rows-postgres"),
    "growth": (
        *("growth-rows-sqlite", "growth-rows-postgres", "growth-connections", "growth-users"),
        *("growth-routes", "growth-backlog"),
    ),
}


def chosen(names: list) -> list:
    """The benchmarks that the names mean, each once."""
    return list(dict.fromkeys(each for name in names or BENCHES for each in GROUPS.get(name, (name,))))


def known() -> list:
    return list(dict.fromkeys([*BENCHES, *GROUPS]))


def parse(arguments: list) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/run", description="Side-by-side benchmarks")
    option = parser.add_argument
    option("names", nargs="*", metavar="name", help="of " + ", ".join(known()) + "; default: all")
    quick = "3 rounds of 1.5 s instead of 5 of 3 s; 5 starts; 4,000 tasks"
    option("--quick", action="store_true", help=quick)
    option("--rounds", type=int, help="rounds of every contestant")
    option("--seconds", type=float, help="length of one measure")
    option("--tasks", type=int, help="background tasks of one measure (20,000)")
    option("--page", action="store_true", help="only make docs/performance.md anew from the results")
    option("--large", action="store_true", help="growth to 10,000,000 rows, 1,000,000 tasks")
    option("--build", type=Path, default=ROOT / "build" / "release", help="build folder (build/release)")
    option("--favoured", action="store_true", help="put server and generator before other work (root)")
    option("--scratch", type=Path, help="folder for the databases (default: in the build folder)")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.names if name not in known()]
    if unknown:
        parser.error(f"there is no benchmark {unknown[0]}; there are {', '.join(known())}")
    if options.favoured and os.geteuid() != 0:
        parser.error("--favoured needs root")
    return options


def settings_of(options: argparse.Namespace, scratch: Path) -> Settings:
    settings = Settings(build=options.build.resolve(), scratch=scratch, favoured=options.favoured)
    settings = replace(settings, large=options.large)
    if options.quick:
        settings = replace(settings, rounds=3, seconds=1.5, warm_up=0.5, starts=5, tasks=4_000)
    if options.rounds:
        settings = replace(settings, rounds=options.rounds)
    if options.tasks:
        settings = replace(settings, tasks=options.tasks)
    if options.seconds:
        settings = replace(settings, seconds=options.seconds)
    return settings


def say(text: str) -> None:
    print(text, flush=True)


def main(arguments: list) -> int:
    options = parse(arguments)
    if options.page:
        published.write_page(say)
        return 0
    if len(os.sched_getaffinity(0)) < 2:
        print("bench/run: two cores are needed: one for the server, one for the generator", file=sys.stderr)
        return 1
    parent = options.scratch or options.build
    with tempfile.TemporaryDirectory(prefix="bench-", dir=parent if parent.is_dir() else None) as scratch:
        settings = settings_of(options, Path(scratch).resolve())
        if missing := missing_program(settings, "bench_load"):
            print(f"bench/run: {missing}; run ./dev build first", file=sys.stderr)
            return 1
        try:
            with Databases(settings, say) as databases:
                for name in chosen(options.names):
                    say("")
                    BENCHES[name](settings, databases, say)
            if not options.names:
                published.write_page(say)
        except (RuntimeError, OSError) as error:
            print(f"bench/run: {error}", file=sys.stderr)
            return 1
    return 0
