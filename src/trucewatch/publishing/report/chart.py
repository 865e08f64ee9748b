"""Small pictures: the bar of a probability, the mirror of reported incidents, the steps of a sum, a ruler.

Presentation attributes give the light colours, so that a picture stands alone; classes let the page darken it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

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
        f'<line x1="0" y1="0" x2="0" y2="8" stroke="{SOFT}" stroke-opacity=".7" stroke-width="1.8" class="ssoft"/>'
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

    x, ticks = _on_rail, _bounds(tuple(bands))
    return Markup(
        f'<svg class="pbar" viewBox="0 0 120 16" width="120" height="16" role="img" aria-label="{escape(label)}">'
        f'<path d="M4 8h112" stroke="{RULE}" class="srule"/>{ticks}'
        f'<rect x="{x(low)}" y="5.5" width="{max(112 * (high - low), 1):.1f}" height="5" fill="{SOFT}" '
        f'fill-opacity=".45" class="soft"/><circle cx="{x(p)}" cy="8" r="3.6" fill="{INK}" class="ink"/></svg>'
    )


def _on_rail(p: float) -> str:
    return f"{4 + 112 * p:.1f}"


@lru_cache(maxsize=16)
def _bounds(bands: tuple[float, ...]) -> str:
    """The bounds of the bands on the rail, the same for every incident."""
    return "".join(f'<path d="M{_on_rail(b)} 4v8" stroke="{SOFT}" stroke-width=".8" class="ssoft"/>' for b in bands)


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of the mirror: how many, its share of the longest bar, and its strip as a picture."""

    count: int
    share: float
    strip: Markup


@dataclass(frozen=True, slots=True)
class BarRow:
    """A status of the mirror: its word, and the bars of the first and the second actor."""

    word: str
    sides: tuple[Bar, ...]


def mirror_rows(
    counts: Sequence[tuple[str, str, Sequence[int]]], positions: Sequence[int | None]
) -> tuple[BarRow, ...]:
    """Reported incidents by whom they are alleged against, on either side of their status: the same scale for both.

    `counts`: status, its word, incidents alleged against the first and second actor; `positions` give their colours.
    Words and numbers stand as text in the page, so that they keep their size on a small screen.
    """
    most = max([1, *(n for _, _, sides in counts for n in sides)])
    return tuple(
        BarRow(
            word,
            tuple(Bar(n, round(n / most, 3), _strip(SHADES[status], p)) for n, p in zip(sides, positions, strict=True)),
        )
        for status, word, sides in counts
    )


def _strip(shade: float, position: int | None) -> Markup:
    """The picture of a bar, as long as its place in the page."""
    colour, name = hue(position), paint(position)
    at = 'width="100%" height="100%"'
    return Markup(
        f'<svg class="strip" {at} aria-hidden="true"><rect {at} fill="{colour}" class="{name}" fill-opacity="{shade}"/>'
        f'<rect {at} fill="url(#m{name})" fill-opacity=".5" stroke="{colour}" class="s{name} keep"/></svg>'
    )


# The one scale of all steps, in nats: what lies beyond is cut at its edge. 2 % and 99.8 %.
_LOW, _HIGH = -4.0, 6.5
TICKS = (0.05, 0.2, 0.5, 0.8, 0.95, 0.99)


@dataclass(frozen=True, slots=True)
class Step:
    """A bar on the scale of the steps, per cent of its length: where it begins, how long it is, which way it moved."""

    left: float
    width: float
    raises: bool


def on_scale(micro: float) -> float:
    """Where log-odds (micro-nats) stand on the scale of the steps, per cent of its length."""
    return round(100 * (min(max(micro / MICRO, _LOW), _HIGH) - _LOW) / (_HIGH - _LOW), 1)


def steps(weights: Sequence[int]) -> list[Step]:
    """Log-odds (micro-nats) as steps: each begins where the one before it ended, the first at even odds."""
    out, at = [], 0
    for weight in weights:
        a, b = sorted((on_scale(at), on_scale(at + weight)))
        out.append(Step(a, round(max(b - a, 0.5), 1), weight >= 0))
        at += weight
    return out


def ticks() -> list[tuple[float, float]]:
    """The marks of the scale: probability and place in per cent of its length."""
    return [(p, on_scale(log_odds(p))) for p in TICKS]


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


@lru_cache(maxsize=32)
def key(position: int | None) -> Markup:
    """The small square of an actor for lists and tables."""
    colour, name = hue(position), paint(position)
    stripes = "" if position is None else f'<rect width="11" height="11" fill="url(#m{name})"/>'
    return Markup(
        f'<svg class="key" width="11" height="11" viewBox="0 0 11 11" aria-hidden="true">'
        f'<rect width="11" height="11" fill="{colour}" fill-opacity=".35" stroke="{colour}" class="{name} s{name}"/>'
        f"{stripes}</svg>"
    )
