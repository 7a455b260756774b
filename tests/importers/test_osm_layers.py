"""Features of OpenStreetMap as layers: stations, tracks, land use, habitats and tags of one's own."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio

from corridor.core.errors import CorridorError, LayerError, MissingColumnError
from corridor.importers.osm import layers as osm
from corridor.importers.osm.land import drawn, read_tag_classes
from corridor.importers.osm.layers import add_osm
from corridor.importers.osm.query import Query
from corridor.schema.catalog import Catalog
from tests.conftest import Cli
from tests.importers.osm_queries import BOX, by_source, contents, entry
from tests.osm_server import Town


@pytest.mark.parametrize("name", ["place", "bbox", "polygon", "xml"])
def test_stations_that_the_study_has_not(
    name: str, server: type[Town], tmp_path: Path, xml: Path, outline: Path
) -> None:
    """Of five objects one has no name, one is the area of a station that is a point too, one is in the study."""
    found = osm.features(by_source(name, tmp_path, xml, outline), osm.STATION_TAGS)
    layer = osm.station_layer(Catalog.bundled(), found, "osm_stations")
    done = " ".join(layer.notes)
    assert "1 of 5 without a name left out" in done
    assert "1 second objects of one station left out" in done
    assert "1 left out that the study has: median" in done and "(Yuen Long)" in done
    assert "2 stations (1 light_rail, 1 metro); no line calls at them until one is given" in done
    table = pd.read_csv(io.BytesIO(layer.data))
    assert table["station_id"].tolist() == ["osm-n21", "osm-n22"]
    assert table["name_en"].tolist() == ["Made Up West", "Made Up Stop"]
    assert table["name_zh_hant"].fillna("").tolist() == ["造西", ""]
    assert table["region"].tolist() == ["hk", "hk"]
    assert table["lon"].tolist() == [114.018, 114.026]
    assert layer.origin.attribution == "© OpenStreetMap contributors" and layer.origin.date == "2026-11-20"
    assert "data of 2026-11-20T06:00:00Z" in done


def test_stations_again_are_all_known_or_replaced(mine: Path, xml: Path) -> None:
    add_osm(mine, "stations", Query(xml=xml), {})
    before = contents(mine)
    with pytest.raises(CorridorError, match="add --replace, or choose another --id"):
        add_osm(mine, "stations", Query(xml=xml), {})
    with pytest.raises(LayerError, match="expected one that the study has not; nothing is to be added"):
        add_osm(mine, "stations", Query(xml=xml), {}, entry_id="more_stations")
    assert contents(mine) == before
    assert "takes the place of 'osm_stations'" in str(
        add_osm(mine, "stations", Query(xml=xml), {}, replacing=True)
    )


def test_tracks_are_kept_with_their_lengths(server: type[Town], mine: Path) -> None:
    """From 114.018, 22.448 to 114.0352, 22.4462: 1,770 m east, 199 m south: 1.8 km; the siding 0.002 degrees: 206 m."""
    done = str(add_osm(mine, "tracks", Query(bbox=BOX), {}))
    assert "2 pieces of track, 0.2 km light_rail, 1.8 km subway (each track counts)" in done
    kept = entry(mine, "osm_tracks")
    frame = gpd.read_file(mine / kept["path"])
    assert kept["role"] == "other" and sorted(frame["osm_id"]) == ["w301", "w302"]
    assert sorted(frame["name_en"]) == ["", "Made Up Line"]


def changed(study: Path) -> int:
    """Cells of land use that differ from the shipped study."""
    with rasterio.open(Catalog.open(study / "catalog.yaml").raster_path("land_use")) as now:
        after = now.read(1)
    with rasterio.open(Catalog.bundled().raster_path("land_use")) as then:
        return int((after != then.read(1)).sum())


def window(study: Path, west: float, south: float, east: float, north: float) -> list[int]:
    """Codes of land use in a box, each once."""
    with rasterio.open(Catalog.open(study / "catalog.yaml").raster_path("land_use")) as raster:
        part = (
            raster.window(west + 1e-6, south + 1e-6, east - 1e-6, north - 1e-6)
            .round_offsets()
            .round_lengths()
        )
        return [int(v) for v in np.unique(raster.read(1, window=part))]


def test_land_use_is_drawn_where_it_is_mapped(mine: Path, xml: Path) -> None:
    """Cells of 0.0005 degrees, corners on their edges: homes 8 x 8 = 64 less the park 4 x 4 = 16 upon them: 48; forest of
    a multipolygon 12 x 12 less its hole 4 x 4 = 128, the hole a reservoir of 16; a fish pond of 16, a mangrove of 16:
    240 cells in all. The park that is a point is no area; the military land is not asked for, in a file left out."""
    done = str(add_osm(mine, "land-use", Query(xml=xml), {}))
    assert "1 of 7 features are no areas and are left out" in done
    assert "6 areas drawn on 240 cells" in done and "elsewhere the study's class stays" in done
    shares = "71 53.3%, "  # 128 / 240
    del shares
    assert window(mine, 114.017, 22.451, 114.019, 22.453) == [32]
    assert window(mine, 114.016, 22.450, 114.020, 22.451) == [1]
    assert window(mine, 114.022, 22.456, 114.028, 22.458) == [71]
    assert window(mine, 114.024, 22.454, 114.026, 22.456) == [91]
    assert window(mine, 114.030, 22.450, 114.032, 22.452) == [62]
    assert window(mine, 114.034, 22.450, 114.036, 22.452) == [74]
    assert f"6 areas drawn on 240 cells, {changed(mine)} of another class than before" in done
    kept = entry(mine, "land_use")
    assert (
        "© OpenStreetMap contributors" in kept["attribution"] and "Planning Department" in kept["attribution"]
    )
    assert "ODbL 1.0" in kept["licence"] and "where it is silent" in kept["source"]
    assert "tags of osm_land.csv" in kept["notes"]


def test_land_use_is_cut_to_the_area_asked_for(server: type[Town], mine: Path) -> None:
    """A box that ends at 114.025: half of the forest's 12 columns, 6 x 12 = 72 less half the hole 2 x 4 = 64."""
    done = str(
        add_osm(mine, "land-use", Query(bbox=(114.021, 22.45, 114.025, 22.46)), {"landuse": ["forest"]})
    )
    assert "1 areas drawn on 64 cells" in done
    assert "tags of osm_land.csv: landuse=forest" in done
    assert len(server.requests) == 1 and "residential" not in server.requests[0]


def test_habitat_by_the_same_table(xml: Path) -> None:
    """The six areas in the habitat's classes: 1 wood, 5 pond, 6 mangrove, 9 fresh water, 12 park, 13 homes."""
    catalog = Catalog.bundled()
    classes = read_tag_classes(osm.LAND_TABLE, catalog, "habitat")
    tags = {"landuse": True, "leisure": True, "natural": True}
    data, notes = drawn(osm.features(Query(xml=xml), tags).frame, None, classes, catalog, "habitat")
    assert notes[2].startswith("6 areas drawn on ")
    with rasterio.open(io.BytesIO(data)) as now, rasterio.open(catalog.raster_path("habitat")) as then:
        after, before = now.read(1), then.read(1)
    assert set(np.unique(after[after != before]).tolist()) <= {1, 5, 6, 9, 12, 13}
    assert {"woodland", "fishpond", "mangrove", "freshwater"} <= set(re.findall(r"[a-z_]+", notes[-1]))


def test_any_tagged_features(cli: Cli, server: type[Town], mine: Path, outline: Path) -> None:
    added = ["layers", "add", "osm", "features", "--tags", "leisure", "--id", "parks"]
    done = cli("--study", mine, *added, "--polygon", outline)
    assert done.exit_code == 0 and "2 features" in done.output, done.output
    assert "--polygon outline.gpkg (sha256 " in entry(mine, "parks")["source"]
    frame = gpd.read_file(mine / entry(mine, "parks")["path"])
    assert sorted(frame.geometry.geom_type) == ["Point", "Polygon"]
    assert sorted(frame["name_en"]) == ["A park drawn as a point", "Made Up Park"]


@pytest.mark.parametrize(
    ("kind", "tags", "mapping", "message"),
    [
        ("features", {}, "", "--tags: not given; expected key=value, once or more; for example --tags leisure=park"),
        (
            "land-use", {"landuse": ["forrest"]}, "",
            "--tags: landuse=forrest; expected a tag that the table of classes knows; give a table of your own with "
            "--mapping (columns key, value, land_use, habitat)",
        ),
        (
            "land-use", {"shop": True}, "",
            "--tags: shop=*; expected a tag that the table of classes knows; give a table of your own with "
            "--mapping (columns key, value, land_use, habitat)",
        ),
        ("tracks", {}, "x.csv", "--mapping: given for tracks; expected land-use or habitat; leave it out"),
        (
            "land-use", {}, "worldcover",
            "--mapping: 'worldcover'; expected a table of tags; leave it out, or copy osm_land.csv",
        ),
        (
            "features", {"amenity": ["bench"]}, "",
            "town.osm: holds nothing that is tagged so; expected features of this kind; "
            "take a larger area, or other --tags",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_added_is_told(
    mine: Path, xml: Path, kind: str, tags: Any, mapping: str, message: str
) -> None:
    before = contents(mine)
    with pytest.raises(CorridorError) as caught:
        add_osm(mine, kind, Query(xml=xml), tags, mapping)
    assert str(caught.value) == f"- {message}"
    assert contents(mine) == before


def test_a_table_of_ones_own_and_its_faults_all_at_once(mine: Path, xml: Path, tmp_path: Path) -> None:
    table = tmp_path / "tags.csv"
    table.write_text("key,value,land_use\nlanduse,residential,2\nleisure,park,\n")
    add_osm(mine, "land-use", Query(xml=xml), {}, str(table))
    assert window(mine, 114.016, 22.450, 114.020, 22.454) == [2]
    table.write_text("key,value,land_use\nlanduse,forest,99\nlanduse,forest,71\nlanduse,forest,71\n,x,1\n")
    catalog = Catalog.open(mine / "catalog.yaml")
    with pytest.raises(CorridorError) as caught:
        read_tag_classes(table, catalog, "land_use")
    assert [str(p).split(";")[0] for p in caught.value.problems] == [
        "tags.csv line 2: land_use is '99'",
        "tags.csv line 4: landuse=forest a second time",
        "tags.csv line 5: key=value is '=x'",
    ]
    with pytest.raises(MissingColumnError, match="column 'habitat' is missing"):
        read_tag_classes(table, catalog, "habitat")


def test_the_shipped_table_names_only_what_the_study_has() -> None:
    for role in ("land_use", "habitat"):
        classes = read_tag_classes(osm.LAND_TABLE, Catalog.bundled(), role)  # type: ignore[arg-type]
        assert len(classes) > 50
