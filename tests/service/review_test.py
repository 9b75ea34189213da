#!/usr/bin/env python3
"""The review of a running service, of what it left behind, and of what a schedule writes."""
import http.server
import json
import subprocess
import threading
import unittest
from concurrent.futures import ThreadPoolExecutor

import service

ROUTES = ("/feed", "/dawdle", "/motto", "/authors/3/notes")
ASKED = 120  # of each
HOOK = "hooks/s3cret"  # the path of such an address is a password


class Sink(http.server.BaseHTTPRequestHandler):
    """Takes what BRIO_ALERT_URL is told."""

    def do_POST(self):
        length = int(self.headers["Content-Length"])
        if self.server.hangs_up:
            return  # without an answer
        self.server.told.append(json.loads(self.rfile.read(length)))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


class ReviewTest(unittest.TestCase):
    def setUp(self):
        self.sink = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Sink)
        self.sink.told = []
        self.sink.hangs_up = False
        threading.Thread(target=self.sink.serve_forever, daemon=True).start()
        self.addCleanup(self.sink.server_close)
        self.addCleanup(self.sink.shutdown)
        self.of = service.Service(rows=100_000, threads=1, name="service_review", workers=1)
        self.of.env |= {
            "BRIO_LOG": "off",
            "BRIO_ADMISSION": "fixed",
            "BRIO_GOAL_API_MS": "40",
            "BRIO_GOAL_QUERY_MS": "1",
            "BRIO_DEADLINE_API_MS": "20000",
            "BRIO_DEADLINE_QUERY_MS": "10000",
            "BRIO_ALERT_URL": f"http://127.0.0.1:{self.sink.server_port}/{HOOK}",
        }
        self.enterContext(self.of)

    def command(self, *arguments):
        return subprocess.run(
            [self.of.program, *arguments],
            env=self.of.env | {"BRIO_ADMIN_PORT": str(self.of.admin_port)},
            cwd=self.of.folder,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def load(self):
        with ThreadPoolExecutor(4) as pool:
            statuses = {answer.status for answer in pool.map(self.of.get, ROUTES * ASKED)}
        self.assertEqual(statuses, {200})
        self.assertEqual(self.of.request("POST", "/failures", {}).status, 202)

    def review(self):
        return self.of.admin("/review?format=json").json()

    def knows_all(self):
        review = self.review()
        counts = {goal["name"]: goal["figures"]["count"] for goal in review["goals"]}
        return (
            all(counts.get(f"GET {route}", 0) >= ASKED for route in ("/feed", "/dawdle", "/motto"))
            and review["dead"]
            and any(slow["advice"] for slow in review["slow"])
        )

    def actions(self, review, about):
        return [each for each in review["first"] if each["about"] == about]

    def test_it_names_what_is_slow_and_what_to_do_first(self):
        self.load()
        self.assertTrue(service.eventually(self.knows_all, 60), self.review())
        review = self.review()
        goals = {goal["name"]: goal for goal in review["goals"]}
        for route in ("GET /feed", "GET /dawdle"):
            self.assertEqual((goals[route]["verdict"], goals[route]["figures"]["missed"]), ("missed", ASKED))
        self.assertTrue(review["is_running"])
        causes = {cause["name"]: cause for cause in review["causes"]}
        self.assertEqual(causes["/dawdle"]["phases"][0]["phase"], "handler")
        self.assertIn("request ", causes["/dawdle"]["example"])
        repeated = next(each for each in review["repeated"] if each["endpoint"] == "/feed")
        self.assertEqual((repeated["statement"], repeated["runs"]), ("authors by id", 25))
        cached = next(each for each in review["cached"] if each["name"].endswith("/motto"))
        self.assertEqual(cached["hits"] + cached["misses"], ASKED)
        self.assertGreater(cached["saved_seconds"], 0)
        self.assertEqual([(each["task"], each["count"]) for each in review["dead"]], [("tests.fail", 1)])
        self.assertIn("cpu", {each["name"] for each in review["headroom"]})

        # what makes a goal missed comes before what only saves something
        dawdle = next(each for each in self.actions(review, "/dawdle") if "handler" in each["what"])
        once = next(each for each in self.actions(review, "/feed") if "authors by id" in each["what"])
        index = next(each for each in review["first"] if "index on notes (author_id)" in each["what"])
        self.assertIn(dawdle["urgency"], ("now", "soon"))
        self.assertIn("create_index(", index["code"])
        self.assertLess(review["first"].index(dawdle), review["first"].index(index))
        self.assertIn("25 times", once["what"])

        self.judge_formats()
        self.judge_what_is_left_behind()

    def judge_formats(self):
        for name, begins in (("md", "# service_review: review of 24h"), ("html", "<!doctype html>")):
            file = self.of.folder / f"review.{name}"
            done = self.command("review", "--output", str(file))
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
            text = file.read_text()
            self.assertTrue(text.startswith(begins), text[:100])
            self.assertIn("authors by id", text)
            self.assertIn("/dawdle: less time in the handler itself", text)
            self.assertNotIn("no such <thing>", text)
            self.assertIn("no such &lt;thing&gt;", text)
        printed = json.loads(self.command("review", "--since", "2h", "--format", "json").stdout)
        self.assertEqual(printed["since"], "2h")
        page = self.of.admin("/review")
        self.assertEqual(page.status, 200)
        self.assertEqual(page.field("Content-Type"), "text/html; charset=utf-8")
        for target in ("/review?since=1y", "/review?format=pdf"):
            self.assertEqual(self.of.admin(target).status, 422)
        self.assertEqual(self.command("review", "--since", "1y").returncode, 2)
        self.assertEqual(self.command("review", "--format", "pdf").returncode, 2)

    def judge_what_is_left_behind(self):
        self.assertEqual(self.of.stop(), 0)
        done = self.command("review", "--format", "json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("the program does not run", done.stderr)
        review = json.loads(done.stdout)
        goals = {goal["name"]: goal for goal in review["goals"]}
        self.assertEqual(goals["GET /feed"]["verdict"], "missed")
        self.assertEqual(goals["GET /feed"]["figures"]["count"], ASKED)
        self.assertFalse(review["is_running"])
        self.of.env["BRIO_GOALS_FILE"] = "elsewhere.goals"
        nothing = self.command("review")
        self.assertEqual((nothing.returncode, nothing.stdout), (1, ""))
        self.assertIn("there is no history", nothing.stderr)

    def test_a_schedule_writes_it_keeps_some_and_tells(self):
        folder = self.of.folder / "reviews"
        written = lambda: sorted(folder.glob("*"))
        folder.mkdir()
        for day in ("01", "02"):
            (folder / f"service_review-review-2020-01-{day}T060000Z.html").write_text("old")
        (folder / "minutes.html").write_text("of somebody else")
        self.sink.hangs_up = True
        run = self.command("schedule", "run", "review")
        self.assertEqual(run.returncode, 0, run.stderr)
        task = {}

        def has_failed():
            task.update(self.of.admin(f"/api/tasks/{run.stdout.strip()}").json())
            return task["error"]

        self.assertTrue(service.eventually(has_failed, 60), self.of.log_end())
        self.sink.hangs_up = False
        self.assertIn("BRIO_ALERT_URL does not take it", task["error"])
        self.assertNotIn(HOOK, task["error"])
        self.assertTrue(service.eventually(lambda: self.sink.told, 60), self.of.log_end())
        names = [each.name for each in written()]
        self.assertEqual(len(names), 3)
        self.assertEqual(names[0:2], ["minutes.html", "service_review-review-2020-01-02T060000Z.html"])
        self.assertTrue(written()[2].read_text().endswith("</html>\n"))
        told = self.sink.told[0]
        self.assertEqual((told["program"], told["since"]), ("service_review", "7d"))
        self.assertTrue(told["file"].endswith(names[2]))
        self.assertIn("headline", told)


@service.on_every_engine
class ScanTest(unittest.TestCase):
    engine = "sqlite"

    def test_a_scan_has_its_plan_and_its_index_though_all_connections_are_open(self):
        of = service.Service(rows=100_000, threads=1, name="service_review", engine=self.engine)
        of.env |= {
            "BRIO_LOG": "off",
            "BRIO_GOAL_QUERY_MS": "1",
            "BRIO_DEADLINE_QUERY_MS": "60000",
            "BRIO_DEADLINE_API_MS": "60000",
            "DATABASE_POOL": "4",
        }
        self.enterContext(of)
        with ThreadPoolExecutor(8) as pool:
            pushed = [pool.submit(of.request, "POST", "/failures", {}) for _ in range(40)]
            self.assertEqual({each.result().status for each in pushed}, {202})
        self.assertEqual(of.get("/feed").status, 200)
        self.assertEqual(of.get("/authors/3/notes").status, 200)
        review = {}

        def is_explained():
            review.update(of.admin("/review?format=json").json())
            scans = (each for each in review["slow"] if each["endpoint"] == "/authors/{id}/notes")
            return any(each["plan"] for each in scans)

        self.assertTrue(service.eventually(is_explained, 60), of.log_end())
        slow = next(each for each in review["slow"] if each["endpoint"] == "/authors/{id}/notes")
        self.assertEqual(slow["words"], "scans the whole table notes: an index on (author_id) would lead")
        (advice,) = slow["advice"]
        self.assertEqual((advice["table"], advice["columns"]), ("notes", ["author_id"]))
        self.assertIn("add an index on notes (author_id)", [each["what"] for each in review["first"]])


if __name__ == "__main__":
    service.main()
