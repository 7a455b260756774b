"""Control points of a scenario from rows written by hand: what a row says, what a line brings, what a change does."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from corridor.core.errors import ScenarioError
from corridor.network.checkpoints import checkpoints_of, edit_checkpoint
from corridor.network.loads import Loads
from corridor.network.service import DAY_S, Checkpoint
from corridor.schema.changes import CheckpointEdit
from tests.network_factory import checkpoint

HOUR_S = 3600.0
ROW = {
    "checkpoint_id": "port", "kind": "hall", "name_en": "Port", "name_zh_hant": "", "name_zh_hans": "",
    "south_lon": 114.0, "south_lat": 22.5, "north_lon": 114.0, "north_lat": 22.51, "south_street_access": 1, "north_street_access": 0,
    "regime": "co_location", "open": "06:30", "close": "25:00", "status": "existing", "opened": "2020-05",
    "clearance_mean_min": 15, "clearance_low_min": 8, "clearance_high_min": 25, "clearance_assumed": 0,
}  # fmt: skip


def found(date: str = "2024-12-31", works: tuple[Any, ...] = (), edits: tuple[Any, ...] = (), **cells: object) -> Checkpoint:  # fmt: skip
    scenario: Any = SimpleNamespace(
        date=dt.date.fromisoformat(date),
        works=works,
        line_changes=(),
        checkpoint_edits=edits,
        place=lambda subject: subject,
    )
    return checkpoints_of(pd.DataFrame([ROW | cells]), scenario, Loads())["port"]


def edited(point: Checkpoint, **keys: object) -> Checkpoint:
    return edit_checkpoint(point, CheckpointEdit.model_validate({"id": "port", **keys}))


def test_a_row_is_read_side_by_side() -> None:
    point = found()
    assert point.street_access == (True, False)  # south first
    # a hundredth of a degree of latitude is 1.1 km, and north is up
    assert 1000 < point.north_xy_m[1] - point.south_xy_m[1] < 1200
    assert (point.open_s, point.close_s) == (6.5 * HOUR_S, 25 * HOUR_S)
    assert (point.clearance_low_s, point.clearance_s, point.clearance_high_s) == (480, 900, 1500)
    assert not point.clearance_assumed


def test_what_a_row_leaves_open_is_the_careful_reading() -> None:
    blank = dict.fromkeys(
        ("open", "close", "clearance_assumed", "south_street_access", "north_street_access")
    )
    point = found(**blank)
    assert (point.open_s, point.close_s) == (0, DAY_S)
    assert point.clearance_assumed  # a figure without a word on it is an assumption
    assert point.street_access == (False, False)  # nobody walks in where no street is known


def test_it_is_closed_until_it_opens() -> None:
    assert found("2020-04-30").status == "closed"
    assert found("2020-05-01").status == "existing"
    assert found("2020-04-30", status="planned").status == "planned"


def test_a_line_brings_its_own_clearance() -> None:
    brought = SimpleNamespace(
        checkpoint={"end": "port"}, regime="joint_clearance", mean_min=5, low_min=3, high_min=10, assumed=True
    )
    point = found(works=(SimpleNamespace(id="line", clearance=brought),), status="planned")
    assert (point.clearance_low_s, point.clearance_s, point.clearance_high_s) == (180, 300, 600)
    assert (point.regime, point.status, point.clearance_assumed) == ("joint_clearance", "existing", True)


def test_new_hours_may_pass_midnight() -> None:
    point = checkpoint("port", open_s=6 * HOUR_S, close_s=23 * HOUR_S)
    assert (edited(point, open="07:00").open_s, edited(point, open="07:00").close_s) == (
        7 * HOUR_S,
        23 * HOUR_S,
    )
    assert edited(point, close="01:00").close_s == 25 * HOUR_S
    # from six to six is a day, not nothing
    assert edited(point, close="06:00").close_s == 30 * HOUR_S
    assert (edited(point, open_24_hours=True).open_s, edited(point, open_24_hours=True).close_s) == (0, DAY_S)


def test_a_new_regime_brings_its_times_and_the_same_one_keeps_those_that_are_there() -> None:
    point = checkpoint("port", clearance_s=600)  # co-location, 5 to 20 min
    joint = edited(point, regime="joint_clearance")
    assert (joint.clearance_low_s, joint.clearance_s, joint.clearance_high_s) == (180, 300, 600)
    assert edited(point, regime="co_location").clearance_s == 600


def test_closing_and_design_capacity_are_taken_over() -> None:
    point = checkpoint("port")
    assert edited(point, status="closed").status == "closed"
    assert edited(point, design_capacity_pax_day=200_000).design_capacity_pax_day == 200_000
    assert edited(point, status="closed").changed and not point.changed


@pytest.mark.parametrize("mean_min", [4, 21])  # below the low of 5, above the high of 20
def test_a_mean_outside_its_range_is_refused(mean_min: float) -> None:
    with pytest.raises(ScenarioError, match="low <= mean <= high"):
        edited(checkpoint("port", clearance_s=600), clearance_mean_min=mean_min)
