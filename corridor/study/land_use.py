"""Land use around places: hectares by class, and how mixed urban land is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rasterio.windows import from_bounds

from corridor.access.search.cells import Place
from corridor.access.surroundings.points import on_foot, points_of_places
from corridor.core.containment import raster_at
from corridor.core.crs import WGS84, WORKING, project_xy
from corridor.ecology import M2_PER_HA
from corridor.network.walk import Points
from corridor.study.catchment import CATCHMENTS, RADII_M, WALK_MIN

if TYPE_CHECKING:
    from corridor.study.study import Study

URBAN = ("residential", "commercial", "industrial", "institutional", "open_space")
"""Groups of classes among which the mix is taken; roads, utilities and open country are in none of them (assumption)."""
KNOWN_LEAST = 0.5
"""Land use is not assessed where less of the land of the place's side has a known class: a few pixels from over a boundary
river say nothing."""
M_PER_DEGREE, FAR_M = 111_000.0, 1_300.0
COLUMNS = ["place", "catchment", "group", "ha", "share"]


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
        place (its number), catchment (:data:`corridor.study.catchment.CATCHMENTS`), group, ha, share of the land whose use is
        known, the largest first. No rows where less than half of the land of the place's side in a catchment is known.
    """
    if not (study.catalog.having("land_use") and study.catalog.having("land_use_classes")):
        return pd.DataFrame(columns=COLUMNS)
    frames = [part for i, place in enumerate(places) for part in _of_place(study, i, place)]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=COLUMNS)


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
    within = {f"{m}m": away <= m for m in RADII_M} | {CATCHMENTS[-1]: _walked(study, place, near)}
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


def _walked(study: Study, place: Place, near: _Pixels) -> NDArray[np.bool_]:
    """Pixels of the side of a place that one walks to in 15 min."""
    number, flags = np.flatnonzero(near.here), np.zeros(len(near.x_m), dtype=bool)
    ends = Points(near.x_m[number], near.y_m[number], [place.region] * len(number))
    walked, seconds = on_foot(study.ground, points_of_places([place]), ends).row(0)
    flags[number[walked[seconds <= 60 * WALK_MIN]]] = True
    return flags
