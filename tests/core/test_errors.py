"""Each class of error in a case of its own, with its full message: where, what, what was expected, what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from corridor.access.search.parameters import AccessParameters
from corridor.core.errors import (
    AssetError,
    CatalogError,
    CorridorError,
    CrsError,
    DuplicateIdError,
    GeometryError,
    LayerError,
    MissingColumnError,
    NetworkError,
    ParameterError,
    Problems,
    RequestError,
    ScenarioError,
    UnknownStationError,
    UnreachableError,
)
from corridor.importers.entry.files import check_file
from corridor.importers.osm.query import parse_bbox
from corridor.importers.vectors.layer import cleaned
from corridor.importers.vectors.read import Found, crs_of
from corridor.network.patterns import Call, Route, directions
from corridor.schema.catalog import Catalog, check_columns
from corridor.schema.catalog_entry import CatalogEntry
from corridor.schema.scenario import ScenarioLibrary
from corridor.schema.table_checks import RowChecks
from corridor.schema.tables import TABLES
from corridor.sketch.server import _mapping
from corridor.study.compare import check_parameters
from corridor.study.study import Study
from corridor.web.inline import asset

Case = Callable[[Study, Path], object]
CASES: dict[type[CorridorError], tuple[Case, str]] = {}


def case(kind: type[CorridorError], text: str) -> Callable[[Case], Case]:
    def note(what: Case) -> Case:
        CASES[kind] = what, text
        return what

    return note


def features(crs: int | None, shape: shapely.Geometry | None) -> Found:
    return Found("mine.geojson", gpd.GeoDataFrame({"a": [1]}, geometry=[shape], crs=crs))


@case(
    CorridorError,
    "- --bbox: 'x'; expected W,S,E,N in degrees; for example 113.99,22.51,114.05,22.56",
)
def a_box_that_is_none(study: Study, folder: Path) -> None:
    parse_bbox("x")


@case(
    ScenarioError,
    "- Unknown scenario 'western'. Did you mean 'western-2035'? Use one of western-2035.",
)
def a_scenario_nobody_wrote(study: Study, folder: Path) -> None:
    (folder / "western-2035.yaml").write_text("id: western-2035\n", encoding="utf-8")
    ScenarioLibrary([folder], {}).resolve("western")


@case(
    CatalogError,
    "- catalog.yaml: is not a list; expected a list of layer entries, or 'extends: shipped' with 'layers:'; "
    "start each with '- id:'",
)
def a_catalogue_that_is_a_word(study: Study, folder: Path) -> None:
    (folder / "catalog.yaml").write_text("layers\n", encoding="utf-8")
    Catalog.open(folder / "catalog.yaml")


@case(LayerError, "- empty.csv: is empty; expected a file with data; export it again")
def a_file_without_a_byte(study: Study, folder: Path) -> None:
    (folder / "empty.csv").touch()
    check_file(folder / "empty.csv")


@case(
    CrsError,
    "- mine.geojson: states no coordinate system; expected one; give it: --crs EPSG:2326 (Hong Kong 1980 Grid), "
    "EPSG:4490 or EPSG:4547 (CGCS2000), EPSG:32649 or EPSG:32650 (UTM), EPSG:4326 (WGS84 degrees)",
)
def a_map_without_a_system(study: Study, folder: Path) -> None:
    crs_of(features(None, shapely.Point(1, 2)), "")


@case(
    GeometryError,
    "- mine.geojson: has no feature with a geometry; expected at least one; export it with its geometry",
)
def a_map_without_shapes(study: Study, folder: Path) -> None:
    cleaned(features(4326, None), "other")


@case(
    MissingColumnError,
    "- a.csv: column 'name_en' is missing; expected columns threat_id, name_en; add it (there are: threat_id)",
)
def a_table_without_names(study: Study, folder: Path) -> None:
    entry = CatalogEntry.model_validate(
        {"id": "a", "role": "threats", "title": {"en": "A"}, "kind": "table", "path": "a.csv", "date": "2026",
         "source": "s", "licence": "l", "attribution": "a"}
    )  # fmt: skip
    declared = type(TABLES["threats"])(TABLES["threats"].columns[:2])
    check_columns(entry, declared, ["threat_id"]).raise_all()


@case(
    DuplicateIdError,
    "- row 1: threat_id 'light' occurs twice (first: row 0); expected each threat_id once; rename or remove one",
)
def an_id_twice(study: Study, folder: Path) -> None:
    frame = pd.DataFrame({"threat_id": ["light", "light"]})
    rows = RowChecks(frame, lambda row: f"row {row}")
    rows.check_key(TABLES["threats"])
    rows.faults.raise_all()


@case(
    NetworkError,
    "- hours: p1 has no row 'forward'; expected first and last departure; add it",
)
def a_pattern_without_hours(study: Study, folder: Path) -> None:
    calls = (Call("a", 60.0, 0.0), Call("b", 0.0, 0.0))
    list(directions(Route("p1", "l", True, {}, calls, {"midday": 600.0}, {}, False)))


@case(
    UnknownStationError,
    "- Unknown place 'lo-woo'. Did you mean 'Locwood' or 'lo-wu' or 'lr-locwood'? "
    "Use a station, control point or hub name or id, or lon,lat.",
)
def a_place_nobody_knows(study: Study, folder: Path) -> None:
    study.journey("admiralty", "lo-woo", "baseline-2024", "08:30")


NOTHING = "no train or bus leads there, or on from there, at this hour"


@case(
    UnreachableError,
    f"- Lo Wu to Luohu at 03:00: no service (heung-yuen-wai: {NOTHING}; huanggang: {NOTHING}; "
    f"lo-wu: would be reached about 03:02; open 06:30 to 24:00; lok-ma-chau-spur: {NOTHING}; man-kam-to: {NOTHING}; "
    f"shenzhen-bay: {NOTHING}; west-kowloon: {NOTHING}); expected a journey within 6 hours; choose another hour or scenario",
)
def a_journey_in_the_dead_of_night(study: Study, folder: Path) -> None:
    study.journey("lo-wu", "sz-luohu", "baseline-2024", "03:00")


@case(
    ParameterError,
    "- parameters: hours: 08:30: 23:00 is missing; expected the criteria's hours; "
    "add it, or score single scenarios at other hours with corridor.run",
)
def a_comparison_without_the_evening(study: Study, folder: Path) -> None:
    check_parameters(AccessParameters(hours=("08:30",)))


@case(
    AssetError,
    "- page: the asset 'none.js' is not shipped; expected a file of corridor/web/static; add it",
)
def a_page_that_needs_what_is_not_there(study: Study, folder: Path) -> None:
    asset("none.js")


@case(RequestError, "- request: is not JSON; expected what the page sends; load the page again")
def a_request_that_no_page_sends(study: Study, folder: Path) -> None:
    _mapping(b"{")


def classes(base: type[CorridorError] = CorridorError) -> Iterator[type[CorridorError]]:
    """The whole tree."""
    yield base
    for below in base.__subclasses__():
        yield from classes(below)


def test_every_class_has_a_case() -> None:
    assert set(CASES) == {c for c in classes() if c.__module__.startswith("corridor.")}


@pytest.mark.parametrize("kind", CASES, ids=lambda kind: kind.__name__)
def test_the_full_message(kind: type[CorridorError], study: Study, tmp_path: Path) -> None:
    what, text = CASES[kind]
    with pytest.raises(CorridorError) as caught:
        what(study, tmp_path)
    assert type(caught.value) is kind
    assert str(caught.value) == text


def test_the_most_telling_class_is_raised_with_all_problems() -> None:
    faults = Problems()
    faults.add("a", "is wrong", "right", "mend it")
    faults.add("b", "is off", "here", "move it", CrsError)
    assert faults
    with pytest.raises(
        CrsError, match="- a: is wrong; expected right; mend it\n- b: is off; expected here; move it"
    ):
        faults.raise_all()
    assert not np.any(bool(Problems()))
    Problems().raise_all()
