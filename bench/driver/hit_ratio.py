"""hitratio: Brio's in-process store and published eviction policies, the same accesses for all."""

import json
import subprocess

from .database import Databases
from .results import write_result
from .settings import Settings

CAPACITY = 10_000  # objects
SEED = 1
GOAL = 0.97  # of the best published policy, on the skewed accesses


def hit_ratio(settings: Settings, _databases: Databases, say) -> None:
    program = settings.program("bench_policies")
    if not program.exists():
        say(f"left out: hitratio (bench_policies is not built in {settings.build})")
        return
    say("hitratio: shares of accesses that hit a cache of 10,000 objects; the first quarter is not counted")
    file = settings.scratch / "policies.json"
    length = 4_000_000 if settings.rounds > 3 else 800_000
    command = [str(program), "--json", str(file), "--length", str(length),
               "--capacity", str(CAPACITY), "--seed", str(SEED)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    say(done.stdout.rstrip())
    ratios = json.loads(file.read_text())
    skewed = ratios["zipf"]
    best = max(ratio for name, ratio in skewed.items() if name not in ("brio", "clairvoyant"))
    reached = skewed["brio"] / best
    verdict = (
        f"{'held' if reached >= GOAL else 'MISSED'}: hit ratio >= {GOAL} of the best published policy's "
        f"(Zipf 0.9 over 1,000,000 keys, room for 1 %): {reached:.3f} ({skewed['brio']} of {best})"
    )
    say(verdict)
    work = {"length": length, "objects": CAPACITY, "seed": SEED}
    path = write_result(settings, "hitratio", {"work": work, "ratios": ratios, "verdicts": [verdict]})
    say(f"kept in {path.name}")
