#!/usr/bin/env python3
"""What the service holds of PostgreSQL: its pool, what it gives up, and how many statements it asks (T-D3,
T-O5, T-O6, T-I4)."""
import asyncio
import socket
import struct
import subprocess
import threading
import time
from contextlib import contextmanager

import crowd
import service
from offered_load import Load
from service import postgres
from wire import encode

POOL = 10
CLIENTS = 1000 if service.IS_FULL else 200
REQUESTS = 100_000 if service.IS_FULL else 4_000
ABORTS = 0.05
# what the plan asks for; other tests beside it may slow it down
CANCELLED_WITHIN = 0.5 if service.IS_FULL else 2.0 if not service.IS_SANITIZED else 5.0
STUCK_SECONDS = 20 if service.IS_FULL else 3
OF_SERVICE = "datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()"


class Postgres(service.ServiceTest):
    engine = "postgresql"
    env = {"DATABASE_POOL": str(POOL), **service.NO_CACHE}

    def setUp(self):
        self.cluster = self.service.cluster
        self.name = self.service.database_url.rsplit("/", 1)[1]

    def psql(self, sql):
        return self.cluster.psql(sql, self.name)

    def connections(self):
        return int(self.psql(f"SELECT count(*) FROM pg_stat_activity WHERE {OF_SERVICE}")[0][0])

    def waiting(self):
        """Statements of the service that wait for a lock."""
        return self.psql(
            f"SELECT now() - query_start, query FROM pg_stat_activity WHERE {OF_SERVICE} "
            "AND wait_event_type = 'Lock'"
        )

    def gauge(self, state):
        return self.service.metric("db_pool_connections", state=state) or 0

    @contextmanager
    def locked(self):
        """The table of resources is locked within the block, so that every statement on it waits."""
        process = subprocess.Popen(
            [postgres.program("psql"), "-qXAt", self.service.database_url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        try:
            process.stdin.write("BEGIN; LOCK TABLE resources IN ACCESS EXCLUSIVE MODE; SELECT 'locked';\n")
            self.assertEqual(process.stdout.readline(), "locked\n")
            yield
        finally:
            process.kill()
            process.wait()
            process.stdin.close()
            process.stdout.close()


class Pool(Postgres):
    def test_many_clients_share_few_connections_and_leak_none(self):
        most = [0]
        ended = threading.Event()

        def watch():
            while not ended.is_set():
                most[0] = max(most[0], self.connections())

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            answered, aborted = asyncio.run(self.crowd())
        finally:
            ended.set()
            watcher.join()
        print(f"  {answered} by status, {aborted} aborted, at most {most[0]} connections", flush=True)
        self.assertLessEqual(most[0], POOL)
        self.assertLessEqual(set(answered), {200, 201, 503})
        self.assertGreater(answered.get(200, 0), REQUESTS / 4)
        self.assertTrue(service.eventually(lambda: self.gauge("in_use") == 0 and self.gauge("waiting") == 0))
        self.assertLessEqual(self.connections(), POOL)
        busy = self.psql(f"SELECT query FROM pg_stat_activity WHERE {OF_SERVICE} AND state <> 'idle'")
        self.assertEqual(busy, [])

    async def crowd(self):
        """REQUESTS by CLIENTS at once, a share of them given up by RST; the statuses and how many were."""
        left = iter(range(REQUESTS))
        answered = {}
        aborted = [0]

        async def client():
            reader = writer = None
            for number in left:
                if writer is None:
                    reader, writer = await crowd.connect(self.service.port)
                if number % 4 == 0:
                    request = encode("POST", "/api/resources", {"name": f"crowd {number}"})
                else:
                    request = encode("GET", f"/api/resources?page={number % 5 + 1}&total=none")
                if self.random.random() < ABORTS:
                    writer.write(request)
                    aborted[0] += 1
                    linger = struct.pack("ii", 1, 0)
                    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                    await asyncio.sleep(self.random.random() / 100)
                    writer.close()
                    writer = None
                    continue
                status = (await crowd.answer_of(reader, writer, request)).status
                answered[status] = answered.get(status, 0) + 1
            if writer is not None:
                writer.close()

        await asyncio.gather(*(client() for _ in range(CLIENTS)))
        return answered, aborted[0]


class Cancel(Postgres):
    """Work that nobody waits for any more does not go on in the database."""

    REQUESTS = (
        ("POST", "/api/resources", {"name": "locked"}),
        ("DELETE", "/api/resources/1", None),
        ("GET", "/api/resources?page_size=5", None),
        ("GET", "/api/resources/2", None),
    )

    def setUp(self):
        super().setUp()
        with self.service.connect() as wire:  # so that the reads are known to be cheap
            for _ in range(50):
                for method, target, _body in self.REQUESTS:
                    if method == "GET":
                        self.assertEqual(wire.request(method, target).status, 200)

    def judge_cancelled(self, begun, what):
        is_over = service.eventually(lambda: not self.waiting(), CANCELLED_WITHIN + 5)
        self.assertTrue(is_over, f"{what}: {self.waiting()}")
        took = time.monotonic() - begun
        print(f"  {what}: cancelled after {took:.3f} s", flush=True)
        self.assertLess(took, CANCELLED_WITHIN, what)

    def test_a_client_that_leaves_ends_its_statement(self):
        for method, target, body in self.REQUESTS:
            with self.locked():
                wire = self.service.connect()
                wire.send(encode(method, target, body))
                self.assertTrue(service.eventually(self.waiting), f"{method} {target} did not wait")
                begun = time.monotonic()
                wire.reset()
                self.judge_cancelled(begun, f"{method} {target}, client gone")

    def test_a_deadline_ends_its_statement(self):
        for method, target, body in self.REQUESTS:
            with self.locked(), self.service.connect() as wire:
                begun = time.monotonic()
                answer = wire.request(method, target, body, {"X-Request-Timeout-Ms": "200"})
                took = time.monotonic() - begun
                print(f"  {method} {target} within 200 ms: {answer.status} after {took:.3f} s", flush=True)
                self.assertEqual(answer.status, 503, answer)
                self.assertIsNotNone(answer.field("Retry-After"))
                self.assertLess(took, 0.2 + CANCELLED_WITHIN)
                self.judge_cancelled(begun + 0.2, f"{method} {target}, deadline over")


class Stuck(Postgres):
    """A pool of no more than what a route's gate always lets try: every connection waits all the time."""

    env = {"DATABASE_POOL": "4", **service.NO_CACHE}

    def is_stuck(self):
        return self.waiting() and self.gauge("idle") == 0 and self.gauge("waiting") > 0

    def stick(self, *of_request):
        load = Load(self.service, "/api/resources", 50, 600, 0, more=of_request)
        self.addCleanup(load.end)

    def judge(self, path, load):
        result = load.result()
        times = result["good_us"]
        p99 = times["p99"] / 1000
        print(f"  {path}, all stuck: p99 {p99:.1f} ms of {times['count']}", flush=True)
        self.assertEqual(times["count"], result["sent"], result)
        self.assertLess(times["p50"], CANCELLED_WITHIN * 1e6)

    def test_health_and_metrics_answer_while_every_connection_is_stuck(self):
        with self.locked():
            self.stick("--method", "POST", "--body", '{"name":"locked {n}"}')
            self.stick()
            self.assertTrue(service.eventually(self.is_stuck))
            health = Load(self.service, "/healthz", 100, STUCK_SECONDS, 0)
            metrics = Load(self.service, "/metrics", 100, STUCK_SECONDS, 0, port=self.service.admin_port)
            self.judge("/healthz", health)
            self.judge("/metrics", metrics)
            self.assertTrue(service.eventually(self.is_stuck), "still")
        is_well = service.eventually(lambda: self.service.get("/api/resources/2").status == 200)
        self.assertTrue(is_well, "after the lock")


class Holders(Postgres):
    """Who has the connections is said where waiting for one is what made requests miss their goal."""

    threads = 1
    env = {**Postgres.env, "DATABASE_POOL": "4", "BRIO_GOAL_API_MS": "50", "BRIO_GOAL_QUERY_MS": "20",
           "BRIO_DEADLINE_QUERY_MS": "5000", "BRIO_DEADLINE_API_MS": "9000", "BRIO_ADMISSION": "fixed",
           "BRIO_GOALS_FILE": ""}
    QUICK = 120
    LATE = 30

    def post(self, wire, number):
        wire.send(encode("POST", "/api/users", {"name": f"u{number}", "email": f"u{number}@example.org"}))

    def goal(self, name):
        goals = self.service.admin("/goals").json()["goals"]
        return next((each for each in goals if each["name"] == name), {})

    def test_goals_say_who_had_the_pool(self):
        with self.service.connect() as wire:
            for number in range(self.QUICK):
                self.post(wire, number)
                self.assertEqual(wire.read("POST").status, 201)
        wires = [self.service.connect() for _ in range(self.LATE)]
        with self.locked():
            holders = [self.service.connect() for _ in range(8)]  # more than there are connections
            for wire in holders:
                wire.send(encode("POST", "/api/resources", {"name": "locked"}))
            self.assertTrue(service.eventually(lambda: self.gauge("waiting") > 0))
            for number, wire in enumerate(wires):
                self.post(wire, self.QUICK + number)
            waits = lambda: self.gauge("waiting") >= self.LATE  # noqa: E731
            self.assertTrue(service.eventually(waits))
            time.sleep(0.3)
        for wire in wires + holders:
            self.assertEqual(wire.read("POST").status, 201)
            wire.close()
        done = lambda: self.goal("POST /api/users").get("standing") == "missed"  # noqa: E731
        self.assertTrue(service.eventually(done), self.goal("POST /api/users"))
        goal = self.goal("POST /api/users")
        print(f"  {goal['words']}", flush=True)
        self.assertEqual(goal["blame"][0]["phase"], "pool")
        self.assertRegex(
            goal["words"],
            r"is waiting for a connection of the database.*; \d+ s ago (\d) of \1 connections in use: "
            r"/api/resources for \d+\.\d s \(resources insert\)",
        )


class Statements(Postgres):
    """What pg_stat_statements counts of one request."""

    def setUp(self):
        super().setUp()
        self.psql("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        # the total is kept while the table does not change
        self.service.request("POST", "/api/resources", {"name": "counted"})

    def counted(self, target):
        """The statements on the service's tables, and how often each ran."""
        self.psql("SELECT pg_stat_statements_reset(0, (SELECT oid FROM pg_database "
                  "WHERE datname = current_database()), 0)")
        answer = self.service.get(target)
        self.assertEqual(answer.status, 200, answer)
        rows = self.psql(
            "SELECT calls, query FROM pg_stat_statements WHERE query ~ '\\m(resources|users)\\M' "
            "AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        print(f"  {target}: {[int(calls) for calls, _ in rows]}", flush=True)
        return sum(int(calls) for calls, _ in rows)

    def test_a_list_with_owners_is_one_statement_and_its_total_another(self):
        self.assertEqual(self.counted("/api/resources?page_size=100"), 2)
        self.assertEqual(self.counted("/api/resources?page_size=100"), 1, "the total is kept")
        self.assertEqual(self.counted("/api/resources?page_size=100&page=2&total=none"), 1)

    def test_a_user_with_its_resources_is_two_statements(self):
        self.assertEqual(self.counted("/api/users/1?include=resources"), 2)

    def test_one_resource_with_its_owner_is_one_statement(self):
        self.assertEqual(self.counted("/api/resources/2"), 1)


if __name__ == "__main__":
    service.main()
