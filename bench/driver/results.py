"""Results as files that say where they come from."""

import json
import platform
import shutil
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

from .settings import BENCH, ROOT, Settings


def first_line(*command) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    except OSError:
        return "absent"
    return (done.stdout + done.stderr).strip().partition("\n")[0]


def cpu_model() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, "unknown")


def compiler_of(build: Path) -> str:
    cache = (build / "CMakeCache.txt").read_text().splitlines()
    compiler = next((line.partition("=")[2] for line in cache if line.startswith("CMAKE_CXX_COMPILER:")), "")
    return first_line(compiler, "--version")


def machine(settings: Settings) -> dict:
    return {
        "cpu": cpu_model(),
        "cores": len([p for p in Path("/sys/devices/system/cpu").glob("cpu[0-9]*")]),
        "kernel": platform.release(),
        "compiler": compiler_of(settings.build),
        "commit": first_line("git", "describe", "--always", "--dirty"),
        "nginx": first_line(shutil.which("nginx", path="/usr/sbin:/usr/bin") or "nginx", "-v"),
        "node": first_line("node", "--version"),
        "python": platform.python_version(),
        "packages": first_line(
            *("dpkg-query", "-Wf", "${Package} ${Version}, "),
            *("python3-fastapi", "python3-sqlalchemy", "python3-uvicorn", "libsqlite3-0", "libasio-dev"),
            *("redis-server", "python3-redis", "libhiredis0.14", "python3-celery", "python3-kombu"),
            *("golang-go", "golang-github-lib-pq-dev"),
        ),
    }


def write_result(settings: Settings, bench: str, content: dict) -> Path:
    now = datetime.now(timezone.utc)
    folder = BENCH / "results"
    folder.mkdir(exist_ok=True)
    path = folder / f"{bench}-{now:%Y%m%dT%H%M%SZ}.json"
    whole = {
        "bench": bench,
        "at": now.isoformat(timespec="seconds"),
        "command": "bench/run " + " ".join(sys.argv[1:]),
        "machine": machine(settings),
        **content,
    }
    path.write_text(json.dumps(whole, indent=1) + "\n")
    return path
