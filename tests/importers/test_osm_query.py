"""What OpenStreetMap is asked for: tags, boxes, outlines and files, and how large they may be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely

from corridor.core.errors import CorridorError, GeometryError
from corridor.importers.osm.graphs import WALK, add_graph, outline_of
from corridor.importers.osm.layers import add_osm
from corridor.importers.osm.query import Query, check_bbox, parse_bbox, parse_tags
from tests.importers.osm_queries import entry
from tests.osm_server import Town


@pytest.mark.parametrize("text", ["", "=x", "a=", "a'b=c", 'a="c', "a=b\\", "a=b\n"])
def test_tags_that_are_none(text: str) -> None:
    with pytest.raises(CorridorError, match="expected key=value, or key for any value"):
        parse_tags([text])


def test_tags_are_gathered_by_key() -> None:
    assert parse_tags(["a=b", "a=c", "a=b", "d", "e=*", "e=f", "g=h", "g"]) == {
        "a": ["b", "c"], "d": True, "e": True, "g": True,
    }  # fmt: skip


def test_a_large_area_is_said_first_and_a_huge_one_refused(
    server: type[Town], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: list[str]
) -> None:
    """0.2 degrees each way at 22.5 N: 20.6 x 22.1 km = 455 km2; at 240 edges a km2 109,000 edges."""
    add_graph(Query(bbox=(113.95, 22.35, 114.15, 22.55)), tmp_path, WALK)
    assert (
        said[0].startswith("45")
        and "km2, up to 109," in said[0]
        and said[0].endswith("this may take minutes")
    )
    with pytest.raises(
        CorridorError, match=r"--bbox: 1\d,\d{3} km2; expected 5,000 km2 at most; take a smaller box"
    ):
        Query(bbox=(113.0, 22.0, 114.0, 23.0))
    monkeypatch.setattr("corridor.importers.osm.query.AREA_LIMIT_KM2", 10.0)
    (tmp_path / "b").mkdir()
    with pytest.raises(
        CorridorError, match='--place "Town": 18 km2; expected 10 km2 at most; take a smaller area'
    ):
        add_graph(Query(place="Town"), tmp_path / "b", WALK)
    assert len(server.requests) == 2, "the place is looked up, the streets are not asked for"


@pytest.mark.parametrize("ending", [".gz", ".bz2", ".pbf"])
def test_a_packed_file_is_not_unpacked(ending: str) -> None:
    with pytest.raises(CorridorError) as caught:
        Query(xml=Path(f"town.osm{ending}"))
    assert str(caught.value) == (
        f"- town.osm{ending}: is packed ({ending}); expected plain OSM XML, whose size can be seen before it is read; "
        "unpack it; osmium cat -o NAME.osm does so for a .pbf"
    )


def test_an_outline_that_is_none(tmp_path: Path) -> None:
    path = tmp_path / "line.geojson"
    gpd.GeoDataFrame(geometry=[shapely.LineString([(114, 22.4), (114.1, 22.5)])], crs=4326).to_file(path)
    with pytest.raises(GeometryError) as caught:
        outline_of(path)
    assert str(caught.value) == (
        "- line.geojson: holds no area; expected a polygon, or several; draw one, or use --bbox"
    )
    round_one = shapely.Point(114.05, 22.45).buffer(0.01, quad_segs=2_000)
    gpd.GeoDataFrame(geometry=[round_one], crs=4326).to_file(tmp_path / "round.gpkg")
    with pytest.raises(GeometryError) as caught:
        Query(outline=outline_of(tmp_path / "round.gpkg"))
    assert str(caught.value) == (
        "- --polygon round.gpkg: has 8,001 corners; expected 5,000 at most; simplify it, or take its box"
    )


def test_an_outline_with_many_corners_is_asked_for_by_its_box(
    server: type[Town], mine: Path, tmp_path: Path
) -> None:
    """A circle of 0.004 degrees round Made Up West (22.448 N, 114.018 E) of 1,001 corners holds none of the siding."""
    circle = shapely.Point(114.018, 22.448).buffer(0.004, quad_segs=250)
    gpd.GeoDataFrame(geometry=[circle], crs=4326).to_file(tmp_path / "round.gpkg")
    add_osm(mine, "tracks", Query(outline=outline_of(tmp_path / "round.gpkg")), {})
    assert gpd.read_file(mine / entry(mine, "osm_tracks")["path"])["osm_id"].tolist() == ["w301"]
    assert max(len(part.split()) for part in server.requests[0].split("'")) == 10


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1,2,3", "W,S,E,N in degrees"),
        ("a,b,c,d", "W,S,E,N in degrees"),
        ("114.1,22.5,114.0,22.6", "W < E"),
        ("114.0,22.6,114.1,22.5", "W < E"),
        ("22.5,114.0,22.6,114.1", "S < N within 90"),
        ("nan,22,114,23", "W < E"),
        ("113,22,115,24", "km2; expected 5,000 km2 at most"),
    ],
)
def test_a_box_that_is_none_is_refused(text: str, message: str) -> None:
    with pytest.raises(CorridorError, match=message):
        check_bbox(parse_bbox(text))


@pytest.mark.parametrize("given", [{}, {"place": "x", "xml": Path("y")}])
def test_one_source_and_only_one(given: dict[str, Any]) -> None:
    with pytest.raises(
        CorridorError, match="sources given; expected one of --graphml, --place, --bbox, --polygon, --xml"
    ):
        Query(**given)
