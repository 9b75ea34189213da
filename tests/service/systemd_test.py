#!/usr/bin/env python3
"""Under a service manager: what it is told (sd_notify), sockets that it hands over, the units of
deploy/systemd."""
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import service
from releases import Releases
from wire import Wire

UNITS = Path(os.environ["BRIO_SOURCE"]) / "deploy/systemd"


class Manager:
    """The other end of NOTIFY_SOCKET: {name: value} of each message, in order."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self.socket.bind(path)
        self.heard = []

    def hear(self):
        while True:
            try:
                text = self.socket.recv(65536).decode()
            except BlockingIOError:
                return self.heard
            self.heard.append(dict(line.split("=", 1) for line in text.splitlines()))

    def has(self, name, value=None, after=0):
        return any(name in each and value in (None, each[name]) for each in self.hear()[after:])

    def named(self, *names):
        """Of all messages, in order, those that have one of the names: the names."""
        return [name for each in self.hear() for name in names if name in each]


class Notify(unittest.TestCase):
    def serve(self, path="@brio-test-{pid}", **env):
        path = path.format(pid=os.getpid())
        self.manager = Manager("\0" + path[1:] if path[0] == "@" else path)
        self.addCleanup(self.manager.socket.close)
        return Releases(env={"NOTIFY_SOCKET": path, "BRIO_LOG": "text", "BRIO_GRACE_MS": "1500", **env})

    def eventually(self, *what, after=0):
        self.assertTrue(service.eventually(lambda: self.manager.has(*what, after=after)), self.manager.heard)

    def test_the_manager_is_told_of_start_restart_state_and_stop(self):
        with self.serve(WATCHDOG_USEC="3000000") as of:
            self.eventually("READY", "1")
            self.assertEqual(self.manager.named("READY", "RELOADING", "STOPPING"), ["READY"])
            of.upgrade()
            self.eventually("STATUS", "serving, restarted")
            self.assertEqual(self.manager.named("READY", "RELOADING"), ["READY", "RELOADING", "READY"])
            reloading = next(each for each in self.manager.heard if "RELOADING" in each)
            self.assertLess(int(reloading["MONOTONIC_USEC"]), time.monotonic() * 1e6)
            heard = len(self.manager.heard)
            self.eventually("WATCHDOG", "1", after=heard)
            of.release(program=b"#!/bin/sh\nexit 1\n")
            of.hang_up()
            self.eventually("STATUS", "the restart failed: the server process before it goes on", after=heard)
            self.assertEqual(self.manager.named("READY", "RELOADING")[3:], ["RELOADING", "READY"])
            self.assertEqual(of.stop(), 0)
            self.assertTrue(self.manager.has("STOPPING", "1"))
            self.assertTrue(self.manager.has("EXTEND_TIMEOUT_USEC", "5500000"))

    def test_a_server_process_that_is_stuck_is_not_said_to_be_well(self):
        with tempfile.TemporaryDirectory() as folder:
            with self.serve(f"{folder}/notify", WATCHDOG_USEC="1200000") as of:
                self.eventually("WATCHDOG", "1")
                before = len(of.log())  # a slow machine may have had a complaint of its own
                os.kill(of.server_pid(), signal.SIGSTOP)
                self.assertTrue(
                    service.eventually(lambda: "the watchdog" in of.log()[before:]), of.log_end()
                )
                heard = len(self.manager.hear())
                time.sleep(1)
                self.assertFalse(self.manager.has("WATCHDOG", after=heard))
                os.kill(of.server_pid(), signal.SIGCONT)
                self.eventually("WATCHDOG", "1", after=heard)

    def test_a_worker_tells_too(self):
        with self.serve() as of:
            worker_socket = Manager(f"{of.folder}/worker")
            self.addCleanup(worker_socket.socket.close)
            worker = subprocess.Popen(
                [of.program, "worker", "--concurrency", "3"],
                env={**of.env, "NOTIFY_SOCKET": f"{of.folder}/worker", "WATCHDOG_USEC": "900000"},
                cwd=of.folder,
            )
            self.assertTrue(service.eventually(lambda: worker_socket.has("WATCHDOG", "1")))
            self.assertEqual(worker_socket.named("READY", "STOPPING"), ["READY"])
            worker.terminate()
            self.assertEqual(worker.wait(20), 0)
            self.assertTrue(worker_socket.has("STOPPING", "1"))


@unittest.skipUnless(shutil.which("systemd-socket-activate"), "there is no systemd")
class HandedOver(unittest.TestCase):
    def test_sockets_of_systemd_are_served_and_kept_over_an_upgrade(self):
        with Releases(env={"BRIO_LOG": "text"}) as of:
            of.stop()
            of.port, second, of.admin_port = service.free_ports(3)
            listen = [f"--listen=127.0.0.1:{port}" for port in (of.port, second, of.admin_port)]
            with open(of.folder / "log", "ab") as log:
                of.process = subprocess.Popen(
                    ["systemd-socket-activate", *listen, "--fdname=api:api:admin",
                     "-E", "DATABASE_URL", "-E", "BRIO_LOG", of.program, "serve", "--workers", "0"],
                    env=of.env, cwd=of.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                )
            self.assertTrue(service.eventually(of.is_ready), of.log_end())
            for _ in range(2):
                of.upgrade()
                self.assertEqual(of.get("/api/resources/1").status, 200)
                with Wire(second) as wire:
                    self.assertEqual(wire.request("GET", "/api/resources/1").status, 200)
                self.assertIsNotNone(of.metric("process_start_time_seconds"))
            self.assertEqual(of.stop(), 0, of.log_end())


@unittest.skipUnless(shutil.which("systemd-analyze"), "there is no systemd")
class Units(unittest.TestCase):
    def test_systemd_understands_every_line(self):
        with tempfile.TemporaryDirectory() as folder:
            files = []
            for unit in UNITS.iterdir():
                file = Path(folder) / unit.name.replace("@.", "@1.")
                text = unit.read_text()
                file.write_text(text.replace("/usr/bin/resources", service.program()))
                files.append(str(file))
            done = subprocess.run(
                ["systemd-analyze", "verify", "--man=no", *files], text=True, capture_output=True, check=False
            )
            self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_the_services_take_away_what_they_do_not_need(self):
        for unit in UNITS.glob("*.service"):
            done = subprocess.run(
                ["systemd-analyze", "security", "--offline=true", "--threshold=20", str(unit)],
                text=True, capture_output=True, check=False,
            )
            self.assertEqual(done.returncode, 0, done.stdout)

    def test_what_the_units_call_is_a_command(self):
        text = "".join(unit.read_text() for unit in UNITS.glob("*.service"))
        for words in re.findall(r"^Exec\w+=-?/usr/bin/resources (.*)$", text, re.M):
            arguments = [word for word in words.split() if not word.startswith("$")]
            done = subprocess.run(
                [service.program(), *arguments, "--help"], text=True, capture_output=True, check=False
            )
            self.assertEqual(done.returncode, 0, (words, done.stderr))


if __name__ == "__main__":
    service.main()
