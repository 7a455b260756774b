"""Journeys and times that cannot be: unknown places, wrong lists, hours and parameters."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from corridor.access.search.parameters import AccessParameters
from corridor.core import paths
from corridor.core.errors import (
    ParameterError,
    UnknownStationError,
)
from corridor.schema.catalog import Catalog
from corridor.study.compare import compare
from corridor.study.study import Study
from tests.conftest import Cli
from tests.layer_changes import whole


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["Kowlon Tong", "lo-wu"], "Did you mean 'Kowloon Tong'"),
        (["admiralty", "lo-woo"], "or 'lo-wu' or"),
        (["admiralty", ""], "Use a station, control point or hub"),
        (["admiralty", "lo-wu", "--scenario", "western2035"], "Did you mean 'western-2035'"),
        (["admiralty", "lo-wu", "--scenario", "clearance-joint"], "ask for SCENARIO+clearance-joint"),
        (["admiralty", "lo-wu", "--scenario", "committed-2030+western-2035"], "only levers stack"),
        (["admiralty", "lo-wu", "--at", "25:99"], "'25:99'"),
        (["admiralty", "lo-wu", "--at", "noon"], "HH:MM"),
        (["113.90,22.20", "lo-wu"], "is not on land"),
        (["22.2790,114.1652", "lo-wu"], "swap lon and lat"),
        (["2.35,48.85", "lo-wu"], "is not on land of the study area"),
        (["nan,22.3", "lo-wu"], "nan,22.3"),
        (["1e400,22.3", "lo-wu"], "1e400"),
        (["lo-wu", "sz-luohu", "--at", "03:00"], "choose another hour"),
    ],
)
def test_a_journey_that_cannot_be(cli: Cli, shared: Study, arguments: list[str], words: str) -> None:
    result = cli("journey", *arguments)
    assert result.exit_code == 1
    assert words in result.output
    whole = "; expected " in result.output and result.output.count("; ") >= 2
    assert whole or " Use " in result.output


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.csv"
    path.write_text("id,lon,lat\na,114.1652,22.2790\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("id,lon\na,114.1\n", ["bad.csv:1", "column 'lat' is missing", "id, lon"]),
        ("name,x,y\na,1,2\n", ["column 'id'", "column 'lon'", "column 'lat'"]),
        ("id,lon,lat\na,22.2790,114.1652\n", ["bad.csv:2", "lon 22.279", "lat 114.1652", "swap lon and lat"]),
        ("id,lon,lat\na,114.1,22.3\nb,east,22.3\n", ["bad.csv:3", "east", "degrees"]),
        ("id,lon,lat\na,114.1,22.3\nb,114.1,\n", ["bad.csv:3", "lat nan"]),
        ("id,lon,lat\na,836694,819069\n", ["bad.csv:2", "836694", "degrees"]),
        ("id,lon,lat\n", ["bad.csv", "has no rows", "at least one"]),
        ("", ["bad.csv", "cannot be read", "columns id, lon, lat"]),
        ("id,lon,lat\nsea,113.90,22.20\n", ["sea", "is not on land"]),
        ("id,lon,lat\na,114.1652,22.2790\nsea,113.90,22.20\n", ["bad.csv:3", "is not on land"]),
        ("id,lon,lat\nsea,113.90,22.20\ndeep,113.80,22.20\n", ["bad.csv:2", "sea", "bad.csv:3", "deep"]),
        ('id,lon,lat\n"a,114.1,22.3\n', ["bad.csv", "cannot be read"]),
    ],
)
def test_a_wrong_list_of_places(
    cli: Cli, shared: Study, good: Path, tmp_path: Path, text: str, words: list[str]
) -> None:
    bad, out = tmp_path / "bad.csv", tmp_path / "minutes.csv"
    bad.write_text(text, encoding="utf-8")
    out.write_text("of an earlier run", encoding="utf-8")
    for pair in ((bad, good), (good, bad)):
        result = cli("times", "--origins", pair[0], "--destinations", pair[1], "--out", out, "--quiet")
        assert result.exit_code == 1
        for word in words:
            assert word in result.output
        assert "expected " in result.output
    assert out.read_text(encoding="utf-8") == "of an earlier run"
    assert {p.name for p in tmp_path.iterdir()} == {"good.csv", "bad.csv", "minutes.csv"}


def test_both_lists_are_told_at_once(cli: Cli, tmp_path: Path) -> None:
    places = {"from": "id,lon,lat\n,114.1,22.3\n", "to": "id,lon,lat\na,114.1,22.3\n\nb,22.3,114.1\n"}
    for name, text in places.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    lists = "--origins", tmp_path / "from.csv", "--destinations", tmp_path / "to.csv"
    result = cli("times", *lists, "--out", tmp_path / "x.csv")
    assert result.exit_code == 1
    assert "from.csv:2: id is empty" in result.output
    assert "to.csv:4: lon 22.3, lat 114.1" in result.output  # line 3 is blank


def test_places_of_a_frame_are_told_by_their_row(study: Study) -> None:
    """The same through the Python API; two of three lie in the sea."""
    sea = {"id": ["a", "b", "c"], "lon": [113.90, 114.1652, 113.80], "lat": [22.20, 22.2790, 22.20]}
    frame = pd.DataFrame(sea)
    with pytest.raises(UnknownStationError) as caught:
        study.times(frame, frame, "baseline-2024", "08:30")
    assert [p.where for p in caught.value.problems] == ["row 0", "row 2"]
    whole(caught.value)


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        (AccessParameters(hours=("08:30",)), "parameters: hours: 08:30: 23:00 is missing"),
        (AccessParameters(hours=("08:30", "23:00", "25:99")), "'25:99'"),
        (AccessParameters(cutoffs_min=(30, 45)), "parameters: cutoffs_min: 30, 45: 60 is missing"),
    ],
)
def test_hours_and_cutoffs_that_the_criteria_lack(
    parameters: AccessParameters, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("computing, for nothing")

    monkeypatch.setattr("corridor.study.compare.run_all", never)
    with pytest.raises(ParameterError) as caught:
        compare(Study(Catalog.bundled(), (paths.scenarios_dir(),), parameters))
    assert words in whole(caught.value)


@pytest.mark.parametrize("arguments", [["--at", "25:99"], ["--scenario", "western2035"]])
def test_times_with_a_wrong_hour_or_scenario(
    cli: Cli, shared: Study, good: Path, tmp_path: Path, arguments: list[str]
) -> None:
    result = cli("times", "--origins", good, "--destinations", good, "--out", tmp_path / "x.csv", *arguments)
    assert result.exit_code == 1
    assert not (tmp_path / "x.csv").exists()


def test_a_list_that_is_not_there(cli: Cli, good: Path, tmp_path: Path) -> None:
    for missing in (tmp_path / "none.csv", tmp_path):
        result = cli("times", "--origins", missing, "--destinations", good, "--out", tmp_path / "x.csv")
        assert result.exit_code == 1
        assert "cannot be read" in result.output


def test_times_to_where_nothing_can_be_written(cli: Cli, shared: Study, good: Path, tmp_path: Path) -> None:
    for out in (tmp_path / "none" / "x.csv", tmp_path, good / "x.csv"):
        result = cli("times", "--origins", good, "--destinations", good, "--out", out, "--quiet")
        assert result.exit_code == 1
        assert str(out) in result.output and "in another folder with --out" in result.output
    assert good.read_text(encoding="utf-8").startswith("id,lon,lat")
