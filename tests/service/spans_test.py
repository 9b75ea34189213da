#!/usr/bin/env python3
"""Spans of requests and tasks reach a collector of traces, and nobody waits for one that is away."""
import unittest

import service
from otlp import Collector
from own_server import free_port

TRACE = "0af7651916cd43dd8448eb211c80319c"
CALLER = "b7ad6b7169203331"
SAMPLED = {"traceparent": f"00-{TRACE}-{CALLER}-01", "tracestate": "a=1"}


class Spans(unittest.TestCase):
    def serve(self, url, workers=0, **env):
        of = service.Service(rows=0, threads=1, name="service_profiled", workers=workers)
        of.env |= {
            "BRIO_LOG": "off",
            "BRIO_GOAL_API_MS": "5000",
            "BRIO_GOAL_QUERY_MS": "4000",
            "OTEL_EXPORTER_OTLP_ENDPOINT": url,
            **env,
        }
        return of

    def await_one(self, collector, **wanted):
        found = []

        def is_there():
            found[:] = collector.find(**wanted)
            return bool(found)

        self.assertTrue(service.eventually(is_there), wanted)
        return found[0]

    def test_a_sampled_request_and_its_task_are_spans_of_one_trace(self):
        collector = self.enterContext(Collector())
        env = {"OTEL_EXPORTER_OTLP_HEADERS": "x-key=a%20b", "BRIO_TRUSTED_PROXIES": "127.0.0.1"}
        of = self.enterContext(self.serve(collector.url + "/", workers=1, **env))
        by_tls = {**SAMPLED, "X-Forwarded-Proto": "https"}
        self.assertEqual(of.request("POST", "/notes", {"text": "x"}).status, 200)
        self.assertEqual(of.request("POST", "/grind", {"cpu_ms": 5}, by_tls).status, 204)
        self.assertEqual(of.request("POST", "/notes", {"text": "y"}, SAMPLED).status, 200)

        request = self.await_one(collector, name="POST /grind")
        self.assertEqual((request.trace, request.parent, request.kind), (TRACE, CALLER, 2))
        self.assertEqual(request.state, "a=1")
        self.assertEqual(request.attributes["http.route"], "/grind")
        self.assertEqual(request.attributes["url.scheme"], "https")
        self.assertEqual(request.attributes["http.response.status_code"], 204)
        self.assertEqual(request.attributes["brio.goal_ms"], 5000)
        self.assertEqual(request.resource["service.name"], "profiled")
        phases = {n: v for n, v in request.attributes.items() if n.startswith("brio.phase.")}
        self.assertIn("brio.phase.enqueue_ms", phases)
        # those under a microsecond are left out
        self.assertAlmostEqual(sum(phases.values()), request.ms, delta=0.1)

        task = self.await_one(collector, name="tests.grind")
        self.assertEqual((task.trace, task.parent, task.kind), (TRACE, request.id, 5))
        self.assertGreaterEqual(task.ms, 5)
        self.assertIn("brio.phase.wait_ms", task.attributes)
        self.assertNotEqual(task.resource["process.pid"], request.resource["process.pid"])

        note = self.await_one(collector, name="POST /notes")
        self.assertEqual(note.attributes["url.scheme"], "http")
        self.assertEqual(note.trace, TRACE, "the one that nobody sampled is none")
        self.assertGreaterEqual(note.attributes["brio.statements"], 1)
        self.assertEqual(note.events[0][0], "statement")
        self.assertGreater(note.events[0][1]["brio.ms"], 0)
        path, fields = collector.requests[0]
        self.assertEqual((path, fields["x-key"]), ("/v1/traces", "a b"))

    def test_what_is_over_its_goal_is_a_span_whatever_its_trace_says(self):
        collector = self.enterContext(Collector())
        goals = {"BRIO_GOAL_API_MS": "10", "BRIO_GOAL_QUERY_MS": "5", "BRIO_DEADLINE_API_MS": "20000"}
        with self.serve(collector.url, **goals) as of:
            of.get("/burn?cpu_ms=30", {"traceparent": f"00-{TRACE}-{CALLER}-00"})
            self.assertEqual(of.get("/burn?cpu_ms=30").status, 200)
        for parent in (CALLER, None):  # sent at the end, at the latest
            slow = self.await_one(collector, name="GET /burn", parent=parent)
            self.assertEqual(slow.attributes["brio.why"], "slow")
            self.assertGreater(slow.ms, 10)

    def test_a_collector_that_is_busy_is_asked_again(self):
        collector = self.enterContext(Collector())
        collector.statuses += [503]
        of = self.enterContext(self.serve(collector.url))
        of.request("POST", "/notes", {"text": "x"}, SAMPLED)
        self.await_one(collector, name="POST /notes")
        self.assertEqual(collector.asked, 2)
        self.assertTrue(service.eventually(lambda: of.metric("spans_total", outcome="sent") == 1))

    def test_what_was_to_be_sent_again_is_sent_at_the_end(self):
        collector = self.enterContext(Collector())
        collector.statuses += [503]
        with self.serve(collector.url) as of:
            of.request("POST", "/notes", {"text": "x"}, SAMPLED)
            self.assertTrue(service.eventually(lambda: collector.asked == 1))
        self.await_one(collector, name="POST /notes")

    def test_one_that_is_away_holds_nobody_up(self):
        of = self.enterContext(self.serve(f"http://127.0.0.1:{free_port()}", BRIO_LIMIT_SPANS="5"))
        for _ in range(50):
            self.assertEqual(of.request("POST", "/notes", {"text": "x"}, SAMPLED).status, 200)
        self.assertTrue(service.eventually(lambda: of.metric("spans_total", outcome="dropped") > 0))
        self.assertLessEqual(of.metric("spans_waiting"), 5)


if __name__ == "__main__":
    service.main()
