"""The SQLite file that every contestant reads: the service's own when built, else the same by script."""

import os
import shutil
import sqlite3
import subprocess
from pathlib import Path

from .settings import BENCH, Settings


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
