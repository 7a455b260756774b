"""Local buses of the bundled study."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from corridor.access.search.parameters import AccessParameters
from corridor.access.surroundings.base import BaseLayer
from corridor.cli import terminal
from corridor.cli.journey_text import journey_parts
from corridor.core.crs import project_xy
from corridor.network.compiled import BUS_LINK
from corridor.study.clock import service_clock
from corridor.study.study import Study
from tests.bus_factory import EIGHT, entries
from tests.cell_seconds import seconds_between_cells

BASELINE = "baseline-2024"


@pytest.fixture(scope="module")
def homes(study: Study) -> np.ndarray:
    """Twelve lived-in cells of Hong Kong."""
    cells = study.cells
    lived_in = np.flatnonzero((np.array(cells.region) == "hk") & (cells.people() > 300))
    return np.random.default_rng(1).choice(lived_in, 12, replace=False).astype(np.int32)


def positions(study: Study, cells: np.ndarray) -> pd.DataFrame:
    rows = study.cells.table.iloc[cells]
    return pd.DataFrame({"id": rows["cell_id"].astype(str), "lon": rows["lon"], "lat": rows["lat"]})


@pytest.mark.parametrize("at", ["08:30", "23:00"])
def test_cells_times_and_journeys_agree(study: Study, homes: np.ndarray, at: str) -> None:
    frame = positions(study, homes)
    table = study.times(frame, frame, BASELINE, at)["minutes"].to_numpy().reshape(12, 12) * 60
    departure = study.base.departure(study.network(BASELINE).compiled, service_clock(at), 5400.0)
    cells = seconds_between_cells(departure, study.base, homes)[:, homes]
    both = np.isfinite(cells) & ~np.eye(12, dtype=bool) & (table < 3300)  # 08:30: before the peak ends
    assert both.sum() > 20
    gap = (cells - table)[both]
    # three whole seconds are rounded: access, time left, or the way by bus alone
    assert np.median(np.abs(gap)) < 1.5
    # the rest: a cell knows the soonest 24 stations only, its walks cross narrow water on a coarser grid, and at 23:00
    # five minutes are rounded down, which may grant it a last train
    assert np.mean(np.abs(gap) < 3) > 0.8
    where = [f"{lon},{lat}" for lon, lat in zip(frame["lon"], frame["lat"], strict=True)]
    for i, j in ((0, 1), (2, 3), (4, 5), (6, 7), (8, 11)):
        if np.isfinite(table[i, j]):
            journey = study.journey(where[i], where[j], BASELINE, at, least="time")
            assert journey.time_s == pytest.approx(table[i, j], abs=0.1)


def test_stops_and_bus_links_lie_in_hong_kong(study: Study) -> None:
    linked = study.base.departure(study.network(BASELINE).compiled, EIGHT, 3600.0).network
    by_bus = np.flatnonzero(linked.link_cp == BUS_LINK)
    start = np.searchsorted(linked.link_start, by_bus, side="right") - 1
    assert by_bus.size > 1000
    assert {linked.region[p] for p in start} == {"hk"}
    assert {linked.region[p] for p in linked.link_to[by_bus]} == {"hk"}
    row, _ = study.base.cells_by_bus(EIGHT)
    assert {study.cells.region[i] for i in np.flatnonzero(row >= 0)} == {"hk"}


def test_planned_stations_are_no_further_than_by_feeder(study: Study) -> None:
    net = study.network("western-2035").compiled
    planned = [
        p for p in range(len(net.points)) if net.planned[p] and net.street[p] and net.region[p] == "hk"
    ]
    assert planned
    with_buses, without = (
        base.access(base.departure(net, service_clock("08:30"), 3600.0)).transposed(len(net.points))
        for base in (study.base, BaseLayer(study.cells, study.ground))
    )
    for p in planned:
        a, b = (entries(rows, p) for rows in (with_buses, without))
        # the cells that keep it among their 24 soonest; today's buses may be sooner still
        assert set(a) & set(b)
        assert all(a[cell] <= b[cell] + 0.01 for cell in set(a) & set(b))


def test_a_journey_names_its_buses(study: Study) -> None:
    journey = study.journey(
        "114.2700,22.3800", "Central", BASELINE, "08:30", least="time"
    )  # Sai Kung has no railway
    leg = journey.legs[0]
    assert (leg.kind, leg.to_point) == ("access", "hang-hau")
    assert leg.buses[0].routes == ("GMB 101M",)
    assert sum(r.walk_s + r.wait_s + r.in_vehicle_s for r in leg.buses) < leg.time_s
    assert "GMB 101M: Po Tung Road, Sai Kung Town Hall to Hang Hau Station" in terminal.rendered(
        journey_parts(journey)
    )
    rail = study.journey("admiralty", "lo-wu", BASELINE, "08:30")
    assert not any(leg.buses for leg in rail.legs)


def test_without_local_buses_the_feeder_is_everywhere(study: Study) -> None:
    plain_study = Study.bundled()
    plain_study.parameters = AccessParameters(local_buses=False)
    assert plain_study.base.buses is None
    net = plain_study.network(BASELINE).compiled
    departure = plain_study.base.departure(net, EIGHT, 3600.0)
    assert not (departure.network.link_cp == BUS_LINK).any()
    place = plain_study.position("p", 114.2700, 22.3800)
    points, around = plain_study.base.surroundings(departure, place).to_points
    x, y = project_xy(114.2700, 22.3800)
    straight = np.hypot(net.x_m[points] - x, net.y_m[points] - y)
    # nothing is faster than the feeder in a straight line
    assert (around >= plain_study.ground.parameters.reach_s(straight.astype(np.float32)) - 1).all()
