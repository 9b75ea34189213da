"""growth-users: what a load test costs as its users grow, each with pauses as people make them."""

import json
import subprocess
import time
from pathlib import Path

from . import contestants as who
from .database import Databases, sqlite_url
from .results import write_result
from .rounds import column, range_name, spread
from .server import Server, prepare_child
from .settings import Settings
from .table import aligned, rate, small, with_range

USERS = (100, 1_000, 10_000, 50_000)
WAIT = "1s..3s"
WARM_UP = 6  # seconds: all begin together, and have parted after two or three pauses
LOOK_EVERY = 0.05
MOST_MB, LATEST_MS = 1_500, 20
NAME = "brio load"


def peak_mb(process: int) -> float:
    """The most memory that it had; 0 when it has ended."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:")), 0)


def ask(settings: Settings, server: Server, users: int) -> dict:
    """One run. Raises when a hundredth of the answers are bad, or it fails otherwise."""
    written, peak = settings.scratch / "load.json", 0
    command = ["taskset", "-c", settings.generator_core, settings.program("brio"), "load", "--users", users]
    command += ["--wait", WAIT, "--warm-up", f"{WARM_UP}s", "--for", f"{settings.seconds}s", "--quiet"]
    command += ["--goal", "error_rate<1%", "--json", written, f"http://127.0.0.1:{server.port}/healthz"]
    process = subprocess.Popen(
        list(map(str, command)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=prepare_child(settings.favoured),
    )
    while process.poll() is None:
        peak = max(peak, peak_mb(process.pid))
        time.sleep(LOOK_EVERY)
    if process.returncode != 0:
        raise RuntimeError(f"{NAME} gave {process.returncode}: {process.stderr.read().strip()}")
    report = json.loads(written.read_text())
    of_it = report["generator"]
    return {
        "requests_per_second": report["requests_per_second"],
        "cpu_us": of_it["cores"] / report["requests_per_second"] * 1e6,
        "cores": of_it["cores"],
        "server_cores": of_it["server_cores"],
        "late_p99_ms": of_it["late_p99_ms"],
        "is_saturated": of_it["is_saturated"],
        "memory_mb": peak,
        "p99_ms": report["latency_ms"]["p99"],
    }


def is_good(report: dict) -> bool:
    return report["memory_mb"] < MOST_MB and (report["late_p99_ms"] < LATEST_MS or report["is_saturated"])


def users(settings: Settings, databases: Databases, say) -> None:
    say(f"growth-users: GET of a small answer from Brio by users with pauses of {WAIT}, as they grow")
    server = who.brio(settings, sqlite_url(databases.sqlite))
    missing = server.missing or who.missing_program(settings, "brio")
    if missing:
        say(f"left out: {missing}")
        return
    points = []
    with Server(server, settings) as server:
        for count in USERS:
            rounds = []
            for number in range(settings.rounds):
                one = ask(settings, server, count)
                rounds.append({NAME: one})
                late = f"p99 late {small(one['late_p99_ms'])} ms"
                say(f"  {count:,} users, round {number + 1}: {one['requests_per_second']:,.0f}/s, {late}")
            points.append({"size": count, "rounds": rounds})
    say("")
    say(aligned(table(points)))
    good = all(is_good(each[NAME]) for each in points[-1]["rounds"])
    limits = f"< {MOST_MB:,} MB, p99 late < {LATEST_MS} ms or said to be saturated"
    verdicts = [f"{'held' if good else 'MISSED'}: {USERS[-1]:,} users: {limits}"]
    say(verdicts[0])
    content = {"axis": "users", "work": {"path": "/healthz", "wait": WAIT}, "verdicts": verdicts}
    say(f"written: {write_result(settings, 'growth-users', {**content, 'points': points})}")


def table(points: list) -> list:
    spread_as = range_name(points[0]["rounds"])
    rows = [("users", f"requests/s ({spread_as})", "late p99 ms", "cores", "CPU us", "MB", "p99 ms")]
    for one in points:
        rates = spread(column(one["rounds"], NAME, lambda report: report["requests_per_second"]))
        names = ("late_p99_ms", "cores", "cpu_us", "memory_mb", "p99_ms")
        middles = (spread(column(one["rounds"], NAME, lambda report: report[name]))[0] for name in names)
        rows.append((f"{one['size']:,}", with_range(rates, rate), *map(small, middles)))
    return rows
