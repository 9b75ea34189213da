#!/usr/bin/env python3
"""The cache explains itself: /api/cache on the admin port, `resources cache clear`."""
import subprocess

import service

LIST = "/api/resources"


class CacheAdminTest(service.ServiceTest):
    def setUp(self):
        self.clear()

    def clear(self, *options):
        return self.service.run("cache", "clear", "--admin-port", str(self.service.admin_port), *options)

    def fill(self):
        """Three of the list, one asked for five times, and one resource."""
        for target in (*[f"{LIST}?page={page}" for page in (1, 2, 3)], *[f"{LIST}?page=2"] * 5, f"{LIST}/7"):
            self.assertEqual(self.service.get(target).status, 200)

    def test_it_names_what_is_asked_for_most_and_what_was_saved(self):
        self.fill()
        report = self.service.admin("/api/cache").json()
        self.assertEqual((report["is_on"], report["entries"]), (True, 4))
        self.assertGreater(report["bytes"], 4000)
        self.assertGreater(report["most_bytes"], report["bytes"])
        top = report["top"][0]
        self.assertEqual((top["name"], top["hits"]), (f"GET {LIST}", 5))
        self.assertEqual(sorted(top["tables"]), ["resources", "users"])
        subject = next(each for each in report["subjects"] if each["name"] == f"GET {LIST}")
        self.assertEqual((subject["type"], subject["entries"]), ("response", 3))
        self.assertGreater(subject["saved_statements"], 0)
        self.assertGreater(subject["saved_seconds"], 0)
        self.assertEqual(len(self.service.admin("/api/cache?top=1").json()["top"]), 1)

    def test_an_entry_is_shown_and_dropped(self):
        self.fill()
        entry = self.service.admin("/api/cache?top=1").json()["top"][0]
        shown = self.service.admin(f"/api/cache/{entry['id']}").json()
        self.assertEqual(shown["answer"]["body"], self.service.get(f"{LIST}?page=2").body.decode())
        self.assertEqual(self.service.admin(f"/api/cache/{entry['id']}", "DELETE").status, 204)
        self.assertEqual(self.service.admin(f"/api/cache/{entry['id']}", "DELETE").status, 404)
        self.assertEqual(self.service.admin(f"/api/cache/{entry['id']}").status, 404)
        self.assertEqual(self.service.get(f"{LIST}?page=2").field("X-Cache"), "MISS")
        self.assertEqual(self.service.get(f"{LIST}?page=3").field("X-Cache"), "HIT")

    def test_the_command_clears_a_route_or_everything(self):
        self.fill()
        self.assertIn("3 entries", self.clear("--route", LIST))
        self.assertEqual(self.service.get(f"{LIST}/7").field("X-Cache"), "HIT")
        self.assertEqual(self.service.get(f"{LIST}?page=1").field("X-Cache"), "MISS")
        self.assertIn("2 entries", self.clear())
        self.assertEqual(self.service.get(f"{LIST}/7").field("X-Cache"), "MISS")
        self.assertIn("0 entries", self.clear("--tag", "nobody has this"))

    def test_the_command_says_what_is_right(self):
        wrong = (("--tag", "a", "--route", "b"), ("--tag", ""), ("--route", ""))
        for options, status in (*((each, 2) for each in wrong), (("--admin-port", "1"), 1)):
            done = subprocess.run(
                [self.service.program, "cache", "clear", *options], env=self.service.env, text=True,
                capture_output=True, timeout=60, check=False)
            self.assertEqual(done.returncode, status, done.stderr)
            self.assertTrue(done.stderr.startswith("resources"), done.stderr)

    def test_what_is_not_asked_well_is_refused(self):
        self.assertEqual(self.service.admin("/api/cache?tag=a&route=b", "DELETE").status, 422)
        self.assertEqual(self.service.admin("/api/cache/none").status, 404)
        self.assertEqual(self.service.get("/api/cache").status, 404, "shown to everybody")


if __name__ == "__main__":
    service.main()
