"""A PostgreSQL for benchmarks: with the settings of a new installation, on the generator's core."""

import os
import subprocess
import sys

from .settings import BENCH, ROOT, Settings

sys.path.append(str(ROOT / "tests" / "postgres"))
import cluster  # noqa: E402  tests/postgres has to be on the path first


class Postgres:
    """Has the database `resources` of 100,000 rows. It is not part of what is measured, so it stays off the
    server's core: in production it is another machine."""

    def __init__(self, settings: Settings):
        self._settings = settings
        self._cluster = cluster.Cluster(is_durable=True, settings={"shared_preload_libraries": ""})
        self._cluster.start()
        self.pid = self._cluster.process.pid
        for process in cluster.tree(self.pid):
            os.sched_setaffinity(process, {settings.generator_core})
        self.url = self._cluster.create_database("resources")
        self.made_by = self.fill("resources", self.url, settings.rows)
        if self.count("resources") != settings.rows:
            raise RuntimeError(f"{self.count('resources')} resources instead of {settings.rows}")

    def fill(self, name: str, url: str, rows: int) -> str:
        """Makes the tables and so many resources in the database; gives how."""
        program = self._settings.program("resources")
        environment = {**os.environ, "DATABASE_URL": url, "BRIO_LOG": "off"}
        commands = (["migrate", "upgrade"], ["seed", "--count", str(rows), "--quiet"])
        if program.exists():
            for arguments in commands:
                done = subprocess.run(
                    [program, *arguments], env=environment, capture_output=True, text=True, check=False
                )
                if done.returncode != 0:
                    raise RuntimeError(f"resources {' '.join(arguments)}: {done.stderr.strip()}")
            made_by = f"resources migrate upgrade; resources seed --count {rows}"
        else:
            self._cluster.psql((BENCH / "schema_postgres.sql").read_text(), name)
            made_by = "bench/schema_postgres.sql"
        self._cluster.psql("VACUUM ANALYZE; CHECKPOINT", name)
        return made_by

    def describe(self) -> str:
        size = self._cluster.value("SELECT pg_size_pretty(pg_database_size('resources'))")
        return f"PostgreSQL {self._cluster.value('SHOW server_version')}, {size}, made by {self.made_by}"

    def copy(self, name: str) -> str:
        """The URL of a copy to write to. Nobody may be connected to the original."""
        url = self._cluster.create_database(name, template="resources")
        self._cluster.psql("CHECKPOINT")
        return url

    def create(self, name: str) -> str:
        """The URL of an empty database."""
        return self._cluster.create_database(name)

    def drop(self, name: str) -> None:
        self._cluster.drop_database(name)

    def count(self, name: str) -> int:
        return self.number("SELECT count(*) FROM resources", name)

    def number(self, text: str, name: str) -> int:
        """What the statement gives in that database."""
        return int(self._cluster.value(text, name))

    def end(self) -> None:
        self._cluster.end()
