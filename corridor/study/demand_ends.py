"""What the ends of a user's own trips may be called, and which zones of the demand model they are in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.spatial import KDTree

from corridor.core.crs import project_xy
from corridor.core.csv_tables import line_of, read_table
from corridor.core.errors import UnknownName, nearest
from corridor.demand.zones import Zones
from corridor.schema.rows import text_of
from corridor.schema.table_checks import RowChecks, Told

if TYPE_CHECKING:
    from corridor.study.study import Study

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
LONLAT = ("lon", "lat")


class Placed(NamedTuple):
    """Ends of trips in zones: (end, zone) weights that sum to 1, and which ends could be placed."""

    weights: csr_array
    known: NDArray[np.bool_]

    def side(self, zones: Zones) -> I64:
        """Side of each end, 0 south, 1 north; that of an end which is not known means nothing."""
        return np.asarray(zones.side[self.weights.indices[self.weights.indptr[:-1]]])


@dataclass(frozen=True)
class EndNames:
    """Names that ends of trips may have; each is in one zone, or spread over those of a district.

    Attributes
    ----------
    names
        Each once, zones first.
    weights
        (name, zone), rows sum to 1.
    zones
        Of the demand model.
    own
        Whether they are zones of a user's own.
    """

    names: pd.Index
    weights: csr_array
    zones: Zones
    own: bool = False

    @classmethod
    def of(cls, study: Study, zones: Zones) -> EndNames:
        """Zones, cells and districts by id; a district is spread over its zones by residents and jobs of the census."""
        cells, table = study.cells, study.cells.table
        # without the floor, a district where nobody lives or works would be nowhere
        people = cells.people() + cells.people("census", "jobs") + 1e-6
        districts = pd.DataFrame({"name": table["district_id"], "zone": zones.of_cell, "weight": people})
        districts = districts.groupby(["name", "zone"], as_index=False)["weight"].sum()
        whole = districts.groupby("name")["weight"].transform("sum")
        rows = pd.concat(
            [
                pd.DataFrame({"name": zones.ids(study.region.sides), "zone": np.arange(len(zones))}),
                pd.DataFrame({"name": table["cell_id"], "zone": zones.of_cell}),
                districts.assign(weight=districts["weight"] / whole),
            ]
        ).fillna({"weight": 1.0})
        position, names = pd.factorize(rows["name"])
        weights = csr_array((rows["weight"], (position, rows["zone"])), shape=(len(names), len(zones)))
        return cls(pd.Index(names, dtype=object), weights, zones)

    @property
    def use(self) -> str:
        """What a name must be, for messages."""
        return "a zone of your own file of zones" if self.own else "the id of a zone, cell or district"

    def place(self, texts: Iterable[str]) -> Placed:
        """The ends of some names."""
        found = np.asarray(self.names.get_indexer(pd.Index(list(texts), dtype=object)))
        return Placed(csr_array(self.weights[np.maximum(found, 0)]), found >= 0)

    def like(self, name: str) -> str:
        """A hint that names zones, or the like, near to a wrong name."""
        return nearest(name, map(str, self.names[: len(self.zones)]), "")


def own_zones(path: Path, study: Study, known: EndNames) -> EndNames:
    """Zones of a user's own system, in those of the demand model.

    Parameters
    ----------
    path
        A CSV of `zone`, and of `place` (id of a zone, cell or district) or `lon` and `lat` (EPSG:4326).
    study, known
        Its land and cells, and what a place may be.

    Raises
    ------
    LayerError
        With every row that is wrong.
    """
    table = read_table(path, ["zone"], text=["zone", "place"])
    if "place" not in table:
        table = read_table(path, ["zone", *LONLAT], text=["zone"])
    checks, names = RowChecks(table, line_of(path.name, table)), table["zone"].map(text_of)
    checks.note(names == "", lambda n: ("zone is empty", "a name", "fill it"))
    checks.note(
        (names != "") & names.duplicated(),
        lambda n: (f"zone {names.iloc[n]!r} is given twice", "one row", "remove one of them"),
    )
    if "place" in table:
        placed = place_names(checks, "place", known)
    else:
        placed = place_points(checks, LONLAT, study, known.zones)
    checks.faults.raise_all()
    return EndNames(pd.Index(names, dtype=object), placed.weights, known.zones, own=True)


def place_names(checks: RowChecks, column: str, ends: EndNames) -> Placed:
    """The ends that a column names; names that no end has are noted."""
    texts = checks.frame[column].map(text_of)
    placed = ends.place(texts)

    def tell(row: int) -> Told:
        name = texts.iloc[row]
        return f"Unknown {column} {name!r}", ends.use, ends.like(name)

    checks.note(~placed.known, tell, form=UnknownName)
    return placed


def place_points(checks: RowChecks, columns: tuple[str, str], study: Study, zones: Zones) -> Placed:
    """The zone of the populated cell nearest to each position, on its side of the boundary.

    Parameters
    ----------
    checks
        The rows; those whose position is farther from any such cell than a zone is wide are noted.
    columns
        Of longitude and latitude, degrees (EPSG:4326).
    study, zones
        Its land and cells, and its zones.
    """
    lonlat = checks.frame[list(columns)].apply(pd.to_numeric, errors="coerce").to_numpy(float)
    points, of_row = np.unique(np.nan_to_num(lonlat, nan=-999.0), axis=0, return_inverse=True)
    zone, away_m = _nearest_zone(points, study, zones)
    of_row = of_row.ravel()
    known = away_m[of_row] <= zones.size_m

    def tell(row: int) -> Told:
        values = ", ".join(f"{c} {checks.frame[c].iloc[row]}" for c in columns)
        expected = f"degrees (EPSG:4326) on land, within {zones.size_m / 1000:g} km of a populated cell"
        return values, expected, "correct the position; are longitude and latitude swapped?"

    checks.note(~known, tell)
    ones, rows = np.ones(len(of_row)), np.arange(len(of_row))
    return Placed(csr_array((ones, (rows, zone[of_row])), shape=(len(rows), len(zones))), known)


def _nearest_zone(points: F64, study: Study, zones: Zones) -> tuple[I64, F64]:
    """Zone of the populated cell nearest to each point (lon, lat) on its side, and its distance in metres."""
    sides, cells = study.region.sides, study.cells
    on_earth = np.all(np.abs(points) <= np.array([180.0, 90.0]), axis=1)
    xy_m = np.column_stack(project_xy(*np.where(on_earth[:, None], points, 0.0).T))
    region = np.array([study.ground.region_at(x, y) or "" for x, y in xy_m])
    zone, away_m = np.zeros(len(points), dtype=np.int64), np.full(len(points), np.inf)
    for s, side in enumerate(sides):
        of_side, here = np.flatnonzero(cells.side == s), np.flatnonzero(on_earth & (region == side))
        if here.size:
            tree = KDTree(np.column_stack([cells.x_m[of_side], cells.y_m[of_side]]))
            away_m[here], near = tree.query(xy_m[here])
            zone[here] = zones.of_cell[of_side[near]]
    return zone, away_m
