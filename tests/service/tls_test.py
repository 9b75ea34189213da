#!/usr/bin/env python3
"""The API's port over TLS, as curl, Python's ssl and `brio load` see it: versions, resumption, clients that
are slow or speak something else, the renewal of a certificate under load, the drain."""
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path

import service
from wire import Wire

HANDSHAKES = 64
GET = ("GET", "/healthz")


def make_pair(folder, name, days=30):
    """NAME.pem and NAME.key of a certificate that vouches for itself."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        + ["-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1", "-days", str(days)]
        + ["-keyout", f"{folder}/{name}.key", "-out", f"{folder}/{name}.pem"],
        check=True,
        capture_output=True,
    )


class SecureWire(Wire):
    def __init__(self, port, context, timeout=10.0, session=None):
        super().__init__(port, timeout)
        self.socket = context.wrap_socket(
            self.socket, server_hostname="127.0.0.1", session=session, suppress_ragged_eofs=False
        )


class SecureService(service.Service):
    context = None

    def connect(self, timeout=10.0):
        return SecureWire(self.port, self.context, timeout)

    def log(self):
        return (self.folder / "log").read_text()

    def failures(self, cause):
        return self.metric("tls_handshake_failures_total", cause=cause)


class Tls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Path(tempfile.mkdtemp(prefix="brio-tls-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        for name in ("first", "second"):
            make_pair(cls.folder, name)
        cls.authorities = cls.folder / "authorities"
        cls.authorities.write_text(
            (cls.folder / "first.pem").read_text() + (cls.folder / "second.pem").read_text()
        )
        cls.use("first")
        cls.redirect_port = service.free_ports(1)[0]
        cls.service = SecureService(
            threads=1,
            env={
                "BRIO_TLS_CERTIFICATE": f"{cls.folder}/chain.pem",
                "BRIO_TLS_KEY": f"{cls.folder}/key.pem",
                "BRIO_REDIRECT_PORT": str(cls.redirect_port),
                "BRIO_HSTS_SECONDS": "3600",
                "BRIO_LIMIT_HANDSHAKES": str(HANDSHAKES),
                "BRIO_LIMIT_HANDSHAKE_MS": "1500",
            },
        )
        cls.service.context = ssl.create_default_context(cafile=str(cls.authorities))
        cls.enterClassContext(cls.service)

    @classmethod
    def tearDownClass(cls):
        with cls.service.connect() as wire:
            wire.request(*GET)
            if cls.service.stop() != 0:
                raise AssertionError(f"the service did not end well:\n{cls.service.log_end()}")
            if wire.socket.recv(1) != b"":  # without close_notify it raises
                raise AssertionError("bytes after the last answer")

    @classmethod
    def use(cls, name, key=None):
        shutil.copy(cls.folder / f"{name}.pem", cls.folder / "chain.pem")
        shutil.copy(cls.folder / f"{key or name}.key", cls.folder / "key.pem")

    def shown(self):
        """The name of the certificate that a new connection is shown."""
        with self.service.connect() as wire:
            subject = dict(pair for part in wire.socket.getpeercert()["subject"] for pair in part)
            return subject["commonName"]

    def curl(self, *options, target="/api/resources?page_size=2"):
        return subprocess.run(
            ["curl", "-sS", "--max-time", "20", "--cacert", self.authorities, *options]
            + [f"https://127.0.0.1:{self.service.port}{target}"],
            capture_output=True,
            text=True,
            check=False,
        )

    def test_curl_speaks_1_2_and_1_3_and_no_older_one(self):
        for options in (["--tls-max", "1.2"], ["--tlsv1.3"], ["--http1.0"], ["--no-alpn"]):
            done = self.curl("-w", "%{http_code}", *options)
            self.assertEqual((done.returncode, done.stdout[-3:]), (0, "200"), (options, done))
        old = self.curl("--tls-max", "1.1", "--tlsv1.0", "--ciphers", "DEFAULT@SECLEVEL=0")
        self.assertNotEqual(old.returncode, 0)
        self.assertGreater(self.service.failures("version"), 0)

    def test_plain_http_is_led_to_https(self):
        with Wire(self.redirect_port) as wire:
            answer = wire.request("POST", "/api/resources?a=b", {"name": "a"})
        self.assertEqual(answer.status, 308)
        there = f"https://service.test:{self.service.port}/api/resources?a=b"
        self.assertEqual(answer.field("Location"), there)
        self.assertEqual(self.service.get("/healthz").field("Strict-Transport-Security"), "max-age=3600")

    def test_a_session_is_resumed(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = ssl.create_default_context(cafile=str(self.authorities))
            context.maximum_version = version
            with SecureWire(self.service.port, context) as wire:
                self.assertEqual(wire.request(*GET).status, 200)
                session = wire.socket.session
            with SecureWire(self.service.port, context, session=session) as wire:
                self.assertEqual(wire.request(*GET).status, 200)
                self.assertTrue(wire.socket.session_reused, version)
        self.assertGreaterEqual(self.service.metric("tls_handshakes_total", resumed="yes"), 2)

    def test_who_speaks_something_else_is_told_or_left(self):
        with Wire(self.service.port) as wire:
            answer = wire.request(*GET)
            self.assertEqual((answer.status, answer.code), (400, "tls_required"))
        for garbage in (b"\x16\x03\x01\x00\x04junk", b"\x80\x00\x01", b"\x00" * 600, b"\x16\x03\x01\x40\x01"):
            with Wire(self.service.port) as wire:
                wire.send_what_is_taken(garbage)
                try:
                    wire.half_close()
                    while wire.socket.recv(4096):
                        pass
                except OSError:  # it was reset
                    pass
        with self.assertRaises(OSError):
            SecureWire(self.service.admin_port, self.service.context)
        self.assertEqual(self.service.metric("http_tls_on_plain_port_total"), 1)
        self.assertIn("speaks TLS on a port that does not", self.service.log())
        self.assertEqual(self.service.get("/healthz").status, 200)

    def test_a_crowd_that_says_nothing_lets_others_in(self):
        with self.service.connect() as served:
            crowd = [Wire(self.service.port) for _ in range(3 * HANDSHAKES // 2)]
            self.assertTrue(
                service.eventually(
                    lambda: self.service.metric("limit_refused_total", limit="http_handshakes") > 0
                )
            )
            self.assertEqual(served.request(*GET).status, 200)
            self.assertEqual(self.service.get("/healthz").status, 200)
            for each in crowd:
                with each:
                    each.socket.settimeout(20)
                    self.assertEqual(each.socket.recv(1), b"")
        self.assertGreater(self.service.failures("crowded"), 0)
        self.assertGreater(self.service.failures("late"), 0)

    def test_many_that_come_at_once_are_all_served(self):
        count = 1000 if service.IS_FULL else 160
        wires = [Wire(self.service.port, 60) for _ in range(count)]
        sessions = []
        for wire in wires:
            wire.socket.setblocking(False)
            wire.socket = self.service.context.wrap_socket(
                wire.socket, server_hostname="127.0.0.1", do_handshake_on_connect=False
            )
            sessions.append(wire.socket)
        end = time.monotonic() + 60
        while sessions and time.monotonic() < end:
            # Those that the server lets in first: on a slow machine a round of all would take them too long.
            for each in sessions[:HANDSHAKES]:
                try:
                    each.do_handshake()
                    sessions.remove(each)
                except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
                    pass
        self.assertEqual(sessions, [])
        for wire in wires:
            wire.socket.settimeout(20)
            self.assertEqual(wire.request(*GET).status, 200)
            wire.close()

    def test_a_certificate_is_renewed_under_load_and_a_bad_one_is_not_used(self):
        stopped = threading.Event()
        failed = []

        def ask():
            while not stopped.is_set():
                try:
                    with self.service.connect() as wire:
                        for _ in range(3):
                            if wire.request("GET", "/api/resources?page_size=1").status != 200:
                                failed.append("status")
                except Exception as error:  # whatever it is, it is lost
                    failed.append(repr(error))

        clients = [threading.Thread(target=ask) for _ in range(4)]
        for each in clients:
            each.start()
        try:
            self.assertEqual(self.shown(), "first")
            self.use("second")
            self.assertTrue(service.eventually(lambda: self.shown() == "second"))
            self.use("first", key="second")
            self.assertTrue(service.eventually(lambda: self.service.metric(
                "tls_certificate_renewals_total", result="failed") == 1))
            self.assertIn("is not that of the first certificate", self.service.log())
            self.service.process.send_signal(signal.SIGHUP)  # the next process cannot start: this one stays
            self.assertTrue(service.eventually(lambda: self.service.log().count("is not that of") > 1))
            self.assertEqual(self.shown(), "second")
            self.use("first")
            self.assertTrue(service.eventually(lambda: self.shown() == "first"))
        finally:
            stopped.set()
            for each in clients:
                each.join()
        self.assertEqual(failed, [])
        left = self.service.metric("tls_certificate_not_after_seconds") - time.time()
        self.assertTrue(28 * 86400 < left < 31 * 86400, left)

    def test_load_and_doctor_know_of_it(self):
        url = f"https://127.0.0.1:{self.service.port}/healthz"
        done = subprocess.run(
            [service.program("brio"), "load", url, "--users", "4", "--for", "500ms", "--warm-up", "100ms"]
            + ["--certificates", str(self.authorities)],
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        said = self.service.run("doctor")
        self.assertRegex(said, r"ok +certificate +.*chain\.pem is of IP Address:127\.0\.0\.1, ECDSA prime")


if __name__ == "__main__":
    service.main()
