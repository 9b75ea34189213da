#!/usr/bin/env python3
"""`resources load` runs the guide's scenario, `brio load` one request; both tell what became of it."""
import contextlib
import http.server
import re
import signal
import ssl
import subprocess
import tempfile
import threading
import time

import service
from service import program


def load(*arguments, tool="brio", **more):
    command = [program(tool), "load", *arguments]
    return subprocess.run(command, text=True, capture_output=True, timeout=120, check=False, **more)


def rows(text):
    """{request: (number, percent failed)} of the table."""
    found = {}
    for line in text.splitlines():
        if match := re.match(r"((?:[A-Z]+ )?\S+)\s+([\d,]+)\s+[\d,.]+\s+([\d.]+) %\s", line):
            found[match[1]] = int(match[2].replace(",", "")), float(match[3])
    return found


@contextlib.contextmanager
def secure_server(folder):
    """A server of HTTPS with a certificate of its own, in folder/certificate; gives its port."""
    subject = ("-subj", "/CN=load", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2")
    files = ("-keyout", f"{folder}/key", "-out", f"{folder}/certificate")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *files, *subject],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{folder}/certificate", f"{folder}/key")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hello) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        server.handle_error = lambda *_: None  # of clients that do not trust it
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


class Hello(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *_):
        pass


class LoadCommand(service.ServiceTest):
    def url(self, target="/api/resources?page_size=5"):
        return f"http://127.0.0.1:{self.service.port}{target}"

    def resources(self):
        return self.service.get("/api/resources?page_size=1").json()["total"]

    def test_the_guides_scenario_reads_creates_and_updates(self):
        before = self.resources()
        done = load(self.url("/"), "--users", "40", "--for", "4s", tool="resources")
        self.assertEqual(done.returncode, 0, done.stderr)
        found = rows(done.stdout)
        self.assertEqual(
            {"GET /api/resources", "POST /api/resources", "PUT /api/resources/{id}"},
            set(found) - {"all"},
            done.stdout,
        )
        self.assertEqual({failed for _, failed in found.values()}, {0}, done.stdout)
        self.assertGreater(found["GET /api/resources"][0], found["POST /api/resources"][0])
        self.assertEqual(self.resources(), before, "what the users made they took away")

    def test_a_rate_is_kept_for_the_time_that_was_asked_for(self):
        done = load(self.url(), "--rate", "200", "--for", "2s", "--warm-up", "200ms")
        self.assertEqual(done.returncode, 0, done.stderr)
        number, failed = rows(done.stdout)["GET /api/resources"]
        self.assertEqual(failed, 0, done.stdout)
        self.assertAlmostEqual(number, 400, delta=20)

    def test_a_body_is_posted_and_its_status_expected(self):
        body = ("--body", '{"name":"x"}', "--users", "2", "--for", "500ms")
        done = load(self.url("/api/resources"), *body, "--expect", "201")
        self.assertEqual(rows(done.stdout)["POST /api/resources"][1], 0, done.stdout)
        done = load(self.url("/api/resources"), *body, "--expect", "200")
        self.assertEqual(rows(done.stdout)["POST /api/resources"][1], 100, done.stdout)

    def test_what_fails_is_named(self):
        done = load(self.url("/api/nothing"), "--users", "1", "--for", "300ms", "--warm-up", "0")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual(rows(done.stdout)["GET /api/nothing"][1], 100, done.stdout)
        self.assertRegex(done.stdout, "MISSED +error_rate")
        self.assertIn("status 404", done.stdout)

    def test_an_interrupt_ends_the_run_with_what_was_counted(self):
        command = [program("brio"), "load", self.url(), "--for", "1h", "--users", "2"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
            time.sleep(3)
            run.send_signal(signal.SIGINT)
            out, err = run.communicate(timeout=60)
        self.assertEqual(run.returncode, 0, err)
        self.assertIn("ended early", out)
        self.assertGreater(rows(out)["GET /api/resources"][0], 0)

    def test_https_is_asked_once_its_authority_is_named(self):
        with tempfile.TemporaryDirectory() as folder, secure_server(folder) as port:
            url = f"https://127.0.0.1:{port}/"
            short = ("--users", "2", "--for", "500ms", "--warm-up", "100ms")
            done = load(url, *short, "--certificates", f"{folder}/certificate")
            number, failed = rows(done.stdout)["GET /"]
            self.assertGreater(number, 0, done.stdout)
            self.assertEqual(failed, 0, done.stdout)
            self.assertIn("no secure connection", load(url, *short).stdout)

    def test_bad_use_and_nobody_there_are_said(self):
        self.assertEqual(load().returncode, 2)
        self.assertEqual(load(self.url(), "--for", "soon").returncode, 2)
        self.assertEqual(load("ftp://127.0.0.1/").returncode, 2)
        (port,) = service.free_ports(1)
        nobody = load(f"http://127.0.0.1:{port}/", "--for", "1s")
        self.assertEqual(nobody.returncode, 1)
        self.assertIn("nobody accepts connections", nobody.stderr)


if __name__ == "__main__":
    service.main()
