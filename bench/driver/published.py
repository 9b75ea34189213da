"""docs/performance.md and its charts, made from the newest result of each benchmark."""

import json
from pathlib import Path

from . import growth_users
from .at_rates import keeps
from .chart import Bar, Group, Line, bars, lines
from .rounds import column, ratios, spread
from .settings import BENCH, ROOT
from .table import rate, ratio, small, with_range

PAGE = ROOT / "docs" / "performance.md"
PICTURES = ROOT / "docs" / "pictures"

# Benchmarks of rates, in the order of the page: title, what is counted.
RATES = {
    "http": ("Small JSON answer", "requests"),
    "pipeline": ("Small JSON answer, 16 pipelined", "requests"),
    "page-sqlite": ("Page of 20 with owners and total, SQLite", "requests"),
    "page-postgres": ("Page of 20 with owners, PostgreSQL", "requests"),
    "point": ("One row by its id, PostgreSQL", "requests"),
    "post-sqlite": ("POST of a row, durable, SQLite", "requests"),
    "post-postgres": ("POST of a row, durable, PostgreSQL", "requests"),
    "mixed-sqlite": ("80 % pages, 20 % durable POSTs, SQLite", "requests"),
    "cached": ("Kept page of 4 kB", "requests"),
    "redis": ("One of 1,000 pages kept in Redis", "requests"),
    "gzip-kept": ("Kept page, gzip", "requests"),
    "gzip-on-the-fly": ("Page compressed each time, gzip", "requests"),
    "tasks-redis": ("Waiting tasks on Redis", "tasks"),
    "tasks-push": ("Pushing tasks on Redis", "tasks"),
    "tasks-sqlite": ("Durable tasks, SQLite", "tasks"),
    "tasks-postgres": ("Durable tasks, PostgreSQL", "tasks"),
    "load": ("Requests made by one core", "requests"),
    "overhead": ("Everything that watches, on and off", "requests"),
}
# Those of the first picture, beside the raw program.
BESIDE_RAW = {
    "http": "Small JSON answer",
    "page-sqlite": "Page of 20, SQLite",
    "page-postgres": "Page of 20, PostgreSQL",
    "point": "One row, PostgreSQL",
    "post-sqlite": "Durable POST, SQLite",
    "cached": "Kept page of 4 kB",
    "tasks-redis": "Tasks on Redis",
}
NOT_BESIDE_RAW = ("raw", "asio callbacks", "brio, access log", "fastapi + redis, no model")
AT_RATES = {
    "rates-http": "Small JSON answer: the slowest hundredth",
    "rates-page-sqlite": "Page of 20 with total, SQLite: the slowest hundredth",
    "rates-page-postgres": "Page of 20, PostgreSQL: the slowest hundredth",
    "rates-cached": "Kept page of 4 kB: the slowest hundredth",
}
# Title, what is shown of a round, the axis.
REQUESTS = ("requests_per_second", "requests/s")
GROWTH = {
    "growth-rows-sqlite": ("Requests as rows grow, SQLite", *REQUESTS),
    "growth-rows-postgres": ("Requests as rows grow, PostgreSQL", *REQUESTS),
    "growth-connections": ("Requests as connections grow", *REQUESTS),
    "growth-users": ("What a request costs the generator as users grow", "cpu_us", "CPU µs a request"),
    "growth-routes": ("Requests as routes grow", *REQUESTS),
    "growth-backlog": ("Tasks carried out as those that wait grow", "tasks_per_second", "tasks/s"),
}


def newest(bench: str) -> dict | None:
    found = sorted((BENCH / "results").glob(f"{bench}-2*.json"))
    return json.loads(found[-1].read_text()) | {"file": found[-1].name} if found else None


def beside_raw() -> str | None:
    groups = []
    for bench, title in BESIDE_RAW.items():
        result = newest(bench)
        if not result:
            continue
        rounds, what = result["rounds"], RATES[bench][1]
        own = []
        for name in rounds[0]:
            if name in NOT_BESIDE_RAW:
                continue
            values = ratios(rounds, name, "raw", what)
            own.append(Bar(name, values, ratio(values[0]), is_own=name == "brio"))
        groups.append(Group(title, sorted(own, key=lambda bar: -bar.values[0])))
    title = "Throughput on one core, as a share of the raw program's"
    return bars(title, groups, "raw = 1") if groups else None


def growth_chart(bench: str, shown: tuple) -> str | None:
    result = newest(bench)
    if not result:
        return None
    title, figure, axis = shown
    points = result["points"]
    series = []
    for name in points[0]["rounds"][0]:
        values = [spread(column(one["rounds"], name, lambda report: report[figure])) for one in points]
        series.append(Line(name, list(zip((one["size"] for one in points), values))))
    return lines(title, result["axis"], axis, series)


def rates_chart(bench: str, title: str) -> str | None:
    """Of the rates that each kept, up to the first that it did not."""
    result = newest(bench)
    if not result:
        return None
    series = []
    for name in result["points"][0]["rounds"][0]:
        points, end = [], None
        for one in (each for each in result["points"] if name in each["rounds"][0]):
            if not keeps(one["rounds"], name):
                end = one["size"]
                break
            times = column(one["rounds"], name, lambda report: report["good_us"]["p99"] / 1000)
            points.append((one["size"], spread(times)))
        series.append(Line(name, points, end))
    return lines(title, result["axis"], "p99, ms", series, is_log=True)


def where_from(result: dict) -> str:
    machine = result["machine"]
    return (
        f"`{result['command']}`, {result['at'][:10]}, commit {machine['commit']}, {machine['cpu']}, "
        f"{machine['cores']} cores; [`{result['file']}`](../bench/results/{result['file']})"
    )


def rate_table(bench: str, result: dict) -> list:
    rounds, what = result["rounds"], RATES[bench][1]
    reference = "raw" if "raw" in rounds[0] else next(iter(rounds[0]))
    has_latency = "latency_us" in rounds[0][reference]
    head = ["contestant", f"{what}/s", f"of {reference}", "CPU µs"]
    head += ["p50 µs", "p99 µs"] if has_latency else []
    rows = [row(head), "|" + "---|" * len(head)]
    for name in rounds[0]:
        cells = [
            name,
            with_range(spread(column(rounds, name, lambda report: report[f"{what}_per_second"])), rate),
            with_range(ratios(rounds, name, reference, what), ratio),
            middle_of(rounds, name, lambda report: report.get("server_cpu_us", report.get("cpu_us"))),
        ]
        if has_latency:
            for which in ("p50", "p99"):
                cells.append(middle_of(rounds, name, lambda report: report["latency_us"][which]))
        rows.append(row(cells))
    return rows


def row(cells: list) -> str:
    return "| " + " | ".join(cells) + " |"


def middle_of(rounds: list, name: str, read) -> str:
    values = column(rounds, name, read)
    return small(spread(values)[0]) if None not in values else ""


def standing_table() -> list:
    start, idle = newest("start"), newest("idle")
    if not start or not idle:
        return []
    head = "| server | start to first answer, ms | RSS at rest, MB | with 10,000 connections |"
    rows = ["## Start and memory", "", head, "|---|---|---|---|"]
    for name, times in start["milliseconds"].items():
        sizes = idle["megabytes"].get(name)
        if sizes:
            rest, connected = sizes["at_rest"]["rss"], sizes["connected"]["rss"]
            rows.append(f"| {name} | {spread(times)[0]:.0f} | {rest:.0f} | {connected:.0f} |")
    return [*rows, "", where_from(start), "", where_from(idle), ""]


def users_table() -> list:
    result = newest("growth-users")
    if not result:
        return []
    head, *rows = map(row, growth_users.table(result["points"]))
    rows = ["## Users of a load test", "", head, "|" + "---|" * head.count(" | ") + "---|", *rows, ""]
    return [*rows, *(f"- {each}" for each in result["verdicts"]), "", where_from(result), ""]


def write_picture(name: str, content: str | None) -> str:
    """Gives the line of the page that shows it, or nothing."""
    if content is None:
        return ""
    PICTURES.mkdir(exist_ok=True)
    (PICTURES / f"{name}.svg").write_text(content)
    return f"![{name.replace('-', ' ')}](pictures/{name}.svg)"


def charts(title: str, words: str, benches: dict, chart) -> list:
    """A section of the page, or nothing."""
    lines = []
    for bench, name in benches.items():
        if line := write_picture(bench, chart(bench, name)):
            lines += [line, "", where_from(newest(bench)), ""]
    return [f"## {title}", "", words, "", *lines] if lines else []


def write_page(say) -> Path:
    """Of what has been measured; benchmarks without a result are left out."""
    page = ["# How fast it is", "", INTRODUCTION, write_picture("throughput", beside_raw()), ""]
    for bench, (title, _) in RATES.items():
        if result := newest(bench):
            page += [f"## {title}", "", *rate_table(bench, result), ""]
            page += [f"- {each}" for each in result["verdicts"]]
            page += ["", where_from(result), ""]
    page += standing_table()
    page += charts("At fixed rates", RATES_WORDS, AT_RATES, rates_chart)
    page += charts("As work grows", GROWTH_WORDS, GROWTH, growth_chart)
    page += users_table()
    PAGE.write_text("\n".join(page).rstrip() + "\n")
    say(f"written: {PAGE.relative_to(ROOT)} and {PICTURES.relative_to(ROOT)}")
    return PAGE


INTRODUCTION = """What `./dev bench` measured last, losses as well as wins: this page and its charts are
made from [`bench/results`](../bench/results) by `bench/run --page`.
[`bench/README.md`](../bench/README.md) says what each benchmark does, how it is
measured and how its tables are read. Each server has one core and the generator the
other; a ratio is taken within a round, and stands with its median and its range. *Raw*
is a program written for this one answer alone, the limit that a framework can come near
to.
"""
RATES_WORDS = """Requests are sent at their times, whatever becomes of those before them. A cross
is the first rate at which the server no longer answers 99 % of them well within
200 ms."""
GROWTH_WORDS = "The line is the median, the band reaches from the least to the most of the rounds."
