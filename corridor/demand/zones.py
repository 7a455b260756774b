"""Zones of the demand model: squares that hold the populated cells of one side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from corridor.core.arrays import F64, I64

ZONE_M = 2_000.0
"""Side of a zone."""


@dataclass(frozen=True)
class Zones:
    """Squares of one side each, numbered in order of side, column and row."""

    of_cell: I64
    """Zone of each cell."""
    side: I64
    """0 south, 1 north."""
    column: I64
    row: I64
    size_m: float

    @classmethod
    def of(cls, x_m: F64, y_m: F64, side: ArrayLike, size_m: float = ZONE_M) -> Zones:
        """Squares that hold at least one cell, on a grid from the origin of EPSG:4547; a square on both sides makes two zones.

        Parameters
        ----------
        x_m, y_m
            Shape (cell,), EPSG:4547 metres.
        side
            Shape (cell,): 0 south, 1 north.
        size_m
            Side of a square in metres.
        """
        squares = np.column_stack([np.asarray(side), np.floor(x_m / size_m), np.floor(y_m / size_m)]).astype(
            np.int64
        )
        zones, of_cell = np.unique(squares, axis=0, return_inverse=True)
        return cls(of_cell.ravel(), zones[:, 0], zones[:, 1], zones[:, 2], size_m)

    def __len__(self) -> int:
        return self.side.size

    @cached_property
    def south(self) -> I64:
        """Zones of the south side."""
        return np.flatnonzero(self.side == 0)

    @cached_property
    def north(self) -> I64:
        """Zones of the north side."""
        return np.flatnonzero(self.side == 1)

    def ids(self, sides: Sequence[str]) -> list[str]:
        """Ids in their order, ``side-column-row`` of each square.

        Columns and rows count squares from the origin of EPSG:4547, so an id stays the same when other zones appear.

        Parameters
        ----------
        sides
            Ids of the south and of the north.
        """
        return [f"{sides[s]}-{c}-{r}" for s, c, r in zip(self.side, self.column, self.row, strict=True)]

    @property
    def centre_x_m(self) -> F64:
        """Easting of each square's centre."""
        return np.asarray((self.column + 0.5) * self.size_m)

    @property
    def centre_y_m(self) -> F64:
        """Northing of each square's centre."""
        return np.asarray((self.row + 0.5) * self.size_m)

    def sums(self, values: F64) -> F64:
        """Sum over the cells of each zone."""
        return np.asarray(np.bincount(self.of_cell, weights=values, minlength=len(self)), dtype=np.float64)

    def means(self, values: NDArray[np.floating], weights: F64) -> F64:
        """(row, zone) mean over the cells where the value (row, cell) is finite; infinite where it is nowhere.

        Cells without weight count a millionth, so that a zone in which nobody lives still has a cost.
        """
        used, means = _none_without(weights), np.full((len(values), len(self)), np.inf)
        for row, mean in zip(values, means, strict=True):
            known = np.isfinite(row)
            total, whole = self.sums(np.where(known, row, 0.0) * used), self.sums(np.where(known, used, 0.0))
            np.divide(total, whole, out=mean, where=whole > 0)
        return means

    def composites(self, values: NDArray[np.floating], weights: F64, scale: float) -> F64:
        """(row, zone) cost whose weight in a logit is the mean of the cells' weights.

        With costs c_i of cells and their weights w_i, ``-ln(sum of w_i exp(-scale c_i) / sum of w_i) / scale``. An infinite cost
        adds nothing, so a cell that loses its way makes its zone dearer and never cheaper, as a mean over the cells that have
        one could. Costs by gate are a part to the gate and one from it, so the mean over all pairs of cells of two zones is the
        product of both means.

        Parameters
        ----------
        values
            (row, cell) costs, infinite where there is no way.
        weights
            (cell,) of the cells; those of 0 count a millionth of the largest, so that a zone in which nobody lives has a cost.
        scale
            Of the logit, per unit of cost; above 0.
        """
        used, least = _none_without(weights), np.full((len(values), len(self)), np.inf)
        whole = self.sums(used)
        for row, of_zone in zip(values, least, strict=True):
            np.minimum.at(of_zone, self.of_cell, row)
        start = np.where(np.isfinite(least), least, 0.0)  # so that far zones do not underflow
        parts = (
            used * np.exp(-scale * (row - s[self.of_cell])) for row, s in zip(values, start, strict=True)
        )
        total = np.stack([self.sums(part) for part in parts])
        with np.errstate(divide="ignore"):
            return np.where(total > 0, start - np.log(total / whole) / scale, np.inf)


def _none_without(weights: F64) -> F64:
    """Weights of which none is 0: a millionth of the largest on top."""
    return weights + 1e-6 * max(1.0, float(weights.max(initial=0.0)))
