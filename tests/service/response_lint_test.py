#!/usr/bin/env python3
"""Every endpoint and method of the OpenAPI document answers by the rules of lint.py (T-H8)."""
import unittest

import service
from lint import RULES, Probe, lint
from wire import Answer, encode

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "BREW")
BODIES = (
    None,
    b"",
    b"{}",
    b'{"name":"linted"}',
    b'{"name":"","status":"none","owner_id":"x","unknown":1}',
    b"[1,",
    b"\xff",
    b'{"name":"a","name":"b"}',
    b'{"email":"lint@example.com","name":"Lint"}',
    b'{"name":"' + b"n" * 121 + b'"}',
)
QUERIES = (
    "",
    "?page=0",
    "?page=99999999999999999999",
    "?unknown=1",
    "?page_size=3&sort_by=created_at&sort_order=desc",
    "?filters=%7B",
    "?%zz",
    "?cursor=broken",
    "?sort_by=name%27--",
    "?include=resources",
    "?include=none",
)
IDS = ("1", "3", "999999999", "0", "-1", "abc", "1.5", "99999999999999999999", "%31", "%00", "%2e%2e", "1%27")
FIELDS = (
    {},
    {"X-Request-ID": "linted-1"},
    {"X-Request-ID": "has spaces in it"},
    {"X-Request-ID": "l" * 129},
    {"If-Match": '"none"'},
    {"If-None-Match": "*"},
    {"Accept": "text/html"},
    {"Content-Type": "text/plain"},
    {"Expect": "200-maybe"},
    {"Accept-Encoding": "gzip, br"},
    {"Range": "bytes=0-1"},
    {"X-Request-Timeout-Ms": "x"},
)


@service.on_every_engine
class ResponseLint(service.ServiceTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        document = cls.service.get("/openapi.json").json()
        cls.operations = {
            path: {
                method.upper()
                for method in operations
                if method in ("get", "put", "post", "delete", "patch", "head", "options")
            }
            for path, operations in document["paths"].items()
        }

    def probe(self, wire, method, target, body=None, sent=None):
        """On a kept connection; gives what is wrong and the connection to go on with."""
        answer = wire.request(method, target, body, sent or {})
        closed = None
        if answer.says_close():
            closed = wire.is_closed()
            wire.close()
            wire = self.service.connect()
        found = lint(Probe(method, target, answer, sent, closed=closed))
        if answer.status >= 500 and method != "BREW":
            found.append(f"{answer.status}: {method} {target} {body!r} {sent}: {answer.body!r}")
        return answer, found, wire

    def targets(self):
        for path in [
            *self.operations,
            "/",
            "/docs",
            "/openapi.json",
            "/none",
            "/api",
            "/api/resources/",
            "/*",
        ]:
            for id_ in IDS if "{" in path else ("",):
                yield path.split("{")[0] + id_ + path[path.find("}") + 1 :] if "{" in path else path

    def judge(self, found):
        self.assertEqual(found, [], f"{len(found)} violations, the first:\n" + "\n".join(found[:10]))

    def test_the_document_names_the_operations_of_the_contract(self):
        self.assertLessEqual({"GET", "POST"}, self.operations["/api/resources"])
        self.assertLessEqual({"GET", "PUT", "PATCH", "DELETE"}, self.operations["/api/resources/{id}"])
        self.assertLessEqual({"GET", "POST"}, self.operations["/api/users"])
        self.assertIn("GET", self.operations["/api/users/{id}"])

    def test_every_target_with_every_method_and_body(self):
        found, count, wire = [], 0, self.service.connect()
        for target in self.targets():
            for method in METHODS:
                bodies = BODIES if method in ("POST", "PUT", "PATCH") else BODIES[:3]
                for body in bodies:
                    if method == "CONNECT":
                        continue  # has no target of this form
                    _, wrong, wire = self.probe(wire, method, target, body)
                    found += wrong
                    count += 1
        wire.close()
        print(f"  {count} requests", flush=True)
        self.judge(found)

    def test_every_target_with_every_query_and_field(self):
        found, wire = [], self.service.connect()
        for target in self.targets():
            for query in QUERIES:
                _, wrong, wire = self.probe(wire, "GET", target + query)
                found += wrong
            for sent in FIELDS:
                for method, body in (
                    ("GET", None),
                    ("PATCH", b'{"name":"linted"}'),
                    ("POST", b'{"name":"linted"}'),
                ):
                    _, wrong, wire = self.probe(wire, method, target, body, sent)
                    found += wrong
        wire.close()
        self.judge(found)

    def test_head_is_get_without_its_body(self):
        found = []
        for target in self.targets():
            for query in ("", "?page=0", "?unknown=1", "?page_size=2"):
                sent = {
                    "X-Request-ID": "i" * 32
                }  # as long as one made by the server: it is part of a problem
                get = self.service.request("GET", target + query, None, sent)
                head = self.service.request("HEAD", target + query, None, sent)
                found += lint(Probe("HEAD", target + query, head, sent, head_of=get))
        self.judge(found)

    def test_a_tag_that_was_given_is_not_sent_again(self):
        found, tagged = [], 0
        for target in self.targets():
            answer = self.service.get(target)
            tag = answer.field("ETag")
            if answer.status != 200 or not tag:
                continue
            tagged += 1
            for given, status in (
                (tag, 304),
                ("*", 304),
                (f'"other", {tag}', 304),
                (f"W/{tag}", 304),
                ('"other"', 200),
            ):
                for method in ("GET", "HEAD"):
                    again = self.service.request(method, target, None, {"If-None-Match": given})
                    found += lint(Probe(method, target, again, {"If-None-Match": given}))
                    if again.status != status or again.field("ETag") != tag:
                        found.append(
                            f"{method} {target} If-None-Match: {given} -> {again}"
                        )
        self.assertGreater(tagged, 5)
        self.judge(found)

    def test_a_change_with_another_tag_is_412(self):
        for target in ("/api/resources/5", "/api/resources/6"):
            for method in ("PUT", "PATCH", "DELETE"):
                for tag in ('"0-other"', '"none"', 'W/"1-weak"', ""):
                    answer = self.service.request(
                        method, target, {"name": "x"} if method != "DELETE" else None, {"If-Match": tag}
                    )
                    self.assertEqual(answer.status, 412, f"{method} {target} {tag} {answer}")
                    self.assertEqual(lint(Probe(method, target, answer)), [])

    def test_the_connection_does_what_its_field_says(self):
        found = []
        for target in ("/healthz", "/api/resources/1", "/none", "/api/resources?page=0", "/openapi.json"):
            for version in ("1.0", "1.1"):
                for connection in (None, "close", "keep-alive"):
                    field = f"Connection: {connection}\r\n" if connection else ""
                    with self.service.connect() as wire:
                        wire.send(f"GET {target} HTTP/{version}\r\nHost: a\r\n{field}\r\n".encode())
                        answer = wire.read()
                        closed = wire.is_closed(0.3)
                    stays = connection == "keep-alive" or (version == "1.1" and connection != "close")
                    if closed == stays:
                        found.append(
                            f"GET {target} {version} {connection}: {'ended' if closed else 'stayed'}"
                        )
                    if version == "1.0" and stays and answer.field("Connection", "").lower() != "keep-alive":
                        found.append(f"GET {target} 1.0 keep-alive is not confirmed")
                    found += lint(
                        Probe("GET", target, answer, closed=closed if version == "1.1" or stays else None)
                    )
        self.judge(found)

    def test_refusals_of_the_parser_hold_the_rules_too(self):
        found = []
        for request in (
            b"GET / HTTP/1.1\r\n\r\n",
            b"GET / HTTP/2.0\r\nHost: a\r\n\r\n",
            b"\x00\r\n\r\n",
            b"GET  / HTTP/1.1\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
            b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n\r\n",
            encode("GET", "/", None, {"X": "a" * 17000}),
            encode("POST", "/api/resources", None, {"Expect": "x"}),
            b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",
            b"GET * HTTP/1.1\r\nHost: a\r\n\r\n",
            b"POST /api/resources HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999\r\n\r\n",
        ):
            with self.service.connect() as wire:
                wire.send(request)
                answer = wire.read()
                found += lint(Probe("?", request[:40].decode("latin-1"), answer, closed=wire.is_closed()))
                if not 400 <= answer.status <= 505:
                    found.append(f"{request[:60]!r} -> {answer}")
        self.judge(found)


class LintCanFail(unittest.TestCase):
    def test_a_bad_answer_breaks_many_rules(self):
        fields = [
            ("Date", "Mon, 1 Jan 2024 00:00:00 UTC"),
            ("ETag", "bare"),
            ("ETag", '"two"'),
            ("Content-Length", "9"),
            ("Transfer-Encoding", "chunked"),
            ("Content-Type", "application/problem+json"),
            ("Connection", "close"),
        ]
        body = (
            b'{"status":200,"code":"Not-A-Code","instance":"x",'
            b'"detail":"std::bad_alloc at /srv/build/a.cpp"}'
        )
        broken = {
            line.split(":")[0]
            for status in (405, 422, 429, 401, 204, 201, 304)
            for line in lint(Probe("GET", "/", Answer(status, "", fields, body, [100]), closed=False))
        }
        broken |= {
            line.split(":")[0]
            for line in lint(
                Probe(
                    "OPTIONS",
                    "/",
                    Answer(
                        200,
                        "",
                        [
                            ("Date", "Mon, 01 Jan 2024 00:00:00 GMT"),
                            ("Content-Type", "json"),
                            ("X-Content-Type-Options", "sniff"),
                        ],
                        b"{",
                        [],
                    ),
                )
            )
        }
        broken |= {
            line.split(":")[0]
            for line in lint(
                Probe(
                    "HEAD",
                    "/",
                    Answer(200, "", [("Content-Type", "application/json")], b"{", []),
                    head_of=Answer(404, "", [], b"", []),
                )
            )
        }
        coded = Answer(200, "", [("Content-Encoding", "gzip"), ("ETag", '"1-ab"')], b"", [])
        broken |= {line.split(":")[0] for line in lint(Probe("GET", "/", coded))}
        self.assertEqual({rule.__name__ for rule in RULES} - broken, set())


if __name__ == "__main__":
    service.main()
