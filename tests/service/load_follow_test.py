#!/usr/bin/env python3
"""Several processes make one load: the report is what the service counted, and says who was lost."""
import json
import os
import signal
import subprocess
import sys

import service

FOLLOWERS = 2
USERS = 7  # one follower has more than the other
RUNS = 10 if service.IS_FULL else 1  # seconds
# Nothing begins in the last second, so that nothing is under way when counting ends.
STAGES = f"--stages={USERS}@{RUNS}s,0@1s"
WAITS = 60.0


class Several(service.ServiceTest):
    rows = 50

    def setUp(self):
        self.of = self.service
        self.served_before = 0
        self.served_before = self.served()
        (self.port,) = service.free_ports(1)
        self.url = f"http://127.0.0.1:{self.of.port}/api/resources"

    def begin(self, *command, secret="open sesame"):
        """A program beside the service; ended at the latest when the test is over."""
        process = subprocess.Popen(
            [str(each) for each in command],
            env={**self.of.env, "BRIO_LOAD_SECRET": secret},
            cwd=self.of.folder,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def end(self, process):
        said, _ = process.communicate(timeout=WAITS)
        return process.returncode, said

    def lead(self, *options, program=None, url=None):
        return self.begin(
            program or service.program("brio"),
            "load",
            url or self.url,
            "--lead",
            self.port,
            "--followers",
            FOLLOWERS,
            "--warm-up=0s",
            "--json=told.json",
            *options,
        )

    def follow(self, program=None, **more):
        return self.begin(
            program or service.program("brio"), "load", "--follow", f"127.0.0.1:{self.port}", **more
        )

    def served(self):
        samples = service.openmetrics.parse(self.of.metrics().body.decode(), is_open=False)
        in_all = sum(
            count
            for (name, labels), count in samples.items()
            if name == "http_request_duration_seconds_count" and dict(labels)["endpoint"] != "/readyz"
        )
        return int(in_all) - self.served_before

    def told(self):
        return json.loads((self.of.folder / "told.json").read_text(encoding="utf-8"))

    def judge_whole(self, leader, followers):
        for each in followers:
            status, said = self.end(each)
            self.assertEqual(status, 0, said)
        status, said = self.end(leader)
        self.assertEqual(status, 0, said)
        told = self.told()
        count = sum(each["requests"] for each in told["names"])
        print(f"  {count} requests told, {self.served()} served", flush=True)
        self.assertEqual(count, self.served())
        self.assertGreater(count, USERS)
        self.assertEqual(told["generator"]["lost"], [])
        return told

    def test_the_report_is_of_all_and_is_what_the_service_counted(self):
        goals = ("--goal=error_rate<1%", "--goal=p99<10s")
        leader = self.lead(STAGES, "--header=X-A: b", *goals)
        stranger = self.follow(secret="open barley")
        self.assertEqual(self.end(stranger)[0], 1)
        told = self.judge_whole(leader, [self.follow() for _ in range(FOLLOWERS)])
        self.assertLessEqual(told["load"]["most_users"], USERS)

    def test_users_of_a_program_are_led_too_and_those_of_another_refused(self):
        options = (STAGES, "--goal=error_rate<1%")
        origin = self.url.removesuffix("/api/resources")
        leader = self.lead(*options, program=self.of.program, url=origin)
        status, said = self.end(self.follow())
        self.assertEqual(status, 1, said)
        self.assertIn("start the same program", said)
        self.judge_whole(leader, [self.follow(program=self.of.program) for _ in range(FOLLOWERS)])

    def test_who_is_killed_is_said_and_the_figures_are_not_held_for_whole(self):
        leader = self.lead("--rate=100", "--for=3s", "--goal=error_rate<1%")
        followers = [self.follow() for _ in range(FOLLOWERS)]
        self.assertTrue(service.eventually(lambda: self.served() > 20, WAITS), "the load has begun")
        os.kill(followers[0].pid, signal.SIGKILL)
        self.assertEqual(self.end(followers[1])[0], 0)
        status, said = self.end(leader)
        self.assertEqual(status, 1, said)
        self.assertRegex(said, r"not whole  follower \d \(127.0.0.1:\d+\)")
        self.assertEqual(len(self.told()["generator"]["lost"]), 1)

    def test_load_ends_with_its_leader(self):
        leader = self.lead(f"--users={USERS}", "--for=1h")
        followers = [self.follow() for _ in range(FOLLOWERS)]
        self.assertTrue(service.eventually(lambda: self.served() > USERS, WAITS), "the load has begun")
        os.kill(leader.pid, signal.SIGKILL)
        for each in followers:
            status, said = self.end(each)
            self.assertEqual(status, 1, said)
            self.assertIn("the leader is gone", said)


if __name__ == "__main__":
    sys.exit(service.main())
