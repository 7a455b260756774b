"""A small made-up ensemble, for the tests of its sentences and its page."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from corridor.drawing import compared
from corridor.schema.assumptions import Assumption
from corridor.schema.comparison import Anchor, Criterion
from corridor.schema.text import Text
from corridor.schema.varied import NO_TRAVELLERS
from corridor.schema.weights import Panel
from corridor.study.ensemble.ensemble import Ensemble, _attributed
from corridor.study.ensemble.findings import findings
from tests.web_factory import HOSTILE, SCENARIOS, TITLES

REFERENCE, TUNNEL, VIADUCT = SCENARIOS
JOBS, WETLAND, LOAD = "jobs", "wetland", "load"
REASON = Text(en="made up", zh_hant="虛構", zh_hans="虚构")


def criterion(name: str, title: Text, unit: str, change: float) -> Criterion:
    better = "higher" if change > 0 else "lower"
    anchor = Anchor(change=change, value=1, reason=REASON, confidence="M")
    group = "nature" if unit == "ha" else "access"
    return Criterion(
        id=name, title=title, unit=unit, direction=better, group=group, anchor=anchor, confidence="M"
    )


CRITERIA = (
    criterion(JOBS, Text(en="Jobs within reach", zh_hant="可達職位", zh_hans="可达岗位"), "jobs", 10_000),
    criterion(WETLAND, Text(en="Wetland lost", zh_hant="濕地損失", zh_hans="湿地损失"), "ha", -2),
    criterion(LOAD, Text(en="Fullest point", zh_hant="最擠管制站", zh_hans="最挤口岸"), "share", -1),
)
PANELS = (
    Panel("planner", ("1",), np.array([[0.8, 0.2, 0.0]])),
    Panel("reviewer", ("1", "2"), np.array([[0.2, 0.8, 0.0], [0.3, 0.7, 0.0]])),
)


def assumption(name: str, title: Text, varies: str = "clearance", unit: str = "min") -> Assumption:
    return Assumption(
        name, varies, "", "g", "triangular", 8, 15, 25, unit, 0.3, title, "K02", "C", Text(en=HOSTILE)
    )


ASSUMPTIONS = (
    assumption("wait", Text(en="clearance there", zh_hant="該處通關時間", zh_hans="该处通关时间")),
    assumption(
        "width", Text(en="width of works", zh_hant="施工帶寬度", zh_hans="施工带宽度"), "site_area", ""
    ),
    replace(
        assumption("choice", Text(en="sensitivity", zh_hant="敏感度", zh_hans="敏感度"), "choice_scale"),
        held=NO_TRAVELLERS,
    ),
)

THINNING = pd.DataFrame({"criterion": [JOBS], "taken_off": [900.0], "apart": [8_000.0]})


def draws_of(wait: np.ndarray, width: np.ndarray) -> pd.DataFrame:
    """Jobs of the tunnel fall with the wait from 25,000 to nothing; the viaduct has 6,000, and takes wetland by its width."""
    nothing = np.full(len(wait), np.nan)
    jobs = {REFERENCE: 0 * wait, TUNNEL: 25_000 * (25 - wait) / 17, VIADUCT: 6_000 + 0 * wait}
    wetland = {REFERENCE: 0 * wait, TUNNEL: 0.1 * width, VIADUCT: 2 * width}
    frames = {i: pd.DataFrame({JOBS: jobs[i], WETLAND: wetland[i], LOAD: nothing}) for i in SCENARIOS}
    found = (
        pd.concat(frames, names=["scenario_id", "draw"])
        .swaplevel()
        .sort_index(level="draw", sort_remaining=False)
    )
    return found.reindex(
        pd.MultiIndex.from_product([range(len(wait)), SCENARIOS], names=["draw", "scenario_id"])
    )


def made(wait: np.ndarray | None = None, width: np.ndarray | None = None) -> Ensemble:
    """An ensemble in which the tunnel leads the viaduct unless the wait is long."""
    generator = np.random.default_rng(5)
    wait = generator.uniform(8, 25, 200) if wait is None else wait
    width = generator.uniform(0.7, 1.5, len(wait)) if width is None else width
    draws, inputs = draws_of(wait, width), pd.DataFrame({"wait": wait, "width": width})
    directions = {c.id: c.direction for c in CRITERIA if draws[c.id].notna().any()}
    found = findings(draws, directions, CRITERIA, REFERENCE, PANELS)
    leans_on, shares, flips = _attributed(found, inputs)
    central = draws.loc[0]
    flags = {VIADUCT: "counterfactual"}
    known = compared.Compared(
        {i: compared.Scenario(i, TITLES[i], flags.get(i, "")) for i in SCENARIOS},
        REFERENCE,
        tuple(
            compared.Criterion(c.id, c.title, c.unit, c.direction == "higher", c.group, True, {}, {}, {})
            for c in CRITERIA
        ),
    )
    return Ensemble(
        SCENARIOS,
        REFERENCE,
        1,
        draws,
        inputs,
        ASSUMPTIONS,
        central,
        found,
        leans_on,
        flips,
        known,
        shares,
        THINNING,
    )
