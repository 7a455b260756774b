"""Places and populated cells: where journeys start and end, and what is there to be reached."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from corridor.core.arrays import F64, I32, I64
from corridor.core.errors import LayerError
from corridor.network.compiled import CompiledNetwork
from corridor.schema.measure import Opportunity
from corridor.schema.region import BuildOut, Sides, shipped_sides

if TYPE_CHECKING:
    import pandas as pd

LAND_STATES = ("census", "buildout-2035")
OPPORTUNITIES = ("residents", "jobs")
KINDS = len(LAND_STATES) * len(OPPORTUNITIES)
BLOCK_M = 2_000.0
_COLUMN = {
    ("census", "residents"): "residents_census",
    ("census", "jobs"): "jobs_modelled",
    ("buildout-2035", "residents"): "residents_buildout_2035",
    ("buildout-2035", "jobs"): "jobs_buildout_2035",
}


def columns_of(sides: Sides, what: str, state: str = "census", side: str | None = None) -> list[int]:
    """Columns of a table (land state x opportunity x side) for residents or jobs, on both sides or on one.

    Parameters
    ----------
    sides
        Ids of the two sides.
    what
        "residents" or "jobs".
    state
        "census" or "buildout-2035".
    side
        One side, or None for both.
    """
    first = (LAND_STATES.index(state) * len(OPPORTUNITIES) + OPPORTUNITIES.index(what)) * len(sides)
    return [first + sides.index(s) for s in ([side] if side else sides)]


@dataclass(frozen=True)
class Place:
    """Where a journey starts or ends.

    Attributes
    ----------
    name
        What it is called.
    point
        The station or hall if it is one, by node id; None elsewhere.
    x_m, y_m
        EPSG:4547 metres.
    region
        Its side, by id.
    """

    name: str
    point: str | None
    x_m: float
    y_m: float
    region: str

    def on_street(self, network: CompiledNetwork) -> bool:
        """Whether one walks away from it: not from a station or hall in the closed area."""
        index = network.index.get(self.point) if self.point else None
        return index is None or bool(network.street[index])


@dataclass(frozen=True)
class Cells:
    """The populated cells: where they are and what each holds.

    Attributes
    ----------
    table
        As read: district, residents and jobs by land state.
    x_m, y_m
        Centres in EPSG:4547 metres.
    region
        Side of each, by id.
    side
        The same as index into `sides`.
    weights
        Whole residents and jobs, shape (cells, land states x opportunities); 0 jobs where they are not given.
    sides
        Ids of the two sides, the south first.
    """

    table: pd.DataFrame
    x_m: F64
    y_m: F64
    region: tuple[str, ...]
    side: NDArray[np.int8]  # index into `sides`
    weights: I32  # (cell, land state x opportunity), whole people and jobs
    sides: Sides = field(default_factory=shipped_sides)

    @classmethod
    def from_table(
        cls, table: pd.DataFrame, sides: Sides | None = None, build_out: BuildOut | None = None
    ) -> Cells:
        """Cells of a table of role `cells`.

        Parameters
        ----------
        table
            A row a cell: centre in EPSG:4547 metres, side, residents and, if they are known, jobs by land state.
        sides
            Ids of the two sides, south first; those of the shipped region by default.
        build_out
            How much of the planned growth has come; all of it by default.

        Raises
        ------
        LayerError
            Where jobs are given in one land state only.
        """
        sides = sides or shipped_sides()
        lacking = [c for c in (_COLUMN[state, "jobs"] for state in LAND_STATES) if c not in table]
        if len(lacking) == 1:
            what, remedy = f"has jobs, but no {lacking[0]}", "add the column, or leave out both"
            raise LayerError.at("cells", what, "jobs of today and of the planned build-out", remedy)
        if build_out:
            table = _grown(table, build_out)
        region = tuple(table["region"])
        columns = [
            np.nan_to_num(_people(table, state, what)) for state in LAND_STATES for what in OPPORTUNITIES
        ]
        return cls(
            table,
            table["x_m"].to_numpy(float),
            table["y_m"].to_numpy(float),
            region,
            np.array([sides.index(r) for r in region], dtype=np.int8),
            np.ascontiguousarray(np.rint(np.column_stack(columns)), dtype=np.int32),
            sides,
        )

    @property
    def jobs_given(self) -> bool:
        """Whether it is known, or modelled, where the jobs are; without them there is access to residents alone."""
        return all(_COLUMN[state, "jobs"] in self.table for state in LAND_STATES)

    @property
    def leading(self) -> Opportunity:
        """What access is told by first: jobs, or residents where jobs are not given."""
        return "jobs" if self.jobs_given else "residents"

    @property
    def not_given(self) -> list[int]:
        """Columns of a table (land state x opportunity x side) of which nothing is known."""
        return [] if self.jobs_given else [c for s in LAND_STATES for c in columns_of(self.sides, "jobs", s)]

    def people(self, state: str = "census", what: str = "residents") -> F64:
        """Residents or jobs of each cell in one land state; NaN where jobs are not given."""
        return _people(self.table, state, what)

    def evenly_spread(self) -> F64:
        """Residents of each cell, spread evenly over built-up land where they are modelled.

        A test of how much results depend on the model of residents; the census figure where the table has no such column.
        """
        column = "residents_even" if "residents_even" in self.table else _COLUMN["census", "residents"]
        return np.asarray(self.table[column].to_numpy(float))


def _people(table: pd.DataFrame, state: str, what: str) -> F64:
    """A column of a table of cells; NaN where the table does not have it."""
    column = _COLUMN[state, what]
    return np.asarray(table[column].to_numpy(float)) if column in table else np.full(len(table), np.nan)


def _grown(table: pd.DataFrame, build_out: BuildOut) -> pd.DataFrame:
    """Cells with a part of the planned growth: ``today + share (planned - today)``, in whole people and jobs."""
    for what, share in (("residents", build_out.residents), ("jobs", build_out.jobs)):
        if share < 1 and _COLUMN["buildout-2035", what] in table:
            today, planned = (table[_COLUMN[state, what]] for state in LAND_STATES)
            grown = np.rint(today + share * (planned - today)).astype(planned.dtype)
            table = table.assign(**{_COLUMN["buildout-2035", what]: grown})
    return table


class _WhenUsed:
    def __init__(self, load: Callable[[], Cells]) -> None:
        self._load = load

    def __getattr__(self, name: str) -> object:
        return getattr(self._load(), name)


def cells_when_used(load: Callable[[], Cells]) -> Cells:
    """Cells that are read when first used."""
    return cast(Cells, _WhenUsed(load))


def neighbours_together(x_m: F64, y_m: F64) -> I64:
    """An order that goes block by block, so that a batch of neighbours shares what it cannot be reached from."""
    return np.lexsort((x_m // BLOCK_M, y_m // BLOCK_M))
