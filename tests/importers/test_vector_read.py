"""Vector files read: every format, what is no map file, and limits of size."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from corridor.core.errors import GeometryError, LayerError
from corridor.importers.entry.files import Limits, check_zip
from corridor.importers.vectors.layer import to_wgs84
from corridor.importers.vectors.read import read_vector
from tests.importers.vector_files import csv, points, saved


def test_geoparquet(tmp_path: Path) -> None:
    path = tmp_path / "clinics.parquet"
    points().to_parquet(path)
    assert list(read_vector(path).frame["name_en"]) == ["North", "South"]


@pytest.mark.parametrize(
    ("text", "error", "says"),
    [
        ("name,a\nx,1\n", GeometryError,
         "- clinics.csv: has no position (columns name, a); expected columns lon and lat, x and y, or wkt; "
         "name them so, or with --map theirs=lon --map theirs=lat"),
        ("lon,lat\n114.1,north\n114.1,22\n", GeometryError,
         "- clinics.csv row 2: lat is 'north'; expected a number; correct it"),
        ("wkt\nPOINT (114.1 22.4)\nPOINT (1\n", GeometryError,
         "- clinics.csv row 3: wkt is 'POINT (1'; expected WKT, e.g. POINT (114.1 22.5); correct it"),
        ('lon,lat\n114.1,"22°28\'30"\n', GeometryError, "write decimal degrees, such as 114.1835"),
        ('x,y\n"836,694.05",819069.8\n', GeometryError,
         "- clinics.csv row 2: x is '836,694.05'; expected a number; write 836694.05, without commas"),
        ("x,y\n50Q 208465,2491000\n", GeometryError,
         "- clinics.csv row 2: x is '50Q 208465'; expected a number; write 208465 alone; the zone belongs to the coordinate "
         "system (--crs)"),
        ("lon,lat\n1,2,3\n", LayerError, "- clinics.csv: cannot be read as CSV"),
    ],
)  # fmt: skip
def test_a_csv_says_which_row(tmp_path: Path, text: str, error: type[Exception], says: str) -> None:
    with pytest.raises(error) as caught:
        read_vector(csv(text)(tmp_path))
    assert str(caught.value).startswith(says) or says in str(caught.value)


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("a.kmz", b"x", "- a.kmz: does not begin as a .kmz file does"),
        ("a.dwg", b"x", "- a.dwg: has the ending '.dwg'; expected one of .gpkg, .shp"),
        ("a.gpkg", b"not a database", "- a.gpkg: does not begin as a .gpkg file does"),
        ("a.geojson", b'<OGRVRTDataSource><SrcDataSource>/etc/passwd', "- a.geojson: does not begin as a .geojson file does"),
        ("a.geojson", b'{"type": "FeatureCollection", "features": [', "- a.geojson: cannot be read"),
        ("a.geojson", b'{"a":' + b"[" * 5_000 + b"]" * 5_000 + b"}",
         "- a.geojson: is nested 5,001 levels deep; expected at most 64"),
        ("a.gpkg", b"SQLite format 3\x00" + b"\x00" * 200, "- a.gpkg: cannot be read"),
        ("a.csv", b"", "- a.csv: is empty"),
        ("a.zip", b"PK\x03\x04 broken", "- a.zip: cannot be opened"),
    ],
)  # fmt: skip
def test_what_is_no_map_file(tmp_path: Path, name: str, data: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(LayerError) as caught:
        read_vector(tmp_path / name)
    assert str(caught.value).startswith(says)


@pytest.mark.parametrize(
    "name", ["/vsicurl/http://127.0.0.1:9/a.gpkg", "http://127.0.0.1:9/a.geojson", "none.gpkg"]
)
def test_only_files_of_this_computer_are_opened(name: str) -> None:
    with pytest.raises(LayerError, match="is no file; expected a file of this computer"):
        read_vector(Path(name))


def test_sizes_have_limits_and_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: list[str]
) -> None:
    path = saved("clinics.geojson", "GeoJSON")(tmp_path)

    def limit(**most: int) -> None:
        monkeypatch.setattr("corridor.importers.entry.files.LIMITS", Limits(**most))

    limit(text_bytes=10)
    with pytest.raises(LayerError, match="clinics.geojson: is 0 MB; expected at most 0 MB; cut it"):
        read_vector(path)
    limit(features=1)
    with pytest.raises(LayerError, match="has more than 1 features"):
        read_vector(path)
    limit(vertices=1)
    with pytest.raises(LayerError, match="has 2 corners; expected at most 1"):
        to_wgs84(read_vector(path), "", None)
    limit(told_bytes=10)
    read_vector(path)
    assert said == ["reading clinics.geojson (0 MB), about 0.0 GB of memory"]


def test_an_archive_is_looked_at_before_it_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.shp", b"\0" * 3_000_000)
        archive.writestr("../b.shp", b"")
        link = zipfile.ZipInfo("c.shp")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(LayerError) as caught:
        check_zip(path)
    text = str(caught.value)
    assert "times when unpacked; expected at most 200; pack the map files alone" in text
    assert "holds '../b.shp'; expected names inside the archive" in text
    assert "holds a link 'c.shp'; expected plain files" in text
    monkeypatch.setattr("corridor.importers.entry.files.LIMITS", Limits(unzipped_bytes=1_000_000))
    with pytest.raises(LayerError, match="unpacks to 3 MB; expected at most 1 MB"):
        check_zip(path)
    monkeypatch.undo()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "x")
    with pytest.raises(LayerError, match=r"holds 0 map files; expected one .shp with its parts"):
        read_vector(path)


def test_one_layer_of_several_is_named(tmp_path: Path) -> None:
    path = tmp_path / "two.gpkg"
    for layer in ("a", "b"):
        points().to_file(path, layer=layer, driver="GPKG")
    with pytest.raises(LayerError, match="has 2 layers; expected one; say which with --layer: a, b"):
        read_vector(path)
    assert len(read_vector(path, "b").frame) == 2
    with pytest.raises(LayerError, match="has no layer 'c'; expected one of a, b"):
        read_vector(path, "c")
