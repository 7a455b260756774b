"""Rasters as cloud-optimised GeoTIFF: laid out by the rules, exact, the same bytes again."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine

from corridor.formats.rasters import write_cog
from corridor.study.compare import Comparison
from corridor.study.study import Study

PLACE = Affine(30, 0, 490_000, 0, -30, 2_500_000)


def directories(path: Path) -> list[tuple[int, dict[int, tuple[int, int, bytes]]]]:
    """Where each directory of a TIFF stands, and its tags: (type, count, value or offset)."""
    data = path.read_bytes()
    assert data[:4] == b"II*\0"
    at, found = struct.unpack("<I", data[4:8])[0], []
    while at:
        count = struct.unpack("<H", data[at : at + 2])[0]
        tags = {}
        for n in range(count):
            tag, kind, size, value = struct.unpack("<HHI4s", data[at + 2 + 12 * n : at + 14 + 12 * n])
            tags[tag] = (kind, size, value)
        found.append((at, tags))
        at = struct.unpack("<I", data[at + 2 + 12 * count : at + 6 + 12 * count])[0]
    return found


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, np.ndarray]:
    values = np.linspace(-1, 1, 700 * 900).reshape(700, 900)
    values[:200, :300] = np.nan
    path = tmp_path_factory.mktemp("cog") / "a.tif"
    write_cog(path, {"before": values, "after": values / 2}, PLACE, "jobs")
    return path, values


def test_values_names_and_place_are_kept(written: tuple[Path, np.ndarray]) -> None:
    path, values = written
    with rasterio.open(path) as raster:
        assert raster.crs.to_epsg() == 4547 and raster.transform == PLACE and np.isnan(raster.nodata)
        assert raster.descriptions == ("before", "after") and raster.units == ("jobs", "jobs")
        assert np.array_equal(raster.read(1), values.astype(np.float32), equal_nan=True)


def test_it_is_laid_out_as_the_rules_of_the_format_ask(written: tuple[Path, np.ndarray]) -> None:
    path, _ = written
    with rasterio.open(path) as raster:
        assert raster.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert raster.block_shapes == [(256, 256)] * 2  # tiled
        # 900 x 700, then halved until one tile holds it: 450 x 350, 225 x 175
        assert raster.overviews(1) == [2, 4]
    found = directories(path)
    assert [at for at, _ in found] == sorted(at for at, _ in found)  # largest first, one after another
    offsets = 324  # tag TileOffsets: every directory stands before the first tile
    data = path.read_bytes()
    first = min(
        struct.unpack("<I", data[o : o + 4])[0]
        for _, tags in found
        for o in [struct.unpack("<I", tags[offsets][2])[0]]
    )
    assert max(at for at, _ in found) < first


def test_the_same_bytes_again(written: tuple[Path, np.ndarray], tmp_path: Path) -> None:
    path, values = written
    write_cog(tmp_path / "b.tif", {"before": values, "after": values / 2}, PLACE, "jobs")
    assert (tmp_path / "b.tif").read_bytes() == path.read_bytes()


def test_access_rasters_hold_the_cells(folder: Path, study: Study, comparison: Comparison) -> None:
    frame = comparison.cell_values
    mine = frame.loc[frame["scenario_id"] == "western-2035", "jobs_60_0830"].to_numpy()
    was = frame.loc[frame["scenario_id"] == "committed-2030", "jobs_60_0830"].to_numpy()
    places = list(zip(study.cells.x_m[::500], study.cells.y_m[::500], strict=True))
    for name, wanted in (("", mine), ("_change", mine - was)):
        with rasterio.open(folder / "rasters" / f"access_jobs_60_0830{name}.tif") as raster:
            band = raster.descriptions.index("western-2035") + 1
            found = [v[0] for v in raster.sample(places, indexes=band)]
            assert found == wanted[::500].tolist()
            assert np.isfinite(raster.read(band)).sum() == len(study.cells.x_m)
