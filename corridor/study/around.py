"""What is around places: who lives and works there, how the land is used, and facilities."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rasterio.windows import from_bounds

from corridor.access.measures.catchment import enhanced_two_step
from corridor.access.measures.impedance import Steps
from corridor.access.reach.reach import minutes_to_places
from corridor.access.search.cells import Place
from corridor.access.surroundings.points import on_foot, points_of_places
from corridor.core.containment import raster_at
from corridor.core.crs import WGS84, WORKING, project_xy
from corridor.ecology import M2_PER_HA
from corridor.network.walk import Points
from corridor.schema.comparison import BUILDOUT, TODAY

if TYPE_CHECKING:
    from corridor.study.study import Study

WALK_MIN = 15
RADII_M = (500, 1000)
CATCHMENTS = (*(f"{m}m" for m in RADII_M), f"walk_{WALK_MIN}min")
"""Around a place: straight distances, and the cells that one walks to in 15 min."""
CELL_HA = 6.25
"""A cell of 250 m."""

Cells = NDArray[np.bool_]
URBAN = ("residential", "commercial", "industrial", "institutional", "open_space")
"""Groups of classes among which the mix is taken; roads, utilities and open country are in none of them (assumption)."""
KNOWN_LEAST = 0.5
"""Land use is not assessed where less of the land of the place's side has a known class: a few pixels from over a boundary
river say nothing."""
M_PER_DEGREE, FAR_M = 111_000.0, 1_300.0
LAND_USE = ["place", "catchment", "group", "ha", "share"]
PEOPLE = 100_000
"""Facilities are counted for so many residents."""
WEIGHTS = (1, 0.68, 0.22)
"""Weights of the three zones of a catchment (Luo and Qi 2009, for 10, 20 and 30 min by car)."""
NEIGHBOURHOOD, TOWN, REGION = (Steps(zones, WEIGHTS) for zones in ((5, 10, 15), (10, 20, 30), (20, 40, 60)))
ON_FOOT = {"primary_school": NEIGHBOURHOOD, "park": NEIGHBOURHOOD}
"""Facilities that people walk to: their share is the same in every scenario. The zones are an assumption."""
BY_ALL = {"clinic": TOWN, "secondary_school": TOWN, "library": TOWN, "hospital": REGION}
"""Facilities that people ride to as well, from door to door by train, bus and foot. The zones are an assumption."""
SHARED = ["kind", "scenario_id", "farthest_min", "per_100000", "mean_per_100000"]


# --- who lives and works there ---


def catchments(study: Study, places: Sequence[Place]) -> dict[str, list[Cells]]:
    """Cells around places, by name of the catchment: (cell,) flags of each place. Cells of the other side are in none."""
    cells = study.cells
    same = [np.array([r == p.region for r in cells.region]) for p in places]
    away = [np.hypot(cells.x_m - p.x_m, cells.y_m - p.y_m) for p in places]
    found = {f"{m}m": [s & (d <= m) for s, d in zip(same, away, strict=True)] for m in RADII_M}
    walks_s = walked_s(study, places, Points(cells.x_m, cells.y_m, cells.region))
    return found | {CATCHMENTS[-1]: list(walks_s <= 60 * WALK_MIN)}


def walked_s(study: Study, places: Sequence[Place], ends: Points) -> NDArray[np.float32]:
    """Seconds on foot from places to ends of their side, (place, end); NaN beyond the walking limit."""
    walks = on_foot(study.ground, points_of_places(places), ends)
    found = np.full((len(places), len(ends.x_m)), np.nan, dtype=np.float32)
    found[walks.row_of_entry, walks.column] = walks.seconds
    return found


def people_in(study: Study, chosen: Cells) -> dict[str, float]:
    """Who is in some cells.

    Returns
    -------
    dict
        area_ha, of these cells (only inhabited or worked ones are known); residents and jobs of today and ``_planned`` on the
        build-out; per_ha, residents and jobs a hectare; jobs_per_100_residents; mix, ``1 - |R - J| / (R + J)``: 1 where there
        are as many jobs as residents, 0 where there is one kind alone.
    """
    residents, jobs = (float(study.cells.people(TODAY, what)[chosen].sum()) for what in ("residents", "jobs"))
    area_ha, both = CELL_HA * float(chosen.sum()), residents + jobs
    return {
        "area_ha": area_ha,
        "residents": residents,
        "jobs": jobs,
        "residents_planned": float(study.cells.people(BUILDOUT)[chosen].sum()),
        "jobs_planned": float(study.cells.people(BUILDOUT, "jobs")[chosen].sum()),
        "per_ha": both / area_ha if area_ha else np.nan,
        "jobs_per_100_residents": 100 * jobs / residents if residents else np.nan,
        "mix": 1 - abs(residents - jobs) / both if both else np.nan,
    }


# --- how the land is used ---


@dataclass(frozen=True)
class _Pixels:
    """Centres of the raster's cells around a place: (pixel,) each."""

    x_m: NDArray[np.float64]
    y_m: NDArray[np.float64]
    group: NDArray[np.object_]
    """Group of the class; NaN where the use is not known."""
    here: NDArray[np.bool_]
    """Whether it is land of the place's side."""
    there: NDArray[np.bool_]
    """Whether it is land of the other side."""


def land_use_near(study: Study, places: Sequence[Place]) -> pd.DataFrame:
    """Land use in the catchments of places.

    Parameters
    ----------
    study
        With a raster of role ``land_use`` (EPSG:4326) and the groups of its classes; without them the frame is empty.
    places
        Places; land of the other side is in none of their catchments.

    Returns
    -------
    pandas.DataFrame
        place (its number), catchment (:data:`CATCHMENTS`), group, ha, share of the land whose use is
        known, the largest first. No rows where less than half of the land of the place's side in a catchment is known.
    """
    if not (study.catalog.having("land_use") and study.catalog.having("land_use_classes")):
        return pd.DataFrame(columns=LAND_USE)
    frames = [part for i, place in enumerate(places) for part in _of_place(study, i, place)]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=LAND_USE)


def land_use_mix(land: pd.DataFrame) -> float:
    """How evenly urban land is shared among its uses: entropy, 0 for one use alone, 1 for equal shares of all five.

    ``-sum(p ln p) / ln 5``, where p are the shares of the five groups of :data:`URBAN` in their sum; Cervero and Kockelman
    1997, Transportation Research D 2(3). It says nothing of who lives or works there.

    Parameters
    ----------
    land
        group and ha, as of :func:`land_use_near` for one place and catchment.

    Returns
    -------
    float
        NaN where there is no urban land, or nothing is known.

    Examples
    --------
    >>> land_use_mix(pd.DataFrame({"group": ["residential", "open_space", "natural"], "ha": [5.0, 5.0, 80.0]}))  # ln 2 / ln 5
    0.430...
    """
    ha = land.loc[land["group"].isin(URBAN) & (land["ha"] > 0), "ha"].to_numpy(float)
    if not len(ha):
        return float("nan")
    p = ha / ha.sum()
    return float(-(p * np.log(p)).sum() / np.log(len(URBAN))) + 0.0


def _of_place(study: Study, number: int, place: Place) -> Iterator[pd.DataFrame]:
    near = _pixels(study, place)
    away = np.hypot(near.x_m - place.x_m, near.y_m - place.y_m)
    known = np.array([isinstance(g, str) for g in near.group], dtype=bool)
    within = {f"{m}m": away <= m for m in RADII_M} | {CATCHMENTS[-1]: _walked_pixels(study, place, near)}
    pixel_ha = np.pi * RADII_M[-1] ** 2 / M2_PER_HA / max(within[f"{RADII_M[-1]}m"].sum(), 1)
    for catchment, chosen in within.items():
        land = chosen & near.here
        if (known & land).sum() < KNOWN_LEAST * max(land.sum(), 1):
            continue
        counts = pd.Series(near.group[chosen & known & ~near.there]).value_counts(sort=True)
        cells = counts.to_numpy(float)
        yield pd.DataFrame({
            "place": number, "catchment": catchment, "group": counts.index, "ha": cells * pixel_ha, "share": cells / cells.sum(),
        })  # fmt: skip


def _pixels(study: Study, place: Place) -> _Pixels:
    classes = study.catalog.table("land_use_classes").set_index("code")["group"]
    lon, lat = (float(v) for v in project_xy(place.x_m, place.y_m, WORKING, WGS84))
    far = 2 * FAR_M / M_PER_DEGREE
    with raster_at(study.catalog.raster_path("land_use")) as raster:
        window = from_bounds(lon - far, lat - far, lon + far, lat + far, raster.transform)
        window = window.round_offsets().round_lengths()
        codes = raster.read(1, window=window, boundless=True, fill_value=raster.nodata or 0)
        at, nodata = raster.window_transform(window), raster.nodata
    columns, rows = np.meshgrid(np.arange(codes.shape[1]) + 0.5, np.arange(codes.shape[0]) + 0.5)
    x, y = project_xy(at.c + at.a * columns.ravel(), at.f + at.e * rows.ravel())
    close = np.hypot(x - place.x_m, y - place.y_m) <= FAR_M
    x, y, code = x[close], y[close], codes.ravel()[close]
    group = pd.Series(code).where(code != nodata).map(classes).to_numpy(object)
    side = np.array([study.ground.region_at(*xy) for xy in zip(x, y, strict=True)], dtype=object)
    here = side == place.region
    return _Pixels(x, y, group, here, ~here & np.array([s is not None for s in side], dtype=bool))


def _walked_pixels(study: Study, place: Place, near: _Pixels) -> NDArray[np.bool_]:
    """Pixels of the side of a place that one walks to in 15 min."""
    number, flags = np.flatnonzero(near.here), np.zeros(len(near.x_m), dtype=bool)
    ends = Points(near.x_m[number], near.y_m[number], [place.region] * len(number))
    flags[number] = walked_s(study, [place], ends)[0] <= 60 * WALK_MIN
    return flags


# --- facilities ---


def facilities_near(study: Study, places: Sequence[Place]) -> pd.DataFrame:
    """Facilities within 15 min on foot of each place, in order: a column for each kind; NaN on a side without such data."""
    table = study.catalog.table_if_any("facilities")
    kinds, known = sorted(set(table["kind"])), set(table["region"])
    walks_s = walked_s(study, places, points_of_places(_places(table)))
    rows = []
    for place, seconds in zip(places, walks_s, strict=True):
        near = table["kind"].to_numpy()[seconds <= 60 * WALK_MIN]
        assessed = place.region in known
        rows.append({k: float((near == k).sum()) if assessed else np.nan for k in kinds})
    return pd.DataFrame(rows, columns=kinds)


def facilities_shared(study: Study, side: str, cell: int, scenario_ids: Sequence[str]) -> pd.DataFrame:
    """Facilities for 100,000 residents who share them, at a cell and on average.

    Two-step floating catchments with zones (Luo and Qi 2009; :func:`corridor.access.measures.catchment.enhanced_two_step`):
    ``R_j = 1 / sum_k P_k f(t_kj)``, ``A_i = sum_j R_j f(t_ij)``. Each facility counts as one, as no list states beds, places
    or areas (assumption); residents are today's of this side, as the other side's facilities are not known.

    Parameters
    ----------
    study
        With a layer of role ``facilities``.
    side
        The side of the boundary.
    cell
        Index of a cell of this side.
    scenario_ids
        Whose times from door to door count, at the study's first hour; facilities that people walk to have one row with an
        empty scenario_id.

    Returns
    -------
    pandas.DataFrame
        Columns :data:`SHARED`: kind, scenario_id, farthest_min (end of the outermost zone), per_100000 at the cell, and
        mean_per_100000 of the mean resident. No rows where the side has no such data.
    """
    table = study.catalog.table_if_any("facilities")
    own = {k: _places(table[(table["kind"] == k) & (table["region"] == side)]) for k in (*ON_FOOT, *BY_ALL)}
    own = {kind: places for kind, places in own.items() if places}
    here = np.array([r == side for r in study.cells.region])
    residents = study.cells.people(TODAY)[here]

    def row(kind: str, scenario_id: str, zones: Steps, minutes: NDArray[np.floating]) -> dict[str, object]:
        shared = enhanced_two_step(minutes[here], np.ones(minutes.shape[1]), residents, zones)
        each = PEOPLE * shared.access.to_numpy(float)
        mean = float(np.average(each, weights=residents))
        at = float(each[here[:cell].sum()])
        return dict(zip(SHARED, (kind, scenario_id, zones.until_min[-1], at, mean), strict=True))

    rows = [row(k, "", z, _walked(study, own[k])) for k, z in ON_FOOT.items() if k in own]
    for scenario_id in scenario_ids:
        timed = _ridden(study, scenario_id, {k: p for k, p in own.items() if k in BY_ALL})
        rows += [row(k, scenario_id, BY_ALL[k], minutes) for k, minutes in timed]
    return pd.DataFrame(rows, columns=SHARED)


def _places(table: pd.DataFrame) -> list[Place]:
    x, y = project_xy(table["lon"].to_numpy(float), table["lat"].to_numpy(float))
    each = zip(table["facility_id"], x, y, table["region"], strict=True)
    return [Place(str(i), None, float(a), float(b), str(side)) for i, a, b, side in each]


def _walked(study: Study, places: Sequence[Place]) -> NDArray[np.float64]:
    """Minutes on foot from every cell to each place, (cell, place); NaN beyond the walking limit."""
    cells = study.cells
    walks_s = walked_s(study, places, Points(cells.x_m, cells.y_m, cells.region))
    return (walks_s.T / 60).astype(float)


def _ridden(
    study: Study, scenario_id: str, own: Mapping[str, Sequence[Place]]
) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """Expected minutes from door to door from every cell to the places of each kind, (cell, place)."""
    compiled, hour = study.network(scenario_id).compiled, study.parameters.hours[0]
    for kind, places in own.items():
        departure = study.access.departure(compiled, hour, BY_ALL[kind].until_min[-1])
        yield kind, minutes_to_places(departure, study.base, places).T.astype(float)
