"""Charts as SVG: bars beside each other, and lines over a logarithmic axis. Light and dark, no script."""

from collections import Counter
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10

WIDTH = 760
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1b1f24 }
.title { font-weight: 600; font-size: 15px } .small { font-size: 11px; fill: #57606a }
.grid { stroke: #d0d7de; stroke-width: 1 } .limit { stroke: #57606a; stroke-dasharray: 4 3 }
.ground { fill: #ffffff } .other { fill: #a8b3bf } .own { fill: #1f6feb }
.spread { stroke: #1b1f24; stroke-width: 1.5 } .line { fill: none; stroke-width: 2 } .band { opacity: .15 }
.end { stroke-width: 1; stroke-dasharray: 3 4 }
.c0 { stroke: #1f6feb; fill: #1f6feb } .c1 { stroke: #bc4c00; fill: #bc4c00 }
.c2 { stroke: #1a7f37; fill: #1a7f37 }
.c3 { stroke: #8250df; fill: #8250df } .c4 { stroke: #9a6700; fill: #9a6700 }
.c5 { stroke: #bf3989; fill: #bf3989 } .c6 { stroke: #6e7781; fill: #6e7781 }
path.line { fill: none } path.band { stroke: none }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .small { fill: #9198a1 } .ground { fill: #0d1117 } .grid { stroke: #30363d }
  .limit { stroke: #9198a1 } .other { fill: #57606a } .own { fill: #4493f8 } .spread { stroke: #e6edf3 }
  .c0 { stroke: #4493f8; fill: #4493f8 } .c1 { stroke: #f0883e; fill: #f0883e }
  .c2 { stroke: #3fb950; fill: #3fb950 } .c3 { stroke: #ab7df8; fill: #ab7df8 }
  .c4 { stroke: #d29922; fill: #d29922 } .c5 { stroke: #db61a2; fill: #db61a2 }
  .c6 { stroke: #9198a1; fill: #9198a1 } path.line { fill: none } path.band { stroke: none }
}
"""
OWN, LIMIT, OTHERS = "c0", "c6", 5  # colours: Brio's, the raw program's, how many there are for the others


@dataclass(frozen=True)
class Bar:
    name: str
    values: tuple  # median, least, most
    label: str
    is_own: bool = False


@dataclass(frozen=True)
class Group:
    title: str
    bars: list


@dataclass(frozen=True)
class Line:
    name: str
    points: list  # (x, (median, least, most))
    end: float | None = None  # beyond its points: where it leaves through the upper edge


def whole(height: int, title: str, parts: list) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-label="{escape(title)}"><title>{escape(title)}</title><style>{STYLE}</style>'
        f'<rect class="ground" width="{WIDTH}" height="{height}"/>'
    )
    return head + "\n" + "\n".join(parts) + "\n</svg>\n"


def text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
    of_kind = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{of_kind} text-anchor="{anchor}">{escape(words)}</text>'


def vertical(x: float, top: float, bottom: float, kind: str) -> str:
    return f'<line class="{kind}" x1="{x:.1f}" x2="{x:.1f}" y1="{top:.1f}" y2="{bottom:.1f}"/>'


def bars(title: str, groups: list, limit: str) -> str:
    """Groups of bars of shares; 1 is a line that `limit` names."""
    left, right, step, gap = 190, 110, 20, 34
    most = max(1.0, *(bar.values[2] for group in groups for bar in group.bars))
    scale = (WIDTH - left - right) / most
    height = 64 + sum(gap + step * len(group.bars) for group in groups)
    parts = [text(16, 26, title, "title"), text(left + scale, 46, limit, "small", "middle")]
    parts.append(vertical(left + scale, 50, height - 10, "limit"))
    y = 44
    for group in groups:
        parts.append(text(16, y + 22, group.title))
        y += gap
        for bar in group.bars:
            middle, low, high = (value * scale for value in bar.values)
            y_middle, end = y + 8, left + max(1, middle)
            parts.append(text(left - 8, y + 12, bar.name, "small", "end"))
            kind = "own" if bar.is_own else "other"
            parts.append(f'<path class="{kind}" d="M{left},{y + 1}H{end:.1f}V{y + 15}H{left}Z"/>')
            parts.append(f'<path class="spread" d="M{left + low:.1f},{y_middle}H{left + high:.1f}"/>')
            parts.append(text(left + max(middle, high) + 8, y + 12, bar.label, "small"))
            y += step
    return whole(height, title, parts)


def nice_top(most: float) -> float:
    power = 10 ** int(log10(most)) if most >= 1 else 0.1
    return next(step * power for step in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if step * power >= most)


def short(value: float) -> str:
    for size, unit in ((1_000_000, "M"), (1_000, "k")):
        if value >= size:
            return f"{value / size:g}{unit}"
    return f"{value:g}"


def colours(series: list) -> list:
    others = (f"c{1 + number % OTHERS}" for number in range(len(series)))
    return [{"brio": OWN, "raw": LIMIT}.get(line.name) or next(others) for line in series]


def ticks(values: list, is_log: bool) -> list:
    if is_log:
        first, last = floor(log10(min(values))), ceil(log10(max(values)))
        return [10**power for power in range(first, max(last, first + 1) + 1)]
    most = nice_top(max(values))
    return [most * share for share in (0, 0.25, 0.5, 0.75, 1)]


def lines(title: str, x_title: str, y_title: str, series: list, is_log: bool = False) -> str:
    """Lines with the band between the least and the most, over a logarithmic axis; the other begins at 0, or
    is logarithmic too."""
    named, top = legend(series)
    left, right, bottom = 64, 24, top + 236
    height = bottom + 48
    sizes = [x for line in series for x, _ in line.points] + [line.end for line in series if line.end]
    first, last = log10(min(sizes)), log10(max(sizes))
    values = [value for line in series for _, values in line.points for value in values]
    marks = ticks(values or [1], is_log)

    def across(x):
        return left + (log10(x) - first) / max(last - first, 1e-9) * (WIDTH - left - right)

    def down(y):
        low, at, high = map(log10, (marks[0], y, marks[-1])) if is_log else (0, y, marks[-1])
        return bottom - (at - low) / (high - low) * (bottom - top)

    parts = [text(16, 26, title, "title"), *named, text(left, top - 12, y_title, "small")]
    for mark in marks:
        y = down(mark)
        parts.append(f'<line class="grid" x1="{left}" x2="{WIDTH - right}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(text(left - 8, y + 4, short(mark), "small", "end"))
    for x in sorted(set(sizes)):
        parts.append(text(across(x), bottom + 18, short(x), "small", "middle"))
    parts.append(text((left + WIDTH - right) / 2, height - 10, x_title, "small", "middle"))
    ended = Counter()  # by place: crosses stand beside each other
    for line, colour in zip(series, colours(series)):
        points = [(across(x), *map(down, values)) for x, values in line.points]
        aside = 9 * ended[line.end] * (1 if line.end == min(sizes) else -1)
        ended[line.end] += 1
        parts += drawn(points, (across(line.end) + aside, top) if line.end else None, colour)
    return whole(height, title, parts)


def legend(series: list) -> tuple:
    """In as many rows as it needs, and where the chart may begin below it."""
    parts, at, y = [], 16, 38
    for line, colour in zip(series, colours(series)):
        width = 32 + 7 * len(line.name)
        if at + width > WIDTH:
            at, y = 16, y + 16
        parts.append(f'<rect class="{colour}" x="{at}" y="{y}" width="12" height="4"/>')
        parts.append(text(at + 18, y + 6, line.name, "small"))
        at += width
    return parts, y + 38


def drawn(points: list, end: tuple | None, colour: str) -> list:
    """A line with its band, of points (x, median, least, most); of one point alone, its range."""
    upper = [(x, most) for x, _, _, most in points]
    lower = [(x, least) for x, _, least, _ in reversed(points)]
    middle = [(x, y) for x, y, _, _ in points]
    parts = [f'<circle class="{colour}" cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in middle]
    if len(points) == 1:
        parts.append(f'<path class="line {colour}" d="{path(upper + lower)}"/>')
    elif points:
        parts.append(f'<path class="band {colour}" d="{path(upper + lower)}Z"/>')
        parts.append(f'<path class="line {colour}" d="{path(middle)}"/>')
    if end:
        x, y = end
        parts.append(f'<path class="line {colour}" d="M{x - 4:.1f},{y - 4}l8,8m-8,0l8,-8"/>')
    if end and middle:
        parts.append(f'<path class="line end {colour}" d="{path([middle[-1], end])}"/>')
    return parts


def path(points: list) -> str:
    return "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in points)
