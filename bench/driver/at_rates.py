"""rates-…: how long answers take at fixed rates, each request sent at its time whatever became
of those before it (an open model, as users are)."""

from contextlib import ExitStack
from dataclasses import replace

from . import cached, timed, timed_postgres
from .database import Databases
from .load import Work, run_generator
from .results import write_result
from .rounds import column, range_name, spread
from .server import Server
from .settings import Settings
from .table import aligned, small, with_range
from .timed import PAGES, SMALL, alike, present, sizes_of, small_contestants

SMALL_RATES = (1_000, 5_000, 20_000, 60_000, 120_000)
PAGE_RATES = (50, 200, 1_000, 5_000, 15_000, 30_000)
KEPT_PAGE_RATES = (500, 2_000, 10_000, 40_000, 100_000)
CONNECTIONS = 1_024
KEPT = 0.99  # of the requests are answered well, within KEPT_US: else the rate is too much
KEPT_US = 200_000  # the reference service's goal


def offer(settings: Settings, server: Server, work: Work, rate: int) -> dict:
    options = (f"--connections={CONNECTIONS}", f"--warm-up={settings.warm_up / 2}", f"--rate={rate}")
    return run_generator(settings, server, work, *options)


def is_kept(report: dict) -> bool:
    """Answers that come once nothing is sent any more count as well: their times say that they were late."""
    return report["good_per_second"] >= KEPT * report["rate"] and report["good_us"]["p99"] <= KEPT_US


def keeps(rounds: list, name: str) -> bool:
    """In most rounds."""
    return 2 * sum(column(rounds, name, is_kept)) > len(rounds)


def grow(settings: Settings, contestants: list, work: Work, rates: tuple, say, check) -> list:
    """Who does not keep a rate is not asked for more."""
    points = []
    with ExitStack() as stack:
        servers = [stack.enter_context(Server(each, settings)) for each in contestants]
        check(servers)
        for rate in rates:
            rounds = []
            for number in range(settings.rounds):
                rounds.append({each.name: offer(settings, each, work, rate) for each in servers})
                times = (f"{name} {small(one['good_us']['p99'])}" for name, one in rounds[-1].items())
                say(f"  {rate:,}/s, round {number + 1}, p99 us: {', '.join(times)}")
            points.append({"size": rate, "rounds": rounds})
            servers = [each for each in servers if keeps(rounds, each.name)]
            if not servers:
                break
    return points


def cell(rounds: list, name: str) -> str:
    if name not in rounds[0]:
        return ""
    p99 = spread(column(rounds, name, lambda report: report["good_us"]["p99"]))
    if not keeps(rounds, name):
        good = spread(column(rounds, name, lambda report: report["good_per_second"]))[0]
        return f"too much: {good:,.0f} a second, p99 {small(p99[0])}"
    p50 = spread(column(rounds, name, lambda report: report["good_us"]["p50"]))[0]
    return f"{small(p50)}; {with_range(p99, small)}"


def run(settings: Settings, bench: str, candidates: list, work: Work, rates: tuple, say, check) -> None:
    points = grow(settings, present(candidates, say), work, rates, say, check)
    names = list(points[0]["rounds"][0])
    spread_as = range_name(points[0]["rounds"])
    rows = [("requests/s", *(f"{name}: p50; p99 us ({spread_as})" for name in names))]
    rows += [(f"{one['size']:,}", *(cell(one["rounds"], name) for name in names)) for one in points]
    say("")
    say(aligned(rows))
    content = {"axis": "requests a second that are sent", "work": work.noted(), "points": points}
    say(f"written: {write_result(settings, bench, content)}")


def http(settings: Settings, databases: Databases, say) -> None:
    say("rates-http: GET of a small answer at fixed rates")
    everybody = small_contestants(settings, databases)
    candidates = [each for each in everybody if each.name != "asio callbacks"]
    run(settings, "rates-http", candidates, SMALL, SMALL_RATES, say, sizes_of(say))


def page_sqlite(settings: Settings, databases: Databases, say) -> None:
    say("rates-page-sqlite: GET of 20 resources of 100,000 with owners and total, at fixed rates")
    check = alike(timed.PAGE, *PAGES)
    run(settings, "rates-page-sqlite", timed.readers(settings, databases), timed.PAGE, PAGE_RATES, say, check)


def page_postgres(settings: Settings, databases: Databases, say) -> None:
    say("rates-page-postgres: GET of 20 resources of 100,000 with owners, no total, at fixed rates")
    work, everybody = timed_postgres.PAGE, timed_postgres.readers(settings, databases)
    settings = timed_postgres.beside(settings, databases)
    run(settings, "rates-page-postgres", everybody, work, PAGE_RATES, say, alike(work, *PAGES))


def kept_page(settings: Settings, databases: Databases, say) -> None:
    say("rates-cached: GET of a page of 4 kB that the server keeps, at fixed rates")
    everybody = cached.keepers(settings, databases)
    settings = replace(settings, database_pid=databases.redis.pid)

    def check(servers):
        cached.look_at(servers, databases.redis, say)

    run(settings, "rates-cached", everybody, cached.IDENTITY, KEPT_PAGE_RATES, say, check)
