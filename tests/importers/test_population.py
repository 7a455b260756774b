"""People of a raster of one's own: sums are kept, and what cannot be people is refused with advice."""

from __future__ import annotations

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
from corridor.core.errors import LayerError
from corridor.importers.entry.options import Options
from corridor.importers.rasters.head import Head
from corridor.importers.rasters.land_cover import land_cover_layer
from corridor.importers.rasters.population import Shares, on_cells, population_layer, share_out, to_whole
from corridor.schema.catalog import Catalog
from tests.conftest import Cli
from tests.importers.raster_files import HERE_TOO, look, write

PLANE = CRS.from_epsg(4547)


def plane_head(rows: int, columns: int) -> Head:
    return Head("people.tif", PLANE, -1.0, Window(0, 0, columns, rows))


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
