"""Habitat on square cells in EPSG:4547: the common grid of habitat quality, patches and circuits.

The same cells serve every scenario, so that a difference between two of them comes from the works alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import shapely
from affine import Affine
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource
from numpy.typing import NDArray
from pyproj import CRS
from rasterio.enums import Resampling
from rasterio.transform import array_bounds, from_origin
from rasterio.warp import reproject, transform_bounds

from corridor.core.crs import WORKING
from corridor.core.errors import LayerError, Problems
from corridor.ecology import M2_PER_HA
from corridor.ecology.impact.overlap import Shapes
from corridor.ecology.land.checks import check_length
from corridor.ecology.land.land import Land

SYSTEM = f"EPSG:{WORKING}"
CELLS_AT_MOST = 40_000_000
"""A grid of more cells is refused: each of its maps would take a third of a gigabyte."""


@dataclass(frozen=True, eq=False)
class HabitatGrid:
    """Class codes (rows from north, columns from west) on square cells of ``cell_m`` in EPSG:4547.

    ``nodata`` cells are not assessed. ``classes`` names each code: code, habitat_id, group.
    """

    codes: NDArray[np.uint8]
    transform: Affine
    classes: pd.DataFrame
    nodata: int = 0

    @property
    def cell_m(self) -> float:
        """The side of a cell in metres."""
        return float(self.transform.a)

    @property
    def cell_ha(self) -> float:
        """The area of a cell in hectares."""
        return self.cell_m**2 / M2_PER_HA

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north in metres."""
        west, south, east, north = array_bounds(*self.codes.shape, self.transform)
        return float(west), float(south), float(east), float(north)

    @cached_property
    def code_of(self) -> dict[str, int]:
        """The code of each habitat id."""
        return {str(h): int(c) for h, c in zip(self.classes["habitat_id"], self.classes["code"], strict=True)}

    @cached_property
    def habitat_of(self) -> dict[int, str]:
        """The habitat id of each code."""
        return {code: habitat for habitat, code in self.code_of.items()}

    @property
    def known(self) -> NDArray[np.bool_]:
        """Cells whose habitat is known."""
        return np.asarray(self.codes != self.nodata)

    def of(self, habitat_ids: Sequence[str]) -> NDArray[np.bool_]:
        """Cells of any of the named habitats; none of a habitat that is no class of the grid."""
        return np.asarray(np.isin(self.codes, [c for h, c in self.code_of.items() if h in habitat_ids]))

    def covered(self, shapes: Any) -> NDArray[np.float32]:
        """The share of each cell that the union of shapes covers, exact.

        Parameters
        ----------
        shapes
            A polygon or an array of them, EPSG:4547. Ground in several counts once.

        Returns
        -------
        numpy.ndarray
            Rows and columns of the grid, 0 to 1; what is off the grid is left out.
        """
        share = np.zeros(self.codes.shape, dtype=np.float32)
        whole = shapely.union_all(np.atleast_1d(np.asarray(shapes, dtype=object)))
        if whole.is_empty:
            return share
        wkt = CRS.from_epsg(WORKING).to_wkt()
        west, south, east, north = self.bounds
        raster = NumPyRasterSource(self.codes, west, south, east, north, nodata=None, srs_wkt=wkt)
        pieces = shapely.get_parts(whole)
        table = exact_extract(raster, Shapes(pieces, wkt), ["cell_id", "coverage"], output="pandas")
        if len(table):
            cells = np.concatenate([np.asarray(c, dtype=np.int64) for c in table["cell_id"]])
            np.add.at(share.reshape(-1), cells, np.concatenate([np.asarray(c) for c in table["coverage"]]))
        return np.minimum(share, 1.0)

    def cells(self, bounds: Sequence[float], margin_m: float = 0.0) -> tuple[slice, slice]:
        """Rows and columns that touch bounds and a margin around them, cut off at the edge of the grid.

        Parameters
        ----------
        bounds
            West, south, east, north (m, EPSG:4547).
        margin_m
            How much farther to go on each side (m).

        Returns
        -------
        slice, slice
            Rows and columns, for :meth:`part` or any array of the grid's shape; empty where the bounds are off the grid.
        """
        west, south, east, north = bounds
        x, y = self.transform.c, self.transform.f

        def stretch(from_m: float, to_m: float, most: int) -> slice:
            ends = np.floor(from_m / self.cell_m), np.ceil(to_m / self.cell_m)
            first, last = (int(np.clip(end, 0, most)) for end in ends)
            return slice(first, max(first, last))

        rows = stretch(y - north - margin_m, y - south + margin_m, self.codes.shape[0])
        return rows, stretch(west - margin_m - x, east + margin_m - x, self.codes.shape[1])

    def part(self, rows: slice, columns: slice) -> HabitatGrid:
        """A window of the grid, with the transform of its own corner."""
        corner = self.transform * Affine.translation(columns.start, rows.start)
        return replace(self, codes=self.codes[rows, columns], transform=corner)


@dataclass(frozen=True, eq=False)
class ChangeMaps:
    """A map before works and after them (NaN: no data), on cells placed in EPSG:4547 by ``transform``."""

    before: NDArray[np.float64]
    after: NDArray[np.float64]
    transform: Affine

    @property
    def change(self) -> NDArray[np.float64]:
        """After less before."""
        return self.after - self.before


def habitat_grid(land: Land, cell_m: float = 30.0) -> HabitatGrid:
    """The land's habitat on cells of ``cell_m`` metres in EPSG:4547, snapped to whole multiples of the cell.

    A cell takes the class at its middle where it is about as fine as the source (up to 1.5 source cells), and
    the most frequent class below it where it is coarser. Raises :class:`LayerError` where the cell is no
    positive length or the grid would have more than 40 million cells.
    """
    west, south, east, north = transform_bounds(f"EPSG:{land.habitat_epsg}", SYSTEM, *land.extent)
    with Problems() as found:
        check_length(found, "cell_m", cell_m)
    west, south = (np.floor(v / cell_m) * cell_m for v in (west, south))
    east, north = (np.ceil(v / cell_m) * cell_m for v in (east, north))
    columns, rows = round((east - west) / cell_m), round((north - south) / cell_m)
    if rows * columns > CELLS_AT_MOST:
        what = f"{rows} x {columns} cells of {cell_m:g} m"
        raise LayerError.at("habitat grid", what, f"up to {CELLS_AT_MOST:,} cells", "use larger cells")
    transform = from_origin(west, north, cell_m, cell_m)
    codes = resampled(
        land.habitat,
        land.transform,
        f"EPSG:{land.habitat_epsg}",
        (rows, columns),
        transform,
        Resampling.mode,
        land.nodata,
    )
    return HabitatGrid(codes, transform, land.classes, land.nodata)


def resampled(
    values: NDArray[Any],
    transform: Affine,
    crs: Any,
    shape: tuple[int, int],
    onto: Affine,
    coarse: Resampling,
    nodata: int | None = None,
) -> NDArray[np.uint8]:
    """A raster of codes (0 to 255) on other cells, in EPSG:4547.

    Parameters
    ----------
    values, transform, crs
        The raster, its transform and its coordinate system.
    shape, onto
        Rows and columns of the new cells, and their transform.
    coarse
        What a cell larger than 1.5 of the raster's cells takes of those below it; a smaller one takes the value at its middle.
    nodata
        The code of cells without data, if there is one.
    """
    west, south, east, north = transform_bounds(crs, SYSTEM, *array_bounds(*values.shape, transform))
    source_m = np.sqrt((east - west) * (north - south) / values.size)
    out = np.full(shape, nodata or 0, dtype=np.uint8)
    reproject(
        np.ascontiguousarray(values, dtype=np.uint8),
        out,
        src_transform=transform,
        src_crs=crs,
        src_nodata=nodata,
        dst_transform=onto,
        dst_crs=SYSTEM,
        dst_nodata=nodata,
        resampling=Resampling.nearest if onto.a <= 1.5 * source_m else coarse,
    )
    return out
