"""cached, gzip-kept, gzip-on-the-fly, redis: a page of 4 kB that is kept, and what compression costs.

Every contestant sends the page of Brio's own answer; the raw programs its head too, as a hit has it.
"""

import gzip
from dataclasses import dataclass, replace
from pathlib import Path

from . import contestants as who
from .checks import same_pages
from .database import Databases, sqlite_url
from .exchange import Answer, exchange
from .load import Work
from .server import Contestant, Server
from .settings import Settings
from .timed import run

PATH = "/api/resources?page_size=17"  # 4,077 bytes of JSON
IDENTITY = Work(path=PATH)
GZIP = Work(path=PATH, fields=("Accept-Encoding: gzip",))
IN_REDIS_ONLY = who.NO_CACHE


@dataclass(frozen=True)
class Page:
    """Files that hold a kept answer: whole, and its body alone."""

    answer: Path
    body: Path


def second_answer(port: int, fields: tuple = ()) -> Answer:
    """Of two, so that it can have been kept; it has to be good."""
    exchange(port, PATH, fields=fields)
    answer = exchange(port, PATH, fields=fields)
    if answer.status != 200:
        raise RuntimeError(f"{PATH} is answered with {answer.status}: {answer.body[:300]!r}")
    return answer


def is_hit(answer: Answer) -> bool:
    return answer.fields.get("x-cache", "").upper().startswith("HIT")


def sample_page(settings: Settings, brio: Contestant) -> Page:
    with Server(brio, settings) as server:
        answer = second_answer(server.port)
    if not is_hit(answer):
        raise RuntimeError(f"Brio does not keep {PATH}: {answer.wire[:600]!r}")
    page = Page(settings.scratch / "kept-answer", settings.scratch / "kept-body")
    page.answer.write_bytes(answer.wire)
    page.body.write_bytes(answer.body)
    return page


def look_at(servers: list, say) -> dict:
    """Every server sends the same page, Brio from what it keeps; gives the sizes of their answers."""
    same_pages(servers, [PATH])
    sizes = {}
    for server in servers:
        answer = second_answer(server.port)
        if server.name == "brio" and not is_hit(answer):
            raise RuntimeError(f"Brio did not answer from its cache: {answer.wire[:600]!r}")
        sizes[server.name] = len(answer.wire)
    say("  bytes of an answer: " + ", ".join(f"{name} {size}" for name, size in sizes.items()))
    return {"answer_bytes": sizes}


def in_process(settings: Settings, databases: Databases, say) -> None:
    say("cached: GET of a page of 4 kB that the server keeps, identity, one request on each connection")
    url = sqlite_url(databases.sqlite)
    brio = who.brio(settings, url, cache={})
    page = sample_page(settings, brio)
    candidates = [
        who.fixed(settings, "raw", "bench_raw_http", page.answer),
        brio,
        who.nginx_cache(page.body),
        who.fastify_cached(page.body),
        who.fastapi_cached(url, databases.redis.url),
        who.fastapi_cached(url, databases.redis.url, with_model=False),
    ]
    databases.redis.clear()
    settings = replace(settings, database_pid=databases.redis.pid)
    run(settings, "cached", candidates, IDENTITY, say, lambda servers: look_at(servers, say))


def both_codings(servers: list, is_kept: bool, say) -> dict:
    """The server `gzip` sends what `identity` does, compressed; either keeps its answers or not."""
    answers = {}
    for server in servers:
        work = GZIP if server.name == "gzip" else IDENTITY
        answers[server.name] = second_answer(server.port, work.fields)
    coding = answers["gzip"].fields.get("content-encoding")
    if coding != "gzip" or gzip.decompress(answers["gzip"].body) != answers["identity"].body:
        raise RuntimeError(f"Content-Encoding is {coding}: {answers['gzip'].wire[:600]!r}")
    if any(is_hit(answer) != is_kept for answer in answers.values()):
        raise RuntimeError(f"an answer was {'not ' if is_kept else ''}kept")
    sizes = {name: len(answer.wire) for name, answer in answers.items()}
    say("  bytes of an answer: " + ", ".join(f"{name} {size}" for name, size in sizes.items()))
    return {"answer_bytes": sizes}


def compressed(settings: Settings, databases: Databases, bench: str, cache: dict | None, say) -> None:
    """The same program twice: asked for the page as it is, and for the page in gzip."""
    url = sqlite_url(databases.sqlite)
    work = {"identity": IDENTITY, "gzip": GZIP}
    candidates = [who.brio(settings, url, name=name, cache=cache) for name in work]
    run(settings, bench, candidates, work, say, lambda servers: both_codings(servers, cache is not None, say))


def gzip_kept(settings: Settings, databases: Databases, say) -> None:
    say("gzip-kept: GET of a page of 4 kB that the server keeps in both codings")
    compressed(settings, databases, "gzip-kept", {}, say)


def gzip_on_the_fly(settings: Settings, databases: Databases, say) -> None:
    say("gzip-on-the-fly: GET of a page of 4 kB that is read from SQLite and compressed each time")
    compressed(settings, databases, "gzip-on-the-fly", None, say)


def in_redis(settings: Settings, databases: Databases, say) -> None:
    say("redis: GET of a page of 4 kB that Redis keeps, the cache within the process switched off")
    url = sqlite_url(databases.sqlite)
    redis = databases.redis
    redis.clear()
    brio = who.brio(settings, url, cache={**IN_REDIS_ONLY, "REDIS_URL": redis.url})
    page = sample_page(settings, brio)
    redis.set("bench:answer", page.answer.read_bytes())
    candidates = [who.raw_redis(settings, redis.url, "bench:answer"), brio]

    def check(servers):
        before = redis.calls("get")
        notes = look_at(servers, say)
        if redis.calls("get") < before + 2 * len(servers):
            raise RuntimeError("somebody did not ask Redis")
        return notes

    settings = replace(settings, database_pid=redis.pid)
    rounds = run(settings, "redis", candidates, IDENTITY, say, check)
    asked, answered = redis.calls("get"), sum(one[name]["requests"] for one in rounds for name in one)
    if asked < answered:
        raise RuntimeError(f"{answered} answers with {asked} GETs of Redis")
