"""Maps and rasters of others: each is opened by the reader of its kind, and none leads elsewhere.

Each trap leads to a file outside of the study that says SENTINEL, or to a server on loopback that notes what it is asked.
"""

from __future__ import annotations

import json
import re
import sqlite3
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin

from corridor.core.containment import map_source, raster_at
from corridor.core.errors import CorridorError, LayerError
from corridor.importers.rasters.head import opened
from corridor.importers.vectors.read import read_vector
from corridor.schema.catalog import Catalog
from tests.conftest import Cli, contents
from tests.core.conftest import BOX, SENTINEL, Elsewhere, entry, features
from tests.paths import ROOT

PACKAGE = ROOT / "corridor"


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
    with pytest.raises(LayerError, match="a.gpkg: has '!', ';' or '\\?' in its path"):
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
    with pytest.raises(LayerError, match=r"has a mask beside it \(a\.tif\.msk\)"), opened(path, BOX):
        pass
    path.with_name("a.tif.msk").unlink()
    with opened(path, BOX) as (found, _):
        assert found.read(1).sum() == 64
    assert Catalog.open(entry(mine, "layers/a.tif", "habitat", "raster")).raster_path("habitat") == path


def test_what_lies_beside_a_raster_is_no_link_to_elsewhere(mine: Path, elsewhere: Elsewhere) -> None:
    raster(mine / "layers" / "a.tif")
    (mine / "layers" / "a.tif.aux.xml").symlink_to(elsewhere.table)
    with pytest.raises(CorridorError, match=r"'layers/a.tif.aux.xml' leaves the folder by a link"):
        Catalog.open(entry(mine, "layers/a.tif", "habitat", "raster")).raster_path("habitat")
