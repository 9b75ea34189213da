"""mixed: 80 % pages, 20 % durable inserts, on SQLite; mapper: what a page costs beyond the engine's C API."""

import json
import random
import subprocess
from pathlib import Path

from . import contestants as who
from .checks import same_creations, same_pages
from .database import Databases, copy_database, count_resources, sqlite_url
from .load import Work
from .results import write_result
from .settings import Settings
from .timed import PAGE, POST, run

REQUESTS = 20_000
SEED = 20240314
MAPPER_GOAL_US = 1.5


def request_list(folder: Path, name: str, page: str) -> Path:
    """Lines for the generator: four pages to one POST, in random order, the same each time."""
    chance = random.Random(SEED)
    lines = []
    for number in range(REQUESTS):
        if number % 5 == 0:
            lines.append(f"POST {POST.path} {POST.body.replace('{n}', str(number))}")
        else:
            lines.append(f"GET {page.replace('{n}', str(chance.randint(1, PAGE.last)))}")
    chance.shuffle(lines)
    path = folder / name
    path.write_text("\n".join(lines) + "\n")
    return path


def mixed(settings: Settings, databases: Databases, say) -> None:
    """Without totals, which each write makes somebody count again; and with them, to show what that costs."""
    say("mixed-sqlite: 80 % GET of 20 resources with owners, 20 % durable POST, each on a copy of the file")
    names = ("brio", "brio, totals", "fastapi")
    copies = {name: copy_database(databases.sqlite, f"mixed-{name.replace(', ', '-')}") for name in names}
    urls = {name: sqlite_url(copies[name]) for name in names}
    candidates = [who.brio(settings, urls[name], name=name) for name in names[:2]]
    candidates.append(who.fastapi(urls["fastapi"]))
    without = Work(list=str(request_list(settings.scratch, "without", PAGE.path + "&total=none")))
    totals = Work(list=str(request_list(settings.scratch, "totals", PAGE.path)))

    def check(servers):
        same_pages(servers, [PAGE.path.replace("{n}", "1"), PAGE.path.replace("{n}", "2&total=none")])
        same_creations(servers, POST.path, POST.body.replace("{n}", "1").encode())

    work = {name: totals if name == "brio, totals" else without for name in names}
    rounds = run(settings, "mixed-sqlite", candidates, work, say, check)
    for name in rounds[0]:
        answered = sum(one[name]["requests"] for one in rounds) // 5
        stored = count_resources(copies[name]) - settings.rows
        if stored < answered * 0.9:
            raise RuntimeError(f"{name} answered about {answered} POSTs but stored {stored} rows")


def mapper(settings: Settings, databases: Databases, say) -> None:
    """Of brio_db_bench: a page of 20 by Brio into JSON, less the same steps and columns by SQLite's C API."""
    program = settings.program("brio_db_bench")
    if not program.exists():
        say(f"left out: mapper (brio_db_bench is not built in {settings.build})")
        return
    say("mapper: a page of 20 from SQLite into JSON, in microseconds")
    command = ["taskset", "-c", str(settings.server_core), str(program)]
    command += ["--benchmark_filter=^(bare_steps|encoder)$", "--benchmark_format=json"]
    command += ["--benchmark_repetitions=9", "--benchmark_enable_random_interleaving=true"]
    command += ["--benchmark_min_time=0.2"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    times = {}
    for one in json.loads(done.stdout)["benchmarks"]:
        if one["run_type"] == "iteration":
            times.setdefault(one["run_name"], []).append(one["cpu_time"] / 1000)
    best = {name: min(values) for name, values in times.items()}
    cost = best["encoder"] - best["bare_steps"]
    verdict = (
        f"{'held' if cost <= MAPPER_GOAL_US else 'MISSED'}: mapper <= {MAPPER_GOAL_US} us over the C API: "
        f"{cost:.2f} ({best['encoder']:.2f} less {best['bare_steps']:.2f}, the least of nine each)"
    )
    say(verdict)
    path = write_result(settings, "mapper", {"microseconds": times, "verdicts": [verdict]})
    say(f"written: {path}")
