"""Groupings of cells beside districts: sums of people, jobs, access, travellers and land take by group."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from corridor.core.crs import WGS84, WORKING, project_xy
from corridor.schema.comparison import BUILDOUT, TODAY
from corridor.schema.rows import in_columns, row_name, rows_of
from corridor.schema.text import Text
from corridor.study import stages
from corridor.study.demand import ROLES as DEMAND_ROLES
from corridor.study.demand import THIRDS
from corridor.study.study import Study
from corridor.study.travellers import ByState

NO_NAME = Text(en="")
ELSEWHERE = "elsewhere"
"""The group of what is in none."""
THIRDS_OF_BOUNDARY = "thirds"
HOUR, CUTOFF_MIN = "08:30", 60
PERMANENCES = ("permanent", "temporary")

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]


@dataclass(frozen=True)
class Grouping:
    """A partition of everything that has a place.

    Attributes
    ----------
    title
        Its name where the layer gives one.
    group_ids
        In order; each place is in exactly one of them.
    names
        By group id, where the layer gives them.
    number_of
        Indices into `group_ids` from longitudes (degrees) and district ids, (place,) each.
    limits_lon
        Longitudes (degrees) that part the groups, west to east; none where they are sets of districts.
    """

    grouping_id: str
    title: Text | None
    group_ids: tuple[str, ...]
    names: Mapping[str, Text]
    number_of: Callable[[F64, NDArray[np.object_]], I64]
    limits_lon: tuple[float, ...] = ()

    def sums(self, values: F64, number: I64) -> F64:
        """Sums of values by group, of places whose groups are `number`."""
        return np.asarray(np.bincount(number, weights=values, minlength=len(self.group_ids)), dtype=float)


def groupings(study: Study) -> list[Grouping]:
    """Those of the layer of groups, and the thirds of the boundary where demand is modelled."""
    table = study.catalog.table_if_any("groups")
    found = [_of_districts(str(i), rows) for i, rows in table.groupby("grouping_id", sort=False)]
    if all(study.catalog.having(role) for role in DEMAND_ROLES):
        model = study.demand_study
        found.append(
            Grouping(THIRDS_OF_BOUNDARY, None, THIRDS, {}, lambda lon, _: model.third_at(lon), model.third_limits_lon)
        )  # fmt: skip
    return found


@dataclass(frozen=True)
class Groups:
    """The groupings of a study in the scenarios of a comparison.

    Attributes
    ----------
    table
        As :func:`group_table`.
    outlines
        grouping_id, group_id, grouping_en and name_en with their other scripts (empty where no layer names them); EPSG:4326.
    """

    table: pd.DataFrame
    outlines: gpd.GeoDataFrame

    def changes(self, scenario_id: str, reference_id: str) -> pd.DataFrame:
        """Every figure of a scenario less that of another: grouping_id, group_id, and the columns of figures."""
        keys = ["grouping_id", "group_id"]
        by_scenario = self.table.set_index([*keys, "scenario_id"])
        now, then = (by_scenario.xs(i, level="scenario_id") for i in (scenario_id, reference_id))
        return (now - then).reset_index()


def grouped(study: Study, scenario_ids: Sequence[str], travellers: ByState) -> Groups | None:
    """Outlines and figures of all groups; None where the study has no grouping.

    Parameters
    ----------
    study, scenario_ids
        The study and its scenarios.
    travellers
        By land state and scenario; empty where demand is not modelled.
    """
    found = groupings(study)
    if not found:
        return None
    trips = {i: one.by_zone["trips_per_day"].to_numpy() for i, one in travellers.get(TODAY, {}).items()}
    lands = study.known(gpd.GeoDataFrame, "outlines of groups", [], lambda: outlines(study, found))
    return Groups(group_table(study, scenario_ids, trips), lands)


def outlines(study: Study, found: Sequence[Grouping]) -> gpd.GeoDataFrame:
    """The land of each group: whole districts, or all districts cut at the longitudes that part the groups.

    Returns
    -------
    geopandas.GeoDataFrame
        A row for each group with land, as :attr:`Groups.outlines`.
    """
    rows = [
        {"grouping_id": grouping.grouping_id, "group_id": group_id, **in_columns(grouping.title or NO_NAME, "grouping"),
         **in_columns(grouping.names.get(group_id, NO_NAME)), "geometry": shape}
        for grouping in found
        for group_id, shape in zip(grouping.group_ids, _shapes(study, grouping), strict=True)
        if not shape.is_empty
    ]  # fmt: skip
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=WGS84)


def _shapes(study: Study, grouping: Grouping) -> list[BaseGeometry]:
    districts = study.districts
    shapes = districts.geometry.to_numpy()
    if grouping.limits_lon:
        whole = shapely.union_all(shapes)
        edges = pairwise((-180.0, *grouping.limits_lon, 180.0))
        return [shapely.intersection(whole, shapely.box(west, -90, east, 90)) for west, east in edges]
    number = grouping.number_of(np.zeros(len(shapes)), districts["district_id"].to_numpy(object))
    return [shapely.union_all(shapes[number == i]) for i in range(len(grouping.group_ids))]


def _of_districts(grouping_id: str, rows: pd.DataFrame) -> Grouping:
    """Groups of whole districts; a district without a row is elsewhere."""
    ids = (*dict.fromkeys(rows["group_id"]), ELSEWHERE)
    number = {d: ids.index(g) for d, g in zip(rows["district_id"], rows["group_id"], strict=True)}
    named = {str(row["group_id"]): row_name(row) for row in rows_of(rows)}

    def number_of(_: F64, districts: NDArray[np.object_]) -> I64:
        return np.array([number.get(d, len(ids) - 1) for d in districts], dtype=np.int64)

    return Grouping(grouping_id, row_name(next(iter(rows_of(rows))), "grouping"), ids, named, number_of)


def group_table(
    study: Study, scenario_ids: Sequence[str], trips_by_zone: Mapping[str, F64] | None = None
) -> pd.DataFrame:
    """What each group of each grouping has and reaches, by scenario.

    Parameters
    ----------
    study, scenario_ids
        The study and its scenarios.
    trips_by_zone
        By scenario, trips a day that begin or end in each zone of demand on today's people, (zone,), each trip at both its
        ends; the other scenarios have no travellers.

    Returns
    -------
    pandas.DataFrame
        grouping_id, group_id, scenario_id; residents and jobs of today and ``_planned`` on the build-out;
        ``jobs_60`` and ``jobs_60_planned``, jobs within 60 min at 08:30, mean of residents; trips_per_day across the boundary
        (half of the ends of trips in the group, so that groups add up to all trips); permanent_ha and temporary_ha
        of land take, each piece of works in the group of its middle. Columns but the means add up to those of the study.
    """
    rows: list[dict[str, object]] = []
    for grouping in groupings(study):
        table = study.cells.table
        number = grouping.number_of(table["lon"].to_numpy(float), table["district_id"].to_numpy(object))
        for scenario_id in scenario_ids:
            columns = dict(_of_cells(study, grouping, number, scenario_id))
            columns |= _taken(study, grouping, scenario_id)
            if trips_by_zone and scenario_id in trips_by_zone:
                trips = _trips_of_cells(study, np.asarray(trips_by_zone[scenario_id]))
                columns["trips_per_day"] = grouping.sums(trips, number)
            for i, group_id in enumerate(grouping.group_ids):
                head = {"grouping_id": grouping.grouping_id, "group_id": group_id, "scenario_id": scenario_id}
                rows.append(head | {name: float(values[i]) for name, values in columns.items()})
    return pd.DataFrame(rows)


def _of_cells(study: Study, grouping: Grouping, number: I64, scenario_id: str) -> Iterator[tuple[str, F64]]:
    reach, _ = study.stages.of(stages.REACH, scenario_id, hour=HOUR)
    for state, suffix in ((TODAY, ""), (BUILDOUT, "_planned")):
        residents = study.cells.people(state)
        here = grouping.sums(residents, number)
        yield f"residents{suffix}", here
        yield f"jobs{suffix}", grouping.sums(study.cells.people(state, "jobs"), number)
        reached = grouping.sums(residents * reach.of(CUTOFF_MIN, "jobs", state), number)
        yield f"jobs_60{suffix}", np.divide(reached, here, out=np.full_like(here, np.nan), where=here > 0)


def _trips_of_cells(study: Study, trips_by_zone: F64) -> F64:
    """Half of the ends of trips in each cell: those of a zone are shared out by residents and jobs."""
    zones = study.demand_study.zones
    weight = study.cells.people(TODAY) + study.cells.people(TODAY, "jobs")
    weight = np.where(zones.sums(weight)[zones.of_cell] > 0, weight, 1.0)
    return 0.5 * trips_by_zone[zones.of_cell] * weight / zones.sums(weight)[zones.of_cell]


def _taken(study: Study, grouping: Grouping, scenario_id: str) -> dict[str, F64]:
    """Hectares of land take by permanence."""
    pieces = study.stages.of(stages.TAKEN, scenario_id)
    number = grouping.number_of(pieces["lon"].to_numpy(float), pieces["district_id"].to_numpy(object))
    area = pieces["area_ha"].to_numpy(float)
    return {
        f"{name}_ha": grouping.sums(np.where(pieces["permanence"] == name, area, 0.0), number)
        for name in PERMANENCES
    }


def taken(footprint: gpd.GeoDataFrame, districts: gpd.GeoDataFrame) -> pd.DataFrame:
    """Where each piece of land take is.

    Parameters
    ----------
    footprint
        permanence and area_ha of each piece, EPSG:4547.
    districts
        district_id, EPSG:4326.

    Returns
    -------
    pandas.DataFrame
        A row a piece: lon (degrees) and district_id of its middle, permanence, area_ha; a piece over the sea has no district.
    """
    middles = footprint.geometry.representative_point()
    at = gpd.GeoDataFrame(geometry=middles, crs=WORKING).to_crs(WGS84)
    joined = at.sjoin(districts[["district_id", "geometry"]], how="left", predicate="within")
    lon, _ = project_xy(middles.x.to_numpy(float), middles.y.to_numpy(float), WORKING, WGS84)
    return pd.DataFrame(
        {
            "lon": np.asarray(lon, dtype=float),
            "district_id": joined["district_id"][~joined.index.duplicated()].to_numpy(object),
            "permanence": footprint["permanence"].to_numpy(object),
            "area_ha": footprint["area_ha"].to_numpy(float),
        }
    )
