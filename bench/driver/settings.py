"""What one invocation was asked to do, and where its files are."""

from dataclasses import dataclass
from pathlib import Path

BENCH = Path(__file__).resolve().parent.parent
ROOT = BENCH.parent


@dataclass(frozen=True)
class Settings:
    build: Path  # the build folder whose bin/ holds the programs
    scratch: Path  # made anew for each invocation
    rounds: int = 5
    seconds: float = 3.0
    warm_up: float = 1.0
    connections: int = 64
    idle_connections: int = 10_000
    starts: int = 20
    tasks: int = 20_000
    server_core: int = 0
    generator_core: int = 1
    favoured: bool = False
    large: bool = False  # the benchmarks of growth go up to their largest sizes
    rows: int = 100_000
    database_pid: int = 0  # of a database server beside the generator

    def program(self, name: str) -> Path:
        return self.build / "bin" / name
