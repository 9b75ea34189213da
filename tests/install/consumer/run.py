#!/usr/bin/env python3
"""usage: run.py PROGRAM    checks that it lists its route, describes it, answers it, ends well on SIGTERM."""
import json
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def get(url, child, seconds=20):
    end = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as response:
                return response.read()
        except urllib.error.HTTPError:
            raise
        except OSError:
            if child.poll() is not None or time.monotonic() > end:
                raise
            time.sleep(0.05)


def main(program):
    listed = subprocess.run([program, "routes"], capture_output=True, text=True, check=True).stdout
    assert "/greetings/{name}" in listed, listed
    described = json.loads(subprocess.run([program, "openapi"], capture_output=True, check=True).stdout)
    assert "get" in described["paths"]["/greetings/{name}"], described

    port = free_port()
    command = [program, "serve", "--port", str(port), "--admin-port", str(free_port()), "--workers", "0"]
    with tempfile.TemporaryDirectory() as folder, subprocess.Popen(command, cwd=folder) as child:
        try:
            answer = json.loads(get(f"http://127.0.0.1:{port}/greetings/ada", child))
            assert answer == {"words": "hello ada"}, answer
            child.send_signal(signal.SIGTERM)
            assert child.wait(timeout=30) == 0, child.returncode
        finally:
            if child.poll() is None:
                child.kill()
    print("the installed package is enough")


if __name__ == "__main__":
    main(sys.argv[1])
