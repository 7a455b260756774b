"""Build layers/land/terrain.tif: the height of the land of both cities on a coarse grid, for walks.

Inputs (under --sources):
- dem/hk-dtm5m_70m_2326.tif: height of Hong Kong's ground, Lands Department LiDAR, resampled to 70 m;
- dem/terrarium_z13_3857.tif: height of the surface, about 18 m, SRTM and others of the AWS terrain tiles; ends at
  22.594 N;
- and layers/land/coastline.geojson, built before.

Method: each cell of 0.00125 degrees (129 by 138 m) takes the mean of the first source on Hong Kong's land, and on
Shenzhen's the lower quartile of the second, which counts the roofs of a built-up block as ground otherwise. Off land, and
where neither source reaches (Shenzhen north of 22.594 N), there is no height: walks take that ground as level.

Checks printed: peaks against published heights, and how steep the land between neighbouring cells is.
Licence: compilation CC BY 4.0; Lands Department via DATA.GOV.HK (attribution); AWS terrain tiles (attribution).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import rasterio
from land_shapes import BOX, OUT, read_layer
from rasterio.enums import Resampling
from rasterio.features import rasterize
from rasterio.transform import from_origin
from rasterio.warp import reproject
from tables import records, sources_argument

STEP = 0.00125
NO_HEIGHT = -32_768
SOURCES = {  # by side: file, and how the heights in a cell become one
    "hk": ("dem/hk-dtm5m_70m_2326.tif", Resampling.average),
    "sz": ("dem/terrarium_z13_3857.tif", Resampling.q1),
}


def main() -> None:
    """Build the raster and print heights of known peaks."""
    sources = sources_argument(__doc__ or "")
    west, south, east, north = BOX
    transform = from_origin(west, north, STEP, STEP)
    shape = (round((north - south) / STEP), round((east - west) / STEP))
    land = read_layer("coastline.geojson").to_crs(4326)
    height = np.full(shape, NO_HEIGHT, dtype=np.int16)
    for side, (name, resampling) in SOURCES.items():
        own = rasterize(land.geometry[land["region"] == side], shape, transform=transform, all_touched=True)
        found = resampled(sources / name, transform, shape, resampling)
        known = (own == 1) & np.isfinite(found)
        height[known] = np.rint(found[known]).astype(np.int16)
    path = OUT / "terrain.tif"
    write(path, height, transform)
    print(f"{path.name}: {path.stat().st_size / 1e3:.0f} kB, {shape[1]} by {shape[0]} cells")
    for peak, r in records("peaks").items():  # a cell's mean is below
        lon, lat, metres = r["lon"], r["lat"], r["height_m"]
        row, col = int((north - lat) / STEP), int((lon - west) / STEP)
        around = height[row - 1 : row + 2, col - 1 : col + 2]
        print(f"{peak}: {around.max()} m of {metres}")
    for side, lats in (
        ("south of 22.5 N", slice(int(0.37 / STEP), None)),
        ("north", slice(0, int(0.37 / STEP))),
    ):
        part = height[lats].astype(float)
        part[part == NO_HEIGHT] = np.nan
        slope = np.abs(np.diff(part, axis=1)) / 129.0
        print(
            f"{side}: slopes, median {np.nanmedian(slope):.3f}, nine tenths under {np.nanpercentile(slope, 90):.3f}"
        )


def resampled(
    path: Path, transform: rasterio.Affine, shape: tuple[int, int], resampling: Resampling
) -> np.ndarray:
    """Heights on the grid, NaN where the source does not reach."""
    out = np.full(shape, np.nan, dtype=np.float32)
    with rasterio.open(path) as raster:
        reproject(
            raster.read(1),
            out,
            src_transform=raster.transform,
            src_crs=raster.crs,
            src_nodata=raster.nodata,
            dst_transform=transform,
            dst_crs="EPSG:4326",
            dst_nodata=np.nan,
            resampling=resampling,
        )
    return out


def write(path: Path, height: np.ndarray, transform: rasterio.Affine) -> None:
    """A GeoTIFF of whole metres."""
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=height.shape[0],
        width=height.shape[1],
        count=1,
        dtype="int16",
        crs="EPSG:4326",
        transform=transform,
        nodata=NO_HEIGHT,
        compress="deflate",
        predictor=2,
        zlevel=9,
    ) as raster:
        raster.write(height, 1)


if __name__ == "__main__":
    main()
