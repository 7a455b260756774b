"""OpenStreetMap by OSMnx: graphs and features by place, box, outline and file; kept; and no bad answer does harm."""

from __future__ import annotations

import hashlib
import io
import json
import re
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import osmnx
import pandas as pd
import pytest
import rasterio
import shapely
import yaml
from pyproj import CRS

from corridor.core.errors import CorridorError, GeometryError, LayerError, MissingColumnError
from corridor.importers.osm import ask as asking
from corridor.importers.osm import layers as osm
from corridor.importers.osm.ask import check_server, sweep
from corridor.importers.osm.graphs import ROAD, WALK, add_graph, check_graphs, enter_graph, outline_of
from corridor.importers.osm.land import drawn, read_tag_classes
from corridor.importers.osm.layers import add_osm
from corridor.importers.osm.query import Query, parse_tags
from corridor.network.roads import RoadGraph
from corridor.schema.catalog import Catalog, sha256
from corridor.study.folder import init
from tests.conftest import Cli
from tests.osm_server import Town, as_xml, serving, town

BOX = (114.01, 22.43, 114.05, 22.47)
HERE = "--bbox 114.01,22.43,114.05,22.47"
# Half-kilometre streets: 0.005 degrees of longitude at 22.44 N are 514 m, of latitude 556 m on OSMnx's sphere.
EAST_KM, NORTH_KM = 0.5139, 0.5560


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Town]]:
    for name in asking.PROXIES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("time.sleep", lambda _: None)  # OSMnx waits a second before it asks Nominatim
    # looked up four times a query, a tenth of a second each; 114.0 to 114.05 E lie in zone 50
    monkeypatch.setattr("geopandas.array.GeometryArray.estimate_utm_crs", lambda *_: CRS(32650))
    with serving() as handler:
        monkeypatch.setattr(osmnx.settings, "overpass_url", f"{handler.address}/api")
        monkeypatch.setattr(osmnx.settings, "nominatim_url", f"{handler.address}/")
        yield handler


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    init(tmp_path / "mine")
    return tmp_path / "mine"


@pytest.fixture
def xml(tmp_path: Path) -> Path:
    path = tmp_path / "town.osm"
    path.write_text(as_xml(town()), encoding="utf-8")
    return path


@pytest.fixture
def outline(tmp_path: Path) -> Path:
    """The town's box in two halves, in metres of the Hong Kong grid."""
    halves = [shapely.box(114.01, 22.43, 114.03, 22.47), shapely.box(114.03, 22.43, 114.05, 22.47)]
    path = tmp_path / "outline.gpkg"
    gpd.GeoDataFrame(geometry=halves, crs=4326).to_crs(2326).to_file(path)
    return path


def sha256_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def entry(study: Path, entry_id: str) -> dict[str, Any]:
    return next(
        e for e in yaml.safe_load((study / "catalog.yaml").read_text())["layers"] if e["id"] == entry_id
    )


# --- graphs -----------------------------------------------------------------------------------------


def by_source(name: str, tmp_path: Path, xml: Path, outline: Path) -> Query:
    if name == "graphml":
        osmnx.save_graphml(osmnx.graph_from_xml(xml, bidirectional=True), tmp_path / "g.graphml")
        return Query(graphml=tmp_path / "g.graphml")
    return {
        "place": Query(place="Town"),
        "bbox": Query(bbox=BOX),
        "polygon": Query(outline=outline_of(outline)),
        "xml": Query(xml=xml),
    }[name]


@pytest.mark.parametrize("name", ["place", "bbox", "polygon", "xml", "graphml"])
def test_streets_to_walk_on_from_every_source(
    name: str, server: type[Town], tmp_path: Path, xml: Path, outline: Path
) -> None:
    """Two streets of two halves to the east, three of one to the north: 4 x 513.9 + 3 x 556.0 = 3,724 m. The motorway
    and the private drive are no streets to walk on. A GraphML file is taken as it is, with its motorway (left out, and
    counted) and its drive of 2 x 513.8 m."""
    added = add_graph(by_source(name, tmp_path, xml, outline), tmp_path, WALK)
    drive = 2 * EAST_KM if name == "graphml" else 0.0
    assert f"{4 * EAST_KM + 3 * NORTH_KM + drive:.1f} km of street" in str(added)
    kept = yaml.safe_load(added.entry)[0]
    assert kept["role"] == "walk_graph" and kept["licence"] == "ODbL 1.0"
    asked = {"place": '--place "Town"', "bbox": HERE, "polygon": "--polygon outline.gpkg (sha256 "}
    assert asked.get(name, f"--{name} ") in kept["source"]
    if name in asked:
        assert f"network type 'walk', {server.address}/api asked on " in kept["notes"]
        assert "data of 2026-11-20T06:00:00Z" in kept["notes"]
        assert kept["date"] == "2026-11-20"
        assert [r.startswith("/search") for r in server.requests] == ([True] if name == "place" else []) + [
            False
        ]


@pytest.mark.parametrize("name", ["place", "bbox", "polygon", "xml"])
def test_roads_to_drive_on_from_every_source(
    name: str, server: type[Town], tmp_path: Path, xml: Path, outline: Path
) -> None:
    """Driven both ways: North Street (2 edges of 514 m), west (556) and east (556); one way: South Street and the
    motorway (1,028 m). The footway and the drive are no roads, so the middle of each street is no crossing: North
    Street, west and east are 1 edge each way between nodes 1, 4, 6, 3. OSMnx keeps a crossing only where roads meet:
    4 and 6 are bends and go, so 1 to 3 over the north is one road of 556 + 1,028 + 556 = 2,140 m, there and back."""
    added = add_graph(by_source(name, tmp_path, xml, outline), tmp_path, ROAD)
    roads = added.streets
    assert isinstance(roads, RoadGraph)
    assert roads.km == pytest.approx(2 * (2 * NORTH_KM + 2 * EAST_KM) + 2 * EAST_KM + 2 * EAST_KM, abs=0.01)
    # 1-3 and 3-1 over the north, 1-3 by South Street (which has a way back too), 3-7: one edge of four has none.
    assert (roads.read_nodes, roads.read_edges) == (3, 4)
    assert roads.one_way_share == 0.25
    assert roads.joined_share == pytest.approx(2 / 3)
    said = yaml.safe_load(added.entry)[0]
    assert said["role"] == "road_graph" and said["title"]["en"] == "Roads to drive on"
    assert said["built_by"].startswith(f"corridor layers add road --{name} ")


def test_the_detour_by_road_is_that_of_the_streets() -> None:
    """Corners of a square of 2 km (0.01946 x 0.01806 degrees), roads along three sides: neighbours along a road 1.0,
    the ends of the missing side 3.0, across the square (4 km over 2.83) 1.414. Of six pairs, each there and back, three
    are 1.0, two 1.414, one 3.0: the median of 1, 1, 1, 1.41, 1.41, 3 is 1.21; the 90 % point between the last two
    (0.9 x 11 = 9.9 of twelve, sorted) is at 3.0 less a tenth of 1.586: 2.84."""
    corners = {0: (114.0, 22.5), 1: (114.01946, 22.5), 2: (114.01946, 22.51806), 3: (114.0, 22.51806)}
    graph = nx.MultiDiGraph(crs="epsg:4326")
    for node, (x, y) in corners.items():
        graph.add_node(node, x=x, y=y)
    for u, v in ((0, 1), (1, 2), (2, 3)):
        graph.add_edge(u, v, length=2_000.0)
        graph.add_edge(v, u, length=2_000.0)
    roads = RoadGraph.from_graph(graph)
    assert (roads.pairs, roads.one_way_share, roads.joined_share) == (12, 0.0, 1.0)
    assert roads.detour_median == pytest.approx((1 + 2**0.5) / 2, abs=0.005)
    assert roads.detour_p90 == pytest.approx(3.0 - 0.1 * (3 - 2**0.5), abs=0.01)
    graph.add_edge(3, 0, length=2_000.0, highway=["footway", "steps"])  # would close the square
    again = RoadGraph.from_graph(graph)
    assert (again.pairs, again.not_driven, again.read_edges) == (12, 1, 7)
    assert again.detour_median == roads.detour_median
    assert "1 edges of footways and the like left out" in str(again)
    with pytest.raises(LayerError, match="has no road; expected roads to drive on"):
        RoadGraph.from_graph(nx.MultiDiGraph(graph.edge_subgraph([(3, 0, 0)])))


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"highway": "motorway"}, True),
        ({"highway": "residential"}, True),
        ({"highway": "footway"}, False),
        ({"highway": "service"}, False),
        ({"highway": "residential", "service": "alley"}, False),
        ({"highway": "residential", "motor_vehicle": "no"}, False),
        ({"highway": "residential", "motorcar": "no"}, False),
        ({"highway": "residential", "access": "private"}, False),
        ({"highway": "residential", "area": "yes"}, False),
        ({"railway": "rail"}, False),
    ],
)
def test_roads_of_a_file_are_chosen_as_osmnx_chooses_them(tags: dict[str, str], expected: bool) -> None:
    assert ROAD.used(tags) is expected


def test_a_broken_graph_entered_by_hand_is_found(tmp_path: Path, xml: Path) -> None:
    """As `layers check` finds it: an edge without its length."""
    added = add_graph(Query(xml=xml), tmp_path, ROAD)
    (tmp_path / "catalog.yaml").write_text(added.entry)
    assert check_graphs(Catalog.open(tmp_path / "catalog.yaml")) == []
    text = added.path.read_text(encoding="utf-8")
    key = re.findall(
        r'for="edge" attr.name="length"[^>]*id="(\w+)"|id="(\w+)" for="edge" attr.name="length"', text
    )
    name = next(k for k in key[0] if k)
    added.path.write_text(text.replace(f'<data key="{name}">', '<data key="nothing">', 1), encoding="utf-8")
    (tmp_path / "catalog.yaml").write_text(added.entry.replace(sha256_of(text), sha256(added.path)))
    (problem,) = check_graphs(Catalog.open(tmp_path / "catalog.yaml"))
    assert problem.where.startswith("road_graph.graphml")


# --- features ---------------------------------------------------------------------------------------


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


@pytest.mark.parametrize("text", ["", "=x", "a=", "a'b=c", 'a="c', "a=b\\", "a=b\n"])
def test_tags_that_are_none(text: str) -> None:
    with pytest.raises(CorridorError, match="expected key=value, or key for any value"):
        parse_tags([text])


def test_tags_are_gathered_by_key() -> None:
    assert parse_tags(["a=b", "a=c", "a=b", "d", "e=*", "e=f", "g=h", "g"]) == {
        "a": ["b", "c"], "d": True, "e": True, "g": True,
    }  # fmt: skip


# --- what is kept -----------------------------------------------------------------------------------


def test_asked_once_and_without_a_network_the_second_time(
    cli: Cli, server: type[Town], mine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = ["--bbox", "114.01,22.43,114.05,22.47"]
    here = set(Path.cwd().iterdir())
    lookup, cache = socket.getaddrinfo, osmnx.settings.cache_folder
    first = cli("--study", mine, "layers", "add", "walk", *box)
    assert first.exit_code == 0 and "asking 127.0.0.1 (1)" in first.output, first.output
    assert (socket.getaddrinfo, osmnx.settings.cache_folder) == (lookup, cache)
    assert set(Path.cwd().iterdir()) == here, "OSMnx's own cache would be in the working directory"
    (folder,) = (tmp_path / "cache" / "corridor" / "osmnx").iterdir()
    assert len(list(folder.glob("*.json"))) == 1
    init(tmp_path / "other")
    monkeypatch.setattr(asking, "probe", lambda *_: pytest.fail("asked again"))
    second = cli("--study", tmp_path / "other", "layers", "add", "walk", *box)
    assert second.exit_code == 0 and len(server.requests) == 1
    assert (
        f"{HERE}: no network used, answers of 20" in second.output and "(--again asks anew)" in second.output
    )
    assert entry(mine, "walk_graph")["notes"] == entry(tmp_path / "other", "walk_graph")["notes"]


def test_again_asks_anew_and_another_kind_is_another_question(server: type[Town], tmp_path: Path) -> None:
    for number, query in enumerate((Query(bbox=BOX), Query(bbox=BOX), Query(bbox=BOX, again=True))):
        room = tmp_path / str(number)
        room.mkdir()
        add_graph(query, room, WALK)
    assert len(server.requests) == 2
    add_graph(Query(bbox=BOX), tmp_path, ROAD)
    assert len(server.requests) == 3


def test_what_a_killed_run_left_half_written_is_asked_for_again(server: type[Town], tmp_path: Path) -> None:
    add_graph(Query(bbox=BOX), tmp_path, WALK)
    (kept,) = (tmp_path / "cache" / "corridor" / "osmnx").rglob("*.json")
    kept.write_text(kept.read_text(encoding="utf-8")[:200])
    (tmp_path / "b").mkdir()
    add_graph(Query(bbox=BOX), tmp_path / "b", WALK)
    assert len(server.requests) == 2
    assert json.loads(kept.read_text(encoding="utf-8"))["elements"]


def test_a_cache_that_cannot_be_written_is_done_without(
    server: type[Town], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: list[str]
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    add_graph(Query(bbox=BOX), tmp_path, WALK)
    assert any("cannot be written: the answers are not kept" in text for text in said)


def test_a_server_of_ones_own(server: type[Town], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(osmnx.settings, "overpass_url", "https://nowhere.invalid/api")
    own = f"{server.address}/api/interpreter"
    added = add_graph(Query(bbox=BOX, overpass=own), tmp_path, WALK)
    assert f"{server.address}/api asked on" in added.entry
    assert osmnx.settings.overpass_url == "https://nowhere.invalid/api"


@pytest.mark.parametrize(
    "url", ["ftp://x/api", "overpass-api.de", "https://", "https://me:word@x/api", "http://x/?q"]
)
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(CorridorError) as caught:
        check_server(url)
    assert str(caught.value) == (
        f"- --overpass: {url!r}; expected an address such as https://overpass-api.de/api; correct it"
    )


# --- bad answers ------------------------------------------------------------------------------------

LATER = "try again later, take a smaller area, or name another server with --overpass"
JSON = f"expected OpenStreetMap data as JSON; {LATER}"
ERROR = (
    "runtime error: open64: 0 Success /osm3s_osm_base Dispatcher_Client::request_read_and_idx::timeout. "
    "The server is probably too busy."
)
BUSY = (
    "expected a free server; try again later (what has come is kept), take a smaller area, or name another "
    "server with --overpass"
)
NOTHING = "expected streets or features of this kind; check the place or the box, or take a larger one"
MOODS = {
    "429": f"127.0.0.1 is busy (429 Too Many Requests, 3 tries); {BUSY}",
    "504": f"127.0.0.1 is busy (504 Gateway Timeout, 3 tries); {BUSY}",
    "400": f"127.0.0.1 answers 400 Bad Request: {ERROR}; {JSON}",
    "502": f"127.0.0.1 answers 502 Bad Gateway: {ERROR}; {JSON}",
    "remark": '127.0.0.1 broke off: runtime error: Query timed out in "query" at line 1 after 180 seconds.; '
    "expected a whole answer; take a smaller area or fewer tags, or try again later",
    "html": f"127.0.0.1 gave an answer that is not JSON: {ERROR}; {JSON}",
    "cut": f"127.0.0.1 gave an answer that is not JSON; {JSON}",
    "short": f"127.0.0.1 broke off: the answer is cut short; {JSON}",
    "strange": f"127.0.0.1 gave JSON without elements; {JSON}",
    "number": f"127.0.0.1 gave JSON without elements; {JSON}",
    "hang up": f"127.0.0.1 hung up without an answer; {JSON}",
    "slow": f"127.0.0.1 did not answer within 0.2 s; {JSON}",
    "drip": "took over 0 min; expected 0 min for a query; take a smaller area, or run it again: what has come whole is kept",
}


@pytest.mark.parametrize(
    ("mood", "kind"),
    [
        *((mood, "features") for mood in (*MOODS, "empty", "odd")),
        *((mood, "graph") for mood in ("504", "remark", "empty")),
    ],
)
def test_a_bad_answer_is_told_and_changes_nothing(
    mood: str, kind: str, server: type[Town], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each plainly, in seconds, with nothing entered and nothing kept; then a good answer is taken."""
    server.moods = [mood]
    if mood == "slow":
        monkeypatch.setattr(asking, "ANSWER_S", 0.2)
    if mood == "drip":
        monkeypatch.setattr(asking, "WHOLE_S", 0.1)
    room = tmp_path / "room"
    room.mkdir()

    def work() -> object:
        if kind == "graph":
            return add_graph(Query(bbox=BOX), room, WALK)
        return osm.features(Query(bbox=BOX), osm.TRACK_TAGS)

    with pytest.raises(CorridorError) as caught:
        work()
    if mood in MOODS:
        assert str(caught.value) == f"- {HERE}: {MOODS[mood]}"
    else:
        assert str(caught.value).startswith(f"- {HERE}: OpenStreetMap gave nothing to use (")
        assert str(caught.value).endswith(NOTHING)
    assert contents(room) == {}
    assert list((tmp_path / "cache").rglob("*.json")) == []
    monkeypatch.setattr(asking, "ANSWER_S", 180)
    monkeypatch.setattr(asking, "WHOLE_S", 60.0)
    server.moods = [""]
    work()


def test_a_busy_server_is_asked_again_when_it_says_it_is_free(
    server: type[Town], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: list[str]
) -> None:
    """429, then an answer. Its status page says 60 s, which is more than our own first pause of 15."""
    pauses: list[float] = []
    monkeypatch.setattr("time.sleep", pauses.append)
    server.moods = ["429", ""]
    original = asking.slot_s
    monkeypatch.setattr(asking, "slot_s", lambda url: original(url) or 60.0)
    add_graph(Query(bbox=BOX), tmp_path, WALK)
    assert "127.0.0.1 is busy (429 Too Many Requests); asking again in 60 s" in said
    assert 60.0 in pauses


def test_the_status_page_is_read(server: type[Town]) -> None:
    assert asking.slot_s(f"{server.address}/api") == 0.0
    server.moods = ["429"]
    assert asking.slot_s(f"{server.address}/api") == 60.0
    assert asking.slot_s("http://127.0.0.1:9/api") == 0.0


def test_an_answer_that_is_too_large_is_not_read_to_its_end(
    server: type[Town], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "ANSWER_MB", 0.001)
    with pytest.raises(CorridorError) as caught:
        add_graph(Query(bbox=BOX), tmp_path, WALK)
    assert "the answer has more than 0 MB" in str(caught.value)
    assert "take a smaller area, or fewer tags" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Nowhere", "Nominatim geocoder returned 0 results for query 'Nowhere'."),
        ("Point", "Nominatim did not geocode query 'Point' to a geometry of type (Multi)Polygon."),
    ],
)
def test_a_place_without_an_area(name: str, message: str, server: type[Town], tmp_path: Path) -> None:
    with pytest.raises(LayerError) as caught:
        add_graph(Query(place=name), tmp_path, WALK)
    assert (
        str(caught.value) == f'- --place "{name}": OpenStreetMap gave nothing to use ({message}); {NOTHING}'
    )


@pytest.mark.parametrize("query", [Query(bbox=BOX), Query(place="x")])
def test_without_a_network_a_plain_message(
    query: Query, tmp_path: Path, mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}/"
    for name in asking.PROXIES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(osmnx.settings, "overpass_url", address)
    monkeypatch.setattr(osmnx.settings, "nominatim_url", address)
    monkeypatch.setattr("time.sleep", lambda _: None)
    before = contents(mine)
    works: tuple[Callable[[], object], ...] = (
        lambda: enter_graph(mine, query),
        lambda: add_osm(mine, "land-use", query, {}),
    )
    for work in works:
        with pytest.raises(CorridorError) as caught:
            work()
        assert str(caught.value) == (
            f"- {query}: OpenStreetMap's servers cannot be reached (127.0.0.1: Connection refused); expected a network; "
            "nothing was changed; give an OSM file with --xml, or for streets a saved graph with --graphml"
        )
    assert contents(mine) == before


# --- guards -----------------------------------------------------------------------------------------


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


def test_sweep_takes_only_answers(tmp_path: Path) -> None:
    (tmp_path / "good.json").write_text("{}")
    (tmp_path / "bad.json").write_text("{")
    (tmp_path / "other.txt").write_text("{")
    sweep(tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["good.json", "other.txt"]
    sweep(tmp_path, everything=True)
    assert [p.name for p in tmp_path.iterdir()] == ["other.txt"]


def test_a_saved_graph_from_the_command_line_goes_into_the_study(
    cli: Cli, mine: Path, tmp_path: Path, xml: Path
) -> None:
    done = cli("--study", mine, "layers", "add", "road", "--xml", xml)
    assert done.exit_code == 0 and "one-way" in done.output, done.output
    again = cli("--study", mine, "layers", "add", "road", "--xml", xml)
    assert again.exit_code == 1 and "use 'corridor layers replace road_graph FILE" in again.output
    shutil.copy(mine / entry(mine, "road_graph")["path"], tmp_path / "g.graphml")
    other = cli("--study", mine, "layers", "replace", "road_graph", tmp_path / "g.graphml")
    assert other.exit_code == 0 and "takes the place of 'road_graph'" in other.output, other.output
