"""The benchmarks that compare rates on SQLite and on nothing: http, pipeline, page, post."""

from dataclasses import replace

from . import contestants as who
from .checks import same_bytes, same_creations, same_pages
from .database import Databases, copy_database, count_resources, sqlite_url
from .exchange import exchange
from .goals import judge_all
from .load import Work
from .results import write_result
from .rounds import progress, run_rounds
from .server import Contestant, Server
from .settings import Settings
from .table import table

SMALL = Work(path="/healthz")
PAGE = Work(path="/api/resources?page={n}&page_size=20", last=5)
PAGES = (1, 2, 5, 5000)  # that are compared
POST = Work(
    path="/api/resources",
    method="POST",
    body='{"name":"resource {n}","description":"made by a benchmark","status":"active","owner_id":7}',
    last=100_000,
)


def present(candidates: list, say) -> list:
    for contestant in candidates:
        if contestant.missing:
            say(f"left out: {contestant.name} ({contestant.missing})")
    return [contestant for contestant in candidates if not contestant.missing]


def run(settings: Settings, bench: str, candidates: list, work, say, check, judge=None) -> list:
    """Measures, prints and writes; returns the rounds. `work`: a Work, or one for each contestant by name.
    `judge` gives more verdicts on the rounds than GOALS has."""
    notes = {}

    def look(servers):
        notes.update(check(servers) or {})

    taking_part = present(candidates, say)
    rounds = run_rounds(settings, taking_part, work, progress(say), look)
    say("")
    say(table(rounds, taking_part[0].name))
    verdicts = judge_all(bench, rounds) + (judge(rounds) if judge else [])
    say("\n".join(verdicts) if verdicts else "Brio did not take part, so no goal is judged.")
    each = work.noted() if isinstance(work, Work) else {name: one.noted() for name, one in work.items()}
    content = {"work": each, "notes": notes, "verdicts": verdicts, "rounds": rounds}
    path = write_result(settings, bench, content)
    say(f"written: {path}")
    return rounds


def sample_answer(settings: Settings, contestant: Contestant) -> bytes:
    with Server(contestant, settings) as server:
        return exchange(server.port, "/healthz").wire


def small_contestants(settings: Settings, databases: Databases) -> list:
    """All answer as many bytes as Brio, head and body together, as nearly as their own fields allow."""
    url = sqlite_url(databases.sqlite)
    brio = who.brio(settings, url)
    answer = settings.scratch / "answer"
    answer.write_bytes(who.DEFAULT_ANSWER if brio.missing else sample_answer(settings, brio))
    candidates = [
        who.fixed(settings, "raw", "bench_raw_http", answer),
        brio,
        who.brio(settings, url, log="text", name="brio, access log"),
        who.fixed(settings, "asio callbacks", "bench_asio_callbacks", answer),
    ]
    peers = (
        who.nginx,
        lambda pad: who.go(settings, "-pad", max(0, pad - 9)),
        who.fastify,
        lambda pad: who.fastapi(url, pad),
    )
    for padded in peers:
        plain = padded(0)
        size = 0 if plain.missing else len(sample_answer(settings, plain))
        candidates.append(padded(max(0, len(answer.read_bytes()) - size)))
    return candidates


def http(settings: Settings, databases: Databases, say) -> None:
    say("http: GET of a small answer, one request outstanding on each connection")
    check = sizes_of(say)
    run(settings, "http", small_contestants(settings, databases), SMALL, say, check)


def pipeline(settings: Settings, databases: Databases, say) -> None:
    say("pipeline: GET of a small answer, 16 requests outstanding on each connection")
    candidates = [c for c in small_contestants(settings, databases) if c.name != "brio, access log"]
    run(settings, "pipeline", candidates, replace(SMALL, depth=16), say, sizes_of(say))


def sizes_of(say):
    def check(servers):
        sizes = same_bytes(servers, "/healthz")
        say("  bytes of an answer: " + ", ".join(f"{name} {size}" for name, size in sizes.items()))
        return {"answer_bytes": sizes}

    return check


def alike(work: Work, *numbers: int):
    """A check that all answer these of the work with the same values."""
    return lambda servers: same_pages(servers, [work.path.replace("{n}", str(n)) for n in numbers])


def readers(settings: Settings, databases: Databases) -> list:
    url = sqlite_url(databases.sqlite)
    return [who.raw_page(settings, databases.sqlite), who.brio(settings, url), who.fastapi(url)]


def page(settings: Settings, databases: Databases, say) -> None:
    say("page-sqlite: GET of 20 resources of 100,000 with owners and total, pages 1 to 5 at random")
    run(settings, "page-sqlite", readers(settings, databases), PAGE, say, alike(PAGE, *PAGES))


def post(settings: Settings, databases: Databases, say) -> None:
    say("post-sqlite: POST of a row, durable (synchronous=FULL), each contestant on a copy of the file")
    names = ("raw", "brio", "fastapi")
    copies = {name: copy_database(databases.sqlite, f"post-{name}") for name in names}
    candidates = [
        who.raw_page(settings, copies["raw"]),
        who.brio(settings, sqlite_url(copies["brio"])),
        who.fastapi(sqlite_url(copies["fastapi"])),
    ]

    def check(servers):
        same_creations(servers, POST.path, POST.body.replace("{n}", "1").encode())
        return {}

    rounds = run(settings, "post-sqlite", candidates, POST, say, check)
    for name in rounds[0]:
        answered = sum(one[name]["requests"] for one in rounds)
        stored = count_resources(copies[name]) - settings.rows
        if stored < answered:
            raise RuntimeError(f"{name} answered {answered} POSTs with 201 but stored {stored} rows")
