"""Files of others: what is in them makes the program read or write nothing elsewhere, and ask no host.

Each trap leads to a file outside of the study that says SENTINEL, or to a server on loopback that notes what it is asked.
"""

from __future__ import annotations

import gzip
import json
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from corridor.core.containment import inside, leads_out
from corridor.core.errors import CorridorError, LayerError, ScenarioError
from corridor.drawing.written import read
from corridor.importers.downloads.fetch import Source, fetch
from corridor.importers.entry.enter import study_catalog
from corridor.importers.gtfs.read import Findings, read_feed
from corridor.network.streets import check_xml
from corridor.study.study import Study
from tests.conftest import Cli, contents
from tests.core.conftest import SENTINEL, Elsewhere, entry
from tests.gtfs_factory import SMALL, zipped


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
