#!/usr/bin/env python3
"""What a running service tells of its last day."""
import unittest
from urllib.parse import quote

import service


class History(service.ServiceTest):
    def history(self, **choice):
        asked = "&".join(f"{key}={quote(value)}" for key, value in choice.items())
        return self.service.admin(f"/api/history?{asked}").json()

    def last(self, **choice):
        """The latest known value of a line."""
        lines = self.history(**choice)["lines"]
        known = [value for value in lines[0]["values"] if value is not None] if lines else []
        return known[-1] if known else None

    def test_rates_times_and_figures_are_kept_at_each_resolution(self):
        for _ in range(100):
            self.service.get("/api/users/1")
        route = {"of": "requests", "name": "GET /api/users/{id}"}
        self.assertTrue(service.eventually(lambda: self.last(span="6h", figure="rate", **route)))
        for span, step, steps in (("10m", 5, 120), ("6h", 60, 360), ("24h", 300, 288)):
            history = self.history(span=span, **route)
            self.assertEqual((history["span"], history["step_seconds"]), (span, step))
            lengths = [len(history["at"])] + [len(line["values"]) for line in history["lines"]]
            self.assertEqual(lengths, [steps] * 7)
            self.assertEqual(history["at"][1] - history["at"][0], step)
        self.assertEqual(self.last(span="24h", figure="within", **route), 1)
        self.assertGreater(self.last(span="24h", figure="p95", **route), 0)
        self.assertGreater(self.last(of="resources", figure="memory"), 1 << 20)
        self.assertIsNotNone(self.last(of="resources", name="api-0", figure="loop_lag"))

    def test_a_span_that_does_not_exist_is_refused(self):
        self.assertEqual(self.service.admin("/api/history?span=1h").status, 422)


if __name__ == "__main__":
    service.main()
