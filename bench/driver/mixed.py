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


def request_list(folder: Path) -> Path:
    """Lines for the generator: four pages of PAGE to one POST, in random order, the same each time."""
    lines = random.Random(SEED)
    path = folder / "mixed.list"
    with open(path, "w") as out:
        for number in range(REQUESTS):
            if number % 5 == 0:
                out.write(f"POST {POST.path} {POST.body.replace('{n}', str(number))}\n")
            else:
                out.write(f"GET {PAGE.path.replace('{n}', str(lines.randint(1, PAGE.last)))}\n")
    shuffled = path.read_text().splitlines()
    lines.shuffle(shuffled)
    path.write_text("\n".join(shuffled) + "\n")
    return path


def mixed(settings: Settings, databases: Databases, say) -> None:
    say("mixed: 80 % GET of 20 resources with owners and total, 20 % durable POST, on SQLite")
    names = ("raw", "brio", "fastapi")
    copies = {name: copy_database(databases.sqlite, f"mixed-{name}") for name in names}
    candidates = [
        who.raw_page(settings, copies["raw"]),
        who.brio(settings, sqlite_url(copies["brio"])),
        who.fastapi(sqlite_url(copies["fastapi"])),
    ]

    def check(servers):
        same_pages(servers, [PAGE.path.replace("{n}", "1")])
        same_creations(servers, POST.path, POST.body.replace("{n}", "1").encode())

    rounds = run(settings, "mixed", candidates, Work(list=str(request_list(settings.scratch))), say, check)
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
