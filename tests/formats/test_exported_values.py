"""What is exported, on results written by hand: each figure, sign and place, where no library comes in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
from affine import Affine
from shapely import Point

from corridor.formats.geopackage import _headings, _zones
from corridor.formats.rasters import _places, write_nature_rasters
from corridor.formats.tables import cell_table, criteria_table, review_figures
from corridor.schema.measure import Measure

BEFORE = SimpleNamespace(counterfactual=False)
WHAT_IF = SimpleNamespace(counterfactual=True)


def by_scenario(none: float, line: float) -> pd.DataFrame:
    return pd.DataFrame({"minutes": [none, line]}, index=["none", "line"])


def test_a_change_is_the_scenario_less_the_reference() -> None:
    criteria = pd.DataFrame(
        {"title_en": ["Minutes"], "unit": ["min"], "direction": ["lower"], "confidence": ["C"]},
        index=["minutes"],
    )
    comparison: Any = SimpleNamespace(
        headline=by_scenario(90, 75), headline_low=by_scenario(80, 70), headline_high=by_scenario(100, 85),
        value_points=by_scenario(0, 1.5), criteria=criteria, reference_id="none", results={"none": BEFORE, "line": WHAT_IF},
    )  # fmt: skip
    _, row = criteria_table(comparison).to_dict("records")
    assert row == {
        "scenario": "line", "counterfactual": True, "criterion": "minutes", "title": "Minutes", "unit": "min", "value": 75,
        "low": 70, "high": 85, "change_against": "none", "change": -15, "value_points": 1.5, "better": "lower", "confidence": "C",
    }  # fmt: skip


def test_cells_are_rounded_to_whole_jobs() -> None:
    measure = Measure("08:30", "jobs", 60)
    values = pd.DataFrame({"scenario_id": ["none", "none"], measure.measure_id: [1.6, 2.4]})
    study: Any = SimpleNamespace(cells=SimpleNamespace(table=pd.DataFrame({"cell_id": ["a", "b"]})))
    comparison: Any = SimpleNamespace(measures=(measure,), cell_values=values)
    table = cell_table(study, comparison)
    assert table[f"none:{measure.measure_id} [{measure.unit.en}]"].tolist() == [2, 2]
    assert table["cell_id"].tolist() == ["a", "b"]


@dataclass
class Take:
    take_ha: float


def test_the_figures_of_a_review_are_those_of_their_case() -> None:
    side = SimpleNamespace(
        scenario=SimpleNamespace(id="line", counterfactual=True), conflicts=[1, 2],
        headlines={"low": Take(1), "central": Take(2), "high": Take(3)},
    )  # fmt: skip
    reviewed: Any = SimpleNamespace(sides=(side,))
    found = review_figures(reviewed)
    ends = [found[name]["line"]["take_ha"] for name in ("low", "values", "high")]
    assert ends == [1, 2, 3] and found["counterfactual"] == ["line"] and found["conflicts"] == {"line": 2}


def test_cells_are_around_their_middles_with_north_up() -> None:
    # three cells of 250 m: south-west, south-east, north-east
    cells: Any = SimpleNamespace(x_m=np.array([125.0, 375.0, 375.0]), y_m=np.array([125.0, 125.0, 375.0]))
    row, column, transform = _places(cells)
    assert (row.tolist(), column.tolist()) == ([1, 1, 0], [0, 1, 1])
    assert transform == Affine(250, 0, 0, 0, -250, 500)


def test_a_change_of_quality_is_after_less_before(tmp_path: Path) -> None:
    grid = SimpleNamespace(
        kind="quality", key="", before=np.full((2, 2), 0.75), after=np.full((2, 2), 0.5), transform=Affine(30, 0, 0, 0, -30, 60)
    )  # fmt: skip
    view: Any = SimpleNamespace(grids=(grid,), scenario=SimpleNamespace(id="line"))
    write_nature_rasters(view, tmp_path)
    with rasterio.open(tmp_path / "habitat_quality_line.tif") as raster:
        assert dict(zip(raster.descriptions, (float(raster.read(n)[0, 0]) for n in (1, 2, 3)), strict=True)) == {
            "before": 0.75, "after": 0.5, "change": -0.25,
        }  # fmt: skip


def test_zones_hold_tenths_of_a_minute() -> None:
    measure = Measure("08:30", hub="a", hub_name=None)  # type: ignore[arg-type]
    comparison: Any = SimpleNamespace(
        measures=(measure,), results={"none": BEFORE}, zone_values={"none": [np.array([12.34])]},
        zones=gpd.GeoDataFrame({"zone": [1]}, geometry=[Point(114, 22)], crs=4326),
    )  # fmt: skip
    assert _zones(comparison)[f"none:{measure.measure_id}"].tolist() == [12.3]


def test_headings_that_a_file_has_already_are_numbered_until_they_are_new() -> None:
    assert _headings(["fid", "Name", "name_2", "NAME"]) == {
        "fid": "fid_2", "Name": "Name", "name_2": "name_2", "NAME": "NAME_3",
    }  # fmt: skip
