#!/usr/bin/env python3
"""No text of a client reaches the database as anything but a value (T-I1)."""
import hashlib
import json
import sqlite3
import time
from urllib.parse import quote, unquote_plus

import service
from injections import ENCODED, TEXTS
from lint import INTERNALS

BOARD = "brio_instances"
NUMBERS = (
    "0",
    "-1",
    "1",
    "2",
    "100",
    "101",
    "1000000",
    "100001",
    "2147483648",
    "4294967296",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "-9223372036854775809",
    "1e3",
    "1.0",
    "+1",
    "01",
    "0x1",
    "",
    " ",
    "1 ",
    "NaN",
    "١",
    "1" * 400,
)


@service.on_every_engine
class Parameters(service.ServiceTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.wire = cls.service.connect()
        cls.addClassCleanup(lambda: cls.wire.close())
        cls.asked = 0

    @classmethod
    def tearDownClass(cls):
        print(f"  {cls.asked} requests", flush=True)
        super().tearDownClass()

    def ask(self, method, target, body=None, fields=()):
        """Judges what holds for every text, and gives the answer."""
        begun = time.monotonic()
        answer = self.wire.request(method, target, body, fields)
        took = time.monotonic() - begun
        type(self).asked += 1
        if answer.says_close():
            type(self).wire.close()
            type(self).wire = self.service.connect()
        what = f"{method} {target[:200]} {str(body)[:200]} -> {answer}"
        self.assertLess(answer.status, 500, what)
        self.assertLess(took, 10 if service.IS_SANITIZED else 1, what)
        self.assertEqual(answer.all("X-Injected") + answer.all("Set-Cookie"), [], what)
        if answer.status >= 400:
            # what the client sent may be in the message; what the server would add may not
            document = answer.json()
            document.pop("instance")
            said = json.dumps(document)
            found = INTERNALS.search(said)
            if found and found[0].lower() not in (unquote_plus(target) + str(body)).lower():
                self.fail(f"{found[0]!r} in the answer of {what}")
        return answer

    def checksum(self):
        """Of every row of every table, read beside the server; without the board on which it tells every few
        seconds that it lives."""
        whole = self.postgres_content() if self.engine == "postgresql" else self.sqlite_content()
        return hashlib.sha256(repr(whole).encode()).hexdigest()

    def postgres_content(self):
        name = self.service.database_url.rsplit("/", 1)[1]
        psql = self.service.cluster.psql
        columns = psql(
            "SELECT table_name, column_name, data_type FROM information_schema.columns "
            "WHERE table_schema = 'public' ORDER BY 1, 2",
            name,
        )
        tables = sorted({table for table, _, _ in columns} - {BOARD})
        return columns, [psql(f'SELECT t::text FROM "{table}" AS t ORDER BY 1', name) for table in tables]

    def sqlite_content(self):
        with sqlite3.connect(f"file:{self.service.folder}/service.db?mode=ro", uri=True) as database:
            names = [
                name
                for (name,) in database.execute(
                    "SELECT name FROM sqlite_master WHERE type='table' ORDER BY name"
                )
                if not name.startswith("sqlite_")
            ]
            rows = [
                (name, database.execute(f'SELECT * FROM "{name}" ORDER BY 1').fetchall())
                for name in names
                if name != BOARD
            ]
            schema = database.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
        return schema, rows

    def encoded_texts(self):
        # a raw space or control would be another test: of the parser
        return [quote(text, safe="") for text in TEXTS if len(quote(text, safe="")) < 8000] + list(ENCODED)

    def test_texts_in_queries_change_nothing_and_find_nothing(self):
        before = self.checksum()
        everything = self.ask("GET", "/api/resources").json()["total"]
        for text in self.encoded_texts():
            for place in (
                "sort_by=",
                "sort_order=",
                "status=",
                "owner_id=",
                "cursor=",
                "total=",
                "page=",
                "page_size=",
                "skip=",
                "limit=",
                "filters=",
            ):
                answer = self.ask("GET", f"/api/resources?{place}{text}")
                if answer.status == 200 and place == "status=":
                    self.assertEqual(answer.json()["total"], 0, text)
                elif answer.status == 200 and place == "owner_id=":
                    self.assertLess(answer.json()["total"], everything, f"{text} is every owner")
            self.ask("GET", f"/api/resources?{text}=1")
            self.ask("GET", f"/api/resources?{text}")
            self.ask("GET", f"/api/users?email={text}")
            self.ask("GET", f"/api/users/1?include={text}")
        self.assertEqual(self.checksum(), before, "a GET has changed the database")

    def test_texts_in_json_filters_change_nothing(self):
        before = self.checksum()
        for text in TEXTS:
            for filters in (
                {"status": text},
                {text: "active"},
                {"owner_id": text},
                {"status": {"$ne": text}},
                [text],
                text,
                {"status": [text]},
                {"owner_id": {"in": [1]}},
                {"status": None},
                {"owner_id": True},
            ):
                encoded = quote(json.dumps(filters), safe="")
                if len(encoded) < 8000:
                    answer = self.ask("GET", f"/api/resources?filters={encoded}")
                    is_id = (
                        filters == {"owner_id": text} and text.isascii() and text.isdigit() and int(text) > 0
                    )
                    self.assertEqual(answer.status, 200 if is_id else 422, encoded)
        self.assertEqual(self.checksum(), before, "a GET has changed the database")

    def test_texts_in_paths_and_fields_change_nothing(self):
        before = self.checksum()
        for text in self.encoded_texts():
            self.assertIn(self.ask("GET", f"/api/resources/{text}").status, (200, 400, 404, 422))
            self.ask("DELETE", f"/api/resources/{text or 0}", None, {"If-Match": '"0-no-row-has-this"'})
        for text in TEXTS:
            if all(" " <= letter <= "\xff" and letter != "\x7f" for letter in text):
                for name in (
                    "X-Request-ID",
                    "If-None-Match",
                    "traceparent",
                    "Accept",
                    "Cookie",
                    "X-Request-Timeout-Ms",
                ):
                    if name != "X-Request-Timeout-Ms" or not text.strip().isdigit():  # a deadline
                        self.ask("GET", "/api/resources/1", None, {name: text})
        self.assertEqual(self.checksum(), before)

    def test_extreme_numbers_are_pages_or_422(self):
        for number in NUMBERS:
            text = quote(number, safe="")
            for name in ("page", "page_size", "skip", "limit", "owner_id"):
                for beside in ("", "&page_size=100", "&limit=100", "&sort_by=created_at&sort_order=desc"):
                    answer = self.ask("GET", f"/api/resources?{name}={text}{beside}")
                    self.assertIn(answer.status, (200, 422))
                    if answer.status == 200:
                        self.assertLessEqual(len(answer.json()["items"]), 100)
            self.assertIn(self.ask("GET", f"/api/resources/{text}").status, (200, 404, 422, 405))

    def test_a_cursor_that_was_changed_is_422_or_a_page(self):
        cursor = self.ask("GET", "/api/resources?sort_by=created_at&page_size=2").json()["next_cursor"]
        self.assertTrue(cursor)
        before = self.checksum()
        for _ in range(1000):
            letters = list(cursor)
            for _ in range(self.random.randrange(1, 4)):
                at = self.random.randrange(len(letters))
                action = self.random.randrange(3)
                if action == 0:
                    letters[at] = self.random.choice("abcXYZ0189-_.~=+/'\" \u00e9")
                elif action == 1 and len(letters) > 1:
                    del letters[at]
                else:
                    letters.insert(at, self.random.choice("aZ0-_'"))
            changed = quote("".join(letters), safe="")
            order = self.random.choice(
                ("sort_by=created_at", "sort_by=id", "sort_by=created_at&sort_order=desc")
            )
            self.assertIn(
                self.ask("GET", f"/api/resources?{order}&page_size=2&cursor={changed}").status,
                (200, 400, 422),
            )
        self.assertEqual(self.checksum(), before)

    def round_trip(self, name):
        """A resource of this name: refused as its schema says, or found again byte by byte."""
        answer = self.ask("POST", "/api/resources", json.dumps({"name": name, "description": name}).encode())
        if "\0" in name or not 1 <= len(name) <= 120:
            if answer.status == 201:
                self.assertIn("\0", name, "a name of a wrong length was taken")
            else:
                self.assertEqual(answer.status, 422)
                return False
        self.assertEqual(answer.status, 201, f"{name!r} {answer}")
        again = self.ask("GET", answer.field("Location"))
        self.assertEqual((again.json()["name"], again.json()["description"]), (name, name))
        return True

    def test_naughty_strings_come_back_byte_by_byte(self):
        path = service.corpus("big-list-of-naughty-strings", "blns.json")
        names = json.loads(path.read_text("utf-8"))
        self.assertGreater(len(names), 400)
        kept = [self.round_trip(name) for name in names]
        self.assertGreater(sum(kept), 400)

    def test_injected_texts_are_names_like_others(self):
        for text in TEXTS:
            self.round_trip(text)
        self.assertGreater(self.ask("GET", "/api/resources").json()["total"], self.rows)

    def test_texts_as_other_fields_of_a_row(self):
        for text in TEXTS:
            self.assertEqual(
                self.ask("POST", "/api/resources", json.dumps({"name": "n", "status": text}).encode()).status,
                422,
            )
            self.assertEqual(
                self.ask(
                    "POST", "/api/resources", json.dumps({"name": "n", "owner_id": text}).encode()
                ).status,
                422,
            )
            if text != "owner_id":  # the one that is a field
                self.assertEqual(
                    self.ask("PATCH", "/api/resources/2", json.dumps({text: 1}).encode()).status, 422
                )


if __name__ == "__main__":
    service.main()
