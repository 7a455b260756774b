"""Control signs, half letters and wrong colours are refused in every column, property, heading and document."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import yaml

from corridor.core.errors import CatalogError, LayerError, ScenarioError
from corridor.schema.catalog import Catalog
from corridor.schema.region import read_region
from corridor.schema.scenario import read_scenario
from corridor.web.story import read_story
from tests.hostile_study import SIGNS, hostile_study, texts, write_yaml
from tests.zhuhai_macao import REGION

SHIPPED = Catalog.bundled()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hostile_study(tmp_path_factory.mktemp("hostile") / "study")


def _alone(entry: Any, path: Path) -> Catalog:
    """A catalogue of one layer."""
    own = entry.model_copy(update={"path": path.name, "sha256": ""})
    return Catalog(path.parent, (own,))


@pytest.mark.parametrize("entry", [e for e in SHIPPED.entries if e.kind == "table"], ids=lambda e: e.id)
def test_no_column_of_any_table_takes_a_control_sign(entry: Any, tmp_path: Path) -> None:
    """The first rows of each shipped table, with the sign in one text column at a time, and in one that is not declared.

    Of a matrix with hundreds of columns that are alike, the first and the last ones.
    """
    table = pd.read_csv(SHIPPED.file_of(entry), dtype=str, keep_default_na=False, nrows=2)
    table["remarks"] = "x"
    path = tmp_path / "layer.csv"
    columns = dict.fromkeys([*table.columns[:25], *table.columns[-15:]])
    for column, sign in zip(columns, itertools.cycle("\x07\x1b"), strict=False):
        table.assign(**{column: f"a{sign}b"}).to_csv(path, index=False)
        problems = [str(p) for p in _alone(entry, path).check()]
        assert [p for p in problems if f"layer.csv line 2: {column} " in p and rf"\x{ord(sign):02x}" in p], (
            column
        )


@pytest.mark.parametrize("entry", [e for e in SHIPPED.entries if e.kind == "vector"], ids=lambda e: e.id)
def test_no_property_of_any_map_takes_a_control_sign(entry: Any, tmp_path: Path) -> None:
    path = tmp_path / "layer.geojson"
    frame = gpd.read_file(SHIPPED.file_of(entry), rows=1).assign(remarks="x")
    for column in frame.columns.drop("geometry"):
        if isinstance(frame[column].iloc[0], str):
            frame.assign(**{column: "a\x1bb"}).to_file(path, driver="GeoJSON")
            problems = [str(p) for p in _alone(entry, path).check()]
            assert [p for p in problems if f"layer.geojson feature 1: {column} " in p and r"\x1b" in p], (
                column
            )


def test_no_heading_takes_a_control_sign(home: Path, tmp_path: Path) -> None:
    catalog = Catalog.open(home / "catalog.yaml")
    for role, suffix in (("stations", ".csv"), ("designations", ".geojson")):
        entry = catalog.one(role)  # type: ignore[arg-type]
        path = tmp_path / f"layer{suffix}"
        text = catalog.file_of(entry).read_text(encoding="utf-8")
        path.write_text(
            text.replace("name_zh_hans", "\x1bx" if suffix == ".csv" else "\\u001bx"), encoding="utf-8"
        )
        assert [
            p
            for p in map(str, _alone(entry, path).check())
            if "layer" in p and "heading" in p and r"\x1b" in p
        ]


def test_no_field_of_a_document_takes_a_control_sign(home: Path, tmp_path: Path) -> None:
    """In YAML such signs come as escapes: in each text of a scenario, a story, a region and a catalogue, one at a time."""
    story = {"title": texts(0), "views": [{"scenario": "today", "caption": texts(1), "notes": texts(2)}]}
    write_yaml(tmp_path / "own.yaml", story)
    for path, read, error in (
        (home / "scenarios/with-link.yaml", read_scenario, ScenarioError),
        (tmp_path / "own.yaml", read_story, ScenarioError),
        (home / "layers/region.yaml", read_region, CatalogError),
        (home / "catalog.yaml", Catalog.open, CatalogError),
    ):
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        copy = tmp_path / "copy" / path.name
        copy.parent.mkdir(exist_ok=True)
        for change in _each_text(data):
            copy.write_text(yaml.safe_dump(change), encoding="utf-8")
            with pytest.raises(error) as told:
                read(copy)
            assert f"{path.name}:" in str(told.value) and "the sign" in str(told.value)


def _each_text(data: Any) -> Iterator[Any]:
    """The data with one of its texts replaced, some fifteen times, by each of the signs in turn."""
    copy = json.loads(json.dumps(data, default=str))
    places = list(_texts_of(copy))
    signs = itertools.cycle(SIGNS.values())
    for (holder, key), sign in zip(places[:: max(1, len(places) // 15)], signs, strict=False):
        kept, holder[key] = holder[key], sign
        yield copy
        holder[key] = kept


def _texts_of(data: Any) -> Iterator[tuple[Any, Any]]:
    for key, value in data.items() if isinstance(data, dict) else enumerate(data):
        if isinstance(value, str):
            yield data, key
        elif isinstance(value, dict | list):
            yield from _texts_of(value)


def test_half_letters_are_refused(tmp_path: Path) -> None:
    """A lone surrogate is no text that a file may hold; YAML says it as an escape."""
    path = tmp_path / "region.yaml"
    path.write_text(REGION.replace("Outer Harbour", r'"\ud800"'), encoding="utf-8")
    with pytest.raises(CatalogError, match=r"region\.yaml:\d+"):
        read_region(path)


@pytest.mark.parametrize("colour", ["red", "#12345", '"><script>', "#1234567"])
def test_a_colour_is_six_digits(home: Path, tmp_path: Path, colour: str) -> None:
    """It goes into pages and feeds as it is."""
    catalog = Catalog.open(home / "catalog.yaml")
    entry = catalog.one("lines")
    table = pd.read_csv(catalog.file_of(entry), dtype=str).assign(colour=colour)
    table.to_csv(tmp_path / "lines.csv", index=False)
    with pytest.raises(LayerError, match=r"lines\.csv line 2: colour .* expected a colour as #rrggbb"):
        _alone(entry, tmp_path / "lines.csv").table("lines")
