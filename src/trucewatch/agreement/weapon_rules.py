"""Weapon rules of a text: which weapons, by class, calibre or model, and how far away or how many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trucewatch.taxonomy import Weapon, taxonomy


@dataclass(frozen=True, slots=True)
class WeaponRule:
    """Weapons and their distance. `distance_km` is each side's own, half of a width between the sides (`zone_width_km`
    is that width, where the text gives one); None = told by `reach` (max_range or direct_fire_range) or not at all."""

    classes: tuple[str, ...] = ()
    calibre: tuple[float, bool, float, bool] | None = None
    models: tuple[str, ...] = ()
    distance_km: float | None = None
    reach: str | None = None
    zone_width_km: float | None = None

    @property
    def specificity(self) -> int:
        """The most specific rule wins: models before one calibre, before a range of calibres, before a class."""
        exact = self.calibre is not None and self.calibre[0] == self.calibre[2]
        return 8 * bool(self.models) + 4 * exact + 2 * (self.calibre is not None and not exact) + bool(self.classes)

    def matches(self, weapon_class: str, calibre_mm: float | None, code: str | None) -> bool | None:
        """Whether a weapon falls under the rule; None where its calibre or model is not known well enough to say."""
        if self.classes and weapon_class not in self.classes:
            return False
        unknown = False
        if self.models:
            known = None if code is None else _among(code, self.models)
            if known is False:
                return False
            unknown |= known is None
        if self.calibre is not None:
            if calibre_mm is None:
                unknown = True
            elif not _inside(calibre_mm, self.calibre):
                return False
        return None if unknown else True

    def required_km(self, weapon: Weapon | None) -> float | None:
        """How far from its baseline the weapon must be, km; None where that is not known."""
        if self.reach is None:
            return self.distance_km
        return weapon.max_range_km if weapon is not None and self.reach == "max_range" else None


def _inside(calibre: float, bounds: tuple[float, bool, float, bool]) -> bool:
    low, low_open, high, high_open = bounds
    above = calibre > low if low_open else calibre >= low
    return above and (calibre < high if high_open else calibre <= high)


def _among(code: str, models: Sequence[str]) -> bool | None:
    """Whether a weapon code is one of the models; None where the code is wider than a model of the list: its class, or
    its class and calibre alone."""
    tax = taxonomy()
    weapon = tax.weapon(code)
    listed = [tax.weapon(m) for m in models]
    if code in models or any(w is not None and (code == w.code or code.startswith(w.code + ".")) for w in listed):
        return True
    by_calibre = (weapon.weapon_class, weapon.calibre_mm) if weapon is not None and code.endswith("mm") else None
    for one in listed:
        if one is None:
            continue
        if (one.weapon_class, one.calibre_mm) == by_calibre or one.code.startswith(code + "."):
            return None
    return False
