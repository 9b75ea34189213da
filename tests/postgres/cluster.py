#!/usr/bin/env python3
"""A real PostgreSQL of a test's own: a new data folder, a free port of 127.0.0.1, gone afterwards.

    with Cluster() as cluster:
        url = cluster.create_database()

PostgreSQL refuses to run as root; then it runs as the user postgres, which its package makes. Every cluster
ends with the process that started it, however that ends. As a program (for ctest and for tests in C++) it
is one of kept_server.py; its URL is without a database's name.
"""
import atexit
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent / "network"))
import kept_server  # noqa: E402  its folder is on the path now
from own_server import OwnServer, found, free_port, wait_until_up  # noqa: E402

BINARIES = "/usr/lib/postgresql/15/bin"
START_TIME = 60.0

# For tests that lose nothing when the machine goes down.
QUICK = {"fsync": "off", "full_page_writes": "off"}
USUAL = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "300",
    "shared_preload_libraries": "pg_stat_statements",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
}


def program(name):
    return found(name, "postgresql-15", (BINARIES,))


def tree(root):
    """The process and all below it."""
    found = [root]
    for process in found:
        try:
            children = Path(f"/proc/{process}/task/{process}/children").read_text()
        except FileNotFoundError:
            continue
        found += [int(child) for child in children.split()]
    return found


class Running:
    """A cluster that somebody keeps."""

    def __init__(self, port):
        self.port = port

    def url(self, database="", port=None):
        return f"postgresql://postgres@127.0.0.1:{port or self.port}/{database}"

    def server_url(self):
        return self.url()

    def psql(self, sql, database="postgres", timeout=60.0):
        """Runs the statements; the rows of the last one, a tuple of texts each."""
        done = subprocess.run(
            [program("psql"), "-qXAt", "-F", "\x1f", "-R", "\x1e", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1",
             "-p", str(self.port), "-U", "postgres", "-d", database],
            input=sql, text=True, capture_output=True, check=False, timeout=timeout)
        if done.returncode != 0:
            raise RuntimeError(f"{sql}: {done.stderr}")
        text = done.stdout.rstrip("\n")
        return [tuple(row.split("\x1f")) for row in text.split("\x1e")] if text else []

    def value(self, sql, database="postgres"):
        """The only column of the only row, as text."""
        return self.psql(sql, database)[0][0]

    def create_database(self, name=None, template="template0"):
        """An empty one, or a copy of the template; gives its URL."""
        name = name or f"test_{uuid.uuid4().hex[:16]}"
        self.psql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    def drop_database(self, name):
        self.psql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


class Cluster(Running, OwnServer):
    """`is_durable`: as a fresh installation writes to its disk, for tests of crashes and for benchmarks."""

    def __init__(self, is_durable=False, settings=None):
        super().__init__(0)
        self.folder = Path(tempfile.mkdtemp(prefix="brio-postgres-"))
        self.data = self.folder / "data"
        self.log = self.folder / "log"
        self.settings = {**USUAL, **({} if is_durable else QUICK), **(settings or {})}
        self.as_user = []
        if os.geteuid() == 0:
            account = pwd.getpwnam("postgres")
            os.chown(self.folder, account.pw_uid, account.pw_gid)
            self.as_user = ["--reuid=postgres", "--regid=postgres", "--init-groups"]
        self.process = None
        self.is_paused = False
        self._command([program("initdb"), "-D", self.data, "-A", "trust", "-U", "postgres", "-E", "UTF8",
                       "--locale=C.UTF-8", "--no-sync", "--no-instructions"])

    def end(self):
        """Stops it at once and removes its files."""
        self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _command(self, command):
        done = subprocess.run(["setpriv", *self.as_user, "--", *map(str, command)], text=True, check=False,
                              capture_output=True, cwd="/", env={**os.environ, "LC_ALL": "C.UTF-8"})
        if done.returncode != 0:
            raise RuntimeError(f"{command[0]} gave {done.returncode}: {done.stderr}{done.stdout}")

    # -- life --

    def start(self, patience=START_TIME):
        """Starts the server on its port (a free one the first time) and waits until it takes connections."""
        self.port = self.port or free_port()
        settings = [f"--{name}={value}" for name, value in self.settings.items()]
        log = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            self.process = subprocess.Popen(
                ["setpriv", *self.as_user, "--pdeathsig", "QUIT", "--", program("postgres"), "-D", self.data,
                 "-p", str(self.port), "-k", self.folder, *settings],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", start_new_session=True)
        finally:
            os.close(log)
        wait_until_up(self.process, self.accepts, self.log, patience)

    def accepts(self):
        return subprocess.run([program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)],
                              check=False).returncode == 0

    def stop(self, mode="fast"):
        """`fast` ends the sessions, `immediate` is a crash, `smart` waits for the sessions to end."""
        if self.process is None:
            return
        self.resume()
        by_mode = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT, "smart": signal.SIGTERM}
        self.process.send_signal(by_mode[mode])
        self.process.wait()
        self.process = None

    def restart(self, mode="fast"):
        self.stop(mode)
        self.start()

    def kill(self):
        """SIGKILL of the postmaster; its processes notice and go, and the files stay as they are."""
        below = tree(self.process.pid)[1:]
        self.process.kill()
        self.process.wait()
        self.process = None
        end = time.monotonic() + 10
        while any(Path(f"/proc/{each}").exists() for each in below) and time.monotonic() < end:
            time.sleep(0.01)

    def pause(self):
        """SIGSTOP of every process: connections stay open and nobody answers."""
        self.is_paused = True
        for each in tree(self.process.pid):
            os.kill(each, signal.SIGSTOP)

    def resume(self):
        if self.is_paused:
            self.is_paused = False
            for each in reversed(tree(self.process.pid)):
                os.kill(each, signal.SIGCONT)


def shared():
    """The cluster that ctest's fixture keeps, or one of this program's own, which ends with it."""
    if url := kept_server.kept_by_others("BRIO_TEST_POSTGRES"):
        return Running(int(url.rstrip("/").rsplit(":", 1)[1]))
    cluster = Cluster()
    atexit.register(cluster.end)
    cluster.start()
    return cluster


if __name__ == "__main__":
    sys.exit(kept_server.main(Cluster, sys.argv))
