"""Phases of a proposal: which are known, none a counterfactual; the scenarios that an answer sets side by side."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from corridor.core.errors import ScenarioError
from corridor.drawing.phase_map import REACHED
from corridor.schema.comparison import ComparisonFile, Phase
from corridor.study.nodes import nodes_compared, side_by_side
from corridor.study.phases import Phases, check_phases, phases
from corridor.study.question import shipped_comparison
from corridor.study.study import Study
from tests import web_factory as made

PHASES = (Phase(year=2030, scenario="committed-2030"), Phase(year=2035, scenario="western-2035"))


def file(*more: Phase, scenarios: tuple[str, ...] = ()) -> ComparisonFile:
    return shipped_comparison().model_copy(update={"phases": (*PHASES, *more), "scenarios": scenarios})


def compared(*ids: str) -> Any:
    """Of each scenario its lines and two zones."""
    results = {i: SimpleNamespace(scenario=SimpleNamespace(id=i), lines=f"lines of {i}") for i in ids}
    values = {i: np.array([[n, n + 1.0]]) for n, i in enumerate(ids)}
    return SimpleNamespace(results=results, measures=(REACHED,), zone_values=values)


def test_of_a_part_of_the_scenarios_only_phases_compared_are_known(study: Study) -> None:
    asked = file(Phase(year=2046, scenario="whole-2046"), scenarios=("committed-2030", "both-2035"))
    found = phases(study, compared("committed-2030"), asked)
    (only,) = found.known
    assert (only.year, only.scenario.id, only.lines) == (2030, "committed-2030", "lines of committed-2030")
    assert only.jobs.tolist() == [0, 1]
    assert found.not_compared == ("western-2035", "whole-2046")
    assert phases(study, compared(), file().model_copy(update={"phases": ()})) == Phases()


def test_no_phase_is_a_counterfactual(study: Study) -> None:
    check_phases(study, shipped_comparison())
    with pytest.raises(ScenarioError, match="2046: western-viaduct is a counterfactual"):
        check_phases(study, file(Phase(year=2046, scenario="western-viaduct")))
    # one that the study lacks is left out elsewhere
    elsewhere = file(Phase(year=2046, scenario="of-elsewhere"))
    check_phases(study, elsewhere)
    assert phases(study, compared("committed-2030"), elsewhere).not_compared == ("western-2035",)


def test_shipped_phases_are_the_years_of_the_plan_and_say_what_is_undecided(study: Study) -> None:
    asked = shipped_comparison().phases
    assert [phase.year for phase in asked] == [2024, 2030, 2035, 2046]
    found = [study.scenario(phase.scenario) for phase in asked]
    assert all(s.year <= phase.year for s, phase in zip(found, asked, strict=True))
    assert [s.flag for s in found] == ["", "", "", "undecided"]


def test_only_what_was_compared_is_set_side_by_side(study: Study) -> None:
    """The scenario that maps open on need not be among them: the page of nodes once stopped a command that way."""
    comparison = replace(made.comparison(), opens_on="both-2035")
    ids = side_by_side(comparison)
    assert (
        len(ids) == len(set(ids))
        and set(ids) <= set(comparison.results)
        and ids[0] == comparison.reference_id
    )
    nodes = nodes_compared(study, comparison)
    assert nodes is None or set(nodes.scenario_ids) <= set(comparison.results)
    opened = replace(comparison, opens_on="western-2035")
    assert side_by_side(opened)[-1] == "western-2035"
    found = nodes_compared(study, opened)
    assert found is not None and found.scenario_ids == tuple(side_by_side(opened))
