#!/usr/bin/env python3
"""The program says what its statements cost, which are slow and why, and which indexes nothing uses."""
import json
import unittest

import service
from service import eventually


@service.on_every_engine
class StatementsTest(unittest.TestCase):
    engine = "sqlite"

    def setUp(self):
        env = {"BRIO_MODE": "development", "BRIO_GOAL_QUERY_MS": "1", "BRIO_DEADLINE_QUERY_MS": "2000"}
        self.of = self.enterContext(service.Service(rows=20_000, engine=self.engine, env=env))

    def queries(self):
        return self.of.admin("/api/queries").json()

    def test_statements_are_shown_for_each_route(self):
        self.of.get("/api/resources/3")
        self.of.request("POST", "/api/resources", {"name": "x"})
        lines = {(line["statement"], line["endpoint"]): line for line in self.queries()["statements"]}
        by_id = lines["resources by id", "/api/resources/{id}"]
        self.assertEqual((by_id["count"], by_id["rows"], by_id["failed"]), (1, 1, 0))
        self.assertGreater(by_id["took_ms"], 0)
        self.assertIn("resources insert", {name for name, _ in lines})
        page = self.of.admin("/queries")
        self.assertEqual(page.status, 200)
        self.assertIn(b"resources by id", page.body)

    def test_an_answer_says_what_it_ran(self):
        answer = self.of.get("/api/resources?page_size=20")
        ran = answer.field("X-Brio-Statements")
        self.assertEqual(ran, "2 (1 x resources page by id, 1 x resources total)")

    def test_a_slow_statement_is_explained_without_its_values(self):
        self.of.get("/api/resources?skip=19900&limit=10&sort_by=created_at&status=active&total=none")
        self.assertTrue(eventually(lambda: any(slow["plan"] for slow in self.queries()["slow"])))
        slow = max(self.queries()["slow"], key=lambda each: each["took_ms"])
        self.assertEqual(slow["endpoint"], "/api/resources")
        self.assertNotIn("19900", json.dumps([slow["plan"], slow["text"]]))
        self.assertNotIn("'active'", json.dumps([slow["plan"], slow["text"]]))
        self.assertIn("slow statement", self.of.log_end())

    def test_indexes_that_nothing_uses_are_named(self):
        self.of.get("/api/resources?status=active")
        unused = {each["index"] for each in self.of.admin("/api/indexes").json()["unused"]}
        self.assertIn("idx_resource_created", unused)
        self.assertNotIn("idx_user_email", unused)  # unique


if __name__ == "__main__":
    service.main()
