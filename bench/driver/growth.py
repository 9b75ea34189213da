"""growth-…: what a request costs as rows, connections and routes grow, each tenfold from size to size."""

import random
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from . import contestants as who
from .checks import same_pages
from .database import Databases, make_database, sqlite_url
from .exchange import exchange, free_port
from .load import Work
from .results import write_result
from .rounds import column, progress, range_name, run_rounds, spread
from .server import Contestant
from .settings import Settings
from .table import aligned, rate, small, with_range
from .timed import SMALL, present, small_contestants

SEED = 20240314
DEEPEST = 90_000  # rows before a page that is asked for by its number
ROUTES = (10, 100, 1_000, 5_000)
CONNECTIONS = (1, 10, 100, 1_000, 10_000)
LISTED = 4_000  # requests of a list


def row_counts(settings: Settings) -> tuple:
    return (1_000, 10_000, 100_000, 1_000_000, *((10_000_000,) if settings.large else ()))


def show(points: list, axis: str, say) -> None:
    """A table: a line a size, a column a contestant. `points`: {"size", "rounds"} each."""
    names = list(points[0]["rounds"][0])
    heads = (f"{name}: requests/s ({range_name(points[0]['rounds'])}), CPU us, p99 us" for name in names)
    rows = [(axis, *heads)]
    for point in points:
        cells = []
        for name in names:
            rates = column(point["rounds"], name, lambda report: report["requests_per_second"])
            cpu = spread(column(point["rounds"], name, lambda report: report["server_cpu_us"]))[0]
            p99 = spread(column(point["rounds"], name, lambda report: report["latency_us"]["p99"]))[0]
            cells.append(f"{with_range(spread(rates), rate)}, {small(cpu)}, {small(p99)}")
        rows.append((f"{point['size']:,}", *cells))
    say(aligned(rows))


def conclude(settings: Settings, bench: str, axis: str, points: list, work: dict, say) -> None:
    say("")
    show(points, axis, say)
    say(f"written: {write_result(settings, bench, {'axis': axis, 'work': work, 'points': points})}")


PAGE = "/api/resources?page_size=20"
NEWEST_ACTIVE = "status=active&sort_by=created_at&sort_order=desc"


def works_on_rows(rows: int) -> dict:
    """The pages are of about the same bytes, however many rows there are. The cursor is put in once known."""
    return {
        "first page": Work(path=f"{PAGE}&total=none"),
        "with its total": Work(path=PAGE),
        "filtered, newest first": Work(path=f"{PAGE}&total=none&{NEWEST_ACTIVE}"),
        "behind a cursor": Work(path=f"{PAGE}&total=none"),
        "one by its id": Work(path="/api/resources/{n}", last=rows),
    }


def cursor_work(port: int, rows: int) -> Work:
    """The page in the middle, or behind the deepest row that a page's number leads to."""
    page = min(rows // 2, DEEPEST) // 20
    before = exchange(port, f"{PAGE}&total=none&page={page}").json()
    return Work(path=f"{PAGE}&total=none&cursor={before['next_cursor']}")


def rows_on(settings: Settings, bench: str, database_of, say) -> None:
    say(f"{bench}: GET of 20 resources with their owners and of one by its id, nothing cached, as rows grow")
    if not present([who.brio(settings, "")], say):
        return
    points = []
    for rows in row_counts(settings):
        with database_of(rows) as (url, database_pid):
            works = works_on_rows(rows)
            candidates = [who.brio(settings, url, name=name) for name in works]

            def check(servers):
                same_pages(servers, [works["first page"].path, works["with its total"].path])
                works["behind a cursor"] = cursor_work(servers[0].port, rows)

            here = replace(settings, database_pid=database_pid, rows=rows)
            rounds = run_rounds(here, candidates, works, progress(say, f"{rows:,} rows, "), check)
            points.append({"size": rows, "rounds": rounds})
    conclude(settings, bench, "rows", points, {name: one.noted() for name, one in works.items()}, say)


def rows_on_sqlite(settings: Settings, databases: Databases, say) -> None:
    @contextmanager
    def file(rows):
        folder = settings.scratch / f"rows-{rows}"
        folder.mkdir()
        path, _ = make_database(replace(settings, rows=rows, scratch=folder))
        yield sqlite_url(path), 0
        for each in folder.iterdir():
            each.unlink()

    rows_on(settings, "growth-rows-sqlite", file, say)


def rows_on_postgres(settings: Settings, databases: Databases, say) -> None:
    @contextmanager
    def database(rows):
        name = f"rows_{rows}"
        url = databases.postgres.create(name)
        databases.postgres.fill(name, url, rows)
        yield url, databases.postgres.pid
        databases.postgres.drop(name)

    rows_on(settings, "growth-rows-postgres", database, say)


def connections(settings: Settings, databases: Databases, say) -> None:
    say("growth-connections: GET of a small answer, one request outstanding on each connection, as they grow")
    everybody = small_contestants(settings, databases)
    candidates = [each for each in everybody if each.name in ("raw", "brio", "nginx", "go")]
    points = []
    for count in CONNECTIONS:
        here = replace(settings, connections=count)
        rounds = run_rounds(here, present(candidates, say), SMALL, progress(say, f"{count:,} connections, "))
        points.append({"size": count, "rounds": rounds})
    conclude(settings, "growth-connections", "connections", points, SMALL.noted(), say)


def routes_program(settings: Settings, count: int, name: str) -> Contestant:
    def command(port, _):
        options = ["--port", port, "--admin-port", free_port(), "--threads", 1, "--workers", 0]
        return [settings.program("bench_routes"), "serve", *options]

    return Contestant(
        name=name,
        command=command,
        environment={"BENCH_ROUTES": str(count), "BRIO_MODE": "production", "BRIO_LOG": "off"},
        missing=who.missing_program(settings, "bench_routes"),
    )


def request_lists(folder: Path, count: int) -> dict:
    """All routes at random, the same each time."""
    chance = random.Random(SEED)
    patterns = {"plain paths": "/plain/{i}", "with parameters": "/things/{i}/{a}/parts/{b}"}
    works = {}
    for name, pattern in patterns.items():
        lines = []
        for _ in range(LISTED):
            i, a, b = chance.randint(1, count // 2), chance.randint(1, 999), chance.randint(1, 999)
            lines.append("GET " + pattern.format(i=i, a=a, b=b))
        path = folder / f"{name.replace(' ', '-')}-{count}"
        path.write_text("\n".join(lines) + "\n")
        works[name] = Work(list=str(path))
    return works


def routes(settings: Settings, databases: Databases, say) -> None:
    say("growth-routes: GET of a small answer of routes at random, as routes grow")
    if not present([routes_program(settings, ROUTES[0], "brio")], say):
        return
    points = []
    for count in ROUTES:
        works = request_lists(settings.scratch, count)
        candidates = [routes_program(settings, count, name) for name in works]
        rounds = run_rounds(settings, candidates, works, progress(say, f"{count:,} routes, "))
        points.append({"size": count, "rounds": rounds})
    noted = {name: one.noted() for name, one in works.items()}
    conclude(settings, "growth-routes", "routes", points, noted, say)
