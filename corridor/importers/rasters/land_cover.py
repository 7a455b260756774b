"""A land-cover, habitat or land-use raster as the study's layer: its codes translated, its cells put on the study's grid.

Cells finer than the study's go by majority, coarser ones by nearest neighbour. Every code must be told what it is; no
data becomes "not assessed", never a class.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

import numpy as np
import pandas as pd
import rasterio
from numpy.typing import NDArray
from rasterio.features import rasterize
from rasterio.io import MemoryFile
from rasterio.transform import array_bounds
from rasterio.warp import Resampling, reproject, transform_bounds
from rasterio.windows import Window

from corridor.core.containment import raster_at
from corridor.core.errors import LayerError, Problems, nearest
from corridor.importers.entry.enter import NewLayer
from corridor.importers.entry.files import SHIPPED as TABLES
from corridor.importers.entry.files import read_table
from corridor.importers.entry.options import Options
from corridor.importers.rasters.head import Bounds, Head, bounds_of, opened, read_band
from corridor.schema.catalog import Catalog

Key = TypeVar("Key")
Role = Literal["habitat", "land_use"]
SHIPPED = {"worldcover": TABLES / "worldcover.csv"}
NOT_ASSESSED = "not_assessed"
WATER = "water"
WATER_CODE = 255
STRIP_CELLS = 4_000_000
MOST_CODES = 1_000
U8 = NDArray[np.uint8]


@dataclass(frozen=True)
class Grid:
    """The study's grid: codes as they are, north up in EPSG:4326, 0 for not assessed.

    Attributes
    ----------
    codes
        (rows, columns) codes of classes.
    transform
        From column and row to degrees.
    """

    codes: U8
    transform: rasterio.Affine

    @property
    def bounds(self) -> Bounds:
        """West, south, east, north in degrees."""
        west, south, east, north = array_bounds(*self.codes.shape, self.transform)
        return west, south, east, north


@dataclass(frozen=True)
class Mapping:
    """From a raster's codes to the study's.

    Attributes
    ----------
    codes
        (codes,) the raster's codes, sorted, each once.
    to
        (codes,) the study's code of each; 0 is not assessed, 255 is water that :func:`split_water` divides.
    whose
        Whether it is the study's own list or a mapping of the user, for messages.
    """

    codes: NDArray[np.int64]
    to: U8
    whose: Literal["study", "mapping"] = "mapping"

    def apply(self, values: NDArray[np.int64], known: NDArray[np.bool_]) -> U8:
        """The study's codes for a raster's.

        Parameters
        ----------
        values
            Codes of the raster, any shape; each known one must be in ``codes``.
        known
            The same shape: where the raster knows anything.

        Returns
        -------
        numpy.ndarray
            The same shape; 0 where it is not known. A code that is not in ``codes`` gets that of a neighbour: the
            caller counts codes and refuses such a raster.
        """
        index = np.searchsorted(self.codes, values).clip(0, len(self.codes) - 1)
        return np.where(known, self.to[index], 0).astype(np.uint8)


def read_mapping(source: str, classes: pd.DataFrame, role: Role) -> Mapping:
    """A mapping table (columns code, to): `to` is a class by id or code, ``water`` or ``not_assessed``.

    Parameters
    ----------
    source
        A file, or the name of a shipped table.
    classes
        The study's classes.
    role
        habitat or land_use.

    Raises
    ------
    LayerError
        With every wrong line.
    """
    path = SHIPPED.get(source, Path(source))
    if path.suffix.lower() != ".csv":
        expected = f"a CSV file, or one of {', '.join(SHIPPED)}"
        raise LayerError.at("--mapping", repr(source), expected, "name one")

    def number(code: str) -> int | None:
        return int(code) if re.fullmatch(r"-?[0-9]{1,9}", code) else None

    known = known_targets(classes, role)
    return _mapping(read_classes(path, ("code", "to"), known, number, "a whole number"), "mapping")


def read_classes(
    path: Path,
    columns: tuple[str, ...],
    known: MappingOf[str, int],
    key_of: Callable[..., Key | None],
    expected: str,
) -> dict[Key, int]:
    """Codes of the study's classes by a key, from a user's table. Raises every wrong line at once.

    Parameters
    ----------
    path
        The CSV.
    columns
        The columns of the key, and last the one that names the class.
    known
        Codes by what may stand in that one.
    key_of
        The key that the cells of a line mean; None where they mean none.
    expected
        What those cells should hold, for messages.
    """
    table, found = read_table(path, columns)[list(columns)], dict[Key, int]()
    with Problems() as faults:
        for line, (*cells, to) in zip(table.index + 2, table.itertuples(index=False), strict=True):
            where, shown, key = f"{path.name} line {line}", "=".join(cells), key_of(*cells)
            if key is None:
                faults.add(where, f"{'='.join(columns[:-1])} is {shown!r}", expected, "correct it")
            elif key in found:
                faults.add(where, f"{shown} a second time", "each once", "remove one")
            elif to not in known:
                faults.add(where, f"{columns[-1]} is {to!r}", "a class of the study", class_hint(to, known))
            else:
                found[key] = known[to]
    return found


def known_targets(classes: pd.DataFrame, role: Role) -> dict[str, int]:
    """What a mapping may name, and the code it means.

    Parameters
    ----------
    classes
        The study's classes.
    role
        habitat or land_use.

    Returns
    -------
    dict
        Codes by themselves as text and by ``not_assessed`` (0); for habitat also by habitat_id, and by ``water`` (255)
        where the study has both fresh water and sea.
    """
    codes = [int(c) for c in classes["code"]]
    known = {str(c): c for c in codes} | {NOT_ASSESSED: 0}
    if role == "habitat":
        known |= dict(zip(classes["habitat_id"].astype(str), codes, strict=True))
        known |= {WATER: WATER_CODE} if {"freshwater", "marine"} <= set(known) else {}
    return known


def class_hint(to: str, known: Iterable[str]) -> str:
    """What to do about a class that is not known.

    Parameters
    ----------
    to
        As the user's table has it.
    known
        See :func:`known_targets`.

    Returns
    -------
    str
        The names nearest to it, or where none is near all of them.
    """
    named = [k for k in known if k and not k.isdigit()]
    names = named if len(named) > 1 else list(known)  # land use has codes alone
    return nearest(to, names, f"one of {', '.join(names)}")


def _mapping(pairs: dict[int, int], whose: Literal["study", "mapping"]) -> Mapping:
    order = sorted(pairs)
    to = np.array([pairs[c] for c in order], dtype=np.uint8)
    return Mapping(np.array(order, dtype=np.int64), to, whose)


def study_grid(catalog: Catalog, role: Role) -> Grid:
    """The grid of the study's raster of a role.

    Parameters
    ----------
    catalog
        The study's.
    role
        habitat or land_use.

    Returns
    -------
    Grid
        With the codes as they are; the raster's no data is 0.
    """
    with raster_at(catalog.raster_path(role)) as raster:
        codes = raster.read(1)
        return Grid(np.where(codes == raster.nodata, 0, codes).astype(np.uint8), raster.transform)


def land_cover_layer(path: Path, role: Role, catalog: Catalog, options: Options) -> NewLayer:
    """A raster of codes as the study's layer of a role.

    Where the raster knows nothing, the study's earlier class stays if ``options.nodata_means`` is "keep"; otherwise
    it is
    not assessed there.

    Parameters
    ----------
    path
        A GeoTIFF of whole-number codes.
    role
        habitat or land_use.
    catalog
        The study's.
    options
        ``mapping``: see :func:`read_mapping`; without one the codes must be the study's own.

    Raises
    ------
    LayerError
        For a raster that cannot be used, and for codes without a meaning.
    """
    classes = catalog.table("habitat_classes" if role == "habitat" else "land_use_classes")
    grid = study_grid(catalog, role)
    own = _mapping({int(c): int(c) for c in classes["code"]}, "study")
    table = read_mapping(options.mapping, classes, role) if options.mapping else own
    with opened(path, grid.bounds, options) as (raster, head):
        codes, how = on_grid(raster, head, grid, table)
    if (codes == WATER_CODE).any() and role == "habitat":
        codes = split_water(codes, grid, catalog, classes)
    unknown = (codes == 0) & (grid.codes > 0)
    notes = [*head.notes(), f"put on the study's grid {how}"]
    if options.nodata_means == "keep":
        codes = np.where(codes == 0, grid.codes, codes)
        notes.append(f"{unknown.sum():,} cells of which it knows nothing keep the study's class")
    elif unknown.any():
        notes.append(
            f"{unknown.sum():,} of {(grid.codes > 0).sum():,} cells known before are not assessed now; "
            "--nodata-means keep keeps them"
        )
    notes.append(f"cells with a class: {(grid.codes > 0).sum():,} before, {(codes > 0).sum():,} after")
    notes += shares(codes, classes)
    origin = options.origin.or_source(f"own file {path.name}")
    return NewLayer(role, "raster", ".tif", geotiff(codes, grid), origin, tuple(notes), role, path.name)


def _read(
    raster: rasterio.DatasetReader, head: Head, window: Window
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Codes of a window, and where they are known; raises for values that are no codes."""
    values, known = read_band(raster, head, window)
    known &= np.abs(values) < 2**31
    if (values[known] != np.rint(values[known])).any():
        what = "holds numbers with decimals"
        raise LayerError.at(head.name, what, "whole-number codes", "is it a raster of classes?")
    return np.where(known, values, 0).astype(np.int64), known


def on_grid(raster: rasterio.DatasetReader, head: Head, grid: Grid, table: Mapping) -> tuple[U8, str]:
    """The raster's classes on the study's grid, by majority where it is finer, else by nearest neighbour.

    Codes are read and translated in strips, so that memory holds one byte a cell.

    Parameters
    ----------
    raster
        The file, open.
    head
        Its head.
    grid
        The study's grid.
    table
        From its codes to the study's.

    Returns
    -------
    tuple
        (rows, columns) codes, and the rule by which they were put there.

    Raises
    ------
    LayerError
        For codes without a meaning, each with its share.
    """
    window, counts = head.window, dict[int, int]()
    classes = np.zeros((window.height, window.width), dtype=np.uint8)
    for top in range(0, window.height, step := max(1, STRIP_CELLS // window.width)):
        height = min(step, window.height - top)
        strip = Window(window.col_off, window.row_off + top, window.width, height)
        values, known = _read(raster, head, strip)
        classes[top : top + height] = table.apply(values, known)
        for code, n in zip(*np.unique(values[known], return_counts=True), strict=True):
            counts[int(code)] = counts.get(int(code), 0) + int(n)
        if len(counts) > MOST_CODES:
            what = f"has more than {MOST_CODES:,} different values"
            raise LayerError.at(head.name, what, "codes of classes", "is it a raster of classes?")
    _check_codes(counts, head.name, table)
    out = np.zeros(grid.codes.shape, dtype=np.uint8)
    west, _, east, _ = transform_bounds(head.crs.to_wkt(), "EPSG:4326", *bounds_of(raster, window))
    # 0.75: cells of about the study's own size go by nearest neighbour; a majority of one or two cells means nothing
    finer = (east - west) / window.width < 0.75 * grid.transform.a
    reproject(
        classes,
        out,
        src_transform=raster.window_transform(window),
        src_crs=head.crs.to_wkt(),
        src_nodata=0,
        dst_transform=grid.transform,
        dst_crs="EPSG:4326",
        dst_nodata=0,
        resampling=Resampling.mode if finer else Resampling.nearest,
    )
    return out, "by majority" if finer else "by nearest neighbour"


def _check_codes(counts: dict[int, int], name: str, table: Mapping) -> None:
    total = sum(counts.values())
    if not total:
        raise LayerError.at(name, "has no data over the study", "codes of classes", "choose another file")
    with Problems() as faults:
        for code in sorted(counts.keys() - set(table.codes.tolist())):
            what = f"code {code} ({counts[code] / total:.2%} of its cells) is not known"
            remedy = f"add a line '{code},CLASS' to a table for --mapping (not_assessed leaves it open)"
            faults.add(name, what, f"a code of the {table.whose}", remedy)


def split_water(codes: U8, grid: Grid, catalog: Catalog, classes: pd.DataFrame) -> U8:
    """Water off the study's coast is sea, on its land fresh water.

    Parameters
    ----------
    codes
        (rows, columns) habitat codes, 255 where there is water of either kind.
    grid
        The study's grid, for its transform.
    catalog
        The study's, for its coastline.
    classes
        Habitat classes, with ``freshwater`` and ``marine``.

    Returns
    -------
    numpy.ndarray
        (rows, columns) codes without 255; a cell belongs to the land that its middle is in.
    """
    ours = dict(zip(classes["habitat_id"], classes["code"], strict=True))
    coast = catalog.vector("coastline").geometry
    land = rasterize(coast, out_shape=codes.shape, transform=grid.transform, default_value=1)
    water = np.where(land == 1, int(ours["freshwater"]), int(ours["marine"]))
    return np.where(codes == WATER_CODE, water, codes).astype(np.uint8)


def shares(codes: U8, classes: pd.DataFrame) -> list[str]:
    """One line with the share of each class in the cells that have one, the largest first; nothing where none has.

    Parameters
    ----------
    codes
        (rows, columns) codes, 0 for not assessed.
    classes
        The study's classes, named by habitat_id or by English name.
    """
    counts = np.bincount(codes.ravel(), minlength=256)
    total = counts[1:].sum()
    names = classes["habitat_id"] if "habitat_id" in classes else classes["name_en"]
    parts = [(int(counts[int(c)]), str(n)) for c, n in zip(classes["code"], names, strict=True)]
    parts.sort(reverse=True)
    return ["cells by class: " + ", ".join(f"{n} {k / total:.1%}" for k, n in parts if k)] if total else []


def geotiff(codes: U8, grid: Grid) -> bytes:
    """Codes on a grid as the bytes of a GeoTIFF.

    Parameters
    ----------
    codes
        (rows, columns) codes, 0 for no data.
    grid
        The study's grid, for its transform.

    Returns
    -------
    bytes
        EPSG:4326, one band of uint8, tiled and compressed.
    """
    rows, columns = codes.shape
    with MemoryFile() as room:
        with room.open(
            driver="GTiff", width=columns, height=rows, count=1, dtype="uint8", nodata=0, crs="EPSG:4326",
            transform=grid.transform, compress="deflate", tiled=True, blockxsize=512, blockysize=512,
        ) as raster:  # fmt: skip
            raster.write(codes, 1)
        return bytes(room.read())
