"""A real Redis of a test's own: a free port of 127.0.0.1, nothing kept on disk, gone afterwards.

    with RedisServer() as redis:
        redis.command("SET", "key", "value")
        …                                       # REDIS_URL=redis.url

It ends with the process that started it, however that ends.
"""
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import resp

sys.path.append(str(Path(__file__).resolve().parent.parent / "network"))
from own_server import OwnServer, found, free_port, wait_until_up  # noqa: E402  its folder is on the path now

START_TIME = 20.0
FOLDERS = ("/usr/bin", "/usr/local/bin")


class RedisServer(OwnServer):
    """`settings`: of redis.conf, in place of or beside those here. What was stored is lost with each end,
    unless they say otherwise."""

    def __init__(self, settings=None):
        self.folder = Path(tempfile.mkdtemp(prefix="brio-redis-"))
        self.log = self.folder / "log"
        self.settings = {"save": "", "appendonly": "no", **(settings or {})}
        self.port = 0
        self.process = None
        self.is_paused = False

    def end(self):
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def url(self):
        return self.url_at(self.port)

    @staticmethod
    def url_at(port, database=0):
        return f"redis://127.0.0.1:{port}/{database}"

    # -- life --

    def start(self, patience=START_TIME):
        """Starts the server on its port (a free one the first time) and waits until it answers."""
        self.port = self.port or free_port()
        program = found("redis-server", "redis-server", FOLDERS)
        settings = [word for name, value in self.settings.items() for word in (f"--{name}", str(value))]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "--", program, "--bind", "127.0.0.1",
                 "--port", str(self.port), "--daemonize", "no", "--dir", self.folder, *settings],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder)
        wait_until_up(self.process, self.answers, self.log, patience)

    def answers(self):
        """Also with a password set, or while it loads."""
        try:
            self.command("PING", timeout=1.0)
        except resp.ErrorReply:
            return True
        except OSError:
            return False
        return True

    def kill(self):
        """SIGKILL."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process, self.is_paused = None, False

    def stop(self):
        """As its administrator would: SIGTERM, and it says goodbye."""
        self.resume()
        self.process.terminate()
        self.process.wait()
        self.process = None

    def restart(self):
        self.stop()
        self.start()

    def pause(self):
        """SIGSTOP: connections stay open, new ones are taken by the kernel, and nobody answers."""
        self.is_paused = True
        os.kill(self.process.pid, signal.SIGSTOP)

    def resume(self):
        if self.is_paused:
            self.is_paused = False
            os.kill(self.process.pid, signal.SIGCONT)

    # -- asking it --

    def connect(self, timeout=10.0):
        return resp.Connection(self.port, timeout)

    def command(self, *words, timeout=10.0):
        """One command on a connection of its own."""
        with self.connect(timeout) as connection:
            return connection.command(*words)

    def configure(self, name, value):
        self.command("CONFIG", "SET", name, value)

    def info(self, name):
        """A line of INFO, as text."""
        lines = self.command("INFO", "everything").decode().splitlines()
        return next(line.partition(":")[2] for line in lines if line.startswith(f"{name}:"))
