#!/usr/bin/env python3
"""The metrics are well-formed, bounded whatever clients send, and count exactly (T-M1 to T-M4)."""
import collections
import contextlib
import json
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
import unittest
from pathlib import Path

import openmetrics
import service
from wire import encode

OPEN = "application/openmetrics-text; version=1.0.0"
# the guide's name, kept for those who have it in their dashboards
KEPT_NAME = "db_connections_total"
URLS = 1_000_000 if service.IS_FULL else 5_000 if service.IS_SANITIZED else 100_000
BATCH = 50
LOOKS_EVERY = 5  # seconds, of the program's at its goals and at what it uses
UNRESERVED = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!$&'()*+,;=:@"
TCHAR = "!#$%&'*+-.^_`|~ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Traffic:
    """A little of everything, from threads of its own, while the block lasts."""

    def __init__(self, of):
        self.of = of
        self.stopped = threading.Event()
        self.threads = [threading.Thread(target=self.run, daemon=True) for _ in range(4)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        for thread in self.threads:
            thread.join(10)

    def run(self):
        with self.of.connect() as wire:
            while not self.stopped.is_set():
                for method, target, body in (
                    ("GET", "/api/resources", None),
                    ("POST", "/api/resources", {"name": "m"}),
                    ("GET", "/none", None),
                    ("PUT", "/api/resources/1", {"name": ""}),
                    ("HEAD", "/healthz", None),
                    ("DELETE", "/healthz", None),
                ):
                    wire.request(method, target, body)


class Exposition(service.ServiceTest):
    def test_both_formats_parse_strictly_while_requests_are_counted(self):
        with Traffic(self.service):
            # a request is counted after its answer has left
            counted = "http_request_duration_seconds_count"
            self.assertTrue(service.eventually(lambda: self.service.metric(counted)))
            for _ in range(20):
                answer = self.service.metrics(OPEN)
                self.assertTrue(
                    answer.field("Content-Type").startswith("application/openmetrics-text; version=1.0.0")
                )
                samples = openmetrics.parse(answer.body.decode("utf-8"))
                self.assertTrue(any(name == "http_request_duration_seconds_count" for name, _ in samples))
                answer = self.service.metrics("text/plain")
                self.assertTrue(answer.field("Content-Type").startswith("text/plain; version=0.0.4"))
                openmetrics.parse(answer.body.decode("utf-8"), is_open=False)

    def test_the_names_of_the_contract_are_there(self):
        self.service.request("POST", "/api/resources", {"name": "counted"})
        self.service.get("/api/resources")
        text = self.service.metrics().body.decode()
        names = {name for name, _ in openmetrics.parse(text, is_open=False)}
        for name in (
            "http_request_duration_seconds_bucket",
            "cpu_usage_percent",
            "memory_usage_bytes",
            "memory_limit_bytes",
            "db_query_duration_seconds_bucket",
            KEPT_NAME,
            "db_pool_connections",
            "db_pool_max",
            "http_request_phase_seconds_sum",
            "http_request_phase_seconds_count",
            "http_requests_in_flight",
        ):
            self.assertIn(name, names)
        edges = {
            float(dict(labels)["le"])
            for name, labels in openmetrics.parse(text, is_open=False)
            if name == "http_request_duration_seconds_bucket"
        }
        self.assertLessEqual({0.1, 0.2, 5.0}, edges)

    @unittest.skipUnless(shutil.which("promtool"), "promtool (package prometheus) is not installed")
    def test_promtool_complains_of_the_one_kept_name_only(self):
        with Traffic(self.service):
            for _ in range(3):
                text = self.service.metrics().body
        done = subprocess.run(
            ["promtool", "check", "metrics"], input=text, capture_output=True, timeout=60, check=False
        )
        said = [line for line in (done.stdout + done.stderr).decode().splitlines() if line.strip()]
        self.assertEqual([line for line in said if not line.startswith(KEPT_NAME + " ")], [])
        self.assertIn(done.returncode, (0, 3))


class Bounded(service.ServiceTest):
    env = {"BRIO_LOG": "off", **service.NO_CACHE}  # which grows too, to its bound

    def series(self):
        """Names and labels of every series."""
        return set(openmetrics.parse(self.service.metrics(OPEN).body.decode("utf-8")))

    def odd_request(self, i):
        """One of many kinds; whatever is distinct in it must not become a label."""
        kind = i % 10
        word = "".join(self.random.choices(UNRESERVED, k=self.random.randrange(1, 40))) + str(i)
        if kind == 0:
            return encode("".join(self.random.choices(TCHAR, k=8)) + str(i % 1000), "/healthz")
        if kind == 1:
            return encode("GET", f"/api/resources/{i + 10**6}")
        if kind == 2:
            return encode("GET", f"/api/resources?status={word.replace('&', '')}")
        if kind == 3:
            return encode(
                "GET", "/" + "".join(f"%{self.random.randrange(0x80, 0x100):02x}" for _ in range(6)) + str(i)
            )
        if kind == 4:
            return encode("GET", f"/api/users/{word}", None, {"X-Request-ID": f"id{i}", "User-Agent": word})
        return encode("GET", f"/{word}/{i}")

    def ask(self, first, count):
        with self.service.connect(60) as wire:
            for at in range(first, first + count, BATCH):
                wire.send(b"".join(self.odd_request(i) for i in range(at, at + BATCH)))
                for _ in range(BATCH):
                    self.assertIn(wire.read().status, (200, 400, 404, 422, 501))

    def send_raw(self, count):
        """Bytes that are no request, each on a connection of its own."""
        for i in range(count):
            with self.service.connect() as wire:
                odd = bytes(self.random.randrange(256) for _ in range(20))
                wire.send_what_is_taken(b"GET /" + odd + str(i).encode() + b" HTTP/1.1\r\nHost: a\r\n\r\n")
                try:
                    self.assertLess(wire.read().status, 500)
                except OSError:
                    pass

    def settled_series(self):
        """After what looks every few seconds has seen all kinds of requests."""
        found = self.series()
        while True:
            time.sleep(1.5 * LOOKS_EVERY + 1)
            earlier, found = found, self.series()
            if found == earlier:
                return found

    def test_distinct_urls_methods_and_bytes_make_no_series_and_hold_no_memory(self):
        self.ask(0, 20_000 if not service.IS_SANITIZED else 2_000)
        self.send_raw(200)
        series, before = self.settled_series(), self.service.rss()
        self.ask(10**7, URLS)
        self.send_raw(2000)
        self.assertEqual(self.series() - series, set(), "series were added")
        self.judge_growth(before, 1 << 20, f"after {URLS} distinct requests ({len(series)} series)")


class Counted(service.ServiceTest):
    REQUESTS = (
        ("GET", "/healthz", None, "/healthz"),
        ("HEAD", "/healthz", None, "/healthz"),
        ("GET", "/api/resources?page_size=2", None, "/api/resources"),
        ("GET", "/api/resources?x=1", None, "/api/resources"),
        ("POST", "/api/resources", {"name": "counted"}, "/api/resources"),
        ("POST", "/api/resources", {}, "/api/resources"),
        ("POST", "/api/resources", b"[", "/api/resources"),
        ("GET", "/api/resources/1", None, "/api/resources/{id}"),
        ("GET", "/api/resources/999999", None, "/api/resources/{id}"),
        ("PATCH", "/api/resources/1", {"name": "x"}, "/api/resources/{id}"),
        ("GET", "/none", None, "unmatched"),
        ("BREW", "/none", None, "unmatched"),
        ("GET", "/api/users/1?include=resources", None, "/api/users/{id}"),
        ("GET", "/", None, "/"),
    )

    def counts(self):
        """{(method, endpoint, status): count}"""
        samples = openmetrics.parse(self.service.metrics(OPEN).body.decode("utf-8"))
        counts = collections.Counter()
        for (name, labels), value in samples.items():
            if name == "http_request_duration_seconds_count":
                labels = dict(labels)
                counts[labels["method"], labels["endpoint"], labels["status"]] = int(value)
        return counts

    def work(self, seed, own, failures):
        choices = type(self.random)(seed)
        try:
            with self.service.connect() as wire:
                for _ in range(100):
                    batch = choices.choices(self.REQUESTS, k=choices.choice((1, 1, 1, 10)))
                    wire.send(b"".join(encode(*each[:3]) for each in batch))
                    for method, _, _, endpoint in batch:
                        status = wire.read(method).status
                        own[method if method != "BREW" else "OTHER", endpoint, str(status)] += 1
        except BaseException as failure:  # told to the thread that joins
            failures.append(failure)

    def test_each_request_is_counted_once_under_its_route_and_status(self):
        before = self.counts()
        owns, failures = [collections.Counter() for _ in range(8)], []
        threads = [
            threading.Thread(target=self.work, args=(service.SEED + i, own, failures))
            for i, own in enumerate(owns)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])
        own = sum(owns, collections.Counter())
        service.eventually(lambda: self.counts() - before == own, 5)
        self.assertEqual(self.counts() - before, own)
        print(f"  {own.total()} requests in {len(own)} series", flush=True)

    def test_a_request_that_fails_in_its_framing_is_counted_too(self):
        before = self.counts()
        for data in (b"GET / HTTP/1.1\r\n\r\n", b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n\r\n"):
            with self.service.connect() as wire:
                wire.send(data)
                wire.read()
        service.eventually(lambda: (self.counts() - before).total() == 2, 5)
        added = self.counts() - before
        self.assertEqual(sorted(status for _, _, status in added.elements()), ["400", "414"])

    def test_nothing_is_in_flight_when_idle(self):
        def in_flight():
            samples = openmetrics.parse(self.service.metrics(OPEN).body.decode("utf-8"))
            return sum(value for (name, _), value in samples.items() if name == "http_requests_in_flight")

        for data in (
            b"GET /api/resources HTTP/1.1\r\nHost: a\r\n\r\n" * 20,
            b"GET / HT",
            encode("POST", "/api/resources", {})[:-1],
        ):
            wire = self.service.connect()
            wire.send(data)
            wire.reset()
        self.assertTrue(service.eventually(lambda: in_flight() == 0, 10), f"{in_flight()} in flight")


class ManySeries(unittest.TestCase):
    """T-M4. Kinds of tasks come from messages, of which each makes its series."""

    KINDS = 140
    SERIES = 10_000
    SCRAPES = 300 if service.IS_FULL else 40
    RATE = 500

    def test_ten_scrapes_a_second_of_10000_series_hold_nobody_up(self):
        with service.Service(env={"BRIO_LOG": "off"}, workers=1) as of:
            self.push_kinds(of)
            series = service.eventually(lambda: of.metrics().body.count(b"\n") > self.SERIES * 1.1, 60)
            self.assertTrue(series, "too few series")
            quiet = self.load(of, 2).communicate(timeout=60)[0]
            load = self.load(of, self.SCRAPES / 10)
            took = []
            begun = time.monotonic()
            for i in range(self.SCRAPES):
                time.sleep(max(0.0, begun + i / 10 - time.monotonic()))
                before = time.monotonic()
                text = of.metrics().body
                took.append(time.monotonic() - before)
            busy = load.communicate(timeout=60)[0]
            self.assertEqual(load.returncode, 0)
        series = len(openmetrics.parse(text.decode(), is_open=False))
        took.sort()
        p50, p99 = (took[len(took) * part // 100] * 1000 for part in (50, 99))
        print(f"  {series} series: p50 {p50:.1f} ms, p99 {p99:.1f} ms", flush=True)
        print(f"  requests alone {quiet.strip()}, meanwhile {busy.strip()}", flush=True)
        self.assertGreaterEqual(series, self.SERIES)
        self.assertEqual(json.loads(busy)["failed"], 0)
        if service.IS_FULL:
            self.assertLess(p99, 50)

    def push_kinds(self, of):
        """Tasks that no program has, each with a name of its own: copies of one that is due later."""
        of.run("task", "send", "app.worker.process_data", '{"data_id":1}', "--countdown", "3600")
        with contextlib.closing(sqlite3.connect(of.folder / "service.db", timeout=10)) as file:
            columns = [row[1] for row in file.execute("PRAGMA table_info(brio_tasks)") if row[1] != "number"]
            own = {"id": "'kind-' || ?1", "name": "'tests.kind-' || ?1", "due": str(int(time.time() * 1e6))}
            chosen = ", ".join(own.get(each, each) for each in columns)
            first = file.execute("SELECT min(number) FROM brio_tasks").fetchone()[0]
            for i in range(self.KINDS):
                file.execute(
                    f"INSERT INTO brio_tasks({', '.join(columns)}) "
                    f"SELECT {chosen} FROM brio_tasks WHERE number = {first}",
                    (i,),
                )
            file.commit()

    def load(self, of, seconds):
        program = str(Path(__file__).with_name("open_loop.py"))
        arguments = [sys.executable, program, str(of.port), str(self.RATE), str(seconds)]
        return subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)


class Reading(unittest.TestCase):
    """The reader refuses what is malformed."""

    def test_malformed_texts_are_refused(self):
        good = (
            '# TYPE a counter\n# HELP a What.\na_total{b="c"} 1\n# TYPE h histogram\nh_bucket{le="1"} 1\n'
            'h_bucket{le="+Inf"} 2\nh_count 2\nh_sum 3\n# EOF\n'
        )
        self.assertEqual(len(openmetrics.parse(good)), 5)
        for old, new in (
            ("# EOF\n", ""),
            ("a_total", "a"),
            ("# EOF", "\n# EOF"),
            ('b="c"', 'b="c'),
            ('b="c"', 'b="\\x"'),
            ('b="c"', 'b="c",b="d"'),
            (" 1\n#", " one\n#"),
            ('"+Inf"', '"2"'),
            ("h_count 2", "h_count 3"),
            ('"+Inf"} 2', '"+Inf"} 0'),
            ("# TYPE h", "# TYPE a"),
            ("h_sum 3", "h_sum 3\na_total 1"),
            ("h_sum 3", "h_sum 3\nh_sum 3"),
            ("a_total{b", "z_total{b"),
            ("counter", "meter"),
            ("\n", "\r\n"),
        ):
            with self.subTest(new), self.assertRaises(openmetrics.Malformed):
                openmetrics.parse(good.replace(old, new, 1) if old != "\n" else good.replace("\n", "\r\n"))


if __name__ == "__main__":
    service.main()
