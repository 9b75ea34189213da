"""What has to be reached with background tasks, and the tables of what was."""

from .goals import RateGoal, RatioGoal, judge
from .results import write_result
from .rounds import column, range_name, ratios, spread
from .settings import Settings
from .table import aligned, rate, ratio, small, with_range

CPU_COLUMNS = {"cpu_us": "CPU us", "redis_cpu_us": "redis"}  # of one task
BY_BRIO = ("brio, one by one", "brio, by 32")

GOALS = {
    "tasks-redis": [
        RatioGoal("brio", "celery", 40, "tasks"),
        RatioGoal("brio", "bullmq", 3, "tasks"),
        RatioGoal("brio", "raw", 0.6, "tasks"),
    ],
    "tasks-push": [
        RatioGoal("brio", "celery", 4, "tasks"),
        RatioGoal("brio, 64 requests", "celery", 20, "tasks"),
    ],
    "tasks-sqlite": [
        *(RateGoal(name, 25_000, "tasks") for name in BY_BRIO),
        *(RatioGoal(name, "raw", 0.6, "tasks") for name in BY_BRIO),
    ],
    "tasks-postgres": [
        *(RateGoal(name, 20_000, "tasks") for name in BY_BRIO),
        *(RatioGoal(name, "raw", 0.6, "tasks") for name in BY_BRIO),
    ],
}


def say_round(number: int, one: dict, say) -> None:
    rates = ", ".join(f"{name} {report['tasks_per_second']:,.0f}" for name, report in one.items())
    say(f"  round {number + 1}: {rates}")


def table(rounds: list, reference: str) -> str:
    spread_as, first = range_name(rounds), next(iter(rounds[0].values()))
    cpus = {name: title for name, title in CPU_COLUMNS.items() if name in first}
    rows = [("contestant", f"tasks/s ({spread_as})", f"of {reference} ({spread_as})", *cpus.values())]
    for name in rounds[0]:
        rates = spread(column(rounds, name, lambda report: report["tasks_per_second"]))
        of = with_range(ratios(rounds, name, reference, "tasks"), ratio) if reference in rounds[0] else ""
        used = (spread([one[name][cpu] for one in rounds])[0] for cpu in cpus)
        rows.append((name, with_range(rates, rate), of, *map(small, used)))
    return aligned(rows)


def conclude(settings: Settings, bench: str, work: dict, rounds: list, reference: str, say) -> None:
    say("")
    say(table(rounds, reference))
    verdicts = judge(GOALS[bench], rounds)
    say("\n".join(verdicts))
    path = write_result(settings, bench, {"work": work, "verdicts": verdicts, "rounds": rounds})
    say(f"written: {path}")
