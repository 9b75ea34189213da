#!/usr/bin/env python3
"""Compression over real sockets, judged by Python's own decoders: T-H7's matrix and T-H9's bomb."""
import gzip
import itertools

import brotli
import zstandard

import service
from wire import encode

SIZES = (999, 1000, 1001, 70_000, 1_000_000)
TYPES = {
    "application/json": True,
    "text/plain; charset=utf-8": True,
    "application/problem+json": True,
    "image/svg+xml": True,
    "application/javascript": True,
    "image/png": False,
    "application/zip": False,
    "application/octet-stream": False,
    "text/event-stream": False,
}

# Accept-Encoding lines, and what a body that gains comes in; None: 406
ACCEPTED = {
    (): "identity",
    ("",): "identity",
    ("gzip",): "gzip",
    ("GZIP",): "gzip",
    ("x-gzip",): "gzip",
    ("xgzip",): "identity",
    ("gzipx, deflate",): "identity",
    ("gzip;q=0",): "identity",
    ("gzip;q=0.000",): "identity",
    ("gzip;q=0.5",): "gzip",
    ("gzip;q=0.5, identity;q=1",): "identity",
    ("gzip;q=1.5",): "identity",
    ("deflate, gzip;q=1.0, *;q=0.5",): "gzip",
    ("*",): "gzip",
    ("*;q=0",): None,
    ("*;q=0, gzip",): "gzip",
    ("*;q=0, identity",): "identity",
    ("identity;q=0",): None,
    ("identity;q=0, gzip",): "gzip",
    ("identity;q=0, br",): "br",
    ("identity;q=0, zstd",): "zstd",
    ("gzip, gzip",): "gzip",
    ("gzip, gzip;q=0",): "identity",
    ("br", "gzip"): "gzip",
    ("gzip", "gzip;q=0"): "identity",
    ("gzip, deflate, br, zstd",): "gzip",
}


def text_of(size):
    parts, length = [], 0
    while length < size:
        parts.append(f"item {len(parts) * 2654435761 % 2**32} of the list\n")
        length += len(parts[-1])
    return "".join(parts).encode()[:size]


def decoded(answer):
    coding = answer.field("Content-Encoding", "identity")
    if coding == "gzip":
        return gzip.decompress(answer.body)
    if coding == "br":
        return brotli.decompress(answer.body)
    if coding == "zstd":
        return zstandard.ZstdDecompressor().decompress(answer.body)
    return answer.body


def unchunked(body):
    whole = b""
    while True:
        size, body = body.split(b"\r\n", 1)
        if int(size, 16) == 0:
            return whole
        whole += body[: int(size, 16)]
        body = body[int(size, 16) + 2 :]


class CompressionTest(service.unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.of = cls.enterClassContext(
            service.Service(rows=0, name="service_compression", has_database=False)
        )

    @classmethod
    def tearDownClass(cls):
        if cls.of.stop() != 0:
            raise AssertionError(f"the program did not end well on SIGTERM:\n{cls.of.log_end()}")

    def ask(self, wire, target, accepted=(), method="GET", more=""):
        lines = "".join(f"Accept-Encoding: {each}\r\n" for each in accepted)
        wire.send(f"{method} {target} HTTP/1.1\r\nHost: a\r\n{lines}{more}\r\n".encode())
        return wire.read(method)

    def judge(self, wire, accepted, size, kind, status):
        """One cell of the matrix, by GET and by HEAD."""
        target = f"/body?size={size}&status={status}&type={kind.replace('+', '%2B').replace(' ', '%20')}"
        get = self.ask(wire, target, accepted)
        head = self.ask(wire, target, accepted, "HEAD")
        cell = (accepted, size, kind, status, get)
        self.assertEqual(head.status, get.status, cell)
        for name in ("Content-Encoding", "Content-Length", "Vary", "ETag", "Content-Type"):
            if get.status != 406:
                self.assertEqual(head.all(name), get.all(name), cell)
        wanted = ACCEPTED[accepted]
        has_body = status not in (204, 206)
        if has_body and wanted is None and status == 200:
            self.assertEqual((get.status, get.code), (406, "not_acceptable"), cell)
            return
        self.assertEqual(get.status, status, cell)
        gains = TYPES[kind] and size >= 1000
        refused = any("identity;q=0" in each or each == "*;q=0, gzip" for each in accepted)
        coding = (wanted or "identity") if has_body and (gains or refused) else "identity"
        self.assertEqual(get.field("Content-Encoding", "identity"), coding, cell)
        self.assertEqual(get.all("Vary"), ["Accept-Encoding"] if has_body and TYPES[kind] else [], cell)
        suffix = {"identity": "", "gzip": "-gz", "br": "-br", "zstd": "-zst"}[coding]
        self.assertEqual(get.field("ETag"), f'"1-ab{suffix}"', cell)
        self.assertEqual(decoded(get), text_of(size) if status != 204 else b"", cell)

    def test_the_matrix(self):
        cells = 0
        with self.of.connect() as wire:
            for accepted in ACCEPTED:
                for size, kind in itertools.product(SIZES[:3], TYPES):
                    self.judge(wire, accepted, size, kind, 200)
                    cells += 1
                for status, size in itertools.product((200, 204, 206, 404, 500), SIZES):
                    self.judge(wire, accepted, size, "application/json", status)
                    cells += 1
        print(f"  {cells} cells", flush=True)

    def test_a_condition_is_on_the_variant(self):
        with self.of.connect() as wire:
            for accepted, tag, status in (
                (("gzip",), '"1-ab-gz"', 304),
                (("gzip",), '"1-ab"', 200),
                ((), '"1-ab"', 304),
                ((), '"1-ab-gz"', 200),
            ):
                answer = self.ask(wire, "/body?size=2000", accepted, more=f"If-None-Match: {tag}\r\n")
                self.assertEqual(answer.status, status, (accepted, tag))
                self.assertEqual(answer.all("Vary"), ["Accept-Encoding"])
                if status == 304:
                    self.assertEqual(answer.body, b"")
                    self.assertEqual(answer.all("Content-Encoding"), [])

    def test_secrets_beside_what_others_choose_are_not_compressed(self):
        with self.of.connect() as wire:
            for target in ("/cookie", "/left"):
                answer = self.ask(wire, target, ("gzip",))
                self.assertEqual(answer.all("Content-Encoding"), [], target)
                self.assertEqual(answer.body, text_of(5000))

    def test_a_kept_body_comes_in_every_coding_and_is_the_same(self):
        whole = text_of(40_000)
        with self.of.connect() as wire:
            for coding in ("gzip", "br", "zstd"):

                def comes_in(coding=coding):
                    answer = self.ask(wire, "/kept", (coding,))
                    self.assertEqual(decoded(answer), whole)
                    return answer.field("Content-Encoding") == coding

                self.assertTrue(service.eventually(comes_in), coding)
            best = self.ask(wire, "/kept", ("gzip, deflate, br, zstd",))
            self.assertEqual(best.field("Content-Encoding"), "br")
            self.assertLess(len(best.body), len(self.ask(wire, "/kept", ("gzip",)).body))

    def test_a_stream_comes_in_gzip(self):
        with self.of.connect() as wire:
            wire.send(b"GET /rows HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n")
            got = b""
            while more := wire.socket.recv(65536):
                got += more
        head, body = got.split(b"\r\n\r\n", 1)
        self.assertIn(b"Content-Encoding: gzip", head)
        self.assertEqual(gzip.decompress(unchunked(body)), text_of(100) + text_of(100_000) + text_of(7))

    def upload(self, body, target="/upload", coding="gzip", most=60):
        with self.of.connect(most) as wire:
            wire.send_what_is_taken(encode("POST", target, body, {"Content-Encoding": coding}))
            return wire.read("POST")

    def test_a_body_in_gzip_is_taken_where_the_route_says_so(self):
        text = text_of(300_000)
        self.assertEqual(self.upload(gzip.compress(text)).body, b"300000")
        refused = self.upload(gzip.compress(text), "/plain")
        self.assertEqual((refused.status, refused.field("Accept-Encoding")), (415, "identity"))
        self.assertEqual(self.upload(brotli.compress(text), coding="br").status, 415)
        self.assertEqual(self.upload(gzip.compress(text)[:-5]).status, 400)

    def test_a_bomb_is_413_and_costs_no_memory(self):
        """10 MiB that become 10 GiB."""
        bomb = gzip.compress(bytes(100 << 20)) * 103  # members that follow each other are one body
        self.assertGreater(len(bomb), 9 << 20)
        self.upload(gzip.compress(text_of(1000)))
        before = self.of.rss()
        self.assertEqual(self.upload(bomb).status, 413)
        grown = self.of.rss() - before
        print(f"  {len(bomb) >> 20} MiB: RSS {grown / 1024:+.0f} KiB", flush=True)
        if not service.IS_SANITIZED:
            self.assertLess(grown, 64 << 20)
        self.assertEqual(self.of.get("/healthz").status, 200)


if __name__ == "__main__":
    service.main()
