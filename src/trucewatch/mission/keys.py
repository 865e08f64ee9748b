"""What derived state depends on besides the records under a cut: the model, the configuration, agreements and maps."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trucewatch.mission.folder import Mission

# Raise it whenever results or the kept arrays of linking change: what was kept under another number is derived anew.
MODEL_VERSION = "9"


def mission_key(mission: Mission) -> str:
    """Hash of configuration, agreements and maps."""
    files = [mission.agreement_path(a) for a in mission.config.agreements]
    files += [mission.dir / mission.config.sectors] if mission.config.sectors else []
    # Who signs for the records bears on nothing that is derived from them.
    content = [
        mission.config.model_dump(mode="json", exclude={"ledger"}),
        [hashlib.sha256(f.read_bytes()).hexdigest() for f in files],
    ]
    content += [[_zone_key(z) for z in a.zones.values()] for a in mission.agreements]
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def _zone_key(zone: Any) -> str:
    return hashlib.sha256(b"" if zone.geometry is None else zone.geometry.wkb).hexdigest()


def state_key(mission: Mission) -> str:
    """What the kept tables of the present state depend on: the last record, configuration, agreements and maps."""
    content = json.dumps([MODEL_VERSION, mission.store.last_seq(), mission_key(mission)])
    return hashlib.sha256(content.encode()).hexdigest()


@lru_cache(maxsize=1)
def program_key() -> str:
    """Hash of which files the program consists of: what another program kept is derived anew, also where nobody
    thought of raising MODEL_VERSION."""
    package = Path(__file__).parent.parent
    files = sorted(p for kind in ("*.py", "*.yaml") for p in package.rglob(kind))
    content = [(p.relative_to(package).as_posix(), (told := p.stat()).st_size, told.st_mtime_ns) for p in files]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()
