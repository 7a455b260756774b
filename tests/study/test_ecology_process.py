"""The ecology part in a process of its own gives what it gives here, and can always be had."""

from __future__ import annotations

import sys
from dataclasses import replace

import pandas as pd
import pytest

from corridor.ecology.impact.assess import TABLES
from corridor.ecology.impact.difference import assess_cases
from corridor.ecology.land.checks import read_csv
from corridor.ecology.works.parameters import parameter_table
from corridor.study import ecology_process
from corridor.study.ecology_process import assessed_beside
from tests.ecology.test_impact import SMALL, make_work

WORKS = {"none": (), "one": (make_work(),), "two": (make_work("viaduct"), make_work(line_id="b"))}


@pytest.fixture(autouse=True)
def always_a_child(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ecology_process, "WORTH_A_PROCESS_M", 0.0)


def test_little_is_assessed_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ecology_process, "WORTH_A_PROCESS_M", 1e9)
    monkeypatch.setattr(ecology_process, "child", None)  # whoever starts one fails
    with assessed_beside(WORKS, SMALL) as found:
        assert found("two").headlines == assess_cases(WORKS["two"], SMALL).headlines


def test_a_child_gives_the_same_tables() -> None:
    with assessed_beside(WORKS, SMALL) as found:
        for name, works in WORKS.items():
            here, there = assess_cases(works, SMALL), found(name)
            assert there.headlines == here.headlines
            for table in TABLES:
                pd.testing.assert_frame_equal(getattr(there.result, table), getattr(here.result, table))


def test_a_child_uses_the_structures_it_is_given() -> None:
    frame = read_csv("ecology/profile_parameters.csv")
    pier = (frame["subject"] == "viaduct") & (frame["component"] == "pier") & (frame["quantity"] == "side")
    frame.loc[pier, ["low", "central", "high"]] = 10.0
    wide = parameter_table(frame)
    with assessed_beside(WORKS, SMALL, wide) as found:
        there = found("two").headlines
    assert there == assess_cases(WORKS["two"], SMALL, wide).headlines
    assert there != assess_cases(WORKS["two"], SMALL).headlines


def test_where_no_child_can_be_started_the_work_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with assessed_beside({"one": WORKS["one"]}, SMALL) as found:
        assert found("one").headlines == assess_cases(WORKS["one"], SMALL).headlines


def test_where_a_layer_cannot_be_packed_the_work_is_done_here() -> None:
    seen = SMALL.designations.assign(seen=pd.Timestamp("2025-01-01", tz="Asia/Hong_Kong"))
    with assessed_beside({"one": WORKS["one"]}, replace(SMALL, designations=seen)) as found:
        assert found("one").headlines == assess_cases(WORKS["one"], SMALL).headlines


def test_a_child_that_gives_nonsense_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "corridor.study.ecology_process._CHILD", "import sys; sys.stdin.buffer.read(); print('nonsense')"
    )
    with assessed_beside({"one": WORKS["one"]}, SMALL) as found:
        assert found("one").headlines == assess_cases(WORKS["one"], SMALL).headlines


def test_a_block_that_fails_stops_the_child() -> None:
    with pytest.raises(ValueError, match="stop"), assessed_beside(WORKS, SMALL):
        raise ValueError("stop")
