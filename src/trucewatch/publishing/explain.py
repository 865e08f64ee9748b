"""An explanation of one incident, finding or claim: facts, tables, and a picture of what each contribution moved.

The picture is a waterfall of log-odds, as in splink's chart: each bar begins where the one before it ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

from trucewatch.model.micronats import MICRO, probability

MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True)
class Part:
    """A table of an explanation: heading, column names, rows of plain values."""

    heading: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


@dataclass(frozen=True)
class Explanation:
    """What is shown of one object. `bars`: label and micro-nats in order; `object_hash` is what a decision names."""

    object_id: str
    title: str
    facts: tuple[tuple[str, str], ...]
    parts: tuple[Part, ...] = ()
    bars: tuple[tuple[str, int], ...] = ()
    object_hash: str | None = None
    incident_id: str | None = None
    notes: tuple[str, ...] = field(default=())

    def as_dict(self) -> dict[str, Any]:
        """The same as data, for --json."""
        return {
            "object": self.object_id,
            "object_hash": self.object_hash,
            "incident_id": self.incident_id,
            "title": self.title,
            "facts": dict(self.facts),
            "tables": {p.heading: [dict(zip(p.columns, row, strict=True)) for row in p.rows] for p in self.parts},
            "notes": list(self.notes),
        }


def nats(micro: int | None) -> str:
    """Log-odds in nats with sign and three decimals; empty for None."""
    if micro is None:
        return ""
    return f"{'+' if micro >= 0 else MINUS}{abs(micro) / MICRO:.3f}"


def running(bars: Sequence[tuple[str, int]]) -> list[tuple[int, int]]:
    """Where each bar begins and ends, in micro-nats from the sum of those before it."""
    out, at = [], 0
    for _, weight in bars:
        out.append((at, at + weight))
        at += weight
    return out


_LABEL_W, _PLOT_W, _ROW_H, _TOP, _BOTTOM = 330, 460, 24, 46, 40
_UP, _DOWN, _SUM, _INK, _GRID = "#1d6f64", "#8a4b08", "#3b3f46", "#1b1e23", "#c9ced6"
_TICKS = (0.001, 0.01, 0.05, 0.2, 0.5, 0.8, 0.95, 0.99, 0.999)


def waterfall_svg(title: str, bars: Sequence[tuple[str, int]]) -> str:
    """The picture: a bar a contribution on a scale of log-odds, with probabilities below; presentation attributes."""
    spans = running(bars)
    total = spans[-1][1] if spans else 0
    marks = [0, total, *(x for span in spans for x in span)]
    low, high = min(marks) - 300_000, max(marks) + 300_000
    scale = _PLOT_W / (high - low)
    height = _TOP + (len(bars) + 1) * _ROW_H + _BOTTOM
    width = _LABEL_W + _PLOT_W + 90

    def x(micro: float) -> float:
        return round(_LABEL_W + (micro - low) * scale, 1)

    words = f"The contributions sum to {nats(total)} nats, a probability of {probability(total):.4f}."
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" font-family="system-ui, sans-serif" font-size="12">',
        f"<title>{escape(title)}</title><desc>{escape(words)}</desc>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        f'<text x="10" y="24" font-size="15" font-weight="600" fill="{_INK}">{escape(title)}</text>',
    ]
    out += _axis(x, low, high, height)
    for i, ((label, weight), (start, end)) in enumerate(zip(bars, spans, strict=True)):
        out += _bar(label, weight, x(min(start, end)), x(max(start, end)), _TOP + i * _ROW_H, weight >= 0)
    y = _TOP + len(bars) * _ROW_H
    out += [
        f'<text x="10" y="{y + 16}" font-weight="600" fill="{_INK}">all together: {probability(total):.4f}</text>',
        f'<rect x="{x(min(0, total))}" y="{y + 5}" width="{max(abs(total) * scale, 1.5):.1f}" height="14" '
        f'fill="{_SUM}"/>',
        "</svg>\n",
    ]
    return "\n".join(out)


def _bar(label: str, weight: int, left: float, right: float, y: int, up: bool) -> list[str]:
    shown = "".join(c if c.isprintable() else " " for c in label)
    shown = shown if len(shown) <= 52 else shown[:51] + "…"
    return [
        f'<text x="10" y="{y + 16}" fill="{_INK}">{escape(shown)}</text>',
        f'<rect x="{left}" y="{y + 5}" width="{max(right - left, 1.5):.1f}" height="14" '
        f'fill="{_UP if up else _DOWN}"/>',
        f'<text x="{right + 5:.1f}" y="{y + 16}" fill="{_INK}">{nats(weight)}</text>',
    ]


def _axis(x: Any, low: float, high: float, height: int) -> list[str]:
    from trucewatch.model.micronats import log_odds

    out = []
    last = -1e9
    for p in _TICKS:
        at = log_odds(p)
        if not low <= at <= high or x(at) - last < 38:
            continue
        last = x(at)
        out.append(
            f'<line x1="{last}" y1="{_TOP}" x2="{last}" y2="{height - _BOTTOM + 4}" stroke="{_GRID}"/>'
            f'<text x="{last}" y="{height - _BOTTOM + 20}" text-anchor="middle" fill="{_INK}">{p:g}</text>'
        )
    out.append(f'<text x="10" y="{height - _BOTTOM + 20}" fill="{_INK}">probability</text>')
    return out
