"""Hectares by habitat and by designation under a polygon, exact to the fraction of a cell.

Coverage fractions come from exactextract; they share out the polygon's own area, measured in EPSG:4547, so
that the rows of a polygon always add up to it. Ground off the raster or on nodata is ``not_assessed``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from exactextract import exact_extract
from exactextract.feature import FeatureSource, JSONFeature
from exactextract.raster import NumPyRasterSource
from numpy.typing import NDArray
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from corridor.core import prepared
from corridor.core.crs import WORKING
from corridor.ecology import M2_PER_HA
from corridor.ecology.land.land import NOT_ASSESSED_CODE, OUTSIDE, Land
from corridor.ecology.works.footprint import polygons_of

HABITAT_COLUMNS = ["habitat_code", "habitat_id", "group", "area_ha"]
DESIGNATION_CARRIED = [
    "designation_id", "designation", "name_en", "name_zh_hant", "name_zh_hans", "region",
    "designation_confidence", "designation_source",
]  # fmt: skip


class _Shape(JSONFeature):  # type: ignore[misc]
    """One polygon for exactextract, handed over as bytes: its text form costs as much as the overlap."""

    def __init__(self, shape: BaseGeometry) -> None:
        super().__init__()
        self.shape = shape

    def geometry(self) -> bytes:
        """The polygon as WKB."""
        return bytes(shapely.to_wkb(self.shape))


class Shapes(FeatureSource):  # type: ignore[misc]
    """Polygons for exactextract, in the system of the raster."""

    def __init__(self, shapes: NDArray[Any], wkt: str) -> None:
        super().__init__()
        self.shapes, self.wkt = shapes, wkt

    def count(self) -> int:
        """How many polygons."""
        return len(self.shapes)

    def __iter__(self) -> Iterator[_Shape]:
        return (_Shape(shape) for shape in self.shapes)

    def srs_wkt(self) -> str:
        """The system as WKT."""
        return self.wkt


def habitat_shares(shapes: Sequence[Any] | NDArray[Any], land: Land) -> pd.DataFrame:
    """The share of each shape in each habitat.

    Parameters
    ----------
    shapes
        Polygons in EPSG:4547.
    land
        The land with its habitat raster.

    Returns
    -------
    pandas.DataFrame
        Columns row (position in ``shapes``), habitat_code (-1 where not assessed), share. The shares of a shape add up to 1.
    """
    moved = land.to_raster_system(np.asarray(shapes, dtype=object))
    rows, codes, areas, covered = _covered(moved, land)
    cell = abs(land.transform.a * land.transform.e)
    whole_cells = shapely.area(moved) / cell
    # a shape wholly on the raster needs no ratio of areas, which would only add rounding
    inside = np.where(
        _within(moved, land.extent), 1.0, np.clip(covered / np.maximum(whole_cells, 1e-12), 0, 1)
    )
    frame = pd.DataFrame({"row": rows, "habitat_code": codes, "share": areas * inside[rows]})
    outside = pd.DataFrame(
        {"row": np.arange(len(moved)), "habitat_code": NOT_ASSESSED_CODE, "share": 1.0 - inside}
    )
    frame = pd.concat([frame, outside[outside["share"] > 1e-12]], ignore_index=True)
    return frame.groupby(["row", "habitat_code"], as_index=False, sort=True)["share"].sum()


def _covered(
    shapes: NDArray[Any], land: Land
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Rows, codes and shares of the covered cells, and the cells covered by each shape."""
    system = CRS.from_epsg(land.habitat_epsg)
    wkt = system.to_wkt()
    west, south, east, north = land.extent
    # nodata is read as a class of its own: what covers it is counted, as not assessed
    raster = NumPyRasterSource(land.habitat, west, south, east, north, nodata=None, srs_wkt=wkt)
    # cells of equal degrees are not of equal area
    weight = "(coverage_weight=area_spherical_km2)" if system.is_geographic else ""
    wanted = ["unique", f"shares=frac{weight}", "cells=count"]
    table = exact_extract(raster, Shapes(shapes, wkt), wanted, output="pandas")
    number = np.array([len(codes) for codes in table["unique"]], dtype=int)
    codes, shares = (np.concatenate([np.empty(0), *table[c]]) for c in ("unique", "shares"))
    codes = np.where(codes == land.nodata, NOT_ASSESSED_CODE, codes).astype(int)
    return np.repeat(np.arange(len(shapes)), number), codes, shares, table["cells"].to_numpy(float)


def _within(shapes: NDArray[Any], extent: tuple[float, float, float, float]) -> NDArray[np.bool_]:
    west, south, east, north = extent
    b = shapely.bounds(shapes)
    return np.asarray((b[:, 0] >= west) & (b[:, 1] >= south) & (b[:, 2] <= east) & (b[:, 3] <= north))


def habitat_overlap(frame: gpd.GeoDataFrame, land: Land, keys: list[str]) -> pd.DataFrame:
    """Hectares by habitat under each polygon.

    Parameters
    ----------
    frame
        Polygons in EPSG:4547.
    land
        The land with its habitat raster.
    keys
        Columns of ``frame`` that its rows carry into the result.

    Returns
    -------
    pandas.DataFrame
        The keys, habitat_code, habitat_id, group, area_ha; the rows of a polygon add up to its area.
    """
    if frame.empty:
        return pd.DataFrame(columns=[*keys, *HABITAT_COLUMNS])
    shares = habitat_shares(frame.geometry.to_numpy(), land)
    at = shares["row"].to_numpy()
    named = (
        land.names.loc[shares["habitat_code"], ["habitat_id", "group"]]
        .rename_axis("habitat_code")
        .reset_index()
    )
    area_ha = shares["share"].to_numpy() * frame.geometry.area.to_numpy()[at] / M2_PER_HA
    return pd.concat([_rows(frame, keys, at), named], axis=1).assign(area_ha=area_ha)


def designation_overlap(frame: gpd.GeoDataFrame, land: Land, keys: list[str]) -> pd.DataFrame:
    """Hectares within each designated area under each polygon of ``frame`` (EPSG:4547), with its ``keys``.

    Designations overlap, so rows do not add up to a total; :func:`designated_overlap` counts
    each kind once. Only overlaps have rows.
    """
    columns = [*keys, *DESIGNATION_CARRIED, "area_ha"]
    if frame.empty or land.designations.empty:
        return pd.DataFrame(columns=columns)
    names = {"confidence": "designation_confidence", "source": "designation_source"}
    known = land.designations.rename(columns=names).reindex(columns=DESIGNATION_CARRIED)
    return _shared(frame, keys, land.designations.geometry.to_numpy(), known)


def designated_overlap(frame: gpd.GeoDataFrame, land: Land, keys: list[str]) -> pd.DataFrame:
    """Hectares by kind of designation under each polygon, overlaps of one kind counted once.

    The kind ``protected`` is the union of all protected kinds, hence no sum over kinds.
    """
    columns = [*keys, "designation", "area_ha"]
    if frame.empty or not land.designated:
        return pd.DataFrame(columns=columns)
    kinds = pd.DataFrame({"designation": list(land.designated)})
    return _shared(frame, keys, np.array(list(land.designated.values())), kinds)


def _shared(
    frame: gpd.GeoDataFrame, keys: list[str], areas: NDArray[Any], known: pd.DataFrame
) -> pd.DataFrame:
    """Hectares that polygons share with areas: keys of the polygon, what is ``known`` of the area, area_ha."""
    at, of, hectares = _pairs(frame.geometry.to_numpy(), areas)
    found = [_rows(frame, keys, at), _rows(known, list(known.columns), of)]
    out = pd.concat(found, axis=1).assign(area_ha=hectares)
    return out[out["area_ha"] > 0].reset_index(drop=True)


def _rows(frame: pd.DataFrame, columns: list[str], at: NDArray[Any]) -> pd.DataFrame:
    """Some columns of a frame for the rows at some positions."""
    return pd.DataFrame(frame[columns]).iloc[at].reset_index(drop=True)


def take_by_class(frame: gpd.GeoDataFrame, land: Land) -> pd.DataFrame:
    """Hectares by class of designation and habitat group under polygons of a footprint that do not overlap.

    Columns: permanence, designation_class, group, area_ha. Ground in several classes counts once, in the
    highest; ``outside`` is ground in none. All rows of a permanence add up to its area.
    """
    parts: list[tuple[str, str, BaseGeometry]] = []
    for permanence, shape in zip(frame["permanence"], frame.geometry, strict=True):
        rest: BaseGeometry = shape
        # the highest class comes first and takes its ground off the rest, so that no hectare counts twice
        for name, area in land.designation_classes.items():
            if prepared.intersects(area, rest):
                parts.append((permanence, name, polygons_of(shapely.intersection(rest, area))))
                rest = polygons_of(shapely.difference(rest, area))
        parts.append((permanence, OUTSIDE, rest))
    keys, kept = ["permanence", "designation_class"], [part for part in parts if not part[2].is_empty]
    pieces = gpd.GeoDataFrame(kept, columns=[*keys, "geometry"], geometry="geometry", crs=WORKING)
    found = habitat_overlap(pieces, land, keys)
    return found.groupby([*keys, "group"], as_index=False, sort=True)["area_ha"].sum()


def _pairs(shapes: NDArray[Any], areas: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Positions of the shapes and areas that touch, in order, and the hectares that they share."""
    at, of = shapely.STRtree(areas).query(shapes)
    order = np.lexsort((of, at))
    at, of = at[order], of[order]
    # areas are kept with the land: tens of times quicker than preparing every shape
    touch = prepared.intersects(areas[of], shapes[at])
    at, of = at[touch], of[touch]
    common = shapes[at]  # where the area covers the whole shape
    partly = ~prepared.covers(areas[of], common)
    common[partly] = shapely.intersection(common[partly], areas[of[partly]])
    return at, of, shapely.area(common) / M2_PER_HA
