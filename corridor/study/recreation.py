"""Recreation: who is near an entrance of a green corridor or park, and how much urban nature residents share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from rasterio.features import rasterize
from rasterio.transform import from_origin

from corridor.access.measures.nature_access import urban_nature_access
from corridor.core.containment import raster_at
from corridor.core.crs import project_xy
from corridor.core.errors import LayerError, Problems
from corridor.schema.catalog import Catalog
from corridor.schema.comparison import TODAY
from corridor.schema.rows import rows_of
from corridor.study import stages

if TYPE_CHECKING:
    from corridor.study.study import Study

MINUTES = (15, 30, 45)
"""Cut-offs, from door to door on foot and by train and bus."""
PARAMETERS = ("open_space_m2", "open_space_radius_m", "green_radius_m")
OPEN_SPACE, COUNTRY_PARK = "open_space", "country_park"
"""The group of land use and the kind of designation that count as nature."""
CELL_M, FINE_M = 250.0, 50.0
KNOWN_SHARE = 0.5
"""A side is assessed where the land use of more than this share of its cells is known."""

F64 = NDArray[np.float64]


@dataclass(frozen=True)
class Recreation:
    """Access to green corridors and parks.

    Attributes
    ----------
    entrances
        The layer of role ``entrances``.
    near
        scenario_id, district_id, minutes (:data:`MINUTES`), residents of today who live within them of an entrance at the
        study's first hour, district_residents, and the share of them.
    nature
        district_id, residents; open_space_m2 for each resident (mean of A, InVEST's urban nature access), balance_m2 against the
        standard, below: residents with less than it, as InVEST's under-supplied population; green_m2, of green corridors and
        country parks, for which no standard is known. NaN on a side whose land use is not known: not assessed. No rows where the
        study has no parameters.
    standard
        Parameters of urban nature access: open_space_m2 a resident (g), and the radii (d0) open_space_radius_m and green_radius_m.
    """

    entrances: pd.DataFrame
    near: pd.DataFrame
    nature: pd.DataFrame
    standard: Mapping[str, float]


def recreation(study: Study, scenario_ids: Sequence[str]) -> Recreation | None:
    """Access to green corridors and parks in some scenarios; None where the study has no layer of entrances.

    Parameters
    ----------
    study
        With a layer of role ``entrances``; its land use, designations and green corridors are the supply.
    scenario_ids
        Whose times count.
    """
    entrances = study.catalog.table_if_any("entrances")
    if not len(entrances):
        return None
    near = pd.concat([_near(study, i) for i in scenario_ids], ignore_index=True)
    standard = _standard(study.catalog)
    nature = pd.DataFrame()
    if standard:
        nature = study.known(pd.DataFrame, "urban nature", [], lambda: _nature(study, standard))
    return Recreation(entrances, near, nature, standard)


def _standard(catalog: Catalog) -> dict[str, float]:
    """The parameters by name; none where the study has no table of them."""
    table = catalog.table_if_any("recreation_parameters")
    found = {str(r["parameter"]): float(r["value"]) for r in rows_of(table)}
    with Problems(LayerError) as problems:
        for name in PARAMETERS if found else ():
            if not found.get(name):
                problems.add("recreation_parameters", f"has no {name} above 0", "a row for it", "add the row")
    return found


def _near(study: Study, scenario_id: str) -> pd.DataFrame:
    hour = study.parameters.hours[0]
    minutes = study.stages.of(stages.ENTRANCES, scenario_id, hour=hour, limit_min=float(MINUTES[-1]))
    people = study.cells.people(TODAY)
    district = study.cells.table["district_id"].to_numpy()
    total = pd.Series(people).groupby(district).sum()
    rows = []
    for limit in MINUTES:
        inside = pd.Series(np.where(np.nan_to_num(minutes, nan=np.inf) <= limit, people, 0.0))
        here = inside.groupby(district).sum()
        rows.append(
            pd.DataFrame({
                "scenario_id": scenario_id, "district_id": here.index, "minutes": limit,
                "residents": here.to_numpy(), "district_residents": total.to_numpy(),
                "share": (here / total.clip(lower=1)).to_numpy(),
            })
        )  # fmt: skip
    return pd.concat(rows, ignore_index=True)


@dataclass(frozen=True)
class _Squares:
    """Squares of 250 m around all cells; row 0 is the northernmost."""

    west_m: float
    north_m: float
    shape: tuple[int, int]

    def sums(self, x: F64, y: F64, values: F64) -> F64:
        """Values at positions (EPSG:4547), summed by square; those outside are left out."""
        row, column = self.at(x, y)
        inside = (row >= 0) & (row < self.shape[0]) & (column >= 0) & (column < self.shape[1])
        flat = row[inside] * self.shape[1] + column[inside]
        size = self.shape[0] * self.shape[1]
        return np.asarray(np.bincount(flat, weights=values[inside], minlength=size), dtype=float).reshape(
            self.shape
        )

    def at(self, x: F64, y: F64) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Row and column of positions."""
        row = np.floor((self.north_m - y) / CELL_M).astype(np.int64)
        return row, np.floor((x - self.west_m) / CELL_M).astype(np.int64)


def _nature(study: Study, standard: Mapping[str, float]) -> pd.DataFrame:
    """Urban nature by district, each side for its own residents: nobody crosses the boundary for a park next door."""
    cells = study.cells
    x, y = np.asarray(cells.x_m, dtype=float), np.asarray(cells.y_m, dtype=float)
    people = np.asarray(cells.people(TODAY), dtype=float)
    table = pd.DataFrame({"district_id": cells.table["district_id"], "residents": people})
    table["open_space_m2"] = table["below"] = table["green_m2"] = np.nan
    squares = _squares(x, y, standard["green_radius_m"])
    known, open_m2 = _open_space(study, squares)
    at = squares.at(x, y)
    for side in cells.sides:
        here = np.array([r == side for r in cells.region])
        if not here.any() or (known[at] > 0)[here].mean() <= KNOWN_SHARE:
            continue
        live = squares.sums(x[here], y[here], people[here])
        shared = urban_nature_access(open_m2, live, CELL_M, standard["open_space_radius_m"])
        green = urban_nature_access(_green(study, squares), live, CELL_M, standard["green_radius_m"])
        table.loc[here, "open_space_m2"] = shared.per_person_m2[at][here]
        table.loc[here, "green_m2"] = green.per_person_m2[at][here]
        table.loc[here, "below"] = np.where(
            shared.balance_m2(standard["open_space_m2"])[at][here] < 0, people[here], 0.0
        )
    means = ["open_space_m2", "green_m2"]
    table[means] = table[means].mul(table["residents"], axis=0)
    found = table.groupby("district_id", as_index=False).sum(min_count=1)
    found[means] = found[means].div(found["residents"].clip(lower=1), axis=0)
    found["balance_m2"] = found["open_space_m2"] - standard["open_space_m2"]
    return found[["district_id", "residents", "open_space_m2", "balance_m2", "below", "green_m2"]]


def _squares(x: F64, y: F64, around_m: float) -> _Squares:
    around_m = CELL_M * np.ceil(around_m / CELL_M)
    west, north = x.min() - CELL_M / 2 - around_m, y.max() + CELL_M / 2 + around_m
    size = 2 * around_m + CELL_M
    return _Squares(west, north, (round((np.ptp(y) + size) / CELL_M), round((np.ptp(x) + size) / CELL_M)))


def _open_space(study: Study, squares: _Squares) -> tuple[F64, F64]:
    """Square metres of known land use and of open space by square; none where the study has no land use."""
    if not study.catalog.having("land_use"):
        return np.zeros(squares.shape), np.zeros(squares.shape)
    classes = study.catalog.table("land_use_classes")
    codes_open = classes.loc[classes["group"] == OPEN_SPACE, "code"].to_numpy()
    with raster_at(study.catalog.raster_path("land_use")) as raster:
        codes, at, nodata = raster.read(1), raster.transform, raster.nodata
    rows, columns = np.nonzero(codes != nodata)
    x, y = project_xy(at.c + at.a * (columns + 0.5), at.f + at.e * (rows + 0.5))
    east_x, east_y = project_xy(at.c + at.a * (columns + 1.5), at.f + at.e * (rows + 0.5))
    south_x, south_y = project_xy(at.c + at.a * (columns + 0.5), at.f + at.e * (rows + 1.5))
    area = np.hypot(east_x - x, east_y - y) * np.hypot(south_x - x, south_y - y)
    is_open = np.isin(codes[rows, columns], codes_open)
    return squares.sums(x, y, area), squares.sums(x, y, area * is_open)


def _green(study: Study, squares: _Squares) -> F64:
    """Square metres of green corridors and country parks by square; where they overlap the ground counts once."""
    areas = study.land.designations
    shapes = [*study.land.corridors.geometry]
    if len(areas):
        shapes += [*areas.loc[areas["designation"] == COUNTRY_PARK].geometry]
    if not shapes:
        return np.zeros(squares.shape)
    fine = round(CELL_M / FINE_M)
    where = from_origin(squares.west_m, squares.north_m, FINE_M, FINE_M)
    size = (squares.shape[0] * fine, squares.shape[1] * fine)
    inside = rasterize([shapely.union_all(shapes)], out_shape=size, transform=where, dtype="uint8")
    blocks = inside.reshape(squares.shape[0], fine, squares.shape[1], fine).sum(axis=(1, 3))
    return np.asarray(blocks, dtype=float) * FINE_M**2
