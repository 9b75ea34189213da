#!/usr/bin/env python3
"""The service on a PostgreSQL that restarts, crashes, stands still and vanishes (T-D1, T-D2)."""
import time
import unittest

import service
from fault_proxy import FaultProxy
from load import under_load
from service import postgres

DEADLINE = 2.0  # the usual one of a request
SLACK = 0.5
POOL = 10
RATE = 1000 if service.IS_FULL else 200
# how soon after PostgreSQL takes connections a request succeeds; a sanitizer or other tests may slow it down
RECOVERY = 1.0 if service.IS_FULL else 3.0


class Results(list):
    """What became of each request, in the order of their ends."""

    def of_status(self, *statuses):
        return [each for each in self if each["status"] in statuses]

    def between(self, begin, end):
        return [each for each in self if begin <= each["begun"] <= end]

    def first_success_after(self, moment):
        """Seconds from the moment to the end of the first good answer to a request that began later."""
        ends = [e["begun"] + e["took"] for e in self if e["status"] in (200, 201) and e["begun"] >= moment]
        return min(ends) - moment if ends else float("inf")


def load(of, rate=RATE):
    return under_load("database_load.py", of.port, rate, results=Results())


class Faults(unittest.TestCase):
    def setUp(self):
        self.cluster = self.enterContext(postgres.Cluster(is_durable=True))

    def serve(self, port=None):
        url = self.cluster.create_database("service").replace(f":{self.cluster.port}/", f":{port}/")
        url = url if port else self.cluster.url("service")
        env = {"DATABASE_POOL": str(POOL), "BRIO_LOG": "off", **service.NO_CACHE}
        return self.enterContext(service.Service(database_url=url, env=env))

    def judge(self, results, most=DEADLINE + SLACK):
        """Only 503 with Retry-After beside what is good, and nobody waits for longer than the deadline."""
        by_status = {}
        for each in results:
            by_status[each["status"]] = by_status.get(each["status"], 0) + 1
        slowest = max(each["took"] for each in results)
        print(f"  {len(results)} requests: {by_status}, slowest {slowest:.2f} s", flush=True)
        others = [each for each in results if each["status"] not in (200, 201, 503)]
        self.assertEqual(others[:3], [], f"{len(others)} answers are neither good nor 503")
        without = [each for each in results.of_status(503) if not each["retry_after"]]
        self.assertEqual(without[:3], [], "503 without Retry-After")
        if not service.IS_SANITIZED:
            self.assertLess(slowest, most)

    def judge_rows(self, results):
        """Every acknowledged POST is there, and none is there twice."""
        acknowledged = {each["key"] for each in results.of_status(201) if each["method"] == "POST"}
        stored = self.cluster.psql("SELECT name FROM resources WHERE name LIKE 'load-%'", "service")
        rows = [name for (name,) in stored]
        print(f"  {len(acknowledged)} acknowledged, {len(rows)} stored", flush=True)
        self.assertEqual(sorted(acknowledged - set(rows))[:5], [], "acknowledged rows are missing")
        self.assertEqual(len(rows), len(set(rows)), "a repeated POST made a second row")

    def judge_connections(self, of):
        """The pool is as it was, and PostgreSQL holds no statement or transaction of it."""
        def is_calm():
            states = self.cluster.psql(
                "SELECT state, wait_event_type, query FROM pg_stat_activity WHERE datname = 'service' "
                "AND backend_type = 'client backend' AND state <> 'idle'"
            )
            return states == []

        self.assertTrue(service.eventually(is_calm, 5), "PostgreSQL still works for the service")
        count = self.cluster.value(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE datname = 'service' AND backend_type = 'client backend'"
        )
        print(f"  {count} connections", flush=True)

    def outages(self, of, fault, times):
        """The fault again and again under load; how long after each the first request succeeded."""
        accepted = []
        with load(of) as results:
            for _ in range(times):
                fault()
                accepted.append(time.monotonic())
                time.sleep(3 if service.IS_FULL else 1.5)
        delays = [results.first_success_after(moment) for moment in accepted]
        print(f"  first success after {', '.join(f'{delay:.3f}' for delay in delays)} s", flush=True)
        self.judge(results)
        self.judge_rows(results)
        self.judge_connections(of)
        self.assertLess(max(delays), RECOVERY)

    def test_restarts_cost_503s_and_no_acknowledged_row(self):
        self.outages(self.serve(), lambda: self.cluster.restart("fast"), 10 if service.IS_FULL else 2)

    def test_crashes_cost_503s_and_no_acknowledged_row(self):
        self.outages(self.serve(), lambda: self.cluster.restart("immediate"), 10 if service.IS_FULL else 2)

    def test_a_killed_postmaster_costs_503s_and_no_acknowledged_row(self):
        def kill():
            self.cluster.kill()
            self.cluster.start()

        self.outages(self.serve(), kill, 5 if service.IS_FULL else 1)

    def stands_still(self, of, stop, go_on):
        seconds = 10 if service.IS_FULL else 4
        with load(of, RATE / 5) as results:
            begun = time.monotonic()
            stop()
            time.sleep(seconds)
            go_on()
            ended = time.monotonic()
            time.sleep(3)
        self.judge(results)
        late = [each for each in results.between(ended + RECOVERY, ended + 2.5) if each["status"] == 503]
        self.assertEqual(late[:3], [], f"{len(late)} requests failed although PostgreSQL was back")
        # whoever began so early that its deadline came before the server went on
        over = ended - DEADLINE - 0.2
        within = [each for each in results.between(begun + 0.2, over) if each["status"] != 503]
        self.assertEqual(within[:3], [], "somebody was answered although PostgreSQL stood still")
        print(f"  first success {results.first_success_after(ended):.3f} s after it went on", flush=True)
        self.assertLess(results.first_success_after(ended), RECOVERY)
        self.judge_rows(results)
        self.judge_connections(of)

    def test_nobody_waits_for_a_stopped_server_beyond_the_deadline(self):
        of = self.serve()
        self.stands_still(of, self.cluster.pause, self.cluster.resume)

    def test_nobody_waits_for_a_vanished_server_beyond_the_deadline(self):
        with FaultProxy(self.cluster.port) as proxy:
            of = self.serve(proxy.port)
            self.stands_still(of, proxy.blackhole, proxy.heal)

    def test_connections_that_are_reset_in_the_middle_cost_503s_only(self):
        with FaultProxy(self.cluster.port) as proxy:
            of = self.serve(proxy.port)
            with load(of, RATE / 5) as results:
                for _ in range(5):
                    proxy.reset_all()
                    time.sleep(0.3)
                proxy.reset_after = 20_000
                time.sleep(2)
                proxy.heal()
                time.sleep(1)
            self.judge(results)
            self.judge_rows(results)
            self.judge_connections(of)


if __name__ == "__main__":
    service.main()
