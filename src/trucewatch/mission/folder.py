"""The mission's folder: where its configuration, agreements, records, reports and quarantine lie.

mission.yaml  agreements/  in/  trucewatch.db  ledger/  quarantine/  receipts/  reports/
"""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trucewatch.mission.config import MissionConfig, read_config
from trucewatch.model.errors import Fault, Refusal

if TYPE_CHECKING:
    from trucewatch.agreement import Agreement
    from trucewatch.mission.ledgering import MissionLedger
    from trucewatch.store import Store


class Mission:
    """A mission folder, opened: `config` is read at once, agreements, sectors and store on first use."""

    def __init__(self, folder: Path, config: MissionConfig) -> None:
        self.dir = folder
        self.config = config

    @classmethod
    def open(cls, folder: str | Path) -> Mission:
        """The mission in `folder`; `Refusal` where there is none or its mission.yaml has faults."""
        path = Path(folder)
        if not path.is_dir():
            what = "is a file, not a folder" if path.exists() else "is not there"
            raise Refusal(Fault(f"{str(folder)!r} {what}", "Name a mission folder, or make one: trucewatch init"))
        return cls(path, read_config(path / "mission.yaml"))

    @cached_property
    def agreements(self) -> tuple[Agreement, ...]:
        """The chain of agreements in the order of mission.yaml; `Refusal` with every fault of every file."""
        from trucewatch.agreement import load

        found: list[Agreement] = []
        faults: list[Fault] = []
        for name in self.config.agreements:
            try:
                found.append(load(self.agreement_path(name)))
            except Refusal as e:
                faults.extend(e.faults)
        if faults:
            raise Refusal(*faults)
        return tuple(found)

    def agreement_path(self, name: str) -> Path:
        """The file of an entry of `agreements`: relative to the folder, else the id of a bundled agreement."""
        path = self.dir / name
        if path.is_file():
            return path
        bundled = bundled_agreement(name)
        if bundled is None:
            known = ", ".join(bundled_agreements()) or "none"
            raise Refusal(
                Fault(
                    f"the agreement {name!r} is not there",
                    f"Put the file into the folder, or name a bundled one: {known}",
                    "mission.yaml",
                    None,
                    "agreements",
                )
            )
        return bundled

    @cached_property
    def actors(self) -> tuple[str, ...]:
        """Actor ids over the chain, in the order of the agreement files."""
        return tuple(dict.fromkeys(actor.id for a in self.agreements for actor in a.actors))

    @cached_property
    def parties(self) -> tuple[str, ...]:
        """Ids of the parties over the chain, in the order of the agreement files."""
        return tuple(
            dict.fromkeys(a.id for agreement in self.agreements for a in agreement.actors if a.role == "party")
        )

    @cached_property
    def zones(self) -> dict[str, Any]:
        """Zone id -> zone; where two agreements of the chain name one id, the later one."""
        return {z.id: z for a in self.agreements for z in a.zones.values()}

    @cached_property
    def sectors(self) -> dict[str, Any]:
        """Sector name -> shapely geometry (lon, lat), empty without sectors; `Refusal` where the file is faulty."""
        if self.config.sectors is None:
            return {}
        return read_sectors(self.dir / self.config.sectors)

    @property
    def database(self) -> Path:
        """Where the records are."""
        return self.dir / (self.config.database or "trucewatch.db")

    @cached_property
    def store(self) -> Store:
        """The records, made on first use; whatever is appended to them goes through the ledger."""
        from trucewatch.store import Store

        return Store.open(self.database, create=True, hooks=self.ledger.hooks)

    @cached_property
    def ledger(self) -> MissionLedger:
        """What signs for the records."""
        from trucewatch.mission.ledgering import MissionLedger

        return MissionLedger(self)

    @property
    def quarantine(self) -> Path:
        """Where rejected rows wait to be mended."""
        return self.dir / "quarantine"

    @property
    def reports(self) -> Path:
        """Where reports are written by default."""
        return self.dir / "reports"


def read_sectors(path: Path) -> dict[str, Any]:
    """Named areas of a GeoJSON FeatureCollection by property `name`, else `id`; `Refusal` on any fault."""
    from shapely.errors import ShapelyError
    from shapely.geometry import shape

    file = path.name
    try:
        data = json.loads(path.read_text("utf-8-sig"))
        features = data["features"]
    except (OSError, ValueError, KeyError, TypeError) as e:
        raise Refusal(
            Fault(
                f"the sectors cannot be read ({e.__class__.__name__})",
                "Name a GeoJSON FeatureCollection in mission.yaml, or remove the key sectors",
                file,
            )
        ) from None
    out: dict[str, Any] = {}
    for i, feature in enumerate(features, 1):
        name = str((feature.get("properties") or {}).get("name") or feature.get("id") or "")
        if not name or name in out:
            raise Refusal(
                Fault(f"sector {i} has no name of its own", "Give each feature a property name", file, i, "name")
            )
        try:
            geometry = shape(feature["geometry"])
        except (ShapelyError, KeyError, TypeError, ValueError, AttributeError) as e:
            raise Refusal(Fault(f"sector {name!r} has no valid shape ({e})", "Draw it anew", file, i)) from None
        out[name] = geometry if geometry.is_valid else geometry.buffer(0)
    return out


def bundled(part: str) -> Path:
    """The folder `part` (agreements, cases) of the data that came with the program."""
    return Path(__file__).parent.parent / "data" / part


def bundled_agreements() -> dict[str, Path]:
    """Agreements that came with the program: id -> file."""
    return {p.stem: p for p in sorted(bundled("agreements").glob("*.yaml"))}


def bundled_agreement(name: str) -> Path | None:
    """The file of the bundled agreement of that id, also as a path whose name is `ID.yaml`; None when there is none."""
    known = bundled_agreements()
    return known.get(name) or known.get(Path(name).name.removesuffix(".yaml"))
