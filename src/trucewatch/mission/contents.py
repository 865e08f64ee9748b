"""What a package holds of a mission besides its records: tables, maps, configuration, agreements, fit and priors.

The same functions make the files when a package is written and when it is checked, so that a check compares bytes.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import yaml

from trucewatch.mission.exporting import WHOLE, Source
from trucewatch.mission.folder import Mission
from trucewatch.model.columns import KINDS
from trucewatch.model.errors import Fault, Refusal
from trucewatch.publishing import tables
from trucewatch.publishing.package.bag import Content
from trucewatch.publishing.package.names import AUDITOR, CONFIG, FIT, FITTED, MAPS, MISSION, TABLES
from trucewatch.publishing.policy import Policy

if TYPE_CHECKING:
    from trucewatch.mission.cuts import State
    from trucewatch.mission.derive import Derived

MAPPED = ("incidents", "claims", "coverage", "restrictions")
# What the program weighs and links by, as data with its sources (module and file).
_PRIORS = {
    "ratios.yaml": ("trucewatch.weighing", "ratios.yaml"),
    "score.yaml": ("trucewatch.linking", "score.yaml"),
    "acts.yaml": ("trucewatch.taxonomy", "acts.yaml"),
    "weapons.yaml": ("trucewatch.taxonomy", "weapons.yaml"),
    "notices.yaml": ("trucewatch.judging", "notices.yaml"),
}
_NOT_FOR_ALL = {"people", "ledger", "safety", "database"}


def gate_audience(audience: str) -> str:
    """The audience of the gate: an auditor sees what the mission itself sees."""
    return "internal" if audience == AUDITOR else audience


def ground(mission: Mission, state: State | Derived, audience: str, cut_at: int | None) -> Source:
    """Rows of every table of a state as the audience may see them."""
    snap = state.snapshot
    if audience == AUDITOR:
        held = {"claims": snap.claims, **snap.tables}
        return Source({t: [v.payload for v in vs] for t, vs in held.items()}, state.tables, "internal", None)
    policy = Policy.of(mission.config, mission.agreements, state, cut_at)
    inputs = {"claims": state.claims, **{t: state.newest(t) for t in KINDS if t != "claims"}}
    return Source(inputs, state.tables, audience, policy)


def table_files(source: Source) -> Iterator[tuple[str, bytes, int]]:
    """Path, bytes and rows held back of every table and map."""
    for table in WHOLE:
        rows, withheld = source.rows(table)
        unknown = {k for row in rows for k in row} if table in KINDS and source.policy is None else ()
        shape = tables.shape(table, unknown)
        yield f"{TABLES}/{table}.csv", _written(rows, "csv", shape), withheld.total()
        if table in MAPPED:
            yield f"{MAPS}/{table}.geojson", _written(rows, "geojson", shape), 0


def _written(rows: Sequence[Mapping[str, Any]], how: str, shape: tables.Shape) -> bytes:
    to = io.StringIO(newline="")
    tables.write(rows, to, how, shape)
    return to.getvalue().encode()


def mission_files(mission: Mission, audience: str) -> dict[str, Content]:
    """Configuration, agreements with their zones, sectors: enough to open the mission elsewhere.

    Persons, witnesses' addresses and rules of safety are for an auditor alone.
    """
    out: dict[str, Content] = {}
    names = []
    for k, name in enumerate(mission.config.agreements, 1):
        path = mission.agreement_path(name)
        names.append(f"agreements/{k}/{path.name}")
        out[f"{MISSION}/{names[-1]}"] = path
        for zone in zone_files(path):
            out[f"{MISSION}/agreements/{k}/{zone}"] = path.parent / zone
    config = mission.config.model_dump(
        mode="json", by_alias=True, exclude=set() if audience == AUDITOR else _NOT_FOR_ALL
    )
    config |= {"agreements": names, "database": None}
    if mission.config.sectors is not None:
        out[f"{MISSION}/sectors.geojson"] = mission.dir / mission.config.sectors
        config["sectors"] = "sectors.geojson"
    out[CONFIG] = yaml.safe_dump(config, allow_unicode=True, sort_keys=False).encode()
    return out


def zone_files(agreement: Path) -> list[str]:
    """Files of shapes that an agreement names; `Refusal` where one lies outside of its own folder."""
    document = yaml.safe_load(agreement.read_text("utf-8-sig"))
    zones = document.get("zones") if isinstance(document, dict) else None
    found = [str(z["file"]) for z in zones or () if isinstance(z, dict) and z.get("file")]
    for name in found:
        path = PurePosixPath(name.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in name:
            raise Refusal(
                Fault(
                    f"{name!r} lies outside of the folder of its agreement",
                    "Put it beside the agreement",
                    agreement.name,
                )
            )
    return list(dict.fromkeys(found))


def fit_files(fit: Mapping[str, Any]) -> dict[str, Content]:
    """The fit that counted, and the weights and codes that the program came with."""
    said = json.dumps(fit, sort_keys=True, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    priors: dict[str, Content] = {
        f"{FIT}/{name}": files(module).joinpath(f).read_bytes() for name, (module, f) in _PRIORS.items()
    }
    return {FITTED: said.encode(), **priors}
