"""A number for the content of each row of a claim table, to tell which rows are no longer what they were."""

from __future__ import annotations

import hashlib

import numpy as np

from trucewatch.model.table import Array, Table

_ODD = np.uint64(0x9E3779B97F4A7C15)


def fingerprints(table: Table) -> Array:
    """64 bits for each row, from all its columns; equal rows have equal numbers, others all but never (2**-64)."""
    out = np.zeros(table.n, dtype=np.uint64)
    for name in sorted(table):
        column = table[name]
        bits = _of_objects(column) if column.dtype == object else _of_numbers(column)
        out = _mixed(out * _ODD ^ bits)
    return out


def _of_numbers(column: Array) -> Array:
    if column.dtype == np.float64:
        return np.where(np.isnan(column), np.nan, column + 0.0).view(np.uint64)
    return column.astype(np.int64).view(np.uint64)


def _of_objects(column: Array) -> Array:
    known: dict[object, int] = {None: 0}
    bits = []
    for value in column.tolist():
        if value not in known:
            known[value] = int.from_bytes(hashlib.blake2b(str(value).encode(), digest_size=8).digest(), "big")
        bits.append(known[value])
    return np.array(bits, dtype=np.uint64)


def _mixed(x: Array) -> Array:
    """A finaliser that spreads each bit over all (splitmix64, Steele, Lea and Flood 2014)."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(x ^ (x >> np.uint64(31)))
