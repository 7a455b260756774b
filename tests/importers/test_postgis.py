"""PostGIS by URL, against a real server that the test starts; without one the pure parts only."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from corridor.core.errors import CorridorError, GeometryError, LayerError
from corridor.importers.vectors.postgis import is_url, read_postgis, without_password
from corridor.schema.catalog import Catalog
from corridor.study.folder import init
from tests.conftest import Cli

SQL = """
CREATE EXTENSION postgis;
CREATE TABLE clinics (clinic_no int, name_en text, name_zh_hant text, since date, geom geometry(Point, 2326));
INSERT INTO clinics VALUES (7, 'Known point', '三角網測站', '2022-01-01', ST_SetSRID(ST_MakePoint(836694.05, 819069.8), 2326));
INSERT INTO clinics VALUES (8, 'No place', NULL, NULL, NULL);
CREATE TABLE bare (id int);
CREATE TABLE two (id int, a geometry, b geometry);
"""


def programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    for path in found:
        version = path.parent.parent.name
        if Path(f"/usr/share/postgresql/{version}/extension/postgis.control").is_file():
            return path.parent
    return None


def test_a_url_is_told_from_a_file() -> None:
    assert is_url("postgresql://host/db") and is_url("postgres://host/db")
    assert not is_url("stations.gpkg") and not is_url("C:/maps/stations.gpkg")


def test_a_password_is_never_shown() -> None:
    assert without_password("postgresql://me:secret@host:5433/db?x=1") == "postgresql://host:5433/db"


@pytest.mark.parametrize(
    ("table", "query", "what"),
    [("", "", "neither --table nor --query"), ("a", "SELECT 1", "both --table and --query")],
)
def test_a_table_or_a_query(table: str, query: str, what: str) -> None:
    with pytest.raises(CorridorError) as caught:
        read_postgis("postgresql://me:secret@host/db", table, query)
    assert str(caught.value) == (
        f"- postgresql://host/db: {what}; expected one of the two; for example --table public.stations"
    )


def test_without_the_driver_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "psycopg", None)
    with pytest.raises(CorridorError) as caught:
        read_postgis("postgresql://host/db", "clinics")
    assert str(caught.value) == (
        "- postgresql://host/db: PostGIS needs the package psycopg; expected it to be installed; "
        "pip install 'corridor[postgis]', or export the table to GeoPackage"
    )


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a database with PostGIS on a port of its own, gone when the tests are."""
    pytest.importorskip("psycopg", reason="psycopg is not installed (pip install 'corridor[postgis]')")
    binaries = programs()
    if binaries is None:
        pytest.skip("PostgreSQL with PostGIS is not installed (apt install postgresql postgresql-postgis)")
    as_root = os.geteuid() == 0
    if as_root and not shutil.which("runuser"):
        pytest.skip("the server does not run as root, and there is no runuser")
    home = Path(
        subprocess.run(
            ["mktemp", "-d", "/tmp/pg-XXXXXX"], capture_output=True, text=True, check=True
        ).stdout.strip()
    )
    before: list[str] = []
    if as_root:
        shutil.chown(home, "postgres", "postgres")
        before = ["runuser", "-u", "postgres", "--"]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def run(*command: str, text: str | None = None) -> None:
        subprocess.run([*before, *command], check=True, capture_output=True, input=text, text=True, cwd=home)

    data = str(home / "data")
    run(
        str(binaries / "initdb"),
        "-D",
        data,
        "-A",
        "trust",
        "-U",
        "me",
        "--no-sync",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
    )
    options = f"-p {port} -c listen_addresses=127.0.0.1 -k {home} -c fsync=off"
    run(str(binaries / "pg_ctl"), "-D", data, "-l", str(home / "log"), "-w", "-o", options, "start")
    try:
        run(
            str(binaries / "psql"),
            "-h",
            "127.0.0.1",
            "-p",
            str(port),
            "-U",
            "me",
            "-q",
            "-v",
            "ON_ERROR_STOP=1",
            "postgres",
            text=SQL,
        )
        yield f"postgresql://me@127.0.0.1:{port}/postgres"
    finally:
        run(str(binaries / "pg_ctl"), "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(home, ignore_errors=True)


def test_a_table_becomes_a_layer(server: str, cli: Cli, tmp_path: Path) -> None:
    init(tmp_path / "mine")
    said = cli(
        "--study", tmp_path / "mine", "layers", "add", "vector", server, "--table", "public.clinics",
        "--role", "facilities", "--map", "clinic_no=facility_id", "--set", "kind=clinic",
    )  # fmt: skip
    assert said.exit_code == 0, said.output
    assert "1 of 2 features without geometry left out" in said.output
    assert "converted from Hong Kong 1980 Grid System to WGS84" in said.output
    catalog = Catalog.open(tmp_path / "mine" / "catalog.yaml")
    row = catalog.table("facilities").set_index("facility_id").loc["7"]
    # the known point of the Hong Kong 1980 Grid
    assert (row["lon"], row["lat"]) == pytest.approx((114.18101, 22.31060), abs=1e-5)
    assert row["name_zh_hant"] == "三角網測站" and row["region"] == "hk"
    entry = next(e for e in catalog.entries if e.id == "my_facilities")
    assert "me@" not in entry.source and entry.source.startswith("own database postgresql://127.0.0.1")


def test_a_query_narrows(server: str) -> None:
    found = read_postgis(server, query="SELECT name_en, since, geom FROM clinics WHERE clinic_no = 7;")
    assert list(found.frame["name_en"]) == ["Known point"] and found.frame.crs.to_epsg() == 2326
    assert list(found.frame["since"]) == ["2022-01-01"]


def test_nothing_can_be_written(server: str) -> None:
    with pytest.raises(LayerError, match="the database refuses it"):
        read_postgis(server, query="SELECT 1; DROP TABLE clinics")
    assert len(read_postgis(server, "clinics").frame) == 2


@pytest.mark.parametrize(
    ("table", "count"), [("bare", "0 geometry columns"), ("two", r"2 geometry columns \(a, b\)")]
)
def test_one_geometry_column(server: str, table: str, count: str) -> None:
    with pytest.raises(GeometryError, match=count):
        read_postgis(server, table)


def test_a_table_that_is_not_there(server: str) -> None:
    with pytest.raises(LayerError) as caught:
        read_postgis(server, "none")
    shown = without_password(server)
    assert str(caught.value) == (
        f'- {shown}: the database refuses it (relation "none" does not exist); '
        "expected a table or SELECT it can read; correct it"
    )


def test_a_server_that_does_not_answer() -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(CorridorError, match=r"postgresql://127.0.0.1:9/db: the database cannot be reached"):
        read_postgis("postgresql://me:secret@127.0.0.1:9/db", "clinics")
