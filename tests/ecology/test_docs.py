"""The figures that docs/circuits.md and docs/fragmentation.md state are those that the program gives."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from corridor.core.crs import WORKING
from corridor.ecology.fragmentation.fragmentation import FragmentedLand
from corridor.ecology.fragmentation.metrics import mesh
from corridor.ecology.quality.grid import habitat_grid
from corridor.ecology.works.footprint import footprint
from corridor.ecology.works.profile import Work
from corridor.study.study import Study
from tests.paths import ROOT

DOCS = ROOT / "docs"
CIRCUITS, FRAGMENTATION = (
    (DOCS / name).read_text(encoding="utf-8") for name in ("circuits.md", "fragmentation.md")
)
CELL_M = 30.0


def test_the_example_of_circuits_gives_what_it_states() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", CIRCUITS, flags=re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(code, "docs/circuits.md", "exec"), names)
    stated = re.findall(r"^(\w+) = .*  # .*: ([\d., ]+)$", code, flags=re.MULTILINE)
    assert len(stated) == 7
    for name, values in stated:
        expected = [float(v) for v in values.split(",")]
        assert np.ravel(names[name]).tolist() == pytest.approx(expected), name


@pytest.fixture(scope="module")
def lands(study: Study) -> Mapping[int, FragmentedLand]:
    """The study's patches at 30 m by the rule of neighbours."""
    grid = habitat_grid(study.land, CELL_M)
    return {rule: FragmentedLand(grid, rule) for rule in (8, 4)}  # type: ignore[arg-type]


@pytest.mark.parametrize("group", ["woodland", "wetland", "farmland", "marine"])
def test_the_table_of_neighbour_rules(lands: Mapping[int, FragmentedLand], group: str) -> None:
    (row,) = re.findall(rf"^\| {group} \|(.*)\|$", FRAGMENTATION, flags=re.MULTILINE)
    stated = [cell.strip() for cell in row.split("|")]
    for i, land in enumerate(lands.values()):
        found = mesh(land.patches(group).area_ha(CELL_M), land.landscape_ha)
        digits = len(stated[2 + i].partition(".")[2])
        assert [stated[i], stated[2 + i]] == [f"{found.patches:,}", f"{found.mesh_ha:,.{digits}f}"]


def prints(works: tuple[Work, ...]) -> gpd.GeoDataFrame:
    frames = [footprint(work) for work in works]
    return gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), geometry="geometry", crs=WORKING)


def at_grade(works: tuple[Work, ...]) -> tuple[Work, ...]:
    return tuple(
        replace(work, parts=tuple(replace(part, structure="at_grade") for part in work.parts))
        for work in works
    )


def test_the_finding_on_what_the_lines_cut(study: Study, lands: Mapping[int, FragmentedLand]) -> None:
    text = " ".join(FRAGMENTATION.split("**Finding**")[1].split("\n## ")[0].split())
    both, western = study.works("both-2035"), study.works("western-2035")
    shipped = [study.works(s) for s in ("committed-2030", "western-viaduct", "central-2035", "ecology-first")]
    assert all(lands[8].change(prints(works)).cut.empty for works in (both, western, *shipped))
    (sliver,) = lands[4].change(prints(both)).cut.to_dict("records")
    assert f"severs one sliver of {sliver['severed_ha']:.2f} ha of {sliver['group']}" in text
    cut = {
        name: lands[8].change(prints(at_grade(w))).cut for name, w in (("western", western), ("both", both))
    }
    assert (
        f"would cut {len(cut['western'])} patches in `western-2035` and {len(cut['both'])} in `both-2035`"
        in text
    )
    first = cut["both"].set_index("group")
    wetland, sea = first.loc["wetland"].iloc[0], first.loc[["marine"]].iloc[0]
    assert wetland["lines"] == sea["lines"] == "hswrl"
    sizes = [round(wetland[c]) for c in ("area_ha", "largest_piece_ha", "severed_ha")]
    assert "a wetland of {} ha, parted {} to {} ha".format(*sizes) in text
    assert f"sever {sea['severed_ha']:,.0f} ha" in text
