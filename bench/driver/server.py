"""A running contestant: started pinned, stopped whole."""

import os
import resource
import signal
import subprocess
import time
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

from .exchange import free_port, wait_until_answers
from .settings import Settings


@dataclass(frozen=True)
class Contestant:
    """How a server is started; `command` gets its port and a folder of its own."""

    name: str
    command: Callable[[int, Path], list]
    environment: dict = field(default_factory=dict)
    ready_path: str = "/healthz"
    missing: str = ""  # why it cannot take part; empty when it can
    meanwhile: Callable | None = None  # gives a context that stands while it is measured


def favour(process: int) -> None:
    """Puts the process before other work of the machine, and its session's group too, where the kernel groups
    by session. Needs root."""
    os.setpriority(os.PRIO_PROCESS, process, -19)
    group = Path(f"/proc/{process}/autogroup")
    if group.exists():
        group.write_text("-19")


def end(process: subprocess.Popen) -> None:
    """SIGTERM to the process, and SIGKILL to its session when that does not end it within 10 s."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def prepare_child(favoured: bool) -> Callable[[], None]:
    def prepare():
        limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
        if favoured:
            favour(os.getpid())

    return prepare


class Server:
    """Use as a context: the process group is gone when it ends."""

    def __init__(self, contestant: Contestant, settings: Settings):
        self.name = contestant.name
        self.meanwhile = contestant.meanwhile or nullcontext
        self.port = free_port()
        self.folder = settings.scratch / contestant.name.replace(" ", "-")
        self.folder.mkdir(exist_ok=True)
        self.log = self.folder / "output.log"
        self._contestant = contestant
        self._settings = settings

    def __enter__(self) -> "Server":
        command = ["taskset", "-c", str(self._settings.server_core)]
        command += [str(part) for part in self._contestant.command(self.port, self.folder)]
        self.command = command
        with open(self.log, "wb") as log:
            began = time.monotonic()
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **self._contestant.environment},
                start_new_session=True,
                preexec_fn=prepare_child(self._settings.favoured),
            )
        try:
            wait_until_answers(self.port, self._contestant.ready_path, self.process)
        except RuntimeError as error:
            self.stop()
            output = self.log.read_text()[-2000:]
            raise RuntimeError(f"{self.name}: {error}; its output:\n{output}") from error
        self.seconds_to_first_answer = time.monotonic() - began
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    def stop(self) -> None:
        end(self.process)

    def memory(self) -> dict:
        """Memory of the process tree in MB: `rss` counts what is shared for each process, `pss` once."""
        totals = {"rss": 0, "pss": 0}
        for process in tree(self.process.pid):
            for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
                name, _, value = line.partition(":")
                if name.lower() in totals:
                    totals[name.lower()] += int(value.split()[0])
        return {name: kilobytes / 1024 for name, kilobytes in totals.items()}


def tree(root: int) -> list:
    found = [root]
    for process in found:
        for task in Path(f"/proc/{process}/task").iterdir():
            found += [int(child) for child in (task / "children").read_text().split()]
    return found
