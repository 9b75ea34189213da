"""The figures that Brio has to reach, and whether it did."""

from dataclasses import dataclass

from .rounds import column, ratios, spread
from .table import rate, ratio, small, with_range


@dataclass(frozen=True)
class RatioGoal:
    """Requests/s (or `what`) of `name` over those of `reference`: at least this."""

    name: str
    reference: str
    at_least: float
    what: str = "requests"

    def judge(self, rounds: list) -> str | None:
        if self.name not in rounds[0] or self.reference not in rounds[0]:
            return None
        values = ratios(rounds, self.name, self.reference, self.what)
        verdict = "held" if values[0] >= self.at_least else "MISSED"
        return f"{verdict}: {self.name} >= {self.at_least} x {self.reference}: {with_range(values, ratio)}"


@dataclass(frozen=True)
class CpuGoal:
    """Server CPU of `name` for one request: at most this many microseconds."""

    name: str
    at_most: float

    def judge(self, rounds: list) -> str | None:
        if self.name not in rounds[0]:
            return None
        values = spread(column(rounds, self.name, lambda report: report["server_cpu_us"]))
        verdict = "held" if values[0] <= self.at_most else "MISSED"
        found = with_range(values, small)
        return f"{verdict}: {self.name} <= {self.at_most} us of server CPU a request: {found}"


@dataclass(frozen=True)
class BestRatioGoal:
    """Requests/s of `name` over those of the best of `references` in the same round: at least this."""

    name: str
    references: tuple
    at_least: float

    def judge(self, rounds: list) -> str | None:
        rate = "requests_per_second"
        present = [reference for reference in self.references if reference in rounds[0]]
        if self.name not in rounds[0] or not present:
            return None
        values = spread([one[self.name][rate] / max(one[each][rate] for each in present) for one in rounds])
        verdict = "held" if values[0] >= self.at_least else "MISSED"
        of = " and ".join(present)
        return f"{verdict}: {self.name} >= {self.at_least} x the best of {of}: {with_range(values, ratio)}"


@dataclass(frozen=True)
class RateGoal:
    """Requests/s (or `what`) of `name`: at least this."""

    name: str
    at_least: float
    what: str = "requests"

    def judge(self, rounds: list) -> str | None:
        if self.name not in rounds[0]:
            return None
        values = spread(column(rounds, self.name, lambda report: report[f"{self.what}_per_second"]))
        verdict = "held" if values[0] >= self.at_least else "MISSED"
        return f"{verdict}: {self.name} >= {rate(self.at_least)} {self.what}/s: {with_range(values, rate)}"


@dataclass(frozen=True)
class ReadTimeGoal:
    """p99 of the answers of `name` that are no 201: below this many milliseconds."""

    name: str
    below_ms: float

    def judge(self, rounds: list) -> str | None:
        if self.name not in rounds[0]:
            return None
        times = column(rounds, self.name, lambda report: report["read_latency_us"]["p99"] / 1000)
        values = spread(times)
        verdict = "held" if values[0] < self.below_ms else "MISSED"
        return f"{verdict}: {self.name} p99 of reads < {self.below_ms} ms: {with_range(values, small)}"


GOALS = {
    "http": [
        RatioGoal("brio", "raw", 0.87),
        RatioGoal("brio", "nginx", 1.05),
        RatioGoal("brio, access log", "raw", 0.78),
    ],
    "pipeline": [CpuGoal("brio", 0.8)],
    "page-sqlite": [RatioGoal("brio", "raw", 0.75), RatioGoal("brio", "fastapi", 50)],
    "post-sqlite": [RatioGoal("brio", "raw", 0.7), RatioGoal("brio", "fastapi", 20)],
    "page-postgres": [
        RatioGoal("brio", "raw", 0.85),
        RatioGoal("brio", "fastify + pg", 2.5),
        RatioGoal("brio", "fastapi", 40),
    ],
    "point": [RatioGoal("brio", "raw", 0.75)],
    "post-postgres": [BestRatioGoal("brio", ("raw", "fastify + pg"), 1.0)],
    "cursor-sqlite": [RatioGoal("row 90,000", "first page", 0.95)],
    "cursor-postgres": [RatioGoal("row 90,000", "first page", 0.95)],
    "cached": [RatioGoal("brio", "raw", 0.87), RatioGoal("brio", "fastapi + redis", 100)],
    "gzip-kept": [RatioGoal("gzip", "identity", 0.95)],
    "gzip-on-the-fly": [RatioGoal("gzip", "identity", 0.6)],
    "redis": [RatioGoal("brio", "raw", 0.8)],
    "load": [
        RatioGoal("brio load", "wrk", 1.1),
        RatioGoal("brio load", "locust, FastHttpUser", 12),
        RatioGoal("brio load", "locust, HttpUser", 50),
    ],
    "overhead": [RatioGoal("all on", "all off", 0.95)],
    "scrapes": [RatioGoal("scraped", "alone", 0.99)],
    "mixed-sqlite": [RateGoal("brio", 20_000), ReadTimeGoal("brio", 10)],
}


def judge_all(bench: str, rounds: list) -> list:
    return judge(GOALS[bench], rounds)


def judge(goals: list, rounds: list) -> list:
    return [verdict for goal in goals if (verdict := goal.judge(rounds))]
