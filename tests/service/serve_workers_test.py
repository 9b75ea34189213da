#!/usr/bin/env python3
"""The worker processes of `serve`, and what the program says of its broker."""
import signal
import subprocess
import unittest

import openmetrics
import service
from own_server import free_port
from redis_server import RedisServer
from wire import Wire

PROGRAM = "service_tasks"


class ServeWorkers(unittest.TestCase):
    def serve(self, workers, env=None):
        self.of = service.Service(
            rows=0, threads=1, name=PROGRAM, workers=workers, env={"BRIO_LOG": "off", **(env or {})}
        )
        self.effects = self.of.folder / "effects"
        self.of.env["EFFECTS"] = str(self.effects)
        self.enterContext(self.of)

    def start_worker(self, *options):
        started = subprocess.Popen([self.of.program, "worker", *options], env=self.of.env, cwd=self.of.folder)
        self.addCleanup(started.wait)
        self.addCleanup(started.kill)
        return started

    def push(self, count=1, takes_ms=0, keeps_mib=0):
        wanted = {"count": count, "takes_ms": takes_ms, "keeps_mib": keeps_mib}
        answer = self.of.request("POST", "/marks", wanted)
        self.assertEqual(answer.status, 202, answer)

    def done(self):
        return len(self.effects.read_text().splitlines()) if self.effects.exists() else 0

    def test_a_restart_with_wrong_settings_leaves_the_workers_at_work(self):
        self.serve(workers=1)
        self.push()
        self.assertTrue(service.eventually(lambda: self.done() == 1), "the worker has not read its settings")
        server, worker = self.of.server_pids()
        settings = self.of.folder / "brio.toml"
        settings.write_text("BRIO_PORT = 'none'\n")
        self.of.process.send_signal(signal.SIGHUP)
        self.assertTrue(service.eventually(lambda: "BRIO_PORT" in self.of.log_end()))
        self.assertTrue(service.eventually(lambda: len(self.of.server_pids()) == 2))
        self.assertEqual(self.of.server_pids(), [server, worker])
        self.push()
        self.assertTrue(service.eventually(lambda: self.done() == 2))
        settings.unlink()
        self.of.process.send_signal(signal.SIGHUP)
        self.assertTrue(service.eventually(lambda: not {server, worker} & set(self.of.server_pids())))
        self.push()
        self.assertTrue(service.eventually(lambda: self.done() == 3))

    def test_the_server_process_shows_the_queues(self):
        self.serve(workers=0)
        self.push(3)
        def length():
            return self.of.metric("task_queue_length", queue="main-queue")

        self.assertTrue(service.eventually(lambda: length() == 3, 20), length())
        self.assertEqual(self.of.metric("broker_durable"), 1)

    def test_a_worker_ends_though_its_broker_is_away(self):
        with RedisServer() as redis:
            self.serve(workers=0, env={"BROKER_URL": redis.url, "BRIO_GRACE_MS": "500"})
            worker = self.start_worker()
            self.push(takes_ms=30_000)
            self.assertTrue(service.eventually(self.is_running))
            redis.kill()
            worker.send_signal(signal.SIGTERM)
            self.assertIn(worker.wait(30), (0, 1))

    def is_running(self):
        return "running" in self.of.run("task", "list", "--state", "running")

    @unittest.skipIf(service.IS_SANITIZED, "the memory of a sanitized process is not its own")
    def test_a_worker_with_too_much_memory_ends_what_it_has_begun_and_makes_room_for_another(self):
        self.serve(workers=0)
        worker = self.start_worker("--max-memory", "256MiB")
        self.push(takes_ms=3000)
        self.push(keeps_mib=300)
        self.assertEqual(worker.wait(30), 75)
        self.assertEqual(self.done(), 2, "it did not end what it had begun")
        self.push()
        self.start_worker("--max-memory", "256MiB")
        self.assertTrue(service.eventually(lambda: self.done() == 3))

    @unittest.skipIf(service.IS_SANITIZED, "the memory of a sanitized process is not its own")
    def test_a_service_replaces_a_worker_with_too_much_memory(self):
        self.serve(workers=1, env={"BRIO_LIMIT_WORKER_MEMORY": "256MiB"})
        self.assertTrue(service.eventually(lambda: len(self.of.server_pids()) == 2))
        worker = self.of.server_pids()[1]
        self.push(keeps_mib=300)
        self.assertTrue(service.eventually(lambda: worker not in self.of.server_pids(), 20))
        self.push()
        self.assertTrue(service.eventually(lambda: self.done() == 2))
        self.assertTrue(service.eventually(lambda: self.of.metric("worker_recycled_total") == 1))

    def test_a_worker_takes_more_at_a_time_when_tasks_wait_too_long(self):
        self.serve(workers=0, env={"BRIO_GOAL_TASK_MS": "300"})
        port = free_port()
        worker = self.start_worker("--concurrency", "1..8", "--admin-port", str(port))
        self.assertTrue(service.eventually(lambda: self.concurrency(port) == 1))
        self.assertEqual(self.shown(port).get(("limit_max", (("limit", "outbound_connections"),))), 1024)
        self.push(40, takes_ms=1000)
        self.assertTrue(service.eventually(lambda: self.concurrency(port) == 8, 30), self.concurrency(port))
        self.assertTrue(service.eventually(lambda: self.done() == 40, 60), self.done())
        worker.send_signal(signal.SIGTERM)
        self.assertEqual(worker.wait(20), 0)

    def shown(self, port):
        with Wire(port) as wire:
            shown = wire.request("GET", "/metrics", None, {"Accept": "text/plain"}).body.decode()
        return openmetrics.parse(shown, is_open=False)

    def concurrency(self, port):
        try:
            return self.shown(port).get(("worker_concurrency", ()))
        except OSError:
            return None

    def test_doctor_asks_the_broker(self):
        self.serve(workers=0)
        url = f"redis://127.0.0.1:{free_port()}"
        asked = subprocess.run(
            [self.of.program, "doctor"],
            env={**self.of.env, "BROKER_URL": url},
            cwd=self.of.folder,
            text=True,
            capture_output=True,
            timeout=60,
            check=False,
        )
        self.assertEqual(asked.returncode, 1, asked)
        self.assertRegex(asked.stdout, "(?m)^WRONG +broker .*cannot be used")


if __name__ == "__main__":
    service.main(at_once=3)
