"""The store: append-only records with their payloads apart, and derived tables that may be dropped at any time."""

from __future__ import annotations

from trucewatch.store.database import NewRecord, Record, Store, Transaction
from trucewatch.store.schema import SCHEMA_VERSION

__all__ = ["SCHEMA_VERSION", "NewRecord", "Record", "Store", "Transaction"]
