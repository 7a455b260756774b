"""Files of others: what stands in them makes the program read or write nothing elsewhere, and ask no host.

Each trap leads to a file outside of the study that says SENTINEL, or to a server on loopback that notes what it is asked.
"""

from __future__ import annotations

import gzip
import json
import re
import sqlite3
import threading
import warnings
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin

from corridor.core.containment import inside, leads_out, map_source, raster_at
from corridor.core.errors import CorridorError, LayerError, ScenarioError
from corridor.drawing.written import read
from corridor.importers.downloads.fetch import Source, fetch
from corridor.importers.entry.enter import study_catalog
from corridor.importers.gtfs.findings import Findings
from corridor.importers.gtfs.read import read_feed
from corridor.importers.rasters.head import opened
from corridor.importers.vectors.read import read_vector
from corridor.network.streets import check_xml
from corridor.schema.catalog import Catalog
from corridor.study.folder import init
from corridor.study.study import Study
from tests.conftest import Cli, contents
from tests.gtfs_factory import SMALL, zipped
from tests.paths import ROOT

SENTINEL = "SENTINEL"
PACKAGE = ROOT / "corridor"
BOX = (113.7, 22.1, 114.5, 22.9)


@dataclass
class Elsewhere:
    """Files outside of the study, and a host that should never be asked."""

    folder: Path
    address: str
    asked: list[str] = field(default_factory=list)

    @property
    def map(self) -> Path:
        return self.folder / "secret.geojson"

    @property
    def table(self) -> Path:
        return self.folder / "secret.csv"


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Elsewhere]:
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        do_HEAD = do_GET  # noqa: N815 - the name that the server calls

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    there = Elsewhere(tmp_path / "elsewhere", f"http://127.0.0.1:{server.server_port}", asked)
    there.folder.mkdir()
    there.map.write_text(json.dumps(features({"name": SENTINEL})))
    there.table.write_text(f"a,b\n{SENTINEL},1\n")
    with contents(there.folder):
        yield there
    assert asked == []
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    init(tmp_path / "mine")
    return tmp_path / "mine"


def features(properties: dict[str, str], **more: object) -> dict[str, object]:
    point = {"type": "Point", "coordinates": [114.1, 22.5]}
    found = [{"type": "Feature", "properties": properties, "geometry": point}]
    return {"type": "FeatureCollection", **more, "features": found}


def entry(mine: Path, path: str, role: str = "designations", kind: str = "vector") -> Path:
    """The study's catalogue with one layer more."""
    said = {"id": role, "role": role, "title": {"en": "x"}, "kind": kind, "path": path, "date": "2026", "source": "x",
            "licence": "x", "attribution": "x"}  # fmt: skip
    catalog = mine / "catalog.yaml"
    catalog.write_text("extends: shipped\nlayers:\n- " + json.dumps(said) + "\n", encoding="utf-8")
    return catalog


# --- paths


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/etc/passwd", "leaves the folder"),
        ("../elsewhere/secret.geojson", "leaves the folder"),
        ("layers/../../elsewhere/secret.geojson", "leaves the folder"),
        ("layers/link/secret.geojson", "leaves the folder by a link"),
        ("layers/file.geojson", "leaves the folder by a link"),
        ("layers/circle", "cannot be followed"),
        ("/vsicurl/{url}/a.gpkg", "is no path with '/' between its parts"),
        ("/vsizip/layers/a.zip/a.geojson", "leaves the folder"),
        ("/vsis3/bucket/a.tif", "leaves the folder"),
        ("{url}/a.geojson", "is no path with '/' between its parts"),
        ("zip+{url}/a.zip!a.shp", "is no path with '/' between its parts"),
        ("file:///etc/passwd", "is no path with '/' between its parts"),
        ("PG:host=127.0.0.1 dbname=x password=y", "is no path with '/' between its parts"),
        ("WFS:{url}", "is no path with '/' between its parts"),
        ("GTIFF_DIR:1:layers/a.tif", "is no path with '/' between its parts"),
        ("<VRTDataset/>", "is no path with '/' between its parts"),
        ("<OGRVRTDataSource/>", "is no path with '/' between its parts"),
        ("C:/Windows/win.ini", "is no path with '/' between its parts"),
        ("\\\\127.0.0.1\\share\\a.tif", "is no path with '/' between its parts"),
        ("layers\\a.tif", "is no path with '/' between its parts"),
        ("layers/a\tb.tif", "is no name of a file"),
        ("layers/a\u202eb.tif", "is no name of a file"),
        ("layers/" + "a" * 300, "is no name of a file"),
        ("", "is no name of a file"),
    ],
)
def test_a_path_in_a_catalogue_stays_in_its_folder(
    cli: Cli, mine: Path, elsewhere: Elsewhere, path: str, why: str
) -> None:
    (mine / "layers" / "link").symlink_to(elsewhere.folder)
    (mine / "layers" / "file.geojson").symlink_to(elsewhere.map)
    (mine / "layers" / "circle").symlink_to(mine / "layers" / "circle")
    entry(mine, path.replace("{url}", elsewhere.address))
    done = cli("--study", mine, "layers", "list")
    assert done.exit_code == 1 and done.output.startswith("CatalogError:\n- catalog.yaml:")
    assert f" {why}; expected a path inside the catalogue's folder" in done.output
    assert SENTINEL not in done.output


def test_byte_nought_is_no_letter_of_a_path(mine: Path) -> None:
    assert leads_out(mine, "layers/a\0b") == "is no name of a file"
    with pytest.raises(CorridorError, match="is no name of a file; expected a path inside this folder"):
        inside(mine, "layers/a\0b")


def test_a_link_inside_the_study_is_followed(mine: Path) -> None:
    (mine / "layers" / "a.geojson").write_text("{}")
    (mine / "layers" / "b.geojson").symlink_to(mine / "layers" / "a.geojson")
    assert inside(mine, "layers/b.geojson").read_text() == "{}"


def _catalog(mine: Path, there: Path) -> None:
    (mine / "catalog.yaml").rename(there / "catalog.yaml")
    (mine / "catalog.yaml").symlink_to(there / "catalog.yaml")


def _scenarios(mine: Path, there: Path) -> None:
    (mine / "scenarios").rename(there / "scenarios")
    (mine / "scenarios").symlink_to(there / "scenarios")


def _scenario(mine: Path, there: Path) -> None:
    (mine / "scenarios" / "own.yaml").symlink_to(there / "secret.csv")


@pytest.mark.parametrize("moved", [_catalog, _scenarios, _scenario])
def test_no_part_of_a_study_is_a_link_to_elsewhere(
    mine: Path, tmp_path: Path, moved: Callable[[Path, Path], None]
) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "secret.csv").write_text(SENTINEL)
    moved(mine, tmp_path / "there")
    with pytest.raises(CorridorError, match="leaves the folder by a link; expected a path inside") as caught:
        Study.open(mine)
    assert SENTINEL not in str(caught.value)
    if moved is _catalog:
        with pytest.raises(CorridorError, match="leaves the folder by a link"):
            study_catalog(mine, "layers")


def test_a_new_scenario_is_not_written_through_a_link(cli: Cli, mine: Path, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    _scenarios(mine, tmp_path / "there")
    done = cli("--study", mine, "scenarios", "new", "own")
    assert done.exit_code == 1 and "leaves the folder by a link" in done.output
    assert not (tmp_path / "there" / "scenarios" / "own.yaml").exists()


@pytest.mark.parametrize("name", ["../../evil", "a/b", "CON.yaml", "a" * 300, "", "a\0b"])
def test_a_new_scenario_has_a_plain_name(cli: Cli, mine: Path, name: str) -> None:
    with contents(mine.parent):
        done = cli("--study", mine, "scenarios", "new", name)
    assert done.exit_code == 1 and "expected " in done.output


@pytest.mark.parametrize("extends", ["../elsewhere/own", "/etc/passwd", "linked"])
def test_a_scenario_extends_what_lies_beside_it(cli: Cli, tmp_path: Path, extends: str) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "own.yaml").write_text(SENTINEL)
    given = tmp_path / "given"
    given.mkdir()
    (given / "linked.yaml").symlink_to(tmp_path / "elsewhere" / "own.yaml")
    (given / "mine.yaml").write_text(
        f"id: mine\ntitle: {{en: x}}\nquestion: {{en: x}}\nextends: {extends}\n", encoding="utf-8"
    )
    done = cli("scenarios", "validate", given / "mine.yaml")
    assert done.exit_code == 1 and SENTINEL not in done.output
    assert ("leaves the folder by a link" if extends == "linked" else "extends") in done.output


@pytest.mark.parametrize("lever", ["../elsewhere/own", "linked"])
def test_a_lever_lies_beside_its_scenario(tmp_path: Path, lever: str) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "own.yaml").write_text(SENTINEL)
    given = tmp_path / "given"
    given.mkdir()
    (given / "linked.yaml").symlink_to(tmp_path / "elsewhere" / "own.yaml")
    (given / "mine.yaml").write_text("id: mine\ntitle: {en: x}\nquestion: {en: x}\nextends: committed-2030\n")
    library = Study.bundled().library
    library.add_file(given / "mine.yaml")
    with pytest.raises(ScenarioError, match=r"Unknown scenario|leaves the folder by a link") as caught:
        library.resolve(f"mine+{lever}")
    assert SENTINEL not in str(caught.value)


# --- maps


def _vrt(source: object) -> bytes:
    return (
        f'<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource>{source}</SrcDataSource></OGRVRTLayer>'
        "</OGRVRTDataSource>"
    ).encode()


def _database(folder: Path, made: str) -> bytes:
    """A GeoPackage with a table whose making is written into its list of tables by hand."""
    path = folder / "made.gpkg"
    points = gpd.GeoDataFrame({"name": ["x"]}, geometry=[shapely.Point(114.1, 22.5)], crs=4326)
    points.to_file(path, layer="base", driver="GPKG")
    base = sqlite3.connect(path)
    base.execute("PRAGMA writable_schema = ON")
    base.execute("INSERT INTO sqlite_master VALUES ('table', 'secret', 'secret', 0, ?)", (made,))
    base.execute(
        "INSERT INTO gpkg_contents SELECT 'secret', 'attributes', 'secret', '', last_change, NULL, NULL, NULL, NULL, 4326 "
        "FROM gpkg_contents"
    )
    base.commit()
    base.close()
    data = path.read_bytes()
    path.unlink()
    return data


def _zip(name: str, data: bytes, before: bytes = b"") -> Callable[[Path], bytes]:
    def packed(folder: Path) -> bytes:
        with zipfile.ZipFile(folder / "packed", "w") as archive:
            archive.writestr(name, data)
        return before + (folder / "packed").read_bytes()

    return packed


def _crs(text: str) -> bytes:
    return json.dumps(features({"name": "x"}, crs=0)).replace('"crs": 0', text).encode()


Made = Callable[[Elsewhere], bytes]
TRAPS: dict[str, tuple[str, Made, str]] = {
    "OGR VRT": ("a.geojson", lambda e: _vrt(e.map), r"begins as no \.geojson file|not begin as a \.geojson file"),
    "OGR VRT after a brace": ("a.geojson", lambda e: b"{ " + _vrt(e.map), "cannot be read"),
    "OGR VRT of an address": ("a.json", lambda e: b"{ " + _vrt(f"/vsicurl/{e.address}/x"), "a quote or comment that JSON"),
    "OGR VRT in the head of FlatGeobuf": ("a.fgb", lambda e: b"fgb\x03fgb\x01    " + _vrt(e.map), "head of over 16 MB"),
    "OGR VRT after the mark of a database": ("a.gpkg", lambda e: b"SQLite format 3 " + _vrt(e.map), "begin"),
    "WFS in the head of FlatGeobuf": (
        "a.fgb",
        lambda e: b"fgb\x03fgb\x01    <OGRWFSDataSource>" + f"<URL>{e.address}</URL></OGRWFSDataSource>".encode(),
        "head of over 16 MB",
    ),
    "GDAL command": (
        "a.geojson",
        lambda e: json.dumps({"type": "gdal_streamed_alg", "command_line": f"gdal vector pipeline ! read {e.map}"}).encode(),
        "cannot be read",
    ),
    "GDAL command of an address": (
        "a.gdalg.json",
        lambda e: json.dumps({"type": "gdal_streamed_alg", "command_line": f"gdal vector pipeline ! read {e.address}/x.gpkg"}).encode(),
        "cannot be read",
    ),
    "TopoJSON": ("a.json", lambda _: b'{"type":"Topology","objects":{},"arcs":[]}', "cannot be read"),
    "ESRI JSON of a service": (
        "a.json",
        lambda e: json.dumps({"geometryType": "esriGeometryPoint", "exceededTransferLimit": True, "features": [], "url": e.address}).encode(),
        "cannot be read",
    ),
    "a crs that is a link": (
        "a.geojson",
        lambda e: _crs(f'"crs": {{"type": "link", "properties": {{"href": "{e.address}/crs"}}}}'),
        "states its coordinate system by a crs of type 'link'; expected one of type 'name'",
    ),
    "a crs that is an address": (
        "a.geojson",
        lambda e: _crs(f'"CRS" : {{"type": "URL", "properties": {{"url": "{e.address}/crs"}}}}'),
        "crs of type 'URL'",
    ),
    "a crs written with escapes": (
        "a.geojson",
        lambda e: _crs(f'"\\u0063rs": {{"t\\u0079pe": "LINK", "properties": {{"url": "{e.address}/crs"}}}}'),
        "crs of type 'LINK'",
    ),
    "a crs longer than any": (
        "a.geojson",
        lambda e: _crs(f'"crs": {{"x": "{"x" * 5_000}", "type": "link", "properties": {{"url": "{e.address}/crs"}}}}'),
        "crs of type 'of no known form'",
    ),
    "a crs in single quotes": (
        "a.geojson",
        lambda e: _crs(f"'crs': {{'type': 'link', 'properties': {{'url': '{e.address}/crs'}}}}"),
        "a quote or comment that JSON does not have",
    ),
    "a crs behind a comment": (
        "a.geojson",
        lambda e: _crs(f'"crs" /**/ : {{"type": "link", "properties": {{"url": "{e.address}/crs"}}}}'),
        "a quote or comment that JSON does not have",
    ),
    "a table of a text file": (
        "a.gpkg",
        lambda e: _database(e.folder.parent, f"CREATE VIRTUAL TABLE secret USING VirtualText('{e.table}', 'UTF-8', 1, COMMA)"),
        "holds the virtual table 'secret', which may read other files",
    ),
    "a table of GeoJSON": (
        "a.gpkg",
        lambda e: _database(e.folder.parent, f"create/**/virtual table secret using VirtualGeoJSON('{e.map}')"),
        "holds the virtual table 'secret'",
    ),
    "a table that names an index": (
        "a.gpkg",
        lambda e: _database(e.folder.parent, f"CREATE VIRTUAL TABLE secret USING \"VirtualText\"('{e.table}', 'using rtree(')"),
        "holds the virtual table 'secret'",
    ),
    "GML with an entity": (
        "a.gml",
        lambda e: f'<!DOCTYPE a [<!ENTITY x SYSTEM "file://{e.map}">]><a>&x;</a>'.encode(),
        r"begins as no \.gml file|has the ending",
    ),
    "KML with a link": (
        "a.kml",
        lambda e: f"<kml><NetworkLink><Link><href>{e.address}/a</href></Link></NetworkLink></kml>".encode(),
        r"begins as no \.kml file|has nothing drawn in it",
    ),
    "an archive behind a brace": (
        "a.zip",
        lambda e: _zip("m.geojson", _vrt(e.map), b'{"type":"FeatureCollection"}      ')(e.folder.parent),
        r"begins as no \.zip file|does not begin as a \.zip file",
    ),
}  # fmt: skip


@pytest.mark.parametrize("trap", TRAPS)
def test_a_map_in_a_catalogue_is_opened_by_the_reader_of_its_kind(
    mine: Path, elsewhere: Elsewhere, trap: str
) -> None:
    name, made, says = TRAPS[trap]
    (mine / "layers" / name).write_bytes(made(elsewhere))
    catalog = Catalog.open(entry(mine, f"layers/{name}"))
    with pytest.raises(LayerError, match=says) as caught:
        catalog.vector("designations")
    assert f"layers/{name}: " in str(caught.value) and SENTINEL not in str(caught.value)
    assert catalog._read_named("designations", "name") in (None, frozenset())


@pytest.mark.parametrize("trap", TRAPS)
def test_a_map_of_ones_own_is_opened_by_the_reader_of_its_kind(
    cli: Cli, mine: Path, tmp_path: Path, elsewhere: Elsewhere, trap: str
) -> None:
    name, made, says = TRAPS[trap]
    (tmp_path / name).write_bytes(made(elsewhere))
    with contents(mine):
        done = cli("--study", mine, "layers", "add", "vector", tmp_path / name, "--role", "other")
    assert done.exit_code == 1 and name in done.output and SENTINEL not in done.output
    with pytest.raises(LayerError, match=says):
        read_vector(tmp_path / name, "secret" if name.endswith(".gpkg") else "")


@pytest.mark.parametrize(
    "trap", [t for t, (name, *_) in TRAPS.items() if name.endswith((".geojson", ".gpkg", ".fgb"))]
)
def test_a_map_in_an_archive_is_opened_by_the_reader_of_its_kind(
    tmp_path: Path, elsewhere: Elsewhere, trap: str
) -> None:  # fmt: skip
    name, made, says = TRAPS[trap]
    with zipfile.ZipFile(tmp_path / "given.zip", "w") as archive:
        archive.writestr(f"in/{name}", made(elsewhere))
    with pytest.raises(LayerError, match=says):
        read_vector(tmp_path / "given.zip", "secret" if name.endswith(".gpkg") else "")


def test_an_ogr_vrt_in_a_text_of_geojson_is_a_text(tmp_path: Path, elsewhere: Elsewhere) -> None:
    path = tmp_path / "a.geojson"
    path.write_text(
        json.dumps({"x": _vrt(elsewhere.map).decode().replace('"', "'"), **features({"name": "own"})})
    )
    assert read_vector(path).frame["name"].tolist() == ["own"]


OPENED = re.compile(r"(?:rasterio\.open|gpd\.read_file|pyogrio\.(?:read_\w+|list_layers))\(\s*([\w.]+)")


def test_every_map_and_raster_goes_through_the_one_door() -> None:
    """A new call that hands GDAL a path of its own fails here."""
    found = {
        (path.relative_to(PACKAGE).as_posix(), given)
        for path in PACKAGE.rglob("*.py")
        for given in OPENED.findall(path.read_text(encoding="utf-8"))
        if given not in ("map_source", "self._package")
    }
    assert found == {
        ("core/containment.py", "path.resolve"),  # raster_at
        ("schema/catalog.py", "source"),  # of map_source
        ("importers/vectors/read.py", "path"),  # of map_source, in _read_gdal
    }


def test_bare_gdal_would_follow_the_trap(tmp_path: Path, elsewhere: Elsewhere) -> None:
    """The tests above can fail: the same file, given to GDAL as it is, brings what stands elsewhere."""
    path = tmp_path / "a.geojson"
    path.write_bytes(b"{ " + _vrt(elsewhere.map))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert SENTINEL in str(pyogrio.read_dataframe(path).to_dict())


@pytest.mark.parametrize("sign", "!;?")
def test_a_sign_at_which_a_path_would_be_cut(tmp_path: Path, sign: str) -> None:
    """pyogrio opens what stands after '!', or before ';' and '?', instead of the file that was looked at."""
    folder = tmp_path / f"x{sign}"
    folder.mkdir()
    points = gpd.GeoDataFrame({"name": ["x"]}, geometry=[shapely.Point(114.1, 22.5)], crs=4326)
    points.to_file(tmp_path / "a.gpkg", driver="GPKG")
    (tmp_path / "a.gpkg").rename(folder / "a.gpkg")
    with pytest.raises(LayerError, match="a.gpkg: lies under a name with '!', ';' or '?'"):
        map_source(folder / "a.gpkg", "a.gpkg")
    (folder / "a.geojson").write_text(json.dumps(features({"name": "x"})))
    assert len(pyogrio.read_dataframe(map_source(folder / "a.geojson", "a.geojson"))) == 1


def test_plain_maps_are_still_read(tmp_path: Path, elsewhere: Elsewhere) -> None:
    """A database with its index and views, and GeoJSON that names its system and holds addresses, quotes and escapes."""
    points = gpd.GeoDataFrame({"name": ["it's"]}, geometry=[shapely.Point(114.1, 22.5)], crs=4326)
    points.to_file(tmp_path / "a.gpkg", driver="GPKG", layer="a")
    with sqlite3.connect(tmp_path / "a.gpkg") as base:
        assert base.execute("SELECT count(*) FROM sqlite_master WHERE sql LIKE '%virtual%'").fetchone() == (
            1,
        )
        base.execute("CREATE VIEW v AS SELECT * FROM a")
    name = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    text = json.dumps(features({"name": "it's", "url": f"{elsewhere.address}/x", "街": '\\ "'}, crs=name))
    (tmp_path / "b.geojson").write_text(text)
    for file in ("a.gpkg", "b.geojson"):
        assert read_vector(tmp_path / file).frame["name"].tolist() == ["it's"]


def test_a_part_of_a_shapefile_is_no_link_to_elsewhere(mine: Path, elsewhere: Elsewhere) -> None:
    points = gpd.GeoDataFrame({"name": [SENTINEL]}, geometry=[shapely.Point(114.1, 22.5)], crs=4326)
    points.to_file(mine / "layers" / "a.shp")
    (mine / "layers" / "a.dbf").rename(mine.parent / "away.dbf")
    (mine / "layers" / "a.dbf").symlink_to(mine.parent / "away.dbf")
    catalog = Catalog.open(entry(mine, "layers/a.shp"))
    with pytest.raises(CorridorError, match=r"'layers/a.dbf' leaves the folder by a link"):
        catalog.vector("designations")


# --- rasters


def raster(path: Path) -> Path:
    place = from_origin(114.0, 22.6, 0.01, 0.01)
    with rasterio.open(path, "w", driver="GTiff", width=8, height=8, count=1, dtype="uint8", nodata=0, crs="EPSG:4326", transform=place) as out:  # fmt: skip
        out.write(np.ones((1, 8, 8), "uint8"))
    return path


def _raster_vrt(source: object) -> str:
    band = f'<VRTRasterBand dataType="Byte" band="1"><SimpleSource><SourceFilename>{source}</SourceFilename></SimpleSource></VRTRasterBand>'
    return f'<VRTDataset rasterXSize="8" rasterYSize="8">{band}</VRTDataset>'


@pytest.mark.parametrize("text", ["{vrt of file}", "{vrt of address}", "II*\0 {vrt of address}"])
def test_a_raster_is_opened_as_geotiff_alone(mine: Path, elsewhere: Elsewhere, text: str) -> None:
    raster(elsewhere.folder.parent / "away.tif")
    text = text.replace("{vrt of file}", _raster_vrt(elsewhere.folder.parent / "away.tif"))
    text = text.replace("{vrt of address}", _raster_vrt(f"/vsicurl/{elsewhere.address}/x.tif"))
    path = mine / "layers" / "a.tif"
    path.write_text(text)
    catalog = Catalog.open(entry(mine, "layers/a.tif", "habitat", "raster"))
    with pytest.raises(LayerError, match=r"layers/a.tif: cannot be read \(.*; expected a whole GeoTIFF"):
        catalog.raster_path("habitat")
    with pytest.raises(LayerError, match=r"a.tif: (does not begin|cannot be read)"), opened(path, BOX):
        pass


def test_what_lies_beside_a_raster_is_not_looked_at(mine: Path, elsewhere: Elsewhere) -> None:
    path = raster(mine / "layers" / "a.tif")
    overview = f'<Metadata domain="OVERVIEWS"><MDI key="OVERVIEW_FILE">/vsicurl/{elsewhere.address}/o.tif</MDI></Metadata>'
    path.with_name("a.tif.aux.xml").write_text(f"<PAMDataset>{overview}</PAMDataset>")
    for beside in ("a.tif.ovr", "a.tif.msk", "a.ovr"):
        path.with_name(beside).write_text(_raster_vrt(f"/vsicurl/{elsewhere.address}/x.tif"))
    with raster_at(path) as found:
        assert found.read(1).sum() == 64 and found.read(1, masked=True).sum() == 64
        assert found.read(1, out_shape=(2, 2)).sum() == 4 and found.overviews(1) == []
    with opened(path, BOX) as (found, _):
        assert found.read(1).sum() == 64
    assert Catalog.open(entry(mine, "layers/a.tif", "habitat", "raster")).raster_path("habitat") == path


def test_what_lies_beside_a_raster_is_no_link_to_elsewhere(mine: Path, elsewhere: Elsewhere) -> None:
    raster(mine / "layers" / "a.tif")
    (mine / "layers" / "a.tif.aux.xml").symlink_to(elsewhere.table)
    with pytest.raises(CorridorError, match=r"'layers/a.tif.aux.xml' leaves the folder by a link"):
        Catalog.open(entry(mine, "layers/a.tif", "habitat", "raster")).raster_path("habitat")


# --- XML, feeds, downloads, output


LAUGHS = '<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y SYSTEM "file:///etc/passwd">]><osm>&x;&y;</osm>'


@pytest.mark.parametrize(
    "data",
    [
        LAUGHS.encode(),
        ("<?xml version='1.0'?>" + " " * 200_000 + LAUGHS).encode(),
        ("<?xml version='1.0'?><!--" + "x" * 200_000 + "-->" + LAUGHS).encode(),
        LAUGHS.encode("utf-16"),
    ],
    ids=["at once", "after blanks", "after a comment", "in UTF-16"],
)
def test_entities_are_refused_wherever_they_are_declared(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.osm").write_bytes(data)
    with pytest.raises(LayerError, match="a.osm: declares a document type; expected plain OSM XML"):
        check_xml(tmp_path / "a.osm", 10, "OSM XML")


def test_packed_xml_is_not_unpacked(tmp_path: Path) -> None:
    (tmp_path / "a.graphml.gz").write_bytes(gzip.compress(LAUGHS.encode()))
    with pytest.raises(LayerError, match=r"a.graphml.gz: cannot be read as GraphML \("):
        check_xml(tmp_path / "a.graphml.gz", 10, "GraphML")
    (tmp_path / "a.osm").write_text("<?xml version='1.0'?><osm><node/></osm><!DOCTYPE late>")
    check_xml(tmp_path / "a.osm", 10, "OSM XML")  # what comes after the root is no declaration


def test_a_table_of_a_feed_is_no_link_to_elsewhere(tmp_path: Path, elsewhere: Elsewhere) -> None:
    feed = tmp_path / "feed"
    feed.mkdir()
    for name, text in SMALL.items():
        (feed / name).write_text(text)
    read_feed(feed, Findings())
    (feed / "stops.txt").unlink()
    (feed / "stops.txt").symlink_to(elsewhere.table)
    with pytest.raises(CorridorError, match=r"'stops.txt' leaves the folder by a link"):
        read_feed(feed, Findings())


def test_nothing_of_a_feed_is_unpacked_to_disk(tmp_path: Path, elsewhere: Elsewhere) -> None:
    link = zipfile.ZipInfo("agency.txt")
    link.external_attr = 0o120777 << 16
    path = zipped(
        {**SMALL, "../../evil.txt": "x", "/evil.txt": "x", "../shapes.txt": "x"}, tmp_path / "feed.zip"
    )
    with warnings.catch_warnings(), zipfile.ZipFile(path, "a") as archive:
        warnings.simplefilter("ignore")  # a name twice
        archive.writestr(link, str(elsewhere.table))
    with contents(tmp_path):
        feed = read_feed(path, Findings())
    assert len(feed["stops"]) == 5 and SENTINEL not in str(feed["agency"].to_dict())


@pytest.mark.parametrize(
    "wish", [("--id", "../evil"), ("--id", "a/b"), ("--id", "CON"), ("--out", "../evil"), ("--out", "/evil")]
)
def test_a_feed_is_written_into_the_study_alone(cli: Cli, mine: Path, tmp_path: Path, wish: tuple[str, str]) -> None:  # fmt: skip
    path = zipped(SMALL, tmp_path / "feed.zip")
    with contents(tmp_path):
        done = cli("--study", mine, "layers", "add", "gtfs", path, *wish)
    assert done.exit_code == 1 and f"{wish[0]}: " in done.output


@pytest.mark.parametrize("name", ["map.tif"])
def test_a_download_is_not_written_through_a_link(mine: Path, elsewhere: Elsewhere, name: str) -> None:
    (mine / "downloads").mkdir()
    (mine / "downloads" / name).symlink_to(elsewhere.table)
    source = Source("map", "A map", f"{elsewhere.address}/map.tif", "", (), "CC0", "nobody", 1.0, "", "", "A")
    with pytest.raises(CorridorError, match=f"'downloads/{name}' leaves the folder by a link"):
        fetch(mine, source)


@pytest.mark.parametrize("command", [("compare",), ("run", "committed-2030"), ("review", "metro-2030")])
def test_output_of_no_stated_place_is_not_written_through_a_link(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "there").mkdir()
    (tmp_path / "here" / "maps").symlink_to(tmp_path / "there")
    monkeypatch.chdir(tmp_path / "here")
    done = cli(*command)
    assert done.exit_code == 1 and "leaves the folder by a link; expected a path inside" in done.output
    assert list((tmp_path / "there").iterdir()) == []


def _result(folder: Path, scenario: str) -> Path:
    folder.mkdir()
    said = {"title": {"en": "x"}, "counterfactual": False}
    (folder / "scores.json").write_text(
        json.dumps({"reference": scenario, "scenarios": {scenario: said}, "criteria": {}})
    )
    (folder / "results.csv").write_text(f"scenario,criterion,value,low,high\n{scenario},x,1,1,1\n")
    (folder / "results.gpkg").write_bytes(b"")
    return folder  # fmt: skip


@pytest.mark.parametrize("scenario", ["../../evil", "a/b", "C:evil", "CON.png", "a" * 300])
def test_the_names_in_a_result_name_no_file_elsewhere(tmp_path: Path, scenario: str) -> None:
    with pytest.raises(LayerError, match="results.csv: has the scenario .* expected ids of small letters"):
        _ = read(_result(tmp_path / "result", scenario)).compared


def test_a_result_without_its_columns_is_named(tmp_path: Path) -> None:
    folder = _result(tmp_path / "result", "own")
    (folder / "results.csv").write_text("scenario,criterion,value\nown,x,1\n")
    with pytest.raises(LayerError, match="results.csv: has no column low, high"):
        _ = read(folder).compared


@pytest.mark.parametrize("name", ["results.gpkg", "scores.json", "results.csv"])
def test_no_file_of_a_result_is_a_link_to_elsewhere(tmp_path: Path, elsewhere: Elsewhere, name: str) -> None:
    folder = _result(tmp_path / "result", "own")
    (folder / name).unlink()
    (folder / name).symlink_to(elsewhere.table)
    with pytest.raises(CorridorError, match=f"'{name}' leaves the folder by a link"):
        read(folder)


def test_figures_are_not_drawn_through_a_link(cli: Cli, tmp_path: Path, elsewhere: Elsewhere) -> None:
    folder = _result(tmp_path / "result", "own")
    (folder / "figures").symlink_to(elsewhere.folder)
    done = cli("map", folder)
    assert done.exit_code == 1 and "'figures' leaves the folder by a link" in done.output
