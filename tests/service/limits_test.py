#!/usr/bin/env python3
"""What is too long or too many is refused with its own status, early, and costs no memory (T-H5)."""
import json

import service

LINE = 8 * 1024
HEADERS = 16 * 1024
HEADER_COUNT = 100
BODY = 1024 * 1024


def line_of(size):
    """A GET of /healthz whose request line has `size` bytes."""
    fixed = len("GET /healthz? HTTP/1.1")
    return ("GET /healthz?" + "a" * (size - fixed) + " HTTP/1.1\r\nHost: a\r\n\r\n").encode()


def headers_of(size):
    """Field lines of `size` bytes with their CRLFs."""
    host = "Host: a\r\n"
    one = "X-Filling: "
    return "GET /healthz HTTP/1.1\r\n" + host + one + "f" * (size - len(host) - len(one) - 2) + "\r\n\r\n"


def header_count_of(count):
    return (
        "GET /healthz HTTP/1.1\r\nHost: a\r\n" + "".join(f"X-{i}: v\r\n" for i in range(count - 1)) + "\r\n"
    )


def post(*lines):
    return "\r\n".join(
        ["POST /api/resources HTTP/1.1", "Host: a", "Content-Type: application/json", *lines, "", ""]
    ).encode()


def chunk(data, extension=b""):
    return b"%x%s\r\n%s\r\n" % (len(data), extension, data)


class Limits(service.ServiceTest):
    def refused(self, data, status, wire=None):
        """Sends it and expects a refusal that ends the connection; gives the answer."""
        with wire or self.service.connect() as wire:
            wire.send_what_is_taken(data)
            answer = wire.read()
            self.assertEqual(answer.status, status, answer)
            self.assertEqual(answer.interim, [], "an interim answer came before the refusal")
            self.assertTrue(answer.says_close(), answer)
            self.assertIsNotNone(answer.code, answer)
            self.assertTrue(wire.is_closed(), "the connection stays open after the refusal")
            return answer

    def accepted(self, data, statuses=(200,)):
        with self.service.connect() as wire:
            wire.send(data)
            answer = wire.read()
            self.assertIn(answer.status, statuses, answer)
            return answer

    def test_a_request_line_at_the_limit_passes_and_one_byte_more_is_414(self):
        self.accepted(line_of(LINE))
        self.refused(line_of(LINE + 1), 414)

    def test_a_url_of_the_limit_and_one_byte_is_414(self):
        self.refused(line_of(LINE + 1 + len("GET  HTTP/1.1")), 414)

    def test_a_request_line_without_an_end_is_414(self):
        self.refused(b"GET /" + b"a" * 100_000, 414)

    def test_headers_at_the_limit_pass_and_one_byte_more_is_431(self):
        self.accepted(headers_of(HEADERS).encode())
        self.refused(headers_of(HEADERS + 1).encode(), 431)

    def test_headers_without_an_end_are_431(self):
        self.refused(b"GET /healthz HTTP/1.1\r\nHost: a\r\n" + b"X-More: and more\r\n" * 10_000, 431)

    def test_a_hundred_headers_pass_and_one_more_is_431(self):
        self.accepted(header_count_of(HEADER_COUNT).encode())
        self.refused(header_count_of(HEADER_COUNT + 1).encode(), 431)

    def test_a_body_at_the_limit_is_read_and_one_byte_more_is_413_before_any_of_it_came(self):
        body = json.dumps({"name": "long", "description": ""}).encode()
        body += b" " * (BODY - len(body))
        self.accepted(post(f"Content-Length: {BODY}") + body, (201,))
        self.refused(post(f"Content-Length: {BODY + 1}"), 413)

    def test_a_chunked_body_above_the_limit_is_413(self):
        piece = chunk(b" " * 16384)
        self.refused(post("Transfer-Encoding: chunked") + piece * 65, 413)

    def test_a_chunked_body_of_one_byte_chunks_above_the_limit_is_413(self):
        self.refused(post("Transfer-Encoding: chunked") + b"1\r\n \r\n" * (BODY + 1), 413)

    def test_a_chunk_that_announces_more_than_the_limit_is_413_before_it_comes(self):
        self.refused(post("Transfer-Encoding: chunked") + b"100001\r\n", 413)

    def test_a_content_length_beyond_any_integer_is_refused(self):
        with self.service.connect() as wire:
            wire.send(post("Content-Length: 99999999999999999999999999"))
            answer = wire.read()
            self.assertIn(answer.status, (400, 413), answer)
            self.assertTrue(wire.is_closed())

    def test_an_expectation_above_the_limit_is_413_without_100(self):
        self.refused(post(f"Content-Length: {BODY + 1}", "Expect: 100-continue"), 413)

    def test_an_expectation_within_the_limit_is_met_by_100_before_the_body(self):
        body = b'{"name":"expected"}'
        with self.service.connect() as wire:
            wire.send(post(f"Content-Length: {len(body)}", "Expect: 100-continue"))
            wire.send(body) if b"100 Continue\r\n\r\n" in wire.socket.recv(1000) else self.fail("no 100")
            self.assertEqual(wire.read().status, 201)

    def test_chunk_extensions_of_64_kib_are_refused(self):
        self.refused(post("Transfer-Encoding: chunked") + chunk(b" ", b";a=" + b"x" * 65536), 400)

    def test_many_small_chunk_extensions_are_bounded_together(self):
        self.refused(post("Transfer-Encoding: chunked") + chunk(b" ", b";a=" + b"x" * 100) * 700, 400)

    def test_trailers_are_read_and_forgotten(self):
        body = chunk(b'{"name":"trailers"}') + b"0\r\nX-Sum: 1\r\nContent-Type: text/html\r\n\r\n"
        self.accepted(post("Transfer-Encoding: chunked") + body, (201, 400))
        body = chunk(b'{"name":"trailers"}') + b"0\r\nX-Sum: 1\r\n\r\n"
        self.accepted(post("Transfer-Encoding: chunked") + body, (201,))

    def test_too_many_or_too_long_trailers_are_431(self):
        begin = post("Transfer-Encoding: chunked") + chunk(b'{"name":"trailers"}') + b"0\r\n"
        self.refused(begin + b"X-T: v\r\n" * 33 + b"\r\n", 431)
        self.refused(begin + b"X-T: " + b"v" * 8192 + b"\r\n\r\n", 431)
        self.refused(begin + b"X-T: v\r\n" * 10_000, 431)

    def test_refusals_leave_no_memory_behind(self):
        """Eight kinds of refusal, again and again, and a good request after each."""
        begin = post("Transfer-Encoding: chunked")
        kinds = [
            (line_of(LINE + 1), 414),
            (b"GET /" + b"a" * 100_000, 414),
            (headers_of(HEADERS + 1).encode(), 431),
            (header_count_of(HEADER_COUNT + 1).encode(), 431),
            (post(f"Content-Length: {BODY + 1}"), 413),
            (begin + chunk(b" " * 16384) * 65, 413),
            (begin + chunk(b" ", b";a=" + b"x" * 65536), 400),
            (begin + chunk(b" ") + b"0\r\n" + b"X-T: v\r\n" * 1000, 431),
        ]

        def rounds(count):
            for _ in range(count):
                for data, status in kinds:
                    self.refused(data, status)
                    self.accepted(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")

        rounds(5)
        before = self.service.rss()
        rounds(40)
        self.judge_growth(before, 2 << 20, "after 320 refusals")


if __name__ == "__main__":
    service.main()
