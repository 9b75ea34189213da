"""A load that does not wait: the generator of bench/, so many requests a second whatever becomes of them."""
import json
import subprocess

import service


class Load:
    """An open-loop load that runs meanwhile; result() waits for its end. `port`: another of the service."""

    def __init__(self, of, path, rate, seconds, warm_up=1.0, connections=1024, more=(), port=None):
        command = [service.program("bench_load"), "--port", str(port or of.port), "--path", path]
        command += ["--rate", str(rate), "--seconds", str(seconds), "--warm-up", str(warm_up)]
        command += ["--connections", str(connections), *more]
        self.seconds = seconds + warm_up
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    def result(self):
        out, _ = self.process.communicate(timeout=self.seconds + 60)
        assert self.process.returncode == 0, "the load generator failed"
        return json.loads(out)

    def end(self):
        """Before its time."""
        self.process.terminate()
        self.process.communicate()
