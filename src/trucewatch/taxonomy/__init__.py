"""The taxonomies: what acts and weapons are called, what can perceive an act, what leaves traces.

The words live in acts.yaml and weapons.yaml, so that someone from the field can review them; this is only their reader.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from trucewatch.model.vocabulary import MEANS

__all__ = ["Act", "Taxonomy", "Weapon", "taxonomy"]

_CALIBRE = re.compile(r"(?P<cls>[a-z_]+)\.(?P<mm>\d+(?:\.\d+)?)mm\Z")


@dataclass(frozen=True, slots=True)
class Act:
    """One act: dotted code, title and definition in English, what perceives it, whether it leaves traces."""

    code: str
    title: str
    definition: str
    means: frozenset[str]
    traces: bool
    accompanies: frozenset[str]
    ged: tuple[int, ...]
    acled: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Weapon:
    """One weapon: code, class, calibre (mm) and greatest range (km) where known, model names, act of firing it."""

    code: str
    title: str
    cls: str
    calibre_mm: float | None
    max_range_km: float | None
    models: tuple[str, ...]
    act: str
    source: str


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """Acts by code, weapon classes and models by code."""

    acts: Mapping[str, Act]
    weapons: Mapping[str, Weapon]
    _by_model: Mapping[str, str]

    def is_act(self, code: str) -> bool:
        """Whether the code is an act of the tree."""
        return code in self.acts

    def covers(self, parent: str, child: str) -> bool:
        """Whether `parent` is `child` or one of its ancestors."""
        return child == parent or child.startswith(parent + ".")

    def weapon(self, words: str) -> Weapon | None:
        """The weapon of a code, `class.NNNmm`, class or model name (upper or lower case); None for any other words."""
        if words in self.weapons:
            return self.weapons[words]
        match = _CALIBRE.match(words.casefold())
        if match and match["cls"] in self.weapons:
            base = self.weapons[match["cls"]]
            mm = float(match["mm"])
            same = [w.max_range_km for w in self.weapons.values() if w.cls == base.cls and w.calibre_mm == mm]
            reach = max((r for r in same if r is not None), default=base.max_range_km)
            return Weapon(words, f"{base.title} {mm:g} mm", base.cls, mm, reach, (), base.act, base.source)
        code = self._by_model.get(words.casefold())
        return self.weapons[code] if code else None


@lru_cache(maxsize=1)
def taxonomy() -> Taxonomy:
    """The shipped taxonomy, read once. A faulty file raises ValueError: it is ours."""
    acts: dict[str, Act] = {}
    for code, raw in _read("acts.yaml").items():
        _grow(acts, code, raw, {})
    for act in acts.values():
        unknown = act.accompanies - acts.keys()
        if unknown or not act.means <= set(MEANS):
            raise ValueError(f"{act.code}: unknown accompanying acts {sorted(unknown)} or means {sorted(act.means)}")
    weapons = _weapons(_read("weapons.yaml"))
    by_model = {m.casefold(): w.code for w in weapons.values() for m in w.models}
    return Taxonomy(acts, weapons, by_model)


def _read(name: str) -> dict[str, Any]:
    text = files("trucewatch.taxonomy").joinpath(name).read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return found


def _grow(acts: dict[str, Act], code: str, raw: Mapping[str, Any], above: Mapping[str, Any]) -> None:
    merged = {**{k: above[k] for k in ("means", "traces", "accompanies") if k in above}, **raw}
    acts[code] = Act(
        code, raw["title"], raw["definition"], frozenset(merged["means"]), bool(merged["traces"]),
        frozenset(merged.get("accompanies", ())), tuple(raw.get("ged", ())), tuple(raw.get("acled", ())),
    )  # fmt: skip
    for name, child in (raw.get("children") or {}).items():
        _grow(acts, f"{code}.{name}", child, merged)


def _weapons(raw: Mapping[str, Any]) -> dict[str, Weapon]:
    out: dict[str, Weapon] = {}
    for cls, c in raw["classes"].items():
        out[cls] = Weapon(cls, c["title"], cls, None, c["max_range_km"], (), c["act"], "class")
    for code, m in raw["models"].items():
        base = out[m["class"]]
        title = f"{base.title} {m['models'][0]}"
        out[code] = Weapon(
            code,
            title,
            m["class"],
            float(m["calibre_mm"]),
            m["max_range_km"],
            tuple(m["models"]),
            base.act,
            m["source"],
        )
    return out
