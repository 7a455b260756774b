"""Access hour by hour through the day, and what the closing times of control points cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from corridor.access.reach.minutes import minutes_to_places
from corridor.access.reach.reach import Reach, reach_from_cells
from corridor.access.search.strategy import open_throughout
from corridor.core.errors import Problem, ScenarioError
from corridor.core.progress import Progress, silent
from corridor.network.compiled import CompiledNetwork
from corridor.network.service import DAY_S, service_clock_s
from corridor.study.edit import reached
from corridor.study.study import Study, read_clock

HOURS = tuple(f"{hour:02d}:00" for hour in range(5, 25))
MEASURES = ("jobs", "residents", "jobs across")
"""Each with a column for every cut-off, such as jobs_60: the mean of residents."""
DAWDLE_S = (
    3_600.0  # beyond the longest journey: the way to the first station, which the search adds to its start
)


def hour_profile(
    study: Study, scenario_id: str, hours: Sequence[str] = HOURS, progress: Progress = silent
) -> pd.DataFrame:
    """Access of the mean resident at each hour: a row an hour.

    Columns: `hour`; `jobs_N`, `residents_N` and `jobs_across_N` within N minutes (those of the other city), for every
    cut-off of the study; `hub_minutes`, the mean from residents to the hubs, a hub not reached counted as the study's
    limit; `open_control_points`, how many that lead to the other city admit at that hour.
    """
    compiled, asked = study.network(scenario_id).compiled, _checked(hours)
    rows = []
    for k, hour in enumerate(asked):
        progress(hour, k, len(asked))
        rows.append(_row(study, compiled, hour))
    return pd.DataFrame(rows)


def what_closing_costs(
    study: Study, scenario_id: str, hours: Sequence[str] = HOURS, progress: Progress = silent
) -> pd.DataFrame:
    """The same hours, with every control point of the scenario open all day, and the difference.

    Only the hours of control points change: services run as before, so where trains have stopped a hall that stays open
    helps those only who can walk or take a bus from it. Columns: those of :func:`hour_profile`; the same with `_open`
    added; and with `lost_` before the name what closing takes away (for `hub_minutes`: what it adds).
    """
    compiled, asked = study.network(scenario_id).compiled, _checked(hours)
    opened = always_open(compiled)
    rows = []
    for k, hour in enumerate(asked):  # both at one hour, whose local buses are prepared once
        progress(hour, 2 * k, 2 * len(asked))
        rows.append(_row(study, compiled, hour))
        progress(f"{hour}, all open", 2 * k + 1, 2 * len(asked))
        rows.append(_row(study, opened, hour) if _closes(study, compiled, hour) else rows[-1])
    today, all_day = pd.DataFrame(rows[0::2]), pd.DataFrame(rows[1::2])
    values = [c for c in today.columns if c != "hour"]
    lost = (all_day[values] - today[values]).add_prefix("lost_")
    lost["lost_hub_minutes"] *= -1
    return pd.concat([today, all_day[values].add_suffix("_open"), lost], axis=1)


def always_open(network: CompiledNetwork) -> CompiledNetwork:
    """The network with every control point open round the clock."""
    closed = np.zeros_like(network.cp_open_s)
    return replace(network, cp_open_s=closed, cp_close_s=np.full_like(closed, DAY_S))


def _closes(study: Study, network: CompiledNetwork, hour: str) -> bool:
    """Whether a control point is closed at any time of the longest journey asked for."""
    window_s = _longest_s(study) + DAWDLE_S
    start_s = service_clock_s(read_clock(hour))
    return not open_throughout(network.cp_open_s, network.cp_close_s, start_s, window_s).all()


def _longest_s(study: Study) -> float:
    return 60.0 * max(*study.parameters.cutoffs_min, study.parameters.hub_limit_min)


def _row(study: Study, compiled: CompiledNetwork, hour: str) -> dict[str, object]:
    asked, base = study.parameters, study.base
    clock_s = service_clock_s(read_clock(hour))
    key = (compiled.fingerprint, hour)
    if key not in study.known_access:
        far = base.departure(compiled, clock_s, _longest_s(study), asked.fixed_wait)
        near = far.within(60.0 * max(asked.cutoffs_min))
        hubs = minutes_to_places(far, base, [place for _, place in study.hubs])
        found = reach_from_cells(near, base, asked.cutoffs_min, keep=False)
        study.known_access[key] = found.reach(hour, asked.cutoffs_min), hubs
    reach, hubs = study.known_access[key]
    people = base.cells.people()
    minutes = np.where(np.isnan(hubs), asked.hub_limit_min, hubs).mean(axis=0)
    return {
        "hour": hour,
        **_reach_columns(reach, people, base.cells.side),
        "hub_minutes": float(np.average(minutes, weights=people)),
        "open_control_points": _open_at(compiled, clock_s),
    }


def _reach_columns(found: Reach, people: NDArray[np.float64], side: NDArray[np.int8]) -> dict[str, float]:
    return {
        f"{measure.replace(' ', '_')}_{cutoff}": float(
            np.average(reached(found, cutoff, measure, side), weights=people)
        )
        for measure in MEASURES
        for cutoff in found.cutoffs_min
    }


def _open_at(network: CompiledNetwork, clock_s: float) -> int:
    """Control points that admit at a clock time."""
    return int(open_throughout(network.cp_open_s, network.cp_close_s, clock_s, 0.0).sum())


def _checked(hours: Sequence[str]) -> list[str]:
    """The hours in order, each once; a :class:`ScenarioError` names what is wrong."""
    problems: list[Problem] = []
    for hour in hours:
        try:
            read_clock(hour)
        except ScenarioError as error:
            problems += error.problems
    if not hours:
        problems.append(Problem("hours", "none given", "one at least", "write e.g. 08:30,23:00"))
    if problems:
        raise ScenarioError(problems)
    return list(dict.fromkeys(hours))
