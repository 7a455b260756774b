"""A land-cover, habitat or land-use raster as the study's layer: its codes translated, its cells put on the study's grid.

Cells finer than the study's go by majority, coarser ones by nearest neighbour. Every code must be told what it is; no
data becomes "not assessed", never a class.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import rasterio
from numpy.typing import NDArray
from rasterio.features import rasterize
from rasterio.io import MemoryFile
from rasterio.warp import Resampling, reproject, transform_bounds
from rasterio.windows import Window
from rasterio.windows import bounds as window_bounds
from rasterio.windows import transform as window_transform

from corridor.core.containment import raster_at
from corridor.core.errors import LayerError, MissingColumnError, Problems, nearest
from corridor.importers.entry.enter import NewLayer, Origin
from corridor.importers.entry.limits import LIMITS, Limits, check_file
from corridor.importers.rasters.head import Head, opened
from corridor.schema.catalog import Catalog
from corridor.schema.table_checks import check_header

Role = Literal["habitat", "land_use"]
TABLES = Path(__file__).resolve().parents[1] / "tables"
SHIPPED = {"worldcover": TABLES / "worldcover.csv"}
NOT_ASSESSED = "not_assessed"
WATER = "water"
WATER_CODE = 255
STRIP = 256
MOST_CODES = 1_000
U8 = NDArray[np.uint8]


@dataclass(frozen=True)
class Grid:
    """The study's grid: codes as they are, north up in EPSG:4326, 0 for not assessed."""

    codes: U8
    transform: rasterio.Affine

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees."""
        rows, columns = self.codes.shape
        t = self.transform
        return float(t.c), float(t.f + t.e * rows), float(t.c + t.a * columns), float(t.f)


@dataclass(frozen=True)
class Mapping:
    """From a raster's codes to the study's; `codes` sorted."""

    codes: NDArray[np.int64]
    to: U8

    def apply(self, values: NDArray[np.int64], known: NDArray[np.bool_]) -> U8:
        """Our codes for theirs; 0 where they are not known."""
        index = np.searchsorted(self.codes, values).clip(0, len(self.codes) - 1)
        return np.where(known, self.to[index], 0).astype(np.uint8)


def read_mapping(source: str, classes: pd.DataFrame, role: Role) -> Mapping:
    """A mapping table (columns code, to): `to` is a class by id or code, ``water`` or ``not_assessed``.

    `source` is a file, or the name of a shipped table. Raises every wrong row at once.
    """
    path = SHIPPED.get(source, Path(source))
    if source not in SHIPPED:
        if path.suffix.lower() != ".csv":
            raise LayerError.at(
                "--mapping", repr(source), f"a CSV file, or one of {', '.join(SHIPPED)}", "name one"
            )
        check_file(path)
    try:
        check_header(path.read_bytes())
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise LayerError.at(
            path.name, f"cannot be read as CSV ({str(error)[:100]})", "columns code and to", "mend it"
        ) from None
    missing = [c for c in ("code", "to") if c not in table]
    if missing:
        raise MissingColumnError.at(
            path.name, f"has no column {' and no '.join(missing)}", "columns code and to", "add it"
        )
    known = known_targets(classes, role)
    faults, pairs = Problems(), dict[int, int]()
    for line, (code, to) in enumerate(zip(table["code"], table["to"], strict=True), start=2):
        where = f"{path.name} line {line}"
        if not re.fullmatch(r"\s*-?[0-9]{1,9}\s*", code):
            faults.add(where, f"code is {code!r}", "a whole number", "correct it")
        elif int(code) in pairs:
            faults.add(where, f"code {int(code)} a second time", "each code once", "remove one")
        elif to.strip() not in known:
            names = [k for k in known if not k.isdigit()]
            faults.add(
                where,
                f"to is {to!r}",
                "a class of the study",
                nearest(to, names, f"one of {', '.join(names)}"),
            )
        else:
            pairs[int(code)] = known[to.strip()]
    faults.raise_all()
    return _mapping(pairs)


def known_targets(classes: pd.DataFrame, role: Role) -> dict[str, int]:
    """What a mapping may name, and the code it means."""
    codes = [int(c) for c in classes["code"]]
    known = {str(c): c for c in codes} | {NOT_ASSESSED: 0}
    if role == "habitat":
        known |= dict(zip(classes["habitat_id"].astype(str), codes, strict=True))
        known |= {WATER: WATER_CODE} if {"freshwater", "marine"} <= set(known) else {}
    return known


def _mapping(pairs: dict[int, int]) -> Mapping:
    order = sorted(pairs)
    return Mapping(np.array(order, dtype=np.int64), np.array([pairs[c] for c in order], dtype=np.uint8))


def study_grid(catalog: Catalog, role: Role) -> Grid:
    """The grid of the study's raster of a role."""
    with raster_at(catalog.raster_path(role)) as raster:
        codes = raster.read(1)
        return Grid(np.where(codes == raster.nodata, 0, codes).astype(np.uint8), raster.transform)


def land_cover_layer(
    path: Path,
    role: Role,
    catalog: Catalog,
    origin: Origin,
    mapping: str = "",
    keep: bool = False,
    crs: str = "",
    nodata: float | None = None,
    tell: Callable[[str], None] = lambda _: None,
    limits: Limits = LIMITS,
) -> NewLayer:
    """A raster of codes as the study's layer of a role.

    `mapping`: see :func:`read_mapping`; without one the codes must be the study's own. `keep`: where the raster knows
    nothing, the study's earlier class stays; otherwise it is not assessed there.
    """
    classes = catalog.table("habitat_classes" if role == "habitat" else "land_use_classes")
    grid = study_grid(catalog, role)
    table = (
        read_mapping(mapping, classes, role)
        if mapping
        else _mapping({int(c): int(c) for c in classes["code"]})
    )
    with opened(path, grid.bounds, crs, nodata, tell, limits) as (raster, head):
        check_codes(raster, head, table, classes)
        codes, how = on_grid(raster, head, grid, table)
    if (codes == WATER_CODE).any() and role == "habitat":
        codes = split_water(codes, grid, catalog, classes)
    notes = [f"put on the study's grid {how}"]
    unknown = codes == 0
    if keep:
        codes = np.where(unknown, grid.codes, codes)
        notes.append(
            f"{(unknown & (grid.codes > 0)).sum():,} cells of which it knows nothing keep the study's class"
        )
    else:
        lost = int((unknown & (grid.codes > 0)).sum())
        if lost:
            notes.append(
                f"{lost:,} of {(grid.codes > 0).sum():,} cells known before are not assessed now; --nodata-means keep keeps them"
            )
    notes += shares(codes, classes)
    origin = origin if origin.source else replace(origin, source=f"own file {path.name}")
    return NewLayer(role, "raster", ".tif", geotiff(codes, grid), origin, tuple(notes), role, path.name)


def _strips(window: Window, rows: int) -> Iterator[Window]:
    for top in range(window.row_off, window.row_off + window.height, rows):
        yield Window(window.col_off, top, window.width, min(rows, window.row_off + window.height - top))


def _read(
    raster: rasterio.DatasetReader, head: Head, window: Window
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Codes of a window, and where they are known; raises for values that are no codes."""
    values = raster.read(1, window=window)
    if values.dtype.kind == "f":
        known = np.isfinite(values) & (values != head.nodata) & (np.abs(values) < 2**31)
        if (values[known] != np.rint(values[known])).any():
            raise LayerError.at(
                head.name, "holds numbers with decimals", "whole-number codes", "is it a raster of classes?"
            )
        return np.where(known, values, 0).astype(np.int64), known
    return values.astype(np.int64), values != head.nodata


def check_codes(raster: rasterio.DatasetReader, head: Head, table: Mapping, classes: pd.DataFrame) -> None:
    """Raise for codes that nobody has said the meaning of, each with its share."""
    counts: dict[int, int] = {}
    for strip in _strips(head.window, max(1, 4_000_000 // max(1, head.window.width))):
        values, known = _read(raster, head, strip)
        for code, n in zip(*np.unique(values[known], return_counts=True), strict=True):
            counts[int(code)] = counts.get(int(code), 0) + int(n)
        if len(counts) > MOST_CODES:
            raise LayerError.at(
                head.name,
                f"has more than {MOST_CODES:,} different values",
                "codes of classes",
                "is it a raster of classes?",
            )
    total, faults, ours = sum(counts.values()), Problems(), set(table.codes.tolist())
    if not total:
        raise LayerError.at(
            head.name, "has no data over the study", "codes of classes", "choose another file"
        )
    for code in sorted(counts.keys() - ours):
        faults.add(
            head.name,
            f"code {code} ({counts[code] / total:.2%} of its cells) is not known",
            "a code of the study" if set(classes["code"]) >= ours else "a code of the mapping",
            f"add a line '{code},CLASS' to a table for --mapping (not_assessed leaves it open)",
        )
    faults.raise_all()


def on_grid(raster: rasterio.DatasetReader, head: Head, grid: Grid, table: Mapping) -> tuple[U8, str]:
    """The raster's classes on the study's grid, strip by strip, so that memory stays small."""
    out = np.zeros(grid.codes.shape, dtype=np.uint8)
    around = transform_bounds(head.crs.to_wkt(), "EPSG:4326", *raster.window_bounds(head.window))
    finer = (around[2] - around[0]) / head.window.width < 0.75 * grid.transform.a
    method = Resampling.mode if finer else Resampling.nearest
    rows, columns = grid.codes.shape[0], grid.codes.shape[1]
    for top in range(0, rows, STRIP):
        strip = Window(0, top, columns, min(STRIP, rows - top))
        there = transform_bounds("EPSG:4326", head.crs.to_wkt(), *window_bounds(strip, grid.transform))
        part = _part(raster, head, there)
        if part is None:
            continue
        values, known = _read(raster, head, part)
        reproject(
            table.apply(values, known),
            out[top : top + STRIP],
            src_transform=raster.window_transform(part),
            src_crs=head.crs.to_wkt(),
            src_nodata=0,
            dst_transform=window_transform(strip, grid.transform),
            dst_crs="EPSG:4326",
            dst_nodata=0,
            resampling=method,
        )
    return out, "by majority" if finer else "by nearest neighbour"


def _part(
    raster: rasterio.DatasetReader, head: Head, bounds: tuple[float, float, float, float]
) -> Window | None:
    """The raster's cells in some bounds of its system and three around them; None where there are none."""
    t, whole = raster.transform, head.window
    left, right = np.floor((bounds[0] - t.c) / t.a) - 3, np.ceil((bounds[2] - t.c) / t.a) + 3
    top, bottom = np.floor((bounds[3] - t.f) / t.e) - 3, np.ceil((bounds[1] - t.f) / t.e) + 3
    left, right = np.clip([left, right], whole.col_off, whole.col_off + whole.width)
    top, bottom = np.clip([top, bottom], whole.row_off, whole.row_off + whole.height)
    if right <= left or bottom <= top:
        return None
    return Window(int(left), int(top), int(right - left), int(bottom - top))


def split_water(codes: U8, grid: Grid, catalog: Catalog, classes: pd.DataFrame) -> U8:
    """Water off the study's coast is sea, on its land fresh water."""
    ours = dict(zip(classes["habitat_id"], classes["code"], strict=True))
    land = rasterize(
        catalog.vector("coastline").geometry, out_shape=codes.shape, transform=grid.transform, default_value=1
    )
    water = np.where(land == 1, int(ours["freshwater"]), int(ours["marine"]))
    return np.where(codes == WATER_CODE, water, codes).astype(np.uint8)


def shares(codes: U8, classes: pd.DataFrame) -> list[str]:
    """A line with the share of each class in the cells that have one."""
    counts = np.bincount(codes.ravel(), minlength=256)
    total = counts[1:].sum()
    names = classes["habitat_id"] if "habitat_id" in classes else classes["name_en"]
    parts = sorted(
        ((int(counts[int(c)]), str(n)) for c, n in zip(classes["code"], names, strict=True)), reverse=True
    )
    return ["cells by class: " + ", ".join(f"{n} {k / total:.1%}" for k, n in parts if k)] if total else []


def geotiff(codes: U8, grid: Grid) -> bytes:
    """Codes on a grid as the bytes of a GeoTIFF."""
    rows, columns = codes.shape
    with MemoryFile() as room:
        with room.open(
            driver="GTiff",
            width=columns,
            height=rows,
            count=1,
            dtype="uint8",
            nodata=0,
            crs="EPSG:4326",
            transform=grid.transform,
            compress="deflate",
            tiled=True,
            blockxsize=512,
            blockysize=512,
        ) as raster:
            raster.write(codes, 1)
        return bytes(room.read())
