"""Runs the tests of a file several at once: for files that mostly wait."""
import os
import subprocess
import sys
import unittest
from concurrent.futures import ThreadPoolExecutor


def each_of(tests):
    """The single tests of a suite, in its order."""
    for test in tests:
        if isinstance(test, unittest.TestSuite):
            yield from each_of(test)
        else:
            yield test


class AtOnce:
    """A test runner: each test in a process of its own, with what its class needs, and `count` of them at a
    time. What they print comes whole, in their order. `env` is added to their environment."""

    def __init__(self, count, env):
        self.count = count
        self.env = {**os.environ, **env}
        self.failed = []

    def run(self, tests):
        names = [each.id().removeprefix("__main__.") for each in each_of(tests)]
        if len(names) == 1:
            return unittest.TextTestRunner(verbosity=2).run(tests)
        with ThreadPoolExecutor(self.count) as pool:
            for name, (status, printed) in zip(names, pool.map(self.run_one, names)):
                print(printed, end="", flush=True)
                if status != 0:
                    self.failed.append(name)
        failed = ", ".join(self.failed) or "none"
        print(f"{len(names)} tests, {self.count} at once; failed: {failed}", flush=True)
        return self

    def run_one(self, name):
        done = subprocess.run(
            [sys.executable, "-X", "utf8", sys.argv[0], name],
            env=self.env,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        return done.returncode, done.stdout

    def wasSuccessful(self):  # the name that unittest asks for
        return not self.failed
