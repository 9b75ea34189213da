#!/usr/bin/env python3
"""SQLite in earnest: backups under load, others' locks, a full disk, a file that goes away, doctor."""
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import threading
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

import service
from service import eventually

ROWS = 300


class SqliteTest(unittest.TestCase):
    env = {}

    def setUp(self):
        self.of = self.enterContext(service.Service(rows=ROWS, env=self.env))
        self.file = self.of.folder / "service.db"

    def add(self, name="x"):
        return self.of.request("POST", "/api/resources", {"name": name})

    def total(self):
        return self.of.get("/api/resources?page_size=1").json()["total"]

    def command(self, *arguments, environment=None):
        """(exit status, both outputs) of a command of the program."""
        done = subprocess.run(
            [self.of.program, *arguments],
            env={**self.of.env, **(environment or {})},
            cwd=self.of.folder,
            text=True,
            capture_output=True,
            timeout=60,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    def assert_logged(self, words):
        self.assertTrue(eventually(lambda: words in self.of.log_end()), self.of.log_end())

    def other_program(self):
        """A connection of another program, which waits while the service itself writes."""
        connection = sqlite3.connect(self.file, timeout=10, isolation_level=None)
        self.addCleanup(connection.close)
        return connection


class BackupTest(SqliteTest):
    def test_a_backup_under_load_is_whole_and_starts(self):
        stop = threading.Event()
        statuses = set()

        def write():
            while not stop.is_set():
                statuses.add(self.add("under load").status)

        with ThreadPoolExecutor(4) as pool:
            writers = [pool.submit(write) for _ in range(4)]
            status, said = self.command("backup", "copy.db")
            stop.set()
            for each in writers:
                each.result()
        self.assertEqual(status, 0, said)
        self.assertIn("checked: copy.db", said)
        self.assertEqual(statuses, {201})
        copy = sqlite3.connect(self.of.folder / "copy.db")
        self.addCleanup(copy.close)
        self.assertEqual(copy.execute("PRAGMA integrity_check").fetchone(), ("ok",))
        count = copy.execute("SELECT count(*) FROM resources").fetchone()[0]
        self.assertTrue(ROWS <= count <= self.total(), count)
        status, said = self.command("doctor", environment={"DATABASE_URL": "sqlite:///copy.db"})
        self.assertEqual(status, 0, said)
        self.assertIn("copy.db is intact", said)

    def test_nothing_is_overwritten_and_bad_use_says_what_is_right(self):
        (self.of.folder / "copy.db").write_text("precious")
        self.assertEqual(self.command("backup", "copy.db")[0], 2)
        self.assertEqual((self.of.folder / "copy.db").read_text(), "precious")
        status, said = self.command("backup")
        self.assertEqual(status, 2, said)
        status, said = self.command("backup", "no/such/folder/copy.db")
        self.assertEqual(status, 1)
        self.assertIn("No such file or directory", said)


class LockTest(SqliteTest):
    env = {"BRIO_LIMIT_BUSY_MS": "1500", "BRIO_DEADLINE_API_MS": "20000"}

    def test_another_programs_lock_holds_up_writes_for_so_long_and_reads_not_at_all(self):
        other = self.other_program()
        other.execute("BEGIN IMMEDIATE")
        answers = []
        begun = time.monotonic()
        writer = threading.Thread(target=lambda: answers.append((self.add(), time.monotonic() - begun)))
        writer.start()
        while writer.is_alive():
            self.assertEqual(self.of.get("/api/resources?page_size=5").status, 200)
        answer, took = answers[0]
        self.assertEqual((answer.status, answer.code), (503, "database_unavailable"))
        self.assertEqual(answer.field("Retry-After"), "1")
        self.assertGreater(took, 1.4)
        other.execute("COMMIT")
        self.assertEqual(self.add().status, 201)

    def test_a_write_that_waited_is_carried_out_when_the_lock_is_gone(self):
        other = self.other_program()
        other.execute("BEGIN IMMEDIATE")
        answers = []
        writers = [threading.Thread(target=lambda: answers.append(self.add().status)) for _ in range(8)]
        for each in writers:
            each.start()
        time.sleep(0.3)
        self.assertEqual(answers, [])
        other.execute("COMMIT")
        for each in writers:
            each.join()
        self.assertEqual(answers, [201] * 8)


class FullDiskTest(SqliteTest):
    def limit_files(self, most):
        for pid in self.of.server_pids():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))

    def test_writes_fail_with_503_reads_go_on_and_it_recovers(self):
        before = self.total()
        self.limit_files(os.path.getsize(f"{self.file}-wal") + 20_000)
        made = 0
        for _ in range(200):
            answer = self.add("filler " + "x" * 100)
            if answer.status != 201:
                break
            made += 1
        self.assertEqual((answer.status, answer.code), (503, "database_unavailable"))
        self.assertEqual(self.add().status, 503)
        self.assert_logged("code=database_unavailable error=\"SQLite: ")
        self.assertEqual(self.total(), before + made)
        self.assertEqual(self.of.get("/readyz").status, 200)
        self.limit_files(resource.RLIM_INFINITY)
        self.assertEqual(self.add().status, 201)
        self.assertEqual(self.total(), before + made + 1)


class FileTest(SqliteTest):
    def test_a_file_that_was_taken_away_answers_503_until_it_is_back(self):
        os.rename(self.file, f"{self.file}.away")
        self.assertTrue(eventually(lambda: self.add().code == "database_unavailable"))
        self.assertTrue(eventually(lambda: self.of.get("/readyz").status == 503))
        self.assert_logged("was deleted or moved while it is in use")
        os.rename(f"{self.file}.away", self.file)
        self.assertTrue(eventually(lambda: self.of.get("/readyz").status == 200))
        self.assertEqual(self.add().status, 201)

    def test_a_file_that_was_replaced_asks_for_a_restart_and_gets_one(self):
        self.assertEqual(self.command("backup", "copy.db")[0], 0)
        self.assertEqual(self.add("after the backup").status, 201)
        for end in ("-wal", "-shm", "-generations"):
            shutil.move(f"{self.file}{end}", f"{self.file}{end}.old")
        os.rename(self.of.folder / "copy.db", self.file)
        self.assertTrue(eventually(lambda: self.of.get("/readyz").status == 503))
        self.assert_logged("was replaced while it is in use: restart the program")
        before = self.of.server_pids()
        self.of.process.send_signal(signal.SIGHUP)
        self.assertTrue(eventually(lambda: not set(before) & set(self.of.server_pids()), 20))
        self.assertEqual(self.total(), ROWS)
        self.assertEqual(self.add().status, 201)


class DoctorTest(SqliteTest):
    def test_doctor_looks_at_the_file_of_a_running_program(self):
        status, said = self.command("doctor")
        self.assertEqual(status, 0, said)
        for words in ("is intact", "every row that is referred to is there", "free to be reused",
                      "MiB of write-ahead log"):
            self.assertIn(words, said)

    def test_doctor_names_rows_that_refer_to_none(self):
        self.other_program().execute("UPDATE resources SET owner_id = 4711 WHERE id = 7")
        status, said = self.command("doctor")
        self.assertEqual(status, 1)
        self.assertIn("1 rows refer to none, as resources 7 refers to a row of users", said)


if __name__ == "__main__":
    service.main()
