"""Small pictures: the bar of a probability, the mirror of reported incidents, the steps of a sum, a distance on a ruler.

Presentation attributes give the light colours, so that a picture stands alone; classes let the page darken it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup, escape

from trucewatch.model.micronats import MICRO, log_odds

INK, SOFT, RULE = "#1b1f24", "#565d65", "#cfcabf"
# Two hues equally strong and no flag's: violet and brown for the first two actors of a file, then teal and plum.
HUES = ("#6a45a3", "#87500f", "#12666d", "#8f2f63")
GREY = "#5f646b"
SHADES = {
    "verified": 1.0, "corroborated": 0.85, "probable": 0.62, "more likely than not": 0.4, "unconfirmed": 0.2,
    "unlikely": 0.07,
}  # fmt: skip


def hue(position: int | None) -> str:
    """The colour of an actor by its position among the actors of the chain; grey for nobody and for many."""
    return GREY if position is None or position >= len(HUES) else HUES[position]


def paint(position: int | None) -> str:
    """The class that gives the same colour in the dark."""
    return "pn" if position is None or position >= len(HUES) else f"p{'abcd'[position]}"


def patterns() -> Markup:
    """Stripes that tell the first actors apart without colour, mirror images of each other, and a hatch for unseen.

    They stand once in a page; pictures name them by `url(#m...)`.
    """
    angles = (45, -45, 0, 90)
    out = []
    for k, colour in enumerate(HUES):
        name = paint(k)
        out.append(
            f'<pattern id="m{name}" width="6" height="6" patternUnits="userSpaceOnUse" '
            f'patternTransform="rotate({angles[k]})"><line x1="0" y1="0" x2="0" y2="6" stroke="{colour}" '
            f'stroke-width="2.4" class="s{name}"/></pattern>'
        )
    out.append(
        f'<pattern id="mun" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        f'<line x1="0" y1="0" x2="0" y2="8" stroke="{SOFT}" stroke-opacity=".55" stroke-width="1.6" class="ssoft"/>'
        "</pattern>"
    )
    return Markup("".join(out))


def probability_bar(
    p: float | None, low: float | None, high: float | None, bands: Sequence[float], label: str
) -> Markup:
    """A rail from 0 to 1 with the bounds of the bands, the 90 % interval and the middle; 120 x 16."""
    if p is None:
        return Markup("")
    low, high = p if low is None else low, p if high is None else high

    def x(v: float) -> str:
        return f"{4 + 112 * v:.1f}"

    ticks = "".join(f'<path d="M{x(b)} 4v8" stroke="{SOFT}" stroke-width=".8" class="ssoft"/>' for b in bands)
    return Markup(
        f'<svg class="pbar" viewBox="0 0 120 16" width="120" height="16" role="img" aria-label="{escape(label)}">'
        f'<path d="M4 8h112" stroke="{RULE}" class="srule"/>{ticks}'
        f'<rect x="{x(low)}" y="5.5" width="{max(112 * (high - low), 1):.1f}" height="5" fill="{SOFT}" '
        f'fill-opacity=".45" class="soft"/><circle cx="{x(p)}" cy="8" r="3.6" fill="{INK}" class="ink"/></svg>'
    )


def mirror_chart(
    counts: Sequence[tuple[str, str, Sequence[int]]], names: Sequence[str], title: str, words: str
) -> Markup:
    """Reported incidents by whom they are alleged against, left and right of their status: the same scale for both.

    `counts`: status, its word, incidents alleged against the first and the second actor.
    """
    most = max([1, *(n for _, _, sides in counts for n in sides)])
    height = 40 + 24 * len(counts)
    out = [
        f'<svg class="chart" viewBox="0 0 460 {height}" role="img" aria-label="{escape(title)}. {escape(words)}">',
        f'<text x="150" y="16" text-anchor="end" font-weight="600" fill="{INK}" class="ink">{escape(names[0])}</text>',
        f'<text x="310" y="16" font-weight="600" fill="{INK}" class="ink">{escape(names[1])}</text>',
    ]
    for k, (status, word, sides) in enumerate(counts):
        y = 30 + 24 * k
        out.append(f'<text x="230" y="{y + 13}" text-anchor="middle" fill="{INK}" class="ink">{escape(word)}</text>')
        for side, n in enumerate(sides[:2]):
            width = 110 * n / most
            left = 150 - width if side == 0 else 310
            colour, name = hue(side), paint(side)
            if n:
                out.append(
                    f'<rect x="{left:.1f}" y="{y}" width="{width:.1f}" height="17" fill="{colour}" class="{name}" '
                    f'fill-opacity="{SHADES[status]}"/><rect x="{left:.1f}" y="{y}" width="{width:.1f}" height="17" '
                    f'fill="url(#m{name})" fill-opacity=".5" stroke="{colour}" class="s{name} keep"/>'
                )
            anchor = f'x="{left - 6:.1f}" text-anchor="end"' if side == 0 else f'x="{left + width + 6:.1f}"'
            out.append(f'<text {anchor} y="{y + 13}" fill="{INK}" class="ink">{n}</text>')
    return Markup("".join(out) + "</svg>")


class Steps:
    """The scale of a waterfall: each contribution begins where the one before it ended. 260 x 18 a row."""

    TICKS = (0.01, 0.05, 0.2, 0.5, 0.8, 0.95, 0.99)

    def __init__(self, weights: Sequence[int]) -> None:
        at, marks = 0, [0]
        for weight in weights:
            at += weight
            marks.append(at)
        self.total = at
        self.low, self.high = min(marks) - 350_000, max(marks) + 350_000

    def x(self, micro: float) -> float:
        """Where log-odds (micro-nats) stand on the rail."""
        return round(4 + 252 * (micro - self.low) / (self.high - self.low), 1)

    def bar(self, start: int, weight: int) -> Markup:
        """One step: filled to the right where it raises, open to the left where it lowers."""
        a, b = self.x(start), self.x(start + weight)
        left, width = min(a, b), max(abs(b - a), 1.5)
        form = (
            f'fill="{INK}" class="ink"'
            if weight >= 0
            else f'fill="none" stroke="{INK}" stroke-width="1.4" stroke-dasharray="3 2" class="sink"'
        )
        return Markup(
            f'<svg class="step" viewBox="0 0 260 18" width="260" height="18" aria-hidden="true">{self._grid()}'
            f'<rect x="{left}" y="4" width="{width:.1f}" height="10" {form}/></svg>'
        )

    def sum(self) -> Markup:
        """Where the steps end, on the scale of probability."""
        x = self.x(self.total)
        return Markup(
            f'<svg class="step" viewBox="0 0 260 18" width="260" height="18" aria-hidden="true">{self._grid()}'
            f'<path d="M{x} 2l6 7-6 7-6-7z" fill="{INK}" class="ink"/></svg>'
        )

    def _shown(self) -> list[tuple[float, float]]:
        places = [(p, self.x(log_odds(p))) for p in self.TICKS]
        return [(p, x) for p, x in places if 4 <= x <= 256]

    def _grid(self) -> str:
        d = "".join(f"M{x} 0v18" for _, x in self._shown())
        return f'<path d="{d}" stroke="{RULE}" class="srule"/>'

    def scale(self) -> Markup:
        """The words of the scale, in per cent."""
        out, last = [], -math.inf
        for p, x in self._shown():
            if x - last >= 30:
                out.append(
                    f'<text x="{min(max(x, 14), 244)}" y="13" text-anchor="middle" fill="{SOFT}" class="soft">'
                    f"{p * 100:g} %</text>"
                )
                last = x
        return Markup(
            f'<svg class="step" viewBox="0 0 260 18" width="260" height="18" aria-hidden="true">{"".join(out)}</svg>'
        )


def nats(micro: int) -> str:
    """Log-odds in nats with a sign and two decimals."""
    return f"{'+' if micro >= 0 else '−'}{abs(micro) / MICRO:.2f}"


def ruler(distance: float, spread: float, required: float | None, position: int | None, label: str) -> Markup:
    """A weapon's distance from its line with its uncertainty, against the distance that the term asks for; 220 x 30."""
    top = max(distance + spread, required or 0.0, 1.0) * 1.1

    def x(km: float) -> float:
        return round(4 + 212 * min(max(km, 0.0), top) / top, 1)

    low, high = x(distance - spread), x(distance + spread)
    line = "" if required is None else (
        f'<rect x="4" y="4" width="{x(required) - 4:.1f}" height="20" fill="url(#mun)" class="keep"/>'
        f'<path d="M{x(required)} 2v24" stroke="{INK}" stroke-width="2" class="sink"/>'
    )  # fmt: skip
    return Markup(
        f'<svg class="ruler" viewBox="0 0 220 30" width="220" height="30" role="img" aria-label="{escape(label)}">'
        f'<path d="M4 14h212" stroke="{RULE}" class="srule"/>{line}'
        f'<rect x="{low}" y="11" width="{max(high - low, 1):.1f}" height="6" fill="{hue(position)}" '
        f'fill-opacity=".45" class="{paint(position)}"/>'
        f'<circle cx="{x(distance)}" cy="14" r="4" fill="{hue(position)}" class="{paint(position)}"/></svg>'
    )


def share_bar(share: float, label: str) -> Markup:
    """How much of an area and day was observed; what was not is hatched. 120 x 12."""
    width = 118 * min(max(share, 0.0), 1.0)
    return Markup(
        f'<svg class="pbar" viewBox="0 0 120 12" width="120" height="12" role="img" aria-label="{escape(label)}">'
        f'<rect x="1" y="1" width="118" height="10" fill="url(#mun)" stroke="{SOFT}" class="ssoft keep"/>'
        f'<rect x="1" y="1" width="{width:.1f}" height="10" fill="{INK}" fill-opacity=".75" class="ink"/></svg>'
    )


def key(position: int | None) -> Markup:
    """The small square of an actor for lists and tables."""
    colour, name = hue(position), paint(position)
    stripes = "" if position is None else f'<rect width="11" height="11" fill="url(#m{name})"/>'
    return Markup(
        f'<svg class="key" width="11" height="11" viewBox="0 0 11 11" aria-hidden="true">'
        f'<rect width="11" height="11" fill="{colour}" fill-opacity=".35" stroke="{colour}" class="{name} s{name}"/>'
        f"{stripes}</svg>"
    )
