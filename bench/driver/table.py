"""The table on the terminal."""

from collections import Counter

from .rounds import column, is_disturbed, range_name, ratios, spread

HEAD = (
    "contestant",
    "requests/s ({range})",
    "of {reference} ({range})",
    "CPU us server (least)",
    "database",
    "generator",
    "p50 us",
    "p99 us",
    "limit",
    "disturbed",
)


def rate(value: float) -> str:
    return f"{value:,.0f}"


def ratio(value: float) -> str:
    return f"{value:.4f}" if value < 0.1 else f"{value:.2f}" if value < 10 else f"{value:.0f}"


def small(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:,.1f}" if value < 100 else f"{value:,.0f}"


def with_range(values: tuple, show) -> str:
    return f"{show(values[0])} ({show(values[1])}-{show(values[2])})"


def row(rounds: list, name: str, reference: str) -> tuple:
    def middle(read):
        return small(spread(column(rounds, name, read))[0])

    def server_cpu(report):
        return report["server_cpu_us"]

    disturbed = sum(column(rounds, name, is_disturbed))
    return (
        name,
        with_range(spread(column(rounds, name, lambda r: r["requests_per_second"])), rate),
        "1.00" if name == reference else with_range(ratios(rounds, name, reference), ratio),
        f"{middle(server_cpu)} ({small(min(column(rounds, name, server_cpu)))})",
        middle(lambda r: r["database_cpu_us"]),
        middle(lambda r: r["generator_cpu_us"]),
        middle(lambda r: r["latency_us"]["p50"]),
        middle(lambda r: r["latency_us"]["p99"]),
        Counter(column(rounds, name, lambda r: r["limit"])).most_common(1)[0][0],
        f"{disturbed}/{len(rounds)}",
    )


def aligned(rows: list) -> str:
    widths = [max(len(cell) for cell in cells) for cells in zip(*rows)]
    lines = []
    for cells in rows:
        first, rest = cells[0].ljust(widths[0]), [c.rjust(w) for c, w in zip(cells[1:], widths[1:])]
        lines.append("  ".join([first, *rest]).rstrip())
    return "\n".join(lines)


def table(rounds: list, reference: str) -> str:
    head = tuple(cell.format(reference=reference, range=range_name(rounds)) for cell in HEAD)
    return aligned([head, *(row(rounds, name, reference) for name in rounds[0])])
