"""cached, gzip-kept, gzip-on-the-fly, redis: a page of 4 kB that is kept, and what compression costs.

Every contestant sends the page of Brio's own answer; the raw programs its head too, as a hit has it.
"""

import gzip
import time
from dataclasses import dataclass, replace
from pathlib import Path

from . import contestants as who
from .checks import same_pages
from .database import Databases, sqlite_url
from .exchange import Answer, exchange
from .load import Work
from .redis import Redis
from .server import Contestant, Server
from .settings import Settings
from .timed import run

PATH = "/api/resources?page_size=17"  # 4,077 bytes of JSON
IDENTITY = Work(path=PATH)
GZIP = Work(path=PATH, fields=("Accept-Encoding: gzip",))
IN_REDIS = Work(path="/api/resources?page_size=17&page={n}", last=1000)
PREFIX = "bench:"


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


def look_at(servers: list, redis: Redis, say) -> dict:
    """Every server sends the same page from what it keeps; gives the sizes of their answers."""
    same_pages(servers, [PATH])
    stored = redis.calls("setex")  # by the guide's decorator, one for each that it keeps there
    sizes = {}
    for server in servers:
        answer = second_answer(server.port)
        if (server.name == "brio" or "x-cache" in answer.fields) and not is_hit(answer):
            raise RuntimeError(f"{server.name} did not answer from its cache: {answer.wire[:600]!r}")
        sizes[server.name] = len(answer.wire)
    has_guide = any(server.name.startswith("fastapi") for server in servers)
    if has_guide and (stored == 0 or redis.calls("setex") != stored):
        raise RuntimeError("FastAPI does not keep the page in Redis")
    say("  bytes of an answer: " + ", ".join(f"{name} {size}" for name, size in sizes.items()))
    return {"answer_bytes": sizes}


def in_process(settings: Settings, databases: Databases, say) -> None:
    say("cached: GET of a page of 4 kB that the server keeps, identity, one request on each connection")
    candidates = keepers(settings, databases)
    settings = replace(settings, database_pid=databases.redis.pid)
    run(settings, "cached", candidates, IDENTITY, say, lambda servers: look_at(servers, databases.redis, say))


def keepers(settings: Settings, databases: Databases) -> list:
    """Who keeps the page; nobody does yet."""
    url = sqlite_url(databases.sqlite)
    brio = who.brio(settings, url, cache={})
    page = sample_page(settings, brio)
    databases.redis.clear()
    return [
        who.fixed(settings, "raw", "bench_raw_http", page.answer),
        brio,
        who.nginx_cache(page.body),
        who.go(settings, "-body", page.body),
        who.fastify_cached(page.body),
        who.fastapi_cached(url, databases.redis.url),
        who.fastapi_cached(url, databases.redis.url, with_model=False),
    ]


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


def keep_pages(brio: Server, redis: Redis) -> None:
    """Until Brio takes every page from Redis; its whole answers are put there for the raw program too."""
    for number in range(1, IN_REDIS.last + 1):
        target = IN_REDIS.path.replace("{n}", str(number))
        end = time.monotonic() + 10
        while not is_hit(answer := exchange(brio.port, target)):
            if time.monotonic() > end:
                raise RuntimeError(f"Brio does not keep {target}: {answer.wire[:600]!r}")
        redis.set(PREFIX + target, answer.wire)


def in_redis(settings: Settings, databases: Databases, say) -> None:
    """Of many pages, so that hardly two of 64 clients ask for one at a time: those would share an answer."""
    say(f"redis: GET of {IN_REDIS.last:,} pages of 4 kB that Redis keeps, nothing kept within the process")
    redis = databases.redis
    redis.clear()
    brio = who.brio(settings, sqlite_url(databases.sqlite), cache={**who.NO_CACHE, "REDIS_URL": redis.url})
    raw = who.raw_redis(settings, redis.url, PREFIX)
    redis.set(PREFIX + raw.ready_path, who.DEFAULT_ANSWER)

    def check(servers):
        targets = [IN_REDIS.path.replace("{n}", str(n)) for n in (1, 2, IN_REDIS.last)]
        for server in servers:
            if server.name == brio.name:
                keep_pages(server, redis)
        for server in servers:  # on a busy machine Redis may be late once
            asked, tries = redis.calls("get"), 50
            hits = sum(is_hit(exchange(server.port, target)) for target in targets for _ in range(tries))
            if hits < 2 * tries or redis.calls("get") < asked + hits:
                raise RuntimeError(f"{server.name} has only {hits} answers from Redis")
        same_pages(servers, targets)

    settings = replace(settings, database_pid=redis.pid)
    run(settings, "redis", [raw, brio], IN_REDIS, say, check)
