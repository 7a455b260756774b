"""A line drawn by hand: the files of KML, KMZ, GPX and DXF, and the worked example of the docs run as it is."""

from __future__ import annotations

import re
import shlex
import zipfile
from pathlib import Path

import pytest
import shapely

from corridor.core.crs import project_xy
from corridor.core.errors import GeometryError, LayerError, ScenarioError
from corridor.ecology.works.profile import work_from_spec
from corridor.importers.entry.options import Options
from corridor.importers.vectors.layer import vector_layer
from corridor.importers.vectors.read import read_vector
from corridor.schema.catalog import Catalog
from corridor.schema.line import LineSpec
from corridor.study.study import Study
from tests.conftest import Cli

PAGE = Path(__file__).parents[2] / "docs" / "draw_a_line.md"
COURSE = [(113.97, 22.39), (113.98, 22.38), (114.0, 22.375)]
XY = " ".join(f"{lon},{lat},0" for lon, lat in COURSE)
KML = (
    '<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2" xmlns:gx="http://www.google.com/kml/ext/2.2">'
    "<Document><Folder><name>Plans</name>{}</Folder></Document></kml>"
)
LINE = f"<Placemark><name>Bay Link</name><LineString><coordinates>{XY}</coordinates></LineString></Placemark>"
PIN = "<Placemark><name>Start</name><Point><coordinates>113.97,22.39</coordinates></Point></Placemark>"


def saved(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def dxf(*lines: list[tuple[float, float]], layer: str = "TRACK") -> str:
    """A drawing of polylines as the format's reference has it: pairs of a code and a value, a line each."""
    body = "0\nSECTION\n2\nENTITIES\n"
    for line in lines:
        body += f"0\nLWPOLYLINE\n8\n{layer}\n100\nAcDbEntity\n100\nAcDbPolyline\n90\n{len(line)}\n70\n0\n"
        body += "".join(f"10\n{x}\n20\n{y}\n" for x, y in line)
    return body + "0\nTEXT\n8\nNOTES\n10\n830000\n20\n825000\n40\n5\n1\nTuen Mun\n0\nENDSEC\n0\nEOF\n"


def as_grid(course: list[tuple[float, float]]) -> list[tuple[float, float]]:
    x, y = project_xy([p[0] for p in course], [p[1] for p in course], 4326, 2326)
    return list(zip(x.tolist(), y.tolist(), strict=True))


def kmz(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "a.kmz", "w") as archive:
        archive.writestr("doc.kml", KML.format(LINE))
        archive.writestr("files/other.kml", KML.format(PIN))
    return folder / "a.kmz"


def gpx(body: str) -> str:
    return f'<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1">{body}</gpx>'


def points(name: str, course: list[tuple[float, float]]) -> str:
    return "".join(f'<{name} lon="{lon}" lat="{lat}"><ele>9</ele></{name}>' for lon, lat in course)


SEGMENTS = f"<trk><name>Bay Link</name><trkseg>{points('trkpt', COURSE[:2])}</trkseg><trkseg>{points('trkpt', COURSE[1:])}</trkseg></trk>"
FILES = {
    "kml": lambda folder: saved(folder, "a.kml", KML.format(PIN + LINE)),
    "kml with a gx:Track": lambda folder: saved(folder, "a.kml", KML.format(
        "<Placemark><name>Bay Link</name><gx:Track>"
        + "".join(f"<gx:coord>{lon} {lat} 0</gx:coord>" for lon, lat in COURSE)
        + "</gx:Track></Placemark>")),
    "kmz": kmz,
    "gpx track": lambda folder: saved(folder, "a.gpx", gpx(points("wpt", COURSE[:1]) + SEGMENTS)),
    "gpx route": lambda folder: saved(folder, "a.gpx", gpx(f"<rte><name>Bay Link</name>{points('rtept', COURSE)}</rte>")),
    "dxf": lambda folder: saved(folder, "a.dxf", dxf(as_grid(COURSE))),
    "dxf in pieces": lambda folder: saved(folder, "a.dxf", dxf(as_grid(COURSE[:2]), as_grid(COURSE[1:]))),
}  # fmt: skip


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog.bundled()


@pytest.mark.parametrize("kind", FILES)
def test_a_drawn_line_is_one_line_whatever_drew_it(kind: str, tmp_path: Path, catalog: Catalog) -> None:
    cad = kind.startswith("dxf")
    options = Options(crs="EPSG:2326" if cad else "", constants={"line_id": "bay-link"} if cad else {})
    layer = vector_layer(FILES[kind](tmp_path), "alignments", catalog, options)
    (tmp_path / "out.geojson").write_bytes(layer.data)
    frame = read_vector(tmp_path / "out.geojson").frame
    assert list(frame["line_id"]) == ["bay-link"] and list(frame["confidence"]) == ["M"]
    assert shapely.equals_exact(frame.geometry.iloc[0], shapely.LineString(COURSE), tolerance=2e-7)
    pins = [note for note in layer.notes if "points left out" in note]
    assert bool(pins) == (kind in ("kml", "gpx track") or cad)


def test_a_drawing_is_asked_for_its_layer_and_its_system(tmp_path: Path) -> None:
    path = saved(tmp_path, "a.dxf", dxf(as_grid(COURSE)))
    assert set(read_vector(path, "TRACK").frame.geom_type) == {"LineString"}
    assert read_vector(path).frame.crs is None
    with pytest.raises(
        LayerError, match="has no layer 'TRACKS'; expected one of NOTES, TRACK; did you mean 'TRACK'"
    ):
        read_vector(path, "TRACKS")


def test_lines_join_those_of_the_study_and_replace_those_of_their_id(
    tmp_path: Path, catalog: Catalog
) -> None:
    path = saved(tmp_path, "a.kml", KML.format(LINE.replace("Bay Link", "hswrl")))
    before = catalog.vector("alignments")
    layer = vector_layer(path, "alignments", catalog, Options(), joins=True)
    (tmp_path / "out.geojson").write_bytes(layer.data)
    after = read_vector(tmp_path / "out.geojson").frame
    assert sorted(after["line_id"]) == sorted(before["line_id"])
    assert after.set_index("line_id").geometry["hswrl"].equals_exact(shapely.LineString(COURSE), 2e-7)


@pytest.mark.parametrize(
    ("name", "text", "error", "says"),
    [
        (
            "a.kml",
            "<OGRVRTDataSource/>",
            LayerError,
            "cannot be read (its outermost element is OGRVRTDataSource)",
        ),
        ("a.kml", '<!DOCTYPE x [<!ENTITY a "b">]><kml/>', LayerError, "declares a document type"),
        ("a.kml", KML.format(""), GeometryError, "has nothing drawn in it"),
        ("a.kml", KML.format(LINE)[:-9], LayerError, "cannot be read"),
        ("a.gpx", "<kml/>", LayerError, "its outermost element is kml"),
        (
            "a.dxf",
            "AutoCAD Binary DXF",
            LayerError,
            "is a binary DXF; expected a drawing as text (DXF, ASCII)",
        ),
        ("a.dxf", "999\n<OGRVRTDataSource/>\n0\nSECTION\n", LayerError, "does not begin as a DXF file does"),
    ],
)
def test_what_is_no_drawing(tmp_path: Path, name: str, text: str, error: type[Exception], says: str) -> None:
    with pytest.raises(error) as caught:
        read_vector(saved(tmp_path, name, text))
    assert says in str(caught.value)


def test_links_of_a_kml_are_left_out_and_counted(tmp_path: Path) -> None:
    link = "<NetworkLink><Link><href>http://127.0.0.1:9/a.kml</href></Link></NetworkLink>"
    found = read_vector(saved(tmp_path, "a.kml", KML.format(link + LINE)))
    assert len(found.frame) == 1 and found.notes == ("1 links, overlays and models left out",)


def test_nested_shapes_and_data_of_a_kml_are_read(tmp_path: Path) -> None:
    ring = "<Polygon><outerBoundaryIs><LinearRing><coordinates>{0},22.4 {1},22.4 {1},22.5 {0},22.4</coordinates></LinearRing></outerBoundaryIs></Polygon>"
    text = (
        "<Placemark><name>Bass</name><ExtendedData><SchemaData><SimpleData name='kind'>ward</SimpleData></SchemaData></ExtendedData>"
        f"<MultiGeometry><MultiGeometry>{ring.format(114, 114.1)}</MultiGeometry>{ring.format(114.2, 114.3)}</MultiGeometry></Placemark>"
    )
    (row,) = read_vector(saved(tmp_path, "a.kml", KML.format(text))).frame.to_dict("records")
    assert (row["name"], row["kind"], row["folder"]) == ("Bass", "ward", "Plans")
    assert row["geometry"].geom_type == "MultiPolygon" and row["geometry"].area == pytest.approx(
        2 * 0.1 * 0.1 / 2
    )


def test_pieces_that_do_not_meet_are_named(tmp_path: Path, catalog: Catalog) -> None:
    path = saved(tmp_path, "a.dxf", dxf(as_grid(COURSE[:2]), as_grid([(114.1, 22.4), (114.2, 22.4)])))
    options = Options(crs="EPSG:2326", constants={"line_id": "own"})
    with pytest.raises(GeometryError, match="line 'own' is in 2 pieces that do not meet end to end"):
        vector_layer(path, "alignments", catalog, options)


def test_the_worked_example_runs(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    page = PAGE.read_text(encoding="utf-8")
    commands = [line for block in re.findall(r"```sh\n(.*?)```", page, re.S) for line in block.splitlines()]
    files = dict(
        zip(
            ("text", "xml", "yaml"),
            ("stations.csv", "coast.kml", "mystudy/scenarios/coast-line.yaml"),
            strict=True,
        )
    )
    assert cli(*shlex.split(commands[0])[1:]).exit_code == 0
    for language, name in files.items():
        (text,) = re.findall(rf"```{language}\n(.*?)```", page, re.S)
        Path(name).write_text(text, encoding="utf-8")
    for command in commands[1:-1]:  # the comparison itself is run by tests of its own
        done = cli(*shlex.split(command)[1:])
        assert done.exit_code == 0, done.output
    study = Study.open(tmp_path / "mystudy")
    (work,) = (w for w in study.works("coast-line") if w.line_id == "coast-line")
    # from Tuen Mun to So Kwun Wat by the three bends: 0.868 + 1.094 + 1.066 + 1.048 km (102.9 km a degree east, 110.75 north)
    assert work.alignment.length == pytest.approx(4_076, abs=5)
    assert [part.structure for part in work.parts] == ["bored_tunnel", "viaduct"]


def test_a_course_drawn_backwards_is_named(catalog: Catalog) -> None:
    # chainages would run the wrong way, without a word: the tunnel would be where the viaduct is
    spec = LineSpec.model_validate(
        {
            "id": "own", "name": {"en": "Own"}, "status": "concept", "stops": ["a", "b"], "length_km": 3, "run_time_min": 4,
            "headway_min": {"peak": 4, "off_peak": 6}, "hours": ["06:00", "24:00"], "alignment": "own",
            "profile": [{"id": "all", "from": "a", "to": "b", "structure": "viaduct"}],
        }
    )  # fmt: skip
    ends = {"a": COURSE[0], "b": COURSE[-1]}
    xy = {name: tuple(float(v) for v in project_xy(*place)) for name, place in ends.items()}
    assert work_from_spec(spec, shapely.LineString(COURSE), xy, False).alignment.length > 0
    with pytest.raises(
        ScenarioError, match="line own: its alignment runs from 'b' to 'a'; .* reverse the alignment"
    ):
        work_from_spec(spec, shapely.LineString(COURSE[::-1]), xy, False)
