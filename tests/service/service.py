"""The reference service as its user starts it: the real binary, a database of its own, free ports.

BRIO_BIN is the folder of the binary. BRIO_SANITIZED=1: it carries a sanitizer, so that its memory is not
judged. BRIO_FULL=1: the full counts instead of the quick ones. BRIO_TEST_SEED=n: repeats a run.
"""
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

import openmetrics
from at_once import AtOnce
from wire import Wire

sys.path += [
    str(Path(__file__).resolve().parent.parent / each)
    for each in ("network", "nginx", "postgres", "rabbitmq", "redis")
]
import cluster as postgres  # noqa: E402  the folders beside this one have to be on the path first

IS_SANITIZED = os.environ.get("BRIO_SANITIZED") == "1"
IS_FULL = os.environ.get("BRIO_FULL") == "1"
SEED = int(os.environ.get("BRIO_TEST_SEED", random.SystemRandom().randrange(2**32)))
ENGINES = ("sqlite", "postgresql")
NO_CACHE = {"BRIO_LIMIT_CACHE_BYTES": "0"}  # for tests of what making an answer does
START_TIME = 60.0 if IS_SANITIZED else 20.0


def main(at_once=1):
    """Runs the tests of the calling file and prints the seed first. `at_once`: as many at a time, for a file
    that mostly waits; not with the full counts."""
    print(
        f"BRIO_TEST_SEED={SEED}" + (" full" if IS_FULL else "") + (" sanitized" if IS_SANITIZED else ""),
        flush=True,
    )
    runner = None if IS_FULL or at_once == 1 else AtOnce(at_once, {"BRIO_TEST_SEED": str(SEED)})
    unittest.main(argv=[sys.argv[0], "-v", *sys.argv[1:]], verbosity=2, testRunner=runner)


def program(name="resources"):
    return str(Path(os.environ["BRIO_BIN"]) / name)


def corpus(*path):
    """A file of a package that web/package.json names."""
    return Path(os.environ["BRIO_NODE_MODULES"]).joinpath(*path)


def free_ports(count):
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in held]
    for each in held:
        each.close()
    return ports


def on_every_engine(tests):
    """Adds to the module of a class of tests one that does the same on PostgreSQL. Both have `engine`."""
    if "postgresql" not in ENGINES:
        return tests
    name = f"{tests.__name__}OnPostgres"
    setattr(sys.modules[tests.__module__], name, type(name, (tests,), {"engine": "postgresql"}))
    return tests


def eventually(condition, timeout=30.0):
    """Whether the condition comes to hold in time; it is asked again and again."""
    end = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


class Service:
    """A context manager: started with `rows` made-up rows, ended by SIGTERM (or else killed).

    `database_url` names an empty database to use; without it, it is a SQLite file, or a database of
    postgres.shared() with engine="postgresql". `name` is another program than the reference service;
    has_database=False: it has no migrations. `workers`: so many worker processes beside the server's."""

    def __init__(
        self,
        rows=200,
        threads=2,
        env=None,
        engine="sqlite",
        database_url=None,
        name="resources",
        has_database=True,
        workers=0,
    ):
        self.program = program(name)
        self.folder = Path(tempfile.mkdtemp(prefix="brio-service-"))
        # settings of the caller's own environment are not meant for this one
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("BRIO_", "DATABASE_", "REDIS_"))
        }
        self.cluster = None
        if database_url is None and engine == "postgresql":
            self.cluster = postgres.shared()
            database_url = self.cluster.create_database()
        self.database_url = database_url or f"sqlite:///{self.folder}/service.db"
        self.has_database = has_database
        self.env = {**inherited, "TMPDIR": str(self.folder), "DATABASE_URL": self.database_url, **(env or {})}
        self.rows = rows
        self.threads = threads
        self.workers = workers
        self.process = None
        self.port = self.admin_port = 0

    def __enter__(self):
        try:
            if self.has_database:
                self.run("migrate", "upgrade")
            if self.rows:
                self.run("seed", "--count", str(self.rows), "--quiet")
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        try:
            if self.process is not None and self.process.poll() is None:
                self.stop()
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)
            if self.cluster is not None:
                self.cluster.drop_database(self.database_url.rsplit("/", 1)[1])

    def run(self, *arguments):
        """A command of the program; it must succeed. Gives its output."""
        done = subprocess.run(
            [self.program, *arguments],
            env=self.env,
            cwd=self.folder,
            text=True,
            capture_output=True,
            timeout=120,
            check=False,
        )
        if done.returncode != 0:
            raise AssertionError(f"resources {' '.join(arguments)} gave {done.returncode}: {done.stderr}")
        return done.stdout

    def start(self, ports=None):
        self.port, self.admin_port = ports or free_ports(2)
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                [
                    self.program,
                    "serve",
                    "--host",
                    "127.0.0.1",
                    "--port",
                    str(self.port),
                    "--admin-port",
                    str(self.admin_port),
                    "--threads",
                    str(self.threads),
                    "--workers",
                    str(self.workers),
                ],
                env=self.env,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        if not eventually(self.is_ready, START_TIME):
            raise AssertionError(f"the service did not become ready:\n{self.log_end()}")

    def is_ready(self):
        if self.process.poll() is not None:
            raise AssertionError(f"the service ended with {self.process.returncode}:\n{self.log_end()}")
        try:
            return self.get("/readyz").status == 200
        except OSError:
            return False

    def stop(self, timeout=30.0):
        """SIGTERM, then waits; the exit status, None when it had to be killed."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            for pid in self.server_pids():
                os.kill(pid, signal.SIGKILL)
            self.process.kill()
            self.process.wait()
            return None

    def log_end(self, lines=30):
        text = (self.folder / "log").read_text(errors="replace") if (self.folder / "log").exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    def connect(self, timeout=10.0):
        return Wire(self.port, timeout)

    def request(self, method, target, body=None, fields=()):
        """One request on a connection of its own."""
        with self.connect() as wire:
            return wire.request(method, target, body, fields)

    def get(self, target, fields=()):
        return self.request("GET", target, None, fields)

    def metrics(self, accept="text/plain"):
        with Wire(self.admin_port) as wire:
            return wire.request("GET", "/metrics", None, {"Accept": accept})

    def metric(self, name, **labels):
        """The sum of the metric's samples that have these labels; None when there is none."""
        samples = openmetrics.parse(self.metrics().body.decode(), is_open=False)
        wanted = set(labels.items())
        found = [value for (its, of), value in samples.items() if its == name and wanted <= set(of)]
        return sum(found) if found else None

    def admin(self, target, method="GET"):
        """One request to the port of its own affairs."""
        with Wire(self.admin_port) as wire:
            return wire.request(method, target)

    def server_pids(self):
        """The processes below the supervisor."""
        pid = self.process.pid
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def server_pid(self):
        return self.server_pids()[0]

    def rss(self):
        """Resident bytes of the server process."""
        for line in Path(f"/proc/{self.server_pid()}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise AssertionError("the kernel names no VmRSS")

    def descriptors(self):
        """Open descriptors of the server process, files of the database included."""
        return len(os.listdir(f"/proc/{self.server_pid()}/fd"))

    def sockets(self):
        """Sockets of the server process: its listeners and its connections, not those to its supervisor."""
        process = Path(f"/proc/{self.server_pid()}")
        local = {line.split()[6] for line in (process / "net/unix").read_text().splitlines()[1:]}
        held = 0
        for each in (process / "fd").iterdir():
            try:
                link = os.readlink(each)
                held += link.startswith("socket:") and link[len("socket:[") : -1] not in local
            except FileNotFoundError:
                pass  # closed meanwhile
        return held


class ServiceTest(unittest.TestCase):
    """Tests that share one service; `rows`, `env`, `threads` and `engine` say which. At the end it must drain
    well."""

    engine = "sqlite"
    rows = 200
    threads = 2
    env = {}

    @classmethod
    def setUpClass(cls):
        cls.random = random.Random(SEED)
        cls.service = Service(cls.rows, cls.threads, cls.env, cls.engine)
        cls.enterClassContext(cls.service)

    @classmethod
    def tearDownClass(cls):
        if cls.service.stop() != 0:
            raise AssertionError(f"the service did not end well on SIGTERM:\n{cls.service.log_end()}")

    def judge_growth(self, before, most, what):
        """The resident memory has grown by less than `most` bytes since `before`."""
        grown = self.service.rss() - before
        print(f"  RSS {what}: {grown / 1024:+.0f} KiB", flush=True)
        if not IS_SANITIZED:
            self.assertLess(grown, most, f"RSS grew {what}")
