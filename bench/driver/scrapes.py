"""scrapes: what ten scrapes a second of 10,000 series cost a service that is at its limit (T-M4)."""

import os
import socket
import threading
import time
from dataclasses import replace

from . import overhead
from .cached import is_hit
from .database import Databases
from .exchange import exchange, free_port, read_answer
from .rounds import spread
from .server import Contestant
from .settings import Settings
from .table import with_range
from .timed import run

SERIES = 10_000
PERIOD = 0.1
PAGE = overhead.PAGE


def percent(share: float) -> str:
    return f"{share * 100:.1f} %"


class Scraper:
    """Asks for /metrics every PERIOD while it is a context, over one connection, and notes what each took.
    Its thread stays on the generator's core."""

    def __init__(self, port: int, core: int, times: list):
        self._port, self._core, self._times = port, core, times
        self._ended = threading.Event()
        self._fault: Exception | None = None
        self._thread = threading.Thread(target=self._scrape)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_) -> None:
        self._ended.set()
        self._thread.join()
        if self._fault:
            raise RuntimeError(f"a scrape failed: {self._fault}") from self._fault

    def _scrape(self) -> None:
        try:
            self._ask()
        except Exception as error:  # told where the measure ends
            self._fault = error

    def _ask(self) -> None:
        os.sched_setaffinity(threading.get_native_id(), {self._core})
        with socket.create_connection(("127.0.0.1", self._port), 10) as connection:
            begun = time.monotonic()
            for number in range(1_000_000):
                if self._ended.wait(max(0.0, begun + number * PERIOD - time.monotonic())):
                    return
                before = time.monotonic()
                connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
                read_answer(connection)
                self._times.append(time.monotonic() - before)


def contestant(settings: Settings, name: str, admin_port: int, meanwhile=None) -> Contestant:
    def command(port, _):
        options = ["--port", port, "--admin-port", admin_port, "--threads", 1, "--workers", 0]
        return [settings.program("bench_overhead"), "serve", *options]

    return replace(overhead.service(settings, name, {}), command=command, meanwhile=meanwhile)


def scrapes(settings: Settings, databases: Databases, say) -> None:
    rate = f"{1 / PERIOD:.0f} scrapes a second of {SERIES:,} series"
    say(f"scrapes: GET of a kept page of 4 kB, alone and with {rate}")
    ports = {"alone": free_port(), "scraped": free_port()}
    times: list = []
    notes: dict = {}
    both = [
        contestant(settings, "alone", ports["alone"]),
        contestant(
            settings,
            "scraped",
            ports["scraped"],
            lambda: Scraper(ports["scraped"], settings.generator_core, times),
        ),
    ]

    def check(servers):
        for server in servers:
            exchange(server.port, f"/series/{SERIES}", "POST", b"{}")
            exchange(server.port, PAGE.path)
            if not is_hit(exchange(server.port, PAGE.path)):
                raise RuntimeError(f"{server.name} does not keep the page")
        text = exchange(ports["scraped"], "/metrics").body
        notes["series"] = sum(not line.startswith(b"#") for line in text.splitlines())
        notes["scrape_bytes"] = len(text)
        if notes["series"] < SERIES:
            raise RuntimeError(f"only {notes['series']} series")
        return notes

    def end(rounds):
        times.sort()
        p50, p99 = (times[len(times) * part // 100] * 1000 for part in (50, 99))
        notes.update(scrapes=len(times), scrape_p50_ms=p50, scrape_p99_ms=p99)
        cpu = [one["scraped"]["server_cpu_us"] / one["alone"]["server_cpu_us"] for one in rounds]
        notes["cpu_a_request_over_alone"] = spread(cpu)[0]
        loss = [
            1 - one["scraped"]["requests_per_second"] / one["alone"]["requests_per_second"] for one in rounds
        ]
        say(f"requests lost to scrapes: {with_range(spread(loss), percent)}")
        verdict = "held" if p99 < 50 else "MISSED"
        found = f"{p99:.1f} (p50 {p50:.1f}, {len(times)} scrapes)"
        return [f"{verdict}: p99 of scrapes of {notes['series']:,} series < 50 ms: {found}"]

    run(settings, "scrapes", both, PAGE, say, check, end)
