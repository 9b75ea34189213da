#!/usr/bin/env python3
"""`--find-limit` names what breaks first: the pool where it is small, the database where an index is gone,
the serialiser where answers are large."""
import json
import sqlite3
import subprocess
import tempfile
import unittest
from pathlib import Path

import service

# short trials and a mild goal: what is asked is the cause, and the rate is this machine's anyway
SEARCH = ["--find-limit", "--for", "1s", "--goal", "p90<100ms"]


class FindLimit(unittest.TestCase):
    def find_limit(self, server, path, *options):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "limit.json"
            url = f"http://127.0.0.1:{server.port}{path}"
            admin = f"http://127.0.0.1:{server.admin_port}"
            command = [service.program("brio"), "load", url, *SEARCH, "--admin", admin, "--json", str(file)]
            done = subprocess.run([*command, *options], capture_output=True, text=True, timeout=400)
            self.assertIn(done.returncode, (0, 1), done.stderr)
            print(done.stderr, done.stdout, flush=True)
            limit = json.loads(file.read_text())["limit"]
            self.assertIsNotNone(limit["cause"], done.stdout)
            return limit

    def test_it_is_the_pool_where_the_pool_is_small(self):
        env = {"DATABASE_POOL": "4", **service.NO_CACHE}
        with service.Service(rows=200, threads=1, env=env, engine="postgresql") as server:
            limit = self.find_limit(
                server, "/api/resources", "--body", '{"name":"made by a load test"}', "--rate", "100"
            )
            self.assertEqual(limit["cause"]["culprit"], "pool", limit["cause"])

    @unittest.skipUnless(service.IS_FULL, "a search of a minute: ./dev test --full")
    def test_it_is_the_database_where_an_index_is_gone(self):
        with service.Service(rows=20_000, threads=1, env=service.NO_CACHE) as server:
            with sqlite3.connect(server.folder / "service.db") as database:
                database.execute("DROP INDEX idx_resource_created")
            limit = self.find_limit(server, "/api/resources?sort_by=created_at", "--rate", "20")
            self.assertEqual(limit["cause"]["culprit"], "database", limit["cause"])
            self.assertIn("created_at", limit["cause"]["statement"]["statement"])
            self.assertIn("/api/indexes", limit["cause"]["advice"])

    @unittest.skipUnless(service.IS_FULL, "a search of a minute: ./dev test --full")
    def test_it_is_the_serialiser_where_answers_are_large(self):
        with service.Service(rows=0, threads=1, name="service_large_answers", has_database=False) as server:
            limit = self.find_limit(server, "/large", "--rate", "50")
            self.assertEqual(limit["cause"]["culprit"], "processor", limit["cause"])
            self.assertEqual(limit["cause"]["phase"], "serialise", limit["cause"])


if __name__ == "__main__":
    service.main()
