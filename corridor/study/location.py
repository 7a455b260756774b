"""Location analysis: who is around a place, what it reaches by scenario, its control points, facilities and protected land."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from corridor.access.journeys.tables import travel_table
from corridor.access.reach.reach import minutes_to_places
from corridor.access.search.cells import Place
from corridor.core.crs import WGS84, WORKING, project_xy
from corridor.core.notebook import html_table
from corridor.ecology import M2_PER_HA
from corridor.schema.comparison import TODAY
from corridor.schema.rows import rows_of, text_of
from corridor.study import around, stages
from corridor.study.clock import service_clock

if TYPE_CHECKING:
    from corridor.study.study import Study

NEAR_M = 1_000.0
"""What is said of land is said of this distance around."""


@dataclass(frozen=True)
class Location:
    """What is around a place, and what it reaches.

    Attributes
    ----------
    name, side, lon, lat
        The place; degrees (EPSG:4326).
    around
        catchment, the columns of :func:`corridor.study.around.people_in`, and land_use_mix
        (:func:`corridor.study.around.land_use_mix`; NaN on a side without land use).
    reach
        scenario_id, hour, cutoff_min, jobs, jobs_across (of them on the other side), residents: of the cell of 250 m it is in, or
        of the nearest one of its side.
    cell_m
        Metres to the centre of that cell.
    hubs
        scenario_id, hub, minutes: expected, from door to door at the first hour; NaN without service.
    control_points
        checkpoint_id, scenario_id, minutes to its hall on this side, nearest first; NaN without service.
    land_use
        group, ha, share of the land within 1 km whose use is known; no rows on a side without land use.
    facilities
        kind, within_15_min_on_foot; NaN where the side has no such data.
    hospital
        scenario_id, minutes to the nearest public hospital; NaN where the side has no data.
    shared
        As :func:`corridor.study.around.facilities_shared`: facilities for 100,000 residents who share them (E2SFCA).
    from_districts
        scenario_id, district_id, minutes: mean of the residents of the district who reach the place within the limit on a hub's
        minutes, from door to door at the first hour; NaN where nobody does; share_reaching, of its residents.
    protected
        designation_id, designation, name_en, distance_m, within_1km_ha; nearest first.
    """

    name: str
    side: str
    lon: float
    lat: float
    around: pd.DataFrame
    reach: pd.DataFrame
    cell_m: float
    hubs: pd.DataFrame
    control_points: pd.DataFrame
    land_use: pd.DataFrame
    facilities: pd.DataFrame
    hospital: pd.DataFrame
    shared: pd.DataFrame
    from_districts: pd.DataFrame
    protected: pd.DataFrame

    def _repr_html_(self) -> str:
        return html_table(self.name, list(self.around), self.around.itertuples(index=False))


def locate(study: Study, text: str, scenario_ids: Sequence[str]) -> Location:
    """Describe a place.

    Parameters
    ----------
    study
        Layers and scenario files.
    text
        A station, hall or hub by id, name or code, or "lon,lat" (EPSG:4326); new stations are those of the last scenario.
    scenario_ids
        Scenarios, levers stacked with '+'; the first is what the others are compared with.

    Returns
    -------
    Location
        Today's people and the build-out; times at the study's hours.

    Raises
    ------
    UnknownStationError
        Where nothing has that name, or several places do.

    Examples
    --------
    >>> here = locate(Study.bundled(), "Lau Fau Shan", ["committed-2030", "western-2035"])  # doctest: +SKIP
    >>> here.reach.pivot_table("jobs_across", "scenario_id", ["hour", "cutoff_min"])  # doctest: +SKIP
    """
    place = study.place(text, scenario_ids[-1])
    lon, lat = (float(v) for v in project_xy(place.x_m, place.y_m, WORKING, WGS84))
    chosen = around.catchments(study, [place])
    cell, cell_m = _nearest_cell(study, place)
    land = dict(list(around.land_use_near(study, [place]).groupby("catchment")))
    unknown = pd.DataFrame(columns=["group", "ha", "share"])
    return Location(
        name=place.name,
        side=place.region,
        lon=lon,
        lat=lat,
        around=pd.DataFrame(
            {"catchment": c, **around.people_in(study, chosen[c][0]), "land_use_mix": around.land_use_mix(land.get(c, unknown))}
            for c in around.CATCHMENTS
        ),
        reach=pd.DataFrame(_reached(study, place, cell, scenario_ids)),
        cell_m=cell_m,
        hubs=_each(_minutes(study, place, dict(study.hubs), i, "hub") for i in scenario_ids),
        control_points=_each(_control_points(study, place, i) for i in scenario_ids),
        land_use=land.get(f"{NEAR_M:.0f}m", unknown)[["group", "ha", "share"]].reset_index(drop=True),
        facilities=around.facilities_near(study, [place]).iloc[0].rename_axis("kind").reset_index(name="within_15_min_on_foot"),
        hospital=pd.DataFrame(_hospital(study, place, cell, i) for i in scenario_ids),
        shared=around.facilities_shared(study, place.region, cell, scenario_ids),
        from_districts=_each(_from_districts(study, place, i) for i in scenario_ids),
        protected=_protected(study, place),
    )  # fmt: skip


def _each(frames: Iterable[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(frames, ignore_index=True)


def _nearest_cell(study: Study, place: Place) -> tuple[int, float]:
    cells = study.cells
    away = np.hypot(cells.x_m - place.x_m, cells.y_m - place.y_m)
    away[np.array([r != place.region for r in cells.region])] = np.inf
    nearest = int(away.argmin())
    return nearest, float(away[nearest])


def _reached(
    study: Study, place: Place, cell: int, scenario_ids: Sequence[str]
) -> Iterator[dict[str, object]]:
    other = next(side for side in study.cells.sides if side != place.region)
    for scenario_id in scenario_ids:
        for hour in study.parameters.hours:
            reach, _ = study.stages.of(stages.REACH, scenario_id, hour=hour)
            for cutoff in reach.cutoffs_min:
                yield {
                    "scenario_id": scenario_id,
                    "hour": hour,
                    "cutoff_min": cutoff,
                    "jobs": float(reach.of(cutoff, "jobs")[cell]),
                    "jobs_across": float(reach.of(cutoff, "jobs", side=other)[cell]),
                    "residents": float(reach.of(cutoff, "residents")[cell]),
                }


def _minutes(
    study: Study, place: Place, ends: dict[str, Place], scenario_id: str, column: str
) -> pd.DataFrame:
    """Minutes from the place to named ends in a scenario, at the study's first hour."""
    network, clock = study.network(scenario_id).compiled, service_clock(study.parameters.hours[0])
    table = travel_table(network, study.base, [place], list(ends.values()), clock)
    columns = {"scenario_id": scenario_id, column: list(ends), "minutes": table["minutes"].to_numpy()}
    return pd.DataFrame(columns)


def _control_points(study: Study, place: Place, scenario_id: str) -> pd.DataFrame:
    """Minutes to the halls on this side, nearest first."""
    net = study.network(scenario_id)
    halls = {i: f"{i}@{place.region}" for i in net.network.checkpoints}
    ends = {i: net.place(hall) for i, hall in halls.items() if hall in net.compiled.index}
    found = _minutes(study, place, ends, scenario_id, "checkpoint_id")
    return found.sort_values("minutes", kind="stable")


def _hospital(study: Study, place: Place, cell: int, scenario_id: str) -> dict[str, object]:
    known = place.region in set(study.catalog.table_if_any("facilities")["region"])
    minutes = study.stages.of(stages.HOSPITAL, scenario_id, hour=study.parameters.hours[0])
    return {"scenario_id": scenario_id, "minutes": float(minutes[cell]) if known else np.nan}


def _from_districts(study: Study, place: Place, scenario_id: str) -> pd.DataFrame:
    """Mean minutes to the place of the residents of each district, at the study's first hour."""
    departure = study.access.departure(
        study.network(scenario_id).compiled, study.parameters.hours[0], study.parameters.hub_limit_min
    )
    minutes = minutes_to_places(departure, study.base, [place])[0].astype(float)
    people, reached = study.cells.people(TODAY), np.isfinite(minutes)
    within = people * reached
    table = pd.DataFrame({
        "district_id": study.cells.table["district_id"].to_numpy(),
        "residents": people, "within": within, "minutes": within * np.nan_to_num(minutes),
    }).groupby("district_id", as_index=False).sum()  # fmt: skip
    each = table["within"].to_numpy(float)
    return pd.DataFrame({
        "scenario_id": scenario_id, "district_id": table["district_id"],
        "minutes": table["minutes"] / np.where(each > 0, each, np.nan),
        "share_reaching": each / table["residents"].clip(lower=1),
    })  # fmt: skip


def _protected(study: Study, place: Place) -> pd.DataFrame:
    """Designated areas that come within 1 km, or the nearest one."""
    columns = ["designation_id", "designation", "name_en", "distance_m", "within_1km_ha"]
    areas = study.land.designations
    if not len(areas):
        return pd.DataFrame(columns=columns)
    centre = shapely.Point(place.x_m, place.y_m)
    areas = gpd.GeoDataFrame(areas).assign(distance_m=areas.geometry.distance(centre))
    near = areas[(areas["distance_m"] <= NEAR_M) | (areas["distance_m"] == areas["distance_m"].min())]
    common = near.geometry.intersection(centre.buffer(NEAR_M, quad_segs=32))
    found = near.assign(within_1km_ha=common.area / M2_PER_HA).sort_values("distance_m", kind="stable")
    named = {text_of(row["designation_id"]): text_of(row.get("name_en")) for row in rows_of(found)}
    return found.assign(name_en=[named[i] for i in found["designation_id"]])[columns].reset_index(drop=True)
