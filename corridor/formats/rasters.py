"""Grids of values as cloud-optimised GeoTIFF: tiled, compressed, with overviews, in the grid's own coordinates."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import numpy as np
import rasterio.shutil
from affine import Affine
from numpy.typing import NDArray
from rasterio.io import MemoryFile

from corridor.access.search.cells import Cells
from corridor.core.crs import WORKING
from corridor.study.compare import Comparison
from corridor.study.conflict_report import EcologyView

BLOCK = 256
"""Rows and columns of a tile; a smaller raster is one tile and needs no overview."""
CELL_M = 250.0
ON_RASTERS = (
    "jobs_gravity_0830", "other_side_jobs_gravity_0830", "jobs_60_0830", "jobs_60_2300", "residents_60_0830",
    "other_side_jobs_60_0830",
)  # fmt: skip
"""Measures of a comparison that become rasters; every measure is in cells.parquet."""

UNITS = {"quality": "quality, 0 to 1", "current": "A a pair of core wetlands, summed"}


def write_cog(
    path: Path,
    bands: Mapping[str, NDArray[np.float64]] | Mapping[str, NDArray[np.float32]],
    transform: Affine,
    unit: str,
) -> None:
    """Write bands of one grid as a cloud-optimised GeoTIFF in EPSG:4547; the same bands give the same bytes.

    GDAL's COG driver puts the directories first, then overviews, then tiles of 256 x 256.

    Parameters
    ----------
    path
        The file.
    bands
        (rows, columns) each, by the name of the band; NaN is no data.
    transform
        From column and row to metres.
    unit
        Of all bands.
    """
    names = list(bands)
    shape = bands[names[0]].shape
    profile = {
        "driver": "GTiff", "dtype": "float32", "nodata": np.nan, "crs": f"EPSG:{WORKING}", "transform": transform,
        "height": shape[0], "width": shape[1], "count": len(names),
    }  # fmt: skip
    with MemoryFile() as memory, MemoryFile() as laid_out:
        with memory.open(**profile) as made:
            for number, name in enumerate(names, start=1):
                made.write(np.asarray(bands[name], dtype=np.float32), number)
                made.set_band_description(number, name)
            made.units = [unit] * len(names)
        with memory.open() as made:
            rasterio.shutil.copy(
                made, laid_out.name, driver="COG", compress="DEFLATE", predictor="YES", blocksize=BLOCK, level=6,
                overviews="AUTO", overview_resampling="AVERAGE", num_threads=1,
            )  # fmt: skip
        # a full disk is an OSError here, and GDAL's own exception there
        path.write_bytes(laid_out.getbuffer())


def write_access_rasters(cells: Cells, comparison: Comparison, folder: Path) -> None:
    """access_MEASURE.tif and access_MEASURE_change.tif: a band for each scenario, on the cells of 250 m.

    Parameters
    ----------
    cells
        The cells of the study, middles in EPSG:4547.
    comparison
        Results, of which the measures :data:`ON_RASTERS` are written.
    folder
        An existing folder.
    """
    row, column, transform = _places(cells)
    shape = (int(row.max()) + 1, int(column.max()) + 1)
    by_scenario = dict(list(comparison.cell_values.groupby("scenario_id", sort=False)))
    units = {m.measure_id: m.unit.en for m in comparison.measures}
    for measure_id in (m for m in ON_RASTERS if m in units):
        values = {str(i): f[measure_id].to_numpy(np.float32) for i, f in by_scenario.items()}
        reference = values[comparison.reference_id]
        changes = {i: v - reference for i, v in values.items() if i != comparison.reference_id}
        for name, shown in (("", values), ("_change", changes)):
            if shown:
                grids = {i: np.full(shape, np.nan, dtype=np.float32) for i in shown}
                for i, v in shown.items():
                    grids[i][row, column] = v
                write_cog(folder / f"access_{measure_id}{name}.tif", grids, transform, units[measure_id])


def _places(cells: Cells) -> tuple[NDArray[np.int64], NDArray[np.int64], Affine]:
    """Row and column of each cell in a grid with north up, and the grid's transform."""
    west, north = float(cells.x_m.min()) - CELL_M / 2, float(cells.y_m.max()) + CELL_M / 2
    column = np.floor((cells.x_m - west) / CELL_M).astype(np.int64)
    row = np.floor((north - cells.y_m) / CELL_M).astype(np.int64)
    return row, column, Affine(CELL_M, 0.0, west, 0.0, -CELL_M, north)


def write_nature_rasters(view: EcologyView, folder: Path) -> None:
    """habitat_quality_SCENARIO.tif and current_TAXON_SCENARIO.tif: bands before, after and change around the works.

    Parameters
    ----------
    view
        The ecology of one scenario.
    folder
        An existing folder.
    """
    for grid in view.grids:
        kind = "habitat_quality" if grid.kind == "quality" else f"current_{quote(grid.key, safe='')}"
        bands = {"before": grid.before, "after": grid.after, "change": grid.after - grid.before}
        write_cog(folder / f"{kind}_{view.scenario.id}.tif", bands, grid.transform, UNITS[grid.kind])
