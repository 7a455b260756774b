"""cities.html: its figures are those of the tables, each pair is there, a browser opens it in each script."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from corridor.schema.text import LANGS
from corridor.study.cities import _corridors
from corridor.study.comparison import Comparison
from corridor.study.criteria import MORNING
from corridor.web.cities import _corridor_rows, pair_rows
from corridor.web.inline import addresses
from tests.web.test_browser import NARROW, WIDE, opened
from tests.web.test_travellers import english

PAGE = "cities.html"


def test_cities_pairs_and_sources_are_on_the_page(comparison: Comparison, folder: Path) -> None:
    found, said = comparison.cities, english((folder / PAGE).read_text("utf-8"))
    assert found is not None
    assert all(name in said for name in found.table["name_en"])
    rows = list(pair_rows(found))
    assert len(rows) == 55 and all(row["name"].en in said for row in rows)
    assert said.count("no time found") == int(found.pairs["minutes"].isna().sum())
    assert {f"J{n:02}" for n in range(1, 14)} <= {
        word.strip("(),;") for word in said.replace(">", " ").replace("<", " ").split()
    }
    assert "is an assumption, with 1 to 3 as its range" in said


def test_scenarios_have_the_minutes_of_the_hubs(comparison: Comparison) -> None:
    assert comparison.cities is not None
    found = comparison.cities.corridors.set_index("scenario_id")
    assert (
        set(found.index) == set(comparison.results) and found.loc[comparison.reference_id, "change_min"] == 0
    )
    assert found.loc["both-2035", "change_min"] <= found.loc["western-2035", "change_min"] < 0


def test_tables_are_written_as_they_are(comparison: Comparison, folder: Path) -> None:
    assert comparison.cities is not None
    for name, frame in comparison.cities.tables.items():
        assert len(pd.read_csv(folder / "economy" / f"{name}.csv", comment="#")) == len(frame), name


@pytest.mark.parametrize("page", ["index.html", "proposal.html"])
def test_pages_lead_there_and_nothing_is_fetched(folder: Path, page: str) -> None:
    assert f'href="{PAGE}"' in (folder / page).read_text("utf-8")
    html = (folder / PAGE).read_text("utf-8")
    assert list(addresses(html)) == [] and len(html.encode()) < 2_500_000


@pytest.mark.browser
@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_opens_clean(browser: Any, folder: Path, size: tuple[int, int], lang: str) -> None:
    with opened(browser, folder / PAGE, size, f"#lang={lang}") as shown:
        assert shown.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0


def test_a_scenario_without_a_service_between_the_sides_has_its_row() -> None:
    places = pd.DataFrame({"place_id": ["s", "n"], "name_en": ["South", "North"], "region": ["hk", "sz"]})
    ways = [("s", "n", 60.0, "before"), ("s", "n", np.nan, "after")]
    minutes = pd.DataFrame(ways, columns=["from_place", "to_place", "minutes", "scenario_id"])
    found = _corridors(minutes.assign(hour=MORNING), places, ("hk", "sz"), "before")
    site = SimpleNamespace(
        layers=SimpleNamespace(places=places), comparison=SimpleNamespace(reference_id="before")
    )
    rows = dict(_corridor_rows(site, SimpleNamespace(corridors=found)))  # type: ignore[arg-type]
    assert [str(cell.figure) for cell in rows["before"]] == ["60", "–", "–", "–"]
    assert [str(cell.figure) for cell in rows["after"]] == ["–", "–", "0 of 0", "–"]
