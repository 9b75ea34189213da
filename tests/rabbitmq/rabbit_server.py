#!/usr/bin/env python3
"""A real RabbitMQ of a test's own: free ports of 127.0.0.1, a folder of its own, gone afterwards.

    with RabbitServer() as rabbit:
        …                                       # BROKER_URL=rabbit.url

It ends with the process that started it, however that ends, and so does its name server (epmd), which is no
daemon. It takes some seconds to start. As a program (for ctest and for tests in C++) it is one of
kept_server.py.
"""
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent / "network"))
import kept_server  # noqa: E402  its folder is on the path now
from own_server import OwnServer, found, free_port, wait_until_up  # noqa: E402

START_TIME = 120.0
# What /usr/sbin/rabbitmq-server starts as another user, in folders of its package.
FOLDERS = ("/usr/lib/rabbitmq/bin",)
# A scheduler that does not spin: tests share the machine.
ERLANG = "+S 1:1 +sbwt none +sbwtdcpu none +sbwtdio none"


class RabbitServer(OwnServer):
    """What it keeps stays there over kill() and start()."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="brio-rabbit-"))
        self.log = self.folder / "out"
        self.port = 0
        self.process = self.names = None
        self.is_paused = False
        self.env = {}

    def server_url(self):
        return self.url

    @property
    def url(self):
        return self.url_at(self.port)

    @staticmethod
    def url_at(port):
        return f"amqp://guest:guest@127.0.0.1:{port}//"

    # -- life --

    def start(self, patience=START_TIME):
        """Starts the server on its port (a free one the first time) and waits until it takes connections."""
        if not self.port:
            self._settle()
        with open(self.log, "ab") as log:
            self.process = self._spawn(found("rabbitmq-server", "rabbitmq-server", FOLDERS), log=log)
        wait_until_up(self.process, self.answers, self.log, patience)

    def _settle(self):
        self.port = free_port()
        names_port = free_port()
        folder = self.folder
        (folder / "rabbitmq.conf").write_text(
            f"listeners.tcp.1 = 127.0.0.1:{self.port}\nlog.console = false\nlog.file.level = warning\n"
            # Else it refuses messages on a machine whose disk is rather full.
            "disk_free_limit.absolute = 50MB\nvm_memory_high_watermark.absolute = 512MB\n")
        self.env = {
            **os.environ, "HOME": str(folder), "RABBITMQ_MNESIA_BASE": str(folder / "data"),
            "RABBITMQ_LOG_BASE": str(folder / "log"), "RABBITMQ_PID_FILE": str(folder / "pid"),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"), "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
            "RABBITMQ_GENERATED_CONFIG_DIR": str(folder / "config"),
            "RABBITMQ_NODENAME": f"brio{self.port}@localhost", "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": ERLANG, "ERL_EPMD_PORT": str(names_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1", "RUNNING_UNDER_SYSTEMD": "1"}  # it is the server itself
        self.names = self._spawn(found("epmd", "erlang-base", ("/usr/bin",)), "-port", str(names_port))

    def _spawn(self, *words, log=subprocess.DEVNULL):
        return subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "--", *words], env=self.env,
                                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder,
                                start_new_session=True)

    def answers(self):
        """It opens its port when it is ready, and greets whoever speaks its protocol."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), 5) as connection:
                connection.settimeout(5)
                connection.sendall(b"AMQP\x00\x00\x09\x01")
                return bool(connection.recv(1))
        except OSError:
            return False

    def delete_queues(self, names):
        """With all that is in them, whoever holds messages of them. Needs Debian's Python."""
        import amqp

        with amqp.Connection(f"127.0.0.1:{self.port}") as connection:
            for name in names:
                connection.channel().queue_delete(name)

    def kill(self):
        """SIGKILL."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process, self.is_paused = None, False

    def pause(self):
        """SIGSTOP: connections stay open, new ones are taken by the kernel, and nobody answers."""
        self.is_paused = True
        os.kill(self.process.pid, signal.SIGSTOP)

    def resume(self):
        if self.is_paused:
            self.is_paused = False
            os.kill(self.process.pid, signal.SIGCONT)

    def end(self):
        self.kill()
        if self.names is not None:
            self.names.kill()
            self.names.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def shared_url():
    """Of the server that ctest's fixture keeps; None when there is none."""
    return kept_server.kept_by_others("BRIO_TEST_RABBITMQ")


if __name__ == "__main__":
    sys.exit(kept_server.main(RabbitServer, sys.argv))
