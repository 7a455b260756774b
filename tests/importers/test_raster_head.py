"""The head of a raster: what is looked at before a cell is read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import Affine, from_origin

from corridor.core.errors import CrsError, LayerError
from corridor.importers.entry.files import LIMITS
from tests.importers.raster_files import look, write


def test_only_the_part_over_the_study_is_read(tmp_path: Path) -> None:
    # from 113 E, 24 N in steps of 0.1 degrees: columns 7 to 17 reach from 113.7 to 114.7, rows 11 to 19 from 22.9 to 22.1
    path = write(tmp_path / "wide.tif", np.ones((40, 40), np.uint8), from_origin(113, 24, 0.1, 0.1), nodata=0)
    window = look(path).window
    assert (window.col_off, window.width, window.row_off, window.height) == (7, 10, 11, 8)


def test_every_fault_of_a_head_at_once(tmp_path: Path) -> None:
    path = tmp_path / "bad.tif"
    with rasterio.open(
        path, "w", driver="GTiff", width=4, height=4, count=2, dtype="uint8",
        transform=Affine(0.1, 0.02, 114, 0.02, -0.1, 22.6),
    ) as raster:  # fmt: skip
        raster.write(np.ones((2, 4, 4), np.uint8))
    with pytest.raises(CrsError) as caught:
        look(path)
    assert str(caught.value).splitlines() == [
        "- bad.tif: states no coordinate system; expected one; give it with --crs, e.g. EPSG:4326",
        "- bad.tif: has no nodata value; expected one; give it with --nodata, e.g. --nodata -99999",
        "- bad.tif: has 2 bands; expected one; take one out: gdal_translate -b 1 in.tif out.tif",
        "- bad.tif: is rotated; expected north up; straighten it: gdalwarp -t_srs EPSG:4326 in.tif out.tif",
    ]


def test_a_raster_elsewhere_says_where_it_lies(tmp_path: Path) -> None:
    path = write(tmp_path / "far.tif", np.ones((4, 4), np.uint8), from_origin(10, 50, 0.1, 0.1), nodata=0)
    with pytest.raises(CrsError) as caught:
        look(path)
    assert str(caught.value) == (
        "- far.tif: is at (10, 49.6, 10.4, 50) in WGS 84, outside the study; expected cells within lon 113.74 to "
        "114.65, lat 22.13 to 22.87; choose another file, or state the right CRS with --crs"
    )


def test_a_huge_raster_is_refused_before_it_is_read(tmp_path: Path, said: list[str]) -> None:
    # a million by a million cells, stored sparsely: a file of some kB that would fill the memory
    path = tmp_path / "huge.tif"
    with rasterio.open(
        path, "w", driver="GTiff", width=200_000, height=200_000, count=1, dtype="uint8", nodata=0, crs="EPSG:4326",
        transform=from_origin(113.7, 22.9, 5e-6, 5e-6), sparse_ok=True, tiled=True, blockxsize=4096, blockysize=4096,
    ):  # fmt: skip
        pass
    with pytest.raises(LayerError) as caught:
        look(path)
    assert "- huge.tif: is too fine: 200,000 x 200,000 cells, " in str(caught.value)
    assert (
        "expected at most 250 million cells over the study; make its cells larger with gdalwarp -tr"
        in str(caught.value)
    )
    look(path, limits=replace(LIMITS, cells=10**12))
    assert len(said) == 1 and "MB of memory" in said[0]


def test_blocks_too_large_to_hold_are_refused(tmp_path: Path) -> None:
    path = write(
        tmp_path / "strip.tif", np.ones((64, 64), np.uint8), from_origin(114, 22.5, 0.001, 0.001), nodata=0
    )
    with pytest.raises(
        LayerError, match="is stored in blocks of 64 x 64 cells .* tile it: gdal_translate -co TILED=YES"
    ):
        look(path, limits=replace(LIMITS, block_bytes=1_000))


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("a.vrt", b"<VRTDataset/>", "has the ending '.vrt'"),
        (
            "a.tif",
            b"<VRTDataset><SourceFilename>/etc/passwd</SourceFilename></VRTDataset>",
            "does not begin as a .tif",
        ),
        ("a.tif", b"II*\x00\x08\x00\x00\x00broken", "cannot be read"),
        ("a.tif", b"", "is empty"),
    ],
)
def test_what_is_no_geotiff(tmp_path: Path, name: str, data: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(LayerError) as caught:
        look(tmp_path / name)
    assert says in str(caught.value)
