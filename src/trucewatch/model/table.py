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

    def extended(self, other: Table) -> Table:
        """This table with the rows of `other`, which has the same columns, behind its own."""
        return Table({k: np.concatenate([a, other[k]]) for k, a in self._columns.items()})

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


class Rows(Sequence[dict[str, Any]]):
    """A table of Python values seen row by row: dictionaries are made when a row is looked at, not before."""

    __slots__ = ("columns", "names")

    def __init__(self, names: Sequence[str], columns: Sequence[Sequence[Any]]) -> None:
        self.names = tuple(names)
        self.columns = [list(c) for c in columns]

    def __len__(self) -> int:
        return len(self.columns[0]) if self.columns else 0

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, slice):
            return Rows(self.names, [c[key] for c in self.columns])
        return dict(zip(self.names, (c[key] for c in self.columns), strict=True))

    def __iter__(self) -> Iterator[dict[str, Any]]:
        names = self.names
        for values in zip(*self.columns, strict=True):
            yield dict(zip(names, values, strict=True))

    def column(self, name: str) -> list[Any]:
        """The values of one column."""
        return self.columns[self.names.index(name)]

    def tuples(self) -> Iterator[tuple[Any, ...]]:
        """Rows as tuples in the order of `names`."""
        return zip(*self.columns, strict=True)
