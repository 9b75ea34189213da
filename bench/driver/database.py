"""What every contestant reads: the service's own tables when it is built, else the same by script."""

import os
import shutil
import sqlite3
import subprocess
from functools import cached_property
from pathlib import Path

from .postgres import Postgres
from .redis import Redis
from .settings import BENCH, Settings


class Databases:
    """Use as a context. Each engine's database is made when it is first asked for."""

    def __init__(self, settings: Settings, say):
        self._settings = settings
        self._say = say

    def __enter__(self) -> "Databases":
        return self

    def __exit__(self, *_) -> None:
        for name in ("postgres", "redis"):
            if name in self.__dict__:
                self.__dict__[name].end()

    @cached_property
    def sqlite(self) -> Path:
        path, made_by = make_database(self._settings)
        self._say(f"database: {path.stat().st_size / 1e6:.0f} MB, made by {made_by}")
        return path

    @cached_property
    def postgres(self) -> Postgres:
        postgres = Postgres(self._settings)
        self._say(f"database: {postgres.describe()}")
        return postgres

    @cached_property
    def redis(self) -> Redis:
        redis = Redis(self._settings)
        self._say(f"redis: {redis.describe()}")
        return redis


def sqlite_url(path: Path) -> str:
    return f"sqlite:///{path}"


def make_database(settings: Settings) -> tuple:
    """Makes a file of 100,000 resources in the scratch folder; returns its path and how it was made."""
    path = settings.scratch / "resources.db"
    program = settings.program("resources")
    if program.exists():
        environment = {**os.environ, "DATABASE_URL": f"sqlite:///{path}"}
        for arguments in (["migrate", "upgrade"], ["seed", "--count", str(settings.rows), "--quiet"]):
            subprocess.run([program, *arguments], env=environment, check=True, capture_output=True)
        made_by = f"resources migrate upgrade; resources seed --count {settings.rows}"
    else:
        connection = sqlite3.connect(path)
        connection.executescript((BENCH / "schema.sql").read_text())
        connection.close()
        made_by = "bench/schema.sql"
    if count_resources(path) != settings.rows:
        raise RuntimeError(f"{path} holds {count_resources(path)} resources instead of {settings.rows}")
    return path, made_by


def count_resources(path: Path) -> int:
    connection = sqlite3.connect(path)
    try:
        return connection.execute("SELECT COUNT(*) FROM resources").fetchone()[0]
    finally:
        connection.close()


def copy_database(path: Path, name: str) -> Path:
    """A copy for one contestant to write to. Nobody may have the original open for writing."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    copy = path.with_name(f"{name}.db")
    shutil.copyfile(path, copy)
    return copy
