#!/usr/bin/env python3
"""The service ends, dies and starts again under load without losing what it took on (T-O7, T-O8 in small)."""
import os
import signal
import threading
import time
import unittest

import service
from wire import Violation, encode

CLIENTS = 32


class Client(threading.Thread):
    """Asks on a kept connection, one request after another, until told to stop or turned away.

    A request is lost when the server took it (on a fresh connection, or on a kept one whose answers did not
    say close) and ended the connection without a whole answer. A refused connection has taken nothing.
    """

    def __init__(self, of, number, reconnects=False):
        super().__init__(daemon=True)
        self.of = of
        self.number = number
        self.reconnects = reconnects
        self.answered = 0
        self.lost = []
        self.wrong = []
        self.rows = []  # acknowledged: (location, name)
        self.stopped = threading.Event()
        self.start()

    def run(self):
        while not self.stopped.is_set():
            try:
                wire = self.of.connect(20)
            except OSError:
                if not self.reconnects:
                    return
                time.sleep(0.01)
                continue
            with wire:
                self.ask_on(wire)

    def ask_on(self, wire):
        while not self.stopped.is_set():
            name = f"client {self.number} row {self.answered}"
            writes = self.answered % 4 == 0
            request = (
                ("POST", "/api/resources", {"name": name})
                if writes
                else ("GET", "/api/resources?page_size=5", None)
            )
            try:
                wire.send(encode(*request))
                answer = wire.read()
            except (OSError, Violation) as error:
                self.lost.append(f"{request[0]} after {self.answered}: {error!r}")
                return
            if answer.status != (201 if writes else 200):
                self.wrong.append(repr(answer))
            elif writes:
                self.rows.append((answer.field("Location"), name))
            self.answered += 1
            if answer.says_close():
                return


def under_load(of, reconnects=False):
    clients = [Client(of, number, reconnects) for number in range(CLIENTS)]
    assert service.eventually(lambda: all(client.answered > 20 for client in clients), 60), "there is no load"
    return clients


def stop(clients):
    for client in clients:
        client.stopped.set()
    for client in clients:
        client.join(30)
    assert not any(client.is_alive() for client in clients), "a client still waits for its answer"


@service.on_every_engine
class Drain(unittest.TestCase):
    engine = "sqlite"

    def judge(self, clients):
        self.assertEqual([lost for client in clients for lost in client.lost], [], "requests were lost")
        self.assertEqual([wrong for client in clients for wrong in client.wrong], [])

    def assert_rows(self, of, clients):
        """Every row that was acknowledged is there."""
        with of.connect() as wire:
            for location, name in (row for client in clients for row in client.rows):
                answer = wire.request("GET", location)
                self.assertEqual((answer.status, answer.json()["name"]), (200, name))

    def drained(self, send):
        """Under load, `send(service)` must end it with 0 within its grace and with nothing lost."""
        with service.Service(env={"BRIO_GRACE_MS": "10000"}, engine=self.engine) as of:
            clients = under_load(of)
            begun = time.monotonic()
            send(of)
            status = of.process.wait(10)
            print(
                f"  ended after {time.monotonic() - begun:.2f} s, {sum(c.answered for c in clients)} answers",
                flush=True,
            )
            self.assertEqual(status, 0, of.log_end())
            stop(clients)
            self.judge(clients)
            of.start()
            self.assert_rows(of, clients)

    def test_sigterm_under_load_loses_no_request(self):
        for _ in range(20 if service.IS_FULL else 3):
            self.drained(lambda of: of.process.send_signal(signal.SIGTERM))

    def test_sigint_under_load_loses_no_request(self):
        self.drained(lambda of: of.process.send_signal(signal.SIGINT))

    def test_readiness_says_503_while_requests_are_still_answered(self):
        with service.Service() as of, of.connect() as wire:
            self.assertEqual(wire.request("GET", "/readyz").status, 200)
            of.process.send_signal(signal.SIGTERM)
            seen = []

            def is_draining():
                seen.append(wire.request("GET", "/readyz"))
                return seen[-1].status == 503

            self.assertTrue(service.eventually(is_draining, 5))
            self.assertEqual(seen[-1].code, "draining")
            self.assertIsNotNone(seen[-1].field("Retry-After"))
            if not seen[-1].says_close():
                self.assertEqual(wire.request("GET", "/api/resources/1").status, 200)
            self.assertEqual(of.process.wait(10), 0)

    def test_an_idle_connection_does_not_keep_the_service(self):
        with service.Service() as of:
            wires = [of.connect() for _ in range(50)]
            self.assertEqual(of.stop(10), 0)
            for wire in wires:
                self.assertTrue(wire.is_closed())
                wire.close()

    def begin_request(self, wire, of):
        """All but its last byte, which comes back; the service has read the rest."""
        request = encode("POST", "/api/resources", {"name": "asked for while it drains"})
        wire.send(request[:-1])
        self.assertEqual(of.get("/healthz").status, 200)
        return request[-1:]

    def test_a_second_sigterm_is_as_the_first(self):
        with service.Service() as of, of.connect() as wire:
            rest = self.begin_request(wire, of)
            for _ in range(3):  # as `timeout` sends them, and later
                of.process.send_signal(signal.SIGTERM)
                of.process.send_signal(signal.SIGTERM)
                time.sleep(0.2)
            wire.send(rest)
            self.assertEqual(wire.read().status, 201)
            self.assertEqual(of.process.wait(10), 0)

    def test_a_ctrl_c_ends_a_drain_at_once(self):
        with service.Service() as of, of.connect() as wire:
            self.begin_request(wire, of)
            of.process.send_signal(signal.SIGTERM)
            time.sleep(0.3)
            begun = time.monotonic()
            of.process.send_signal(signal.SIGINT)
            of.process.wait(10)
            self.assertLess(time.monotonic() - begun, 2)


@service.on_every_engine
class Crash(unittest.TestCase):
    engine = "sqlite"

    def test_a_killed_server_is_back_within_a_second_and_keeps_what_it_acknowledged(self):
        with service.Service(engine=self.engine) as of:
            clients = under_load(of, reconnects=True)
            killed = of.server_pid()
            begun = time.monotonic()
            os.kill(killed, signal.SIGKILL)
            self.assertTrue(service.eventually(lambda: of.server_pids() not in ([], [killed]), 10))
            self.assertEqual(of.get("/healthz").status, 200)  # waits in the listener meanwhile
            took = time.monotonic() - begun
            print(f"  answers again after {took:.3f} s", flush=True)
            self.assertLess(took, 10 if service.IS_SANITIZED else 1)
            answered = [client.answered for client in clients]
            self.assertTrue(
                service.eventually(
                    lambda: all(client.answered > before for client, before in zip(clients, answered)), 20
                )
            )
            stop(clients)
            self.assertEqual([wrong for client in clients for wrong in client.wrong], [])
            self.assertTrue(
                all(len(client.lost) <= 1 for client in clients), "more was lost than was under way"
            )
            self.assert_rows(of, clients)
            self.assertEqual(of.stop(), 0)

    assert_rows = Drain.assert_rows

    def test_each_of_several_deaths_is_survived(self):
        with service.Service() as of:
            for _ in range(4):
                killed = of.server_pid()
                os.kill(killed, signal.SIGKILL)
                self.assertTrue(service.eventually(lambda: of.server_pids() not in ([], [killed]), 10))
                self.assertEqual(of.get("/api/resources/1").status, 200)
            self.assertEqual(of.stop(), 0)

    def test_a_server_without_its_supervisor_drains_and_ends(self):
        with service.Service() as of:
            server = of.server_pid()
            of.process.kill()
            of.process.wait()
            self.assertTrue(service.eventually(lambda: not os.path.exists(f"/proc/{server}"), 10))


if __name__ == "__main__":
    service.main()
