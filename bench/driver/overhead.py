"""overhead: what it costs to watch over a service: metrics, ledger, deadlines, goals, admission, profiler."""

import json
import subprocess

from . import contestants as who
from .cached import is_hit
from .database import Databases
from .exchange import exchange, free_port
from .load import Work
from .server import Contestant
from .settings import Settings
from .timed import run

PAGE = Work(path="/page")
# What is on by itself, off. BENCH_PLAIN leaves out what a program chooses: measure() and deadlines().
ALL_OFF = {"BENCH_PLAIN": "1", "BRIO_ADMISSION": "fixed", "BRIO_PROFILER": "off"}
# Operations: program, its benchmarks and how often each is done, the most nanoseconds of all together.
OPERATIONS = (
    ("histogram observe", "brio_metrics_bench", {"histogram_observe": 1}, 15),
    (
        "ledger of a request of 7 phases",
        "brio_ledger_bench",
        {"phase_switch": 8, "record_request/7": 1},
        150,
    ),
)
MOST_REPEATED = 5


def service(settings: Settings, name: str, environment: dict) -> Contestant:
    def command(port, _):
        options = ["--port", port, "--admin-port", free_port(), "--threads", 1, "--workers", 0]
        return [settings.program("bench_overhead"), "serve", *options]

    return Contestant(
        name=name,
        command=command,
        environment={"BRIO_MODE": "production", "BRIO_LOG": "off", **environment},
        missing=who.missing_program(settings, "bench_overhead"),
    )


def time_of(settings: Settings, program: str, benchmark: str) -> float:
    """Nanoseconds of processor time, the least of a few repetitions: others may have the core meanwhile."""
    command = ["taskset", "-c", str(settings.server_core), str(settings.program(program))]
    command += [f"--benchmark_filter=^{benchmark}$", f"--benchmark_repetitions={MOST_REPEATED}"]
    command += ["--benchmark_min_time=0.05", "--benchmark_format=json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{program}: {done.stderr.strip()}")
    found = [each for each in json.loads(done.stdout)["benchmarks"] if each["run_type"] == "iteration"]
    if not found:
        raise RuntimeError(f"{program} has no benchmark {benchmark}")
    return min(each["cpu_time"] for each in found)


def operations(settings: Settings, say) -> dict:
    times = {}
    for name, program, benchmarks, most in OPERATIONS:
        if who.missing_program(settings, program):
            say(f"  left out: {name} ({program} is not built)")
            continue
        times[name] = sum(count * time_of(settings, program, each) for each, count in benchmarks.items())
        verdict = "held" if times[name] <= most else "MISSED"
        say(f"  {verdict}: {name} <= {most} ns: {times[name]:.1f}")
    return times


def overhead(settings: Settings, databases: Databases, say) -> None:
    say("overhead: GET of a kept page of 4 kB, with all that watches over a service and without")
    notes = {"operations_ns": operations(settings, say)}

    def check(servers):
        for server in servers:
            exchange(server.port, PAGE.path)
            answer = exchange(server.port, PAGE.path)
            if not is_hit(answer):
                raise RuntimeError(f"{server.name} does not keep the page: {answer.wire[:300]!r}")
        return notes

    both = [service(settings, "all off", ALL_OFF), service(settings, "all on", {})]
    run(settings, "overhead", both, PAGE, say, check)
