"""The benchmarks on PostgreSQL: page-postgres, point, post-postgres; the walk by cursor on both engines."""

from dataclasses import replace

from . import contestants as who
from .checks import same_creations
from .database import Databases, sqlite_url
from .exchange import exchange
from .load import Work
from .settings import Settings
from .timed import PAGES, POST, alike, run

PAGE = Work(path="/api/resources?page={n}&page_size=20&total=none", last=5)
POINT = Work(path="/api/resources/{n}", last=100_000)
CURSOR_ROW = 90_000


def writers(settings: Settings, url_of) -> list:
    """Those that read too."""
    return [
        who.raw_postgres(settings, url_of("raw")),
        who.brio(settings, url_of("brio")),
        who.fastify_pg(url_of("fastify")),
        who.fastapi(url_of("fastapi")),
    ]


def readers(settings: Settings, databases: Databases) -> list:
    url = databases.postgres.url
    return [*writers(settings, lambda _: url), who.go_pg(settings, url)]


def beside(settings: Settings, databases: Databases) -> Settings:
    """The settings for a server with PostgreSQL, whose CPU is then accounted."""
    return replace(settings, database_pid=databases.postgres.pid)


def page(settings: Settings, databases: Databases, say) -> None:
    say("page-postgres: GET of 20 resources of 100,000 with owners, no total, pages 1 to 5 at random")
    everybody = readers(settings, databases)
    run(beside(settings, databases), "page-postgres", everybody, PAGE, say, alike(PAGE, *PAGES))


def point(settings: Settings, databases: Databases, say) -> None:
    say("point: GET of one resource of 100,000 with its owner, by id, on PostgreSQL")
    everybody = readers(settings, databases)
    run(beside(settings, databases), "point", everybody, POINT, say, alike(POINT, 1, 777, 100_000))


def post(settings: Settings, databases: Databases, say) -> None:
    say("post-postgres: POST of a row, PostgreSQL as it is installed (fsync), each on a copy of the database")
    settings = beside(settings, databases)
    names = ("raw", "brio", "fastify", "fastapi")
    copies = {name: databases.postgres.copy(f"post_{name}") for name in names}

    def check(servers):
        same_creations(servers, POST.path, POST.body.replace("{n}", "1").encode())

    rounds = run(settings, "post-postgres", writers(settings, copies.get), POST, say, check)
    for name in rounds[0]:
        copy = f"post_{name.split()[0]}"
        answered = sum(one[name]["requests"] for one in rounds)
        stored = databases.postgres.count(copy) - settings.rows
        if stored < answered:
            raise RuntimeError(f"{name} answered {answered} POSTs with 201 but stored {stored} rows")
    for copy in copies:
        databases.postgres.drop(f"post_{copy}")


def cursor(settings: Settings, databases: Databases, say) -> None:
    """The same program twice, asked for the first page, and for the one behind row 90,000."""
    walk(settings, sqlite_url(databases.sqlite), "sqlite", say)
    walk(beside(settings, databases), databases.postgres.url, "postgres", say)


def walk(settings: Settings, url: str, engine: str, say) -> None:
    say(f"cursor-{engine}: GET of 20 resources behind a cursor at row {CURSOR_ROW:,} and of the first 20")
    first = "/api/resources?page_size=20&total=none"
    work = {"first page": Work(path=first), "row 90,000": Work(path=first)}
    candidates = [who.brio(settings, url, name=name) for name in work]

    def check(servers):
        before = exchange(servers[0].port, f"{first}&page={CURSOR_ROW // 20}").json()
        path = f"{first}&cursor={before['next_cursor']}"
        found = exchange(servers[1].port, path).json()["items"][0]["id"]
        if found != before["items"][-1]["id"] + 1:
            raise RuntimeError(f"the cursor behind row {CURSOR_ROW} leads to {found}")
        work["row 90,000"] = Work(path=path)

    run(settings, f"cursor-{engine}", candidates, work, say, check)
