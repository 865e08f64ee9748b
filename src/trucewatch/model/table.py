"""Column tables: what the stages take and return instead of a million objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


class Table(Mapping[str, Array]):
    """Named numpy columns of one length, read-only by convention.

    Missing values: NaN in float columns, -1 in code and index columns, `MISSING_TIME` in time columns (int64
    microseconds), None in object columns.
    """

    __slots__ = ("_columns", "n")

    def __init__(self, columns: Mapping[str, Array | Sequence[Any]], n: int | None = None) -> None:
        arrays = {name: np.asarray(values) for name, values in columns.items()}
        lengths = {a.shape[0] for a in arrays.values()}
        if len(lengths) > 1:
            raise ValueError(f"columns of different lengths: { {k: a.shape[0] for k, a in arrays.items()} }")
        self.n = lengths.pop() if lengths else (n or 0)
        self._columns = arrays

    def __getitem__(self, name: str) -> Array:
        return self._columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        """Number of columns, as a Mapping; the number of rows is `n`."""
        return len(self._columns)

    def take(self, rows: Array) -> Table:
        """The given rows (indices or mask), in that order."""
        return Table({k: a[rows] for k, a in self._columns.items()})

    def with_columns(self, **columns: Array) -> Table:
        """A table with these columns added or replaced."""
        return Table({**self._columns, **columns})

    def rows(self) -> Iterator[dict[str, Any]]:
        """Rows as dictionaries of Python values; for edges, not for hot paths."""
        names = list(self._columns)
        lists = [self._columns[k].tolist() for k in names]
        for values in zip(*lists, strict=True):
            yield dict(zip(names, values, strict=True))


MISSING_TIME = np.iinfo(np.int64).min


def objects(values: Sequence[Any]) -> Array:
    """An object column, also where the values are lists."""
    out = np.empty(len(values), dtype=object)
    for i, value in enumerate(values):
        out[i] = value
    return out
