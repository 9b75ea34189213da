"""The figures that Brio has to reach, and whether it did."""

from dataclasses import dataclass

from .rounds import column, ratios, spread
from .table import ratio, small, with_range


@dataclass(frozen=True)
class RatioGoal:
    """Requests/s of `name` over those of `reference`: at least this."""

    name: str
    reference: str
    at_least: float

    def judge(self, rounds: list) -> str | None:
        if self.name not in rounds[0] or self.reference not in rounds[0]:
            return None
        values = ratios(rounds, self.name, self.reference)
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


GOALS = {
    "http": [
        RatioGoal("brio", "raw", 0.87),
        RatioGoal("brio", "nginx", 1.05),
        RatioGoal("brio, access log", "raw", 0.78),
    ],
    "pipeline": [CpuGoal("brio", 0.8)],
    "page": [RatioGoal("brio", "raw", 0.75), RatioGoal("brio", "fastapi", 50)],
    "post": [RatioGoal("brio", "raw", 0.7), RatioGoal("brio", "fastapi", 20)],
}


def judge_all(bench: str, rounds: list) -> list:
    return [verdict for goal in GOALS[bench] if (verdict := goal.judge(rounds))]
