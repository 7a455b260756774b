"""Access hour by hour, and what closing times cost."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import Result

from corridor.core.errors import ScenarioError
from corridor.study.hours import always_open, hour_profile, what_closing_costs
from corridor.study.study import Study

Cli = Callable[..., Result]
SCENARIO = "baseline-2024"
HOURS = ("12:00", "23:00")


@pytest.fixture(scope="module")
def table(study: Study) -> pd.DataFrame:
    return what_closing_costs(study, SCENARIO, HOURS).set_index("hour")


def test_where_nothing_closes_opening_all_day_changes_nothing(table: pd.DataFrame) -> None:
    noon = table.loc["12:00"]
    assert (noon[[c for c in table if c.startswith("lost_")]] == 0).all()


def test_closing_costs_late_at_night_and_never_helps(table: pd.DataFrame) -> None:
    lost = table[[c for c in table if c.startswith("lost_") and c != "lost_open_control_points"]]
    assert (lost >= -1e-6).all(axis=None)
    assert table.loc["23:00", "lost_jobs_across_90"] > 0
    assert table.loc["23:00", "lost_hub_minutes"] > 0
    # nobody loses jobs of his own city to a closed boundary
    assert table.loc["23:00", "lost_jobs_60"] == pytest.approx(table.loc["23:00", "lost_jobs_across_60"])


def test_what_is_lost_is_the_difference(table: pd.DataFrame) -> None:
    for name in ("jobs_60", "residents_90", "jobs_across_45"):
        np.testing.assert_allclose(table[f"lost_{name}"], table[f"{name}_open"] - table[name])
    np.testing.assert_allclose(table["lost_hub_minutes"], table["hub_minutes"] - table["hub_minutes_open"])


def test_open_control_points_by_the_published_hours(table: pd.DataFrame) -> None:
    # Seven are open at noon. At 23:00 Lo Wu and Shenzhen Bay (to 24:00), Huanggang (all day) and West Kowloon (to 23:30)
    # are; Heung Yuen Wai and Man Kam To closed at 22:00, Lok Ma Chau Spur at 22:30.
    assert table["open_control_points"].to_dict() == {"12:00": 7, "23:00": 4}
    assert table["open_control_points_open"].to_dict() == {"12:00": 7, "23:00": 7}


def test_the_profile_is_the_mean_of_residents(study: Study, table: pd.DataFrame) -> None:
    profile = hour_profile(study, SCENARIO, HOURS).set_index("hour")
    pd.testing.assert_frame_equal(profile, table[profile.columns])
    compiled = study.network(SCENARIO).compiled
    reach, _ = study.access.at(compiled, "12:00")
    people = study.cells.people()
    expected = np.average(reach.of(60, "jobs"), weights=people)
    assert profile.loc["12:00", "jobs_60"] == pytest.approx(expected)
    minutes = study.cell_minutes(
        [p for _, p in study.hubs], SCENARIO, "12:00", study.parameters.hub_limit_min
    )
    capped = np.where(np.isnan(minutes), study.parameters.hub_limit_min, minutes).mean(axis=0)
    assert profile.loc["12:00", "hub_minutes"] == pytest.approx(np.average(capped, weights=people), abs=0.01)


def test_longer_cutoffs_reach_more(table: pd.DataFrame) -> None:
    for what in ("jobs", "residents", "jobs_across"):
        columns = table[[f"{what}_{cutoff}" for cutoff in (30, 45, 60, 90)]]
        assert (np.diff(columns.to_numpy(), axis=1) >= 0).all()


def test_always_open_changes_hours_only(study: Study) -> None:
    compiled = study.network(SCENARIO).compiled
    opened = always_open(compiled)
    assert (opened.cp_close_s - opened.cp_open_s == 86_400).all()
    assert opened.board_last_s is compiled.board_last_s
    assert (compiled.cp_close_s < 86_400).any()


def test_every_wrong_hour_is_named(study: Study) -> None:
    with pytest.raises(ScenarioError, match=r"31:00[\s\S]*noon"):
        hour_profile(study, SCENARIO, ("12:00", "31:00", "noon"))
    with pytest.raises(ScenarioError, match="none given"):
        hour_profile(study, SCENARIO, ())


def test_progress_says_each_hour(study: Study, table: pd.DataFrame) -> None:
    told: list[tuple[str, int, int]] = []
    hour_profile(study, SCENARIO, HOURS, lambda *step: told.append(step))
    assert told == [("12:00", 0, 2), ("23:00", 1, 2)]


# --- the command ------------------------------------------------------------------------------------


def test_hours_as_text(cli: Cli, shared: Study, table: pd.DataFrame) -> None:
    result = cli("hours", SCENARIO, "--hours", "12:00, 23:00", "--quiet")
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert lines[1].split()[:2] == ["12:00", f"{table.loc['12:00', 'jobs_60']:,.0f}"]
    assert lines[2].split()[0] == "23:00"


def test_hours_as_json_and_csv(cli: Cli, shared: Study, table: pd.DataFrame, tmp_path: Path) -> None:
    out = tmp_path / "hours.csv"
    result = cli("hours", SCENARIO, "--hours", "12:00,23:00", "--out", out, "--json", "--quiet")
    rows = json.loads(result.output)
    assert [row["hour"] for row in rows] == list(HOURS)
    assert rows[1]["open_control_points"] == 4
    written = pd.read_csv(out).set_index("hour")
    np.testing.assert_allclose(written.to_numpy(float), table.to_numpy(float), atol=0.006)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["nowhere-2035"], "Unknown"),
        ([SCENARIO, "--hours", "25h"], "a clock time"),
        ([SCENARIO, "--hours", ""], "a clock time"),
    ],
)
def test_wrong_input_is_told(cli: Cli, shared: Study, arguments: list[str], expected: str) -> None:
    result = cli("hours", *arguments)
    assert result.exit_code == 1
    assert expected in result.stderr
