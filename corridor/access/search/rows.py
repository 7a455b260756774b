"""Sparse matrices of seconds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]


@dataclass(frozen=True)
class Rows:
    """A sparse matrix of seconds: the entries of row i are ``start[i]:start[i+1]``."""

    start: I32
    column: I32
    seconds: F32

    def transposed(self, columns: int) -> Rows:
        """The matrix the other way round; `columns` is how many columns it has."""
        row = np.repeat(np.arange(self.start.size - 1, dtype=np.int32), np.diff(self.start))
        order = np.argsort(self.column, kind="stable")
        counts = np.bincount(self.column, minlength=columns)
        start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
        return Rows(start, row[order], self.seconds[order])

    def columns_of(self, chosen: NDArray[np.bool_]) -> I32:
        """Columns of the entries of some rows."""
        return self.column[np.repeat(chosen, np.diff(self.start))]
