"""Cells thinned out: each stands for the residents and jobs of its block.

A draw is scored on these. What the thinning itself changes is known from the study as it is, where every cell was
scored, and taken off each draw (a control variate): a draw's figure is that of all cells plus what the draw changes on
the thinned cells. The ways off the network are those of the base layer, with the feeder of the draw.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from functools import cached_property

import numpy as np

from corridor.access.search.cells import Cells
from corridor.access.search.parameters import AccessParameters
from corridor.access.surroundings.base import BaseLayer
from corridor.access.surroundings.bus_times import BusTimes
from corridor.core.arrays import F32, I32
from corridor.core.in_memory import Kept
from corridor.network.walk import Ground, Points
from corridor.study.ensemble.design import Draw
from corridor.study.places import Gazetteer
from corridor.study.study import Study

BLOCK_M = 1_000.0
WALKS_KEPT = 5_000


@dataclass(frozen=True, eq=False)
class CoarseStudy:
    """A study with its cells thinned out, as measures are taken on it."""

    study: Study
    cells: Cells

    @classmethod
    def of(cls, study: Study, block_m: float = BLOCK_M) -> CoarseStudy:
        """Thin out the cells of a study.

        Parameters
        ----------
        study
            The study.
        block_m
            Side of a block of cells; cells of the two sides of the boundary are never put together.
        """
        return cls(study, thinned(study.cells, block_m))

    @property
    def parameters(self) -> AccessParameters:
        """Hours, cut-offs and limits of the study."""
        return self.study.parameters

    @property
    def gazetteer(self) -> Gazetteer:
        """Places of the study."""
        return self.study.gazetteer

    def base(self, draw: Draw) -> BaseLayer:
        """Ways between the thinned cells and the points of a network, with the feeder of a draw."""
        plain = self._base.ground.parameters
        return self._base.with_feeder(
            plain.feeder_speed_km_h * draw.ratio("feeder_speed"),
            plain.feeder_wait_s * draw.ratio("feeder_wait"),
        )

    @cached_property
    def _base(self) -> BaseLayer:
        whole = self.study.base
        land = {f.name: getattr(whole.ground, f.name) for f in fields(Ground)}
        return BaseLayer(self.cells, WalkedGround(**land), whole.buses)


@dataclass(frozen=True)
class WalkedGround(Ground):
    """Ground that keeps the distances it has found: draws change what a metre takes, never how many there are."""

    known: Kept[tuple[object, ...], tuple[I32, I32, F32]] = field(
        default_factory=lambda: Kept(WALKS_KEPT), kw_only=True
    )

    def distances(
        self, origins: Points, targets: Points, limit_m: float, coarsen: int = 1
    ) -> tuple[I32, I32, F32]:
        """See :meth:`corridor.network.walk.Ground.distances`."""
        ends = [
            part for p in (origins, targets) for part in (p.x_m.tobytes(), p.y_m.tobytes(), tuple(p.region))
        ]
        find = super().distances
        return self.known.known((*ends, limit_m, coarsen), lambda: find(origins, targets, limit_m, coarsen))


@dataclass
class OneHour(BaseLayer):
    """Ways with the local buses of one hour at every hour: the tables of another would take longer than all else that needs them."""

    bus_clock_s: float = field(kw_only=True)

    @classmethod
    def of(cls, base: BaseLayer, bus_clock_s: float) -> OneHour:
        """The same ways, with all that the layer keeps, and the buses of `bus_clock_s` (seconds of the service day)."""
        return cls(**{f.name: getattr(base, f.name) for f in fields(base)}, bus_clock_s=bus_clock_s)

    def _hour(self, clock_s: float) -> BusTimes | None:
        return super()._hour(self.bus_clock_s)


def thinned(cells: Cells, block_m: float) -> Cells:
    """Put the residents and jobs of each block into the cell of the block that has most of them.

    Returns
    -------
    Cells
        One cell a block and side. Residents and jobs add up to those of all cells.
    """
    table = cells.table
    counted = [c for c in table.columns if c.startswith(("residents_", "jobs_"))]
    keys = [np.array(cells.region), (cells.y_m // block_m).astype(int), (cells.x_m // block_m).astype(int)]
    blocks = table.assign(most=table[counted].sum(axis=1)).groupby(keys, sort=True)
    chosen = table.loc[blocks["most"].idxmax()].reset_index(drop=True)
    sums = blocks[counted].sum().reset_index(drop=True)
    return Cells.from_table(chosen.assign(**{c: sums[c] for c in counted}), cells.sides)
