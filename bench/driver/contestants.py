"""Who takes part, and how each is started."""

import shutil
import subprocess
from pathlib import Path

from .exchange import free_port
from .server import Contestant
from .settings import BENCH, ROOT, Settings

# What every server answers when Brio is not there to set the size: 156 bytes in all.
DEFAULT_ANSWER = (
    b"HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nContent-Type: application/json\r\n"
    b"Content-Length: 49\r\n\r\n" + b'{"status":"ok","pad":"' + b"x" * 25 + b'"}'
)


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


def brio(settings: Settings, url: str, log: str = "off", name: str = "brio") -> Contestant:
    def command(port, _):
        options = ["--port", port, "--admin-port", free_port(), "--threads", 1, "--workers", 0]
        return [settings.program("resources"), "serve", *options]

    return Contestant(
        name=name,
        command=command,
        environment={"DATABASE_URL": url, "BRIO_MODE": "production", "BRIO_LOG": log},
        missing=missing_program(settings, "resources"),
    )


def nginx(pad: int) -> Contestant:
    def command(port, folder):
        text = (BENCH / "peers" / "nginx.conf.in").read_text()
        for name, value in (("PORT", port), ("BODY", padded_body(pad)), ("DIRECTORY", folder)):
            text = text.replace(f"@{name}@", str(value))
        configuration = folder / "nginx.conf"
        configuration.write_text(text)
        return [program, "-p", folder, "-c", configuration]

    program = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    return Contestant(name="nginx", command=command, missing="" if program else "nginx is not installed")


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


def fastify_pg(url: str) -> Contestant:
    return node_program("fastify + pg", "pg", "service.mjs", url)


def fastapi(url: str, pad: int = 0) -> Contestant:
    """`url` as SQLAlchemy has it; psycopg2 for PostgreSQL."""
    modules = [*PYTHON_MODULES, *(["psycopg2"] if url.startswith("postgresql:") else [])]
    candidates = ("/usr/bin/python3", shutil.which("python3"))
    python = next((p for p in candidates if p and imports_all(p, modules)), None)
    options = ["--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning"]
    return Contestant(
        name="fastapi",
        command=lambda port, _: [
            *(python, "-m", "uvicorn", "fastapi_service:app", "--app-dir", BENCH / "peers"),
            *("--port", port, *options),
        ],
        environment={
            "BENCH_DATABASE": url,
            "BENCH_PAD": str(max(0, pad - 9)),
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        missing="" if python else "python3-fastapi or a package that it needs here is not installed",
    )


def imports_all(python: str, modules: list) -> bool:
    check = [python, "-c", "import " + ", ".join(modules)]
    return subprocess.run(check, capture_output=True, check=False, cwd=ROOT).returncode == 0
