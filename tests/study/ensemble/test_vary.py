"""A draw moves what it is about, and results in the right direction."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from corridor.core import paths
from corridor.schema.assumptions import read_assumptions
from corridor.study.ensemble.coarse import CoarseStudy
from corridor.study.ensemble.design import AS_IT_IS, Design, Draw
from corridor.study.ensemble.vary import network_of
from corridor.study.study import Study
from tests.zhuhai_macao import make_study


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return Study.open(make_study(tmp_path_factory.mktemp("vary") / "zhuhai-macao"))


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return pd.read_csv(paths.layers_dir() / "assumptions.csv").assign(own_share=0.0)


def ends(table: pd.DataFrame, assumption_id: str) -> tuple[Draw, Draw]:
    """The draws with the least and with the most of one assumption, all others as they are."""
    row = read_assumptions(table[table["assumption_id"] == assumption_id])
    design = Design(row, np.eye(1), 20)
    order = design.common[assumption_id].argsort()
    return design.draw(int(order.iloc[0])), design.draw(int(order.iloc[-1]))


def test_a_later_last_departure_lets_more_jobs_be_reached_at_night(study: Study, table: pd.DataFrame) -> None:
    net = study.network("today")
    reached = []
    for draw in (*ends(table, "service_hours"), AS_IT_IS):
        compiled = network_of(net, draw).compiled
        reached.append(study.access.reached(compiled, "00:10", (30, 60)).counts.sum())
    early, late, as_it_is = reached
    assert early < as_it_is <= late
    shifts = {
        round((b.last_s - a.last_s) / 60)
        for a, b in zip(
            net.network.patterns,
            network_of(net, ends(table, "service_hours")[0]).network.patterns,
            strict=True,
        )
    }
    assert all(-30 <= s <= -27 for s in shifts)


def test_a_headway_and_a_clearance_that_grow_let_fewer_jobs_be_reached(
    study: Study, table: pd.DataFrame
) -> None:
    net = study.network("with-link")
    for one in ("clearance_walk", "new_line_headway"):
        low, high = (
            study.access.reached(network_of(net, draw).compiled, "08:30", (30, 60)).counts.sum()
            for draw in ends(table, one)
        )
        assert low > high, one


def test_a_draw_shares_walks_and_buses_and_changes_the_feeder_alone(
    study: Study, table: pd.DataFrame
) -> None:
    coarse = CoarseStudy.of(study)
    plain, (slow, fast) = coarse.base(AS_IT_IS), map(coarse.base, ends(table, "feeder_speed"))
    net = study.network("today").compiled
    assert plain.cell_walks() is slow.cell_walks()
    reached = [base.access(base.departure(net, 30_600.0, 3_600.0)).seconds for base in (fast, plain, slow)]
    assert reached[0].sum() < reached[1].sum() < reached[2].sum()
    parameters = plain.ground.parameters
    assert parameters == study.base.ground.parameters
    assert parameters.feeder_speed_km_h < fast.ground.parameters.feeder_speed_km_h
