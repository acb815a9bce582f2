"""A line over the days of a year, as an SVG that reads well on dark and light pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from html import escape

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 960, 320, 56, 48, 40
STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #555 } .title { font-size: 17px; fill: #222 }
  .line { fill: none; stroke: #0b6bcb; stroke-width: 1.6 } .grid { stroke: #8884; stroke-width: 1 }
  @media (prefers-color-scheme: dark) { text { fill: #aaa } .title { fill: #eee } .line { stroke: #6db3ff } }
"""


def plot(title: str, unit: str, points: Sequence[tuple[date, float]]) -> str:
    """`points` in the order of days; the y axis starts at nought or below."""
    lowest, highest = min(0.0, *(value for _, value in points)), max(value for _, value in points)
    step = _step(highest - lowest)
    first, last = points[0][0], points[-1][0]
    across, down = WIDTH - LEFT - 16, HEIGHT - TOP - BOTTOM

    def x(day: date) -> float:
        return LEFT + across * (day - first).days / max((last - first).days, 1)

    def y(value: float) -> float:
        return TOP + down * (highest - value) / ((highest - lowest) or 1)

    marks = [value * step for value in range(int(lowest // step), int(highest // step) + 1)]
    grid = "".join(
        f'<line class="grid" x1="{LEFT}" x2="{WIDTH - 16}" y1="{y(mark):.1f}" y2="{y(mark):.1f}"/>'
        f'<text x="{LEFT - 8}" y="{y(mark) + 4:.1f}" text-anchor="end">{mark:g}</text>'
        for mark in marks
        if lowest <= mark
    )
    months = "".join(f'<text x="{x(day):.1f}" y="{HEIGHT - 14}">{day:%b}</text>' for day, _ in points if day.day == 1)
    line = " ".join(f"{x(day):.1f},{y(value):.1f}" for day, value in points)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">'
        f"<title>{escape(title)}</title><style>{STYLE}</style>"
        f'<text class="title" x="{LEFT}" y="28">{escape(title)} <tspan font-size="13">({escape(unit)})</tspan></text>'
        f'{grid}{months}<polyline class="line" points="{line}"/></svg>\n'
    )


def _step(span: float) -> float:
    """A round distance between grid lines that gives about five of them."""
    for step in (1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000):
        if span / step <= 6:
            return step
    return span / 5
