"""Where things lie in a package, and who an auditor is. Nothing heavy is loaded for it."""

from __future__ import annotations

AUDITOR = "auditor"
# Below data/:
TABLES, MAPS, MISSION, FIT = "tables", "map", "mission", "fit"
CONFIG, FITTED = f"{MISSION}/mission.yaml", f"{FIT}/fit.json"
RECORDS, ATTESTED = "records/records.jsonl", "records/attested.jsonl"
# Beside data/:
LEDGER = "ledger"
CHECKPOINT, KEYS, POLICY = f"{LEDGER}/checkpoint", f"{LEDGER}/keys", f"{LEDGER}/policy.json"
PUBLICATION = f"{LEDGER}/publication.jsonl"
PROOFS, TILES, STAMPS = f"{LEDGER}/proofs/", f"{LEDGER}/tile/", f"{LEDGER}/stamps/"
