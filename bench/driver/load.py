"""Runs of the load generator."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .server import Server, favour, prepare_child, tree
from .settings import Settings


@dataclass(frozen=True)
class Work:
    """What is asked of a contestant; `{n}` in path and body is a random number of 1 to `last`. `fields`: more
    of the head, "Name: value" each. `list`: a file of requests instead."""

    path: str = "/"
    method: str = "GET"
    body: str = ""
    fields: tuple = ()
    last: int = 1
    depth: int = 1
    list: str = ""

    def noted(self) -> dict:
        """For the results: without the folder that the file of requests stood in."""
        return {**self.__dict__, "list": Path(self.list).name}

    def options(self) -> list:
        options = ["--path", self.path, "--method", self.method]
        options += ["--last", str(self.last), "--depth", str(self.depth)]
        options += [word for field in self.fields for word in ("--header", field)]
        options += ["--list", self.list] if self.list else []
        return options + (["--body", self.body] if self.body else [])


def generator(settings: Settings, server: Server) -> list:
    return [
        str(settings.program("bench_load")),
        f"--port={server.port}",
        f"--core={settings.generator_core}",
        f"--server-core={settings.server_core}",
        f"--server-pid={server.process.pid}",
        *([f"--database-pid={settings.database_pid}"] if settings.database_pid else []),
    ]


def run_generator(settings: Settings, server: Server, work: Work, *options: str) -> dict:
    """One timed run; the generator's report. Raises when it fails."""
    command = generator(settings, server) + work.options()
    command += [f"--seconds={settings.seconds}", *options]
    if settings.favoured and settings.database_pid:
        for process in tree(settings.database_pid):  # each of PostgreSQL's is a session of its own
            favour(process)
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        start_new_session=True,
        preexec_fn=prepare_child(settings.favoured),
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"load on {server.name}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def measure(settings: Settings, server: Server, work: Work, warm_up: float) -> dict:
    """As fast as it is answered. Raises when anything but 2xx was."""
    options = (f"--connections={settings.connections}", f"--warm-up={warm_up}")
    report = run_generator(settings, server, work, *options)
    if report["not_2xx"] or report["errors"] or not report["requests"]:
        raise RuntimeError(
            f"load on {server.name}: {report['requests']} answers, {report['not_2xx']} not 2xx, "
            f"{report['errors']} broken connections"
        )
    return report


class IdleConnections:
    """Open connections without traffic, each after one exchange; use as a context."""

    def __init__(self, settings: Settings, server: Server, path: str):
        self._command = generator(settings, server)
        self._command += ["--idle", f"--connections={settings.idle_connections}", "--path", path]

    def __enter__(self) -> "IdleConnections":
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        if self._process.stdout.readline().strip() != "open":
            raise RuntimeError("opening idle connections: " + self._process.stderr.read().strip())
        return self

    def __exit__(self, *_) -> None:
        self._process.communicate()
