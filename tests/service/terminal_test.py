#!/usr/bin/env python3
"""`brio top` on a pseudo-terminal and without one, and `brio tasks`, against a service with a worker."""
import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
import unittest

import service
from service import program

PATIENCE = 20.0
PROCESS = "app.worker.process_data"  # fails for good when there is no such resource


def brio(*arguments, **more):
    command = [program("brio"), *arguments]
    done = subprocess.run(command, text=True, capture_output=True, timeout=60, check=False,
                          stdin=subprocess.DEVNULL, **more)
    return done.returncode, done.stdout, done.stderr


class Screen:
    """What a terminal of this size shows of a program that writes whole screens from its upper corner."""

    def __init__(self, command, columns=80, rows=24, env=None):
        self.master, slave = pty.openpty()
        self.resize(columns, rows)
        self.before = termios.tcgetattr(slave)
        self.written = b""
        environment = {**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8", **(env or {})}
        self.slave = slave
        self.process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=environment,
                                        process_group=0)

    def resize(self, columns, rows):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self, seconds):
        end = time.monotonic() + seconds
        while select.select([self.master], [], [], max(0.0, end - time.monotonic()))[0]:
            self.written += os.read(self.master, 65536)

    def lines(self):
        """Of the last screen that was written as a whole."""
        text = self.written.decode(errors="replace").rsplit("\x1b[H", 1)[-1]
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text).split("\r\n")

    def shows(self, what):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            self.read(0.05)
            if what in "\n".join(self.lines()):
                return True
        return False

    def type(self, keys):
        os.write(self.master, keys.encode())

    def ends(self):
        """Its status, once it has ended."""
        status = self.process.wait(PATIENCE)
        self.read(0.1)
        return status

    def is_as_before(self, typed=b""):
        """`typed`: what a terminal may show again that is as it was."""
        written = self.written.removesuffix(typed)
        return termios.tcgetattr(self.slave) == self.before and written.endswith(b"\x1b[?1049l")

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.master)
        os.close(self.slave)


class Terminal(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.service = cls.enterClassContext(service.Service(rows=50, workers=1))
        cls.port = str(cls.service.admin_port)

    def tasks(self, *arguments):
        return brio("tasks", "--admin", self.port, *arguments)

    def top(self, *arguments, **more):
        screen = Screen([program("brio"), "top", self.port, "--every", "0.3", *arguments], **more)
        self.addCleanup(screen.close)
        return screen

    def queue(self):
        status, out, err = self.tasks("queues", "--json")
        self.assertEqual(status, 0, err)
        return {each["name"]: each for each in json.loads(out)}.get("main-queue", {"dead": 0, "ready": 0})

    def test_pages_keys_and_sizes(self):
        for _ in range(5):
            self.service.get("/healthz")
        screen = self.top()
        self.assertTrue(screen.shows("routes, in the last minute"), screen.lines())
        self.assertTrue(screen.shows("GET /healthz"), screen.lines())
        self.assertEqual(len(screen.lines()), 24)
        screen.type("6")
        self.assertTrue(screen.shows("limits"), screen.lines())
        screen.type("/http_in\r")
        self.assertTrue(screen.shows("http_in_flight"), screen.lines())
        self.assertNotIn("offload_queue", "\n".join(screen.lines()))
        screen.resize(120, 40)
        screen.process.send_signal(signal.SIGWINCH)
        self.assertTrue(service.eventually(lambda: screen.read(0.1) or len(screen.lines()) == 40))
        screen.type("p")
        self.assertTrue(screen.shows("paused"))
        screen.type("?")
        self.assertTrue(screen.shows("PgUp PgDn"))
        screen.type("q")
        self.assertEqual(screen.ends(), 0)
        self.assertTrue(screen.is_as_before())

    def test_the_terminal_comes_back_on_every_end(self):
        for ends_it, status in ((signal.SIGINT, 0), (signal.SIGTERM, 128 + signal.SIGTERM)):
            with self.subTest(signal=ends_it.name):
                screen = self.top()
                self.assertTrue(screen.shows("requests"))
                screen.process.send_signal(ends_it)
                self.assertEqual(screen.ends(), status)
                self.assertTrue(screen.is_as_before(), screen.written[-80:])

    def test_it_stops_and_goes_on(self):
        screen = self.top()
        self.assertTrue(screen.shows("requests"))
        screen.process.send_signal(signal.SIGTSTP)
        screen.type("23")  # perhaps seen before it stops, thrown away by then
        self.assertTrue(service.eventually(lambda: self.state_of(screen.process.pid) == "T", PATIENCE))
        screen.read(0.1)
        self.assertTrue(screen.is_as_before(b"23"), screen.written[-80:])
        screen.process.send_signal(signal.SIGCONT)
        screen.written = b""
        self.assertTrue(screen.shows("requests"))
        screen.type("q")
        self.assertEqual(screen.ends(), 0)

    @staticmethod
    def state_of(pid):
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0]

    def test_without_a_terminal_it_prints_once(self):
        status, out, err = brio("top", self.port, env={**os.environ, "LANG": "C.UTF-8"})
        self.assertEqual((status, err), (0, ""))
        for page in ("goals", "routes", "queries", "tasks", "resources", "instances", "log"):
            self.assertIn(f"== {page}", out)
        self.assertNotIn("\x1b", out)
        self.assertNotIn("== routes", brio("top", self.port, "--page", "goals")[1])
        read = json.loads(brio("top", self.port, "--json")[1])
        self.assertEqual(read["processes"][0]["url"], f"http://127.0.0.1:{self.port}")
        self.assertIn("goals", read["processes"][0])

    def test_who_does_not_answer_is_named(self):
        nobody = str(service.free_ports(1)[0])
        for command in (("top", nobody), ("tasks", "--admin", nobody)):
            status, _, err = brio(*command)
            self.assertEqual(status, 1)
            self.assertIn(f"nobody answers at http://127.0.0.1:{nobody}", err)
        status, _, err = brio("top", str(self.service.port))
        self.assertEqual(status, 1)
        self.assertIn("not as the admin port", err)
        for wrong in (("top", "--page", "none"), ("top", "a b"), ("tasks", "fly"), ("tasks", "retry")):
            self.assertEqual(brio(*wrong)[0], 2, wrong)

    def test_tasks_are_sent_shown_retried_and_dropped(self):
        status, out, err = self.tasks("send", PROCESS, '{"data_id":999998}')
        self.assertEqual(status, 0, err)
        one = out.strip()
        self.assertEqual(self.tasks("send", PROCESS, "[999999]")[0], 0)
        self.assertTrue(service.eventually(lambda: self.queue()["dead"] == 2, PATIENCE), self.queue())
        status, out, _ = self.tasks("show", one)
        self.assertEqual(status, 1, "it failed")
        self.assertIn("there is no resource 999998", out)
        self.assertIn(one, self.tasks("list", "--state", "failed")[1])
        self.assertEqual(self.tasks("pause", "main-queue")[0], 0)
        self.assertEqual(self.tasks("retry", "--name", PROCESS)[1], "2 dead tasks ready again\n")
        self.assertEqual(self.queue()["ready"], 2)
        self.assertEqual(self.tasks("resume", "main-queue")[0], 0)
        self.assertTrue(service.eventually(lambda: self.queue()["dead"] == 2, PATIENCE), self.queue())
        status, _, err = self.tasks("drop", "--all")
        self.assertEqual(status, 2, "nobody can be asked")
        self.assertIn("--yes", err)
        self.assertEqual(self.tasks("drop", one, "--yes")[:2], (0, "1 dead task dropped\n"))
        self.assertEqual(self.tasks("drop", one, "--yes")[0], 1)
        self.assertEqual(self.tasks("drop", "--all", "--yes")[1], "1 dead task dropped\n")
        status, _, err = self.tasks("send", "tests.fly")
        self.assertEqual(status, 1)
        self.assertIn(PROCESS, err)
        self.assertEqual(self.tasks("show", "none")[0], 1)


if __name__ == "__main__":
    service.main()
