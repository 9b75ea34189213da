"""Who takes part, and how each is started."""

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

from .exchange import free_port
from .server import Contestant
from .settings import BENCH, ROOT, Settings

# What every server answers when Brio is not there to set the size: 156 bytes in all.
DEFAULT_ANSWER = (
    b"HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nContent-Type: application/json\r\n"
    b"Content-Length: 49\r\n\r\n" + b'{"status":"ok","pad":"' + b"x" * 25 + b'"}'
)


NO_CACHE = {"BRIO_LIMIT_CACHE_BYTES": "0"}
PYTHON_MODULES = ("fastapi", "uvicorn", "uvloop", "httptools", "sqlalchemy")


def missing_program(settings: Settings, name: str) -> str:
    return "" if settings.program(name).exists() else f"{name} is not built in {settings.build}"


def fixed(settings: Settings, name: str, program: str, answer: Path) -> Contestant:
    return Contestant(
        name=name,
        command=lambda port, _: [settings.program(program), "--port", port, "--answer", answer],
        missing=missing_program(settings, program),
    )


def raw_page(settings: Settings, database: Path) -> Contestant:
    program = "bench_raw_page"
    return Contestant(
        name="raw",
        command=lambda port, _: [settings.program(program), "--port", port, "--database", database],
        ready_path="/api/resources?page_size=1",
        missing=missing_program(settings, program),
    )


def raw_postgres(settings: Settings, url: str) -> Contestant:
    program = "bench_raw_postgres"
    return Contestant(
        name="raw",
        command=lambda port, _: [settings.program(program), "--port", port, "--database", url],
        ready_path="/api/resources?page_size=1&total=none",
        missing=missing_program(settings, program),
    )


def raw_redis(settings: Settings, url: str, prefix: str) -> Contestant:
    program = "bench_raw_redis"
    options = ["--redis", url, "--prefix", prefix]
    return Contestant(
        name="raw",
        command=lambda port, _: [settings.program(program), "--port", port, *options],
        missing=missing_program(settings, program),
    )


def brio(
    settings: Settings, url: str, log: str = "off", name: str = "brio", cache: dict | None = None
) -> Contestant:
    """Keeps no answers unless `cache` says so: {} is the usual cache, else what REDIS_URL and others say."""
    def command(port, _):
        options = ["--port", port, "--admin-port", free_port(), "--threads", 1, "--workers", 0]
        return [settings.program("resources"), "serve", *options]

    return Contestant(
        name=name,
        command=command,
        environment={
            "DATABASE_URL": url,
            "BRIO_MODE": "production",
            "BRIO_LOG": log,
            **(NO_CACHE if cache is None else cache),
        },
        missing=missing_program(settings, "resources"),
    )


def nginx(pad: int) -> Contestant:
    return nginx_of("nginx", "nginx.conf.in", {"BODY": padded_body(pad)})


def nginx_cache(body: Path) -> Contestant:
    """Keeps what a server behind it answers: the body of that file."""
    return nginx_of("nginx proxy_cache", "nginx_cache.conf.in", {"NAME": body.name, "FOLDER": body.parent})


def nginx_of(name: str, configuration: str, words: dict) -> Contestant:
    """With a configuration of bench/peers, its words between @ replaced."""

    def command(port, folder):
        text = (BENCH / "peers" / configuration).read_text()
        for word, value in {**words, "PORT": port, "DIRECTORY": folder}.items():
            text = text.replace(f"@{word}@", str(value))
        filled = folder / "nginx.conf"
        filled.write_text(text)
        return [program, "-p", folder, "-c", filled]

    program = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    return Contestant(name=name, command=command, missing="" if program else "nginx is not installed")


def padded_body(pad: int) -> str:
    """The body of /healthz, `pad` bytes longer: 0 or at least 9."""
    return '{"status":"ok"}' if pad < 9 else '{"status":"ok","pad":"' + "x" * (pad - 9) + '"}'


def node_program(name: str, package: str, script: str, *arguments) -> Contestant:
    folder = BENCH / "peers" / "fastify"
    node = shutil.which("node")
    missing = "" if node else "node is not installed"
    if node and not (folder / "node_modules" / package).exists():
        missing = "npm ci --prefix bench/peers/fastify has not been run"
    return Contestant(
        name=name,
        command=lambda port, _: [node, folder / script, port, *arguments],
        environment={"NODE_ENV": "production"},
        missing=missing,
    )


def fastify(pad: int) -> Contestant:
    return node_program("fastify", "fastify", "server.mjs", max(0, pad - 9))


def fastify_cached(body: Path) -> Contestant:
    return node_program("fastify, in memory", "fastify", "cached.mjs", body)


def fastify_pg(url: str) -> Contestant:
    return node_program("fastify + pg", "pg", "service.mjs", url)


def go(settings: Settings, *options) -> Contestant:
    """bench/peers/go with these options."""
    program, missing = go_program(settings.scratch)
    return Contestant(name="go", command=lambda port, _: [program, port, *options], missing=missing)


def go_pg(settings: Settings, url: str) -> Contestant:
    return go(settings, "-database", url + ("&" if "?" in url else "?") + "sslmode=disable")


@cache
def go_program(scratch: Path) -> tuple:
    """Builds it there: its path, and why there is none."""
    path = scratch / "go-service"
    if not shutil.which("go"):
        return path, "golang-go is not installed"
    environment = {**os.environ, "GO111MODULE": "off", "GOPATH": "/usr/share/gocode"}
    environment["GOCACHE"] = str(scratch / "go-cache")
    command = ["go", "build", "-o", path, BENCH / "peers" / "go" / "service.go"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return path, "" if done.returncode == 0 else f"go build: {done.stderr.strip()[:300]}"


def fastapi(url: str, pad: int = 0) -> Contestant:
    """`url` as SQLAlchemy has it; psycopg2 for PostgreSQL."""
    modules = [*PYTHON_MODULES, *(["psycopg2"] if url.startswith("postgresql:") else [])]
    environment = {"BENCH_DATABASE": url, "BENCH_PAD": str(max(0, pad - 9))}
    return python_program("fastapi", "fastapi_service:app", modules, environment)


def fastapi_cached(url: str, redis_url: str, with_model: bool = True) -> Contestant:
    """The guide's decorator; without the response model, what was kept goes out unchecked."""
    environment = {"BENCH_DATABASE": url, "BENCH_REDIS": redis_url}
    environment["BENCH_MODEL"] = "yes" if with_model else "no"
    name = "fastapi + redis" if with_model else "fastapi + redis, no model"
    return python_program(name, "fastapi_cached:app", [*PYTHON_MODULES, "redis"], environment)


def python_program(name: str, app: str, modules: list, environment: dict) -> Contestant:
    """An app of bench/peers under uvicorn."""
    candidates = ("/usr/bin/python3", shutil.which("python3"))
    python = next((p for p in candidates if p and imports_all(p, modules)), None)
    options = ["--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning"]
    return Contestant(
        name=name,
        command=lambda port, _: [
            *(python, "-m", "uvicorn", app, "--app-dir", BENCH / "peers"),
            *("--port", port, *options),
        ],
        environment={**environment, "PYTHONDONTWRITEBYTECODE": "1"},
        missing="" if python else "python3-fastapi or a package that it needs here is not installed",
    )


def imports_all(python: str, modules: list) -> bool:
    check = [python, "-c", "import " + ", ".join(modules)]
    return subprocess.run(check, capture_output=True, check=False, cwd=ROOT).returncode == 0
