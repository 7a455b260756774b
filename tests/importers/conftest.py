"""A study of one's own, and the town that a server on loopback gives."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from corridor.study.folder import init
from tests.osm_server import Town, as_xml, serving, town


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Town]]:
    import osmnx  # half a second, for the tests that ask
    from pyproj import CRS

    from corridor.importers.osm import ask as asking

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
    import geopandas as gpd
    import shapely

    halves = [shapely.box(114.01, 22.43, 114.03, 22.47), shapely.box(114.03, 22.43, 114.05, 22.47)]
    path = tmp_path / "outline.gpkg"
    gpd.GeoDataFrame(geometry=halves, crs=4326).to_crs(2326).to_file(path)
    return path
