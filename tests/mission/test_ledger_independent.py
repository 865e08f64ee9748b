"""The Go verifier, which shares no code with ours, takes a mission's ledger with all its history, before and after an
erasure and a rotation, and refuses it once a record was changed and the files were made anew from that (threat row 2).
"""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from tests.independent.test_go import ledger, verifier
from tests.mission.ledgers import COLUMNS, behind_its_back, copied, more, small
from trucewatch.ledger.files import LedgerFiles
from trucewatch.ledger.tree import Tree, leaf_hash
from trucewatch.mission.folder import Mission
from trucewatch.mission.redacting import redact
from trucewatch.mission.rekeying import Order, rotate
from trucewatch.store.leaves import entry

__all__ = ["verifier"]
pytestmark = pytest.mark.judge


def history(mission: Mission, folder: Path) -> list[Path]:
    """Every checkpoint that was signed, one a file."""
    folder.mkdir()
    notes = mission.store.checkpoints()
    for k, note in enumerate(notes):
        (folder / f"{k}.note").write_text(note, "utf-8")
    return sorted(folder.iterdir())


def test_a_mission_is_verified_by_a_program_of_others(verifier: Path, tmp_path: Path) -> None:
    mission = small(tmp_path / "m", claims=6)
    for k in range(3):
        more(mission, tmp_path / f"more{k}", 20 + k)
    last = next(r.id for r in mission.store.read("claim"))
    redact(mission, last, "anna", "boris", "why", 1_700_000_000_000_000)
    rotate(mission, Order("anna", "boris", "yearly", 1_700_000_000_000_000), None)
    notes = history(mission, tmp_path / "notes")
    assert len(notes) >= 5
    ok, said = ledger(verifier, mission.dir / "ledger", 0, *notes)
    assert ok, said
    size = mission.store.last_seq()
    assert f"size {size} entries {size} " in said
    assert f"consistency {len(notes)}" in said


@pytest.mark.parametrize("harm", ["changed", "dropped", "exchanged"])
def test_row_2_a_mission_that_made_its_files_anew_from_changed_records_is_refused(
    verifier: Path, tmp_path: Path, harm: str
) -> None:
    good = small(tmp_path / "m", claims=6)
    draw = random.Random(harm)
    for k in range(3):
        mission = copied(good, tmp_path / f"{harm}{k}")
        seq = draw.randrange(2, good.store.last_seq() - 1)
        with behind_its_back(mission) as c:
            if harm == "changed":
                query = "SELECT kind, fields FROM record JOIN leaf USING (seq) WHERE seq = ?"
                kind, fields = c.execute(query, (seq,)).fetchone()
                forged = leaf_hash(entry(kind, seq, bytes(32), fields))
                c.execute("UPDATE record SET commitment = ? WHERE seq = ?", (bytes(32), seq))
                c.execute("UPDATE leaf SET hash = ? WHERE seq = ?", (forged, seq))
            elif harm == "dropped":
                for table in COLUMNS:
                    c.execute(f"DELETE FROM {table} WHERE seq = ?", (seq,))
            else:
                for table in COLUMNS:
                    c.execute(f"UPDATE {table} SET seq = -seq WHERE seq IN (?, ?)", (seq, seq + 1))
                    turn = "CASE seq WHEN ?1 THEN ?2 ELSE -?1 END"
                    c.execute(f"UPDATE {table} SET seq = {turn} WHERE seq < 0", (-seq, seq + 1))
        shutil.rmtree(mission.dir / "ledger" / "tile")
        LedgerFiles(mission.dir / "ledger").write_tiles(Tree(Mission.open(mission.dir).store.leaf_hashes()))
        ok, said = ledger(verifier, mission.dir / "ledger", 0)
        assert not ok, said
