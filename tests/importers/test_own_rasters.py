"""Rasters of one's own: people with sums kept, land cover by majority, and what is refused with advice."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS
from rasterio.errors import NotGeoreferencedWarning
from rasterio.transform import Affine, from_origin
from rasterio.windows import Window

from corridor.core.crs import project_xy
from corridor.core.errors import CrsError, LayerError, MissingColumnError
from corridor.importers.entry.files import LIMITS, Limits
from corridor.importers.entry.options import Options
from corridor.importers.rasters.head import Head, opened
from corridor.importers.rasters.land_cover import (
    Grid,
    Mapping,
    land_cover_layer,
    on_grid,
    read_mapping,
    study_grid,
)
from corridor.importers.rasters.population import Shares, on_cells, population_layer, share_out, to_whole
from corridor.schema.catalog import Catalog
from corridor.study.folder import init
from tests.conftest import Cli

HERE = (113.74, 22.13, 114.65, 22.87)
PLANE = CRS.from_epsg(4547)


def write(path: Path, values: np.ndarray, transform: Affine, crs: str | None = "EPSG:4326", nodata: float | None = -1.0, **more: object) -> Path:  # fmt: skip
    path.parent.mkdir(exist_ok=True)
    with rasterio.open(
        path, "w", driver="GTiff", width=values.shape[1], height=values.shape[0], count=1, dtype=values.dtype,
        crs=crs, transform=transform, nodata=nodata, **more,
    ) as raster:  # fmt: skip
        raster.write(values, 1)
    return path


def plane_head(rows: int, columns: int) -> Head:
    return Head("people.tif", PLANE, -1.0, Window(0, 0, columns, rows))


# ---- people ----


def test_a_cell_on_four_is_shared_by_area() -> None:
    # One raster cell of 200 m, from 490900 to 491100 and 2452200 to 2452400: the corner of four study cells lies at
    # (491000, 2452250). West of it 100 of 200 m, south of it 50 of 200 m: parts 1/2 x 1/4 and 1/2 x 3/4.
    values, valid = np.array([[80.0]]), np.array([[True]])
    shares = share_out(values, valid, (490_900, 2_452_200, 491_100, 2_452_400), plane_head(1, 1))
    got = {(x, y): p for x, y, p in zip(shares.x_m, shares.y_m, shares.people, strict=True) if p > 1e-9}
    south, north = 2_452_125.0, 2_452_375.0
    west, east = 490_875.0, 491_125.0
    assert got == pytest.approx(
        {(west, south): 10, (east, south): 10, (west, north): 30, (east, north): 30}, abs=1e-3
    )
    # the raster knows 100 x 50 of the 250 x 250 m of a southern cell, 100 x 150 of a northern one
    known = {(x, y): k for x, y, k in zip(shares.x_m, shares.y_m, shares.known, strict=True) if k > 1e-9}
    assert known[west, south] == pytest.approx(0.08, abs=1e-4) and known[west, north] == pytest.approx(
        0.24, abs=1e-4
    )


@settings(max_examples=15)
@given(st.integers(0, 2**32 - 1), st.floats(0.0005, 0.004), st.floats(113.9, 114.2), st.floats(22.3, 22.6))
def test_no_person_is_lost_or_made(seed: int, size: float, west: float, south: float) -> None:
    draw = np.random.default_rng(seed)
    values, valid = draw.uniform(0, 500, (7, 9)), draw.random((7, 9)) < 0.8
    valid[0, 0] = True
    head = Head("p.tif", CRS.from_epsg(4326), -1.0, Window(0, 0, 9, 7))
    shares = share_out(values, valid, (west, south, west + 9 * size, south + 7 * size), head)
    assert shares.people.sum() == pytest.approx(values[valid].sum(), rel=1e-12)
    assert (shares.people >= 0).all() and shares.known.max() <= 1
    assert len({*zip(shares.x_m, shares.y_m, strict=True)}) == len(shares.x_m)


@given(st.lists(st.floats(0, 1e5), min_size=1, max_size=50))
def test_whole_numbers_keep_the_sum(values: list[float]) -> None:
    whole = to_whole(np.array(values))
    assert whole.sum() == np.rint(np.array(values).sum())
    assert (np.abs(whole - np.array(values)) < 1).all()


def table(people: list[int]) -> pd.DataFrame:
    """Cells in a row at y 2500125, from x 500125."""
    n = len(people)
    x = 500_125 + 250 * np.arange(n)
    lon, lat = project_xy(x, np.full(n, 2_500_125.0), 4547, 4326)
    return pd.DataFrame(
        {
            "cell_id": [f"c{i}" for i in range(n)], "x_m": x, "y_m": 2_500_125, "lon": lon, "lat": lat,
            "region": "hk", "district_id": "d", "residents_census": people, "jobs_modelled": 3,
            "residents_buildout_2035": [p + 5 for p in people], "jobs_buildout_2035": 4,
        }
    )  # fmt: skip


def districts(width_m: float) -> gpd.GeoDataFrame:
    """One district from x 500000, 250 m high, `width_m` wide."""
    lon, lat = project_xy(
        [500_000, 500_000 + width_m, 500_000 + width_m, 500_000], [2_500_000, 2_500_000, 2_500_250, 2_500_250], 4547, 4326
    )  # fmt: skip
    shape = shapely.polygons(np.column_stack([lon, lat]))
    return gpd.GeoDataFrame({"district_id": ["d"], "region": ["hk"]}, geometry=[shape], crs=4326)


def shares(x_m: list[float], people: list[float], known: list[float]) -> Shares:
    return Shares(np.array(x_m), np.full(len(x_m), 2_500_125.0), np.array(people), np.array(known))


def test_people_go_to_known_new_and_nearest_cells_and_the_rest_is_said() -> None:
    # cells 0 and 1 are in the table, cell 2 (x 500625) is new in the district, cell 4 (x 501125) is off it and 500 m
    # from cell 2, cell 9 is far off
    got = shares([500_125, 500_375, 500_625, 501_125, 502_375], [10.0, 20.0, 30.0, 7.0, 9.0], [1.0] * 5)
    cells, notes = on_cells(got, table([1, 2]), districts(750), None, "p.tif", 76.0)
    assert list(cells["residents_census"]) == [10, 20, 37]
    assert list(cells["residents_buildout_2035"]) == [
        15,
        25,
        37,
    ]  # 5 more than today, as before; nothing planned anew
    assert list(cells["jobs_modelled"]) == [3, 3, 0] and list(cells["district_id"]) == ["d"] * 3
    assert list(notes[:3]) == [
        "76 people in the raster over the study; 67 residents on 3 cells, 1 of them new; 3 before",
        "7 people on cells off the study's land moved to the nearest cell within 500 m",
        "9 people farther off every district left out",
    ]


def test_no_data_is_never_nobody_without_a_word() -> None:
    got = shares([500_125, 500_375], [10.0, 0.5], [1.0, 0.02])
    with pytest.raises(LayerError) as caught:
        on_cells(got, table([1, 2]), districts(500), None, "p.tif", 10.5)
    assert str(caught.value) == (
        "- p.tif: knows nothing of 1 cells where 2 people live in the study; expected word of what no data means; "
        "give --nodata-means zero (nobody lives there) or --nodata-means keep (the study's figures stay)"
    )
    kept, notes = on_cells(got, table([1, 2]), districts(500), "keep", "p.tif", 10.5)
    assert list(kept["residents_census"]) == [
        10,
        2,
    ]  # 2 stay, and half a person of the sliver is not lost: 12.5 in all
    assert (
        kept["residents_census"].sum() == 12
        and "1 cells of which the raster knows nothing keep their 2" in notes[1]
    )
    none, notes = on_cells(got, table([1, 2]), districts(500), "zero", "p.tif", 10.5)
    assert list(none["residents_census"]) == [10, 0] and "have no residents now" in notes[1]


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    init(tmp_path / "mine")
    return tmp_path / "mine"


def test_people_of_a_file_in_a_study(cli: Cli, mine: Path, tmp_path: Path) -> None:
    # 40 x 40 cells of 0.001 degrees on Tai Mo Shan with 25 people each, and one tenth of them without data
    values = np.full((40, 40), 25.0, dtype=np.float32)
    values[:4] = -99999
    path = write(tmp_path / "people.tif", values, from_origin(114.10, 22.44, 0.001, 0.001), nodata=-99999)
    before = Catalog.bundled().table("cells")["residents_census"]
    said = cli(
        "--study", mine, "layers", "add", "raster", path, "--role", "population", "--nodata-means", "zero"
    )
    assert said.exit_code == 0, said.output
    assert "36,000 people in the raster over the study; 36,000 residents" in said.output
    cells = Catalog.open(mine / "catalog.yaml").table("cells")
    assert cells["residents_census"].sum() == 36_000 and len(cells) >= len(before)
    again = cli(
        "--study", mine, "layers", "add", "raster", path, "--role", "population", "--nodata-means", "zero"
    )
    assert again.exit_code == 1 and "use 'corridor layers replace population FILE'" in again.output


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (-5.0, "has 1 negative cells (least -5; nodata is -1); expected counts of people; "
               "give the nodata value that is meant with --nodata"),
        (1e6, "has 1,000,000 people in a cell of"),
    ],
)  # fmt: skip
def test_what_cannot_be_people(tmp_path: Path, value: float, says: str) -> None:
    values = np.ones((5, 5))
    values[2, 2] = value
    path = write(tmp_path / "p.tif", values, from_origin(114.1, 22.5, 0.001, 0.001))
    with pytest.raises(LayerError) as caught:
        population_layer(path, Catalog.bundled(), Options(nodata_means="zero"))
    assert f"- p.tif: {says}" in str(caught.value)


def notes_of(path: Path, **said: object) -> tuple[str, ...]:
    return population_layer(path, Catalog.bundled(), Options(nodata_means="keep", **said)).notes  # type: ignore[arg-type]


COUNTS = np.full((20, 20), 600, dtype=np.int32)
HERE_TOO = from_origin(114.10, 22.44, 0.001, 0.001)


def changed(path: Path, **more: object) -> Path:
    with rasterio.open(path, "r+") as raster:
        for name, value in more.items():
            setattr(raster, name, value)
    return path


def test_scale_and_offset_of_a_file_count(tmp_path: Path) -> None:
    # 400 cells of 600 stored: by 0.1 they are 60 people each, 24,000 in all; by 0.1 and 5 they are 65 each, 26,000
    path = changed(write(tmp_path / "p.tif", COUNTS, HERE_TOO), scales=(0.1,))
    notes = notes_of(path)
    assert notes[0] == "stored numbers x 0.1 + 0 (the file's scale and offset)"
    assert notes[1].startswith("24,000 people in the raster over the study; ")
    assert notes[1].endswith(f"; {Catalog.bundled().table('cells')['residents_census'].sum():,} before")
    assert notes_of(changed(path, offsets=(5.0,)))[1].startswith("26,000 people in the raster")
    # no data is the stored number, not the scaled one: 10 cells of -1 leave 390 x 60
    values = COUNTS.copy()
    values[0, :10] = -1
    path = changed(write(tmp_path / "n.tif", values, HERE_TOO), scales=(0.1,))
    assert notes_of(path)[1].startswith("23,400 people in the raster")


@pytest.mark.parametrize("nodata", [None, -1])
def test_a_mask_in_the_file_counts_in_place_of_nodata_and_beside_it(
    tmp_path: Path, nodata: int | None
) -> None:
    # two of 400 cells are hidden by the mask; with a nodata value two others are none by that
    values, mask = COUNTS // 10, np.full((20, 20), 255, dtype=np.uint8)
    mask[0, :2] = 0
    values[1, :2] = -1 if nodata else 60
    path = tmp_path / "p.tif"
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True):
        write(path, values, HERE_TOO, nodata=nodata)
        with rasterio.open(path, "r+") as raster:
            raster.write_mask(mask)
    notes = notes_of(path)
    assert notes[0] == "cells that the file's mask hides are no data"
    left = 400 - 2 - (2 if nodata else 0)
    assert notes[1].startswith(f"{left * 60:,} people in the raster")


def test_a_band_of_transparency_is_a_mask(tmp_path: Path) -> None:
    path, alpha = tmp_path / "p.tif", np.full((20, 20), 255, dtype=np.int32)
    alpha[:, 0] = 0
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=20,
        height=20,
        count=2,
        dtype="int32",
        crs="EPSG:4326",
        transform=HERE_TOO,
        alpha="YES",
    ) as raster:
        raster.write(np.stack([COUNTS // 10, alpha]))
    assert notes_of(path)[1].startswith("22,800 people in the raster")  # 380 of 400 cells, 60 each


def test_a_mask_in_a_file_of_its_own_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "p.tif", COUNTS, HERE_TOO)
    (tmp_path / "p.tif.msk").write_bytes(b"")
    with pytest.raises(
        LayerError, match=r"p\.tif: has a mask beside it \(p\.tif\.msk\); expected a mask inside"
    ):
        look(path)


def test_rows_from_south_to_north_are_turned(tmp_path: Path) -> None:
    values = np.arange(400, dtype=np.float64).reshape(20, 20)
    north = write(tmp_path / "p.tif", values, HERE_TOO)
    turned = Affine(0.001, 0, 114.10, 0, 0.001, 22.42)  # the same cells: 20 rows of 0.001 degrees below 22.44
    south = write(tmp_path / "turned" / "p.tif", values[::-1], turned)
    options = Options(nodata_means="keep")
    layers = [population_layer(path, Catalog.bundled(), options) for path in (north, south)]
    assert layers[0].data == layers[1].data and layers[0].notes == layers[1].notes
    codes = np.repeat([[1], [13]], 10, axis=0).repeat(20, axis=1).astype(np.uint8)
    north = write(tmp_path / "c.tif", codes, HERE_TOO, nodata=0)
    south = write(tmp_path / "turned" / "c.tif", codes[::-1], turned, nodata=0)
    covers = [land_cover_layer(path, "habitat", Catalog.bundled(), Options()) for path in (north, south)]
    assert covers[0].data == covers[1].data


def test_a_raster_without_a_place_is_named(tmp_path: Path) -> None:
    with pytest.warns(NotGeoreferencedWarning):
        path = write(tmp_path / "p.tif", COUNTS, Affine.identity())
    with pytest.raises(LayerError, match="has no place on the earth; expected a GeoTIFF with its position"):
        look(path)


def test_a_density_is_not_entered_as_counts(tmp_path: Path) -> None:
    # the study's own residents on 40 x 40 cells of 250 m, as people per km2: 16 times as many if read as counts
    cells, corner = Catalog.bundled().table("cells"), (492_000.0, 2_495_000.0)
    values = np.zeros((40, 40))
    for x, y, people in zip(cells["x_m"], cells["y_m"], cells["residents_census"], strict=True):
        column, row = int((x - corner[0]) // 250), int((corner[1] - y) // 250)
        if 0 <= row < 40 and 0 <= column < 40:
            values[row, column] = people
    total, transform = values.sum(), from_origin(*corner, 250, 250)
    path = write(tmp_path / "p.tif", values / 0.0625, transform, "EPSG:4547")
    with pytest.raises(LayerError) as caught:
        notes_of(path)
    # the densest cell of towers would be 16 times as dense, so both ways to notice say what to give
    assert "--per km2" in str(caught.value) and f"{16 * total:,.0f}" in str(caught.value)
    notes = notes_of(path, per="km2")
    assert notes[0] == "people per km2 times the area of each cell (some 62,500 m2)"
    assert notes[1].startswith(f"{total:,.0f} people in the raster over the study; ")
    thin = write(tmp_path / "thin.tif", np.minimum(values, 8_000) / 0.0625, transform, "EPSG:4547")
    few = np.minimum(values, 8_000).sum()
    with pytest.raises(LayerError) as caught:
        notes_of(thin)
    assert str(caught.value) == (
        f"- thin.tif: holds {16 * few:,.0f} people as counts, {few:,.0f} as people per km2; the study has {total:,.0f} on the "
        "same cells; expected word of what its values are; give --per km2 if they are people per km2, --per cell if they "
        "are people per raster cell"
    )
    assert notes_of(thin, per="cell")[0].startswith(f"{16 * few:,.0f} people in the raster")


def test_nobody_at_all(tmp_path: Path) -> None:
    path = write(tmp_path / "p.tif", np.zeros((5, 5)), from_origin(114.1, 22.5, 0.001, 0.001))
    with pytest.raises(LayerError, match="holds nobody over the study"):
        population_layer(path, Catalog.bundled(), Options(nodata_means="zero"))


# ---- heads ----


def look(path: Path, limits: Limits = LIMITS, **said: object) -> Head:
    with opened(path, HERE, Options(**said), limits) as (_, head):  # type: ignore[arg-type]
        return head


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
        "- far.tif: lies at (10, 49.6, 10.4, 50) in WGS 84, off the study; expected cells within lon 113.74 to "
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


# ---- land cover ----


def grid(rows: int = 2, columns: int = 2, size: float = 0.003) -> Grid:
    return Grid(np.full((rows, columns), 9, np.uint8), from_origin(114, 22.5, size, size))


def test_the_majority_of_nine_wins_and_no_data_has_no_vote(tmp_path: Path) -> None:
    # four study cells of three by three: 5 of 9 woodland; 4 of 4 known; a tie cannot be; nothing known
    values = np.array(
        [
            [10, 10, 10, 0, 0, 0],
            [10, 10, 50, 0, 50, 50],
            [50, 50, 50, 0, 50, 50],
            [80, 80, 80, 0, 0, 0],
            [80, 10, 80, 0, 0, 0],
            [80, 80, 80, 0, 0, 0],
        ],
        dtype=np.uint8,
    )
    path = write(tmp_path / "cover.tif", values, from_origin(114, 22.5, 0.001, 0.001), nodata=0)
    mapping = Mapping(np.array([10, 50, 80]), np.array([1, 13, 9], np.uint8))
    with opened(path, grid().bounds) as (raster, head):
        codes, how = on_grid(raster, head, grid(), mapping)
    assert codes.tolist() == [[1, 13], [9, 0]] and how == "by majority"


def test_coarser_cells_go_by_nearest_neighbour(tmp_path: Path) -> None:
    path = write(
        tmp_path / "c.tif", np.array([[1, 2]], np.uint8), from_origin(114, 22.5, 0.006, 0.006), nodata=0
    )
    small = grid(2, 4)
    with opened(path, small.bounds) as (raster, head):
        codes, how = on_grid(raster, head, small, Mapping(np.array([1, 2]), np.array([4, 5], np.uint8)))
    assert codes.tolist() == [[4, 4, 5, 5]] * 2 and how == "by nearest neighbour"


CLASSES = pd.DataFrame(
    {"code": [1, 8, 9, 13], "habitat_id": ["woodland", "marine", "freshwater", "built_up"]}
)


def test_unknown_codes_are_named_with_their_share(tmp_path: Path) -> None:
    values = np.array([[1, 1, 77], [1, 42, 0]], dtype=np.uint8)
    path = write(tmp_path / "c.tif", values, from_origin(114, 22.5, 0.001, 0.001), nodata=0)
    ours = Mapping(np.array([1, 8, 9, 13]), np.array([1, 8, 9, 13], np.uint8), "study")
    with opened(path, grid().bounds) as (raster, head), pytest.raises(LayerError) as caught:
        on_grid(raster, head, grid(), ours)
    remedy = "to a table for --mapping (not_assessed leaves it open)"
    assert str(caught.value).splitlines() == [
        f"- c.tif: code 42 (20.00% of its cells) is not known; expected a code of the study; add a line '42,CLASS' {remedy}",
        f"- c.tif: code 77 (20.00% of its cells) is not known; expected a code of the study; add a line '77,CLASS' {remedy}",
    ]


def test_numbers_with_decimals_are_no_codes(tmp_path: Path) -> None:
    path = write(tmp_path / "c.tif", np.full((3, 3), 1.5), from_origin(114, 22.5, 0.001, 0.001))
    with (
        opened(path, grid().bounds) as (raster, head),
        pytest.raises(LayerError, match="holds numbers with decimals"),
    ):
        on_grid(raster, head, grid(), Mapping(np.array([1]), np.array([1], np.uint8)))


def test_every_wrong_line_of_a_mapping_at_once(tmp_path: Path) -> None:
    path = tmp_path / "map.csv"
    path.write_text("code,to\n10,woodlnd\n10,1\n10,13\nten,1\n", encoding="utf-8")
    with pytest.raises(LayerError) as caught:
        read_mapping(str(path), CLASSES, "habitat")
    assert str(caught.value).splitlines() == [
        "- map.csv line 2: to is 'woodlnd'; expected a class of the study; did you mean 'woodland'?",
        "- map.csv line 4: 10 a second time; expected each once; remove one",
        "- map.csv line 5: code is 'ten'; expected a whole number; correct it",
    ]
    path.write_text("code,class\n10,1\n", encoding="utf-8")
    with pytest.raises(MissingColumnError, match="column 'to' is missing"):
        read_mapping(str(path), CLASSES, "habitat")
    with pytest.raises(LayerError, match="a CSV file, or one of worldcover"):
        read_mapping("worldcovr", CLASSES, "habitat")


def test_the_shipped_table_names_the_eleven_classes_of_worldcover() -> None:
    mapping = read_mapping("worldcover", Catalog.bundled().table("habitat_classes"), "habitat")
    assert mapping.codes.tolist() == [10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 100]


def test_land_cover_in_a_study(cli: Cli, mine: Path, tmp_path: Path) -> None:
    # inner Deep Bay at 113.95 E, 22.45 N is sea, the ponds beside Mai Po at 114.04 E, 22.49 N lie on land: water is split
    values = np.full((720, 960), 80, np.uint8)
    values[:, :10] = 10
    path = write(tmp_path / "wc.tif", values, from_origin(113.9, 22.52, 0.0002, 0.0002), nodata=0, tiled=True)
    said = cli(
        "--study", mine, "layers", "add", "raster", path, "--role", "land_cover", "--mapping", "worldcover",
        "--nodata-means", "keep",
    )  # fmt: skip
    assert said.exit_code == 0, said.output
    catalog = Catalog.open(mine / "catalog.yaml")
    before, after = study_grid(Catalog.bundled(), "habitat"), study_grid(catalog, "habitat")
    assert after.transform == before.transform and after.codes.shape == before.codes.shape

    def at(lon: float, lat: float) -> tuple[int, int]:
        return int((after.bounds[3] - lat) / 0.00028), int((lon - after.bounds[0]) / 0.00028)

    assert after.codes[at(113.93, 22.46)] == 8 and after.codes[at(114.045, 22.48)] == 9
    assert after.codes[at(113.901, 22.5)] == 1
    away = after.codes[at(114.2, 22.4)]
    assert away == before.codes[at(114.2, 22.4)]  # kept where the raster says nothing


def test_without_keep_what_is_unknown_is_not_assessed(tmp_path: Path) -> None:
    path = write(
        tmp_path / "h.tif", np.full((9, 9), 1, np.uint8), from_origin(114.1, 22.5, 0.0003, 0.0003), nodata=0
    )
    layer = land_cover_layer(path, "habitat", Catalog.bundled(), Options())
    assert any("are not assessed now; --nodata-means keep keeps them" in note for note in layer.notes)
    with rasterio.MemoryFile(layer.data) as room, room.open() as raster:
        assert raster.nodata == 0 and 70 <= (raster.read(1) == 1).sum() <= 110 and raster.read(1).max() == 1
