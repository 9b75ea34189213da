"""The benchmarks of a server that stands: start (time to the first answer) and idle (memory)."""

from statistics import median

from . import contestants as who
from .database import Databases, sqlite_url
from .load import IdleConnections
from .results import write_result
from .server import Server
from .settings import Settings
from .table import aligned
from .timed import present

START_GOAL_MS = 50
IDLE_GOAL_MB = 20
CONNECTED_GOAL_MB = 100


def standing_contestants(settings: Settings, databases: Databases, say) -> list:
    url = sqlite_url(databases.sqlite)
    raw, brio = who.raw_page(settings, databases.sqlite), who.brio(settings, url)
    return present([raw, brio, who.nginx(0), who.fastapi(url)], say)


def verdict(name: str, what: str, value: float, limit: float, unit: str) -> str:
    return f"{'held' if value < limit else 'MISSED'}: {name} {what} < {limit} {unit}: {value:.1f}"


def start(settings: Settings, databases: Databases, say) -> None:
    """Interleaved starts; the time from fork to the first 200, asked for without pause."""
    say(f"start: from exec to the first 200, {settings.starts} starts each, in turn")
    contestants = standing_contestants(settings, databases, say)
    times = {contestant.name: [] for contestant in contestants}
    for _ in range(settings.starts):
        for contestant in contestants:
            with Server(contestant, settings) as server:
                times[contestant.name].append(server.seconds_to_first_answer * 1000)
    rows = [("contestant", "ms median", "min", "max")]
    rows += [(n, f"{median(t):.1f}", f"{min(t):.1f}", f"{max(t):.1f}") for n, t in times.items()]
    say(aligned(rows))
    verdicts = []
    if "brio" in times:
        verdicts = [verdict("brio", "start", median(times["brio"]), START_GOAL_MS, "ms")]
        say(verdicts[0])
    say(f"written: {write_result(settings, 'start', {'milliseconds': times, 'verdicts': verdicts})}")


def idle(settings: Settings, databases: Databases, say) -> None:
    count = settings.idle_connections
    say(f"idle: memory of the process and its children in MB, at rest and with {count:,} idle connections")
    found = {}
    for contestant in standing_contestants(settings, databases, say):
        with Server(contestant, settings) as server:
            at_rest = server.memory()
            with IdleConnections(settings, server, contestant.ready_path):
                found[contestant.name] = {"at_rest": at_rest, "connected": server.memory()}
    rows = [("contestant", "RSS", "PSS", "RSS connected", "PSS connected", "kB a connection")]
    for name, sizes in found.items():
        rest, connected = sizes["at_rest"], sizes["connected"]
        each = (connected["pss"] - rest["pss"]) * 1024 / count
        cells = (rest["rss"], rest["pss"], connected["rss"], connected["pss"])
        rows.append((name, *(f"{cell:.1f}" for cell in cells), f"{each:.2f}"))
    say(aligned(rows))
    verdicts = []
    if "brio" in found:
        at_rest, connected = (found["brio"][state]["rss"] for state in ("at_rest", "connected"))
        verdicts = [
            verdict("brio", "RSS at rest", at_rest, IDLE_GOAL_MB, "MB"),
            verdict("brio", f"RSS with {count:,} idle", connected, CONNECTED_GOAL_MB, "MB"),
        ]
        say("\n".join(verdicts))
    say(f"written: {write_result(settings, 'idle', {'megabytes': found, 'verdicts': verdicts})}")
