"""The results as a picture: one bar a figure, its target as a line."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from bench.budget import Result

WIDTH, ROW, LEFT, BAR = 880, 34, 470, 300
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #24292f }
.small { fill: #57606a; font-size: 11px }
.bar { fill: #2f7d6b } .missed { fill: #c4572f } .track { fill: #8b949e; opacity: .18 }
.limit { stroke: #24292f; stroke-width: 2 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .small { fill: #9198a1 } .bar { fill: #4fb39b } .missed { fill: #e8835b }
  .limit { stroke: #e6edf3 }
}
"""


def drawn(results: Sequence[Result]) -> str:
    """An SVG that reads on light and on dark ground."""
    rows = "\n".join(_row(result, 56 + ROW * place) for place, result in enumerate(results))
    height = 56 + ROW * len(results) + 8
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">
<title>What was measured, beside its target</title>
<style>{STYLE}</style>
<text x="16" y="24" font-weight="600">What was measured, beside its target</text>
<text class="small" x="16" y="42">The line is the target: "at least" a bar passes it, "at most" it ends before.</text>
{rows}
</svg>
"""


def _row(result: Result, top: int) -> str:
    target = result.target
    whole = max(result.figure, target.limit, target.goal) * 1.12 or 1.0
    bar, limit = (round(BAR * value / whole) for value in (result.figure, target.limit))
    kind = "bar" if result.met else "missed"
    word = "at least" if target.least is not None else "at most"
    return f"""<g transform="translate(0 {top})">
<text x="16" y="17">{escape(target.title)}</text>
<rect class="track" x="{LEFT}" y="6" width="{BAR}" height="14" rx="3"/>
<rect class="{kind}" x="{LEFT}" y="6" width="{max(bar, 2)}" height="14" rx="3"/>
<line class="limit" x1="{LEFT + limit}" x2="{LEFT + limit}" y1="3" y2="23"/>
<text x="{LEFT + BAR + 10}" y="13">{result.figure:g} {escape(target.unit)}</text>
<text class="small" x="{LEFT + BAR + 10}" y="26">{word} {target.limit:g}</text>
</g>"""
