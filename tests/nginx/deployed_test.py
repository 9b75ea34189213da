#!/usr/bin/env python3
"""The configurations of deploy/ are good ones, and say what a client has to hear where no instance runs."""
import http.client
import json
import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent))
from deployed import DeployedHaproxy, DeployedNginx  # noqa: E402  its folder is on the path now
from own_server import free_port  # noqa: E402


class DeployedTest(unittest.TestCase):
    def check(self, nginx):
        self.addCleanup(nginx.end)
        is_good, said = nginx.check()
        self.assertTrue(is_good, said)
        self.assertNotIn("[warn]", said)

    def test_nginx_takes_the_files(self):
        self.check(DeployedNginx([8080, 8081]))

    def test_nginx_takes_them_with_tls(self):
        nginx = DeployedNginx([8080], is_secure=True)
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
             "-keyout", nginx.folder / "key", "-out", nginx.folder / "certificate",
             "-nodes", "-subj", "/CN=a", "-days", "2"],
            check=True, capture_output=True, timeout=60)
        self.check(nginx)

    def test_haproxy_takes_the_file(self):
        haproxy = DeployedHaproxy([8080, 8081])
        self.addCleanup(haproxy.end)
        done = subprocess.run([haproxy.program(), "-c", "-f", haproxy.folder / "haproxy.cfg"],
                              capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual((done.returncode, "WARNING" in done.stderr), (0, False), done.stderr)

    def test_without_an_instance_the_client_gets_a_problem_document(self):
        with DeployedNginx([free_port(), free_port()]) as nginx:
            connection = http.client.HTTPConnection("127.0.0.1", nginx.port, timeout=20)
            self.addCleanup(connection.close)
            connection.request("GET", "/api/resources?page=2")
            answer = connection.getresponse()
            self.assertEqual(answer.status, 502)
            self.assertEqual(answer.getheader("Content-Type"), "application/problem+json")
            self.assertEqual(json.loads(answer.read())["code"], "instance_ended")
            end = time.monotonic() + 20
            while not nginx.log() and time.monotonic() < end:
                time.sleep(0.01)
            self.assertEqual(json.loads(nginx.log()[-1])["status"], 502)


if __name__ == "__main__":
    unittest.main(verbosity=2)
