"""How thick claims lie around each claim: what a pair of claims by chance looks like just there and then.

Fire comes in bouts, so beside one incident there are more others than in a theatre on the average, and against that
average every evening of shelling would run together. The local rate is a gamma-Poisson mean: voices in a box of cells
around the claim, drawn towards the rate of the fit. Copies are not counted (law L5).
"""

from __future__ import annotations

import math
from itertools import product

import numpy as np

from trucewatch.linking.parameters import LinkParameters
from trucewatch.model.claims import EARTH_KM
from trucewatch.model.micronats import Floats, Ints
from trucewatch.model.table import Array

_KM = math.radians(1.0) * EARTH_KM  # of a degree of latitude
_ROWS, _COLUMNS, _SLOTS = 1 << 15, 1 << 16, 1 << 24


class Density:
    """Log of the local rate of voices (per km2 and s) at each row, kept while claims come in."""

    def __init__(self, parameters: LinkParameters) -> None:
        self._parameters = parameters
        self.values: Floats = np.empty(0)
        self._speaker = np.empty(0, dtype=np.int64)
        self._counted = np.empty(0, dtype=np.int64)  # key of the cell that each row counts in, -1 = in none

    def refresh(
        self, lat: Floats, lon: Floats, t: Floats, base: Floats, speaker: Array, counts: Array, dirty: Array
    ) -> Array:
        """Count anew. Rows whose value changed; new ones are among `dirty`.

        `base`: log rate of the fit; `counts`: flag of voices of known place; `speaker`: who speaks, a side or a source.

        rate = (max(0, others) + a) / (volume + a / rate of the fit), `others` = voices in the box less those that one
        incident has; rounded to steps, so that one claim more changes few.
        """
        row, slot = self._row(lat), np.floor(t / self._parameters.density_slot_s).astype(np.int64)
        keys = np.where(counts, _key(row, self._column(lat, lon, row), slot), -1)
        old, old_n = self._counted, self._counted.size
        moved = np.ones(keys.size, dtype=bool)
        moved[:old_n] = (keys[:old_n] != old) | (speaker[:old_n] != self._speaker)
        self._counted, self._speaker = keys, speaker
        concerned = self._near(row, slot, np.concatenate([old[moved[:old_n]], keys[moved]]))
        concerned[dirty] = True
        rows = np.flatnonzero(concerned)
        values = np.concatenate([self.values, np.full(keys.size - old_n, np.nan)])
        found = self._rate(self._others(*self._cells(), lat[rows], lon[rows], row[rows], slot[rows]), base[rows])
        before, values[rows] = values.copy(), np.where(np.isfinite(lat[rows]), found, base[rows])
        self.values = values
        return np.flatnonzero(values != before)

    def kept(self) -> dict[str, Array]:
        """What a later refresh needs."""
        return {"values": self.values, "counted": self._counted, "speaker": self._speaker}

    def restore(self, kept: dict[str, Array]) -> None:
        """Go on from what `kept` gave."""
        self.values, self._counted, self._speaker = kept["values"], kept["counted"], kept["speaker"]

    def _rate(self, voices: Ints, base: Floats) -> Floats:
        p = self._parameters
        volume = (3 * p.density_cell_km) ** 2 * 3 * p.density_slot_s
        others = np.maximum(voices - (1.0 + p.further_claims), 0.0)
        rate = np.log((others + p.density_shrink) / (volume + p.density_shrink / np.exp(base)))
        return np.asarray(np.round(rate / p.density_step) * p.density_step)

    def _cells(self) -> tuple[Ints, Ints]:
        """Cells that hold voices, and how many; one speaker counts in a cell up to a limit: so nobody thickens it."""
        held = self._counted >= 0
        keys, speaker = self._counted[held], self._speaker[held]
        order = np.lexsort([speaker, keys])
        keys, speaker = keys[order], speaker[order]
        new = np.flatnonzero((np.diff(keys, prepend=-1) != 0) | (np.diff(speaker, prepend=0) != 0))
        capped = np.minimum(np.diff(np.append(new, keys.size)), self._parameters.density_most)
        cells, begin = np.unique(keys[new], return_index=True)
        return cells, np.add.reduceat(capped, begin) if cells.size else capped

    def _others(self, cells: Ints, count: Ints, lat: Floats, lon: Floats, row: Ints, slot: Ints) -> Ints:
        """Voices in the 27 cells around each place and time."""
        total = np.zeros(row.size, dtype=np.int64)
        if not cells.size:
            return total
        for by_row in (-1, 0, 1):
            column = self._column(lat, lon, row + by_row)
            for by_column, by_slot in product((-1, 0, 1), repeat=2):
                wanted = _key(row + by_row, column + by_column, slot + by_slot)
                at = np.minimum(np.searchsorted(cells, wanted), cells.size - 1)
                total += np.where(cells[at] == wanted, count[at], 0)
        return total

    def _near(self, row: Ints, slot: Ints, keys: Ints) -> Array:
        """Flag of rows whose box may hold one of those cells; all where there are many."""
        out = np.zeros(row.size, dtype=bool)
        keys = np.unique(keys[keys >= 0])
        if keys.size > 64:
            return ~out
        for key in keys.tolist():
            cell_row, cell_slot = key // (_COLUMNS * _SLOTS), key % _SLOTS
            out |= (np.abs(row % _ROWS - cell_row) <= 1) & (np.abs(slot % _SLOTS - cell_slot) <= 1)
        return out

    def _row(self, lat: Floats) -> Ints:
        return np.floor((np.nan_to_num(lat) + 90.0) * _KM / self._parameters.density_cell_km).astype(np.int64)

    def _column(self, lat: Floats, lon: Floats, row: Ints) -> Ints:
        """Column of a longitude in a row of cells; the last one meets the first at the date line."""
        edge = self._parameters.density_cell_km
        around = np.cos(np.radians(np.clip((row + 0.5) * edge / _KM - 90.0, -89.9, 89.9)))
        whole = np.maximum(np.floor(360.0 * _KM * around / edge), 1.0)
        return np.asarray(np.floor((np.nan_to_num(lon) + 180.0) / 360.0 * whole), dtype=np.int64)


def _key(row: Ints, column: Ints, slot: Ints) -> Ints:
    return np.asarray(((row % _ROWS) * _COLUMNS + column % _COLUMNS) * _SLOTS + slot % _SLOTS)
