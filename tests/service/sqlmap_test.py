#!/usr/bin/env python3
"""sqlmap finds no parameter that it can inject into (T-I2).

The full counts take its level 3 and risk 2 with every technique on both engines; else it is its level 1, and
the techniques that do not wait.
"""
import re
import shutil
import subprocess
import unittest

import service

PARAMETERS = ("status", "owner_id", "sort_by", "sort_order", "page", "page_size")
TARGET = "/api/resources?status=active&owner_id=1&sort_by=created_at&sort_order=asc&page=1&page_size=5"
STRENGTH = ("--level=3", "--risk=2") if service.IS_FULL else ("--level=1", "--risk=1", "--technique=BEU")
PATIENCE = 3600 if service.IS_FULL else 240


@service.on_every_engine
class Sqlmap(unittest.TestCase):
    engine = "sqlite"

    def attack(self, of, target, parameters):
        """sqlmap's own words."""
        program = shutil.which("sqlmap")
        self.assertTrue(program, "sqlmap is missing: apt-get install sqlmap (or run ./dev setup test)")
        done = subprocess.run(
            [
                program,
                f"--url=http://127.0.0.1:{of.port}{target}",
                f"-p{','.join(parameters)}",
                *STRENGTH,
                "--batch",
                "--flush-session",
                "--ignore-code=422",
                "--skip-waf",
                "--threads=4",
                "--disable-coloring",
                f"--output-dir={of.folder}/sqlmap",
            ],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
            env={**of.env, "HOME": str(of.folder)},
        )
        return done.stdout + done.stderr

    def test_no_parameter_of_the_list_is_injectable(self):
        with service.Service(engine=self.engine) as of:
            before = of.get("/api/resources").json()["total"]
            said = self.attack(of, TARGET, PARAMETERS)
            cleared = set(re.findall(r"GET parameter '(\w+)' does not seem to be injectable", said))
            requests = re.findall(r"(\d+) HTTP error codes|\((\d+) times\)", said)
            print(f"  {len(cleared)} parameters are not injectable; {requests}", flush=True)
            self.assertEqual(cleared, set(PARAMETERS), said[-4000:])
            self.assertNotIn("is vulnerable", said)
            self.assertEqual(of.get("/api/resources").json()["total"], before)


if __name__ == "__main__":
    service.main()
