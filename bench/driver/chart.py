"""Charts as SVG: bars beside each other, and lines over a logarithmic axis. Light and dark, no script."""

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
    left, right, top, height = 64, 24, 76, 360
    bottom = height - 48
    sizes = [x for line in series for x, _ in line.points]
    first, last = log10(min(sizes)), log10(max(sizes))
    marks = ticks([value for line in series for _, values in line.points for value in values], is_log)

    def across(x):
        return left + (log10(x) - first) / max(last - first, 1e-9) * (WIDTH - left - right)

    def down(y):
        low, at, high = map(log10, (marks[0], y, marks[-1])) if is_log else (0, y, marks[-1])
        return bottom - (at - low) / (high - low) * (bottom - top)

    parts = [text(16, 26, title, "title"), text(left, 64, y_title, "small")]
    for mark in marks:
        y = down(mark)
        parts.append(f'<line class="grid" x1="{left}" x2="{WIDTH - right}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(text(left - 8, y + 4, short(mark), "small", "end"))
    for x in sorted(set(sizes)):
        parts.append(text(across(x), bottom + 18, short(x), "small", "middle"))
    parts.append(text((left + WIDTH - right) / 2, height - 10, x_title, "small", "middle"))
    at = 16
    for line, colour in zip(series, colours(series)):
        upper = [(across(x), down(values[2])) for x, values in line.points]
        lower = [(across(x), down(values[1])) for x, values in reversed(line.points)]
        middle = [(across(x), down(values[0])) for x, values in line.points]
        parts.append(f'<path class="band {colour}" d="{path(upper + lower)}Z"/>')
        parts.append(f'<path class="line {colour}" d="{path(middle)}"/>')
        parts += [f'<circle class="{colour}" cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in middle]
        parts.append(f'<rect class="{colour}" x="{at}" y="38" width="12" height="4"/>')
        parts.append(text(at + 18, 44, line.name, "small"))
        at += 32 + 7 * len(line.name)
    return whole(height, title, parts)


def path(points: list) -> str:
    return "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in points)
