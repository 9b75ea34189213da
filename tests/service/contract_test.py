#!/usr/bin/env python3
"""The reference service answers as its contract says: pages, filters, cursors, conditions, errors."""
import json
import unittest
from urllib.parse import quote

import service

ROWS = 250
ITEM = {
    "id": int,
    "owner_id": int,
    "name": str,
    "description": str,
    "status": str,
    "created_at": str,
    "owner": dict,
}


@service.on_every_engine
class Pages(service.ServiceTest):
    rows = ROWS

    def page(self, query=""):
        answer = self.service.get(f"/api/resources{query}")
        self.assertEqual(answer.status, 200, answer)
        return answer.json()

    def invalid(self, query, names, code="invalid"):
        answer = self.service.get(f"/api/resources{query}")
        self.assertEqual((answer.status, answer.code), (422, code), answer)
        self.assertEqual(
            {(error["in"], error["name"]) for error in answer.json()["errors"]},
            {("query", name) for name in names},
        )

    def test_a_page_has_the_shape_of_the_contract(self):
        page = self.page()
        self.assertEqual((page["total"], page["page"], page["page_size"], page["pages"]), (ROWS, 1, 20, 13))
        self.assertEqual(len(page["items"]), 20)
        for item in page["items"]:
            for name, kind in ITEM.items():
                self.assertIsInstance(item[name], kind, name)
            self.assertEqual(item["owner"]["id"], item["owner_id"])
            self.assertLessEqual({"id", "email", "name"}, set(item["owner"]))
            self.assertRegex(item["created_at"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$")

    def test_the_order_is_by_id_unless_asked(self):
        self.assertEqual([item["id"] for item in self.page()["items"]], list(range(1, 21)))
        self.assertEqual(
            [item["id"] for item in self.page("?sort_order=desc")["items"]], list(range(ROWS, ROWS - 20, -1))
        )
        dates = [
            item["created_at"]
            for item in self.page("?sort_by=created_at&sort_order=desc&page_size=100")["items"]
        ]
        self.assertEqual(dates, sorted(dates, reverse=True))

    def test_pages_meet_without_gap(self):
        ids = [
            item["id"] for page in range(1, 10) for item in self.page(f"?page={page}&page_size=33")["items"]
        ]
        self.assertEqual(ids, list(range(1, ROWS + 1)))
        self.assertEqual(self.page("?page=1000")["items"], [])

    def test_a_page_holds_a_hundred_at_most(self):
        for asked in (100, 101, 1000, 4294967297):
            page = self.page(f"?page_size={asked}")
            self.assertEqual((page["page_size"], len(page["items"]), page["pages"]), (100, 100, 3))

    def test_numbers_below_one_are_422(self):
        for name in ("page", "page_size"):
            for value in ("0", "-1", "x", "", "1.5"):
                self.invalid(f"?{name}={value}", [name])

    def test_all_wrong_parameters_are_named_at_once(self):
        self.invalid(
            "?page=0&sort_by=x&sort_order=up&status=none&owner_id=a&total=some&nobody=1",
            ["page", "sort_by", "sort_order", "status", "owner_id", "total", "nobody"],
        )

    def test_an_unknown_or_repeated_parameter_is_422(self):
        self.invalid("?max_page_size=1000", ["max_page_size"])
        self.invalid("?page=1&page=2", ["page"])

    def test_filters_by_name_and_as_json_are_the_same(self):
        for named, filters in (
            ("status=active", {"status": "active"}),
            ("owner_id=2", {"owner_id": 2}),
            ("status=draft&owner_id=3", {"status": "draft", "owner_id": 3}),
            ("", {}),
        ):
            page = self.page("?page_size=100&" + named)
            self.assertEqual(self.page("?page_size=100&filters=" + quote(json.dumps(filters))), page)
            for item in page["items"]:
                self.assertTrue(all(item[name] == value for name, value in filters.items()))
        parts = [self.page(f"?status={status}")["total"] for status in ("draft", "active", "archived")]
        self.assertEqual(sum(parts), ROWS)
        self.assertGreater(min(parts), 0)

    def test_wrong_filters_are_422(self):
        for filters in (
            "[]",
            "1",
            "{",
            '{"status":"none"}',
            '{"name":"x"}',
            '{"owner_id":[1]}',
            '{"status":"active","status":"draft"}',
        ):
            answer = self.service.get("/api/resources?filters=" + quote(filters))
            self.assertEqual((answer.status, answer.code), (422, "invalid"), filters)
        self.assertEqual(
            self.service.get("/api/resources?status=active&filters=" + quote('{"status":"draft"}')).status,
            422,
        )

    def test_skip_and_limit_stand_in_place_of_the_page(self):
        self.assertEqual([item["id"] for item in self.page("?skip=10&limit=5")["items"]], list(range(11, 16)))
        self.assertEqual(len(self.page("?skip=0")["items"]), 100)
        self.assertEqual(len(self.page("?limit=1000")["items"]), 100)
        self.assertEqual(self.service.get("/api/resources?skip=1&page=1").status, 422)
        self.assertEqual(self.service.get("/api/resources?limit=1&page_size=1").status, 422)
        self.assertEqual(self.service.get("/api/resources?skip=-1").status, 422)
        self.assertEqual(self.service.get("/api/resources?limit=0").status, 422)

    def test_going_too_deep_by_number_has_its_own_code(self):
        self.assertEqual(self.page("?page=1001&page_size=100")["items"], [])
        self.invalid("?page=1002&page_size=100", ["page"], "page_too_deep")
        self.invalid("?page=18446744073709551615", ["page"], "page_too_deep")
        self.assertEqual(self.page("?skip=100000")["items"], [])
        self.invalid("?skip=100001", ["skip"], "page_too_deep")

    def walk(self, query, size):
        ids, cursor, calls = [], "", 0
        while True:
            page = self.page(f"?{query}&page_size={size}" + (f"&cursor={quote(cursor)}" if cursor else ""))
            ids += [item["id"] for item in page["items"]]
            cursor = page["next_cursor"]
            calls += 1
            if not cursor:
                return ids
            self.assertLessEqual(calls, ROWS // size + 2, "the walk does not end")

    def test_a_walk_by_cursor_meets_each_row_once(self):
        for order in (
            "sort_by=id",
            "sort_by=id&sort_order=desc",
            "sort_by=created_at",
            "sort_by=created_at&sort_order=desc",
            "total=none",
        ):
            for size in (1 if order == "sort_by=id" else 9, 7, 50, 100):
                ids = self.walk(order, size)
                self.assertEqual(sorted(ids), list(range(1, ROWS + 1)), order)
        active = self.walk("status=active&sort_by=created_at", 7)
        self.assertEqual(len(set(active)), len(active))
        self.assertEqual(len(active), self.page("?status=active")["total"])

    def test_a_cursor_of_another_order_is_422(self):
        cursor = self.page("?sort_by=created_at&page_size=5")["next_cursor"]
        self.assertEqual(self.service.get(f"/api/resources?sort_by=id&cursor={quote(cursor)}").status, 422)
        self.assertEqual(self.service.get(f"/api/resources?page=2&cursor={quote(cursor)}").status, 422)

    def test_the_total_is_left_out_on_request(self):
        page = self.page("?total=none")
        self.assertEqual(len(page["items"]), 20)
        self.assertIsNone(page.get("total"))
        self.assertIsNone(page.get("pages"))
        self.assertTrue(page["next_cursor"])


@service.on_every_engine
class Rows(service.ServiceTest):
    def create(self, **fields):
        answer = self.service.request("POST", "/api/resources", {"name": "made", **fields})
        self.assertEqual(answer.status, 201, answer)
        return answer

    def test_a_created_row_is_at_its_location(self):
        answer = self.create(description="d", status="archived", owner_id=2)
        row = answer.json()
        self.assertEqual(answer.field("Location"), f"/api/resources/{row['id']}")
        self.assertEqual((row["description"], row["status"], row["owner_id"]), ("d", "archived", 2))
        again = self.service.get(answer.field("Location")).json()
        self.assertEqual(
            (again["owner"]["id"], again["name"], again["created_at"]), (2, "made", row["created_at"])
        )

    def test_a_row_without_an_owner_belongs_to_user_1(self):
        row = self.create().json()
        self.assertEqual((row["owner_id"], row["status"], row["description"]), (1, "draft", ""))

    def test_an_owner_that_does_not_exist_is_refused(self):
        answer = self.service.request("POST", "/api/resources", {"name": "x", "owner_id": 999999})
        self.assertIn(answer.status, (409, 422), answer)

    def test_a_created_row_is_in_the_next_list_and_total(self):
        before = self.service.get("/api/resources").json()["total"]
        id_ = self.create().json()["id"]
        page = self.service.get("/api/resources?sort_order=desc&page_size=1").json()
        self.assertEqual((page["total"], page["items"][0]["id"]), (before + 1, id_))

    def test_put_and_patch_change_the_fields_given(self):
        for method in ("PUT", "PATCH"):
            location = self.create(description="stays").field("Location")
            answer = self.service.request(method, location, {"name": f"by {method}"})
            self.assertEqual(
                (answer.status, answer.json()["name"], answer.json()["description"]),
                (200, f"by {method}", "stays"),
            )
            self.assertEqual(self.service.get(location).json()["name"], f"by {method}")

    def test_a_deleted_row_is_gone(self):
        location = self.create().field("Location")
        self.assertEqual(self.service.request("DELETE", location).status, 204)
        for method, body in (
            ("GET", None),
            ("PUT", {"name": "x"}),
            ("PATCH", {"name": "x"}),
            ("DELETE", None),
        ):
            answer = self.service.request(method, location, body)
            self.assertEqual((answer.status, answer.code), (404, "not_found"), method)

    def test_a_stale_tag_is_412_and_changes_nothing(self):
        location = self.create().field("Location")
        tag = self.service.get(location).field("ETag")
        first = self.service.request("PUT", location, {"name": "first"}, {"If-Match": tag})
        self.assertEqual(first.status, 200, first)
        for method, body in (("PUT", {"name": "second"}), ("PATCH", {"name": "second"}), ("DELETE", None)):
            answer = self.service.request(method, location, body, {"If-Match": tag})
            self.assertEqual((answer.status, answer.code), (412, "precondition_failed"), method)
        self.assertEqual(self.service.get(location).json()["name"], "first")
        now = self.service.get(location).field("ETag")
        self.assertNotEqual(now, tag)
        gzip = now[:-1] + '-gz"'
        self.assertEqual(
            self.service.request("PATCH", location, {"name": "third"}, {"If-Match": f'"1-x", {gzip}'}).status,
            200,
        )
        self.assertEqual(self.service.request("DELETE", location, None, {"If-Match": "*"}).status, 204)

    def test_every_bad_field_is_listed(self):
        answer = self.service.request(
            "POST",
            "/api/resources",
            {"name": "", "description": "d" * 2001, "status": "none", "owner_id": "one", "colour": "red"},
        )
        self.assertEqual((answer.status, answer.code), (422, "invalid"), answer)
        self.assertEqual(
            {(error["in"], error["name"]) for error in answer.json()["errors"]},
            {("body", name) for name in ("name", "description", "status", "owner_id", "colour")},
        )
        self.assertTrue(all(error["message"] for error in answer.json()["errors"]))

    def test_missing_and_repeated_fields_are_listed(self):
        for body, name in ((b"{}", "name"), (b'{"name":"a","name":"b"}', "name"), (b'{"name":null}', "name")):
            answer = self.service.request("POST", "/api/resources", body)
            self.assertEqual(answer.status, 422, answer)
            self.assertEqual([error["name"] for error in answer.json()["errors"]], [name])

    def test_wrong_path_values_are_422_or_404(self):
        for id_, statuses in (
            ("abc", (404, 422)),
            ("0", (404, 422)),
            ("999999", (404,)),
            ("99999999999999999999", (404, 422)),
        ):
            self.assertIn(self.service.get(f"/api/resources/{id_}").status, statuses, id_)

    def test_another_media_type_is_415(self):
        answer = self.service.request(
            "POST", "/api/resources", b"name=x", {"Content-Type": "application/x-www-form-urlencoded"}
        )
        self.assertEqual(answer.status, 415, answer)

    def test_a_repeated_idempotency_key_gives_the_same_answer_and_one_row(self):
        before = self.service.get("/api/resources").json()["total"]
        fields = {"Idempotency-Key": f"key-{service.SEED}"}
        first = self.service.request("POST", "/api/resources", {"name": "once"}, fields)
        second = self.service.request("POST", "/api/resources", {"name": "once"}, fields)
        self.assertEqual((first.status, second.status), (201, 201))
        self.assertEqual((first.body, first.field("Location")), (second.body, second.field("Location")))
        self.assertEqual(self.service.get("/api/resources").json()["total"], before + 1)
        other = self.service.request("POST", "/api/resources", {"name": "another"}, fields)
        self.assertIn(other.status, (409, 422), "one key for two different requests")

    def test_the_deadline_of_a_request_may_be_shortened(self):
        for given in ("1000", "1", "0", "x", "-1", "99999999999999"):
            answer = self.service.get("/api/resources", {"X-Request-Timeout-Ms": given})
            self.assertIn(answer.status, (200, 503), given)
        self.assertEqual(self.service.get("/api/resources", {"X-Request-Timeout-Ms": "1000"}).status, 200)


@service.on_every_engine
class Users(service.ServiceTest):
    def test_users_are_listed_and_shown(self):
        page = self.service.get("/api/users?page_size=2").json()
        self.assertLessEqual({"items", "total", "page", "page_size", "pages", "next_cursor"}, set(page))
        user = self.service.get("/api/users/1").json()
        self.assertEqual(user, page["items"][0])
        self.assertNotIn("resources", user)

    def test_a_user_includes_its_resources_on_request(self):
        user = self.service.get("/api/users/2?include=resources").json()
        owned = self.service.get("/api/resources?owner_id=2&page_size=100").json()
        self.assertEqual(
            sorted(each["id"] for each in user["resources"]), [each["id"] for each in owned["items"]]
        )
        self.assertGreater(len(user["resources"]), 0)
        self.assertEqual(self.service.get("/api/users/2?include=passwords").status, 422)

    def test_an_email_can_be_taken_once(self):
        body = {"email": f"one-{service.SEED}@example.com", "name": "One"}
        first = self.service.request("POST", "/api/users", body)
        self.assertEqual((first.status, first.field("Location")), (201, f"/api/users/{first.json()['id']}"))
        second = self.service.request("POST", "/api/users", body)
        self.assertEqual(second.status, 409, second)
        self.assertRegex(second.code, "^[a-z_]+$")
        self.assertEqual(self.service.get("/api/users?email=" + quote(body["email"])).json()["total"], 1)

    def test_an_unknown_user_is_404(self):
        self.assertEqual(self.service.get("/api/users/999999").status, 404)


class Standard(service.ServiceTest):
    def test_health_and_readiness_and_the_document(self):
        self.assertEqual(self.service.get("/healthz").json(), {"status": "ok"})
        self.assertEqual(self.service.get("/readyz").status, 200)
        self.assertTrue(self.service.get("/openapi.json").json()["openapi"].startswith("3.1"))
        for page in ("/", "/docs"):
            answer = self.service.get(page)
            self.assertEqual(answer.status, 200, page)
            self.assertTrue(answer.field("Content-Type").startswith("text/html"))
        self.assertIn(b"/docs", self.service.get("/").body)

    def test_the_errors_of_methods_and_paths(self):
        for method, target, status in (
            ("GET", "/none", 404),
            ("DELETE", "/api/resources", 405),
            ("BREW", "/healthz", 501),
            ("OPTIONS", "/api/resources", 204),
            ("OPTIONS", "*", 204),
        ):
            self.assertEqual(self.service.request(method, target).status, status, f"{method} {target}")

    def test_server_timing_is_told_in_development_only(self):
        self.assertEqual(self.service.get("/api/resources").all("Server-Timing"), [])
        with service.Service(env={"BRIO_MODE": "development"}) as development:
            timing = development.get("/api/resources").field("Server-Timing", "")
            self.assertRegex(timing, r"\bdb;dur=[0-9.]+")
            self.assertRegex(timing, r"^([a-z_]+;dur=[0-9.]+(, )?)+$")

    def test_a_traceparent_is_accepted_in_any_form(self):
        for given in (
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0-0-0",
            "ff-" + "0" * 60,
            "x" * 500,
        ):
            self.assertEqual(self.service.get("/healthz", {"traceparent": given}).status, 200)


class Commands(unittest.TestCase):
    def test_the_same_seed_gives_the_same_rows(self):
        bodies = []
        for _ in range(2):
            with service.Service(rows=100) as of:
                bodies.append(of.get("/api/resources?page_size=100").body)
        self.assertEqual(bodies[0], bodies[1])

    def test_rows_outlive_a_restart(self):
        with service.Service(rows=10) as of:
            location = of.request("POST", "/api/resources", {"name": "kept"}).field("Location")
            self.assertEqual(of.stop(), 0)
            of.start()
            self.assertEqual(of.get(location).json()["name"], "kept")


if __name__ == "__main__":
    service.main()
