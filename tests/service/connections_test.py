#!/usr/bin/env python3
"""Connections begin, end and break in every way that TCP has; nothing is left of them (T-H10)."""
import json
import socket
import struct

import service
from wire import Violation, Wire, encode

# connections of the churn: 1,000,000 in the full run
CHURN = 1_000_000 if service.IS_FULL else 2_000 if service.IS_SANITIZED else 20_000
GET = encode("GET", "/healthz")
LIST = encode("GET", "/api/resources?page_size=100")
POST = encode("POST", "/api/resources", {"name": "broken off"})


@service.on_every_engine
class Pipelining(service.ServiceTest):
    def test_a_thousand_requests_in_one_write_are_answered_in_order(self):
        with self.service.connect() as wire:
            wire.send(
                b"".join(encode("GET", "/healthz", None, {"X-Request-ID": f"n{i}"}) for i in range(1000))
            )
            for i in range(1000):
                answer = wire.read()
                self.assertEqual((answer.status, answer.field("X-Request-ID")), (200, f"n{i}"))
            self.assertFalse(wire.is_closed(0.2))

    def test_handlers_that_wait_keep_the_order_too(self):
        methods = [self.random.choice(("list", "show", "post", "none", "head")) for _ in range(1000)]
        requests = {
            "list": ("GET", "/api/resources?page_size=3", None, 200),
            "show": ("GET", "/api/resources/1", None, 200),
            "post": ("POST", "/api/resources", {"name": "in order"}, 201),
            "none": ("GET", "/none", None, 404),
            "head": ("HEAD", "/api/resources/1", None, 200),
        }
        with self.service.connect(30) as wire:
            wire.send(
                b"".join(
                    encode(*requests[each][:3], {"X-Request-ID": f"n{i}"}) for i, each in enumerate(methods)
                )
            )
            for i, each in enumerate(methods):
                answer = wire.read(requests[each][0])
                self.assertEqual(
                    (answer.field("X-Request-ID"), answer.status), (f"n{i}", requests[each][3]), each
                )

    def test_requests_with_bodies_between_long_pages_are_answered(self):
        with self.service.connect() as wire:
            wire.send((LIST * 3 + POST + LIST + POST * 2) * 20)
            for method in "GGGPGPP" * 20:
                self.assertEqual(wire.read().status, 200 if method == "G" else 201)

    def test_a_refusal_in_the_middle_ends_the_pipeline_after_the_answers_before_it(self):
        with self.service.connect() as wire:
            wire.send(GET * 10 + b"GET / HTTP/1.1\r\nHost: a\r\nBad Field: x\r\n\r\n" + GET * 10)
            self.assertEqual([wire.read().status for _ in range(11)], [200] * 10 + [400])
            self.assertTrue(wire.is_closed())

    def test_close_in_the_middle_ends_the_pipeline_after_its_answer(self):
        with self.service.connect() as wire:
            wire.send(GET * 5 + encode("GET", "/healthz", None, {"Connection": "close"}) + POST * 5)
            answers = [wire.read() for _ in range(6)]
            self.assertEqual([each.says_close() for each in answers], [False] * 5 + [True])
            self.assertTrue(wire.is_closed())


class SlowReaders(service.ServiceTest):
    env = {"BRIO_LIMIT_WRITE_STALL_MS": "1000"}

    def ask_for_much(self):
        """One write that asks for 30 MB, on a connection that takes 4 KiB at a time."""
        wire = self.service.connect()
        wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        wire.send(LIST * 1000)
        return wire

    def test_pages_that_nobody_reads_are_not_all_made(self):
        before = self.service.rss()
        wires = [self.ask_for_much() for _ in range(20)]
        self.assertEqual(self.service.get("/healthz").status, 200)
        self.judge_growth(before, 8 << 20, "with 20 readers that stopped")
        for wire in wires:
            wire.close()

    def test_a_reader_that_stopped_is_reset_and_a_slow_one_is_not(self):
        with self.ask_for_much(), self.ask_for_much() as slow:
            listeners = self.threads + 1
            for _ in range(15):  # takes some seconds: the kernel waits with each acknowledgement
                self.assertEqual(slow.read().status, 200)
            self.assertTrue(service.eventually(lambda: self.service.sockets() == listeners + 1, 10))
            self.assertEqual(slow.read().status, 200)


class Endings(service.ServiceTest):
    def setUp(self):
        self.assertEqual(self.service.get("/healthz").status, 200)
        self.assertTrue(service.eventually(lambda: self.service.sockets() == self.listeners, 5))

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # two for the API's threads, one for the admin pages: what is there when nobody is connected
        cls.listeners = cls.threads + 1

    def assert_nothing_left(self):
        self.assertTrue(
            service.eventually(lambda: self.service.sockets() == self.listeners, 5),
            f"{self.service.sockets()} sockets; {self.listeners} of them listen",
        )
        self.assertEqual(self.service.get("/healthz").status, 200)

    def test_a_client_that_only_sends_no_more_gets_all_its_answers(self):
        for request, status in ((GET, 200), (LIST, 200), (POST, 201), (GET * 20 + LIST, 200)):
            with self.service.connect() as wire:
                wire.send(request)
                wire.half_close()
                answers = [wire.read() for _ in range(request.count(b"HTTP/1.1\r\n"))]
                self.assertEqual(answers[-1].status, status)
                self.assertTrue(wire.is_closed())
        self.assert_nothing_left()

    def test_a_request_that_ends_within_itself_is_not_answered_with_success(self):
        for unfinished in (
            b"GET /healthz HTT",
            GET[:-2],
            POST[:-3],
            POST.replace(b"Content-Length: 22", b"Transfer-Encoding: chunked")[:-22] + b'5\r\n{"na',
        ):
            with self.service.connect() as wire:
                wire.send(unfinished)
                wire.half_close()
                try:
                    answer = wire.read()
                    self.assertIn(answer.status, (400, 408), answer)
                except ConnectionError:
                    pass
        self.assert_nothing_left()

    def test_a_reset_in_each_phase_leaves_nothing(self):
        long_body = encode("POST", "/api/resources", {"name": "x", "description": "d" * 1500})
        phases = {
            "after connect": b"",
            "within the line": GET[:9],
            "within the head": GET[:-2],
            "within the body": long_body[:-700],
            "while handlers run": POST * 8 + LIST * 8,
            "within the answer": LIST * 64,
            "after a refusal": b"\x16\x03\x01 no HTTP\r\n\r\n",
        }
        for round_ in range(30):
            for phase, data in phases.items():
                with self.subTest(phase):
                    wire = self.service.connect()
                    wire.send_what_is_taken(data)
                    if phase == "within the answer":
                        wire.socket.recv(1 + round_ * 100)
                    wire.reset()
        self.assert_nothing_left()

    def test_rows_of_requests_broken_off_are_whole_or_absent(self):
        for i in range(100):
            wire = self.service.connect()
            wire.send(encode("POST", "/api/resources", {"name": f"reset {i}", "description": "whole"}))
            wire.reset()
        self.assert_nothing_left()
        rows = self.service.get("/api/resources?page_size=100&sort_by=id&sort_order=desc").json()["items"]
        broken = [row for row in rows if row["name"].startswith("reset ")]
        self.assertTrue(all(row["description"] == "whole" for row in broken))
        self.assertEqual(len(broken), len({row["name"] for row in broken}), "a request was carried out twice")

    def churn(self, count):
        """Connections that do little or nothing, ended by FIN and by RST."""
        off = struct.pack("ii", 1, 0)
        for i in range(count):
            each = socket.create_connection(("127.0.0.1", self.service.port), 10)
            if i % 10 == 0:
                each.sendall(GET)
                if not each.recv(4096).startswith(b"HTTP/1.1 200 "):
                    raise Violation("a good request was not answered well")
            if i % 3:
                each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, off)
            each.close()

    def test_connecting_again_and_again_costs_no_descriptor_and_no_memory(self):
        self.churn(CHURN // 10)
        self.assert_nothing_left()
        before, descriptors = self.service.rss(), self.service.descriptors()
        self.churn(CHURN)
        self.assert_nothing_left()
        self.assertTrue(service.eventually(lambda: self.service.descriptors() <= descriptors, 5))
        self.judge_growth(before, 2 << 20, f"after {CHURN} connections")

    def test_many_at_once_are_served_and_go(self):
        wires = [self.service.connect() for _ in range(1000)]
        for wire in wires:
            wire.send(GET)
        for wire in wires:
            self.assertEqual(wire.read().status, 200)
            wire.close()
        self.assert_nothing_left()


class Versions(service.ServiceTest):
    """Which connections stay (RFC 9112 §9.3)."""

    def stays(self, head):
        with self.service.connect() as wire:
            wire.send(head)
            answer = wire.read()
            self.assertEqual(answer.status, 200, answer)
            closed = wire.is_closed(0.5)
            self.assertEqual(
                closed, answer.says_close() or (b"HTTP/1.0" in head and not answer.field("Connection"))
            )
            return not closed

    def test_a_connection_stays_as_its_version_and_its_fields_say(self):
        cases = {
            ("1.1", None): True,
            ("1.1", "close"): False,
            ("1.1", "Close"): False,
            ("1.1", "keep-alive"): True,
            ("1.1", "keep-alive, close"): False,
            ("1.1", "x, close ,y"): False,
            ("1.0", None): False,
            ("1.0", "keep-alive"): True,
            ("1.0", "Keep-Alive"): True,
            ("1.0", "close"): False,
            ("1.1", "closed"): True,
        }
        for (version, connection), stays in cases.items():
            field = f"Connection: {connection}\r\n" if connection else ""
            with self.subTest(version=version, connection=connection):
                self.assertEqual(
                    self.stays(f"GET /healthz HTTP/{version}\r\nHost: a\r\n{field}\r\n".encode()), stays
                )

    def test_a_body_is_read_before_the_next_request_is_answered(self):
        hidden = json.dumps({"name": "GET /none HTTP/1.1\r\nHost: a\r\n\r\n"}).encode()
        with Wire(self.service.port) as wire:
            wire.send(encode("GET", "/healthz", hidden) + encode("PUT", "/none", hidden) + GET)
            self.assertEqual([wire.read().status for _ in range(3)], [200, 404, 200])


if __name__ == "__main__":
    service.main()
