"""load: how many requests one core makes of a server that does nothing else but answer."""

import csv
import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

from . import contestants as who
from .database import Databases
from .goals import judge_all
from .results import write_result
from .rounds import column, range_name, ratios, spread
from .server import Server, prepare_child
from .settings import BENCH, Settings
from .table import aligned, rate, ratio, small, with_range

PYTHON = "/usr/bin/python3"
REFERENCE = "wrk"


@dataclass(frozen=True)
class Generator:
    """`command` gets the server's port; `read` gives from its output how many requests were answered, and how
    many a second."""

    name: str
    command: Callable[[int], list]
    read: Callable[[str], tuple]
    environment: dict = field(default_factory=dict)
    missing: str = ""


def all_generators(settings: Settings) -> list:
    seconds, users = settings.seconds, settings.connections
    brio = [settings.program("brio"), "load", "--users", users, "--for", f"{seconds}s", "--warm-up", "0.2s"]
    light = [settings.program("bench_load"), f"--connections={users}", f"--seconds={seconds}"]
    return [
        Generator(
            "wrk",
            lambda port: ["wrk", "-t1", f"-c{users}", f"-d{max(1, round(seconds))}s", url(port)],
            read_wrk,
            missing="" if shutil.which("wrk") else "wrk is not installed",
        ),
        Generator(
            "brio load",
            lambda port: [*brio, "--quiet", "--goal", "error_rate<1%", "--json", "/dev/stdout", url(port)],
            read_brio,
            missing=who.missing_program(settings, "brio"),
        ),
        Generator(
            "the benchmarks' own",
            lambda port: [*light, "--path=/healthz", f"--port={port}"],
            read_light,
        ),
        locust("locust, FastHttpUser", "fast", settings),
        locust("locust, HttpUser", "http", settings),
    ]


def url(port: int) -> str:
    return f"http://127.0.0.1:{port}/healthz"


def locust(name: str, client: str, settings: Settings) -> Generator:
    users = settings.connections
    table = settings.scratch / f"locust-{client}"
    options = ["-u", users, "-r", users, "-t", f"{max(2, round(settings.seconds))}s", "--csv", table]
    command = [PYTHON, "-m", "locust", "-f", BENCH / "peers" / "locust_users.py", "--headless", *options]
    return Generator(
        name,
        lambda port: [*command, "--only-summary", "--host", f"http://127.0.0.1:{port}"],
        lambda _: read_locust(Path(f"{table}_stats.csv")),
        environment={"BENCH_CLIENT": client, "PYTHONDONTWRITEBYTECODE": "1"},
        missing="" if who.imports_all(PYTHON, ["locust"]) else "python3-locust is not installed",
    )


def read_wrk(output: str) -> tuple:
    count, seconds = re.search(r"(\d+) requests in ([\d.]+)s", output).groups()
    if "Non-2xx" in output or "Socket errors" in output:
        raise RuntimeError(f"wrk was not answered well: {output}")
    return int(count), int(count) / float(seconds)


def read_brio(output: str) -> tuple:
    report = json.loads(output[output.index("{") : output.rindex("}") + 1])
    return report["requests"], report["requests_per_second"]


def read_light(output: str) -> tuple:
    report = json.loads(output)
    return report["requests"], report["requests_per_second"]


def read_locust(table: Path) -> tuple:
    with open(table, newline="") as file:
        (entry,) = (row for row in csv.DictReader(file) if row["Name"] == "Aggregated")
    if int(entry["Failure Count"]):
        raise RuntimeError(f"{entry['Failure Count']} of Locust's requests failed")
    return int(entry["Request Count"]), float(entry["Requests/s"])


def run_one(settings: Settings, generator: Generator, port: int) -> dict:
    command = ["taskset", "-c", str(settings.generator_core), *map(str, generator.command(port))]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **generator.environment},
        start_new_session=True,
        preexec_fn=prepare_child(settings.favoured),
    )
    before = os.times()
    output, errors = process.communicate()
    after = os.times()
    if process.returncode != 0:
        told = (errors or output).strip()[-2000:]
        raise RuntimeError(f"{generator.name} gave {process.returncode}: {told}")
    requests, per_second = generator.read(output)
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return {"requests_per_second": per_second, "requests": requests, "cpu_us": used / requests * 1e6}


def load(settings: Settings, databases: Databases, say) -> None:
    say("load: GET of a small answer from the raw server, as fast as one core asks; each with 64 users")
    answer = settings.scratch / "answer"
    answer.write_bytes(who.DEFAULT_ANSWER)
    generators = all_generators(settings)
    for each in generators:
        if each.missing:
            say(f"left out: {each.name} ({each.missing})")
    generators = [each for each in generators if not each.missing]
    rounds = []
    with Server(who.fixed(settings, "raw", "bench_raw_http", answer), settings) as server:
        for number in range(settings.rounds):
            rounds.append({each.name: run_one(settings, each, server.port) for each in generators})
            rates = (f"{name} {one['requests_per_second']:,.0f}" for name, one in rounds[-1].items())
            say(f"  round {number + 1}: {', '.join(rates)}")
    spread_as = range_name(rounds)
    rows = [("generator", f"requests/s ({spread_as})", f"of {REFERENCE} ({spread_as})", "CPU us")]
    for name in rounds[0]:
        rates = spread(column(rounds, name, lambda report: report["requests_per_second"]))
        of = with_range(ratios(rounds, name, REFERENCE), ratio) if REFERENCE in rounds[0] else ""
        used = spread(column(rounds, name, lambda report: report["cpu_us"]))[0]
        rows.append((name, with_range(rates, rate), of, small(used)))
    say("")
    say(aligned(rows))
    verdicts = judge_all("load", rounds)
    say("\n".join(verdicts))
    content = {"work": {"path": "/healthz", "users": settings.connections}, "verdicts": verdicts}
    say(f"written: {write_result(settings, 'load', {**content, 'rounds': rounds})}")
