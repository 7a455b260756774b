"""Land cover and habitats of a raster of one's own: by majority, and codes mapped to classes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rasterio
from rasterio.transform import from_origin

from corridor.core.errors import LayerError, MissingColumnError
from corridor.importers.entry.options import Options
from corridor.importers.rasters.head import opened
from corridor.importers.rasters.land_cover import (
    Grid,
    Mapping,
    land_cover_layer,
    on_grid,
    read_mapping,
    study_grid,
)
from corridor.schema.catalog import Catalog
from tests.conftest import Cli
from tests.importers.raster_files import write


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
