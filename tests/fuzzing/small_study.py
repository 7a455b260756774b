"""The shipped study cut down to a few lines and places, quick to open and check: what the damaged files are held against."""

from __future__ import annotations

import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import shapely
import yaml
from rasterio.transform import Affine

from corridor.core import paths
from corridor.schema.catalog import Catalog
from corridor.schema.catalog_entry import CatalogEntry
from corridor.schema.comparison import FILE as COMPARISON

LINES = frozenset({"east-rail", "tuen-ma", "sz-l4", "sz-l13", "yellow-bus", "xrl"})
LEFT_OUT = ("bus_stops", "bus_patterns", "habitat_source")  # ends of roles
CELL_STEP = 90  # one populated cell in so many is kept
RASTER_STEP = 24
ROUGH_DEG = 0.004


def make_small_study(folder: Path, shipped: Catalog, roles: tuple[str, ...] = ()) -> Path:
    """Write the study: a catalogue of its own without hashes, layers of some roles (or of all), the shipped scenarios."""
    entries = [e for e in shipped.entries if not e.role.endswith(LEFT_OUT)]
    (folder / "layers").mkdir(parents=True)
    (folder / "scenarios").mkdir()
    tables = {e.id: _table(shipped, e) for e in entries if e.kind == "table"}
    stations = _kept_stations(entries, tables)
    entries = [e for e in entries if not roles or e.role in roles]
    for entry in entries:
        source, target = shipped.file_of(entry), folder / _place(entry)
        if entry.kind == "table":
            _cut(entry, tables, stations).to_csv(target, index=False, lineterminator="\n")
        elif entry.kind == "vector":
            _rough(gpd.read_file(source), exact=entry.role == "alignments").to_file(
                target, driver="GeoJSON", COORDINATE_PRECISION=5
            )
        elif entry.kind == "raster":
            _coarse(source, target)
        else:
            shutil.copyfile(source, target)
    kept = [_written(e) for e in entries]
    (folder / "catalog.yaml").write_text(
        yaml.safe_dump(kept, allow_unicode=True, sort_keys=False), encoding="utf-8"
    )
    for path in sorted(paths.scenarios_dir().glob("*.yaml")):
        if path.name != COMPARISON:  # the shipped one holds
            shutil.copyfile(path, folder / "scenarios" / path.name)
    return folder


def _place(entry: CatalogEntry) -> str:
    return f"layers/{entry.id}{Path(entry.path).suffix}"


def _written(entry: CatalogEntry) -> dict[str, object]:
    short = {
        "title": {"en": entry.id},
        "path": _place(entry),
        "source": "cut down",
        "licence": "as shipped",
        "attribution": "us",
    }
    return entry.model_dump(include={"id", "role", "kind", "date"}) | short


def _table(catalog: Catalog, entry: CatalogEntry) -> pd.DataFrame:
    return pd.read_csv(catalog.file_of(entry), dtype=str, keep_default_na=False, encoding="utf-8-sig")


def _kept_stations(entries: list[CatalogEntry], tables: dict[str, pd.DataFrame]) -> set[str]:
    """Stations of the kept lines, every proposed one, and those that other tables name."""
    of = {
        role: pd.concat([tables[e.id] for e in entries if e.role == role])
        for role in ("patterns", "pattern_stops", "places")
    }
    patterns = set(of["patterns"].loc[of["patterns"]["line_id"].isin(LINES), "pattern_id"])
    stops = of["pattern_stops"]
    kept = set(stops.loc[stops["pattern_id"].isin(patterns), "station_id"]) | set(of["places"]["station_id"])
    proposals = yaml.safe_load(
        (paths.layers_dir() / "proposals" / "proposals.yaml").read_text(encoding="utf-8")
    )
    kept |= {s for p in proposals for s in (*p.get("stops", ()), *p.get("opens", ()))}
    return kept | set(tables["stations_proposed"]["station_id"])


def _cut(entry: CatalogEntry, tables: dict[str, pd.DataFrame], stations: set[str]) -> pd.DataFrame:
    table = tables[entry.id]
    patterns = {
        p
        for t in tables.values()
        if {"pattern_id", "line_id", "direction"} <= set(t)
        for p in t.loc[t["line_id"].isin(LINES), "pattern_id"]
    }
    if entry.role == "cells":
        kept = table.iloc[::CELL_STEP]
    elif "line_id" in table and entry.role in ("lines", "patterns"):
        kept = table[table["line_id"].isin(LINES)]
    elif entry.role == "stations":
        kept = table[table["station_id"].isin(stations)]
    elif entry.role == "interchanges":
        known = stations | {s for c in ("from_station", "to_station") for s in table[c] if "@" in s}
        kept = table[table["from_station"].isin(known) & table["to_station"].isin(known)]
        if kept.empty:  # of a mode that is left out
            a, b = sorted(s for s in stations if s)[:2]
            kept = table.head(1).assign(from_station=a, to_station=b)
    elif "pattern_id" in table:
        kept = table[table["pattern_id"].isin(patterns)]
    else:
        kept = table
    return kept if len(kept) else table.head(1)


def _rough(frame: gpd.GeoDataFrame, exact: bool) -> gpd.GeoDataFrame:
    shapes = np.asarray(frame.geometry.array)
    if not exact:
        shapes = shapely.make_valid(shapely.simplify(shapes, ROUGH_DEG))
    polygons = np.isin(shapely.get_type_id(shapes), (3, 6))
    good = (
        shapely.is_valid(shapes)
        & ~shapely.is_empty(shapes)
        & (polygons | (shapely.get_type_id(shapes) < 3) | exact)
    )
    return frame[good].set_geometry(gpd.GeoSeries(list(shapes[good]), index=frame.index[good], crs=frame.crs))


def _coarse(source: Path, target: Path) -> None:
    with rasterio.open(source) as raster:
        codes = raster.read(1)[::RASTER_STEP, ::RASTER_STEP]
        t = raster.transform
        profile = {
            "driver": "GTiff", "width": codes.shape[1], "height": codes.shape[0], "count": 1, "dtype": codes.dtype, "nodata": raster.nodata,
            "crs": raster.crs, "transform": Affine(t.a * RASTER_STEP, 0, t.c, 0, t.e * RASTER_STEP, t.f), "compress": "deflate",
        }  # fmt: skip
    with rasterio.open(target, "w", **profile) as raster:
        raster.write(codes, 1)
