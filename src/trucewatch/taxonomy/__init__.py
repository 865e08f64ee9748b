"""Standard codes of acts and weapons, read from `acts.yaml` and `weapons.yaml`: what happened, and with what.

The YAML files are for people of the field to read and amend; this is only their reader.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import yaml

from trucewatch.model.vocabulary import MEANS, PLACE_OF

_CALIBRE = re.compile(r"(?P<class>[a-z_]+)\.(?P<mm>[1-9]\d{0,3}(?:\.\d{1,2})?)mm\Z")


@dataclass(frozen=True, slots=True)
class Act:
    """One act. `means` can perceive the act itself; `traces`: it leaves traces that can be examined afterwards;
    `accompanies`: acts that one incident can show together with it; `place`: what a bare place of it means (impact or
    presence), None where that is open; `weapon_class`: the class that it implies, or None."""

    code: str
    title: str
    definition: str
    means: frozenset[str]
    traces: bool
    accompanies: frozenset[str]
    place: str | None
    weapon_class: str | None
    ucdp: tuple[int, ...]
    acled: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Weapon:
    """One weapon or class of weapons: calibre in mm and greatest range in km are None where unknown."""

    code: str
    weapon_class: str
    calibre_mm: float | None
    max_range_km: float | None
    models: tuple[str, ...]
    source: str


@dataclass(frozen=True)
class Taxonomy:
    """Both trees. `acts`, `weapons`: code -> entry in the order of the files; `classes`: weapon class -> title."""

    acts: Mapping[str, Act]
    weapons: Mapping[str, Weapon]
    classes: Mapping[str, str]
    _by_model: Mapping[str, str]

    def is_act(self, code: str) -> bool:
        """Whether the code is an act of the taxonomy."""
        return code in self.acts

    def covers(self, parent: str, child: str) -> bool:
        """Whether an act code covers another: itself or one below it."""
        return child == parent or child.startswith(parent + ".")

    def weapon(self, code_or_words: str | None) -> Weapon | None:
        """The weapon of a code (`mlrs.bm21`, any `class.NNNmm`) or of an exact model name; None for other words."""
        if not code_or_words:
            return None
        word = code_or_words.strip()
        if word in self.weapons:
            return self.weapons[word]
        calibre = _CALIBRE.match(word)
        if calibre and calibre["class"] in self.classes:
            return Weapon(word, calibre["class"], float(calibre["mm"]), None, (), "class and calibre")
        code = self._by_model.get(_folded(word))
        return self.weapons[code] if code else None


def _folded(words: str) -> str:
    """Model names compare without case, spaces and hyphens: `BM-21 Grad`, `bm21 grad`."""
    return re.sub(r"[\s\-_]", "", words).casefold()


@lru_cache(maxsize=1)
def taxonomy() -> Taxonomy:
    """The shipped taxonomy; ValueError where its files contradict themselves."""
    acts = {code: _act(code, row) for code, row in _read("acts.yaml").items()}
    data = _read("weapons.yaml")
    classes = dict(data["classes"])
    weapons = {code: _weapon(code, row, classes) for code, row in data["weapons"].items()}
    _check(acts, classes)
    models = {_folded(m): code for code, w in weapons.items() for m in w.models}
    return Taxonomy(
        MappingProxyType(acts), MappingProxyType(weapons), MappingProxyType(classes), MappingProxyType(models)
    )


def _read(name: str) -> dict[str, Any]:
    text = files("trucewatch.taxonomy").joinpath(name).read_text(encoding="utf-8")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found: dict[str, Any] = yaml.load(text, Loader=loader)
    return found


def _act(code: str, row: Mapping[str, Any]) -> Act:
    return Act(
        code, row["title"], row["definition"], frozenset(row["means"]), row["traces"],
        frozenset(row.get("accompanies", ())), row.get("place"), row.get("weapon_class"),
        tuple(row.get("ucdp", ())), tuple(row.get("acled", ())), row["source"],
    )  # fmt: skip


def _weapon(code: str, row: Mapping[str, Any], classes: Mapping[str, str]) -> Weapon:
    if row["class"] not in classes or code.split(".")[0] != row["class"]:
        raise ValueError(f"weapon {code}: its class is not that of its code")
    calibre, reach = row["calibre_mm"], row["max_range_km"]
    return Weapon(
        code, row["class"], None if calibre is None else float(calibre), None if reach is None else float(reach),
        tuple(str(m) for m in row["models"]), row["source"],
    )  # fmt: skip


def _check(acts: Mapping[str, Act], classes: Mapping[str, str]) -> None:
    """Refuse acts that name unknown words: the files are edited by hand."""
    for act in acts.values():
        parent = act.code.rpartition(".")[0]
        unknown = set(act.means - set(MEANS)) | (act.accompanies - set(acts)) | ({parent} - {"", *acts})
        unknown |= {act.place or "impact"} - set(PLACE_OF)
        unknown |= {act.weapon_class or next(iter(classes))} - set(classes)
        if unknown:
            raise ValueError(f"act {act.code}: unknown words {sorted(unknown)}")


__all__ = ["Act", "Taxonomy", "Weapon", "taxonomy"]
