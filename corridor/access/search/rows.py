"""Sparse matrices of seconds in compressed rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from corridor.core.arrays import BOOL, F32, I32
from corridor.core.csr import row_starts


class Rows(NamedTuple):
    """A sparse matrix of seconds: the entries of row i are ``start[i]:start[i+1]``. Kernels take it as it is."""

    start: I32
    column: I32
    seconds: F32

    @classmethod
    def joined(cls, rows: Sequence[tuple[I32, F32]]) -> Rows:
        """From the columns and seconds of each row."""
        none = (np.empty(0, np.int32), np.empty(0, np.float32))
        column, seconds = (np.concatenate([r[k] for r in rows] or [none[k]]) for k in (0, 1))
        return cls(row_starts([r[0].size for r in rows]), column, seconds)

    def row(self, i: int) -> tuple[I32, F32]:
        """Columns and seconds of one row."""
        part = slice(self.start[i], self.start[i + 1])
        return self.column[part], self.seconds[part]

    @property
    def row_of_entry(self) -> I32:
        """The row that each entry belongs to."""
        return np.repeat(np.arange(self.start.size - 1, dtype=np.int32), np.diff(self.start))

    def transposed(self, columns: int) -> Rows:
        """The matrix the other way round; `columns` is how many columns it has."""
        from scipy.sparse import csr_array

        # counts and places entries, which takes a tenth of the time of sorting them
        turned = csr_array(
            (self.seconds, self.column, self.start), shape=(self.start.size - 1, columns)
        ).tocsc()
        return Rows(
            turned.indptr.astype(np.int32), turned.indices.astype(np.int32), turned.data.astype(np.float32)
        )

    def where(self, chosen: BOOL) -> Rows:
        """The same rows with some of the entries."""
        sizes = np.bincount(self.row_of_entry[chosen], minlength=self.start.size - 1)
        return Rows(row_starts(sizes), self.column[chosen], self.seconds[chosen])

    def weighted(self, weight: float) -> Rows:
        """The same with every second counted `weight` times."""
        return self._replace(seconds=self.seconds * np.float32(weight))


def both_ways(rows: Rows) -> Rows:
    """The lesser of both directions: a cell whose centre is in water starts a walk but would not end one.

    Parameters
    ----------
    rows
        From each of some places to others of them, in seconds.

    Returns
    -------
    Rows
        The same from A to B as from B to A, columns in order.
    """
    from scipy.sparse import csr_array

    n = rows.start.size - 1
    most = np.float32(rows.seconds.max(initial=0.0) + 1.0)
    # a sparse maximum takes what is not stored as 0, so a longer walk must be the lesser number
    gain = csr_array((most - rows.seconds, rows.column, rows.start), shape=(n, n))
    least = csr_array(gain.maximum(gain.T))
    least.sort_indices()
    seconds = (most - least.data).astype(np.float32)
    return Rows(least.indptr.astype(np.int32), least.indices.astype(np.int32), seconds)
