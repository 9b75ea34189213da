"""Interleaved rounds: each measures every contestant once, so that a drift of the machine meets all."""

from contextlib import ExitStack
from statistics import median, quantiles

from .load import Work, measure
from .server import Server
from .settings import Settings

# A round in which other work had this share of the server's or the generator's core is done again.
DISTURBED = 0.05
MANY = 8


def is_disturbed(report: dict) -> bool:
    share = report["core_share"]
    return max(share["other_on_server_core"], share["other_on_generator_core"]) > DISTURBED


def run_rounds(settings: Settings, contestants: list, work, say, check=None) -> list:
    """Starts all, lets `check` look at them, measures; returns the rounds as quiet_rounds() does. `work` is a
    Work, or one for each contestant by name.
    """
    with ExitStack() as stack:
        servers = [stack.enter_context(Server(contestant, settings)) for contestant in contestants]
        if check:
            check(servers)

        def one_round(warm_up):
            one = {}
            for server in servers:
                its = work if isinstance(work, Work) else work[server.name]
                with server.meanwhile():
                    one[server.name] = measure(settings, server, its, warm_up)
            return one

        return quiet_rounds(settings, one_round, say)


def quiet_rounds(settings: Settings, one_round, say) -> list:
    """The rounds, each {name: report} as `one_round(warm_up)` gives it.

    A disturbed round is done again, up to twice as many rounds in all; when too few were quiet, the least
    disturbed of the others are taken as well.
    """
    quiet, disturbed = [], []
    for number in range(2 * settings.rounds):
        one = one_round(settings.warm_up if number == 0 else settings.warm_up / 4)
        (disturbed if any(map(is_disturbed, judged(one))) else quiet).append(one)
        say(number + 1, one)
        if len(quiet) == settings.rounds:
            break
    disturbed.sort(key=disturbance)
    return quiet + disturbed[: settings.rounds - len(quiet)]


def progress(say, point: str = ""):
    """For quiet_rounds(): says the rates of each round. `point` is what is measured, of several."""

    def report(number, one):
        rates = ", ".join(f"{name} {each['requests_per_second']:,.0f}" for name, each in one.items())
        say(f"  {point}round {number}: {rates}")

    return report


def judged(one_round: dict) -> list:
    """Not what had no core to itself: its report says nothing of others."""
    return [report for report in one_round.values() if "core_share" in report]


def disturbance(one_round: dict) -> float:
    shares = [report["core_share"] for report in judged(one_round)]
    return sum(share["other_on_server_core"] + share["other_on_generator_core"] for share in shares)


def spread(values: list) -> tuple:
    """Median and the range around it: everything, or of MANY rounds and more the middle half."""
    if len(values) < MANY:
        return median(values), min(values), max(values)
    low, middle, high = quantiles(values, n=4, method="inclusive")
    return middle, low, high


def range_name(rounds: list) -> str:
    return "min-max" if len(rounds) < MANY else "quartiles"


def ratios(rounds: list, name: str, reference: str, what: str = "requests") -> tuple:
    """What `name` does a second over what `reference` does, taken round by round: median and range."""
    rate = f"{what}_per_second"
    return spread([one[name][rate] / one[reference][rate] for one in rounds])


def column(rounds: list, name: str, read) -> list:
    return [read(one[name]) for one in rounds]
