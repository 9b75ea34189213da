"""Users that ask for one path without pause, by both of Locust's clients: BENCH_CLIENT is http or fast.

    BENCH_CLIENT=fast locust -f locust_users.py --headless --host http://127.0.0.1:8080
"""

import os

from locust import FastHttpUser, HttpUser, constant, task

KINDS = {"http": HttpUser, "fast": FastHttpUser}


class BenchUser(KINDS[os.environ["BENCH_CLIENT"]]):
    wait_time = constant(0)

    @task
    def healthz(self):
        self.client.get("/healthz")
