"""instances: what two instances of one thread do together, against one."""

import json
import subprocess
from contextlib import ExitStack
from dataclasses import replace

from . import contestants as who
from .checks import same_pages
from .database import Databases, sqlite_url
from .load import Work, generator, measure
from .results import write_result
from .rounds import progress, quiet_rounds, range_name, spread
from .server import Contestant, Server, prepare_child
from .settings import Settings
from .table import aligned, rate, ratio, small, with_range

# Much work for a server and little for who asks: on two cores the generator has to fit beside them.
PAGE = Work(path="/api/resources?page={n}&page_size=100&total=none", last=5)
AT_LEAST = 1.7


def measure_both(settings: Settings, servers: list, warm_up: float) -> list:
    """The report on each, asked at the same time by a generator of its own, which may run on either core."""
    processes = []
    for server in servers:
        command = generator(replace(settings, generator_core=-1), server) + PAGE.options()
        command += [f"--seconds={settings.seconds}", f"--warm-up={warm_up}"]
        command += [f"--connections={settings.connections // len(servers)}"]
        processes.append(
            subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,
                preexec_fn=prepare_child(settings.favoured),
            )
        )
    reports = []
    for server, process in zip(servers, processes):
        out, error = process.communicate()
        if process.returncode != 0:
            raise RuntimeError(f"load on {server.name}: {error.strip()}")
        reports.append(json.loads(out))
        if reports[-1]["not_2xx"] or reports[-1]["errors"]:
            raise RuntimeError(f"load on {server.name}: {out}")
    return reports


def together(reports: list) -> dict:
    """As one report: rates are added, costs of a request are those of all requests."""
    total = sum(each["requests_per_second"] for each in reports)
    cpu = sum(each["requests_per_second"] * each["server_cpu_us"] for each in reports) / total
    p99 = max(each["latency_us"]["p99"] for each in reports)
    return {"requests_per_second": total, "server_cpu_us": cpu, "latency_us": {"p99": p99}, "each": reports}


def instance(settings: Settings, url: str, name: str) -> Contestant:
    """It refuses nobody: beside the generator on its core it may well be late."""
    made = who.brio(settings, url, name=name)
    return replace(made, environment={**made.environment, "BRIO_ADMISSION": "fixed"})


def instances(settings: Settings, databases: Databases, say) -> None:
    say("instances: GET of 100 resources with their owners, SQLite, nothing cached: one instance, and two")
    url = sqlite_url(databases.sqlite)
    both = [instance(settings, url, name) for name in ("one", "another")]
    if both[0].missing:
        say(f"left out: {both[0].missing}")
        return
    with ExitStack() as stack:
        cores = (settings.server_core, settings.generator_core)
        servers = [
            stack.enter_context(Server(each, replace(settings, server_core=core)))
            for each, core in zip(both, cores)
        ]
        same_pages(servers, [PAGE.path.replace("{n}", "1")])
        rounds = measure_rounds(settings, servers, say)
    conclude(settings, rounds, say)


def measure_rounds(settings: Settings, servers: list, say) -> list:
    def one_round(warm_up):
        alone = measure(settings, servers[0], PAGE, warm_up)
        return {"one": alone, "two": together(measure_both(settings, servers, warm_up))}

    return quiet_rounds(settings, one_round, progress(say))


def conclude(settings: Settings, rounds: list, say) -> None:
    """Two cores for two servers and the generator: so of the ratio that part is missing which the generator
    has taken, and what an instance costs beside another is told by the processor time of a request."""
    rows = [("instances", f"requests/s ({range_name(rounds)})", "of one", "CPU us server", "p99 us")]
    for name in ("one", "two"):
        reports = [one[name] for one in rounds]
        factors = [one[name]["requests_per_second"] / one["one"]["requests_per_second"] for one in rounds]
        rows.append(
            (
                name,
                with_range(spread([each["requests_per_second"] for each in reports]), rate),
                with_range(spread(factors), ratio),
                with_range(spread([each["server_cpu_us"] for each in reports]), small),
                small(spread([each["latency_us"]["p99"] for each in reports])[0]),
            )
        )
    factors = [one["two"]["requests_per_second"] / one["one"]["requests_per_second"] for one in rounds]
    verdict = "held" if spread(factors)[0] >= AT_LEAST else "MISSED"
    verdicts = [f"{verdict}: two >= {AT_LEAST} x one: {with_range(spread(factors), ratio)}"]
    say("")
    say(aligned(rows))
    say("\n".join(verdicts))
    content = {"work": PAGE.noted(), "verdicts": verdicts, "rounds": rounds}
    say(f"written: {write_result(settings, 'instances', content)}")
