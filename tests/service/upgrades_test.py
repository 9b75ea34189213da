#!/usr/bin/env python3
"""SIGHUP takes the program that is in its file by then; one that is no good changes nothing (T-O7)."""
import os
import signal
import socket
import struct
import threading
import unittest

import service
from offered_load import Load
from releases import Releases
from streams_test import Reader
from wire import Wire

SLEEPS = b"#!/bin/sh\nexec sleep 1000\n"
# A good program needs less, on a slow machine too; one that hangs is waited for so long.
RESTART = {"BRIO_LOG": "text", "BRIO_RESTART_MS": "10000" if service.IS_SANITIZED else "2000"}


def of_another_machine(path):
    """ELF's e_machine of a processor that this is not."""
    with open(path, "r+b") as file:
        file.seek(18)
        file.write(struct.pack("<H", 0x2A))


# What is in the file, and what the log then says.
NO_GOOD = {
    "nothing": (lambda of: of.release().unlink(), "No such file or directory"),
    "no permission": (lambda of: of.release(lambda path: path.chmod(0o644)), "Permission denied"),
    "another machine": (lambda of: of.release(of_another_machine), "Exec format error"),
    "no program": (lambda of: of.release(program=b"it is no program\n"), "Exec format error"),
    "exits": (lambda of: of.release(program=b"#!/bin/sh\nexit 3\n"), "ended badly"),
    "exits well": (lambda of: of.release(program=b"#!/bin/sh\nexit 0\n"), "the restart failed"),
    "crashes": (lambda of: of.release(program=b"#!/bin/sh\nkill -SEGV $$\n"), "Segmentation fault"),
    "hangs": (lambda of: of.release(program=SLEEPS), "does not come to answer in time"),
}


class Upgrades(unittest.TestCase):
    def test_a_program_that_is_no_good_changes_nothing(self):
        with Releases(env=RESTART) as of:
            good, serving = of.programs()[0], of.server_pids()
            load = Load(of, "/api/resources/{n}", 200, 5, 0.2, 32, ("--last", "200"))
            for what, (put, words) in NO_GOOD.items():
                with self.subTest(what):
                    before = len(of.log())
                    put(of)
                    of.hang_up()
                    failed = "the restart failed: the server process before it goes on"
                    self.assertTrue(service.eventually(lambda: failed in of.log()[before:]), of.log_end())
                    self.assertIn(words, of.log()[before:])
                    self.assertTrue(service.eventually(lambda: of.server_pids() == serving))
                    self.assertEqual(of.programs(), [good] * 2)
            of.upgrade()
            result = load.result()
            print(f"  {result}", flush=True)
            self.assertEqual(
                [result[each] for each in ("errors", "unanswered", "refused", "other")], [0, 0, 0, 0]
            )

    def test_requests_to_restart_meanwhile_are_one_more_restart(self):
        with Releases(env=RESTART) as of:
            of.release(program=SLEEPS)
            of.hang_up()
            self.assertTrue(service.eventually(lambda: len(of.server_pids()) == 2))
            path = of.release()
            of.hang_up()
            of.hang_up()
            self.assertTrue(service.eventually(lambda: of.is_of(path)), of.log_end())
            self.assertEqual(of.log().count("info restarted"), 1)

    def test_a_stop_during_a_restart_that_hangs_is_a_stop(self):
        with Releases(env={**RESTART, "BRIO_RESTART_MS": "700"}) as of:
            of.release(program=SLEEPS)
            of.hang_up()
            self.assertTrue(service.eventually(lambda: len(of.server_pids()) == 2))
            self.assertEqual(of.stop(), 0, of.log_end())

    def test_nothing_is_left_when_the_supervisor_is_killed_during_a_restart(self):
        with Releases(env={**RESTART, "BRIO_RESTART_MS": "600000"}) as of:
            of.release(program=SLEEPS)
            of.hang_up()
            self.assertTrue(service.eventually(lambda: len(of.server_pids()) == 2))
            pids = of.server_pids()
            of.process.kill()
            of.process.wait()
            self.assertTrue(
                service.eventually(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in pids)), pids
            )

    def test_a_program_that_breaks_later_is_followed_by_the_one_before(self):
        with Releases(env=RESTART) as of:
            first = of.programs()[0]
            of.upgrade()
            for _ in range(3):
                os.kill(of.server_pid(), signal.SIGKILL)
                self.assertTrue(service.eventually(of.is_ready))
            link = of.folder / "next"
            link.symlink_to(of.folder / "releases/1")
            os.replace(link, of.folder / "current")
            of.hang_up()
            self.assertTrue(service.eventually(lambda: of.is_of(first)), of.log_end())
            self.assertEqual(of.stop(), 0)

    def test_a_port_that_the_settings_name_by_now_is_opened_and_the_old_one_closed(self):
        with Releases(in_file=True, env={"BRIO_LOG": "text"}) as of:
            old, (new, taken) = of.port, service.free_ports(2)
            asked = threading.Thread(target=self.keep_asking, args=(of, old))
            asked.start()
            ports = {"BRIO_PORT": new, "BRIO_ADMIN_PORT": of.admin_port}
            of.write_settings(**ports, BRIO_TLS_CERTIFICATE=str(of.folder / "none"))
            of.hang_up()
            self.assertTrue(service.eventually(lambda: "the restart failed" in of.log()), of.log_end())
            of.write_settings(**ports)  # the port that the failed one has opened is free again
            of.hang_up()
            of.port = new
            self.assertTrue(service.eventually(lambda: of.log().count("serving") == 2), of.log_end())
            self.assertEqual(of.get("/api/resources/1").status, 200)
            asked.join()
            self.assertEqual(self.lost, [])
            os.kill(of.server_pid(), signal.SIGKILL)  # the next one has the same port
            self.assertTrue(service.eventually(of.is_ready), of.log_end())
            with socket.create_server(("127.0.0.1", taken)):
                of.write_settings(BRIO_PORT=taken, BRIO_ADMIN_PORT=of.admin_port)
                of.hang_up()
                self.assertTrue(
                    service.eventually(lambda: of.log().count("info restarted") == 2), of.log_end()
                )
            self.assertIn("the API stays where it listens", of.log())
            self.assertEqual(of.get("/api/resources/1").status, 200)
            self.assertEqual(of.stop(), 0)

    def keep_asking(self, of, port):
        """New connections to the port until it is closed; none that was made stays without an answer."""
        self.lost = []
        while True:
            try:
                wire = Wire(port, 2)
            except OSError:
                return
            with wire:
                try:
                    if wire.request("GET", "/api/resources/1").status != 200:
                        self.lost.append("not 200")
                except (OSError, AssertionError) as error:
                    self.lost.append(repr(error))


class Streams(unittest.TestCase):
    def test_a_stream_of_events_ends_whole_and_comes_again_to_the_new_program(self):
        with Releases(rows=20, name="guide_streams") as of:
            first = Reader(of)
            self.assertTrue(service.eventually(lambda: of.metric("limit_in_use", limit="http_streams") == 1))
            of.upgrade()
            first.join(30)
            self.assertTrue(first.got.endswith(b"0\r\n\r\n"), "it broke off")
            again = Reader(of, "Last-Event-ID: 20\r\n")
            self.assertEqual(of.request("POST", "/api/notes", {"words": "to the new one"}).status, 201)
            self.assertTrue(service.eventually(lambda: b"to the new one" in again.got), again.got)
            self.assertIn(b"id: 21\n", again.got)
            of.stop()
            again.join(30)


class Tasks(unittest.TestCase):
    def test_tasks_under_way_end_in_the_grace_or_are_done_by_the_new_worker(self):
        of = Releases(rows=0, threads=1, name="service_tasks", workers=1)
        begun, done = of.folder / "begun", of.folder / "done"
        of.env.update(EFFECTS=str(done), BEGUN=str(begun), BRIO_GRACE_MS="500")
        with of:
            for takes_ms in (100, 300, 1500):
                answer = of.request("POST", "/marks", {"count": 1, "takes_ms": takes_ms, "keeps_mib": 0})
                self.assertEqual(answer.status, 202, answer)
            self.assertTrue(service.eventually(lambda: self.lines(begun) >= 3))
            of.upgrade()
            self.assertTrue(service.eventually(lambda: self.lines(done) == 3), of.log_end())
            for line in done.read_text().splitlines():
                self.assertEqual(line.split()[3:5], ["0", "0"])  # no failures, no deaths

    def lines(self, file):
        return len(file.read_text().splitlines()) if file.exists() else 0


if __name__ == "__main__":
    service.main()
