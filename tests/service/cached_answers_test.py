#!/usr/bin/env python3
"""Kept answers reach only whom they are for, and are made once: T-C1, T-C3."""
import gzip
import json
import random
import unittest

import crowd
import service
from nginx import Nginx
from tokens import SECRET, bearer

PEOPLE = 200
EACH = 500 if service.IS_FULL else 50
AT_ONCE = 50
MISSES = 1000
PROGRAM = "service_cached_answers"


class CachedAnswers(unittest.TestCase):
    def setUp(self):
        self.of = self.enterContext(
            service.Service(rows=0, name=PROGRAM, has_database=False, env={"TOKEN_SECRET": SECRET})
        )

    def counts(self):
        return self.of.get("/counts").json()


class IdentityTest(CachedAnswers):
    """Everybody asks for what is their own, again and again and in any order."""

    def everybody(self, port, target, tokens, is_own):
        chance = random.Random(service.SEED)
        askers = [person for person in range(PEOPLE) for _ in range(EACH)]
        chance.shuffle(askers)
        codings = [{}, {"Accept-Encoding": "gzip"}, {"Accept-Encoding": "br;q=0, gzip;q=0.5"}]
        requests = [
            (target, {"Authorization": tokens[person], **chance.choice(codings)}) for person in askers
        ]
        answers = crowd.run(port, requests, AT_ONCE)
        bad = [each for each in answers if each.status != 200]
        self.assertEqual(bad[:3], [], f"{len(bad)} answers are not good")
        foreign = [
            (person, each) for person, each in zip(askers, answers) if not is_own(person, body_of(each))
        ]
        self.assertEqual(foreign[:3], [], f"{len(foreign)} of {len(answers)} answers are another person's")
        hits = sum(each.fields.get("x-cache") == "HIT" for each in answers)
        print(f"  {len(answers)} answers, {hits} from the cache", flush=True)
        self.assertGreater(hits, len(answers) // 2, "hardly anything was kept, so nothing was tested")
        kept_outside = [each for each in answers if each.fields.get("x-proxy-cache") == "HIT"]
        self.assertEqual(kept_outside[:3], [], "the proxy kept what is one person's own")

    def test_bearers_get_what_is_theirs(self):
        tokens = [bearer(f"person-{number}") for number in range(PEOPLE)]
        self.everybody(self.of.port, "/mine", tokens, lambda person, body: body["sub"] == f"person-{person}")
        self.assertLessEqual(self.counts()["profiles"], PEOPLE)

    def test_bearers_get_what_is_theirs_through_a_proxy_that_keeps_answers(self):
        tokens = [bearer(f"person-{number}") for number in range(PEOPLE)]
        with Nginx([self.of.port], cache="10m") as nginx:
            port = nginx.port
            self.everybody(port, "/mine", tokens, lambda person, body: body["sub"] == f"person-{person}")

    def test_who_reads_the_header_itself_does_so_too(self):
        words = [f"Token {number:x}{'-' * (number % 7)}" for number in range(PEOPLE)]
        with Nginx([self.of.port], cache="10m") as nginx:
            for port in (self.of.port, nginx.port):
                self.everybody(port, "/by-header", words, lambda who, body: body["sub"] == words[who])

    def test_without_a_token_nothing_kept_is_shown(self):
        self.assertEqual(self.of.get("/mine", {"Authorization": bearer("somebody")}).status, 200)
        forged = bearer("somebody", "another secret, and longer than 32 bytes too")
        for fields in ({}, {"Authorization": "Bearer x"}, {"Authorization": forged}):
            self.assertEqual(self.of.get("/mine", fields).status, 401)


class StampedeTest(CachedAnswers):
    def test_a_thousand_misses_make_the_answer_once(self):
        for name in ("one", "another"):
            before = self.counts()["slow"]
            answers = crowd.run(self.of.port, [(f"/slow/{name}", {})] * MISSES, MISSES)
            self.assertEqual({each.status for each in answers}, {200})
            self.assertEqual({each.body for each in answers}, {answers[0].body})
            self.assertEqual(self.counts()["slow"], before + 1, "somebody made it again")
            took = sorted(each.took for each in answers)
            print(f"  p50 {took[MISSES // 2] * 1000:.0f} ms, p99 {took[MISSES * 99 // 100] * 1000:.0f} ms, "
                  f"of which the loader 100 ms", flush=True)

    def test_misses_of_different_answers_do_not_wait_for_each_other(self):
        before = self.counts()["slow"]
        names = [f"/slow/name-{number}" for number in range(100)]
        answers = crowd.run(self.of.port, [(name, {}) for name in names * 10], 500)
        self.assertEqual({each.status for each in answers}, {200})
        self.assertEqual(self.counts()["slow"], before + len(names))
        for name, each in zip(names * 10, answers):
            self.assertEqual(json.loads(each.body)["of"], name.removeprefix("/slow/"))


def body_of(answer):
    body = answer.body
    if answer.fields.get("content-encoding") == "gzip":
        body = gzip.decompress(body)
    return json.loads(body)


if __name__ == "__main__":
    service.main()
